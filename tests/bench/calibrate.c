/* SPDX-License-Identifier: MIT */
/*
 * calibrate SUITE FOLDER [ROUNDS]: how far a verdict can be trusted, measured on this machine. The
 * same cells on the same platform by three processes a round: as they are, as they are again, and
 * with a busy loop of 3 %. The three take turns sample by sample, so that what is judged are the
 * verdicts, and not how steady the machine is from one minute to the next. Five rounds of every
 * cell, and then, as with `sevbench run --margin 3%`, as many more of each as find 3 %, no more
 * than ROUNDS in all. What the first five say is judged, and what all of them say: the first two
 * must show no difference in 95 % of the cells, and the third must be found slower in 95 %. Exit
 * status 1 when that does not hold for all rounds. Samples go to FOLDER; those of an earlier
 * calibration there are judged again, and nothing is run.
 */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "analysis/decide/compare.h"
#include "analysis/decide/power.h"
#include "analysis/decide/stats.h"
#include "analysis/read/reader.h"
#include "bench/run/collect.h"
#include "bench/run/design.h"
#include "bench/run/job.h"
#include "bench/select/suite.h"
#include "harness/mem.h"
#include "harness/mem_random.h"
#include "harness/units.h"
#include "vmrun/system/home.h"

#define SLOW        0.03
#define MOST_WRONG  0.05 /* of the cells where nothing differs */
#define LEAST_FOUND 0.95 /* of the cells that are slower */
#define ROUNDS      30   /* of a cell, at most */

enum side { PLAIN, AGAIN, SLOWER, SIDES };

static const char *const side_names[SIDES] = {"plain", "again", "slower"};

struct calibration {
	struct suite suite;
	unsigned rounds;
	struct design again, slower; /* further rounds by what either shows */
	char programs[PATH_MAX];
	const char *folder;
	struct collect collect[SIDES];
	struct mem_random random;
};

/* What one comparison came to, of one kernel or of all. */
struct outcome {
	size_t cells, slower, faster, covered;
	double *width; /* half the width of every interval; [cells] */
};

/* --- measuring ------------------------------------------------------------------------------- */

static void shuffle(struct calibration *c, size_t *order, size_t count)
{
	for (size_t i = 0; i < count; i++)
		order[i] = i;
	for (size_t i = count; i > 1; i--) {
		size_t j = mem_random_below(&c->random, i), swap = order[i - 1];

		order[i - 1] = order[j];
		order[j] = swap;
	}
}

/* A process that measures one cell and stops before every sample. */
struct turn {
	pid_t pid; /* 0: it has ended */
	FILE *output;
};

static struct result_origin origin_of(unsigned round)
{
	return (struct result_origin){
	        .run = "calibration", .round = round, .platform = PLATFORM_NATIVE};
}

/* As that side measures it. */
static struct suite_cell cell_of(struct suite_cell cell, enum side side)
{
	cell.plan.slow = side == SLOWER ? SLOW : 0;
	cell.plan.turns = true;
	return cell;
}

static int start(const struct calibration *c, const struct suite_cell *cell, unsigned round,
                 struct turn *turn, struct err *e)
{
	const struct result_origin origin = origin_of(round);
	char **argv = job_argv(cell, &origin, round, c->programs, NULL, e);

	turn->output = tmpfile();
	if (!argv || !turn->output) {
		job_free(argv);
		return err_set(e, ENOMEM, "no memory or no room in /tmp for a process");
	}
	turn->pid = fork();
	if (turn->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(fileno(turn->output), 1);
		execv(argv[0], argv);
		_exit(127);
	}
	job_free(argv);
	return turn->pid < 0 ? err_errno(e, "cannot start a process") : 0;
}

/* Let it go on until it stops again or ends. */
static int let_run(struct turn *turn, struct err *e)
{
	int status;

	kill(turn->pid, SIGCONT);
	if (waitpid(turn->pid, &status, WUNTRACED) < 0)
		return err_errno(e, "cannot wait for a process");
	if (WIFSTOPPED(status))
		return 0;
	turn->pid = 0;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0
	               ? 0
	               : err_set(e, EIO, "a process failed with status %#x", (unsigned)status);
}

static int take_output(struct collect *collect, const struct suite_cell *cell, unsigned round,
                       FILE *output, struct err *e)
{
	const struct result_origin origin = origin_of(round);
	struct collect_stream stream = {0};
	char bytes[65536];
	size_t n;
	int rc = collect_begin(&stream, &origin, &cell->cell, &cell->plan, e);

	rewind(output);
	while (!rc && (n = fread(bytes, 1, sizeof(bytes), output)) > 0)
		rc = collect_bytes(collect, &stream, bytes, n, e);
	if (!rc)
		rc = collect_end(collect, &stream, CELL_OK, e);
	collect_stream_free(&stream);
	return rc;
}

/* All sides of a cell, turn by turn, in a new order every time: what drifts hits them alike. */
static int measure_cell(struct calibration *c, const struct suite_cell *cell, unsigned round,
                        struct err *e)
{
	struct turn turns[SIDES] = {0};
	size_t order[SIDES], running = SIDES;
	char text[256];
	int rc = 0;

	for (int side = 0; side < SIDES && !rc; side++) {
		const struct suite_cell of_side = cell_of(*cell, (enum side)side);

		rc = start(c, &of_side, round, &turns[side], e);
	}
	while (running && !rc) {
		running = 0;
		shuffle(c, order, SIDES);
		for (int i = 0; i < SIDES && !rc; i++) {
			struct turn *turn = &turns[order[i]];

			if (turn->pid)
				rc = let_run(turn, e);
			running += turn->pid != 0;
		}
	}
	for (int side = 0; side < SIDES; side++) {
		const struct suite_cell of_side = cell_of(*cell, (enum side)side);

		if (turns[side].pid > 0)
			kill(turns[side].pid, SIGKILL);
		if (!rc)
			rc = take_output(&c->collect[side], &of_side, round, turns[side].output, e);
		if (turns[side].output)
			fclose(turns[side].output);
	}
	cell_text(&cell->cell, text, sizeof(text));
	return rc ? err_wrap(e, rc, "%s", text) : 0;
}

static unsigned rounds_of(const struct calibration *c, size_t cell)
{
	unsigned again = design_rounds(&c->again, PLATFORM_NOSEV, cell);
	unsigned slower = design_rounds(&c->slower, PLATFORM_NOSEV, cell);

	return again > slower ? again : slower;
}

/* Of the cells that get it. */
static int measure_round(struct calibration *c, unsigned round, struct err *e)
{
	size_t *cells = calloc(c->suite.count + 1, sizeof(*cells));
	int rc = 0;

	if (!cells)
		return err_set(e, ENOMEM, "no memory for the plan");
	shuffle(c, cells, c->suite.count);
	for (size_t i = 0; i < c->suite.count && !rc; i++)
		if (round <= rounds_of(c, cells[i]))
			rc = measure_cell(c, &c->suite.cells[cells[i]], round, e);
	free(cells);
	return rc;
}

/* The cell that differs from `cell` by the mark of the busy loop alone. */
static uint32_t unmarked(const struct samples *s, uint32_t cell)
{
	struct samples_cell_key key = s->cells[cell].key;
	const char *params = samples_text(s, key.params), *mark = strstr(params, "slow_percent=");
	size_t kept = !mark ? strlen(params) : mark > params ? (size_t)(mark - params) - 1 : 0;

	for (uint32_t i = 0; mark && i < s->cell_count; i++) {
		const char *text = samples_text(s, s->cells[i].key.params);

		key.params = s->cells[i].key.params;
		if (strlen(text) == kept && !strncmp(text, params, kept) &&
		    !memcmp(&key, &s->cells[i].key, sizeof(key)))
			return i;
	}
	return cell;
}

/*
 * Plain and another side as if they were two platforms of one run, which is what they stand for:
 * in memory alone, so that no file ever says so. `end` is of the files' names.
 */
static int load(const struct calibration *c, enum side other, const char *end, struct samples *s,
                struct err *e)
{
	char path[PATH_MAX];
	int rc = 0;

	*s = (struct samples){0};
	for (int i = 0; i < 2 && !rc; i++) {
		snprintf(path, sizeof(path), "%s/%s.csv%s", c->folder,
		         side_names[i ? other : PLAIN], end);
		rc = reader_read(s, path, 0, *end, e);
		if (!rc)
			s->sources[i].pilot = DESIGN_PILOT;
	}
	for (size_t i = 0; i < s->group_count && !rc; i++) {
		struct samples_group_key *key = &s->groups[i].key;

		if (!key->source)
			continue;
		key->source = 0;
		key->platform = PLATFORM_NOSEV;
		key->cell = unmarked(s, key->cell);
	}
	return rc ? rc : samples_sort(s, e);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* By what the pilot of a side shows. */
static int settle(struct calibration *c, enum side side, struct design *design, struct err *e)
{
	struct samples samples;
	json_t *shorts = json_array();
	int rc = load(c, side, ".partial", &samples, e);

	*design = (struct design){.margin = SLOW, .power = POWER_USUAL, .most = c->rounds};
	if (!rc)
		rc = design_settle(design, &c->suite, &samples, shorts, e);
	samples_free(&samples);
	json_decref(shorts);
	return rc;
}

static int settle_all(struct calibration *c, struct err *e)
{
	int rc = 0;

	for (int side = 0; side < SIDES && !rc; side++)
		rc = collect_flush(&c->collect[side], e);
	if (!rc)
		rc = settle(c, AGAIN, &c->again, e);
	return rc ? rc : settle(c, SLOWER, &c->slower, e);
}

static int measure_rounds(struct calibration *c, struct err *e)
{
	double began = now(), pilot = 0;
	unsigned last = DESIGN_PILOT;
	int rc = 0;

	for (unsigned round = 1; round <= last && !rc; round++) {
		fprintf(stderr, "round %u of %u\n", round, last);
		rc = measure_round(c, round, e);
		if (rc || round != DESIGN_PILOT)
			continue;
		pilot = now() - began;
		rc = settle_all(c, e);
		for (size_t i = 0; i < c->suite.count && !rc; i++)
			last = rounds_of(c, i) > last ? rounds_of(c, i) : last;
	}
	printf("five rounds of every cell took %.0f s, all rounds %.0f s\n\n", pilot,
	       now() - began);
	return rc;
}

static int measure(struct calibration *c, struct err *e)
{
	char path[PATH_MAX];
	int rc = 0;

	for (int side = 0; side < SIDES && !rc; side++) {
		snprintf(path, sizeof(path), "%s/%s.csv", c->folder, side_names[side]);
		rc = collect_open(&c->collect[side], path, e);
	}
	if (!rc)
		rc = measure_rounds(c, e);
	for (int side = 0; side < SIDES && !rc; side++)
		rc = collect_commit(&c->collect[side], e);
	return rc;
}

/* --- judging --------------------------------------------------------------------------------- */

static void count_cells(const struct compare *compare, size_t kernel, double truth,
                        struct outcome *o)
{
	for (size_t i = 0; i < compare->cell_count; i++) {
		const struct compare_cell *cell = &compare->cells[i];

		if (cell->kernel != kernel || isnan(cell->low))
			continue;
		o->slower += cell->verdict == COMPARE_SLOWER;
		o->faster += cell->verdict == COMPARE_FASTER;
		o->covered += cell->low <= truth && truth <= cell->high;
		o->width[o->cells++] = log(cell->high / cell->low) / 2;
	}
}

static void print_outcome(const char *name, struct outcome *null, struct outcome *slow)
{
	double width;

	stats_sort(null->width, null->cells);
	width = null->cells ? stats_quantile(null->width, null->cells, 0.5) : (double)NAN;
	printf("%-10s %6zu %12zu %12zu %12.2f%%\n", name, null->cells, null->slower + null->faster,
	       slow->slower, width * 100);
}

static void print_missed(const struct compare *compare, bool slow)
{
	const struct samples *s = compare->summary->samples;

	for (size_t i = 0; i < compare->cell_count; i++) {
		const struct compare_cell *c = &compare->cells[i];
		const struct samples_cell_key *key = &s->cells[c->row->cell].key;
		char size[UNITS_TEXT] = "";

		if ((c->verdict == COMPARE_SLOWER) == slow && c->verdict != COMPARE_FASTER)
			continue;
		if (key->size)
			units_size(key->size, size);
		printf("  %s: %s %s %s %s %s: %.4f, %.4f to %.4f, q %.3f %s\n",
		       slow ? "not found" : "difference", samples_text(s, key->kernel),
		       samples_text(s, key->variant), size, samples_text(s, key->pages),
		       samples_text(s, key->params), c->ratio, c->low, c->high, c->q, c->note);
	}
}

static int print(struct compare *null, struct compare *slow)
{
	struct outcome all[2] = {{.width = calloc(null->cell_count + 1, sizeof(double))},
	                         {.width = calloc(slow->cell_count + 1, sizeof(double))}};
	double wrong, found, n;

	if (!all[0].width || !all[1].width) {
		free(all[0].width);
		free(all[1].width);
		return -ENOMEM;
	}
	printf("%-10s %6s %12s %12s %13s\n", "kernel", "cells", "differ", "3 % found",
	       "half width");
	for (size_t k = 0; k < null->kernel_count; k++) {
		struct outcome one[2] = {{.width = all[0].width + all[0].cells},
		                         {.width = all[1].width + all[1].cells}};

		count_cells(null, k, 1, &one[0]);
		count_cells(slow, k, 1 + SLOW, &one[1]);
		for (int i = 0; i < 2; i++) {
			all[i].cells += one[i].cells;
			all[i].slower += one[i].slower;
			all[i].faster += one[i].faster;
			all[i].covered += one[i].covered;
		}
		print_outcome(samples_text(null->summary->samples, null->kernels[k].kernel),
		              &one[0], &one[1]);
	}
	print_outcome("all", &all[0], &all[1]);
	n = (double)null->cell_count;
	wrong = (double)(all[0].slower + all[0].faster) / n;
	found = (double)all[1].slower / n;
	print_missed(null, false);
	print_missed(slow, true);
	printf("\nno difference: %.1f%% of %zu cells (at least 95%%)\n"
	       "3 %% found:     %.1f%% (%zu cells; of all rounds at least 95%%)\n"
	       "the truth lies in %.1f%% of the intervals without and %.1f%% with the busy "
	       "loop\n\n",
	       100 - 100 * wrong, null->cell_count, 100 * found, all[1].slower,
	       100 * (double)all[0].covered / n, 100 * (double)all[1].covered / n);
	free(all[0].width);
	free(all[1].width);
	return wrong > MOST_WRONG || found < LEAST_FOUND;
}

/* As if only the pilot had been measured; how many rounds of a cell there are. */
static size_t leave_pilot(struct samples *s, bool pilot)
{
	size_t rounds = 0;

	for (size_t i = 0; i < s->group_count; i++) {
		if (pilot && s->groups[i].key.round > DESIGN_PILOT)
			s->groups[i].status = CELL_SKIPPED;
		else
			rounds += s->groups[i].key.platform == PLATFORM_NOSEV;
	}
	return rounds;
}

static int judge(const struct calibration *c, bool pilot, struct err *e)
{
	const struct compare_options options = COMPARE_DEFAULTS;
	struct samples samples[2] = {0};
	struct summary summary[2] = {0};
	struct compare compare[2] = {0};
	size_t rounds = 0;
	int rc = 0;

	for (int i = 0; i < 2 && !rc; i++) {
		rc = load(c, i ? SLOWER : AGAIN, "", &samples[i], e);
		if (!rc)
			rounds = leave_pilot(&samples[i], pilot);
		if (!rc)
			rc = summary_make(&samples[i], &summary[i], e);
		if (!rc)
			rc = compare_make(&summary[i], &options, &compare[i], e);
	}
	if (!rc)
		printf("%s: %zu rounds of a cell in all\n\n",
		       pilot ? "Five rounds of every cell" : "All rounds", rounds);
	if (!rc)
		rc = print(&compare[0], &compare[1]);
	for (int i = 0; i < 2; i++) {
		compare_free(&compare[i]);
		summary_free(&summary[i]);
		samples_free(&samples[i]);
	}
	return rc;
}

/* The folder is made by the first calibration in it. */
static int measure_once(struct calibration *c, struct err *e)
{
	if (!mkdir(c->folder, 0777))
		return measure(c, e);
	return errno == EEXIST ? 0 : err_errno(e, "cannot make %s", c->folder);
}

int main(int argc, char **argv)
{
	struct calibration c = {0};
	struct err e = {""};
	uint64_t rounds = 0;
	int rc;

	if (argc < 3 || argc > 4) {
		fputs("usage: calibrate SUITE FOLDER [ROUNDS]\n", stderr);
		return 2;
	}
	c.folder = argv[2];
	rc = suite_load(argv[1], NULL, &c.suite, &e);
	if (!rc && argc == 4)
		rc = units_parse_number("ROUNDS", argv[3], DESIGN_PILOT, 1000, &rounds, &e);
	c.rounds = rounds ? (unsigned)rounds : ROUNDS;
	if (!rc)
		rc = home_find("bin", c.programs, &e);
	if (rc) {
		fprintf(stderr, "calibrate: %s\n", e.text);
		return 2;
	}
	mem_random_seed(&c.random, (uint64_t)time(NULL));
	rc = measure_once(&c, &e);
	if (!rc)
		rc = judge(&c, true, &e);
	if (rc >= 0)
		rc = judge(&c, false, &e);
	design_free(&c.again);
	design_free(&c.slower);
	if (rc < 0)
		fprintf(stderr, "calibrate: %s\n", e.text);
	suite_free(&c.suite);
	return rc != 0;
}
