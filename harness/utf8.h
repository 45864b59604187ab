/* SPDX-License-Identifier: MIT */
/* Text from elsewhere, names of files or what another program said, that may be no UTF-8. */
#ifndef HARNESS_UTF8_H
#define HARNESS_UTF8_H

#include <jansson.h>

/* Each byte that is not part of a character (RFC 3629) becomes '?'. */
void utf8_clean(char *text);

/* A JSON string of that: json_string() would be NULL, and what holds it lost. NULL: no memory. */
json_t *utf8_json(const char *text);

#endif
