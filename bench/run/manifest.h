/* SPDX-License-Identifier: MIT */
/* manifest.json of a run: written when it begins, after every launch, and when it ends. */
#ifndef BENCH_RUN_MANIFEST_H
#define BENCH_RUN_MANIFEST_H

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

/* A command line, a new array. */
json_t *manifest_command(int argc, char *const *argv);

/* What there is to know about this machine (harness/environment.h), a new object. */
int manifest_environment(json_t **environment, struct err *e);

/* "results/<time>-<what>", to be freed, where nobody names a directory; results/ is made. */
int manifest_name(const char *what, char **directory, struct err *e);

/* "2026-11-22T16:42:28Z" */
void manifest_time(char text[32]);

#endif
