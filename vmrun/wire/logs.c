/* SPDX-License-Identifier: MIT */
#include "vmrun/wire/logs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What Linux prints when it dies (kernel/panic.c). */
static const char panic_mark[] = "Kernel panic - not syncing";

static int open_file(struct logs_file *file, const char *directory, const char *name,
                     const char *suffix, struct err *e)
{
	char path[PATH_MAX];

	*file = (struct logs_file){.fd = -1};
	if (snprintf(path, sizeof(path), "%s/%s.%s", directory, name, suffix) >= (int)sizeof(path))
		return err_set(e, ENAMETOOLONG, "the path of the log directory is too long");
	file->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	return file->fd < 0 ? err_errno(e, "cannot write the log %s", path) : 0;
}

int logs_open(struct logs *logs, const char *directory, const char *name, struct err *e)
{
	int rc;

	memset(logs, 0, sizeof(*logs));
	logs->console.fd = logs->qemu.fd = -1;
	if (!directory)
		return 0;
	rc = open_file(&logs->console, directory, name, "console.log", e);
	return rc ? rc : open_file(&logs->qemu, directory, name, "qemu.log", e);
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
