/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plugin's entry: options, QEMU's symbols and records checked one by one, and only then the
 * hooks put in. A QEMU that is not as expected is refused before anything is changed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "vmrun/emulate/plugin/access.h"
#include "vmrun/emulate/plugin/ap.h"
#include "vmrun/emulate/plugin/emulation.h"
#include "vmrun/emulate/plugin/intercept.h"
#include "vmrun/emulate/plugin/msr.h"
#include "vmrun/emulate/plugin/opcode.h"
#include "vmrun/emulate/plugin/qemu.h"

#define EXPORTED __attribute__((visibility("default")))

EXPORTED extern int qemu_plugin_version;
EXPORTED int qemu_plugin_version = SEVEMU_API;

EXPORTED int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

static const struct qemu_hook *const all_hooks[] = {intercept_hooks, msr_hooks, opcode_hooks, NULL};

static bool take_options(struct options *options, int argc, char **argv)
{
	char why[600];

	options_init(options);
	for (int i = 0; i < argc; i++) {
		if (!options_take(options, argv[i], why, sizeof(why))) {
			emulation_say("%s", why);
			return false;
		}
	}
	if (options_done(options, why, sizeof(why)))
		return true;
	emulation_say("%s", why);
	return false;
}

/* API 4 hands over the plugin's number and the block, later ones the block and what was registered.
 */
#if SEVEMU_API >= 7
static void translated(void *block, void *data)
{
	(void)data;
	opcode_translated(block);
}
#else
static void translated(uint64_t id, void *block)
{
	(void)id;
	opcode_translated(block);
}
#endif

/* Where functions stand that are replaced in QEMU's table of them. */
struct slots {
	void **fill, **interrupt;
};

/* Is this QEMU as expected? */
static bool check_qemu(struct slots *slots)
{
	const char *missing = qemu_find();

	if (missing) {
		emulation_say("this QEMU does not export %s: the emulated SEV needs Debian's QEMU "
		              "10 or 11",
		              missing);
		return false;
	}
	for (const struct qemu_hook *const *hooks = all_hooks; *hooks; hooks++) {
		missing = qemu_check(*hooks);
		if (missing) {
			emulation_say(
			        "this QEMU has no record of helper_%s where it is expected: the "
			        "emulated SEV needs Debian's QEMU 10 or 11",
			        missing);
			return false;
		}
	}
	slots->fill = qemu_find_slot("x86_cpu_tlb_fill", "x86_cpu_exec_interrupt");
	slots->interrupt = qemu_find_slot("x86_cpu_exec_interrupt", "x86_cpu_tlb_fill");
	if (slots->fill && slots->interrupt)
		return true;
	emulation_say("this QEMU keeps x86_cpu_tlb_fill or x86_cpu_exec_interrupt elsewhere: the "
	              "emulated "
	              "SEV needs Debian's QEMU 10 or 11");
	return false;
}

static void summarize(void)
{
	const struct counters *c = emulation.counters;

	for (unsigned i = 0; i < COUNTERS_HARDWARE; i++)
		if (c->vc[i] || c->vmgexit[i] || c->intercepted[i])
			emulation_say("%#x: #VC %llu, VMGEXIT %llu, without #VC %llu", i,
			              (unsigned long long)c->vc[i],
			              (unsigned long long)c->vmgexit[i],
			              (unsigned long long)c->intercepted[i]);
	for (unsigned i = 0; i < COUNTERS_SOFTWARE; i++)
		if (c->vmgexit_software[i])
			emulation_say("software exit %#x: %llu", i < 0x20 ? i : i - 0x20 + 0xffe0,
			              (unsigned long long)c->vmgexit_software[i]);
	for (unsigned i = 0; i < COUNTERS_MSR; i++)
		if (c->vmgexit_msr[i])
			emulation_say("GHCB MSR %#x: %llu", i,
			              (unsigned long long)c->vmgexit_msr[i]);
	for (unsigned i = 0; i < 2 * 2 * COUNTERS_PVALIDATE_RESULTS; i++) {
		uint64_t n = (&c->pvalidate[0][0][0])[i];

		if (n)
			emulation_say("PVALIDATE %s %s, result %u: %llu", i / 10 ? "2m" : "4k",
			              i / 5 % 2 ? "validate" : "rescind", i % 5,
			              (unsigned long long)n);
	}
	emulation_say("entries to private %llu, shared %llu; pages to private %llu, shared %llu",
	              (unsigned long long)c->entries_private, (unsigned long long)c->entries_shared,
	              (unsigned long long)c->pages_private, (unsigned long long)c->pages_shared);
	emulation_say("RMPADJUST %llu, unvalidated %llu, wrongly private %llu, wrongly shared "
	              "%llu, used through the other view %llu, vCPUs created %llu, XSAVEC %llu",
	              (unsigned long long)c->rmpadjust, (unsigned long long)c->unvalidated,
	              (unsigned long long)c->wrong_private, (unsigned long long)c->wrong_shared,
	              (unsigned long long)c->views, (unsigned long long)c->ap_created,
	              (unsigned long long)c->xsavec);
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	struct options options;
	struct slots slots;
	char why[600];

	(void)info;
	if (!take_options(&options, argc, argv) || !check_qemu(&slots))
		return 1;
	if (!emulation_open(&options, why, sizeof(why))) {
		emulation_say("%s", why);
		return 1;
	}
	if (!qemu_replace_slot(slots.fill, (void *)access_fill) ||
	    !qemu_replace_slot(slots.interrupt, (void *)ap_interrupt)) {
		emulation_say("QEMU's table of functions cannot be written to");
		return 1;
	}
	for (const struct qemu_hook *const *hooks = all_hooks; *hooks; hooks++)
		qemu_replace(*hooks);
	qemu.qemu_plugin_register_vcpu_tb_trans_cb(id, translated, NULL);
	if (options.summary)
		atexit(summarize);
	return 0;
}
