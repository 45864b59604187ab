/* SPDX-License-Identifier: MIT */
#include "vmrun/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "vmrun/argv.h"
#include "vmrun/options.h"

static int refuse(const char *command, const struct err *e)
{
	fprintf(stderr, "vmrun %s: %s\n", command, e->text);
	return COMMAND_USAGE;
}

/* One option with its value a line, for reading, and for a shell. */
static int print_argv(char *const *argv)
{
	for (size_t i = 0; argv[i]; i++) {
		char *quoted = argv_quote(argv[i]);

		if (!quoted)
			return COMMAND_FAILED;
		printf("%s%s", i == 0 ? "" : argv[i][0] == '-' ? " \\\n  " : " ", quoted);
		free(quoted);
	}
	printf("\n");
	return fflush(stdout) ? COMMAND_FAILED : COMMAND_DONE;
}

int command_argv(int argc, char **argv)
{
	struct options o;
	struct err e = {""};
	char **words;
	int rc = options_parse(argc, argv, OPTIONS_GUEST, &o, &e), status = COMMAND_DONE;

	if (!rc && o.help) {
		printf("usage: vmrun argv [OPTION]...\n\nPrint the QEMU command line; DIRECTORY "
		       "stands for "
		       "the run's private directory.\n\n");
		options_help(OPTIONS_GUEST);
	} else if (!rc && o.command[0]) {
		rc = err_set(&e, EINVAL, "argv takes no command ('%s')", o.command[0]);
	} else if (!rc) {
		rc = vm_argv(&o.spec, o.spec.accel, "DIRECTORY", &words, &e);
		if (!rc) {
			status = print_argv(words);
			vm_argv_free(words);
		}
	}
	options_free(&o);
	if (rc == -ENOTSUP) {
		refuse("argv", &e);
		return COMMAND_NOTHING;
	}
	return rc ? refuse("argv", &e) : status;
}
