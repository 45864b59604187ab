/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/ghcb.h"

#include <stddef.h>
#include <string.h>

uint64_t ghcb_get(const uint8_t *page, unsigned offset)
{
	uint64_t value;

	if (offset == GHCB_CPL)
		return page[offset];
	memcpy(&value, page + offset, sizeof(value));
	return value;
}

void ghcb_set(uint8_t *page, unsigned offset, uint64_t value)
{
	unsigned bit = offset / 8;

	memcpy(page + offset, &value, sizeof(value));
	page[GHCB_VALID + bit / 8] = (uint8_t)(page[GHCB_VALID + bit / 8] | 1u << bit % 8);
}

bool ghcb_is_valid(const uint8_t *page, unsigned offset)
{
	unsigned bit = offset / 8;

	return page[GHCB_VALID + bit / 8] >> bit % 8 & 1;
}

void ghcb_clear_valid(uint8_t *page)
{
	memset(page + GHCB_VALID, 0, 16);
}

/* Bit 0 IN, 2 string, 6:4 the size, 31:16 the port. */
bool ghcb_io(uint64_t info, struct ghcb_io *io)
{
	*io = (struct ghcb_io){
	        .port = (uint16_t)(info >> 16),
	        .size = (unsigned)(info >> 4 & 7),
	        .in = info & 1,
	        .string = info & 4,
	};
	return io->size == 1 || io->size == 2 || io->size == 4;
}

/*
 * The events that KVM knows, and what each needs beside SW_EXITCODE, SW_EXITINFO1 and SW_EXITINFO2:
 * sev_es_validate_vmgexit in arch/x86/kvm/svm/sev.c of Linux. All others get GHCB_INVALID_EVENT,
 * among them XSETBV (0x8d), which KVM does not intercept, and those of features that are not
 * offered: the #HV doorbell (0x80000014), IPIs, other VMPLs (0x80000018) and secure AVIC.
 */
struct need {
	uint32_t code;
	bool snp; /* in another guest the input is never good */
	uint16_t fields[4];
};

static const struct need needs[] = {
        {EXIT_DR7_READ, false, {0}},
        {EXIT_DR7_WRITE, false, {GHCB_RAX}},
        {EXIT_RDTSC, false, {0}},
        {EXIT_RDPMC, false, {GHCB_RCX}},
        {EXIT_CPUID, false, {GHCB_RAX, GHCB_RCX}},
        {EXIT_INVD, false, {0}},
        {EXIT_IOIO, false, {0}},
        {EXIT_MSR, false, {GHCB_RCX}},
        {EXIT_VMMCALL, false, {GHCB_RAX, GHCB_CPL}},
        {EXIT_RDTSCP, false, {0}},
        {EXIT_WBINVD, false, {0}},
        {EXIT_MONITOR, false, {GHCB_RAX, GHCB_RCX, GHCB_RDX}},
        {EXIT_MWAIT, false, {GHCB_RAX, GHCB_RCX}},
        {EXIT_MMIO_READ, false, {GHCB_SCRATCH}},
        {EXIT_MMIO_WRITE, false, {GHCB_SCRATCH}},
        {EXIT_NMI_COMPLETE, false, {0}},
        {EXIT_AP_HOLD, false, {0}},
        {EXIT_JUMP_TABLE, false, {0}},
        {EXIT_PAGE_STATE, true, {GHCB_SCRATCH}},
        {EXIT_GUEST_REQUEST, true, {0}},
        {EXIT_EXTENDED_REQUEST, true, {0}},
        {EXIT_AP_CREATE, true, {0}},
        {EXIT_FEATURES, false, {0}},
        {EXIT_TERMINATE, false, {0}},
        {EXIT_UNSUPPORTED, false, {0}},
};

/* What depends on more than the code. */
static bool has_more(const uint8_t *page, uint64_t code, uint64_t info)
{
	struct ghcb_io io;
	uint64_t answer;

	switch (code) {
	case EXIT_CPUID: /* leaf 0xd's answer depends on XCR0 */
		return (uint32_t)ghcb_get(page, GHCB_RAX) != 0xd || ghcb_is_valid(page, GHCB_XCR0);
	case EXIT_IOIO:
		ghcb_io(info, &io);
		return io.string ? ghcb_is_valid(page, GHCB_SCRATCH)
		                 : io.in || ghcb_is_valid(page, GHCB_RAX);
	case EXIT_MSR: /* a write */
		return !info || (ghcb_is_valid(page, GHCB_RAX) && ghcb_is_valid(page, GHCB_RDX));
	case EXIT_AP_CREATE: /* anything but destruction says with which SEV features */
		return (uint32_t)info == 2 || ghcb_is_valid(page, GHCB_RAX);
	case EXIT_GUEST_REQUEST: /* two pages, for the request and its answer */
	case EXIT_EXTENDED_REQUEST:
		answer = ghcb_get(page, GHCB_EXITINFO2);
		return !(info & 0xfff) && !(answer & 0xfff) && info != answer;
	default:
		return true;
	}
}

enum ghcb_error ghcb_check(const uint8_t *page, bool snp)
{
	uint64_t code = ghcb_get(page, GHCB_EXITCODE), info = ghcb_get(page, GHCB_EXITINFO1);
	const struct need *need = NULL;
	uint32_t usage;

	memcpy(&usage, page + GHCB_USAGE, sizeof(usage));
	if (usage)
		return GHCB_INVALID_USAGE;
	if (!ghcb_is_valid(page, GHCB_EXITCODE) || !ghcb_is_valid(page, GHCB_EXITINFO1) ||
	    !ghcb_is_valid(page, GHCB_EXITINFO2))
		return GHCB_MISSING_INPUT;
	for (unsigned i = 0; i < sizeof(needs) / sizeof(*needs); i++)
		if (needs[i].code == code)
			need = &needs[i];
	if (!need)
		return GHCB_INVALID_EVENT;
	if (need->snp && !snp)
		return GHCB_MISSING_INPUT;
	for (unsigned i = 0; i < 4 && need->fields[i]; i++)
		if (!ghcb_is_valid(page, need->fields[i]))
			return GHCB_MISSING_INPUT;
	return has_more(page, code, info) ? GHCB_GOOD : GHCB_MISSING_INPUT;
}

bool ghcb_scratch_good(uint64_t ghcb, uint64_t at, uint64_t size)
{
	if (!at || at + size < at)
		return false;
	if (at >> 12 != ghcb >> 12)
		return true;
	return at - ghcb >= GHCB_SHARED && at + size - ghcb <= GHCB_SHARED_END;
}
