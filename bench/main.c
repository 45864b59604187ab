/* SPDX-License-Identifier: MIT */
/*
 * The main of every bench-<kernel>: the same bits natively, in a guest, and in anybody's cloud VM.
 * Measures the selected cells of one kernel and writes their samples as CSV.
 */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/select/selection_check.h"
#include "bench/select/selection_expand.h"
#include "harness/environment.h"
#include "harness/mark.h"
#include "harness/mem_available.h"
#include "harness/place_choose.h"
#include "harness/result.h"
#include "harness/standard.h"
#include "harness/units.h"
#include "harness/version.h"

extern const struct kernel *const entry_kernel;

enum exit_status { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_NOTHING_RAN = 77 };

struct invocation {
	const struct kernel *kernel;
	struct selection selection;
	struct result_origin origin;
	bool platform_asked;
	bool end_mark;
	bool quiet;
	bool skip;          /* a cell whose memory is not there is a row */
	const char *output; /* "-" for standard output */
	enum { DO_MEASURE, DO_LIST, DO_ENVIRONMENT, DO_HELP, DO_VERSION } what;
};

/* What is counted while the cells run; decides the exit status. */
struct tally {
	unsigned long rows, ok, skipped, failed;
};

static const struct option options[] = {
        {"help", no_argument, NULL, 'h'},
        {"list", no_argument, NULL, 'l'},
        {"version", no_argument, NULL, 'V'},
        {"environment", no_argument, NULL, 'E'},
        {"output", required_argument, NULL, 'o'},
        {"quiet", no_argument, NULL, 'q'},
        {"run", required_argument, NULL, 'R'},
        {"round", required_argument, NULL, 'N'},
        {"platform", required_argument, NULL, 'P'},
        {"end-mark", no_argument, NULL, 'M'},
        {"skip", no_argument, NULL, 'K'},
        {"variant", required_argument, NULL, 0},
        {"size", required_argument, NULL, 0},
        {"threads", required_argument, NULL, 0},
        {"pages", required_argument, NULL, 0},
        {"backing", required_argument, NULL, 0},
        {"fill", required_argument, NULL, 0},
        {"param", required_argument, NULL, 0},
        {"samples", required_argument, NULL, 0},
        {"batch-us", required_argument, NULL, 0},
        {"warmup-us", required_argument, NULL, 0},
        {"iterations", required_argument, NULL, 0},
        {"single", no_argument, NULL, 0},
        {"slow", required_argument, NULL, 0},
        {"turns", no_argument, NULL, 0},
        {"seed", required_argument, NULL, 0},
        {"cpu", required_argument, NULL, 0},
        {"node", required_argument, NULL, 0},
        {0},
};

static void print_help(const struct kernel *k)
{
	printf("usage: bench-%s [OPTION]...\n\n%s\n\n", k->name, k->summary);
	fputs("  --help             this text\n"
	      "  --list             the kernel's variants, parameters and default sweeps\n"
	      "  --version          the version\n"
	      "  --environment      print what there is to know about this machine, as JSON\n",
	      stdout);
	fputs(selection_help, stdout);
	fputs("  -o, --output FILE  samples as CSV; \"-\" (default) is standard output\n"
	      "  --quiet            no line per cell on standard error\n"
	      "  --run NAME         name of the run, for the rows\n"
	      "  --round N          number of the round, for the rows\n"
	      "  --platform NAME    native, nosev, sev, sev-es, snp: refuse to run on another\n"
	      "  --skip             a cell for which there is too little memory, or too few huge\n"
	      "                     pages, is a skipped row, not a refusal of all of them\n"
	      "  --end-mark         end the stream with a line that counts its rows\n\n"
	      "Lists are separated by commas; every combination is a cell. Exit status: 0 done,\n"
	      "1 a cell failed, 2 usage, 77 every cell was skipped.\n",
	      stdout);
}

static void print_list(const struct kernel *k)
{
	char text[UNITS_TEXT];

	printf("%s: %s\n\nvariants\n", k->name, k->summary);
	for (size_t i = 0; i < k->variant_count; i++) {
		const struct variant *v = &k->variants[i];
		bool missing = v->feature >= 0 && !cpu_has((enum cpu_feature)v->feature);

		printf("  %-16s %s%s%s%s\n", v->name, v->summary, missing ? " (not here: no " : "",
		       missing ? cpu_feature_name((enum cpu_feature)v->feature) : "",
		       missing ? ")" : "");
	}
	if (k->sizes) {
		printf("sizes\n ");
		for (const uint64_t *size = k->sizes; *size; size++)
			printf(" %s", units_size(*size, text));
		printf("\npages\n ");
		for (size_t i = 0; i < k->pages_count; i++)
			printf(" %s", mem_pages_name(k->pages[i]));
		printf("%s\n", k->pages_count ? "" : " 4k");
	}
	if (k->axis_count)
		printf("parameters\n");
	for (size_t i = 0; i < k->axis_count; i++) {
		printf("  %-16s %s:", k->axes[i].name, k->axes[i].summary);
		for (const uint64_t *v = k->axes[i].values; *v != AXIS_END; v++)
			printf(" %s", units_size(*v, text));
		putchar('\n');
	}
}

static int usage(const struct err *e)
{
	fprintf(stderr, "bench-%s: %s\n", entry_kernel->name, e->text);
	return EXIT_USAGE;
}

static int take_option(struct invocation *inv, int key, const char *name, struct err *e)
{
	uint64_t round = 0;
	int rc = 0;

	switch (key) {
	case 0:
		return selection_option(&inv->selection, name, optarg, e);
	case 'h':
		inv->what = DO_HELP;
		break;
	case 'l':
		inv->what = DO_LIST;
		break;
	case 'V':
		inv->what = DO_VERSION;
		break;
	case 'E':
		inv->what = DO_ENVIRONMENT;
		break;
	case 'o':
		inv->output = optarg;
		break;
	case 'q':
		inv->quiet = true;
		break;
	case 'R':
		inv->origin.run = optarg;
		break;
	case 'N':
		rc = units_parse_number("--round", optarg, 1, 1000000, &round, e);
		inv->origin.round = (unsigned)round;
		break;
	case 'P':
		inv->platform_asked = true;
		rc = platform_parse(optarg, &inv->origin.platform, e);
		break;
	case 'M':
		inv->end_mark = true;
		break;
	case 'K':
		inv->skip = true;
		break;
	case ':':
		return err_set(e, EINVAL, "%s needs a value", name);
	default:
		return err_set(e, EINVAL, "%s is no option of this program: try --help", name);
	}
	return rc;
}

static int parse(int argc, char **argv, struct invocation *inv, struct err *e)
{
	int key, index = 0;

	opterr = 0;
	while ((key = getopt_long(argc, argv, ":ho:q", options, &index)) != -1) {
		const char *name = key ? argv[optind - 1] : options[index].name;
		int rc = take_option(inv, key, name, e);

		if (rc)
			return rc;
	}
	if (optind < argc)
		return err_set(e, EINVAL, "\"%s\" is not an option: try --help", argv[optind]);
	return 0;
}

/* Rows must not carry a platform that the machine does not show. */
static int settle_platform(struct invocation *inv, struct err *e)
{
	struct sev_observation seen;
	int rc = sev_observe(&seen, e);

	if (rc)
		return rc;
	if (!inv->platform_asked) {
		inv->origin.platform = seen.platform;
	} else if (inv->origin.platform == PLATFORM_NATIVE) {
		inv->origin.accel = ACCEL_NONE; /* the machine as it is, whatever carries it */
		return 0;
	} else if (inv->origin.platform != seen.platform) {
		return err_set(e, EINVAL, "this machine shows itself as %s, not as %s (%s)",
		               platform_name(seen.platform), platform_name(inv->origin.platform),
		               seen.how);
	}
	inv->origin.accel = seen.accel;
	return 0;
}

/* The median of one series' time an iteration; NAN without samples. Sorts a copy. */
static int by_time(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median_ns(const struct sampler_result *r, const struct clock *clock,
                        enum sample_series series)
{
	double *ns = malloc((r->count + 1) * sizeof(*ns)), median = (double)NAN;
	size_t n = 0;

	if (!ns)
		return median;
	for (size_t i = 0; i < r->count; i++) {
		if (r->samples[i].series == series)
			ns[n++] = clock_ns(clock, r->samples[i].ticks) /
			          (double)r->samples[i].iterations;
	}
	qsort(ns, n, sizeof(*ns), by_time);
	if (n)
		median = n % 2 ? ns[n / 2] : (ns[n / 2 - 1] + ns[n / 2]) / 2;
	free(ns);
	return median;
}

/* One line for people: what was measured, the median, and what it is worth. */
static void say_cell(const struct invocation *inv, const struct setup *setup,
                     const struct clock *clock, const struct sampler_result *r)
{
	char cell[512], time[UNITS_TEXT], rate[UNITS_TEXT] = "";
	const char *warning = inv->origin.accel == ACCEL_TCG ? " (emulated: no hardware cost)" : "";

	cell_text(setup->cell, cell, sizeof(cell));
	double op = median_ns(r, clock, SERIES_OP);
	double baseline = median_ns(r, clock, SERIES_BASELINE);

	if (r->status != CELL_OK) {
		fprintf(stderr, "%s: %s: %s\n", cell, cell_status_name(r->status), r->reason);
		return;
	}

	units_ns(op, time);
	if (setup->cell->kernel->unit == UNIT_BANDWIDTH) {
		double bytes = (double)(r->traffic.read + r->traffic.written);

		fprintf(stderr, "%s: %s an iteration, %s read + written%s\n", cell, time,
		        units_rate(bytes, op, rate), warning);
	} else {
		fprintf(stderr, "%s: %s%s%s%s\n", cell, time,
		        setup->cell->kernel->baseline ? ", of which the empty loop " : "",
		        setup->cell->kernel->baseline ? units_ns(baseline, rate) : "", warning);
	}
}

/* Is there memory for the cells, of the kind that they want? */
static int check_memory(const struct invocation *inv, const struct cell *cells, size_t count,
                        struct err *e)
{
	int rc = selection_check_memory(cells, count, mem_available(), "this machine", e);

	return rc ? rc : selection_check_pools(cells, count, inv->selection.node, e);
}

/* Two CPUs as near to one another as the cell wants them, if it does. */
static int choose_pair(const struct invocation *inv, const struct cell *cell, struct place *place,
                       struct err *e)
{
	enum place_relation relation = PLACE_ANY;

	if (cell->kernel->relation)
		relation = cell->kernel->relation(cell);
	if (relation == PLACE_ANY)
		return 0;
	return place_choose_pair(relation, inv->selection.cpus, place, e);
}

/* Measure, unless there is no memory for it or no such CPUs. */
static int run_or_skip(const struct invocation *inv, const struct setup *setup, struct place *place,
                       const struct sampler_plan *plan, const struct clock *clock,
                       struct sampler_result *result, struct err *e)
{
	struct err why = {""};
	int rc = choose_pair(inv, setup->cell, place, &why);

	if (rc && rc != -ENOTSUP) {
		*e = why;
		return rc;
	}
	if (!rc && (!inv->skip || !check_memory(inv, setup->cell, 1, &why)))
		return sampler_run(setup, plan, clock, result, e);
	*result = (struct sampler_result){.status = CELL_SKIPPED,
	                                  .single_shot = setup->cell->single ||
	                                                 inv->kernel->flags & KERNEL_SINGLE_SHOT};
	snprintf(result->reason, sizeof(result->reason), "%s", why.text);
	return 0;
}

static int measure_cell(const struct invocation *inv, const struct cell *cell,
                        const struct clock *clock, FILE *out, struct tally *tally, struct err *e)
{
	const struct selection *s = &inv->selection;
	struct sampler_plan plan = s->plan;
	struct sampler_result result;
	struct place place;
	struct setup setup = {.cell = cell,
	                      .place = &place,
	                      .platform = inv->origin.platform,
	                      .node = s->node,
	                      .seed = s->seed};
	int rc = place_choose(cell->threads, s->cpus, &place, e);

	if (rc)
		return rc;
	if (setup.node < 0)
		setup.node = place.node;
	/* The host counts exits between the marks, and lets several guests go on together there. */
	plan.mark = mark_open();
	rc = run_or_skip(inv, &setup, &place, &plan, clock, &result, e);
	if (!rc) {
		rc = result_write_cell(out, &inv->origin, &setup, clock, &result, e);
		tally->rows += result.count ? result.count : 1;
		tally->ok += result.status == CELL_OK;
		tally->skipped += result.status == CELL_SKIPPED;
		tally->failed += result.status == CELL_FAILED;
		if (fflush(out) && !rc)
			rc = err_errno(e, "cannot write the results");
		if (!inv->quiet)
			say_cell(inv, &setup, clock, &result);
	}
	sampler_result_free(&result);
	return rc;
}

static int measure_all(const struct invocation *inv, const struct cell *cells, size_t count,
                       const struct clock *clock, FILE *out, struct tally *tally, struct err *e)
{
	int rc = result_write_header(out, e);

	for (size_t i = 0; !rc && i < count; i++)
		rc = measure_cell(inv, &cells[i], clock, out, tally, e);
	if (!rc && inv->end_mark)
		rc = result_write_end(out, tally->rows, e);
	if (!rc && fflush(out))
		rc = err_errno(e, "cannot write the results");
	return rc;
}

/* Everything that can be refused is refused here, before the output exists. */
static int check_cells(const struct invocation *inv, const struct cell *cells, size_t count,
                       struct err *e)
{
	int rc = inv->skip ? 0 : check_memory(inv, cells, count, e);

	for (size_t i = 0; !rc && i < count; i++) {
		struct place place;

		rc = place_choose(cells[i].threads, inv->selection.cpus, &place, e);
	}
	return rc;
}

/* Where the rows go: standard output, or a file that is whole or not there. */
static int open_output(const char *path, struct result_file *file, struct err *e)
{
	if (strcmp(path, "-") != 0)
		return result_file_open(path, file, e);
	*file = (struct result_file){.out = stdout};
	return 0;
}

static int close_output(struct result_file *file, int rc, struct err *e)
{
	if (!file->path)
		return rc;
	if (!rc)
		return result_file_commit(file, e);
	err_wrap(e, rc, "what was measured so far is in %s", file->partial);
	result_file_abandon(file);
	return rc;
}

static int fail(const struct err *e)
{
	fprintf(stderr, "bench-%s: %s\n", entry_kernel->name, e->text);
	return EXIT_FAILED;
}

static int measure_cells(const struct invocation *inv, const struct cell *cells, size_t count,
                         const struct clock_instant *first, struct result_file *file,
                         struct tally *tally, struct err *e)
{
	struct clock clock;
	int rc = clock_init(&clock, first, e);

	if (!rc) {
		counters_open();
		rc = measure_all(inv, cells, count, &clock, file->out, tally, e);
		counters_close();
	}
	return close_output(file, rc, e);
}

static int measure(struct invocation *inv)
{
	/* The clock runs while the machine is looked at, instead of after it. */
	struct clock_instant first = clock_now();
	struct tally tally = {0};
	struct err e = {""};
	struct result_file file;
	struct cell *cells = NULL;
	size_t count = 0;
	int rc = selection_expand(&inv->selection, inv->kernel, &cells, &count, &e);

	if (!rc)
		rc = check_cells(inv, cells, count, &e);
	if (!rc)
		rc = settle_platform(inv, &e);
	if (!rc)
		rc = open_output(inv->output, &file, &e);
	if (rc) {
		free(cells);
		return usage(&e);
	}
	rc = measure_cells(inv, cells, count, &first, &file, &tally, &e);
	free(cells);
	if (rc)
		return fail(&e);
	if (tally.failed)
		return EXIT_FAILED;
	return tally.ok ? EXIT_DONE : EXIT_NOTHING_RAN;
}

static int environment(void)
{
	struct clock_instant first = clock_now();
	struct err e = {""};
	struct clock clock;
	json_t *json;
	int rc = clock_init(&clock, &first, &e);

	if (rc)
		return fail(&e);
	counters_open();
	json = environment_describe("", &clock, &e);
	counters_close();
	if (!json)
		return fail(&e);
	rc = json_dumpf(json, stdout, JSON_INDENT(2)) || puts("") == EOF;
	json_decref(json);
	return rc ? EXIT_FAILED : EXIT_DONE;
}

int main(int argc, char **argv)
{
	struct invocation inv = {.kernel = entry_kernel, .output = "-"};
	struct err e = {""};
	int status = EXIT_DONE;

	if (standard_open())
		return EXIT_FAILED;
	selection_init(&inv.selection);
	if (parse(argc, argv, &inv, &e)) {
		status = usage(&e);
	} else if (inv.what == DO_HELP) {
		print_help(inv.kernel);
	} else if (inv.what == DO_LIST) {
		print_list(inv.kernel);
	} else if (inv.what == DO_VERSION) {
		printf("bench-%s (sevbench) %s\n", inv.kernel->name, SEVBENCH_VERSION);
	} else if (inv.what == DO_ENVIRONMENT) {
		status = environment();
	} else {
		status = measure(&inv);
	}
	selection_free(&inv.selection);
	return status;
}
