/* SPDX-License-Identifier: MIT */
/*
 * PAPI, opened when there is something to count. Its libraries are larger than all others together
 * and have some forty thousand addresses to relocate at every start of a program: a guest without
 * counters must not carry them, nor a cell pay for them.
 */
#ifndef HARNESS_COUNTERS_PAPI_H
#define HARNESS_COUNTERS_PAPI_H

#include <papi.h>
#include <stdbool.h>

/* PAPI_SONAME comes from the Makefile: the library that this program's headers belong to. */
#define COUNTERS_TEXT_OF(x) #x
#define COUNTERS_TEXT(x)    COUNTERS_TEXT_OF(x)
#define COUNTERS_PAPI       COUNTERS_TEXT(PAPI_SONAME)

/* What is used of it. */
struct counters_papi {
	int (*init)(int version);
	char *(*strerror)(int code);
	int (*create_eventset)(int *set);
	int (*add_event)(int set, int code);
	int (*remove_event)(int set, int code);
	int (*start)(int set);
	int (*stop)(int set, long long *values);
	int (*cleanup_eventset)(int set);
	int (*destroy_eventset)(int *set);
	void (*shutdown)(void);
};

/* Open the library and find its functions; it stays open. False when it is not there, or not whole.
 */
bool counters_papi_load(struct counters_papi *papi);

#endif
