// SPDX-License-Identifier: GPL-2.0-only
/* Time a batch, and tell whether an interrupt came in between. */
#include <asm/msr.h>
#include <asm/tsc.h>
#include <linux/hardirq.h>
#include <linux/kernel_stat.h>
#include <linux/preempt.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>

#include "sevbench.h"

/* Between chunks the clock and the signals are looked at, and interrupts let in. */
#define CHUNK          256
#define CHUNK_IRQS_OFF 64

u64 batch_begin(void)
{
	u32 low, high;

	asm volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high) : : "memory");
	return (u64)high << 32 | low;
}

u64 batch_end(void)
{
	return batch_begin();
}

u64 batch_ticks(u64 ms)
{
	return ms * tsc_khz;
}

void batch_empty(struct run *run, u64 count)
{
	u64 value = run->value;

	while (count--)
		asm volatile("" : "+a"(value));
}

/*
 * Every interrupt this CPU has taken: devices by kstat, the APIC's own vectors by irq_stat, whose
 * counts became an array of Linux 7 (Kbuild looks which it is). What counts no interrupt is left
 * out: TLB flushes, retries of the ICR, polls of machine checks.
 */
#ifdef SEVBENCH_IRQ_COUNTS
static u32 vectors(const irq_cpustat_t *s)
{
	u32 sum = s->counts[IRQ_COUNT_NMI];

#ifdef CONFIG_X86_LOCAL_APIC
	sum += s->counts[IRQ_COUNT_APIC_TIMER] + s->counts[IRQ_COUNT_SPURIOUS] +
	       s->counts[IRQ_COUNT_APIC_PERF] + s->counts[IRQ_COUNT_IRQ_WORK] +
	       s->counts[IRQ_COUNT_X86_PLATFORM_IPI];
#endif
#ifdef CONFIG_SMP
	sum += s->counts[IRQ_COUNT_RESCHEDULE] + s->counts[IRQ_COUNT_CALL_FUNCTION];
#endif
#ifdef CONFIG_X86_THERMAL_VECTOR
	sum += s->counts[IRQ_COUNT_THERMAL_APIC];
#endif
#ifdef CONFIG_X86_MCE_THRESHOLD
	sum += s->counts[IRQ_COUNT_THRESHOLD_APIC];
#endif
#ifdef CONFIG_X86_MCE_AMD
	sum += s->counts[IRQ_COUNT_DEFERRED_ERROR];
#endif
#ifdef CONFIG_X86_HV_CALLBACK_VECTOR
	sum += s->counts[IRQ_COUNT_HYPERVISOR_CALLBACK];
#endif
#if IS_ENABLED(CONFIG_HYPERV)
	sum += s->counts[IRQ_COUNT_HYPERV_REENLIGHTENMENT] + s->counts[IRQ_COUNT_HYPERV_STIMER0];
#endif
	return sum;
}
#else
static u32 vectors(const irq_cpustat_t *s)
{
	u32 sum = s->__nmi_count + s->x86_platform_ipis + s->apic_perf_irqs + s->apic_irq_work_irqs;

#ifdef CONFIG_X86_LOCAL_APIC
	sum += s->apic_timer_irqs + s->irq_spurious_count;
#endif
#ifdef CONFIG_SMP
	sum += s->irq_resched_count + s->irq_call_count;
#endif
#ifdef CONFIG_X86_THERMAL_VECTOR
	sum += s->irq_thermal_count;
#endif
#ifdef CONFIG_X86_MCE_THRESHOLD
	sum += s->irq_threshold_count;
#endif
#ifdef CONFIG_X86_MCE_AMD
	sum += s->irq_deferred_error_count;
#endif
#ifdef CONFIG_X86_HV_CALLBACK_VECTOR
	sum += s->irq_hv_callback_count;
#endif
#if IS_ENABLED(CONFIG_HYPERV)
	sum += s->irq_hv_reenlightenment_count + s->hyperv_stimer0_count;
#endif
	return sum;
}
#endif

static u32 interrupts_here(void)
{
	return (u32)__this_cpu_read(kstat.irqs_sum) + vectors(this_cpu_ptr(&irq_stat));
}

static int stop(u64 since)
{
	if (signal_pending(current))
		return -EINTR;
	return rdtsc() - since > batch_ticks(SEVBENCH_BATCH_MS) ? -ETIME : 0;
}

static int time_batch(struct run *run, u64 iterations, u64 *ticks)
{
	void (*work)(struct run *, u64) = run->baseline ? run->op->empty : run->op->batch;
	u64 chunk = run->op->irqs_off ? CHUNK_IRQS_OFF : CHUNK;
	u64 start = batch_begin();
	int rc = 0;

	for (;;) {
		u64 count = min(iterations, chunk);

		if (run->op->irqs_off)
			local_irq_disable();
		work(run, count);
		if (run->op->irqs_off)
			local_irq_enable();
		iterations -= count;
		if (!iterations)
			break;
		rc = stop(start);
		if (rc)
			break;
	}
	*ticks = batch_end() - start;
	return rc;
}

static int sum_singles(struct run *run, u64 iterations, u64 *ticks)
{
	u64 start = rdtsc();
	int rc = 0;

	*ticks = 0;
	while (!rc && iterations--) {
		*ticks += run->op->once(run);
		if (run->failed)
			rc = -EIO;
		else if (iterations)
			rc = stop(start);
	}
	return rc;
}

int batch_sample(struct run *run, u64 iterations, struct sevbench_sample *sample)
{
	u32 before, after;
	u64 own = (u64)run->op->own_irqs * iterations;
	int rc;

	if (run->op->sleeps)
		migrate_disable();
	else
		preempt_disable();
	run->request->cpu = smp_processor_id();
	if (run->op->look)
		run->op->look(run);
	before = interrupts_here();
	if (run->op->once)
		rc = sum_singles(run, iterations, &sample->ticks);
	else
		rc = time_batch(run, iterations, &sample->ticks);
	after = interrupts_here();
	if (run->op->sleeps)
		migrate_enable();
	else
		preempt_enable();
	sample->interrupts = after - before > own ? (u32)(after - before - own) : 0;
	return rc;
}
