/* SPDX-License-Identifier: MIT */
#include "analysis/decide/clusters.h"

#include <errno.h>
#include <stdlib.h>

static int add(struct clusters *c, struct clusters_round round)
{
	if (c->count == c->room) {
		size_t room = c->room ? 2 * c->room : 64;
		struct clusters_round *bigger = realloc(c->rounds, room * sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		c->rounds = bigger;
		c->room = room;
	}
	round.order = c->count;
	c->rounds[c->count++] = round;
	return 0;
}

int clusters_add(struct clusters *c, const struct samples_group_key *key, double value)
{
	return add(c, (struct clusters_round){.source = key->source,
	                                      .run = key->run,
	                                      .round = key->round,
	                                      .sum = value});
}

int clusters_append(struct clusters *c, const struct clusters *more)
{
	int rc = 0;

	for (size_t i = 0; i < more->count && !rc; i++)
		rc = add(c, more->rounds[i]);
	return rc;
}

static int compare_keys(const struct clusters_round *a, const struct clusters_round *b)
{
	if (a->source != b->source)
		return a->source < b->source ? -1 : 1;
	if (a->run != b->run)
		return a->run < b->run ? -1 : 1;
	return (a->round > b->round) - (a->round < b->round);
}

static int compare_rounds(const void *x, const void *y)
{
	const struct clusters_round *a = x, *b = y;
	int keys = compare_keys(a, b);

	return keys ? keys : (a->order > b->order) - (a->order < b->order);
}

void clusters_fold(struct clusters *c)
{
	size_t kept = 0;

	if (!c->count)
		return;
	qsort(c->rounds, c->count, sizeof(*c->rounds), compare_rounds);
	for (size_t i = 1; i < c->count; i++) {
		if (compare_keys(&c->rounds[kept], &c->rounds[i]))
			c->rounds[++kept] = c->rounds[i];
		else
			c->rounds[kept].sum += c->rounds[i].sum;
	}
	c->count = kept + 1;
}

double clusters_squares(const struct clusters *c)
{
	double squares = 0;

	for (size_t i = 0; i < c->count; i++)
		squares += c->rounds[i].sum * c->rounds[i].sum;
	return squares;
}

void clusters_free(struct clusters *c)
{
	free(c->rounds);
	*c = (struct clusters){.rounds = NULL};
}
