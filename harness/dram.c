/* SPDX-License-Identifier: MIT */
#include "harness/dram.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TABLE "/sys/firmware/dmi/tables/DMI"

#define TABLE_MAX    (1U << 20) /* a server's is some ten KiB */
#define MODULES_MAX  256
#define CHANNEL_TEXT 128
#define SOCKETS_MAX  3 /* of a channel of DDR4 or DDR3; DDR5 has two */

/* DSP0134, 7.18, "Memory Device (Type 17)": offsets of the fields. */
enum {
	TYPE_MEMORY_DEVICE = 17,
	AT_DATA_WIDTH = 0x0a, /* bits, without those of ECC */
	AT_SIZE = 0x0c,       /* 0: the socket is empty */
	AT_LOCATOR = 0x10,    /* number of a string */
	AT_BANK = 0x11,
	AT_SPEED = 0x15,          /* MT/s that the module can do */
	AT_CONFIGURED = 0x20,     /* MT/s that it runs at */
	AT_EXTENDED_SPEED = 0x54, /* 32 bits, where the 16 are all ones */
	AT_EXTENDED_CONFIGURED = 0x58,
	UNKNOWN = 0xffff
};

/* One structure of the table: its formatted part, and the strings behind it. */
struct structure {
	const uint8_t *at;
	unsigned length;
	const char *strings, *end;
};

/* How a text says which channel a module is on. */
struct name {
	char channel[CHANNEL_TEXT]; /* up to and with the channel; "" where it names none */
	char whole[CHANNEL_TEXT];   /* all that tells this socket from others */
};

/* A memory device, populated or not: two witnesses of its channel. */
struct module {
	struct name bank, locator;
	bool there;
	unsigned speed, width; /* MT/s, bits */
};

static unsigned word(const struct structure *s, unsigned offset)
{
	return offset + 2 <= s->length ? s->at[offset] | (unsigned)s->at[offset + 1] << 8 : 0;
}

static unsigned speed_at(const struct structure *s, unsigned offset, unsigned extended)
{
	unsigned speed = word(s, offset);

	if (speed == UNKNOWN)
		speed = (word(s, extended + 2) & 0x7fff) << 16 | word(s, extended);
	return speed;
}

/* The string whose number stands at `offset`; "" where there is none. */
static const char *text(const struct structure *s, unsigned offset)
{
	unsigned number = offset < s->length ? s->at[offset] : 0;
	const char *string = s->strings;

	if (!number)
		return "";
	while (--number && string < s->end)
		string += strlen(string) + 1;
	return string < s->end ? string : "";
}

/* The next structure, or false at the end of what makes sense. Strings end with two NULs. */
static bool next(const uint8_t *table, size_t length, size_t *at, struct structure *s)
{
	size_t end;

	if (*at + 4 > length)
		return false;
	s->at = table + *at;
	s->length = s->at[1];
	if (s->length < 4 || *at + s->length + 2 > length)
		return false;
	for (end = *at + s->length; table[end] || table[end + 1]; end++)
		if (end + 2 >= length)
			return false;
	s->strings = (const char *)table + *at + s->length;
	s->end = (const char *)table + end + 1;
	*at = end + 2;
	return true;
}

/* Up to and with the letter or number behind `word`, as in "P0 CHANNEL A"; 0: there is none. */
static size_t end_of_channel(const char *text, const char *word)
{
	const char *at = strcasestr(text, word), *p;
	size_t digits;

	if (!at || (at > text && isalpha((unsigned char)at[-1])))
		return 0;
	p = at + strlen(word);
	p += strspn(p, " _-:");
	digits = strspn(p, "0123456789");
	if (digits)
		return (size_t)(p - text) + digits;
	return isalpha((unsigned char)*p) && !isalpha((unsigned char)p[1]) ? (size_t)(p - text) + 1
	                                                                   : 0;
}

/* "CPU0_C1D0" (Inspur): channel 1, socket 0. */
static size_t end_of_numbers(const char *locator)
{
	size_t length = strlen(locator), end;

	while (length && isdigit((unsigned char)locator[length - 1]))
		length--;
	if (!locator[length] || !length || locator[length - 1] != 'D')
		return 0;
	for (end = --length; length && isdigit((unsigned char)locator[length - 1]);)
		length--;
	return end > length && length && locator[length - 1] == 'C' ? end : 0;
}

/* "DIMM_A1", "P0_DIMM_A0", "DIMM_P0_A0", "DIMMA1": up to and with the letter before the number. */
static size_t end_of_letter(const char *locator)
{
	size_t length = strlen(locator), digits = 0;

	while (digits < length && isdigit((unsigned char)locator[length - 1 - digits]))
		digits++;
	length -= digits;
	if (!strcasestr(locator, "dimm") || !digits || !length ||
	    !isalpha((unsigned char)locator[length - 1]))
		return 0;
	/* The last letter of the word itself numbers modules, not channels: "DIMM0". */
	return length >= 4 && !strncasecmp(locator + length - 4, "dimm", 4) ? 0 : length;
}

/* Firmware pads with blanks: "DIMM_A1 " (Dell), "PROC  1 DIMM  1 " (HP). */
static void copy_trimmed(char to[CHANNEL_TEXT], const char *from)
{
	size_t length = strlen(from);

	while (length && isspace((unsigned char)from[length - 1]))
		length--;
	snprintf(to, CHANNEL_TEXT, "%.*s", (int)length, from);
}

static void cut(struct name *name, size_t length)
{
	snprintf(name->channel, sizeof(name->channel), "%.*s", (int)length, name->whole);
}

/* A bank that names no channel may still name the processor: "NODE 1" beside "DIMM_A1". */
static void add_node(const char *bank, struct name *locator)
{
	size_t length = end_of_channel(bank, "node");
	char whole[CHANNEL_TEXT];

	if (!length || !*locator->channel)
		return;
	snprintf(whole, sizeof(whole), "%.*s %.60s", (int)length, bank, locator->channel);
	memcpy(locator->channel, whole, sizeof(whole));
	snprintf(whole, sizeof(whole), "%.*s %.60s", (int)length, bank, locator->whole);
	memcpy(locator->whole, whole, sizeof(whole));
}

static void name_channels(const struct structure *s, struct module *m)
{
	const char *locator = m->locator.whole, *bank = m->bank.whole;
	size_t length;

	copy_trimmed(m->bank.whole, text(s, AT_BANK));
	copy_trimmed(m->locator.whole, text(s, AT_LOCATOR));
	cut(&m->bank, end_of_channel(bank, "channel"));
	length = end_of_channel(locator, "channel");
	if (!length)
		length = end_of_channel(locator, "ch");
	if (!length)
		length = end_of_numbers(locator);
	cut(&m->locator, length ? length : end_of_letter(locator));
	if (!*m->bank.channel)
		add_node(bank, &m->locator);
}

static int read_module(const struct structure *s, struct module *m, struct err *e)
{
	name_channels(s, m);
	m->there = word(s, AT_SIZE);
	if (!m->there)
		return 0;
	m->speed = speed_at(s, AT_CONFIGURED, AT_EXTENDED_CONFIGURED);
	if (!m->speed)
		m->speed = speed_at(s, AT_SPEED, AT_EXTENDED_SPEED);
	m->width = word(s, AT_DATA_WIDTH);
	if (!m->speed || !m->width || m->width == UNKNOWN)
		return err_set(e, ENOTSUP, TABLE " does not say the %s of memory module \"%.40s\"",
		               m->speed ? "width" : "speed", text(s, AT_LOCATOR));
	return 0;
}

static const struct name *name_of(const struct module *m, bool bank)
{
	return bank ? &m->bank : &m->locator;
}

/* Is the channel of every module named there? */
static bool is_named(const struct module *modules, unsigned count, bool bank)
{
	for (unsigned i = 0; i < count; i++)
		if (modules[i].there && !*name_of(&modules[i], bank)->channel)
			return false;
	return true;
}

static bool together(const struct module *a, const struct module *b, bool bank)
{
	return !strcmp(name_of(a, bank)->channel, name_of(b, bank)->channel);
}

/*
 * What stands for a channel may be a processor (Dell's DIMM_A1 to DIMM_A12), and a name may be
 * given to several sockets: then a channel seems to have more sockets than one can have, or one
 * twice.
 */
static bool is_channel(const struct module *modules, unsigned count, unsigned of, bool bank)
{
	unsigned sockets = 0;

	for (unsigned i = 0; i < count; i++) {
		if (!together(&modules[i], &modules[of], bank))
			continue;
		sockets++;
		if (i != of && !strcmp(modules[i].locator.whole, modules[of].locator.whole) &&
		    (!bank || !strcmp(modules[i].bank.whole, modules[of].bank.whole)))
			return false;
	}
	return sockets <= SOCKETS_MAX;
}

/* Do bank and locator tell the same, where both name channels? */
static bool agree(const struct module *modules, unsigned count, unsigned of)
{
	for (unsigned i = 0; i < of && i < count; i++)
		if (modules[i].there && modules[of].there &&
		    together(&modules[i], &modules[of], true) !=
		            together(&modules[i], &modules[of], false))
			return false;
	return true;
}

/* By which text modules are told apart, beyond doubt? */
static int choose_witness(const struct module *modules, unsigned count, bool *bank, struct err *e)
{
	bool by_locator = is_named(modules, count, false), good = true;
	unsigned there = 0;

	*bank = is_named(modules, count, true);
	for (unsigned i = 0; i < count; i++) {
		if (!modules[i].there)
			continue;
		there++;
		good &= (*bank || by_locator) && is_channel(modules, count, i, *bank) &&
		        (!*bank || !by_locator || agree(modules, count, i));
	}
	if (good || there == 1)
		return 0;
	for (unsigned i = 0; i < count; i++)
		if (modules[i].there)
			return err_set(e, ENOTSUP,
			               TABLE " does not tell beyond doubt which of %u memory "
			                     "modules share a channel (they are called such as "
			                     "\"%.40s\", bank \"%.40s\"): state the peak with "
			                     "--dram-peak",
			               there, modules[i].locator.whole, modules[i].bank.whole);
	return 0;
}

/* One module of each channel counts. */
static void add_up(const struct module *modules, unsigned count, bool bank, struct dram *dram)
{
	const struct module *first = modules;
	bool alike = true;

	for (unsigned i = 0; i < count; i++) {
		const struct module *m = &modules[i];
		bool counted = false;

		if (!m->there)
			continue;
		if (!dram->modules)
			first = m;
		alike &= m->speed == first->speed && m->width == first->width;
		dram->modules++;
		for (unsigned j = 0; j < i; j++)
			counted |= modules[j].there && together(&modules[j], m, bank);
		if (counted)
			continue;
		dram->channels++;
		dram->gbps += m->speed * 1e6 * m->width / 8 / 1e9;
	}
	snprintf(dram->source, sizeof(dram->source),
	         "SMBIOS: %u memory module%s on %u channel%s (%s), %u MT/s x %u bit%s",
	         dram->modules, dram->modules == 1 ? "" : "s", dram->channels,
	         dram->channels == 1 ? "" : "s",
	         dram->modules == 1 ? "it is the only one" : "told apart by their locators",
	         first->speed, first->width, alike ? "" : " and others");
}

static int parse(const uint8_t *table, size_t length, struct dram *dram, struct err *e)
{
	struct module *modules = calloc(MODULES_MAX, sizeof(*modules));
	struct structure s;
	unsigned count = 0, there = 0;
	size_t at = 0;
	bool bank;
	int rc = modules ? 0 : err_set(e, ENOMEM, "no memory for the table of memory modules");

	while (!rc && count < MODULES_MAX && next(table, length, &at, &s)) {
		if (s.at[0] != TYPE_MEMORY_DEVICE)
			continue;
		rc = read_module(&s, &modules[count], e);
		there += modules[count++].there;
	}
	if (!rc && !there)
		rc = err_set(e, ENOTSUP, TABLE " lists no memory module");
	if (!rc)
		rc = choose_witness(modules, count, &bank, e);
	if (!rc)
		add_up(modules, count, bank, dram);
	free(modules);
	return rc;
}

int dram_read(const char *root, struct dram *dram, struct err *e)
{
	char path[PATH_MAX];
	uint8_t *table = malloc(TABLE_MAX);
	size_t length;
	FILE *f;
	int rc;

	memset(dram, 0, sizeof(*dram));
	if (!table)
		return err_set(e, ENOMEM, "no memory for the table of memory modules");
	snprintf(path, sizeof(path), "%s" TABLE, root);
	f = fopen(path, "re");
	if (!f) {
		rc = err_set(e, ENOTSUP, "cannot read " TABLE ": %s", strerror(errno));
	} else {
		length = fread(table, 1, TABLE_MAX, f);
		fclose(f);
		rc = parse(table, length, dram, e);
	}
	free(table);
	return rc;
}
