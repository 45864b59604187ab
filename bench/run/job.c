/* SPDX-License-Identifier: MIT */
#include "bench/run/job.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#define WORDS_MAX 64

struct words {
	char **argv;
	size_t count;
	bool failed;
};

static void add(struct words *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct words *w, const char *fmt, ...)
{
	va_list ap;

	if (w->failed || w->count == WORDS_MAX) {
		w->failed = true;
		return;
	}
	va_start(ap, fmt);
	if (vasprintf(&w->argv[w->count], fmt, ap) < 0) {
		w->argv[w->count] = NULL;
		w->failed = true;
	} else {
		w->count++;
	}
	va_end(ap);
}

static void add_memory(struct words *w, const struct cell *c)
{
	add(w, "--size");
	add(w, "%" PRIu64, c->size);
	add(w, "--pages");
	add(w, "%s", mem_pages_name(c->pages));
	add(w, "--backing");
	add(w, "%s", mem_backing_name(c->backing));
	add(w, "--fill");
	add(w, "%s", mem_fill_name(c->fill));
}

static void add_plan(struct words *w, const struct sampler_plan *plan)
{
	add(w, "--samples");
	add(w, "%u", plan->samples);
	add(w, "--batch-us");
	add(w, "%.0f", plan->batch_ns / 1e3);
	add(w, "--warmup-us");
	add(w, "%.0f", plan->warmup_ns / 1e3);
	if (plan->iterations) {
		add(w, "--iterations");
		add(w, "%" PRIu64, plan->iterations);
	}
	if (plan->turns)
		add(w, "--turns");
	if (plan->slow > 0) {
		add(w, "--slow");
		add(w, "%.0f", plan->slow * 100);
	}
}

static char **begin(struct words *w, struct err *e)
{
	*w = (struct words){.argv = calloc(WORDS_MAX + 1, sizeof(char *))};
	if (!w->argv)
		err_set(e, ENOMEM, "no memory for a command line");
	return w->argv;
}

static char **finish(struct words *w, struct err *e)
{
	if (!w->failed)
		return w->argv;
	err_set(e, ENOMEM, "no memory for a command line");
	job_free(w->argv);
	return NULL;
}

char **job_argv(const struct suite_cell *cell, const struct result_origin *origin, uint64_t seed,
                const char *folder, const char *cpus, struct err *e)
{
	const struct cell *c = &cell->cell;
	struct words w;

	if (!begin(&w, e))
		return NULL;
	add(&w, "%s/bench-%s", folder, c->kernel->name);
	add(&w, "--variant");
	add(&w, "%s", c->variant->name);
	add(&w, "--threads");
	add(&w, "%u", c->threads);
	if (c->kernel->flags & KERNEL_MEMORY)
		add_memory(&w, c);
	for (size_t i = 0; i < c->kernel->axis_count; i++) {
		add(&w, "--param");
		add(&w, "%s=%" PRIu64, c->kernel->axes[i].name, c->axis[i]);
	}
	if (c->single)
		add(&w, "--single");
	add_plan(&w, &cell->plan);
	add(&w, "--seed");
	add(&w, "%" PRIu64, seed);
	if (cpus) {
		add(&w, "--cpu");
		add(&w, "%s", cpus);
	}
	add(&w, "--run");
	add(&w, "%s", origin->run);
	add(&w, "--round");
	add(&w, "%u", origin->round);
	add(&w, "--platform");
	add(&w, "%s", platform_name(origin->platform));
	add(&w, "--quiet");
	add(&w, "--skip");
	add(&w, "--end-mark");
	return finish(&w, e);
}

char **job_environment_argv(const struct kernel *kernel, const char *folder, struct err *e)
{
	struct words w;

	if (!begin(&w, e))
		return NULL;
	add(&w, "%s/bench-%s", folder, kernel->name);
	add(&w, "--environment");
	return finish(&w, e);
}

void job_free(char **argv)
{
	for (size_t i = 0; argv && argv[i]; i++)
		free(argv[i]);
	free(argv);
}
