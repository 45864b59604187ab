/* SPDX-License-Identifier: MIT */
/* Runs every argument as a command of its own, its words separated by spaces, until one fails. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 32

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *words[WORDS_MAX + 1] = {0}, *rest = argv[i];
		int count = 0, status = 0;
		pid_t child;

		while (count < WORDS_MAX && (words[count] = strsep(&rest, " ")))
			count++;
		child = words[0] ? fork() : -1;
		if (!child) {
			execv(words[0], words);
			perror(words[0]);
			_exit(127);
		}
		if (child < 0 || waitpid(child, &status, 0) != child || status) {
			fprintf(stderr, "%s: status 0x%x\n", argv[i], (unsigned)status);
			return 1;
		}
	}
	return 0;
}
