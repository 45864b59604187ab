/* SPDX-License-Identifier: MIT */
#include "analysis/read/samples.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *samples_text(const struct samples *s, uint32_t id)
{
	return intern_text(&s->text, id);
}

bool samples_single_on_request(const struct samples *s, const struct samples_cell_key *key)
{
	return strstr(samples_text(s, key->params), "timing=single");
}

/* Room for one more element in a growing array. */
static int grow(void **array, size_t *room, size_t count, size_t size, struct err *e)
{
	size_t wanted = *room ? *room * 2 : 16;
	void *bigger;

	if (count < *room)
		return 0;
	bigger = realloc(*array, wanted * size);
	if (!bigger)
		return err_set(e, ENOMEM, "no memory for %zu records of samples", wanted);
	*array = bigger;
	*room = wanted;
	return 0;
}

static int find_cell(struct samples *s, const struct samples_row *row, uint32_t *id, struct err *e)
{
	struct samples_cell *cell;
	int rc = intern_add(&s->cell_keys, &row->cell, sizeof(row->cell), id, e);

	if (rc)
		return rc;
	if (*id == s->cell_count) {
		rc = grow((void **)&s->cells, &s->cell_room, s->cell_count, sizeof(*s->cells), e);
		if (rc)
			return rc;
		s->cells[s->cell_count++] = (struct samples_cell){.key = row->cell};
	}
	cell = &s->cells[*id];
	if (!row->known)
		return 0;
	if (cell->known && (cell->unit != row->unit || cell->single_shot != row->single_shot))
		return err_set(e, EINVAL, "unit or single_shot of %s/%s differ from an earlier row",
		               samples_text(s, row->cell.kernel),
		               samples_text(s, row->cell.variant));
	cell->known = true;
	cell->unit = row->unit;
	cell->single_shot = row->single_shot;
	return 0;
}

static int find_group(struct samples *s, const struct samples_row *row,
                      struct samples_group **group, struct err *e)
{
	struct samples_group_key key = row->group;
	uint32_t id;
	int rc;

	if (s->group_count) {
		/* Rows of one process follow one another: try the group of the row before. */
		struct samples_group *last = &s->groups[s->group_count - 1];

		key.cell = last->key.cell;
		if (!memcmp(&key, &last->key, sizeof(key)) &&
		    !memcmp(&s->cells[key.cell].key, &row->cell, sizeof(row->cell))) {
			*group = last;
			return 0;
		}
	}
	rc = find_cell(s, row, &key.cell, e);
	if (!rc)
		rc = intern_add(&s->group_keys, &key, sizeof(key), &id, e);
	if (rc)
		return rc;
	if (id == s->group_count) {
		rc = grow((void **)&s->groups, &s->group_room, s->group_count, sizeof(*s->groups),
		          e);
		if (rc)
			return rc;
		s->groups[s->group_count++] = (struct samples_group){
		        .key = key,
		        .reason = row->reason,
		        .cpus = row->cpus,
		        .read = NAN,
		        .written = NAN,
		        .allocate = NAN,
		        .tsc_hz = row->tsc_hz,
		        .tsc_step = row->tsc_step,
		        .page_faults = row->page_faults,
		        .involuntary = row->involuntary,
		        .migrations = row->migrations,
		        .steal_ns = row->steal_ns,
		        .cycles = row->cycles,
		        .instructions = row->instructions,
		        .dtlb_misses = row->dtlb_misses,
		};
		memcpy(s->groups[id].exits, row->exits, sizeof(row->exits));
		memcpy(s->groups[id].sev, row->sev, sizeof(row->sev));
	}
	*group = &s->groups[id];
	return 0;
}

static int add_sample(struct samples_group *group, const struct samples_row *row, struct err *e)
{
	struct samples_series *series = &group->series[row->series];
	double iterations = (double)row->iterations;

	if (row->number < series->next)
		return err_set(
		        e, EINVAL,
		        "sample %llu of its cell and round comes after sample %u: a row that "
		        "is there twice, or rows that are not in the order of measurement",
		        (unsigned long long)row->number, series->next - 1);
	if (row->number >= UINT32_MAX - 1)
		return err_set(e, EINVAL, "sample %llu is more than a series can have",
		               (unsigned long long)row->number);
	if (series->count == series->room) {
		uint32_t room = series->room ? series->room * 2 : 16;
		double *ns = realloc(series->ns, room * sizeof(*ns));

		if (!ns)
			return err_set(e, ENOMEM, "no memory for %u samples", room);
		series->ns = ns;
		series->room = room;
	}
	series->ns[series->count++] = row->ns / iterations;
	series->next = (uint32_t)row->number + 1;
	if (row->series == SERIES_OP) {
		group->iterations += row->iterations;
		group->read = row->read / iterations;
		group->written = row->written / iterations;
		group->allocate = row->allocate / iterations;
	}
	return 0;
}

int samples_add(struct samples *s, const struct samples_row *row, struct err *e)
{
	struct samples_group *group = NULL;
	int rc = find_group(s, row, &group, e);

	if (rc)
		return rc;
	if (!row->iterations && group->unrun)
		return err_set(e, EINVAL,
		               "a second row without a sample for the same cell and round");
	if (row->iterations)
		rc = add_sample(group, row, e);
	else
		group->unrun = true;
	if (!rc && row->status > group->status) {
		group->status = row->status;
		group->reason = row->reason;
	}
	return rc;
}

static int compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Numbers in names as numbers, hexadecimal ones too: chains=2, chains=16; 0x1, 0xb, 0x40000000. */
static int compare_names(const char *a, const char *b)
{
	if (!strncmp(a, "0x", 2) && !strncmp(b, "0x", 2) && strlen(a) != strlen(b))
		return strlen(a) < strlen(b) ? -1 : 1;
	return strverscmp(a, b);
}

static int compare_cells(const void *a, const void *b, void *context)
{
	const struct samples *s = context;
	const struct samples_cell_key *x = &s->cells[*(const uint32_t *)a].key;
	const struct samples_cell_key *y = &s->cells[*(const uint32_t *)b].key;
	const uint32_t texts[][2] = {{x->kernel, y->kernel},   {x->variant, y->variant},
	                             {x->params, y->params},   {x->pages, y->pages},
	                             {x->backing, y->backing}, {x->fill, y->fill}};
	int order = 0;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts) && !order; i++) {
		if (texts[i][0] == texts[i][1])
			continue;
		order = compare_names(samples_text(s, texts[i][0]), samples_text(s, texts[i][1]));
	}
	if (!order)
		order = compare_u64(x->threads, y->threads);
	return order ? order : compare_u64(x->size, y->size);
}

static int compare_groups(const void *a, const void *b, void *context)
{
	const struct samples *s = context;
	const struct samples_group_key *x = &((const struct samples_group *)a)->key;
	const struct samples_group_key *y = &((const struct samples_group *)b)->key;
	int order = compare_u64(x->cell, y->cell);

	if (!order)
		order = compare_u64(target_place(x->platform), target_place(y->platform));
	if (!order)
		order = compare_u64(x->accel, y->accel);
	if (!order)
		order = compare_u64(s->sources[x->source].side, s->sources[y->source].side);
	if (!order && x->run != y->run)
		order = strverscmp(samples_text(s, x->run), samples_text(s, y->run));
	if (!order)
		order = compare_u64(x->round, y->round);
	return order ? order : compare_u64(x->source, y->source);
}

/* A copy of a run beside the run itself would pass for twice as many rounds. */
static int check_copies(const struct samples *s, struct err *e)
{
	for (size_t i = 1; i < s->group_count; i++) {
		const struct samples_group_key *a = &s->groups[i - 1].key, *b = &s->groups[i].key;

		if (a->cell == b->cell && a->platform == b->platform && a->accel == b->accel &&
		    a->run == b->run && a->round == b->round && *samples_text(s, a->run) &&
		    s->sources[a->source].side == s->sources[b->source].side)
			return err_set(e, EINVAL,
			               "%s and %s both hold round %u of run %s: the same "
			               "measurement must not be counted twice",
			               s->sources[a->source].path, s->sources[b->source].path,
			               a->round, samples_text(s, a->run));
	}
	return 0;
}

/* The smallest host pages that a guest of the run has; false where none are recorded. */
static bool usual_pages(const struct samples *s, const struct samples_group_key *of,
                        enum mem_pages *usual)
{
	bool found = false;

	for (size_t i = 0; i < s->group_count; i++) {
		const struct samples_group_key *key = &s->groups[i].key;
		enum mem_pages pages;

		if (key->run != of->run || key->source != of->source ||
		    !target_pages(key->platform, &pages) || (found && pages >= *usual))
			continue;
		*usual = pages;
		found = true;
	}
	return found;
}

/*
 * Host pages tell columns apart only inside a run that has several kinds: its smallest are the
 * usual ones, which SNP has on every host, and a guest on others is a target of its own.
 */
static void name_unusual_pages(struct samples *s)
{
	struct samples_group_key last = {.run = UINT32_MAX};
	enum mem_pages usual = MEM_4K, pages;
	bool known = false;

	for (size_t i = 0; i < s->group_count; i++) {
		const struct samples_group_key *key = &s->groups[i].key;

		if (key->run != last.run || key->source != last.source)
			known = usual_pages(s, key, &usual);
		last = *key;
		/* Not yet the plain target: the rest of the run still has to be read. */
		s->groups[i].usual = known && target_pages(key->platform, &pages) && pages == usual;
	}
	for (size_t i = 0; i < s->group_count; i++)
		if (s->groups[i].usual)
			s->groups[i].key.platform = target_platform(s->groups[i].key.platform);
}

static void name_snp_off(struct samples *s)
{
	for (size_t i = 0; i < s->group_count; i++) {
		struct samples_group_key *key = &s->groups[i].key;

		key->platform = target_snp_off(key->platform, s->sources[key->source].snp_off);
	}
}

int samples_sort(struct samples *s, struct err *e)
{
	uint32_t *order = malloc((s->cell_count + 1) * sizeof(*order));
	uint32_t *place = malloc((s->cell_count + 1) * sizeof(*place));
	struct samples_cell *cells = malloc((s->cell_count + 1) * sizeof(*cells));
	int rc = 0;

	if (!order || !place || !cells) {
		rc = err_set(e, ENOMEM, "no memory to sort %zu cells", s->cell_count);
		free(cells);
		goto out;
	}
	for (uint32_t i = 0; i < s->cell_count; i++)
		order[i] = i;
	qsort_r(order, s->cell_count, sizeof(*order), compare_cells, s);
	for (uint32_t i = 0; i < s->cell_count; i++) {
		cells[i] = s->cells[order[i]];
		place[order[i]] = i;
	}
	free(s->cells);
	s->cells = cells;
	s->cell_room = s->cell_count + 1;
	name_unusual_pages(s);
	name_snp_off(s);
	for (size_t i = 0; i < s->group_count; i++)
		s->groups[i].key.cell = place[s->groups[i].key.cell];
	if (s->group_count)
		qsort_r(s->groups, s->group_count, sizeof(*s->groups), compare_groups, s);
	/* The ids no longer say where a cell or a group is. */
	intern_free(&s->cell_keys);
	intern_free(&s->group_keys);
	rc = check_copies(s, e);
out:
	free(order);
	free(place);
	return rc;
}

bool samples_measured(const struct samples_group *group)
{
	return group->status == CELL_OK && group->series[SERIES_OP].count;
}

void samples_free(struct samples *s)
{
	for (size_t i = 0; i < s->group_count; i++) {
		free(s->groups[i].series[SERIES_OP].ns);
		free(s->groups[i].series[SERIES_BASELINE].ns);
	}
	for (size_t i = 0; i < s->source_count; i++)
		free(s->sources[i].path);
	free(s->groups);
	free(s->cells);
	free(s->sources);
	intern_free(&s->text);
	intern_free(&s->cell_keys);
	intern_free(&s->group_keys);
	memset(s, 0, sizeof(*s));
}
