// SPDX-License-Identifier: GPL-2.0-only
/* Setting the local APIC's timer as Linux does it, and putting back what Linux had set. */
#include <asm/apicdef.h>
#include <asm/msr.h>
#include <linux/io.h>
#include <linux/irqflags.h>

#include "sevbench.h"

#ifndef rdmsrq /* its name until Linux 6.16 */
#define rdmsrq rdmsrl
#define wrmsrq wrmsrl
#endif

/* AMD64 APM volume 2, 16.4.1; bit 18 is Linux's APIC_LVT_TIMER_TSCDEADLINE. */
#define LVT_MODE (3U << 17)

#define FAR_MS 3600000 /* never rings: it is put back at once */

static u32 apic_get(const struct run *run, u32 reg)
{
	u64 value;

	if (run->map)
		return readl(run->map + reg);
	rdmsrq(APIC_BASE_MSR + (reg >> 4), value);
	return (u32)value;
}

static void apic_set(const struct run *run, u32 reg, u32 value)
{
	if (run->map)
		writel(value, run->map + reg);
	else
		wrmsrq(APIC_BASE_MSR + (reg >> 4), value);
}

static int timer_open(struct run *run)
{
	u64 base;

	if (apic_is(SEVBENCH_X2APIC))
		return 0;
	rdmsrq(MSR_IA32_APICBASE, base);
	run->map = ioremap(base & MSR_IA32_APICBASE_BASE, PAGE_SIZE);
	return run->map ? 0 : run_refuse(run, ENOMEM, "the local APIC cannot be mapped");
}

static void timer_close(struct run *run)
{
	if (run->map)
		iounmap(run->map);
	run->map = NULL;
}

/* Only in the mode that this Linux uses is there nothing to break. */
static int timer_check(struct run *run)
{
	u32 lvt = apic_get(run, APIC_LVTT), mode = lvt & LVT_MODE;
	u32 wanted = run->arg == SEVBENCH_TIMER_DEADLINE ? APIC_LVT_TIMER_TSCDEADLINE
	                                                 : APIC_LVT_TIMER_ONESHOT;

	if (lvt & APIC_LVT_MASKED)
		return run_refuse(run, EOPNOTSUPP,
		                  "this Linux does not use the local APIC's timer");
	if (mode == wanted)
		return 0;
	return run_refuse(run, EOPNOTSUPP, "this Linux sets its timer by %s",
	                  mode == APIC_LVT_TIMER_TSCDEADLINE ? "the TSC deadline (MSR 0x6e0)"
	                  : mode == APIC_LVT_TIMER_PERIODIC  ? "a period that is never set again"
	                                                     : "the local APIC's count");
}

static int timer_probe(struct run *run)
{
	int rc;

	if (run->arg > SEVBENCH_TIMER_X2APIC)
		return run_refuse(run, EINVAL, "no way to set a timer has the number %llu",
		                  run->arg);
	rc = apic_is(SEVBENCH_SAVIC)
	             ? run_refuse(run, EOPNOTSUPP,
	                          "with Secure AVIC Linux asks the hypervisor to set its timer")
	             : 0;
	if (!rc && run->arg == SEVBENCH_TIMER_XAPIC)
		rc = apic_check(run, SEVBENCH_XAPIC);
	if (!rc && run->arg == SEVBENCH_TIMER_X2APIC)
		rc = apic_check(run, SEVBENCH_X2APIC);
	if (!rc)
		rc = timer_open(run);
	if (rc)
		return rc;
	preempt_disable();
	rc = timer_check(run);
	preempt_enable();
	timer_close(run);
	return rc;
}

/* A deadline that passes meanwhile rings as soon as it is written back; one of 0 is none. */
static u64 deadline_once(struct run *run)
{
	u64 start, end, was, far = rdtsc() + batch_ticks(FAR_MS);

	rdmsrq(MSR_IA32_TSC_DEADLINE, was);
	start = batch_begin();
	wrmsrq(MSR_IA32_TSC_DEADLINE, far);
	end = batch_end();
	wrmsrq(MSR_IA32_TSC_DEADLINE, was);
	return end - start;
}

/*
 * What was left of the count goes on where it was: Linux's timer rings later by these moments. A
 * count of 0 has just ended, and a hypervisor that has not yet said so forgets it with the next
 * count: it rings now, perhaps once more, for Linux looks at its clock and sets the next one.
 */
static u64 count_once(struct run *run)
{
	u32 was = apic_get(run, APIC_TMCCT);
	u64 start, end;

	start = batch_begin();
	apic_set(run, APIC_TMICT, U32_MAX);
	end = batch_end();
	apic_set(run, APIC_TMICT, was ? was : 1);
	return end - start;
}

/* The baseline is nothing at all: an exit of it would be counted with the operation's. */
static u64 timer_once(struct run *run)
{
	unsigned long flags;
	u64 ticks;

	if (run->baseline) {
		ticks = batch_begin();
		return batch_end() - ticks;
	}
	local_irq_save(flags);
	ticks = run->arg == SEVBENCH_TIMER_DEADLINE ? deadline_once(run) : count_once(run);
	local_irq_restore(flags);
	return ticks;
}

const struct op op_timer_arm = {
        .probe = timer_probe,
        .open = timer_open,
        .close = timer_close,
        .once = timer_once,
};
