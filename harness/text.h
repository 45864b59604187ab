/* SPDX-License-Identifier: MIT */
/* Sentences that are put together piece by piece. */
#ifndef HARNESS_TEXT_H
#define HARNESS_TEXT_H

#include <stddef.h>

/* Add to what stands in `text`, a string in `size` bytes. What has no room is cut. */
void text_add(char *text, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
