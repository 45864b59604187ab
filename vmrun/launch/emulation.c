/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/emulation.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "vmrun/qemu/argv.h"

int emulation_open(struct emulation *emulation, const char *directory, struct err *e)
{
	char path[PATH_MAX + sizeof(ARGV_COUNTERS) + 1];

	snprintf(path, sizeof(path), "%s/%s", directory, ARGV_COUNTERS);
	emulation->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return emulation->fd < 0 ? err_errno(e, "cannot create %s", path) : 0;
}

void emulation_close(struct emulation *emulation)
{
	if (emulation->fd >= 0)
		close(emulation->fd);
	emulation->fd = -1;
}

/* What the plugin has counted by now: false where it has not begun to, or has cut its file. */
static bool read_counters(const struct emulation *emulation, struct counters *c)
{
	return emulation->fd >= 0 && pread(emulation->fd, c, sizeof(*c), 0) == sizeof(*c) &&
	       c->magic == COUNTERS_MAGIC && c->version == COUNTERS_VERSION;
}

static uint64_t sum(const uint64_t *counts, size_t size)
{
	uint64_t all = 0;

	for (size_t i = 0; i < size; i++)
		all += counts[i];
	return all;
}

void emulation_count(const struct emulation *emulation, struct counts *counts)
{
	struct counters now;
	const struct counters *c = &now;

	*counts = (struct counts){COUNTS_NOBODY, {0}};
	if (!read_counters(emulation, &now))
		return;
	counts->by = COUNTS_EMULATION;
	counts->of[COUNTS_VC] = sum(c->vc, COUNTERS_HARDWARE);
	counts->of[COUNTS_VMGEXIT] =
	        sum(c->vmgexit, COUNTERS_HARDWARE) + sum(c->vmgexit_software, COUNTERS_SOFTWARE) +
	        sum(&c->vmgexit_unknown, 1) + sum(c->vmgexit_msr, COUNTERS_MSR) +
	        sum(&c->vmgexit_msr_unknown, 1);
	counts->of[COUNTS_PAGE_STATES] = sum(&c->entries_private, 1) + sum(&c->entries_shared, 1);
	counts->of[COUNTS_PVALIDATE] =
	        sum(&c->pvalidate[0][0][0], sizeof(c->pvalidate) / sizeof(uint64_t));
}

static void put_count(json_t *object, const char *name, const uint64_t *count)
{
	if (*count)
		json_object_set_new(object, name, json_integer((json_int_t)*count));
}

/* Those of an array, by the code that they are counted for. */
static void put_codes(json_t *object, const uint64_t *counts, unsigned size, uint64_t first)
{
	char code[20];

	for (unsigned i = 0; i < size; i++) {
		snprintf(code, sizeof(code), "0x%" PRIx64, first + i);
		put_count(object, code, &counts[i]);
	}
}

static json_t *pvalidate_json(const struct counters *c)
{
	static const char *const results[COUNTERS_PVALIDATE_RESULTS] = {
	        "done", "unchanged", "fail_input", "fail_size_mismatch", "page_fault"};
	json_t *all = json_object();
	char name[64];

	for (int size = 0; size < 2; size++)
		for (int validate = 0; validate < 2; validate++)
			for (int r = 0; r < COUNTERS_PVALIDATE_RESULTS; r++) {
				snprintf(name, sizeof(name), "%s_%s_%s",
				         validate ? "validate" : "rescind", size ? "2m" : "4k",
				         results[r]);
				put_count(all, name, &c->pvalidate[size][validate][r]);
			}
	return all;
}

json_t *emulation_json(const struct emulation *emulation)
{
	struct counters now;
	const struct counters *c = &now;
	json_t *all, *vc, *intercepted, *vmgexit, *msr;

	if (!read_counters(emulation, &now))
		return NULL;
	vc = json_object();
	intercepted = json_object();
	vmgexit = json_object();
	msr = json_object();
	put_codes(vc, c->vc, COUNTERS_HARDWARE, 0);
	put_codes(intercepted, c->intercepted, COUNTERS_HARDWARE, 0);
	put_codes(vmgexit, c->vmgexit, COUNTERS_HARDWARE, 0);
	for (uint64_t code = 0x80000000; code < 0x80000020; code++)
		put_codes(vmgexit, &c->vmgexit_software[counters_software(code)], 1, code);
	for (uint64_t code = 0x8000ffe0; code <= 0x8000ffff; code++)
		put_codes(vmgexit, &c->vmgexit_software[counters_software(code)], 1, code);
	put_codes(msr, c->vmgexit_msr, COUNTERS_MSR, 0);
	all = json_pack("{s:o,s:o,s:o,s:o,s:o}", "vc", vc, "intercepted", intercepted, "vmgexit",
	                vmgexit, "vmgexit_msr", msr, "pvalidate", pvalidate_json(c));
	put_count(all, "vmgexit_unknown", &c->vmgexit_unknown);
	put_count(all, "pages_private", &c->pages_private);
	put_count(all, "pages_shared", &c->pages_shared);
	put_count(all, "rmpadjust", &c->rmpadjust);
	put_count(all, "unvalidated", &c->unvalidated);
	put_count(all, "wrong_private", &c->wrong_private);
	put_count(all, "wrong_shared", &c->wrong_shared);
	put_count(all, "views", &c->views);
	put_count(all, "ap_created", &c->ap_created);
	put_count(all, "guest_requests", &c->guest_requests);
	put_count(all, "terminations", &c->terminations);
	return all;
}
