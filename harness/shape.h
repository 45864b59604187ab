/* SPDX-License-Identifier: MIT */
/*
 * What JSON from elsewhere, of a guest or of somebody's file, may look like. A guest's is held
 * against a table of the keys that it may have and of what each holds; a table is as deep as it is
 * written, and so is what passes. A file's keys are for those to know who look for them: it is held
 * against limits alone.
 */
#ifndef HARNESS_SHAPE_H
#define HARNESS_SHAPE_H

#include <jansson.h>

#include "harness/err.h"

/*
 * Far above what is written: the longest texts of Linux (a command line, the flags of a CPU) have
 * some 4 KiB, the largest objects (parameters of modules, what is not known and why) a hundred
 * members, and a double holds every integer up to 2^53.
 */
#define SHAPE_TEXT_MAX    16384
#define SHAPE_KEY_MAX     128
#define SHAPE_MEMBERS_MAX 1024
#define SHAPE_INTEGER_MAX (1LL << 53)
#define SHAPE_REAL_MAX    1e18

/*
 * A manifest: its launches[].guest.differences.settings[] are seven deep, its suite's text is the
 * longest, its launches are the most, and there is no number of physics beyond SHAPE_REAL_MAX.
 */
#define SHAPE_FILE_DEPTH       16
#define SHAPE_FILE_TEXT_MAX    (4U << 20)
#define SHAPE_FILE_MEMBERS_MAX (1U << 20)

enum shape_type {
	SHAPE_TEXT,
	SHAPE_INTEGER, /* from -SHAPE_INTEGER_MAX to SHAPE_INTEGER_MAX */
	SHAPE_WORD,    /* any integer: a register's bits */
	SHAPE_REAL,    /* any number from 0 to SHAPE_REAL_MAX */
	SHAPE_TRUTH,
	SHAPE_SCALAR, /* SHAPE_TEXT, SHAPE_WORD or SHAPE_TRUTH */
	SHAPE_OBJECT, /* of the keys in `of`, each of which may be missing */
	SHAPE_MAP,    /* an object of any keys, each with what `of` says */
	SHAPE_LIST    /* an array of what `of` says */
};

/* A table ends with a NULL key. That of a map or a list has one row, whose key names a member for
 * the sentences. */
struct shape {
	const char *key;
	enum shape_type type;
	const struct shape *of;
};

/*
 * Does `value` have the keys in `keys` alone, each null or as its row says? 0, or -EPROTO with a
 * sentence that begins with the key.
 */
int shape_check(const json_t *value, const struct shape *keys, struct err *e);

/* Is a file's JSON no deeper, longer or larger than the limits above? 0, or -EINVAL. */
int shape_limits(const json_t *value, struct err *e);

#endif
