/* SPDX-License-Identifier: MIT */
#include "harness/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the character at `s`; 0: it is none. RFC 3629, section 3: the shortest form, no halves
 * of pairs, nothing beyond U+10FFFF. */
static size_t character(const unsigned char *s)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	uint32_t code = s[0] & (0x7fU >> length);

	if (length == 1)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3fU);
	}
	return code < least[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)
	               ? 0
	               : length;
}

void utf8_clean(char *text)
{
	for (char *at = text; *at;) {
		size_t length = character((const unsigned char *)at);

		if (!length)
			*at = '?';
		at += length ? length : 1;
	}
}

json_t *utf8_json(const char *text)
{
	char *clean = strdup(text);
	json_t *json;

	if (!clean)
		return NULL;
	utf8_clean(clean);
	json = json_string(clean);
	free(clean);
	return json;
}
