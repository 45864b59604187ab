/* SPDX-License-Identifier: MIT */
/* Was a run made in two stages (sevbench run --margin)? What its manifest says of that. */
#ifndef ANALYSIS_READ_STAGED_H
#define ANALYSIS_READ_STAGED_H

#include "analysis/read/machine.h"
#include "analysis/read/samples.h"

/* Set pilot and margin of a source by "design" of the manifest beside it; without one they stay.
 * -EINVAL where that says no number of rounds, or no margin. */
int staged_apply(struct samples_source *source, const struct machine *machine, struct err *e);

#endif
