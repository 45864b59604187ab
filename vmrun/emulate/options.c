/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A C-bit that memory of any size leaves free, and that QEMU's page walk sees (target/i386/cpu.h).
 */
#define C_BIT_LEAST 47
#define C_BIT_MOST  51

static const char *const modes[] = {"", "sev", "sev-es", "snp", NULL};
static const char *const checks[] = {"auto", "off", "count", "enforce", NULL};
static const char *const kvms[] = {"off", "first", "beside", NULL};
static const char *const switches[] = {"off", "on", NULL};
static const char *const pages[] = {"2m", "4k", NULL};

void options_init(struct options *options)
{
	*options = (struct options){.c_bit = C_BIT_MOST, .mmio = true};
}

/* Where `value` stands in `names`; -1: nowhere. */
static int find(const char *const *names, const char *value)
{
	for (int i = 0; names[i]; i++)
		if (*value && strcmp(names[i], value) == 0)
			return i;
	return -1;
}

static bool take_c_bit(struct options *options, const char *value, char *why, size_t size)
{
	char *end;
	unsigned long bit = strtoul(value, &end, 10);

	if (!*value || *end || bit < C_BIT_LEAST || bit > C_BIT_MOST) {
		snprintf(why, size, "cbit=%s is out of range: it is %d to %d", value, C_BIT_LEAST,
		         C_BIT_MOST);
		return false;
	}
	options->c_bit = (unsigned)bit;
	return true;
}

static bool take_file(char *to, size_t room, const char *name, const char *value, char *why,
                      size_t size)
{
	if (!*value || strlen(value) >= room) {
		snprintf(why, size, "%s= wants the name of a file, of less than %zu bytes", name,
		         room);
		return false;
	}
	memcpy(to, value, strlen(value) + 1);
	return true;
}

bool options_take(struct options *options, const char *word, char *why, size_t size)
{
	const char *equals = strchr(word, '=');
	const char *value = equals ? equals + 1 : "";
	const char *known = NULL;
	char name[32];
	int at;

	snprintf(name, sizeof(name), "%.*s", equals ? (int)(equals - word) : 31, word);
	if (strcmp(name, "cbit") == 0)
		return take_c_bit(options, value, why, size);
	if (strcmp(name, "counters") == 0)
		return take_file(options->counters, sizeof(options->counters), name, value, why,
		                 size);
	if (strcmp(name, "trace") == 0)
		return take_file(options->trace, sizeof(options->trace), name, value, why, size);
	if (strcmp(name, "mode") == 0 && (at = find(modes, value)) >= 0)
		options->mode = (enum options_mode)at;
	else if (strcmp(name, "check") == 0 && (at = find(checks, value)) >= 0)
		options->check = (enum options_check)at;
	else if (strcmp(name, "kvm") == 0 && (at = find(kvms, value)) >= 0)
		options->kvm = (enum options_kvm)at;
	else if (strcmp(name, "mmio") == 0 && (at = find(switches, value)) >= 0)
		options->mmio = at == 1;
	else if (strcmp(name, "summary") == 0 && (at = find(switches, value)) >= 0)
		options->summary = at == 1;
	else if (strcmp(name, "rmp") == 0 && (at = find(pages, value)) >= 0)
		options->rmp_4k = at == 1;
	else
		known = "mode=sev|sev-es|snp, cbit=N, check=auto|off|count|enforce, "
		        "kvm=off|first|beside, "
		        "mmio=on|off, rmp=2m|4k, summary=on|off, counters=FILE, trace=FILE";
	if (known)
		snprintf(why, size, "'%s' is no option of it: there are %s", word, known);
	return !known;
}

bool options_done(const struct options *options, char *why, size_t size)
{
	if (options->mode != MODE_NONE)
		return true;
	snprintf(why, size, "it wants a mode: mode=sev, mode=sev-es or mode=snp");
	return false;
}
