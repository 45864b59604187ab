/* SPDX-License-Identifier: MIT */
/* manifest.json and report.json: files that hold one JSON object, and may have been in other hands.
 */
#ifndef ANALYSIS_READ_JSON_FILE_H
#define ANALYSIS_READ_JSON_FILE_H

#include <jansson.h>

#include "harness/err.h"

/* A run of a thousand launches has a manifest of some ten megabytes. */
#define JSON_FILE_MAX (64 << 20)

/*
 * The object in the file `path`, for json_decref(). -ENOENT: there is none. -EINVAL, with the file
 * and its line: it is no JSON, or no object, or beyond the limits of harness/shape.h; or it is no
 * regular file, of which nothing is read, for a pipe would be waited for.
 */
int json_file_read(const char *path, json_t **object, struct err *e);

#endif
