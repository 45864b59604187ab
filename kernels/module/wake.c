// SPDX-License-Identifier: GPL-2.0-only
/* Halting, being woken, and interrupting other CPUs. */
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
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
	bool rang;
};

static enum hrtimer_restart wakeup_ring(struct hrtimer *timer)
{
	WRITE_ONCE(container_of(timer, struct wakeup, timer)->rang, true);
	return HRTIMER_NORESTART;
}

static int delay_probe(struct run *run)
{
	if (run->arg < HALT_MIN_NS || run->arg > HALT_MAX_NS)
		return run_refuse(run, EINVAL, "%llu ns are not between %d and %d", run->arg,
		                  HALT_MIN_NS, HALT_MAX_NS);
	return 0;
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

/* Set a timer, then halt until it has rung; the baseline waits awake. */
static u64 halt_once(struct run *run)
{
	struct wakeup *wakeup = run->memory;
	u64 start;

	WRITE_ONCE(wakeup->rang, false);
	start = batch_begin();
	hrtimer_start(&wakeup->timer, ns_to_ktime(run->arg), HRTIMER_MODE_REL_PINNED_HARD);
	if (run->baseline) {
		while (!READ_ONCE(wakeup->rang))
			barrier();
	} else {
		local_irq_disable();
		while (!READ_ONCE(wakeup->rang)) {
			halt_here();
			local_irq_disable();
		}
		local_irq_enable();
	}
	return batch_end() - start;
}

const struct op op_halt = {
        .probe = delay_probe,
        .open = halt_open,
        .close = halt_close,
        .once = halt_once,
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

const struct op op_ipi_self = {
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
	if (num_online_cpus() < 2)
		return run_refuse(run, EOPNOTSUPP, "this needs a second CPU, and there is one");
	return run->op == &op_ipi_halted ? delay_probe(run) : 0;
}

/* Wait, untimed, until the receiver is where it should be; false when that does not happen. */
static bool receiver_wait(struct run *run, const struct receiver *r)
{
	u64 lost = rdtsc() + batch_ticks(LOST_MS);
	u64 delay = r->halts ? div_u64(run->arg * tsc_khz, 1000000) : 0;

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
