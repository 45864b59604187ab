// SPDX-License-Identifier: GPL-2.0-only
/* Halting, being woken, and interrupting other CPUs. */
#include <asm/tsc.h>
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/version.h>

#include "sevbench.h"

/*
 * Nobody here waits with PAUSE: a hypervisor may intercept it, and its exits would stand beside
 * those that are timed.
 */

/* An interrupt that has not come after this long is lost. */
#define LOST_MS 1000

#define HALT_MIN_NS 1000
#define HALT_MAX_NS 100000000 /* 100 ms */

struct wakeup {
	struct hrtimer timer;
	s64 late; /* ns, that it rang behind its time */
	bool rang;
};

static enum hrtimer_restart wakeup_ring(struct hrtimer *timer)
{
	struct wakeup *wakeup = container_of(timer, struct wakeup, timer);

	wakeup->late = ktime_to_ns(ktime_sub(ktime_get(), hrtimer_get_expires(timer)));
	WRITE_ONCE(wakeup->rang, true);
	return HRTIMER_NORESTART;
}

/* Above it stands how the CPU waits, or an interrupt is sent. */
static u64 delay_of(const struct run *run)
{
	return run->arg & U32_MAX;
}

static int delay_check(struct run *run, u64 delay)
{
	if (delay < HALT_MIN_NS || delay > HALT_MAX_NS)
		return run_refuse(run, EINVAL, "%llu ns are not between %d and %d", delay,
		                  HALT_MIN_NS, HALT_MAX_NS);
	return 0;
}

static int halt_probe(struct run *run)
{
	return delay_check(run, run->arg);
}

static int halt_open(struct run *run)
{
	struct wakeup *wakeup = kzalloc(sizeof(*wakeup), GFP_KERNEL);

	if (!wakeup)
		return run_refuse(run, ENOMEM, "no memory for a timer");
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(&wakeup->timer, wakeup_ring, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
#else
	hrtimer_init(&wakeup->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	wakeup->timer.function = wakeup_ring;
#endif
	run->memory = wakeup;
	return 0;
}

static void halt_close(struct run *run)
{
	struct wakeup *wakeup = run->memory;

	if (wakeup)
		hrtimer_cancel(&wakeup->timer);
	kfree(wakeup);
}

/* HLT with interrupts enabled only from it on: one that comes before it still wakes it. */
static void halt_here(void)
{
	asm volatile("sti; hlt" : : : "memory");
}

/* Set a timer, then halt or spin until it has rung. */
static void wait_for_ring(struct run *run, bool halts)
{
	struct wakeup *wakeup = run->memory;

	hrtimer_start(&wakeup->timer, ns_to_ktime(delay_of(run)), HRTIMER_MODE_REL_PINNED_HARD);
	if (!halts) {
		while (!READ_ONCE(wakeup->rang))
			barrier();
		return;
	}
	local_irq_disable();
	while (!READ_ONCE(wakeup->rang)) {
		halt_here();
		local_irq_disable();
	}
	local_irq_enable();
}

/* The baseline waits awake. */
static u64 halt_once(struct run *run)
{
	struct wakeup *wakeup = run->memory;
	u64 start;

	WRITE_ONCE(wakeup->rang, false);
	start = batch_begin();
	wait_for_ring(run, !run->baseline);
	return batch_end() - start;
}

const struct op op_halt = {
        .probe = halt_probe,
        .open = halt_open,
        .close = halt_close,
        .once = halt_once,
        .own_irqs = 1,
};

static int handler_probe(struct run *run)
{
	return delay_check(run, run->arg & ~SEVBENCH_TIMER_HALTS);
}

/* The baseline is what it takes to look at the clock. */
static u64 handler_once(struct run *run)
{
	struct wakeup *wakeup = run->memory;
	u64 start;

	if (run->baseline) {
		start = batch_begin();
		(void)ktime_get();
		return batch_end() - start;
	}
	WRITE_ONCE(wakeup->rang, false);
	wait_for_ring(run, run->arg & SEVBENCH_TIMER_HALTS);
	return wakeup->late > 0 ? mul_u64_u32_div(wakeup->late, tsc_khz, NSEC_PER_MSEC) : 0;
}

const struct op op_timer_handler = {
        .probe = handler_probe,
        .open = halt_open,
        .close = halt_close,
        .once = handler_once,
        .own_irqs = 1,
};

/* An irq_work is raised as an IPI from this CPU to itself. */
struct self {
	struct irq_work work;
	bool came;
};

static void self_interrupt(struct irq_work *work)
{
	WRITE_ONCE(container_of(work, struct self, work)->came, true);
}

static int self_open(struct run *run)
{
	struct self *self = kzalloc(sizeof(*self), GFP_KERNEL);

	if (!self)
		return run_refuse(run, ENOMEM, "no memory for an interrupt");
	init_irq_work(&self->work, self_interrupt);
	run->memory = self;
	return 0;
}

static void self_close(struct run *run)
{
	struct self *self = run->memory;

	if (self)
		irq_work_sync(&self->work);
	kfree(self);
}

/* Spin until *came; false, with the reason in the answer, when that takes too long. */
static bool await(struct run *run, const bool *came, unsigned int cpu)
{
	u64 lost = rdtsc() + batch_ticks(LOST_MS);

	while (!READ_ONCE(*came)) {
		if (rdtsc() > lost) {
			run_refuse(run, EIO, "an IPI to CPU %u did not come in %d ms", cpu,
			           LOST_MS);
			run->failed = true;
			return false;
		}
	}
	return true;
}

static u64 self_once(struct run *run)
{
	struct self *self = run->memory;
	u64 start;

	WRITE_ONCE(self->came, run->baseline);
	start = batch_begin();
	if (!run->baseline)
		irq_work_queue(&self->work);
	await(run, &self->came, raw_smp_processor_id());
	return batch_end() - start;
}

static enum sevbench_apic ipi_way(const struct run *run)
{
	return run->arg >> SEVBENCH_IPI_WAY;
}

static int self_probe(struct run *run)
{
	return apic_check(run, ipi_way(run));
}

const struct op op_ipi_self = {
        .probe = self_probe,
        .open = self_open,
        .close = self_close,
        .once = self_once,
        .own_irqs = 1,
};

/* The other CPU: a thread of its own that runs, or halts, until it is stopped. */
struct receiver {
	struct task_struct *thread;
	call_single_data_t call;
	unsigned int cpu;
	bool came; /* the IPI */
	bool halts;
	bool ready;       /* runs, or is about to halt */
	u64 halted_since; /* TSC */
};

static int receiver_main(void *data)
{
	struct receiver *r = data;

	while (!kthread_should_stop()) {
		if (!r->halts) {
			WRITE_ONCE(r->ready, true);
			cond_resched();
			continue;
		}
		local_irq_disable();
		if (need_resched() || kthread_should_stop()) {
			local_irq_enable();
			cond_resched();
			continue;
		}
		WRITE_ONCE(r->halted_since, rdtsc());
		WRITE_ONCE(r->ready, true);
		halt_here();
		WRITE_ONCE(r->ready, false);
	}
	return 0;
}

static void answer_ipi(void *data)
{
	struct receiver *r = data;

	WRITE_ONCE(r->came, true);
}

static int ipi_probe(struct run *run)
{
	int rc = run->op == &op_ipi_halted ? delay_check(run, delay_of(run)) : 0;

	if (!rc)
		rc = apic_check(run, ipi_way(run));
	if (!rc && num_online_cpus() < 2)
		return run_refuse(run, EOPNOTSUPP, "this needs a second CPU, and there is one");
	return rc;
}

/* Wait, untimed, until the receiver is where it should be; false when that does not happen. */
static bool receiver_wait(struct run *run, const struct receiver *r)
{
	u64 lost = rdtsc() + batch_ticks(LOST_MS);
	u64 delay = r->halts ? div_u64(delay_of(run) * tsc_khz, 1000000) : 0;

	while (!READ_ONCE(r->ready) || (r->halts && rdtsc() - READ_ONCE(r->halted_since) < delay)) {
		if (rdtsc() > lost) {
			run_refuse(run, EIO, "CPU %u was not ready within %d ms", r->cpu, LOST_MS);
			run->failed = true;
			return false;
		}
	}
	return true;
}

static int ipi_open(struct run *run)
{
	struct receiver *r = kzalloc(sizeof(*r), GFP_KERNEL);
	struct task_struct *thread;

	if (!r)
		return run_refuse(run, ENOMEM, "no memory for the receiver of an IPI");
	run->memory = r;
	r->halts = run->op == &op_ipi_halted;
	r->cpu = cpumask_next(raw_smp_processor_id(), cpu_online_mask);
	if (r->cpu >= nr_cpu_ids)
		r->cpu = cpumask_first(cpu_online_mask);
	INIT_CSD(&r->call, answer_ipi, r);
	thread = kthread_create_on_cpu(receiver_main, r, r->cpu, "sevbench/%u");
	if (IS_ERR(thread))
		return run_refuse(run, ENOMEM, "no thread for CPU %u", r->cpu);
	r->thread = thread;
	wake_up_process(thread);
	return 0;
}

static void ipi_close(struct run *run)
{
	struct receiver *r = run->memory;

	if (r && r->thread)
		kthread_stop(r->thread);
	kfree(r);
}

static u64 ipi_once(struct run *run)
{
	struct receiver *r = run->memory;
	u64 start;

	if (!receiver_wait(run, r))
		return 0;
	if (raw_smp_processor_id() == r->cpu) {
		run_refuse(run, EIO, "the caller moved to CPU %u: pin it", r->cpu);
		run->failed = true;
		return 0;
	}
	WRITE_ONCE(r->came, run->baseline);
	start = batch_begin();
	if (!run->baseline)
		smp_call_function_single_async(r->cpu, &r->call);
	await(run, &r->came, r->cpu);
	return batch_end() - start;
}

const struct op op_ipi_running = {
        .probe = ipi_probe,
        .open = ipi_open,
        .close = ipi_close,
        .once = ipi_once,
};

const struct op op_ipi_halted = {
        .probe = ipi_probe,
        .open = ipi_open,
        .close = ipi_close,
        .once = ipi_once,
};

/*
 * All other CPUs, each with a thread that runs: one that is idle is often told without an interrupt
 * (TIF_POLLING_NRFLAG).
 */
struct crowd {
	unsigned int caller;
	atomic_t answers;
	struct receiver other[]; /* by number of the CPU */
};

static void all_close(struct run *run)
{
	struct crowd *crowd = run->memory;
	unsigned int cpu;

	for (cpu = 0; crowd && cpu < nr_cpu_ids; cpu++)
		if (crowd->other[cpu].thread)
			kthread_stop(crowd->other[cpu].thread);
	kvfree(crowd);
}

static int all_open(struct run *run)
{
	struct crowd *crowd = kvzalloc(struct_size(crowd, other, nr_cpu_ids), GFP_KERNEL);
	unsigned int cpu;

	if (!crowd)
		return run_refuse(run, ENOMEM, "no memory for the receivers of an IPI");
	run->memory = crowd;
	crowd->caller = raw_smp_processor_id();
	for_each_online_cpu(cpu)
	{
		struct receiver *r = &crowd->other[cpu];
		struct task_struct *thread;

		if (cpu == crowd->caller)
			continue;
		r->cpu = cpu;
		thread = kthread_create_on_cpu(receiver_main, r, cpu, "sevbench/%u");
		if (IS_ERR(thread))
			return run_refuse(run, ENOMEM, "no thread for CPU %u", cpu);
		r->thread = thread;
		wake_up_process(thread);
	}
	return 0;
}

static void answer_all(void *data)
{
	atomic_inc(data);
}

static bool all_ready(struct run *run, struct crowd *crowd)
{
	unsigned int cpu;

	if (raw_smp_processor_id() != crowd->caller) {
		run_refuse(run, EIO, "the caller moved from CPU %u: pin it", crowd->caller);
		run->failed = true;
		return false;
	}
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (crowd->other[cpu].thread && !receiver_wait(run, &crowd->other[cpu]))
			return false;
	return true;
}

static u64 all_once(struct run *run)
{
	struct crowd *crowd = run->memory;
	u64 start, end;

	if (!all_ready(run, crowd))
		return 0;
	atomic_set(&crowd->answers, 0);
	start = batch_begin();
	if (!run->baseline)
		smp_call_function(answer_all, &crowd->answers, true);
	end = batch_end();
	if (!run->baseline && atomic_read(&crowd->answers) != num_online_cpus() - 1) {
		run_refuse(run, EIO, "%d of %u CPUs answered an IPI", atomic_read(&crowd->answers),
		           num_online_cpus() - 1);
		run->failed = true;
	}
	return end - start;
}

const struct op op_ipi_all = {
        .probe = ipi_probe,
        .open = all_open,
        .close = all_close,
        .once = all_once,
};
