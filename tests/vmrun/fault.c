/* SPDX-License-Identifier: MIT */
/*
 * A program for the guest that does one thing on purpose: print, fail, crash, hang, or bring the
 * guest down. Its name is no test_* or guest_*: the tests put it into their guests.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "tests/vmrun/fault.h"

static void say_ready(void)
{
	puts("ready");
	fflush(stdout);
}

static void write_file(const char *path, const char *text, long times)
{
	int fd = open(path, O_WRONLY);

	while (fd >= 0 && times-- > 0) {
		if (write(fd, text, strlen(text)) < 0)
			break;
	}
	if (fd < 0)
		perror(path);
}

static void print_bytes(long count)
{
	for (long i = 0; i < count; i++)
		putchar(fault_byte((uint64_t)i));
}

static void eat_memory(void)
{
	const size_t step = 1U << 20;

	for (;;) {
		char *more = mmap(NULL, step, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		                  -1, 0);

		if (more == MAP_FAILED)
			return;
		memset(more, 1, step);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	long number = argc > 2 ? strtol(argv[2], NULL, 10) : 0;

	if (!strcmp(what, "print")) {
		print_bytes(number);
	} else if (!strcmp(what, "complain")) {
		fputs("complaint\n", stderr);
	} else if (!strcmp(what, "status")) {
		return (int)number;
	} else if (!strcmp(what, "crash")) {
		raise(SIGSEGV);
	} else if (!strcmp(what, "hang")) {
		say_ready();
		for (;;)
			pause();
	} else if (!strcmp(what, "eat")) {
		eat_memory();
	} else if (!strcmp(what, "panic")) {
		say_ready();
		sleep(1); /* so that it is heard */
		write_file("/proc/sysrq-trigger", "c", 1);
	} else if (!strcmp(what, "reset")) {
		say_ready();
		reboot(RB_AUTOBOOT);
	} else if (!strcmp(what, "console")) {
		write_file("/dev/console",
		           "the guest talks and talks and talks and talks and talks\n", number);
	} else {
		fprintf(stderr, "fault: unknown: %s\n", what);
		return 2;
	}
	return 0;
}
