/* SPDX-License-Identifier: MIT */
#include "harness/dram.h"

#include <errno.h>
#include <stdbool.h>
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
	if (*second) /* an empty string would end them */
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
	put(0x11, 1, *d->bank ? 2 : 0);
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

static void refused(const char *says)
{
	struct err e = {""};
	struct dram dram;

	assert_int_equal(read_table(&dram, &e), -ENOTSUP);
	assert_says(e, says);
}

/* The one module of a machine is on one channel, whatever it is called. */
static void test_one_module(void **state)
{
	static const struct device d = {8192, 64, 2667, 0, "DIMM0", "BANK 0", 0};
	static const struct device empty = {0, 0, 0, 0, "DIMM1", "BANK 1", 0};

	(void)state;
	add_device(&d); /* not configured: what it can do */
	add_device(&empty);
	expect(1, 1, 2667e6 * 8 / 1e9, "it is the only one");
}

/* Sockets of a machine: "#" stands for a socket's number from `first` on, "##" for the same in two
 * columns, "@" for its letter. */
struct row {
	const char *locator, *bank;
	unsigned first, count;
	const char *there; /* 'x': a module; otherwise an empty socket */
};

/*
 * What firmware calls the sockets of real machines, and how many channels their modules are on; 0:
 * that cannot be told, and a peak would be made up. Where each was seen:
 */
static const struct machine {
	const char *source;
	struct row rows[8];
	unsigned channels;
} machines[] = {
        {"HP ProLiant, two Xeon E5: github.com/cyring/CoreFreq/issues/142",
         {{"PROC  1 DIMM ## ", "", 1, 12, "xx.xx..xx.xx"},
          {"PROC  2 DIMM ## ", "", 1, 12, "xx.xx..xx.xx"}},
         0},
        {"HP DL380p Gen8: github.com/Solvik/netbox-agent tests/fixtures/dmidecode/HP_DL380p_Gen8",
         {{"PROC  1 DIMM ## ", "", 1, 12, "x..x....x.xx"},
          {"PROC  2 DIMM ## ", "", 1, 12, "x..x....x.xx"}},
         0},
        {"HP BL460c Gen10: the same, HP_BL460c_Gen10",
         {{"PROC 1 DIMM #", "", 1, 8, ".xx....."}, {"PROC 2 DIMM #", "", 1, 8, ".xx....."}},
         0},
        /* A Xeon E3 with two channels: four modules were taken for four. */
        {"HP m710x: the same, HP_ProLiant_m710x", {{"PROC 1 DIMM #", "", 1, 4, "xxxx"}}, 0},
        /* The letter is the order in which to fill: A and D are one channel. */
        {"HP BladeSystem: community.hpe.com, BladeSystem - General, p 5301751",
         {{"PROC 1 DIMM 1D", "", 0, 1, "."},
          {"PROC 1 DIMM 2A", "", 0, 1, "x"},
          {"PROC 1 DIMM 3E", "", 0, 1, "."},
          {"PROC 1 DIMM 4B", "", 0, 1, "x"}},
         0},
        {"Dell M630: netbox-agent, Dell_PowerEdge_M630",
         {{"A#", "", 1, 12, "xxxx........"}, {"B#", "", 1, 12, "xxxx........"}},
         0},
        {"Dell DSS 7500: the same, Dell_DSS7500",
         {{"A#", "", 1, 8, "xxxxxxxx"}, {"B#", "", 1, 4, "xxxx"}},
         0},
        /* The letter is the processor; which sockets are in use is made up. */
        {"Dell: github.com/strizhechenko/netutils-linux/issues/218",
         {{"DIMM_A# ", "", 1, 12, "xxxx........"}, {"DIMM_B# ", "", 1, 12, "xxxx........"}},
         0},
        {"Lenovo SR630: lshw of a ThinkSystem SR630 7X02, slots DIMM 1 to 24",
         {{"DIMM #", "", 1, 24, "..x.x..x.x....x.x..x.x.."}},
         0},
        {"a box without a name: netbox-agent, unknown.txt",
         {{"DIMM#", "BANK 0", 0, 2, "xx"}, {"DIMM#", "BANK 1", 0, 2, "xx"}},
         0},
        /* The name of all its sockets, which is made up here. */
        {"MSI Z790-P with Dasharo: github.com/Dasharo/dasharo-issues/issues/1206",
         {{"ChannelA-DIMM0", "BANK 0", 0, 1, "x"}, {"ChannelA-DIMM0", "BANK 0", 0, 1, "x"}},
         0},
        /* Its banks all say the same, and its locators otherwise. */
        {"Supermicro X13DET-B: github.com/intel/PerfSpect, derived DIMM fields",
         {{"P1-DIMM@1", "P0_Node0_Channel0_Dimm0", 'A', 8, "xxxxxxxx"},
          {"P2-DIMM@1", "P0_Node0_Channel0_Dimm0", 'A', 8, "xxxxxxxx"}},
         0},
        {"Granite Rapids AP: the same", {{"CPU0_DIMM_@", "BANK 0", 'A', 12, "xxxxxxxxxxxx"}}, 0},
        {"QCT X10E-9N: netbox-agent, QCT_X10E-9N",
         {{"DIMM A#", "CHANNEL A", 0, 2, "x."}, {"DIMM B#", "CHANNEL B", 0, 2, "x."}},
         2},
        {"Supermicro SSG-6028R: netbox-agent, SM_SSG-6028R",
         {{"P1_DIMMA1", "P0_Node0_Channel0_Dimm0", 0, 1, "x"},
          {"NO DIMM", "NO DIMM", 0, 1, "."},
          {"P1_DIMMB1", "P0_Node0_Channel1_Dimm0", 0, 1, "x"},
          {"NO DIMM", "NO DIMM", 0, 1, "."},
          {"P1_DIMMC1", "P0_Node0_Channel2_Dimm0", 0, 1, "x"},
          {"P1_DIMMD1", "P0_Node0_Channel3_Dimm0", 0, 1, "x"},
          {"NO DIMM", "NO DIMM", 0, 1, "."}},
         4},
        {"Supermicro, EPYC 7002: github.com/mchehab/rasdaemon/issues/64",
         {{"DIMMC1", "P0_Node0_Channel2_Dimm0", 0, 1, "."},
          {"DIMMC2", "P0_Node0_Channel2_Dimm1", 0, 1, "x"},
          {"DIMMD1", "P0_Node0_Channel3_Dimm0", 0, 1, "x"},
          {"DIMMD2", "P0_Node0_Channel3_Dimm1", 0, 1, "x"}},
         2},
        /* The second controller of the second processor counts its channels from 0 again. */
        {"Supermicro X11: github.com/kvcache-ai/ktransformers/issues/1073",
         {{"P2-DIMMA1", "P1_Node0_Channel0_Dimm0", 0, 1, "x"},
          {"P2-DIMME2", "P1_Node1_Channel0_Dimm1", 0, 1, "x"},
          {"P2-DIMMF1", "P1_Node1_Channel1_Dimm0", 0, 1, "x"}},
         3},
        {"ASRock: github.com/lpereira/hardinfo/issues/386",
         {{"DIMM #", "P0 CHANNEL A", 0, 2, "xx"}, {"DIMM #", "P0 CHANNEL B", 0, 2, "xx"}},
         2},
        {"Gigabyte, Milan: PerfSpect",
         {{"DIMM_P0_@0", "BANK 0", 'A', 8, "xxxxxxxx"},
          {"DIMM_P0_@1", "BANK 1", 'A', 8, "xxxx...."},
          {"DIMM_P1_@0", "BANK 0", 'I', 8, "xxxxxxxx"}},
         16},
        {"Skylake reference board: PerfSpect",
         {{"CPU1_DIMM_A#", "NODE 1", 1, 2, "xx"}, {"CPU2_DIMM_A#", "NODE 2", 1, 2, "xx"}},
         2},
        /* The processor stands in the bank alone. */
        {"a board of two processors: PerfSpect",
         {{"DIMM_A#", "NODE 1", 1, 2, "xx"}, {"DIMM_A#", "NODE 2", 1, 2, "xx"}},
         2},
        {"Intel S1200RP: github.com/grondo/edac-utils/pull/8",
         {{"ChannelA-DIMM1", "BANK 1", 0, 1, "x"},
          {"ChannelA-DIMM2", "BANK 0", 0, 1, "x"},
          {"ChannelB-DIMM1", "BANK 3", 0, 1, "x"},
          {"ChannelB-DIMM2", "BANK 2", 0, 1, "x"}},
         2},
        {"Inspur, Ice Lake: PerfSpect",
         {{"CPU0_C0D#", "", 0, 2, "xx"},
          {"CPU0_C1D#", "", 0, 2, "x."},
          {"CPU1_C0D#", "", 0, 2, "xx"}},
         3},
        {"Forest City: PerfSpect",
         {{"CPU0 CH0/D#", "BANK 0", 0, 2, "xx"}, {"CPU0 CH1/D#", "BANK 1", 0, 2, "xx"}},
         2},
        {"Intel NUC: PerfSpect",
         {{"SODIMM0", "CHANNEL A DIMM0", 0, 1, "x"}, {"SODIMM1", "CHANNEL B DIMM0", 0, 1, "x"}},
         2},
        {"Alder Lake: PerfSpect",
         {{"Controller0-ChannelA-DIMM#", "BANK 0", 0, 2, "xx"},
          {"Controller1-ChannelA-DIMM#", "BANK 0", 0, 2, "xx"}},
         2},
};

static void name_socket(const char *pattern, unsigned number, char locator[64])
{
	int used_up = 0;

	for (const char *p = pattern; *p; p++) {
		bool wide = p[0] == '#' && p[1] == '#';

		if (*p == '#')
			used_up += sprintf(locator + used_up, "%*u", wide ? 2 : 1, number);
		else
			used_up += sprintf(locator + used_up, "%c", *p == '@' ? (int)number : *p);
		p += wide;
	}
}

static unsigned add_row(const struct row *row)
{
	unsigned modules = 0;

	for (unsigned i = 0; i < row->count; i++) {
		char locator[64];
		struct device d = {16384, 64, 2667, 2667, locator, row->bank, 0};
		struct device none = {0, 0, 0, 0, locator, row->bank, 0};

		name_socket(row->locator, row->first + i, locator);
		modules += row->there[i] == 'x';
		add_device(row->there[i] == 'x' ? &d : &none);
	}
	return modules;
}

static void test_real_machines(void **state)
{
	(void)state;
	for (size_t m = 0; m < sizeof(machines) / sizeof(machines[0]); m++) {
		unsigned modules = 0;

		print_message("%s\n", machines[m].source);
		memset(table, 0, sizeof(table));
		used = 0;
		for (size_t r = 0; r < 8 && machines[m].rows[r].locator; r++)
			modules += add_row(&machines[m].rows[r]);
		if (machines[m].channels)
			expect(modules, machines[m].channels,
			       machines[m].channels * 2667e6 * 8 / 1e9, "told apart");
		else
			refused("--dram-peak");
	}
}

static void test_speed_of_32_bits(void **state)
{
	static const struct device d = {0x7fff, 64, 0xffff, 0xffff, "DIMM_A1", "", 70000};

	(void)state;
	add_device(&d);
	expect(1, 1, 560, "70000 MT/s");
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
	        TEST(test_channels_in_banks), TEST(test_channels_in_locators),
	        TEST(test_one_module),        TEST(test_real_machines),
	        TEST(test_speed_of_32_bits),  TEST(test_what_is_not_said_is_not_made_up),
	        TEST(test_cut_tables),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
