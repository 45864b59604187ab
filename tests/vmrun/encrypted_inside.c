/* SPDX-License-Identifier: MIT */
/*
 * For a guest: what only a program inside can see of its SEV. A line each of Linux's pool of bounce
 * buffers, of ports that were allowed by ioperm(2) and by iopl(2), and of memory that is still to
 * be accepted.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEBUGFS  "/sys/kernel/debug"
#define PIC_MASK 0x21 /* 8259A, interrupt mask register of the master: reading changes nothing */

static int read_count(const char *path, unsigned long *count)
{
	FILE *file = fopen(path, "r");
	int rc = file && fscanf(file, "%lu", count) == 1 ? 0 : -1;

	if (file)
		fclose(file);
	return rc;
}

/*
 * The driver of the port that carries results waits for input with buffers lent to the device:
 * where DMA goes through the pool, some of it is always in use.
 */
static void say_bounce_buffers(void)
{
	unsigned long used, all;

	if (mount("debugfs", DEBUGFS, "debugfs", 0, NULL) && errno != EBUSY)
		printf("bounce buffers: %s: %s\n", DEBUGFS, strerror(errno));
	/* Kernel documentation, core-api/swiotlb: counted in slots of 2 KiB. */
	else if (read_count(DEBUGFS "/swiotlb/io_tlb_used", &used) ||
	         read_count(DEBUGFS "/swiotlb/io_tlb_nslabs", &all))
		puts("bounce buffers: this Linux has no pool of them");
	else
		printf("bounce buffers: %lu of %lu slots in use\n", used, all);
}

static int by_ioperm(void)
{
	return ioperm(PIC_MASK, 1, 1);
}

static int by_iopl(void)
{
	return iopl(3);
}

/* In a process of its own, which a signal may end. */
static void say_port(const char *how, int (*allow)(void))
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		if (allow())
			_exit(1);
		inb(PIC_MASK);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		printf("%s: %s\n", how, strerror(errno));
	else if (WIFSIGNALED(status))
		printf("%s: %s\n", how, strsignal(WTERMSIG(status)));
	else
		printf("%s: %s\n", how, WEXITSTATUS(status) ? "refused" : "works");
}

static void say_unaccepted(void)
{
	char line[128];
	unsigned long kib;
	FILE *file = fopen("/proc/meminfo", "r");

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Unaccepted: %lu kB", &kib) == 1)
			printf("unaccepted memory: %lu MiB\n", kib >> 10);
	if (file)
		fclose(file);
}

int main(void)
{
	say_bounce_buffers();
	say_port("IN after ioperm", by_ioperm);
	say_port("IN after iopl", by_iopl);
	say_unaccepted();
	return 0;
}
