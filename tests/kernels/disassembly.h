/* SPDX-License-Identifier: MIT */
/*
 * The machine code of functions that are measured, as objdump shows it: that of bin/sevbench of the
 * build this program is of, whose objects have the flags that kernels are measured with. A test
 * that includes a kernel's source has another compilation of it.
 */
#ifndef TESTS_KERNELS_DISASSEMBLY_H
#define TESTS_KERNELS_DISASSEMBLY_H

#include <fcntl.h>
#include <limits.h>
#include <regex.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define DISASSEMBLY_SANITIZED true
#elif defined(__has_feature)
#define DISASSEMBLY_SANITIZED __has_feature(address_sanitizer)
#else
#define DISASSEMBLY_SANITIZED false
#endif

/* What objdump says of `function` in bin/sevbench of this build; NULL when it cannot be asked. */
static inline FILE *disassembly_open(const char *function, pid_t *child)
{
	char self[PATH_MAX], program[PATH_MAX + 32], which[128];
	char *const argv[] = {(char *)"objdump", (char *)"-d", (char *)"--no-show-raw-insn", which,
	                      program,           NULL};
	posix_spawn_file_actions_t actions;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int ends[2], rc;

	if (n < 0 || pipe2(ends, O_CLOEXEC))
		return NULL;
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(program, sizeof(program), "%s/../../bin/sevbench", self);
	snprintf(which, sizeof(which), "--disassemble=%s", function);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	rc = posix_spawnp(child, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (rc)
		close(ends[0]);
	return rc ? NULL : fdopen(ends[0], "r");
}

/*
 * How many instructions of `function` match the extended regular expression `pattern`, from its
 * mnemonic on ("mov    (%rdx),%al": AT&T syntax). -1 when objdump or sevbench is missing or has not
 * the function, and in a sanitizer's build, whose code is not what is measured.
 */
static inline int disassembly_count(const char *function, const char *pattern)
{
	char line[512];
	int count = 0, found = 0;
	pid_t child;
	regex_t regex;
	FILE *pipe;

	if (DISASSEMBLY_SANITIZED || regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB))
		return -1;
	pipe = disassembly_open(function, &child);
	while (pipe && fgets(line, sizeof(line), pipe)) {
		const char *code = strchr(line, '\t');

		if (line[0] != ' ' || !code)
			continue;
		found++;
		count += !regexec(&regex, code + 1, 0, NULL, 0);
	}
	if (pipe) {
		fclose(pipe);
		waitpid(child, NULL, 0);
	}
	regfree(&regex);
	return found ? count : -1;
}

#endif
