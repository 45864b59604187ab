/* SPDX-License-Identifier: MIT */
#include "bench/select/selection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/place.h"
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
		return selection_list_parse_sizes("--size", text, &s->sizes, e);
	if (!strcmp(name, "threads"))
		return selection_list_parse_threads("--threads", text, &s->threads, e);
	if (!strcmp(name, "pages"))
		return selection_list_parse_pages("--pages", text, &s->pages, e);
	if (!strcmp(name, "backing"))
		return selection_list_parse_backings("--backing", text, &s->backings, e);
	if (!strcmp(name, "fill"))
		return selection_list_parse_fills("--fill", text, &s->fills, e);
	return number_option(s, name, text, e);
}
