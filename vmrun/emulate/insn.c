/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/insn.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* The parts of an operand in memory: AMD64 APM volume 3, "ModRM and SIB Bytes". */
struct operand {
	bool memory;
	unsigned opcode; /* the field reg of ModRM */
	unsigned length; /* from ModRM on */
	uint64_t address;
};

#define NO_REGISTER 16u

static uint64_t value(const uint64_t *reg, unsigned n)
{
	return reg && n < NO_REGISTER ? reg[n] : 0;
}

static int64_t displacement(const uint8_t *at, unsigned size)
{
	int32_t wide;

	if (size == 1)
		return (int8_t)*at;
	if (size == 0)
		return 0;
	memcpy(&wide, at, sizeof(wide));
	return wide;
}

/* `at` is ModRM, `next_rip` what RIP would be if the instruction ended before ModRM. */
static struct operand read_operand(const uint8_t *at, unsigned rex, const uint64_t *reg,
                                   uint64_t next_rip)
{
	unsigned mod = at[0] >> 6, rm = at[0] & 7, size, base, index = NO_REGISTER, scale = 0;
	struct operand o = {.memory = mod != 3, .opcode = at[0] >> 3 & 7, .length = 1};
	bool from_rip = false;

	if (!o.memory)
		return o;
	base = rm | (rex & 1) << 3;
	if (rm == 4) { /* SIB */
		uint8_t sib = at[o.length++];

		base = (sib & 7u) | (rex & 1) << 3;
		index = (sib >> 3 & 7u) | (rex & 2) << 2;
		scale = sib >> 6;
		if (index == 4)
			index = NO_REGISTER;
		rm = sib & 7;
	} else {
		from_rip = mod == 0 && rm == 5;
	}
	size = mod == 1 ? 1 : mod == 2 ? 4 : 0;
	if (mod == 0 && rm == 5) { /* no base, four bytes */
		base = NO_REGISTER;
		size = 4;
	}
	o.address = value(reg, base) + (value(reg, index) << scale) +
	            (uint64_t)displacement(at + o.length, size);
	o.length += size;
	if (from_rip)
		o.address += next_rip + o.length;
	return o;
}

static struct operand xsavec(const uint8_t *bytes, const uint64_t *reg, uint64_t rip,
                             unsigned *before)
{
	unsigned rex = 0;

	*before = 2;
	if ((bytes[0] & 0xf0) == 0x40) {
		rex = bytes[0] & 0xf;
		*before = 3;
	}
	if (bytes[*before - 2] != 0x0f || bytes[*before - 1] != 0xc7)
		return (struct operand){.memory = false};
	return read_operand(bytes + *before, rex, reg, rip + *before);
}

struct insn insn_read(const uint8_t bytes[INSN_MOST])
{
	static const struct {
		struct insn insn;
		uint8_t bytes[4];
	} known[] = {
	        {{INSN_VMGEXIT, 4}, {0xf3, 0x0f, 0x01, 0xd9}},
	        {{INSN_VMGEXIT, 4}, {0xf2, 0x0f, 0x01, 0xd9}},
	        {{INSN_VMMCALL, 3}, {0x0f, 0x01, 0xd9}},
	        {{INSN_PVALIDATE, 4}, {0xf2, 0x0f, 0x01, 0xff}},
	        {{INSN_RMPADJUST, 4}, {0xf3, 0x0f, 0x01, 0xfe}},
	        {{INSN_WBINVD, 2}, {0x0f, 0x09}},
	        {{INSN_INVD, 2}, {0x0f, 0x08}},
	};
	unsigned before;
	struct operand o;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (memcmp(bytes, known[i].bytes, known[i].insn.length) == 0)
			return known[i].insn;
	o = xsavec(bytes, NULL, 0, &before);
	if (o.memory && o.opcode == 4)
		return (struct insn){INSN_XSAVEC, before + o.length};
	return (struct insn){INSN_OTHER, 0};
}

uint64_t insn_address(const uint8_t bytes[INSN_MOST], const uint64_t reg[16], uint64_t rip)
{
	unsigned before;

	return xsavec(bytes, reg, rip, &before).address;
}
