/* SPDX-License-Identifier: MIT */
#include "vmrun/wire/counts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/mark.h"
#include "harness/text.h"

static const struct {
	const char *name, *people;
	enum counts_by by;
} names[COUNTS_COUNT] = {
        [COUNTS_EXITS] = {"exits", "exits per operation", COUNTS_KVM},
        [COUNTS_EXITS_IO] = {"exits_io", "ports", COUNTS_KVM},
        [COUNTS_EXITS_MMIO] = {"exits_mmio", "MMIO to QEMU", COUNTS_KVM},
        [COUNTS_EXITS_IRQ] = {"exits_irq", "interrupts", COUNTS_KVM},
        [COUNTS_EXITS_HALT] = {"exits_halt", "halts", COUNTS_KVM},
        [COUNTS_VC] = {"vc", "#VC per operation", COUNTS_EMULATION},
        [COUNTS_VMGEXIT] = {"vmgexit", "VMGEXIT", COUNTS_EMULATION},
        [COUNTS_PAGE_STATES] = {"page_states", "page states", COUNTS_EMULATION},
        [COUNTS_PVALIDATE] = {"pvalidate", "PVALIDATE", COUNTS_EMULATION},
};

const char *counts_name(enum counts_name name)
{
	return names[name].name;
}

bool counts_known(enum counts_by by, enum counts_name name)
{
	return names[name].by == by;
}

bool counts_mark(struct counts_marks *m, const char *line, const struct counts *now,
                 struct counts_cell *cell)
{
	bool end = !strncmp(line, MARK_END " ", strlen(MARK_END " "));
	bool was_open = m->open && m->begin.by == now->by;
	char *rest;

	m->open = false;
	if (now->by == COUNTS_NOBODY)
		return false;
	if (!strcmp(line, MARK_BEGIN)) {
		m->begin = *now;
		m->open = true;
		return false;
	}
	if (!end || !was_open)
		return false;
	line += strlen(MARK_END " ");
	if (*line < '0' || *line > '9') /* no sign, and no blanks before it */
		return false;
	errno = 0;
	cell->operations = strtoull(line, &rest, 10);
	if (*rest != ' ' || errno)
		return false;
	snprintf(cell->name, sizeof(cell->name), "%s", rest + 1);
	cell->sum.by = now->by;
	for (int i = 0; i < COUNTS_COUNT; i++)
		cell->sum.of[i] = now->of[i] - m->begin.of[i];
	return true;
}

void counts_text(const struct counts_cell *cell, char *text, size_t size)
{
	double n = cell->operations ? (double)cell->operations : 1;
	const char *before = "", *after = "";

	snprintf(text, size, "%s: ", cell->name);
	for (int i = 0; i < COUNTS_COUNT; i++) {
		double each = (double)cell->sum.of[i] / n;

		if (!counts_known(cell->sum.by, (enum counts_name)i))
			continue;
		/* The first is the whole, or leads to the rest. */
		if (!*before)
			text_add(text, size, "%.3f %s", each, names[i].people);
		else
			text_add(text, size, "%s%s %.3f", before, names[i].people, each);
		before = *before ? ", " : " (";
		after = ")";
	}
	text_add(text, size, "%s, %" PRIu64 " operations", after, cell->operations);
}
