/* SPDX-License-Identifier: MIT */
/* What a gate found, for people; programs read it in comparison.csv. */
#ifndef ANALYSIS_SHOW_GATE_OUT_H
#define ANALYSIS_SHOW_GATE_OUT_H

#include <stdio.h>

#include "analysis/decide/gate.h"

/* Cells of a kind that are named; of the others it is said how many they are. */
#define GATE_OUT_NAMED 20

/* As text of at most TABLE_WIDTH columns. */
int gate_out_print(FILE *out, const struct gate *gate, struct err *e);

#endif
