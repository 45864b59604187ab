/* SPDX-License-Identifier: MIT */
/* A test that cannot run here says why: tests/run prints the reason. Include after cmocka.h. */
#ifndef TESTS_SKIP_H
#define TESTS_SKIP_H

/* End the running test as skipped. The reason is a printf format without a final newline. */
#define skip_because(...)                                                                          \
	do {                                                                                       \
		print_message("SKIP: " __VA_ARGS__);                                               \
		print_message("\n");                                                               \
		skip();                                                                            \
	} while (0)

#endif
