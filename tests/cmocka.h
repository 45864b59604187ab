/* SPDX-License-Identifier: MIT */
/* cmocka with what it needs before it, and the skip with a reason. */
#ifndef TESTS_CMOCKA_H
#define TESTS_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/skip.h"

/* The sentence of `e` must contain `part`: an error names the thing and the remedy. */
#define assert_says(e, part)                                                                       \
	do {                                                                                       \
		if (!strstr((e).text, part))                                                       \
			fail_msg("\"%s\" does not say \"%s\"", (e).text, part);                    \
	} while (0)

#endif
