/* SPDX-License-Identifier: MIT */
/* manifest.json of a run: written when it begins, after every launch, and when it ends. */
#ifndef BENCH_MANIFEST_H
#define BENCH_MANIFEST_H

#include <jansson.h>

#include "harness/err.h"

/*
 * Keep a little of the disk in `directory`, so that a disk that becomes full can still be told what
 * happened. manifest_release() gives it back.
 */
int manifest_reserve(const char *directory, struct err *e);
void manifest_release(const char *directory);

/* Replace directory/manifest.json, atomically. */
int manifest_write(const char *directory, const json_t *manifest, struct err *e);

/* "2026-11-22T16:42:28Z" */
void manifest_time(char text[32]);

#endif
