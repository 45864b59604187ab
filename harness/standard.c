/* SPDX-License-Identifier: MIT */
#include "harness/standard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/utf8.h"

/* Where a stream goes, and the beginning of a character that came without its end. */
struct outlet {
	int fd;
	unsigned held;
	char begun[4];
};

static struct outlet outlets[] = {{.fd = STDOUT_FILENO}, {.fd = STDERR_FILENO}};

static bool write_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t done = write(fd, bytes, size);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		bytes += done;
		size -= (size_t)done;
	}
	return true;
}

/* As fopencookie(3) has it: 0 is an error. */
static ssize_t put_clean(void *cookie, const char *bytes, size_t size)
{
	struct outlet *o = cookie;
	char part[4096];

	for (size_t done = 0; done < size;) {
		size_t room = sizeof(part) - o->held, take = size - done, clean;

		take = take < room ? take : room;
		memcpy(part, o->begun, o->held);
		memcpy(part + o->held, bytes + done, take);
		clean = utf8_clean_part(part, o->held + take);
		if (!write_all(o->fd, part, clean))
			return 0;
		o->held = (unsigned)(o->held + take - clean);
		memcpy(o->begun, part + clean, o->held);
		done += take;
	}
	return (ssize_t)size;
}

static FILE *open_clean(struct outlet *o)
{
	FILE *stream = fopencookie(o, "w", (cookie_io_functions_t){.write = put_clean});

	if (stream)
		setvbuf(stream, NULL,
		        o->fd == STDERR_FILENO ? _IONBF
		        : isatty(o->fd)        ? _IOLBF
		                               : _IOFBF,
		        o->fd == STDERR_FILENO ? 0 : BUFSIZ);
	return stream;
}

int standard_descriptor(FILE *stream)
{
	return stream == stdout ? STDOUT_FILENO : stream == stderr ? STDERR_FILENO : fileno(stream);
}

/* A character that never ended is none. */
static bool end_characters(void)
{
	bool good = true;

	for (size_t i = 0; i < sizeof(outlets) / sizeof(*outlets); i++) {
		if (outlets[i].held)
			good = write_all(outlets[i].fd, "?", 1) && good;
		outlets[i].held = 0;
	}
	return good;
}

static void end_output(void)
{
	bool lost = ferror(stdout);

	errno = 0;
	if (fflush(stdout) == 0 && !lost && end_characters())
		return;
	fprintf(stderr, "%s: cannot write the output%s%s\n", program_invocation_short_name,
	        errno ? ": " : "", errno ? strerror(errno) : "");
	_exit(1);
}

static bool clean_output(void)
{
	FILE *out = open_clean(&outlets[0]), *err = open_clean(&outlets[1]);

	if (!out || !err)
		return false;
	stdout = out;
	stderr = err;
	return true;
}

int standard_open(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		/* The lowest that is free is this one. */
		if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			return -errno;
	}
	signal(SIGCHLD, SIG_DFL);
	signal(SIGXFSZ, SIG_IGN);
	return !clean_output() || atexit(end_output) ? -ENOMEM : 0;
}

void standard_catch(void (*handler)(int number))
{
	struct sigaction action = {.sa_handler = handler}, before;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}
