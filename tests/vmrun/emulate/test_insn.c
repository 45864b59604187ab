/* SPDX-License-Identifier: MIT */
#include "vmrun/emulate/insn.h"

#include "tests/cmocka.h"

static const uint64_t reg[16] = {0x1000, 0x2000, 0x3000, 0x4000, 0x5000, 0x6000, 0x7000, 0x8000,
                                 0x9000, 0xa000, 0xb000, 0xc000, 0xd000, 0xe000, 0xf000, 0x10000};

static struct insn read(const char *bytes, size_t size)
{
	uint8_t all[INSN_MOST] = {0};

	memcpy(all, bytes, size);
	return insn_read(all);
}

static void knows_sev_s_instructions(void **state)
{
	(void)state;
	assert_int_equal(read("\xf3\x0f\x01\xd9", 4).kind, INSN_VMGEXIT);
	assert_int_equal(read("\xf2\x0f\x01\xd9", 4).length, 4);
	assert_int_equal(read("\x0f\x01\xd9", 3).kind, INSN_VMMCALL);
	assert_int_equal(read("\xf2\x0f\x01\xff", 4).kind, INSN_PVALIDATE);
	assert_int_equal(read("\xf3\x0f\x01\xfe", 4).kind, INSN_RMPADJUST);
	assert_int_equal(read("\x0f\x09", 2).kind, INSN_WBINVD);
	assert_int_equal(read("\x0f\x08", 2).kind, INSN_INVD);
	assert_int_equal(read("\x0f\x0b", 2).kind, INSN_OTHER);
	assert_int_equal(read("\xf3\x0f\x01\xff", 4).kind, INSN_OTHER); /* PSMASH, the host's */
}

/* As an assembler wrote them: `operand` in the comment. */
static void finds_xsavec_s_memory(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		uint64_t address;
	} known[] = {
	        {"\x0f\xc7\x64\x24\x40", 5, 0x5040},     /* 0x40(%rsp) */
	        {"\x48\x0f\xc7\x64\x24\x40", 6, 0x5040}, /* xsavec64 */
	        {"\x0f\xc7\x20", 3, 0x1000},             /* (%rax) */
	        {"\x0f\xc7\x67\xf8", 4, 0x7ff8},         /* -8(%rdi) */
	        {"\x41\x0f\xc7\xa4\xcd\x00\x01\x00\x00", 9,
	         0xe000 + 8 * 0x2000 + 0x100},                    /* 0x100(%r13,%rcx,8) */
	        {"\x0f\xc7\x24\x25\x00\x90\x00\x00", 8, 0x9000},  /* 0x9000 */
	        {"\x0f\xc7\x25\x10\x00\x00\x00", 7, 0x400017},    /* 0x10(%rip) */
	        {"\x43\x0f\xc7\x24\x8a", 5, 0xb000 + 4 * 0xa000}, /* (%r10,%r9,4) */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		uint8_t all[INSN_MOST] = {0};
		struct insn insn;

		memcpy(all, known[i].bytes, known[i].size);
		insn = insn_read(all);
		assert_int_equal(insn.kind, INSN_XSAVEC);
		assert_int_equal(insn.length, known[i].size);
		assert_int_equal(insn_address(all, reg, 0x400000), known[i].address);
	}
	assert_int_equal(read("\x0f\xc7\xe0", 3).kind, INSN_OTHER);         /* a register */
	assert_int_equal(read("\x0f\xc7\x4c\x24\x40", 5).kind, INSN_OTHER); /* CMPXCHG8B */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(knows_sev_s_instructions),
	        cmocka_unit_test(finds_xsavec_s_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
