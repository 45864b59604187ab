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

/* A populated memory device. */
struct module {
	char channel[CHANNEL_TEXT]; /* as the locators name it; "" where they do not */
	unsigned speed, width;      /* MT/s, bits */
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

/* Up to and with the letter or number of "CHANNEL A" in a bank's name; 0: it names no channel. */
static size_t channel_in_bank(const char *bank)
{
	const char *word = strcasestr(bank, "channel"), *p;

	if (!word)
		return 0;
	p = word + strlen("channel");
	p += strspn(p, " _-:");
	if (!isalnum((unsigned char)*p))
		return 0;
	if (isdigit((unsigned char)*p))
		return (size_t)(p - bank) + strspn(p, "0123456789");
	return (size_t)(p - bank) + 1;
}

/* "DIMM_A1", "P0_DIMM_A0", "DIMMA1": up to and with the letter before the last number. */
static size_t channel_in_locator(const char *locator)
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

static void name_channel(const struct structure *s, struct module *m)
{
	const char *bank = text(s, AT_BANK), *locator = text(s, AT_LOCATOR);
	size_t length = channel_in_bank(bank);

	if (length)
		snprintf(m->channel, sizeof(m->channel), "%.*s", (int)length, bank);
	else
		snprintf(m->channel, sizeof(m->channel), "%.*s", (int)channel_in_locator(locator),
		         locator);
}

static int read_module(const struct structure *s, struct module *m, struct err *e)
{
	m->speed = speed_at(s, AT_CONFIGURED, AT_EXTENDED_CONFIGURED);
	if (!m->speed)
		m->speed = speed_at(s, AT_SPEED, AT_EXTENDED_SPEED);
	m->width = word(s, AT_DATA_WIDTH);
	if (!m->speed || !m->width || m->width == UNKNOWN)
		return err_set(e, ENOTSUP, TABLE " does not say the %s of memory module \"%.40s\"",
		               m->speed ? "width" : "speed", text(s, AT_LOCATOR));
	name_channel(s, m);
	return 0;
}

/* One module of each channel counts; all of them where the channels have no names. */
static void add_up(const struct module *modules, unsigned count, struct dram *dram)
{
	bool named = true, alike = true;

	for (unsigned i = 0; i < count; i++) {
		named &= *modules[i].channel != '\0';
		alike &= modules[i].speed == modules[0].speed &&
		         modules[i].width == modules[0].width;
	}
	dram->modules = count;
	for (unsigned i = 0; i < count; i++) {
		bool counted = false;

		for (unsigned j = 0; named && j < i; j++)
			counted |= !strcmp(modules[i].channel, modules[j].channel);
		if (counted)
			continue;
		dram->channels++;
		dram->gbps += modules[i].speed * 1e6 * modules[i].width / 8 / 1e9;
	}
	snprintf(dram->source, sizeof(dram->source),
	         "SMBIOS: %u memory module%s on %u channel%s (%s), %u MT/s x %u bit%s", count,
	         count == 1 ? "" : "s", dram->channels, dram->channels == 1 ? "" : "s",
	         named ? "told apart by their locators"
	               : "one module a channel is assumed: the locators do not tell",
	         modules[0].speed, modules[0].width, alike ? "" : " and others");
}

static int parse(const uint8_t *table, size_t length, struct dram *dram, struct err *e)
{
	struct module *modules = calloc(MODULES_MAX, sizeof(*modules));
	struct structure s;
	unsigned count = 0;
	size_t at = 0;
	int rc = modules ? 0 : err_set(e, ENOMEM, "no memory for the table of memory modules");

	while (!rc && count < MODULES_MAX && next(table, length, &at, &s)) {
		if (s.at[0] == TYPE_MEMORY_DEVICE && word(&s, AT_SIZE))
			rc = read_module(&s, &modules[count++], e);
	}
	if (!rc && !count)
		rc = err_set(e, ENOTSUP, TABLE " lists no memory module");
	if (!rc)
		add_up(modules, count, dram);
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
