// SPDX-License-Identifier: GPL-2.0-only
/* The device: who may ask, what is a sensible request, one run at a time. */
#include <generated/utsrelease.h>
#include <linux/capability.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/utsname.h>

#include "sevbench.h"

static const struct op *const ops[] = {
        [SEVBENCH_CPUID] = &op_cpuid,
        [SEVBENCH_HYPERCALL] = &op_hypercall,
        [SEVBENCH_RDMSR] = &op_rdmsr,
        [SEVBENCH_WRMSR] = &op_wrmsr,
        [SEVBENCH_WRITE_CR] = &op_write_cr,
        [SEVBENCH_WRITE_DR] = &op_write_dr,
        [SEVBENCH_WBINVD] = &op_wbinvd,
        [SEVBENCH_IN] = &op_in,
        [SEVBENCH_OUT] = &op_out,
        [SEVBENCH_INS] = &op_ins,
        [SEVBENCH_OUTS] = &op_outs,
        [SEVBENCH_MMIO_READ] = &op_mmio_read,
        [SEVBENCH_MMIO_WRITE] = &op_mmio_write,
        [SEVBENCH_HALT] = &op_halt,
        [SEVBENCH_IPI_SELF] = &op_ipi_self,
        [SEVBENCH_IPI_RUNNING] = &op_ipi_running,
        [SEVBENCH_IPI_HALTED] = &op_ipi_halted,
        [SEVBENCH_CONVERT] = &op_convert,
        [SEVBENCH_PVALIDATE] = &op_pvalidate,
        [SEVBENCH_RMPADJUST] = &op_rmpadjust,
        [SEVBENCH_TIMER_ARM] = &op_timer_arm,
        [SEVBENCH_TIMER_HANDLER] = &op_timer_handler,
        [SEVBENCH_IPI_ALL] = &op_ipi_all,
};
static_assert(ARRAY_SIZE(ops) == SEVBENCH_OP_COUNT);

/* Two runs at a time would time each other. */
static DEFINE_MUTEX(running);

int run_refuse(struct run *run, int errnum, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vscnprintf(run->request->reason, sizeof(run->request->reason), format, ap);
	va_end(ap);
	return -errnum;
}

static int check_request(struct run *run)
{
	const struct sevbench_request *q = run->request;

	if (q->version != SEVBENCH_VERSION)
		return run_refuse(run, EPROTO, "the module speaks version %u, the program %u",
		                  SEVBENCH_VERSION, q->version);
	if (q->op >= ARRAY_SIZE(ops))
		return run_refuse(run, EINVAL, "the module knows no operation %u", q->op);
	if (q->flags & ~SEVBENCH_BASELINE)
		return run_refuse(run, EINVAL, "unknown flags 0x%x", q->flags);
	return 0;
}

static int check_counts(struct run *run)
{
	const struct sevbench_request *q = run->request;

	if (!q->samples || !q->iterations)
		return run_refuse(run, EINVAL, "nothing to do: %u samples of %llu iterations",
		                  q->samples, q->iterations);
	if (q->samples > SEVBENCH_SAMPLES_MAX)
		return run_refuse(run, E2BIG, "%u samples are more than the %u of one run",
		                  q->samples, SEVBENCH_SAMPLES_MAX);
	if (q->iterations > SEVBENCH_ITERATIONS_MAX)
		return run_refuse(run, E2BIG,
		                  "%llu iterations are more than the %llu of one sample",
		                  q->iterations, SEVBENCH_ITERATIONS_MAX);
	if (!access_ok(u64_to_user_ptr(q->buffer), q->samples * sizeof(struct sevbench_sample)))
		return run_refuse(run, EFAULT, "the buffer lies outside of user memory");
	return 0;
}

static int take_samples(struct run *run, struct sevbench_sample *samples)
{
	struct sevbench_request *q = run->request;
	struct sevbench_sample first;
	int rc;

	/* Once untimed: what was mapped or made for this run alone is looked up here. */
	rc = batch_sample(run, 1, &first);
	while (!rc && q->taken < q->samples) {
		rc = batch_sample(run, q->iterations, &samples[q->taken]);
		if (!rc)
			q->taken++;
		cond_resched();
		if (!rc && q->taken < q->samples && signal_pending(current))
			rc = -EINTR;
	}
	if (!rc && !run->baseline && run->op->verify)
		rc = run->op->verify(run, 1 + (u64)q->taken * q->iterations);
	if (rc == -EINTR)
		run_refuse(run, EINTR, "a signal came after %u samples", q->taken);
	if (rc == -ETIME)
		run_refuse(run, ETIME, "a batch of %llu iterations lasts longer than %u ms",
		           q->iterations, SEVBENCH_BATCH_MS);
	return rc;
}

static int do_run(struct run *run)
{
	struct sevbench_request *q = run->request;
	struct sevbench_sample *samples;
	int rc;

	samples = kvcalloc(q->samples, sizeof(*samples), GFP_KERNEL);
	if (!samples)
		return run_refuse(run, ENOMEM, "no memory for %u samples", q->samples);
	rc = run->op->open ? run->op->open(run) : 0;
	if (!rc)
		rc = take_samples(run, samples);
	if (run->op->close)
		run->op->close(run);
	if (copy_to_user(u64_to_user_ptr(q->buffer), samples, q->taken * sizeof(*samples))) {
		q->taken = 0;
		rc = run_refuse(run, EFAULT, "the buffer cannot be written");
	}
	kvfree(samples);
	return rc;
}

static int probe_and_run(struct run *run, bool probe_only)
{
	int rc = check_request(run);

	if (!rc && !probe_only)
		rc = check_counts(run);
	if (rc)
		return rc;
	if (!mutex_trylock(&running))
		return run_refuse(run, EBUSY, "another program is measuring at the moment");
	run->op = ops[run->request->op];
	rc = run->op->probe ? run->op->probe(run) : 0;
	if (!rc && !probe_only)
		rc = do_run(run);
	mutex_unlock(&running);
	return rc;
}

static long answer(unsigned long address, bool probe_only)
{
	struct sevbench_request request;
	struct run run = {.request = &request};
	int rc;

	if (copy_from_user(&request, (void __user *)address, sizeof(request)))
		return -EFAULT;
	memset(request.reason, 0, sizeof(request.reason));
	request.taken = 0;
	request.cpu = 0;
	run.arg = request.arg;
	run.baseline = request.flags & SEVBENCH_BASELINE;
	rc = probe_and_run(&run, probe_only);
	if (copy_to_user((void __user *)address, &request, sizeof(request)))
		return -EFAULT;
	return rc;
}

static long info(unsigned long address)
{
	struct sevbench_info info = {
	        .version = SEVBENCH_VERSION,
	        .op_count = SEVBENCH_OP_COUNT,
	        .release = UTS_RELEASE,
	};

	return copy_to_user((void __user *)address, &info, sizeof(info)) ? -EFAULT : 0;
}

static long sevbench_ioctl(struct file *file, unsigned int command, unsigned long address)
{
	switch (command) {
	case SEVBENCH_IOC_INFO:
		return info(address);
	case SEVBENCH_IOC_PROBE:
		return answer(address, true);
	case SEVBENCH_IOC_RUN:
		return answer(address, false);
	default:
		return -ENOTTY;
	}
}

/* The file's mode lets only root in; an inherited or granted file does not get around it. */
static int sevbench_open(struct inode *inode, struct file *file)
{
	return capable(CAP_SYS_RAWIO) ? 0 : -EPERM;
}

static const struct file_operations sevbench_fops = {
        .owner = THIS_MODULE,
        .open = sevbench_open,
        .unlocked_ioctl = sevbench_ioctl,
        .compat_ioctl = compat_ptr_ioctl,
        .mmap = share_mmap,
        .llseek = noop_llseek,
};

static struct miscdevice sevbench_device = {
        .minor = MISC_DYNAMIC_MINOR,
        .name = "sevbench",
        .fops = &sevbench_fops,
        .mode = 0600,
};
module_misc_device(sevbench_device);

MODULE_DESCRIPTION("Times what only ring 0 of a guest may do");
MODULE_LICENSE("GPL");
