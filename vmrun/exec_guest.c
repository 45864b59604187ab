/* SPDX-License-Identifier: MIT */
#include "vmrun/exec_guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/folder.h"
#include "harness/result.h"

#define LINE_BYTES 65536 /* a line is cut into pieces of that many */

void exec_guest_init(struct exec_guest *g, const char *who, unsigned index, unsigned count)
{
	memset(g, 0, sizeof(*g));
	g->output = STDOUT_FILENO;
	g->several = count > 1;
	snprintf(g->name, sizeof(g->name), "guest");
	snprintf(g->where, sizeof(g->where), "%s", who);
	if (!g->several)
		return;
	snprintf(g->name, sizeof(g->name), "guest%u", index);
	snprintf(g->where, sizeof(g->where), "%s: guest %u", who, index);
}

static int write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, bytes, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes += n;
		length -= (size_t)n;
	}
	return 0;
}

/* A terminal does not obey a guest: what goes there is printed, and so cleaned
 * (harness/standard.h). Files and pipes get the command's bytes as they are. */
static int put_bytes(int fd, const char *bytes, size_t length)
{
	FILE *stream = fd == STDOUT_FILENO ? stdout : fd == STDERR_FILENO ? stderr : NULL;

	if (!stream || !isatty(fd))
		return write_all(fd, bytes, length);
	return fwrite(bytes, 1, length, stream) == length && !fflush(stream) ? 0 : -1;
}

static int end_line(const struct exec_guest *g, struct exec_lines *l, int fd)
{
	char mark[sizeof(g->name) + 2];
	int n = snprintf(mark, sizeof(mark), "%s: ", g->name);

	l->text[l->fill++] = '\n';
	if (put_bytes(fd, mark, (size_t)n) || put_bytes(fd, l->text, l->fill))
		return -1;
	l->fill = 0;
	return 0;
}

/* Several guests write to the same place: whole lines, marked. */
static int put_lines(const struct exec_guest *g, struct exec_lines *l, int fd, const char *bytes,
                     size_t length)
{
	for (size_t i = 0; i < length; i++) {
		bool full = l->fill + 1 >= LINE_BYTES;

		if (!l->text && !(l->text = malloc(LINE_BYTES)))
			return -1;
		if ((bytes[i] == '\n' || full) && end_line(g, l, fd))
			return -1;
		if (bytes[i] != '\n')
			l->text[l->fill++] = bytes[i];
	}
	return 0;
}

static int put(const struct exec_guest *g, struct exec_lines *l, int fd, const void *bytes,
               size_t length)
{
	bool marked = g->several && (fd == STDOUT_FILENO || fd == STDERR_FILENO);

	return marked ? put_lines(g, l, fd, bytes, length) : put_bytes(fd, bytes, length);
}

static int on_output(void *context, size_t job, const void *bytes, size_t length)
{
	struct exec_guest *g = context;

	(void)job;
	if (put(g, &g->out, g->output, bytes, length) == 0)
		return 0;
	return err_errno(&g->broken, "cannot write the command's output");
}

static int on_error(void *context, size_t job, const void *bytes, size_t length)
{
	struct exec_guest *g = context;

	(void)job;
	put(g, &g->err, STDERR_FILENO, bytes, length); /* one that is gone is no reason to end */
	return 0;
}

/* What was counted of each cell: beside the times, for whoever watches. */
static int on_mark(void *context, size_t job, const char *line, const struct counts *counts)
{
	struct exec_guest *g = context;
	struct counts_cell cell;
	char text[512];

	(void)job;
	if (counts_mark(&g->marks, line, counts, &cell) && !g->quiet) {
		counts_text(&cell, text, sizeof(text));
		fprintf(stderr, "%s%s%s\n", g->several ? g->name : "", g->several ? ": " : "",
		        text);
	}
	return 0;
}

/* How much of what was measured was measured beside the others. */
static int on_met(void *context, size_t job, const struct vm_meeting *met)
{
	struct exec_guest *g = context;

	(void)job;
	if (!g->met)
		g->met = json_array();
	if (json_array_append_new(g->met, json_real(met->together)))
		return err_set(&g->broken, ENOMEM, "no memory for how guests met");
	if (g->quiet)
		return 0;
	fprintf(stderr, "%s: %u guests measured together for %.1f %% of the time\n", g->name,
	        met->guests, met->together * 100);
	return 0;
}

static int on_end(void *context, size_t job, enum vm_job_end how, int code)
{
	struct exec_guest *g = context;

	(void)job;
	g->how = how;
	g->code = code;
	return 0;
}

const struct vm_events exec_guest_events = {
        .output = on_output, .error = on_error, .end = on_end, .mark = on_mark, .met = on_met};

static int fill_folder(struct exec_guest *g, const char *path, struct err *e)
{
	char output[PATH_MAX + 8];
	int fd;

	snprintf(g->logs, sizeof(g->logs), "%s/logs", path);
	if (mkdir(g->logs, 0755) != 0)
		return err_errno(e, "cannot make %s", g->logs);
	snprintf(output, sizeof(output), "%s/output", path);
	fd = open(output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_errno(e, "cannot write %s", output);
	g->output = fd;
	snprintf(g->folder, sizeof(g->folder), "%s", path);
	return 0;
}

int exec_guest_folder(struct exec_guest *g, const char *path, struct err *e)
{
	int rc;

	if (mkdir(path, 0755) != 0)
		return err_set(e, EINVAL, "cannot make the output directory %s: %s", path,
		               strerror(errno));
	rc = fill_folder(g, path, e);
	if (rc)
		folder_remove(path);
	return rc;
}

int exec_guest_report(const struct exec_guest *g, const struct vm_report *report, struct err *e)
{
	struct result_file file;
	char path[PATH_MAX + 16];
	int rc;

	if (!g->folder[0] || !report->json)
		return 0;
	if (g->met)
		json_object_set(json_object_get(report->json, "guests"), "cells_together", g->met);
	snprintf(path, sizeof(path), "%s/report.json", g->folder);
	rc = result_file_open(path, &file, e);
	if (rc)
		return rc;
	if (json_dumpf(report->json, file.out, JSON_INDENT(2) | JSON_REAL_PRECISION(6)))
		rc = err_errno(e, "cannot write %s", path);
	return result_file_end(&file, rc, e); /* half a report is none */
}

int exec_guest_close(struct exec_guest *g, struct err *e)
{
	int rc = 0;

	/* The last line may have no end. */
	if (g->err.fill)
		end_line(g, &g->err, STDERR_FILENO);
	if (g->out.fill && end_line(g, &g->out, STDOUT_FILENO))
		rc = err_errno(e, "the command's output is incomplete");
	json_decref(g->met);
	free(g->out.text);
	free(g->err.text);
	if (g->folder[0] && close(g->output) != 0)
		rc = err_errno(e, "the command's output is incomplete");
	return rc;
}
