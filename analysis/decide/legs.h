/* SPDX-License-Identifier: MIT */
/*
 * The way that an operation takes, leg by leg: analysis/reference/legs.csv, a row a leg of a path
 * of analysis/decide/switches.h, with the source of what it says and the parts of
 * analysis/reference/parts.csv whose time the leg is in.
 */
#ifndef ANALYSIS_DECIDE_LEGS_H
#define ANALYSIS_DECIDE_LEGS_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/decide/switches.h"
#include "harness/err.h"

/* Where a leg begins and ends. */
enum legs_place { LEGS_USER, LEGS_GUEST, LEGS_KVM, LEGS_QEMU, LEGS_PLACE_COUNT };

#define LEGS_MOST  16 /* of one path */
#define LEGS_PARTS 4  /* that one leg is in */
#define LEGS_PART  32 /* bytes of a part's name */

struct leg {
	enum switches_path path;
	char kernels[32]; /* patterns of kernels that it is of, "!" in front: of others; "": any */
	bool from_own, to_own; /* where the operation itself runs, in place of `from`, `to` */
	enum legs_place from, to;
	char name[32];                     /* "VMGEXIT" */
	char parts[LEGS_PARTS][LEGS_PART]; /* "" beyond the last */
	char what[192], source[192];
};

struct legs {
	struct leg *rows;
	size_t count;
};

int legs_load(struct legs *legs, struct err *e);
void legs_free(struct legs *legs);

/* "user mode", "guest's Linux", "KVM", "QEMU". */
const char *legs_place_name(enum legs_place place);

/* The way of a kernel's operation along a path: `from` and `to` say where, own place or not. */
struct way {
	struct leg legs[LEGS_MOST];
	size_t count; /* 0: the path is not known */
};

void legs_way(const struct legs *legs, enum switches_path path, const char *kernel,
              struct way *way);

/*
 * The parts that legs of a way are in, each once, in the order of the legs. Returns how many;
 * `parts` has room for LEGS_MOST.
 */
size_t legs_parts(const struct way *way, const char *parts[LEGS_MOST]);

/* Is a leg in that part? */
bool legs_in(const struct leg *leg, const char *part);

#endif
