/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/msrs.h"

/* Linux, arch/x86/include/asm/msr-index.h */
#define MTRR_VARIABLE   0x200u /* base and mask of each */
#define MTRR_LAST       0x20fu
#define MTRR_DEFAULT    0x2ffu
#define LSTAR           0xc0000082u
#define CSTAR           0xc0000083u
#define FS_BASE         0xc0000100u
#define KERNEL_GS_BASE  0xc0000102u
#define VM_HSAVE_PA     0xc0010117u
#define PERF_CORE       0xc0010200u /* MSR_F15H_PERF_CTL, and counters, six of each */
#define PERF_CORE_LAST  0xc001020bu
#define PERF_GLOBAL     0xc0000300u /* MSR_AMD64_PERF_CNTR_GLOBAL_* */
#define PERF_GLOBAL_END 0xc0000303u
#define IBS             0xc0011030u /* MSR_AMD64_IBS* */
#define IBS_LAST        0xc001103du

static const uint32_t mtrr_fixed[] = {0x250, 0x258, 0x259, 0x268, 0x269, 0x26a,
                                      0x26b, 0x26c, 0x26d, 0x26e, 0x26f};

static bool within(uint32_t index, uint32_t first, uint32_t last)
{
	return index >= first && index <= last;
}

/* Unknown to KVM whose guest has no virtual PMU: the older counters 0xc0010000 to 7 read as 0. */
static bool is_absent(uint32_t index)
{
	return within(index, PERF_CORE, PERF_CORE_LAST) ||
	       within(index, PERF_GLOBAL, PERF_GLOBAL_END) || within(index, IBS, IBS_LAST);
}

/* Registers of an APIC by their number, as kvm_lapic_readable_reg_mask has them. */
static bool apic_readable(unsigned number)
{
	return number == 0x02 || number == 0x03 || number == 0x08 || number == 0x0a ||
	       number == 0x0d || number == 0x0f || within(number, 0x10, 0x28) || number == 0x30 ||
	       within(number, 0x32, 0x39) || number == 0x3e;
}

/* kvm_lapic_reg_write in x2APIC mode */
static bool apic_writable(unsigned number, uint64_t value)
{
	if (number == 0x30) /* the interrupt command, of 64 bits */
		return true;
	if (value >> 32)
		return false;
	switch (number) {
	case 0x08: /* task priority */
	case 0x0b: /* end of interrupt */
	case 0x0f: /* spurious vector */
	case 0x38: /* initial count */
	case 0x3e: /* divider */
		return true;
	case 0x28: /* error status */
		return value == 0;
	case 0x3f: /* to itself */
		return value <= 0xff;
	default:
		return within(number, 0x32, 0x37); /* local vectors */
	}
}

static bool in_x2apic_mode(const struct msrs *msrs)
{
	return msrs->apic_base & MSRS_APIC_ON && msrs->apic_base & MSRS_APIC_X2;
}

/* kvm_apic_set_base */
static bool apic_base_good(const struct msrs *msrs, uint64_t value)
{
	const uint64_t modes = MSRS_APIC_ON | MSRS_APIC_X2, was = msrs->apic_base & modes,
	               is = value & modes;

	if (value & 0x2ff || value >> msrs->address_bits || (is & MSRS_APIC_X2 && !msrs->x2apic))
		return false;
	if (is == MSRS_APIC_X2)
		return false;
	return is == was || is == 0 || (is == MSRS_APIC_ON && was == 0) ||
	       (is == modes && was == MSRS_APIC_ON);
}

/* Types of memory: 0 and 1, and 4 to 6 or, in PAT, to 7 (kvm_pat_valid, valid_mtrr_type). */
static bool types_good(uint64_t value, unsigned count, unsigned most)
{
	for (unsigned i = 0; i < count; i++) {
		unsigned type = (unsigned)(value >> 8 * i & 0xff);

		if (type > most || type == 2 || type == 3)
			return false;
	}
	return true;
}

/* kvm_mtrr_valid */
static bool mtrr_good(const struct msrs *msrs, uint32_t index, uint64_t value, bool *is_one)
{
	*is_one = true;
	if (index == MTRR_DEFAULT)
		return !(value & ~0xcffull) && types_good(value, 1, 6);
	if (within(index, MTRR_VARIABLE, MTRR_LAST) && index & 1)
		return !(value >> msrs->address_bits || value & 0x7ff);
	if (within(index, MTRR_VARIABLE, MTRR_LAST))
		return !(value >> msrs->address_bits || value & 0xf00) && types_good(value, 1, 6);
	for (unsigned i = 0; i < sizeof(mtrr_fixed) / sizeof(*mtrr_fixed); i++)
		if (mtrr_fixed[i] == index)
			return types_good(value, 8, 6);
	*is_one = false;
	return true;
}

static bool is_canonical(uint64_t address)
{
	return address >> 47 == 0 || address >> 47 == 0x1ffff;
}

bool msrs_readable(const struct msrs *msrs, uint32_t index)
{
	if (within(index, MSRS_X2APIC, MSRS_X2APIC + 0xff))
		return in_x2apic_mode(msrs) && apic_readable(index - MSRS_X2APIC);
	return !is_absent(index);
}

bool msrs_writable(const struct msrs *msrs, uint32_t index, uint64_t value)
{
	bool is_mtrr, good = mtrr_good(msrs, index, value, &is_mtrr);

	if (is_mtrr)
		return good;
	if (within(index, MSRS_X2APIC, MSRS_X2APIC + 0xff))
		return in_x2apic_mode(msrs) && apic_writable(index - MSRS_X2APIC, value);
	if (index == LSTAR || index == CSTAR || within(index, FS_BASE, KERNEL_GS_BASE))
		return is_canonical(value);
	switch (index) {
	case MSRS_APIC_BASE:
		return apic_base_good(msrs, value);
	case MSRS_PAT:
		return types_good(value, 8, 7);
	case VM_HSAVE_PA:
		return !(value & 0xfff || value >> msrs->address_bits);
	default:
		return !is_absent(index);
	}
}
