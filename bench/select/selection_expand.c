/* SPDX-License-Identifier: MIT */
#include "bench/select/selection_expand.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/place_choose.h"

struct expansion {
	const struct kernel *kernel;
	const char *cpus; /* borrowed, as in the selection */
	bool single;
	struct selection_list variant_index, size_index, threads, pages, backings, fills;
	struct selection_list axis[AXIS_MAX];
	struct selection_list_sizes sizes;
	uint64_t *bytes; /* owned: of each size for each number of threads */
};

static int choose_variants(const struct selection *s, struct expansion *x, struct err *e)
{
	const struct kernel *k = x->kernel;
	struct selection_list *list = &x->variant_index;
	char *copy, *rest, *word;
	int rc = 0;

	if (!s->variants || !strcmp(s->variants, "all")) {
		for (size_t i = 0; i < k->variant_count && i < SELECTION_LIST_MAX; i++)
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
		else if (list->count == SELECTION_LIST_MAX)
			rc = err_set(e, EINVAL, "--variant: more than %d names",
			             SELECTION_LIST_MAX);
		else
			list->value[list->count++] = (uint64_t)(v - k->variants);
	}
	free(copy);
	return rc;
}

static void one(struct selection_list *list, uint64_t value)
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
		for (const uint64_t *size = k->sizes; *size && x->sizes.count < SELECTION_LIST_MAX;
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
	struct selection_list list = {.count = 0};
	int rc = 0;

	for (size_t i = 0; !rc && i < x->threads.count; i++) {
		uint64_t threads = x->threads.value[i];
		size_t same = 0;

		if (threads == SELECTION_LIST_CORES) {
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
		rc = selection_list_parse_axis(axis->name, equals + 1, &x->axis[i], e);
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
	const struct selection_list *list[DIGITS] = {&x->variant_index, &x->size_index, &x->threads,
	                                             &x->pages,         &x->backings,   &x->fills};
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
