/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/launch.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "vmrun/emulate/cpuid_page.h"
#include "vmrun/emulate/metadata.h"
#include "vmrun/emulate/plugin/emulation.h"
#include "vmrun/emulate/plugin/leaf.h"
#include "vmrun/emulate/plugin/memory.h"
#include "vmrun/emulate/plugin/qemu.h"
#include "vmrun/emulate/plugin/secure.h"
#include "vmrun/emulate/plugin/view.h"
#include "vmrun/emulate/secrets.h"

/* Firmware is mapped up to 4 GiB, and measured, which validates it. */
#define FIRMWARE_BYTES 0x1000000u
#define FOUR_GIB       0x100000000ull

static _Noreturn void refuse(const char *why)
{
	emulation_say("this guest cannot be launched: %s", why);
	_exit(1);
}

static void fill_cpuid(void *env, uint64_t address)
{
	static struct cpuid_page page;

	if (!cpuid_page_fill(&page, leaf_answer, env))
		emulation_say(
		        "the processor model has more CPUID leaves than fit into SNP's page of "
		        "%u: the last ones are missing",
		        CPUID_PAGE_ENTRIES);
	memory_write_private(address, &page, sizeof(page));
}

static void fill_secrets(uint64_t address)
{
	static struct secrets secrets;

	secrets.version = SECRETS_VERSION;
	if (getrandom(secrets.vmpck, sizeof(secrets.vmpck), 0) != sizeof(secrets.vmpck))
		refuse("there are no random bytes for its keys");
	secure_open(secrets.vmpck);
	memory_write_private(address, &secrets, sizeof(secrets));
}

/*
 * From which OVMF on validation can be enforced: those with a calling area for a SVSM (edk2, May
 * 2024) are nearest to the one that stores into nothing unvalidated (edk2, December 2024, pull
 * request 6285).
 */
static bool can_enforce(const struct metadata *metadata)
{
	return metadata_find(metadata, METADATA_SVSM);
}

static void choose_check(const struct metadata *metadata)
{
	enum options_check check = emulation.options.check;

	if (check == CHECK_AUTO && !can_enforce(metadata)) {
		emulation_say(
		        "this firmware is older than those that validate all memory before they "
		        "use it: violations are counted, not raised (check=count)");
		check = CHECK_COUNT;
	}
	emulation.enforce = check == CHECK_AUTO || check == CHECK_ENFORCE;
	if (check == CHECK_COUNT)
		emulation.options.check = CHECK_COUNT;
}

static void launch_snp(void *env)
{
	struct metadata metadata;
	char why[256];
	const char *wrong = metadata_read(memory_read_bytes, NULL, &metadata);

	if (wrong) {
		snprintf(why, sizeof(why), "its firmware will not do for SNP, for %s", wrong);
		refuse(why);
	}
	if (!metadata_find(&metadata, METADATA_CPUID) ||
	    !metadata_find(&metadata, METADATA_SECRETS))
		refuse("its firmware names no place for SNP's CPUID page, or none for its secrets");
	for (unsigned i = 0; i < metadata.count; i++) {
		const struct metadata_section *s = &metadata.section[i];

		pages_launch(&emulation.pages, s->address, s->size);
		for (uint64_t at = 0; at < s->size; at += PAGE_MAP_PAGE)
			view_launch(s->address + at);
		if (s->type == METADATA_CPUID)
			fill_cpuid(env, s->address);
		else if (s->type == METADATA_SECRETS)
			fill_secrets(s->address);
	}
	pages_launch(&emulation.pages, FOUR_GIB - FIRMWARE_BYTES, FIRMWARE_BYTES);
	choose_check(&metadata);
}

/* CPUID Fn8000_0008 EAX 7:0: QEMU's own page walk refuses an address bit above it. */
static void check_address_bits(void *env)
{
	uint32_t r[4];
	char why[128];

	qemu.cpu_x86_cpuid(env, 0x80000008, 0, &r[0], &r[1], &r[2], &r[3]);
	if ((r[0] & 0xff) > emulation.options.c_bit)
		return;
	snprintf(why, sizeof(why),
	         "its processor has %u physical address bits, which leaves no C-bit "
	         "%u: give -cpu phys-bits=52",
	         r[0] & 0xff, emulation.options.c_bit);
	refuse(why);
}

/* CPUID Fn0000_0007 EBX: bit 14 MPX, which opcode.c's XSAVEC would put into the wrong place. */
static void check_model(void *env)
{
	uint32_t r[4];

	qemu.cpu_x86_cpuid(env, 7, 0, &r[0], &r[1], &r[2], &r[3]);
	if (r[1] & 1u << 14)
		refuse("its processor has MPX, which is not emulated under SNP: give -cpu "
		       "MODEL,-mpx");
}

struct vcpu *launch_enter(void *cs, bool *launched)
{
	struct vcpu *vcpu = vcpu_enter(cs, launched);

	if (!*launched)
		return vcpu;
	check_address_bits(vcpu->env);
	if (!memory_open() || !emulation_map(memory_end()))
		refuse("there is no address space for its private memory");
	if (emulation.snp) {
		check_model(vcpu->env);
		launch_snp(vcpu->env);
	}
	return vcpu;
}
