/* SPDX-License-Identifier: MIT */
/* A command line that grows word by word. */
#ifndef VMRUN_QEMU_WORDS_H
#define VMRUN_QEMU_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Zero-initialise. Once memory is short it has failed, and every further call does nothing. */
struct words {
	char **at; /* NULL-terminated; each word and the vector are the caller's to free */
	size_t count, room;
	bool failed;
};

void words_add(struct words *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "-option" and its value. */
void words_add_option(struct words *w, const char *option, const char *fmt, ...)
        __attribute__((format(printf, 3, 4)));

#endif
