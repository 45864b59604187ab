/* SPDX-License-Identifier: MIT */
#include "analysis/read/copies.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A group by what it measured. */
struct print {
	uint64_t hash;
	size_t group;
};

/* Two runs, and what is the same in them. */
struct pair {
	const struct samples_group *a, *b; /* the first that is */
	size_t groups;
	double bits;
};

struct pairs {
	struct pair *pairs;
	size_t count;
};

/* The finaliser of MurmurHash3: each bit of the value moves each bit of the result. */
static uint64_t mix(uint64_t value)
{
	value = (value ^ value >> 33) * UINT64_C(0xff51afd7ed558ccd);
	value = (value ^ value >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return value ^ value >> 33;
}

/* The same whatever the order of the samples. */
static uint64_t hash_of(const struct samples_group *g)
{
	const struct samples_series *op = &g->series[SERIES_OP];
	uint64_t sum = 0;

	for (uint32_t i = 0; i < op->count; i++) {
		uint64_t bits;

		memcpy(&bits, &op->ns[i], sizeof(bits));
		sum += mix(bits);
	}
	sum = mix(sum ^ g->key.cell);
	sum = mix(sum ^ g->key.platform);
	return mix(sum ^ g->key.accel);
}

static bool same_run(const struct samples_group *a, const struct samples_group *b)
{
	return a->key.source == b->key.source && a->key.run == b->key.run;
}

static int compare_values(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double *sorted(const struct samples_series *op)
{
	double *values = malloc(op->count * sizeof(*values));

	if (values) {
		memcpy(values, op->ns, op->count * sizeof(*values));
		qsort(values, op->count, sizeof(*values), compare_values);
	}
	return values;
}

/*
 * Of values in order: how many times -log2 of the chance that two of them are the same; and the
 * bits of the order they can have.
 */
static double bits_of(const double *values, uint32_t count, double *order)
{
	double chance = 0, n = count;

	*order = lgamma(n + 1) / log(2);
	for (uint32_t i = 0, end; i < count; i = end) {
		for (end = i; end < count && !(values[end] > values[i]); end++)
			;
		chance += (end - i) / n * ((end - i) / n);
		*order -= lgamma(end - i + 1) / log(2);
	}
	return chance > 0 ? -n * log2(chance) : 0;
}

/* The bits that two groups have in common: 0 where their times differ. -ENOMEM. */
static int common_bits(const struct samples_group *a, const struct samples_group *b, double *bits)
{
	const struct samples_series *x = &a->series[SERIES_OP], *y = &b->series[SERIES_OP];
	double *one, *other, order;

	*bits = 0;
	if (a->key.cell != b->key.cell || a->key.platform != b->key.platform ||
	    a->key.accel != b->key.accel || x->count != y->count)
		return 0;
	one = sorted(x);
	other = sorted(y);
	if (one && other && !memcmp(one, other, x->count * sizeof(*one))) {
		*bits = bits_of(one, x->count, &order);
		if (memcmp(x->ns, y->ns, x->count * sizeof(*one)) != 0)
			*bits -= order;
	}
	free(one);
	free(other);
	return one && other ? 0 : -ENOMEM;
}

static int add(struct pairs *pairs, const struct samples_group *a, const struct samples_group *b)
{
	struct pair *bigger;
	double bits;
	size_t i = 0;

	if (common_bits(a, b, &bits))
		return -ENOMEM;
	if (bits < COPIES_SERIES)
		return 0;
	while (i < pairs->count &&
	       !(same_run(pairs->pairs[i].a, a) && same_run(pairs->pairs[i].b, b)))
		i++;
	if (i == pairs->count) {
		bigger = realloc(pairs->pairs, (i + 1) * sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		pairs->pairs = bigger;
		pairs->pairs[pairs->count++] = (struct pair){.a = a, .b = b};
	}
	if (a < pairs->pairs[i].a) {
		pairs->pairs[i].a = a;
		pairs->pairs[i].b = b;
	}
	pairs->pairs[i].groups++;
	pairs->pairs[i].bits += bits;
	return 0;
}

static int compare_prints(const void *a, const void *b)
{
	const struct print *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->group > y->group) - (x->group < y->group);
}

/* Each group that another run has too, once. */
static int find(const struct samples *s, const struct print *prints, size_t count,
                struct pairs *pairs)
{
	int rc = 0;

	for (size_t i = 1; i < count && !rc; i++) {
		const struct samples_group *a = &s->groups[prints[i - 1].group];
		const struct samples_group *b = &s->groups[prints[i].group];

		if (prints[i - 1].hash == prints[i].hash && !same_run(a, b))
			rc = add(pairs, a, b);
	}
	return rc;
}

static int refuse(const struct samples *s, const struct pair *pair, struct err *e)
{
	const struct samples_group_key *a = &pair->a->key, *b = &pair->b->key;
	const struct samples_cell_key *cell = &s->cells[a->cell].key;

	return err_set(e, EINVAL,
	               "run %s in %s and run %s in %s hold the same samples (in %zu series; the "
	               "first: %s/%s on %s, rounds %" PRIu32 " and %" PRIu32
	               "): a copy is no other measurement, leave one of them out",
	               samples_text(s, a->run), s->sources[a->source].path, samples_text(s, b->run),
	               s->sources[b->source].path, pair->groups, samples_text(s, cell->kernel),
	               samples_text(s, cell->variant), target_name(a->platform), a->round,
	               b->round);
}

int copies_check(const struct samples *s, struct err *e)
{
	struct print *prints = calloc(s->group_count + 1, sizeof(*prints));
	struct pairs pairs = {.count = 0};
	size_t count = 0;
	int rc = prints ? 0 : -ENOMEM;

	for (size_t i = 0; i < s->group_count && !rc; i++)
		if (samples_measured(&s->groups[i]))
			prints[count++] = (struct print){hash_of(&s->groups[i]), i};
	if (!rc) {
		qsort(prints, count, sizeof(*prints), compare_prints);
		rc = find(s, prints, count, &pairs);
	}
	if (rc)
		err_set(e, ENOMEM, "no memory to look for copies among %zu rounds", s->group_count);
	for (size_t i = 0; i < pairs.count && !rc; i++)
		if (pairs.pairs[i].bits >= COPIES_RUNS)
			rc = refuse(s, &pairs.pairs[i], e);
	free(pairs.pairs);
	free(prints);
	return rc;
}
