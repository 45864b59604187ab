/* SPDX-License-Identifier: MIT */
/*
 * Reading /proc and /sys into JSON, with a reason for every value that is not there. The parts of
 * environment_describe() share it; nobody else needs it.
 */
#ifndef HARNESS_ENVIRONMENT_READER_H
#define HARNESS_ENVIRONMENT_READER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "harness/cpu.h"

struct environment_reader {
	const struct cpu_source *cpu; /* whose CPUID; &cpu_here for the running system */
	const char *root;             /* put before every path; "" for the running system */
	json_t *unknown;              /* "section.key": why its value is null */
};

/* One object of the description under construction. */
struct environment_section {
	const struct environment_reader *reader;
	const char *name;
	json_t *object; /* borrowed */
};

/* Store `value` (the reference is taken), or null with the formatted reason when `value` is NULL.
 */
void environment_put(const struct environment_section *s, const char *key, json_t *value,
                     const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * The contents of a file without white space at its end. Owned by the caller; NULL with errno when
 * it cannot be read or is longer than 64 KiB.
 */
char *environment_read(const struct environment_reader *r, const char *path);

/* Store a file's text, its number, its 0/1/Y/N as a truth, or the word it shows in [brackets]. */
void environment_text(const struct environment_section *s, const char *key, const char *path);
void environment_number(const struct environment_section *s, const char *key, const char *path);
void environment_truth(const struct environment_section *s, const char *key, const char *path);
void environment_choice(const struct environment_section *s, const char *key, const char *path);

/* Store every file of a folder: {"name": "text", ...}, sorted. */
void environment_folder(const struct environment_section *s, const char *key, const char *path);

/*
 * The numbers of the entries "<prefix><number>" of a folder, ascending: cpu0, cpu1, ... Returns how
 * many were stored in `numbers` (at most `room`).
 */
size_t environment_entries(const struct environment_reader *r, const char *path, const char *prefix,
                           unsigned *numbers, size_t room);

/* The parts, one a file. Each fills its section. */
void environment_cpu(const struct environment_section *s);    /* environment_cpu.c */
void environment_memory(const struct environment_section *s); /* environment_memory.c */
void environment_linux(const struct environment_section *s);  /* environment_linux.c */
void environment_power(const struct environment_section *s);  /* environment_linux.c */
void environment_libc(const struct environment_section *s);   /* environment_libc.c */

#endif
