/* SPDX-License-Identifier: MIT */
#include "analysis/read/row.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "analysis/read/number.h"
#include "harness/text.h"

/* What no row can do without; the others may be missing in an older or shortened file. */
static const enum result_column needed[] = {
        RESULT_schema, RESULT_run,        RESULT_round, RESULT_platform, RESULT_accel,
        RESULT_kernel, RESULT_variant,    RESULT_size,  RESULT_threads,  RESULT_series,
        RESULT_sample, RESULT_iterations, RESULT_ns,    RESULT_status,   RESULT_reason,
};

int row_init(struct row *r, struct samples *s, uint32_t source, struct err *e)
{
	memset(r, 0, sizeof(*r));
	r->samples = s;
	r->header = true;
	r->sample.group.source = source;
	return intern_add(&s->text, "", 0, &r->empty, e);
}

void row_begin(struct row *r)
{
	struct samples_row *s = &r->sample;
	uint32_t source = s->group.source;

	r->field = 0;
	r->rc = 0;
	r->has_ns = false;
	r->host_pages = 0;
	*s = (struct samples_row){
	        .group.source = source,
	        .reason = r->empty,
	        .cpus = r->empty,
	        .read = NAN,
	        .written = NAN,
	        .allocate = NAN,
	        .tsc_hz = NAN,
	        .tsc_step = NAN,
	        .page_faults = NAN,
	        .involuntary = NAN,
	        .migrations = NAN,
	        .steal_ns = NAN,
	        .cycles = NAN,
	        .instructions = NAN,
	        .dtlb_misses = NAN,
	};
	for (int i = 0; i < SAMPLES_EXITS_COUNT; i++)
		s->exits[i] = NAN;
	for (int i = 0; i < SAMPLES_SEV_COUNT; i++)
		s->sev[i] = NAN;
	s->cell.pages = s->cell.backing = s->cell.fill = s->cell.params = r->empty;
}

/* A part of a bad field that fits into a sentence. */
static int bad_field(struct row *r, enum result_column column, const char *text, const char *wanted)
{
	return err_set(&r->why, EINVAL, "%s is '%.40s'%s, not %s", result_column_name(column), text,
	               strlen(text) > 40 ? "..." : "", wanted);
}

static int take_text(struct row *r, enum result_column column, const char *text, size_t size,
                     uint32_t *id)
{
	if (strlen(text) != size)
		return bad_field(r, column, text, "a text: it holds a NUL byte");
	return intern_add(&r->samples->text, text, size, id, &r->why);
}

static int take_count(struct row *r, enum result_column column, const char *text, size_t size,
                      uint64_t max, uint64_t *value)
{
	*value = 0;
	if (size && (!number_count(text, size, value) || *value > max))
		return bad_field(r, column, text, "a count that fits");
	return 0;
}

static int take_decimal(struct row *r, enum result_column column, const char *text, size_t size,
                        double *value)
{
	if (size && !number_decimal(text, size, value))
		return bad_field(r, column, text, "a finite number that is not negative");
	if (size && *value != 0 && (*value < ROW_DECIMAL_LEAST || *value > ROW_DECIMAL_MOST))
		return bad_field(r, column, text,
		                 "0 or a number from 1e-9 to 2^64 - 1, as counters hold");
	return 0;
}

/* The place of `text` in a list of names. */
static int take_name(struct row *r, enum result_column column, const char *text,
                     const char *const *names, uint32_t count, uint32_t *value)
{
	char wanted[128] = "one of";

	for (uint32_t i = 0; i < count; i++) {
		if (!strcmp(text, names[i])) {
			*value = i;
			return 0;
		}
		text_add(wanted, sizeof(wanted), "%s%s", i ? ", " : " ", names[i]);
	}
	return bad_field(r, column, text, wanted);
}

/* Columns whose text becomes a small number, which is remembered for the next row. */
static int take_word(struct row *r, enum result_column column, const char *text, size_t size,
                     uint32_t *value)
{
	static const char *const series[] = {"op", "baseline"};
	static const char *const status[] = {"ok", "skipped", "failed"};
	static const char *const unit[] = {"bandwidth", "latency"};
	const char *platforms[PLATFORM_COUNT], *accels[ACCEL_COUNT], *pages[MEM_PAGES_COUNT];
	struct row_last *last = &r->last[column];
	int rc;

	if (last->valid && size == last->size && !memcmp(text, last->text, size)) {
		*value = last->value;
		return 0;
	}
	switch (column) {
	case RESULT_platform:
		for (int i = 0; i < PLATFORM_COUNT; i++)
			platforms[i] = platform_name((enum platform)i);
		rc = take_name(r, column, text, platforms, PLATFORM_COUNT, value);
		break;
	case RESULT_accel:
		for (int i = 0; i < ACCEL_COUNT; i++)
			accels[i] = accel_name((enum accel)i);
		rc = take_name(r, column, text, accels, ACCEL_COUNT, value);
		break;
	case RESULT_host_pages: /* 0: not recorded, or no guest */
		for (int i = 0; i < MEM_PAGES_COUNT; i++)
			pages[i] = mem_pages_name((enum mem_pages)i);
		rc = size ? take_name(r, column, text, pages, MEM_PAGES_COUNT, value) : 0;
		*value = size ? *value + 1 : 0;
		break;
	case RESULT_series:
		rc = take_name(r, column, text, series, 2, value);
		break;
	case RESULT_status:
		rc = take_name(r, column, text, status, 3, value);
		break;
	case RESULT_unit:
		rc = take_name(r, column, text, unit, 2, value);
		break;
	default:
		rc = take_text(r, column, text, size, value);
	}
	last->valid = !rc && size < sizeof(last->text);
	if (last->valid) {
		memcpy(last->text, text, size);
		last->size = size;
		last->value = *value;
	}
	return rc;
}

static int take_schema(struct row *r, const char *text, size_t size)
{
	uint64_t schema;

	if (!number_count(text, size, &schema) || !schema)
		return bad_field(r, RESULT_schema, text, "a schema version");
	if (schema > RESULT_SCHEMA)
		return err_set(&r->why, EPROTONOSUPPORT,
		               "schema %" PRIu64 " is newer than this program, which reads up to "
		               "%d: use the sevbench that wrote the file",
		               schema, RESULT_SCHEMA);
	if (r->schema && schema != r->schema)
		return err_set(&r->why, EINVAL,
		               "schema %" PRIu64 " in a file that began with schema %" PRIu64,
		               schema, r->schema);
	r->schema = schema;
	return 0;
}

/* Words and texts; false when the column is neither. */
static bool word_column(struct row *r, enum result_column column, const char *text, size_t size)
{
	struct samples_row *s = &r->sample;
	uint32_t value = 0;

	switch (column) {
#define TEXT(name, target)                                                                         \
	case RESULT_##name:                                                                        \
		r->rc = take_word(r, column, text, size, &value);                                  \
		(target) = value;                                                                  \
		return true
		TEXT(run, s->group.run);
		TEXT(platform, s->group.platform);
		TEXT(host_pages, r->host_pages);
		TEXT(accel, s->group.accel);
		TEXT(kernel, s->cell.kernel);
		TEXT(variant, s->cell.variant);
		TEXT(pages, s->cell.pages);
		TEXT(backing, s->cell.backing);
		TEXT(fill, s->cell.fill);
		TEXT(params, s->cell.params);
		TEXT(reason, s->reason);
		TEXT(cpus, s->cpus);
#undef TEXT
	case RESULT_series:
		r->rc = take_word(r, column, text, size, &value);
		s->series = (enum sample_series)value;
		return true;
	case RESULT_status:
		r->rc = take_word(r, column, text, size, &value);
		s->status = (enum cell_status)value;
		return true;
	case RESULT_unit:
		if (size)
			r->rc = take_word(r, column, text, size, &value);
		s->unit = (enum kernel_unit)value;
		return true;
	default:
		return false;
	}
}

static void number_column(struct row *r, enum result_column column, const char *text, size_t size)
{
	struct samples_row *s = &r->sample;
	uint64_t count = 0;
	double ignored;

	switch (column) {
	case RESULT_schema:
		r->rc = take_schema(r, text, size);
		return;
	case RESULT_round:
		r->rc = take_count(r, column, text, size, UINT32_MAX, &count);
		s->group.round = (uint32_t)count;
		return;
	case RESULT_threads:
		r->rc = take_count(r, column, text, size, UINT32_MAX, &count);
		s->cell.threads = (uint32_t)count;
		return;
	case RESULT_size:
		r->rc = take_count(r, column, text, size, UINT64_MAX, &s->cell.size);
		return;
	case RESULT_sample:
		r->rc = take_count(r, column, text, size, UINT32_MAX, &s->number);
		return;
	case RESULT_iterations:
		r->rc = take_count(r, column, text, size, UINT64_MAX, &s->iterations);
		return;
	case RESULT_node: /* checked, not kept */
	case RESULT_interrupts:
		r->rc = take_count(r, column, text, size, UINT64_MAX, &count);
		return;
	case RESULT_single_shot:
		r->rc = take_count(r, column, text, size, 1, &count);
		s->single_shot = count;
		s->known = size;
		return;
	case RESULT_ns:
		r->has_ns = size;
		r->rc = take_decimal(r, column, text, size, &s->ns);
		return;
#define DECIMAL(name, target)                                                                      \
	case RESULT_##name:                                                                        \
		r->rc = take_decimal(r, column, text, size, &(target));                            \
		return
		DECIMAL(bytes_read, s->read);
		DECIMAL(bytes_written, s->written);
		DECIMAL(bytes_allocate, s->allocate);
		DECIMAL(tsc_hz, s->tsc_hz);
		DECIMAL(tsc_step, s->tsc_step);
		DECIMAL(page_faults, s->page_faults);
		DECIMAL(involuntary, s->involuntary);
		DECIMAL(migrations, s->migrations);
		DECIMAL(steal_ns, s->steal_ns);
		DECIMAL(cycles, s->cycles);
		DECIMAL(instructions, s->instructions);
		DECIMAL(dtlb_misses, s->dtlb_misses);
		DECIMAL(exits, s->exits[SAMPLES_EXITS_ALL]);
		DECIMAL(exits_io, s->exits[SAMPLES_EXITS_IO]);
		DECIMAL(exits_mmio, s->exits[SAMPLES_EXITS_MMIO]);
		DECIMAL(exits_irq, s->exits[SAMPLES_EXITS_IRQ]);
		DECIMAL(exits_halt, s->exits[SAMPLES_EXITS_HALT]);
		DECIMAL(vc, s->sev[SAMPLES_SEV_VC]);
		DECIMAL(vmgexit, s->sev[SAMPLES_SEV_VMGEXIT]);
		DECIMAL(page_states, s->sev[SAMPLES_SEV_PAGE_STATES]);
		DECIMAL(pvalidate, s->sev[SAMPLES_SEV_PVALIDATE]);
	case RESULT_ticks: /* checked, not kept: ns says the same */
		r->rc = take_decimal(r, column, text, size, &ignored);
		return;

#undef DECIMAL
	default:
		return;
	}
}

static void header_field(struct row *r, const char *text)
{
	int column = -1;

	if (r->column_count == ROW_COLUMNS_MAX) {
		if (!r->rc)
			r->rc = err_set(&r->why, EINVAL, "more than %d columns", ROW_COLUMNS_MAX);
		return;
	}
	for (int i = 0; i < RESULT_COLUMN_COUNT; i++)
		if (!strcmp(text, result_column_name((enum result_column)i)))
			column = i;
	for (unsigned i = 0; i < r->column_count && column >= 0; i++)
		if (r->column[i] == column && !r->rc)
			r->rc = err_set(&r->why, EINVAL, "column %s is there twice", text);
	r->column[r->column_count++] = column;
}

static unsigned line_breaks(const char *text, size_t size)
{
	const char *end = text + size;
	unsigned count = 0;

	while ((text = memchr(text, '\n', (size_t)(end - text)))) {
		count++;
		text++;
	}
	return count;
}

unsigned row_field(struct row *r, const char *text, size_t size)
{
	unsigned position = r->field++;
	int column;

	if (r->header) {
		header_field(r, text);
		return line_breaks(text, size);
	}
	column = position < r->column_count ? r->column[position] : -1;
	if (r->rc || column < 0 || word_column(r, (enum result_column)column, text, size))
		return line_breaks(text, size);
	number_column(r, (enum result_column)column, text, size);
	return r->rc ? line_breaks(text, size) : 0; /* a good number holds none */
}

int row_header_done(struct row *r, struct err *e)
{
	r->header = false;
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed) && !r->rc; i++) {
		bool found = false;

		for (unsigned k = 0; k < r->column_count; k++)
			found |= r->column[k] == (int)needed[i];
		if (!found)
			r->rc = err_set(&r->why, EINVAL,
			                "the header has no column %s: this is no samples.csv",
			                result_column_name(needed[i]));
	}
	if (r->rc)
		*e = r->why;
	return r->rc;
}

int row_done(struct row *r, struct err *e)
{
	struct samples_row *s = &r->sample;

	if (r->field != r->column_count && r->rc != -EPROTONOSUPPORT)
		return err_set(e, EINVAL, "%u fields, but the header has %u", r->field,
		               r->column_count);
	if (r->rc) {
		*e = r->why;
		return r->rc;
	}
	if (!*samples_text(r->samples, s->cell.kernel) ||
	    !*samples_text(r->samples, s->cell.variant))
		return err_set(e, EINVAL, "kernel or variant is empty");
	if (r->has_ns != (s->iterations > 0))
		return err_set(e, EINVAL, "%s",
		               r->has_ns ? "a time without iterations"
		                         : "iterations without a time");
	if (s->status == CELL_OK && !s->iterations)
		return err_set(e, EINVAL, "status ok without a time");
	if (s->status == CELL_SKIPPED && s->iterations)
		return err_set(e, EINVAL, "status skipped with a time");
	if (r->host_pages && s->group.platform != PLATFORM_NATIVE)
		s->group.platform = target_on((enum platform)s->group.platform,
		                              (enum mem_pages)(r->host_pages - 1));
	return 0;
}
