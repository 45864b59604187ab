/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/emulation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

/* MSR SEV_STATUS, 0xc0010131: AMD64 APM volume 2, section 15.34.10 */
#define STATUS_SEV    1u
#define STATUS_SEV_ES 2u
#define STATUS_SNP    4u

/* How often one thing is said that a guest may go on doing. */
#define SAID_MOST 20u

struct emulation emulation = {.trace = -1};

void emulation_say(const char *format, ...)
{
	va_list arguments;
	char text[512];

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fprintf(stderr, "sevemu: %s\n", text);
}

void emulation_trace(const char *format, ...)
{
	va_list arguments;
	char text[256];
	int length;

	if (emulation.trace < 0)
		return;
	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text) - 1, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	if ((size_t)length > sizeof(text) - 2)
		length = sizeof(text) - 2;
	text[length++] = '\n';
	/* One write a line: lines of several vCPUs do not mix (the file is opened to append). */
	if (write(emulation.trace, text, (size_t)length) < 0)
		emulation.trace = -1;
}

bool emulation_is_new(uint64_t *times)
{
	return __atomic_fetch_add(times, 1, __ATOMIC_RELAXED) < SAID_MOST;
}

static bool open_counters(const char *path, char *why, size_t size)
{
	int flags = MAP_SHARED, fd = -1;

	if (*path) {
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0 || ftruncate(fd, sizeof(struct counters)) != 0) {
			snprintf(why, size,
			         "it cannot write to counters=%s, which has to be there before: %s",
			         path, strerror(errno));
			if (fd >= 0)
				close(fd);
			return false;
		}
	} else {
		flags |= MAP_ANONYMOUS;
	}
	emulation.counters =
	        mmap(NULL, sizeof(struct counters), PROT_READ | PROT_WRITE, flags, fd, 0);
	if (fd >= 0)
		close(fd);
	if (emulation.counters == MAP_FAILED) {
		snprintf(why, size, "it cannot map its counters: %s", strerror(errno));
		return false;
	}
	memset(emulation.counters, 0, sizeof(struct counters));
	emulation.counters->version = COUNTERS_VERSION;
	emulation.counters->size = sizeof(struct counters);
	__atomic_store_n(&emulation.counters->magic, COUNTERS_MAGIC, __ATOMIC_RELEASE);
	return true;
}

bool emulation_map(uint64_t end)
{
	return page_map_open(&emulation.pages, end) == 0 &&
	       page_map_open(&emulation.views, end) == 0;
}

bool emulation_open(const struct options *options, char *why, size_t size)
{
	emulation.options = *options;
	emulation.snp = options->mode == MODE_SNP;
	emulation.es = emulation.snp || options->mode == MODE_SEV_ES;
	emulation.status =
	        STATUS_SEV | (emulation.es ? STATUS_SEV_ES : 0) | (emulation.snp ? STATUS_SNP : 0);
	if (getrandom(&emulation.key, sizeof(emulation.key), 0) != sizeof(emulation.key)) {
		snprintf(why, size, "there are no random bytes for its key");
		return false;
	}
	if (*options->trace) {
		emulation.trace =
		        open(options->trace, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
		if (emulation.trace < 0) {
			snprintf(why, size, "it cannot write to trace=%s: %s", options->trace,
			         strerror(errno));
			return false;
		}
	}
	return open_counters(options->counters, why, size);
}
