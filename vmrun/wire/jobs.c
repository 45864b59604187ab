/* SPDX-License-Identifier: MIT */
#include "vmrun/wire/jobs.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { AT_MAGIC = 0, AT_VERSION = 4, AT_LENGTH = 8, AT_CRC = 12, AT_BODY = 16 };

/* Writes behind `at`, or only counts while `bytes` is NULL. */
struct writer {
	uint8_t *bytes;
	size_t at;
};

static void put32(struct writer *w, uint32_t value)
{
	value = htole32(value);
	if (w->bytes)
		memcpy(w->bytes + w->at, &value, sizeof(value));
	w->at += sizeof(value);
}

static void put_string(struct writer *w, const char *text)
{
	size_t length = strlen(text);

	put32(w, (uint32_t)length);
	if (w->bytes)
		memcpy(w->bytes + w->at, text, length + 1);
	w->at += length + 1;
}

static void put_body(struct writer *w, const struct job_list *list)
{
	size_t i;

	put32(w, list->prove ? JOBS_PROVE : 0);
	put32(w, (uint32_t)list->module_count);
	for (i = 0; i < list->module_count; i++)
		put_string(w, list->modules[i]);
	put32(w, (uint32_t)list->job_count);
	for (i = 0; i < list->job_count; i++) {
		const struct vm_job *job = &list->jobs[i];
		uint32_t argc = 0;
		uint32_t k;

		while (job->argv[argc])
			argc++;
		put32(w, job->seconds);
		put32(w, argc);
		for (k = 0; k < argc; k++)
			put_string(w, job->argv[k]);
	}
}

static int check_list(const struct job_list *list, struct err *e)
{
	size_t i;

	if (list->job_count > JOBS_MAX)
		return err_set(e, EINVAL, "%zu jobs are more than the %d that one guest can run",
		               list->job_count, JOBS_MAX);
	for (i = 0; i < list->job_count; i++) {
		char *const *argv = list->jobs[i].argv;

		if (!argv || !argv[0])
			return err_set(e, EINVAL, "job %zu has no command", i);
		if (argv[0][0] != '/')
			return err_set(e, EINVAL,
			               "job %zu: the command \"%s\" is not an absolute path in the "
			               "guest (/bin/NAME)",
			               i, argv[0]);
	}
	return 0;
}

int jobs_encode(const struct job_list *list, uint8_t **bytes, size_t *length, struct err *e)
{
	struct writer w = {NULL, AT_BODY};
	size_t total;
	int rc = check_list(list, e);

	if (rc)
		return rc;
	put_body(&w, list);
	total = w.at;
	if (total > UINT32_MAX)
		return err_set(e, EINVAL, "the job list has %zu bytes, more than a guest can take",
		               total);
	w.bytes = malloc(total);
	if (!w.bytes)
		return err_set(e, ENOMEM, "no memory for a job list of %zu bytes", total);
	w.at = AT_BODY;
	put_body(&w, list);
	w.at = AT_MAGIC;
	put32(&w, JOBS_MAGIC);
	put32(&w, JOBS_VERSION);
	put32(&w, (uint32_t)total);
	put32(&w, (uint32_t)crc32(0, w.bytes + AT_BODY, (uInt)(total - AT_BODY)));
	*bytes = w.bytes;
	*length = total;
	return 0;
}

/* Reads from a file whose CRC was right: what is wrong then was written wrong, so one flag is
 * enough. */
struct reader {
	const uint8_t *bytes;
	size_t at, length;
	bool bad;
};

static uint32_t get32(struct reader *r)
{
	uint32_t value = 0;

	if (r->bad || r->length - r->at < sizeof(value)) {
		r->bad = true;
		return 0;
	}
	memcpy(&value, r->bytes + r->at, sizeof(value));
	r->at += sizeof(value);
	return le32toh(value);
}

/* The string at hand, inside the reader's bytes; "" once the reader is bad. */
static char *get_string(struct reader *r)
{
	uint32_t length = get32(r);
	const uint8_t *text = r->bytes + r->at;

	if (r->bad || r->length - r->at <= length ||
	    memchr(text, 0, (size_t)length + 1) != text + length) {
		r->bad = true;
		return (char *)"";
	}
	r->at += (size_t)length + 1;
	return (char *)text;
}

/* A count of things that take at least `least` bytes each: more than fit is nonsense, not a wish.
 */
static uint32_t get_count(struct reader *r, size_t least)
{
	uint32_t count = get32(r);

	if (!r->bad && count > (r->length - r->at) / least) {
		r->bad = true;
		return 0;
	}
	return count;
}

/* Where the decoded list puts its arrays; each may be NULL: then things are only counted. */
struct arrays {
	const char **modules;
	struct vm_job *jobs;
	char **arguments;
	size_t module_count, job_count, argument_count; /* argument_count has room for the NULLs */
	bool prove;
};

/* Smallest string: length and NUL. Smallest job: deadline, count and one string. */
#define LEAST_STRING 5
#define LEAST_JOB    (8 + LEAST_STRING)

static void get_body(struct reader *r, struct arrays *a)
{
	uint32_t i;

	a->argument_count = 0;
	a->prove = get32(r) & JOBS_PROVE;
	a->module_count = get_count(r, LEAST_STRING);
	for (i = 0; i < a->module_count && !r->bad; i++) {
		const char *path = get_string(r);

		if (a->modules)
			a->modules[i] = path;
	}
	a->job_count = get_count(r, LEAST_JOB);
	for (i = 0; i < a->job_count && !r->bad; i++) {
		uint32_t seconds = get32(r);
		uint32_t argc = get_count(r, LEAST_STRING);
		uint32_t k;

		if (a->jobs) {
			a->jobs[i].seconds = seconds;
			a->jobs[i].argv = a->arguments + a->argument_count;
		}
		if (!argc)
			r->bad = true;
		for (k = 0; k < argc && !r->bad; k++) {
			char *text = get_string(r);

			if (a->arguments)
				a->arguments[a->argument_count] = text;
			a->argument_count++;
		}
		if (a->arguments)
			a->arguments[a->argument_count] = NULL;
		a->argument_count++;
	}
	if (r->at != r->length || a->job_count > JOBS_MAX)
		r->bad = true;
}

static int check_file(const uint8_t *bytes, size_t length, struct err *e)
{
	struct reader r = {.bytes = bytes, .length = length};
	uint32_t magic = get32(&r);
	uint32_t version = get32(&r);
	uint32_t total = get32(&r);
	uint32_t crc = get32(&r);

	if (r.bad)
		return err_set(e, EPROTO, "the job list is cut: it has %zu bytes, its header %d",
		               length, AT_BODY);
	if (magic != JOBS_MAGIC)
		return err_set(e, EPROTO, "the job list is none: it begins with %08" PRIx32, magic);
	if (version != JOBS_VERSION)
		return err_set(e, EPROTO,
		               "the job list is of version %" PRIu32
		               ", this init reads version %d: they must come from the same build",
		               version, JOBS_VERSION);
	if (total != length)
		return err_set(e, EPROTO,
		               "the job list is cut: it has %zu bytes and should have %" PRIu32,
		               length, total);
	if (crc32(0, bytes + AT_BODY, (uInt)(length - AT_BODY)) != crc)
		return err_set(e, EPROTO, "the job list is corrupted: its CRC-32 is wrong");
	return 0;
}

int jobs_decode(const void *bytes, size_t length, struct job_list **list, struct err *e)
{
	struct reader r = {.bytes = bytes, .at = AT_BODY, .length = length};
	struct arrays a = {0};
	struct job_list *out;
	uint8_t *block;
	int rc = check_file(bytes, length, e);

	if (rc)
		return rc;
	get_body(&r, &a);
	if (r.bad)
		return err_set(e, EPROTO, "the job list makes no sense at byte %zu", r.at);
	block = calloc(1, sizeof(*out) + a.job_count * sizeof(*a.jobs) +
	                          (a.module_count + a.argument_count) * sizeof(char *) + length);
	if (!block)
		return err_set(e, ENOMEM, "no memory for a job list of %zu bytes", length);
	out = (void *)block;
	a.jobs = (void *)(block + sizeof(*out));
	a.modules = (void *)(a.jobs + a.job_count);
	a.arguments = (void *)(a.modules + a.module_count);
	r = (struct reader){.bytes = (uint8_t *)(a.arguments + a.argument_count),
	                    .at = AT_BODY,
	                    .length = length};
	memcpy(a.arguments + a.argument_count, bytes, length);
	get_body(&r, &a);
	*out = (struct job_list){a.modules, a.module_count, a.jobs, a.job_count, a.prove};
	*list = out;
	return 0;
}
