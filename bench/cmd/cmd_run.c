/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>

#include "bench/cmd/cmd.h"
#include "bench/cmd/show.h"
#include "bench/run/run_directory.h"
#include "bench/run/run_measure.h"
#include "bench/run/run_plan.h"
#include "bench/run/run_resume.h"
#include "bench/run/run_say.h"

static int status_of(const struct run *run, int rc)
{
	if (rc == -EINTR)
		return CMD_SIGNALLED + *run->stop;
	if (run->timed_out)
		return CMD_TIMED_OUT;
	if (rc || run->failed)
		return CMD_FAILED;
	return run_has_samples(run) ? CMD_DONE : CMD_NOTHING_RAN;
}

/* What `sevbench report` makes of it. A machine without gnuplot has its results all the same. */
static bool make_report(const struct run *run)
{
	char name[] = "report";
	char *argv[] = {name, run->directory, NULL};

	return cmd_report(2, argv) == CMD_DONE;
}

/* The table, and where everything is. What cannot be shown has been measured all the same. */
static int show(const struct run *run, struct err *e)
{
	bool measured = run_has_samples(run), reported = false;
	int rc = measured ? show_run(run->directory, stdout, e) : 0;

	if (rc)
		fprintf(stderr, "sevbench: %s\n", e->text);
	else if (measured)
		reported = make_report(run);
	printf("\nResults: %s (samples.csv, %s%smanifest.json, logs)\n", run->directory,
	       measured && !rc ? "summary.csv, " : "", reported ? "report.html, plots, " : "");
	if (measured && run->options->here)
		printf("Beside those of another machine: sevbench compare %s RESULTS\n",
		       run->directory);
	return rc;
}

static int measure(struct run *run)
{
	struct err e = {""};
	int rc = run_measure(run, &e);

	if (rc)
		fprintf(stderr, "sevbench: %s\n", e.text);
	if (rc && run->manifest) {
		fprintf(stderr, "sevbench: what was measured is in %s/samples.csv.partial; `",
		        run->directory);
		run_resume_put_command(run->options, run->directory, stderr);
		fputs("` goes on\n", stderr);
	}
	if (!rc)
		rc = show(run, &e);
	run_say_failures(run, !rc);
	return status_of(run, rc);
}

int cmd_run(int argc, char **argv)
{
	struct run_options options;
	struct run run = {.options = &options, .argc = argc, .argv = argv};
	struct err e = {""};
	int status, rc = run_options_parse(argc, argv, &options, &e);

	if (!rc && options.help) {
		fputs(run_options_help, stdout);
		return CMD_DONE;
	}
	if (!rc && options.resume)
		rc = run_resume_options(&run, &options, &e);
	if (!rc)
		rc = run_plan(&run, &e);
	if (!rc && !options.dry_run)
		rc = run.command ? run_directory_resume(&run, &e) : run_directory_make(&run, &e);
	if (rc) {
		fprintf(stderr, "sevbench: %s\n", e.text);
		status = CMD_USAGE;
	} else if (options.dry_run) {
		run_plan_print(&run);
		status = CMD_DONE;
	} else {
		status = measure(&run);
	}
	run_free(&run);
	return status;
}
