/* SPDX-License-Identifier: MIT */
#include "bench/run/run_measure.h"

#include "bench/run/manifest.h"
#include "bench/run/run_manifest.h"
#include "bench/run/run_rounds.h"
#include "bench/run/run_stop.h"

/* The samples get their final name only when every round is in them. */
static int finish(struct run *run, int rc, struct err *e)
{
	struct err lost = {""};
	int written = 0;

	if (rc)
		collect_abandon(&run->collect);
	else
		rc = collect_commit(&run->collect, e);
	manifest_release(run->directory);
	if (run->manifest)
		written = run_manifest_end(run, rc, e, &lost);
	if (!written)
		written = journal_seal(&run->journal, &lost);
	journal_close(&run->journal, !rc);
	if (written)
		fprintf(stderr, "sevbench: %s\n", lost.text);
	return rc ? rc : written;
}

int run_measure(struct run *run, struct err *e)
{
	int rc;

	run->stop = run_stop();
	rc = run_manifest_begin(run, e);
	if (!rc)
		rc = run_rounds(run, e);
	return finish(run, rc, e);
}
