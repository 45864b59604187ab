/* SPDX-License-Identifier: MIT */
/* What fuzz targets share: bytes taken piece by piece, and promises that end the program where they
 * are not kept. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libFuzzer's entry: any bytes. What is wrong with what they do ends the program. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* What is left of the input. */
struct fuzz {
	const uint8_t *data;
	size_t left;
};

/* The next bytes, and zeros where there are no more. */
static inline void fuzz_take(struct fuzz *f, void *to, size_t size)
{
	size_t some = size < f->left ? size : f->left;

	memset(to, 0, size);
	if (some)
		memcpy(to, f->data, some);
	f->data += some;
	f->left -= some;
}

static inline uint8_t fuzz_byte(struct fuzz *f)
{
	uint8_t byte;

	fuzz_take(f, &byte, sizeof(byte));
	return byte;
}

static inline uint64_t fuzz_number(struct fuzz *f)
{
	uint64_t number;

	fuzz_take(f, &number, sizeof(number));
	return number;
}

/* Memory of its own, beside whose end a sanitizer stands. */
static inline uint8_t *fuzz_copy(struct fuzz *f, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	must(copy);
	fuzz_take(f, copy, size);
	return copy;
}

/* All that is left, as a text with an end of its own. */
static inline char *fuzz_text(struct fuzz *f)
{
	size_t size = f->left;
	char *text = malloc(size + 1);

	must(text);
	fuzz_take(f, text, size);
	text[size] = '\0';
	return text;
}

#endif
