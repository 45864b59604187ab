/* SPDX-License-Identifier: MIT */
#include "vmrun/qemu/dialect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmrun/system/known.h"
#include "vmrun/system/process.h"

/* How long a QEMU may take to say its version or list its objects. */
#define ASK_SECONDS 20.0

/*
 * The most particular kind comes first. sev-guest is in every QEMU from 2.12 on, sev-snp-guest from
 * 9.1 on; AMD's forks of 2023-03 to 2024-01 take private memory from a backend of their own and
 * want the kind of guest named in -machine (launch script of github.com/AMDESE/AMDSEV, from which
 * that row is: it was never tried on such a QEMU).
 */
static const struct dialect dialects[] = {
        {.name = "AMD's fork of 2023 to 2024, never tried",
         .needs = "memory-backend-memfd-private",
         .sev_object = "sev-guest",
         .snp_object = "sev-snp-guest",
         .snp_options = ",discard=none",
         .snp_machine = ",kvm-type=protected",
         .snp_memory = "memory-backend-memfd-private,share=on",
         .memory = "memory-backend-memfd,share=on"},
        {.name = "upstream, 9.1 and later",
         .needs = "sev-snp-guest",
         .sev_object = "sev-guest",
         .sev_legacy = ",legacy-vm-type=on",
         .snp_object = "sev-snp-guest",
         .snp_options = "",
         .snp_machine = "",
         .snp_memory = "memory-backend-memfd,share=on",
         .memory = "memory-backend-memfd,share=on"},
        {.name = "upstream, before 9.1",
         .needs = "sev-guest",
         .sev_object = "sev-guest",
         .memory = "memory-backend-memfd,share=on"},
        {.name = "built without SEV", .memory = "memory-backend-memfd,share=on"},
};

/* Is `word` one of the blank-separated words of `text`? */
static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *p = strstr(text, word); p; p = strstr(p + length, word)) {
		bool starts = p == text || p[-1] == ' ' || p[-1] == '\n';

		if (starts && (p[length] == '\0' || strchr(" \r\n", p[length])))
			return true;
	}
	return false;
}

const struct dialect *dialect_choose(const char *objects)
{
	const struct dialect *d = dialects;

	while (d->needs && !has_word(objects, d->needs))
		d++;
	return d;
}

static int read_version(struct qemu *qemu, const char *text, struct err *e)
{
	const char *at = strstr(text, "version ");

	if (strncmp(text, "QEMU emulator", 13) != 0 || !at ||
	    sscanf(at, "version %u.%u", &qemu->major, &qemu->minor) != 2)
		return err_set(e, EINVAL,
		               "%s is not a QEMU system emulator: --version says '%.60s'",
		               qemu->path, text);
	snprintf(qemu->version, sizeof(qemu->version), "%.*s", (int)strcspn(text, "\n"), text);
	if (qemu->major < 7 || (qemu->major == 7 && qemu->minor < 2))
		return err_set(e, EINVAL, "%s is QEMU %u.%u; 7.2 or later is needed", qemu->path,
		               qemu->major, qemu->minor);
	return 0;
}

/* The same binary is asked once in a process: a run of many launches must not pay each time. */
static int ask(const struct qemu *qemu, char *option, char *value, char **answer, struct err *e)
{
	char *argv[] = {(char *)qemu->path, option, value, NULL};
	struct known known;
	int rc;

	*answer = known_find(&known, option, qemu->path);
	if (*answer)
		return 0;
	rc = process_capture(argv, ASK_SECONDS, answer, e);
	if (!rc)
		known_keep(&known, *answer);
	return rc;
}

/* "  EPYC-Milan   (alias ...)", and "x86 EPYC-Milan" before 9.0; lists of flags come behind it. */
bool dialect_has_model(const char *help, const char *model)
{
	size_t length = strcspn(model, ",");
	const char *line = strstr(help, "Available CPUs:"), *end;

	if (!line)
		return true;
	end = strstr(line, "Recognized CPUID flags");
	while ((line = strchr(line, '\n')) && (!end || line < end)) {
		line += 1 + strspn(line + 1, " ");
		if (!strncmp(line, "x86 ", 4))
			line += 4 + strspn(line + 4, " ");
		if (length && !strncmp(line, model, length) && strchr(" \r\n", line[length]))
			return true;
	}
	return false;
}

int dialect_check_model(const struct qemu *qemu, const char *model, struct err *e)
{
	char option[] = "-cpu", help[] = "help", *text = NULL;
	int rc = ask(qemu, option, help, &text, e);

	if (!rc && !dialect_has_model(text, model))
		rc = err_set(
		        e, EINVAL,
		        "%s knows no processor \"%.*s\": `%s -cpu help` lists those that it does",
		        qemu->path, (int)strcspn(model, ","), model, qemu->path);
	free(text);
	return rc;
}

int dialect_probe(const char *name, struct qemu *qemu, struct err *e)
{
	char option_version[] = "--version", option_object[] = "-object", help[] = "help";
	char *text = NULL;
	int rc;

	memset(qemu, 0, sizeof(*qemu));
	rc = process_find(name, qemu->path, e);
	if (rc)
		return err_wrap(e, rc, "QEMU is missing (Debian: apt-get install qemu-system-x86)");
	rc = ask(qemu, option_version, NULL, &text, e);
	if (rc)
		return rc;
	rc = read_version(qemu, text, e);
	free(text);
	if (rc)
		return rc;
	rc = ask(qemu, option_object, help, &text, e);
	if (rc)
		return rc;
	qemu->dialect = dialect_choose(text);
	free(text);
	return 0;
}
