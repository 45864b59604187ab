/* SPDX-License-Identifier: MIT */
/*
 * Errors as values: a function that can fail returns 0 or a negative errno and
 * leaves a sentence in a struct err, which grows context on its way up.
 */
#ifndef HARNESS_ERR_H
#define HARNESS_ERR_H

struct err {
	char text[1024]; /* one sentence, no final newline; empty when nothing failed */
};

/*
 * In each of these control characters, of words that are quoted, become blanks, and none ends it;
 * what is no UTF-8 becomes '?'.
 *
 * Store a sentence and return -errnum (errnum is a positive errno constant, for example EINVAL).
 * `e` may be NULL: then only the value is returned. A text that is too long is cut with "...".
 */
int err_set(struct err *e, int errnum, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* As err_set with the current errno, and ": <strerror>" after the sentence. Returns -errno. */
int err_errno(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Put "<context>: " before the sentence that is there, and return `rc` unchanged. */
int err_wrap(struct err *e, int rc, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#ifdef __clang_analyzer__
/* What these return is below zero; an analyser of one file at a time cannot see it. */
static inline int err_failure(int rc)
{
	if (rc >= 0)
		__builtin_unreachable();
	return rc;
}
#define err_set(...)   err_failure(err_set(__VA_ARGS__))
#define err_errno(...) err_failure(err_errno(__VA_ARGS__))
#endif

#endif
