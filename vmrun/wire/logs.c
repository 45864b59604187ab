/* SPDX-License-Identifier: MIT */
#include "vmrun/wire/logs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/folder.h"

/* What Linux prints when it dies (kernel/panic.c). */
static const char panic_mark[] = "Kernel panic - not syncing";

/* Over the log of an earlier guest, and nothing else: in results that are gone on with, a link may
 * lead anywhere. */
static int open_file(struct logs_file *file, const struct folder *folder, const char *name,
                     const char *suffix, struct err *e)
{
	char path[NAME_MAX + 1];

	*file = (struct logs_file){.fd = -1};
	if (snprintf(path, sizeof(path), "%s.%s", name, suffix) >= (int)sizeof(path))
		return err_set(e, ENAMETOOLONG, "the name of the log is too long: %s", path);
	file->fd = folder_file(folder, path, O_WRONLY | O_CREAT, e);
	if (file->fd < 0)
		return err_wrap(e, file->fd, "cannot write a log");
	return ftruncate(file->fd, 0)
	               ? err_errno(e, "cannot write the log %s/%s", folder->path, path)
	               : 0;
}

int logs_open(struct logs *logs, const char *directory, const char *name, struct err *e)
{
	struct folder folder = {.path = (char *)directory};
	int rc;

	memset(logs, 0, sizeof(*logs));
	logs->console.fd = logs->qemu.fd = -1;
	if (!directory)
		return 0;
	folder.fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder.fd < 0)
		return err_errno(e, "cannot write the log %s/%s.console.log", directory, name);
	rc = open_file(&logs->console, &folder, name, "console.log", e);
	if (!rc)
		rc = open_file(&logs->qemu, &folder, name, "qemu.log", e);
	close(folder.fd);
	return rc;
}

static void write_all(struct logs_file *file, const char *bytes, size_t length)
{
	while (length > 0 && file->fd >= 0 && !file->error) {
		ssize_t n = write(file->fd, bytes, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			file->error = errno;
			return;
		}
		bytes += n;
		length -= (size_t)n;
	}
}

static void keep_tail(struct logs_file *file, const char *bytes, size_t length)
{
	size_t keep = file->tail_length;

	if (length > LOGS_TAIL) {
		bytes += length - LOGS_TAIL;
		length = LOGS_TAIL;
	}
	if (keep + length > LOGS_TAIL)
		keep = LOGS_TAIL - length;
	memmove(file->tail, file->tail + file->tail_length - keep, keep);
	memcpy(file->tail + keep, bytes, length);
	file->tail_length = keep + length;
	file->tail[file->tail_length] = '\0';
}

static void append(struct logs_file *file, const char *bytes, size_t length)
{
	static const char cut[] = "\n[the log is cut here]\n";
	size_t room = file->bytes < LOGS_MAX ? LOGS_MAX - (size_t)file->bytes : 0;

	keep_tail(file, bytes, length);
	if (room == 0)
		return;
	write_all(file, bytes, length < room ? length : room);
	if (length >= room)
		write_all(file, cut, sizeof(cut) - 1);
	file->bytes += length;
}

static void end_line(struct logs *logs)
{
	const char *at;

	logs->line[logs->length] = '\0';
	at = strstr(logs->line, panic_mark);
	if (at && !logs->panic[0])
		snprintf(logs->panic, sizeof(logs->panic), "%s", at);
	logs->length = 0;
}

void logs_console(struct logs *logs, const void *bytes, size_t length)
{
	const char *text = bytes;

	append(&logs->console, text, length);
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n' || text[i] == '\r')
			end_line(logs);
		else if (logs->length < sizeof(logs->line) - 1)
			logs->line[logs->length++] = text[i];
	}
}

void logs_qemu(struct logs *logs, const void *bytes, size_t length)
{
	append(&logs->qemu, bytes, length);
}

void logs_end(const struct logs_file *file, char text[LOGS_TAIL + 1])
{
	for (size_t i = 0; i < file->tail_length; i++) {
		char c = file->tail[i];

		if (c == '\n' || c == '\t' || (c >= ' ' && c <= '~'))
			*text++ = c;
		else if (c != '\r')
			*text++ = '?';
	}
	*text = '\0';
}

static int close_file(struct logs_file *file, const char *what, struct err *e)
{
	if (file->fd < 0)
		return 0;
	if (close(file->fd) != 0 && !file->error)
		file->error = errno;
	file->fd = -1;
	if (!file->error)
		return 0;
	return err_set(e, file->error, "the %s log is incomplete: %s", what, strerror(file->error));
}

int logs_close(struct logs *logs, struct err *e)
{
	struct err second;
	int rc, also;

	end_line(logs);
	rc = close_file(&logs->console, "console", e);
	also = close_file(&logs->qemu, "QEMU", rc ? &second : e);
	return rc ? rc : also;
}
