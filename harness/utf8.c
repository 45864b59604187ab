/* SPDX-License-Identifier: MIT */
#include "harness/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* How many bytes the first says that there are, 1 for a byte that begins none. */
static size_t length_of(unsigned char first)
{
	if (first < 0xc2 || first > 0xf4)
		return 1;
	return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

/* RFC 3629, section 3: the shortest form, no halves of pairs, nothing beyond U+10FFFF. UINT32_MAX:
 * none. `size` bytes can be read. */
static uint32_t code_of(const unsigned char *s, size_t size)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length = length_of(s[0]);
	uint32_t code = s[0] & (0x7fU >> length);

	if (length == 1)
		return s[0] < 0x80 ? s[0] : UINT32_MAX;
	for (size_t i = 1; i < length; i++) {
		if (i >= size || (s[i] & 0xc0) != 0x80)
			return UINT32_MAX;
		code = code << 6 | (s[i] & 0x3fU);
	}
	return code < least[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)
	               ? UINT32_MAX
	               : code;
}

static bool is_harmless(uint32_t code)
{
	static const uint32_t ranges[][2] = {
	        {0x00, 0x08},     {0x0b, 0x0c},     {0x0e, 0x1f},
	        {0x7f, 0x9f},     {0x61c, 0x61c},   {0x200e, 0x200f},
	        {0x2028, 0x202e}, {0x2066, 0x2069}, {0x110000, UINT32_MAX},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (code >= ranges[i][0] && code <= ranges[i][1])
			return false;
	return true;
}

/* May the bytes at the end be the beginning of a character? */
static bool is_begun(const unsigned char *s, size_t size)
{
	if (size >= length_of(s[0]))
		return false;
	for (size_t i = 1; i < size; i++)
		if ((s[i] & 0xc0) != 0x80)
			return false;
	return true;
}

static size_t clean(char *bytes, size_t size, bool whole)
{
	size_t at = 0;

	while (at < size) {
		const unsigned char *s = (const unsigned char *)bytes + at;
		uint32_t code = code_of(s, size - at);
		size_t length = code == UINT32_MAX ? 1 : length_of(s[0]);

		if (!whole && is_begun(s, size - at))
			break;
		if (!is_harmless(code))
			memset(bytes + at, '?', length);
		at += length;
	}
	return at;
}

void utf8_clean(char *text)
{
	clean(text, strlen(text), true);
}

size_t utf8_clean_part(char *bytes, size_t size)
{
	return clean(bytes, size, false);
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
