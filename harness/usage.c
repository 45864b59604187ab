/* SPDX-License-Identifier: MIT */
#include "harness/usage.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

int usage_option(int answer, char *const argv[], struct err *e)
{
	const char *word = argv[optind - 1];
	char letter[] = {'-', (char)optopt, '\0'};
	const char *what = answer == ':' ? "needs a value" : "is no option here";

	/* The letter may be one of several in a word, which getopt_long() is not yet done with. */
	if (strncmp(word, "--", 2) != 0)
		return err_set(e, EINVAL, "%s %s: try --help", letter, what);
	/* It knows the option that it refuses, or there is none. */
	if (answer == '?' && optopt)
		what = "takes no value";
	return err_set(e, EINVAL, "%.*s %s: try --help", (int)strcspn(word, "="), word, what);
}
