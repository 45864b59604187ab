/* SPDX-License-Identifier: MIT */
/* Text from elsewhere, names of files or what another program said, that may be no UTF-8. */
#ifndef HARNESS_UTF8_H
#define HARNESS_UTF8_H

#include <jansson.h>
#include <stddef.h>

/*
 * Each byte becomes '?' that is not part of a character (RFC 3629), or is of one that a terminal
 * obeys or that makes a line look like another: C0 but for tabs and line ends, DEL, C1, and what
 * sets the direction of text or ends its lines (Unicode Standard Annex 9, table 1; U+2028, U+2029).
 */
void utf8_clean(char *text);

/* What utf8_clean does to `size` bytes that are part of a stream. A character at their end that may
 * go on is not looked at: how many bytes are clean is returned, at least size - 3. */
size_t utf8_clean_part(char *bytes, size_t size);

/* A JSON string of that: json_string() would be NULL, and what holds it lost. NULL: no memory. */
json_t *utf8_json(const char *text);

#endif
