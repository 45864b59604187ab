/* SPDX-License-Identifier: MIT */
#include "bench/select/selection.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/mem_alloc.h"
#include "harness/place.h"
#include "harness/place_choose.h"
#include "harness/result.h"
#include "harness/units.h"

const char selection_help[] =
        "  --variant LIST     variants by name, or all (default: all)\n"
        "  --size LIST        bytes over all threads, with K, M, G, or a multiple of the caches "
        "that\n"
        "                     the threads use: 4xLLC, 1/4xL2 (default: the kernel's sweep)\n"
        "  --threads LIST     threads, one a physical core; \"cores\": of all cores (default: 1)\n"
        "  --pages LIST       4k, thp, 2m, 1g: page size asked of Linux, verified\n"
        "  --backing LIST     private; shared: with the host; twin: private, else like shared\n"
        "  --fill LIST        random, zero, one: what the buffers hold\n"
        "  --param NAME=LIST  an axis of the kernel's own (see --list)\n"
        "  --samples N        samples of the operation, and of its baseline\n"
        "  --batch-us N       aim for batches of N microseconds\n"
        "  --warmup-us N      run this long before the batch size is fixed\n"
        "  --iterations N     iterations of a batch, instead of --batch-us\n"
        "  --single           time every operation alone; its cells say timing=single\n"
        "  --turns            for calibration: stop by SIGSTOP before every sample\n"
        "  --slow PERCENT     for calibration: spin so much longer; its cells say slow_percent=\n"
        "  --seed N           of everything random\n"
        "  --cpu LIST         CPUs for the threads, in order (\"2\", \"0-3\")\n"
        "  --node N           NUMA node for the memory\n";

void selection_init(struct selection *s)
{
	memset(s, 0, sizeof(*s));
	s->plan.samples = 20;
	s->plan.batch_ns = 5e6;
	s->plan.warmup_ns = 5e6;
	s->seed = 1;
	s->node = -1;
}

void selection_free(struct selection *s)
{
	free(s->variants);
	free(s->cpus);
	for (size_t i = 0; i < s->param_count; i++)
		free(s->params[i]);
	selection_init(s);
}

static int set_text(char **field, const char *text, struct err *e)
{
	char *copy = NULL;

	if (text) {
		copy = strdup(text);
		if (!copy)
			return err_set(e, ENOMEM, "no memory for \"%s\"", text);
	}
	free(*field);
	*field = copy;
	return 0;
}

int selection_copy(const struct selection *from, struct selection *to, struct err *e)
{
	int rc;

	*to = *from;
	to->variants = NULL;
	to->cpus = NULL;
	to->param_count = 0;
	rc = set_text(&to->variants, from->variants, e);
	if (!rc)
		rc = set_text(&to->cpus, from->cpus, e);
	for (size_t i = 0; !rc && i < from->param_count; i++) {
		to->params[i] = NULL;
		rc = set_text(&to->params[i], from->params[i], e);
		if (!rc)
			to->param_count++;
	}
	if (rc)
		selection_free(to);
	return rc;
}

/* What one word of a list stands for: a uint64_t, or the kind of value that the list has. */
typedef int parse_word(const char *what, const char *word, void *value, struct err *e);

/* In a list of threads: as many as there are physical cores. */
#define ALL_CORES 0

static int word_threads(const char *what, const char *word, void *value, struct err *e)
{
	uint64_t *threads = value;

	if (!strcmp(word, "cores")) {
		*threads = ALL_CORES;
		return 0;
	}
	return units_parse_number(what, word, 1, PLACE_MAX, value, e);
}

static int word_axis(const char *what, const char *word, void *value, struct err *e)
{
	int rc = units_parse_size(word, value, NULL);

	if (!rc)
		return 0;
	return units_parse_number(what, word, 0, AXIS_END - 1, value, e);
}

static int word_pages(const char *what, const char *word, void *value, struct err *e)
{
	enum mem_pages pages;
	int rc = mem_pages_parse(word, &pages, e);

	if (rc)
		return err_wrap(e, rc, "%s", what);
	*(uint64_t *)value = (uint64_t)pages;
	return 0;
}

static int word_backing(const char *what, const char *word, void *value, struct err *e)
{
	enum mem_backing backing;
	int rc = mem_backing_parse(word, &backing, e);

	if (rc)
		return err_wrap(e, rc, "%s", what);
	*(uint64_t *)value = (uint64_t)backing;
	return 0;
}

static int word_fill(const char *what, const char *word, void *value, struct err *e)
{
	enum mem_fill fill;
	int rc = mem_fill_parse(word, &fill, e);

	if (rc)
		return err_wrap(e, rc, "%s", what);
	*(uint64_t *)value = (uint64_t)fill;
	return 0;
}

static int word_size(const char *what, const char *word, void *value, struct err *e)
{
	int rc = selection_size_parse(word, value, e);

	return rc ? err_wrap(e, rc, "%s", what) : 0;
}

/* `values` has room for SELECTION_VALUES values of `size` bytes. */
static int parse_words(const char *what, const char *text, parse_word *parse, size_t *count,
                       void *values, size_t size, struct err *e)
{
	char *copy = strdup(text), *rest = copy, *word;
	int rc = 0;

	if (!copy)
		return err_set(e, ENOMEM, "no memory for \"%s\"", text);
	*count = 0;
	while (!rc && (word = strsep(&rest, ","))) {
		if (*count == SELECTION_VALUES)
			rc = err_set(e, EINVAL, "%s: more than %d values", what, SELECTION_VALUES);
		else
			rc = parse(what, word, (char *)values + *count * size, e);
		++*count;
	}
	free(copy);
	return rc;
}

static int parse_list(const char *what, const char *text, parse_word *parse,
                      struct selection_numbers *list, struct err *e)
{
	return parse_words(what, text, parse, &list->count, list->value, sizeof(*list->value), e);
}

static int parse_sizes(const char *text, struct selection_sizes *list, struct err *e)
{
	return parse_words("--size", text, word_size, &list->count, list->value,
	                   sizeof(*list->value), e);
}

static int add_param(struct selection *s, const char *text, struct err *e)
{
	const char *equals = strchr(text, '=');

	if (!equals || equals == text || !equals[1])
		return err_set(e, EINVAL, "--param: \"%s\" is not NAME=VALUE[,VALUE...]", text);
	for (size_t i = 0; i < s->param_count; i++) {
		if (!strncmp(s->params[i], text, (size_t)(equals - text) + 1))
			return set_text(&s->params[i], text, e);
	}
	if (s->param_count == AXIS_MAX)
		return err_set(e, EINVAL, "--param: no kernel has more than %d axes", AXIS_MAX);
	s->params[s->param_count] = NULL;
	return set_text(&s->params[s->param_count++], text, e);
}

static int number_option(struct selection *s, const char *name, const char *text, struct err *e)
{
	struct sampler_plan *plan = &s->plan;
	uint64_t value = 0;
	int rc;

	if (!strcmp(name, "samples")) {
		rc = units_parse_number("--samples", text, 1, 100000000, &value, e);
		plan->samples = (unsigned)value;
	} else if (!strcmp(name, "batch-us")) {
		rc = units_parse_number("--batch-us", text, 1, 60000000, &value, e);
		plan->batch_ns = (double)value * 1e3;
	} else if (!strcmp(name, "warmup-us")) {
		rc = units_parse_number("--warmup-us", text, 0, 60000000, &value, e);
		plan->warmup_ns = (double)value * 1e3;
	} else if (!strcmp(name, "slow")) {
		rc = units_parse_number("--slow", text, 1, 100, &value, e);
		plan->slow = (double)value / 100;
	} else if (!strcmp(name, "iterations")) {
		rc = units_parse_number("--iterations", text, 1, 1ULL << 40, &plan->iterations, e);
	} else if (!strcmp(name, "seed")) {
		rc = units_parse_number("--seed", text, 0, UINT64_MAX, &s->seed, e);
	} else if (!strcmp(name, "node")) {
		rc = units_parse_number("--node", text, 0, 1 << 16, &value, e);
		s->node = (int)value;
		if (!rc && !place_node_exists(s->node))
			return err_set(e, EINVAL, "--node: this machine has no memory node %d",
			               s->node);
	} else {
		return err_set(e, ENOENT, "there is no option --%s", name);
	}
	return rc;
}

bool selection_is_flag(const char *name)
{
	return !strcmp(name, "single") || !strcmp(name, "turns");
}

int selection_option(struct selection *s, const char *name, const char *text, struct err *e)
{
	if (!strcmp(name, "single")) {
		s->single = true;
		return 0;
	}
	if (!strcmp(name, "turns")) {
		s->plan.turns = true;
		return 0;
	}
	if (!strcmp(name, "variant"))
		return set_text(&s->variants, text, e);
	if (!strcmp(name, "cpu"))
		return set_text(&s->cpus, text, e);
	if (!strcmp(name, "param"))
		return add_param(s, text, e);
	if (!strcmp(name, "size"))
		return parse_sizes(text, &s->sizes, e);
	if (!strcmp(name, "threads"))
		return parse_list("--threads", text, word_threads, &s->threads, e);
	if (!strcmp(name, "pages"))
		return parse_list("--pages", text, word_pages, &s->pages, e);
	if (!strcmp(name, "backing"))
		return parse_list("--backing", text, word_backing, &s->backings, e);
	if (!strcmp(name, "fill"))
		return parse_list("--fill", text, word_fill, &s->fills, e);
	return number_option(s, name, text, e);
}

/* --- expansion ------------------------------------------------------------------------------- */

struct expansion {
	const struct kernel *kernel;
	const char *cpus; /* borrowed, as in the selection */
	bool single;
	struct selection_numbers variant_index, size_index, threads, pages, backings, fills;
	struct selection_numbers axis[AXIS_MAX];
	struct selection_sizes sizes;
	uint64_t *bytes; /* owned: of each size for each number of threads */
};

static int choose_variants(const struct selection *s, struct expansion *x, struct err *e)
{
	const struct kernel *k = x->kernel;
	struct selection_numbers *list = &x->variant_index;
	char *copy, *rest, *word;
	int rc = 0;

	if (!s->variants || !strcmp(s->variants, "all")) {
		for (size_t i = 0; i < k->variant_count && i < SELECTION_VALUES; i++)
			list->value[list->count++] = i;
		return 0;
	}
	copy = rest = strdup(s->variants);
	if (!copy)
		return err_set(e, ENOMEM, "no memory for \"%s\"", s->variants);
	while (!rc && (word = strsep(&rest, ","))) {
		const struct variant *v = kernel_variant(k, word);

		if (!v)
			rc = err_set(e, EINVAL,
			             "kernel %s has no variant \"%s\": bench-%s --list names them",
			             k->name, word, k->name);
		else if (list->count == SELECTION_VALUES)
			rc = err_set(e, EINVAL, "--variant: more than %d names", SELECTION_VALUES);
		else
			list->value[list->count++] = (uint64_t)(v - k->variants);
	}
	free(copy);
	return rc;
}

static void one(struct selection_numbers *list, uint64_t value)
{
	list->count = 1;
	list->value[0] = value;
}

static int choose_memory(const struct selection *s, struct expansion *x, struct err *e)
{
	const struct kernel *k = x->kernel;

	if (!(k->flags & KERNEL_MEMORY)) {
		if (s->sizes.count || s->pages.count || s->backings.count || s->fills.count)
			return err_set(e, EINVAL,
			               "kernel %s measures no memory: --size, --pages, --backing "
			               "and --fill "
			               "mean nothing to it",
			               k->name);
		x->sizes.count = 1;
		one(&x->pages, MEM_4K);
		one(&x->backings, MEM_PRIVATE);
		one(&x->fills, MEM_RANDOM);
		return 0;
	}
	x->sizes = s->sizes;
	x->pages = s->pages;
	x->backings = s->backings;
	x->fills = s->fills;
	if (!x->sizes.count) {
		for (const uint64_t *size = k->sizes; *size && x->sizes.count < SELECTION_VALUES;
		     size++)
			x->sizes.value[x->sizes.count++].bytes = *size;
	}
	for (size_t i = 0; !s->pages.count && i < k->pages_count; i++)
		x->pages.value[x->pages.count++] = (uint64_t)k->pages[i];
	if (!x->pages.count)
		one(&x->pages, MEM_4K);
	if (!x->backings.count)
		one(&x->backings, MEM_PRIVATE);
	if (!x->fills.count)
		one(&x->fills, MEM_RANDOM);
	return 0;
}

/* How many threads can each have a physical core, of those that are allowed or of the list. */
static int count_cores(const char *cpus, uint64_t *count, struct err *e)
{
	struct err enough;
	struct place place;
	int rc = place_choose(1, cpus, &place, e);

	for (*count = 1; !rc && *count < PLACE_MAX; (*count)++)
		if (place_choose((unsigned)*count + 1, cpus, &place, &enough) || place.shares_core)
			break;
	return rc;
}

/* Put the number of cores where the list says so; a number that the list has by then is not
 * repeated. */
static int resolve_cores(struct expansion *x, unsigned least, struct err *e)
{
	struct selection_numbers list = {.count = 0};
	int rc = 0;

	for (size_t i = 0; !rc && i < x->threads.count; i++) {
		uint64_t threads = x->threads.value[i];
		size_t same = 0;

		if (threads == ALL_CORES) {
			rc = count_cores(x->cpus, &threads, e);
			threads = threads < least ? least : threads;
		}
		while (same < list.count && list.value[same] != threads)
			same++;
		if (same == list.count)
			list.value[list.count++] = threads;
	}
	x->threads = list;
	return rc;
}

static int choose_threads(const struct selection *s, struct expansion *x, struct err *e)
{
	unsigned least = x->kernel->flags & KERNEL_MULTI_CPU ? 2 : 1;
	int rc;

	x->threads = s->threads;
	if (!x->threads.count)
		one(&x->threads, least);
	rc = resolve_cores(x, least, e);
	if (rc)
		return rc;
	for (size_t i = 0; i < x->threads.count; i++) {
		if (x->threads.value[i] < least)
			return err_set(e, EINVAL, "kernel %s needs at least %u threads",
			               x->kernel->name, least);
		if (x->threads.value[i] > least && !(x->kernel->flags & KERNEL_THREADS))
			return err_set(e, EINVAL, "kernel %s runs in %u thread%s only",
			               x->kernel->name, least, least == 1 ? "" : "s");
	}
	return 0;
}

static int choose_axis(const char *param, struct expansion *x, struct err *e)
{
	const struct kernel *k = x->kernel;
	const char *equals = strchr(param, '=');
	size_t length = (size_t)(equals - param);

	for (size_t i = 0; i < k->axis_count; i++) {
		const struct axis *axis = &k->axes[i];
		int rc;

		if (strlen(axis->name) != length || strncmp(axis->name, param, length) != 0)
			continue;
		rc = parse_list(axis->name, equals + 1, word_axis, &x->axis[i], e);
		for (size_t j = 0; !rc && j < x->axis[i].count; j++) {
			if (x->axis[i].value[j] < axis->min || x->axis[i].value[j] > axis->max)
				rc = err_set(e, ERANGE,
				             "--param %s: %" PRIu64 " is not between %" PRIu64
				             " and %" PRIu64,
				             axis->name, x->axis[i].value[j], axis->min, axis->max);
		}
		return rc;
	}
	return err_set(e, EINVAL, "kernel %s has no parameter \"%.*s\": bench-%s --list names them",
	               k->name, (int)length, param, k->name);
}

static int choose_axes(const struct selection *s, struct expansion *x, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < x->kernel->axis_count; i++)
		one(&x->axis[i], x->kernel->axes[i].values[0]);
	for (size_t i = 0; !rc && i < s->param_count; i++)
		rc = choose_axis(s->params[i], x, e);
	return rc;
}

/* The lists as the digits of a number, the last turning fastest. */
#define DIGITS (6 + AXIS_MAX)

/* The bytes of every size, for each number of threads: caches are looked at once, not for a cell.
 */
static int resolve_sizes(struct expansion *x, struct err *e)
{
	size_t total = x->sizes.count * x->threads.count;
	int rc = 0;

	x->bytes = calloc(total + 1, sizeof(*x->bytes));
	if (!x->bytes)
		return err_set(e, ENOMEM, "no memory for %zu sizes", total);
	x->size_index.count = x->sizes.count;
	for (size_t i = 0; i < x->sizes.count; i++)
		x->size_index.value[i] = i;
	for (size_t i = 0; !rc && i < total && x->kernel->flags & KERNEL_MEMORY; i++)
		rc = selection_size_bytes(&x->sizes.value[i / x->threads.count],
		                          (unsigned)x->threads.value[i % x->threads.count], x->cpus,
		                          &x->bytes[i], e);
	return rc;
}

static int make_cell(const struct expansion *x, const size_t at[DIGITS], struct cell *cell,
                     struct err *e)
{
	const struct kernel *k = x->kernel;
	uint64_t bytes = x->bytes[at[1] * x->threads.count + at[2]];

	*cell = (struct cell){
	        .kernel = k,
	        .variant = &k->variants[x->variant_index.value[at[0]]],
	        .size = bytes,
	        .threads = (unsigned)x->threads.value[at[2]],
	        .pages = (enum mem_pages)x->pages.value[at[3]],
	        .backing = (enum mem_backing)x->backings.value[at[4]],
	        .fill = (enum mem_fill)x->fills.value[at[5]],
	        .single = x->single && !(k->flags & KERNEL_SINGLE_SHOT),
	};
	for (size_t i = 0; i < k->axis_count; i++)
		cell->axis[i] = x->axis[i].value[at[6 + i]];
	if (k->flags & KERNEL_MEMORY && !x->sizes.value[at[1]].bytes)
		return selection_size_round(cell, bytes, e);
	return k->check ? k->check(cell, e) : 0;
}

static int make_cells(const struct expansion *x, struct cell **cells, size_t *count, struct err *e)
{
	const struct selection_numbers *list[DIGITS] = {
	        &x->variant_index, &x->size_index, &x->threads, &x->pages, &x->backings, &x->fills};
	size_t digits = 6 + x->kernel->axis_count, total = 1, at[DIGITS] = {0};

	for (size_t i = 0; i < x->kernel->axis_count; i++)
		list[6 + i] = &x->axis[i];
	for (size_t i = 0; i < digits; i++) {
		if (__builtin_mul_overflow(total, list[i]->count, &total) || total > 1000000)
			return err_set(e, EINVAL, "these options select more than a million cells");
	}
	*cells = calloc(total, sizeof(**cells));
	if (!*cells)
		return err_set(e, ENOMEM, "no memory for %zu cells", total);
	for (size_t n = 0; n < total; n++) {
		int rc = make_cell(x, at, &(*cells)[n], e);

		if (rc) {
			free(*cells);
			*cells = NULL;
			return rc;
		}
		for (size_t d = digits; d-- > 0 && ++at[d] == list[d]->count;)
			at[d] = 0;
	}
	*count = total;
	return 0;
}

int selection_expand(const struct selection *s, const struct kernel *kernel, struct cell **cells,
                     size_t *count, struct err *e)
{
	struct expansion x = {.kernel = kernel, .cpus = s->cpus, .single = s->single};
	int rc = choose_variants(s, &x, e);

	if (!rc)
		rc = choose_memory(s, &x, e);
	if (!rc)
		rc = choose_threads(s, &x, e);
	if (!rc)
		rc = choose_axes(s, &x, e);
	if (!rc)
		rc = resolve_sizes(&x, e);
	if (!rc)
		rc = make_cells(&x, cells, count, e);
	free(x.bytes);
	return rc;
}

int selection_check_pools(const struct cell *cells, size_t count, int node, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < count && !rc; i++) {
		char text[256];

		if (!mem_pooled(cells[i].pages))
			continue;
		rc = mem_pool_check(cells[i].pages, cells[i].size, node, e);
		if (!rc)
			continue;
		cell_text(&cells[i], text, sizeof(text));
		err_wrap(e, rc, "%s", text);
	}
	return rc;
}

int selection_check_memory(const struct cell *cells, size_t count, uint64_t available,
                           const char *where, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t need = cell_footprint(&cells[i]);
		char a[UNITS_TEXT], b[UNITS_TEXT], text[256];

		if (!available || need <= available || mem_pooled(cells[i].pages))
			continue;
		cell_text(&cells[i], text, sizeof(text));
		return err_set(e, EINVAL,
		               "%s needs %s of memory, and %s has %s free: choose a smaller --size",
		               text, units_size(need, a), where,
		               units_size(available >> 20 << 20, b));
	}
	return 0;
}
