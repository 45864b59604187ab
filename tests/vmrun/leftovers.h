/* SPDX-License-Identifier: MIT */
/*
 * What a run of vmrun may not leave behind. Each test program has a temporary directory of its own
 * in TMPDIR, by which its QEMUs are known too: others may run on the same machine.
 */
#ifndef TESTS_VMRUN_LEFTOVERS_H
#define TESTS_VMRUN_LEFTOVERS_H

#include <dirent.h>
#include <limits.h>
#include <sys/types.h>
#include <unistd.h>

#include "tests/cmocka.h"

static char leftovers_directory[] = "/tmp/vmt-XXXXXX";

static inline int leftovers_setup(void **state)
{
	(void)state;
	if (!mkdtemp(leftovers_directory))
		return -1;
	return setenv("TMPDIR", leftovers_directory, 1);
}

static inline int leftovers_teardown(void **state)
{
	(void)state;
	return rmdir(leftovers_directory);
}

/* A process whose command line names our directory: QEMU, and only it. 0: there is none. */
static inline pid_t leftovers_qemu(void)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	pid_t found = 0;

	while (!found && proc && (entry = readdir(proc))) {
		char path[PATH_MAX], line[8192];
		FILE *file;
		size_t n;

		snprintf(path, sizeof(path), "/proc/%s/cmdline", entry->d_name);
		file = fopen(path, "re");
		if (!file)
			continue;
		n = fread(line, 1, sizeof(line) - 1, file);
		fclose(file);
		for (size_t i = 0; i < n; i++) {
			if (!line[i])
				line[i] = ' ';
		}
		line[n] = '\0';
		if (strstr(line, leftovers_directory) && strstr(line, "-nodefaults"))
			found = (pid_t)strtol(entry->d_name, NULL, 10);
	}
	if (proc)
		closedir(proc);
	return found;
}

/* Entries of the temporary directory. */
static inline unsigned leftovers_files(void)
{
	DIR *d = opendir(leftovers_directory);
	const struct dirent *entry;
	unsigned count = 0;

	while (d && (entry = readdir(d)))
		count += entry->d_name[0] != '.';
	if (d)
		closedir(d);
	return count;
}

#endif
