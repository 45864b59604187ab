/* SPDX-License-Identifier: MIT */
/*
 * The machine code of functions that are measured, as objdump shows it: that of bin/sevbench of the
 * build this program is of, whose objects have the flags that kernels are measured with. A test
 * that includes a kernel's source has another compilation of it.
 */
#ifndef TESTS_KERNELS_DISASSEMBLY_H
#define TESTS_KERNELS_DISASSEMBLY_H

#include <limits.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define DISASSEMBLY_SANITIZED true
#elif defined(__has_feature)
#define DISASSEMBLY_SANITIZED __has_feature(address_sanitizer)
#else
#define DISASSEMBLY_SANITIZED false
#endif

/*
 * How many instructions of `function` match the extended regular expression `pattern`, from its
 * mnemonic on ("mov    (%rdx),%al": AT&T syntax). -1 when objdump or sevbench is missing or has not
 * the function, and in a sanitizer's build, whose code is not what is measured.
 */
static inline int disassembly_count(const char *function, const char *pattern)
{
	char command[PATH_MAX + 128], line[512], self[PATH_MAX];
	int count = 0, found = 0;
	regex_t regex;
	FILE *pipe;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0 || DISASSEMBLY_SANITIZED || regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB))
		return -1;
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(command, sizeof(command),
	         "objdump -d --no-show-raw-insn --disassemble=%s '%s/../../bin/sevbench' "
	         "2>/dev/null",
	         function, self);
	pipe = popen(command, "re");
	while (pipe && fgets(line, sizeof(line), pipe)) {
		const char *code = strchr(line, '\t');

		if (line[0] != ' ' || !code)
			continue;
		found++;
		count += !regexec(&regex, code + 1, 0, NULL, 0);
	}
	if (pipe)
		pclose(pipe);
	regfree(&regex);
	return found ? count : -1;
}

#endif
