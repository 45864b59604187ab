/* SPDX-License-Identifier: MIT */
#include "harness/dram.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/cmocka.h"
#include "tests/tree.h"

/* A firmware's table under a root of its own, as DSP0134 lays it out. */
static uint8_t table[16384];
static size_t used;
static char root[64];

/* What a memory device says. Numbers as the specification encodes them. */
struct device {
	unsigned size, width, speed, configured;
	const char *locator, *bank;
	unsigned extended; /* MT/s, for a speed of 0xffff */
};

static void put(size_t at, unsigned bytes, unsigned value)
{
	for (unsigned i = 0; i < bytes; i++)
		table[used + at + i] = (uint8_t)(value >> 8 * i);
}

static void end_strings(size_t length, const char *first, const char *second)
{
	used += length;
	used += (size_t)sprintf((char *)table + used, "%s", first) + 1;
	used += (size_t)sprintf((char *)table + used, "%s", second) + 1;
	table[used++] = 0;
}

static void add_device(const struct device *d)
{
	put(0, 1, 17);
	put(1, 1, 0x5c);
	put(0x0a, 2, d->width);
	put(0x0c, 2, d->size);
	put(0x10, 1, 1);
	put(0x11, 1, 2);
	put(0x15, 2, d->speed);
	put(0x20, 2, d->configured);
	put(0x54, 4, d->extended);
	put(0x58, 4, d->extended);
	end_strings(0x5c, d->locator, d->bank);
}

/* Something else, with strings, before and after the devices. */
static void add_other(void)
{
	put(0, 1, 16);
	put(1, 1, 0x17);
	end_strings(0x17, "Memory", "Array");
}

static int begin(void **state)
{
	(void)state;
	memset(table, 0, sizeof(table));
	used = 0;
	snprintf(root, sizeof(root), "/tmp/test_dram.XXXXXX");
	add_other();
	return mkdtemp(root) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	return tree_remove(root);
}

static int read_table(struct dram *dram, struct err *e)
{
	FILE *f = tree_create(root, "sys/firmware/dmi/tables/DMI");

	assert_non_null(f);
	assert_int_equal(fwrite(table, 1, used, f), used);
	fclose(f);
	return dram_read(root, dram, e);
}

static void expect(unsigned modules, unsigned channels, double gbps, const char *says)
{
	struct err e = {""};
	struct dram dram;

	if (read_table(&dram, &e))
		fail_msg("%s", e.text);
	assert_int_equal(dram.modules, modules);
	assert_int_equal(dram.channels, channels);
	assert_true(dram.gbps > gbps - 0.01 && dram.gbps < gbps + 0.01);
	if (!strstr(dram.source, says))
		fail_msg("'%s' is not in '%s'", says, dram.source);
}

/* Two modules on each of eight channels: the second adds room, not speed. */
static void test_channels_in_banks(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 16; i++) {
		char locator[16], bank[16];
		struct device d = {32768, 64, 3200, 3200, locator, bank, 0};

		snprintf(locator, sizeof(locator), "DIMM %u", i % 2);
		snprintf(bank, sizeof(bank), "P0 CHANNEL %c", 'A' + (int)i / 2);
		add_device(&d);
	}
	add_other();
	expect(16, 8, 204.8, "16 memory modules on 8 channels (told apart");
}

static void test_channels_in_locators(void **state)
{
	static const struct device devices[] = {
	        {32768, 64, 3200, 2933, "P0_DIMM_A0", "BANK 0", 0},
	        {32768, 64, 3200, 2933, "P0_DIMM_A1", "BANK 1", 0},
	        {32768, 64, 3200, 2933, "P0_DIMM_B0", "BANK 2", 0},
	        {0, 0, 0, 0, "P0_DIMM_B1", "BANK 3", 0}, /* empty */
	        {32768, 64, 3200, 2933, "P1_DIMM_A0", "BANK 4", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		add_device(&devices[i]);
	expect(4, 3, 3 * 2933e6 * 8 / 1e9, "2933 MT/s x 64 bit");
}

/* Locators that number modules tell nothing of channels, and the sentence says so. */
static void test_one_channel_each_is_assumed(void **state)
{
	static const struct device devices[] = {
	        {8192, 64, 2667, 0, "DIMM0", "BANK 0", 0}, /* not configured: what it can do */
	        {8192, 64, 2667, 0, "DIMM1", "BANK 1", 0},
	};

	(void)state;
	add_device(&devices[0]);
	add_device(&devices[1]);
	expect(2, 2, 2 * 2667e6 * 8 / 1e9, "assumed");
}

static void test_speed_of_32_bits(void **state)
{
	static const struct device d = {0x7fff, 64, 0xffff, 0xffff, "DIMM_A1", "", 70000};

	(void)state;
	add_device(&d);
	expect(1, 1, 560, "70000 MT/s");
}

static void refused(const char *says)
{
	struct err e = {""};
	struct dram dram;

	assert_int_equal(read_table(&dram, &e), -ENOTSUP);
	assert_says(e, says);
}

static void test_what_is_not_said_is_not_made_up(void **state)
{
	static const struct device slow = {8192, 64, 0, 0, "DIMM 0", "", 0};
	static const struct device narrow = {8192, 0xffff, 3200, 3200, "DIMM 0", "", 0};
	size_t before = used;
	struct dram dram;
	struct err e;

	(void)state;
	refused("lists no memory module");
	add_device(&slow);
	refused("does not say the speed of memory module \"DIMM 0\"");
	memset(table + before, 0, sizeof(table) - before);
	used = before;
	add_device(&narrow);
	refused("does not say the width");
	assert_int_equal(dram_read("/nonexistent", &dram, &e), -ENOTSUP);
	assert_says(e, "cannot read /sys/firmware/dmi/tables/DMI");
}

/* Cut anywhere, the table is read as far as it goes; the sanitizers watch. */
static void test_cut_tables(void **state)
{
	static const struct device d = {32768, 64, 3200, 3200, "P0_DIMM_A0", "BANK 0", 0};
	size_t whole;

	(void)state;
	add_device(&d);
	whole = used;
	for (used = 0; used < whole; used++) {
		struct err e = {""};
		struct dram dram;

		assert_int_equal(read_table(&dram, &e), -ENOTSUP);
	}
	expect(1, 1, 25.6, "1 memory module on 1 channel");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	        TEST(test_channels_in_banks),
	        TEST(test_channels_in_locators),
	        TEST(test_one_channel_each_is_assumed),
	        TEST(test_speed_of_32_bits),
	        TEST(test_what_is_not_said_is_not_made_up),
	        TEST(test_cut_tables),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
