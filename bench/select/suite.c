/* SPDX-License-Identifier: MIT */
#include "bench/select/suite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/select/selection_expand.h"
#include "harness/result.h"
#include "harness/units.h"
#include "kernels/registry.h"

#define WORDS_MAX 64

/* Built in by the Makefile from bench/suites (ld -r -b binary). */
extern const char _binary_bench_suites_quick_suite_start[], _binary_bench_suites_quick_suite_end[];
extern const char _binary_bench_suites_full_suite_start[], _binary_bench_suites_full_suite_end[];

static const char *const names[] = {"quick", "full", NULL};

static const struct {
	const char *start, *end;
} texts[] = {
        {_binary_bench_suites_quick_suite_start, _binary_bench_suites_quick_suite_end},
        {_binary_bench_suites_full_suite_start, _binary_bench_suites_full_suite_end},
};

const char *const *suite_names(void)
{
	return names;
}

static char *read_file(const char *path, struct err *e)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;
	ssize_t length;

	if (!f) {
		err_errno(e, "cannot read the suite %s", path);
		return NULL;
	}
	length = getdelim(&text, &room, '\0', f);
	if (length < 0 || (size_t)length != strlen(text) || !feof(f)) {
		err_set(e, EINVAL, "the suite %s is empty or not a text file", path);
		free(text);
		text = NULL;
	}
	fclose(f);
	return text;
}

static char *find_text(const char *name, struct err *e)
{
	for (size_t i = 0; names[i]; i++) {
		if (!strcmp(names[i], name))
			return strndup(texts[i].start, (size_t)(texts[i].end - texts[i].start));
	}
	if (strpbrk(name, "/."))
		return read_file(name, e);
	err_set(e, ENOENT,
	        "there is no suite \"%s\": take quick, full, or the path of a .suite file", name);
	return NULL;
}

/* The words of a line after the first, as options. Every value is the word after its option. */
static int take_options(struct selection *s, char **words, size_t count, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		const char *name = words[i];
		const char *value = NULL;
		int rc;

		if (strncmp(name, "--", 2) != 0)
			return err_set(e, EINVAL, "\"%s\" is not an option", name);
		name += 2;
		if (!selection_is_flag(name)) {
			if (++i == count)
				return err_set(e, EINVAL, "--%s needs a value", name);
			value = words[i];
		}
		rc = selection_option(s, name, value, e);
		if (rc)
			return rc == -ENOENT ? -EINVAL : rc;
	}
	return 0;
}

static int add_cells(struct suite *suite, const struct selection *s, const char *name,
                     struct err *e)
{
	const struct kernel *kernel = registry_find(name);
	struct suite_cell *more;
	struct cell *cells;
	size_t count;
	int rc;

	if (!kernel)
		return err_set(e, EINVAL, "there is no kernel \"%s\": `sevbench list` names them",
		               name);
	rc = selection_expand(s, kernel, &cells, &count, e);
	if (rc)
		return rc;
	more = realloc(suite->cells, (suite->count + count) * sizeof(*more));
	if (!more) {
		free(cells);
		return err_set(e, ENOMEM, "no memory for the cells of %s", name);
	}
	suite->cells = more;
	for (size_t i = 0; i < count; i++)
		suite->cells[suite->count++] =
		        (struct suite_cell){.cell = cells[i], .plan = s->plan};
	free(cells);
	return 0;
}

static int kernel_line(struct suite *suite, const struct selection *defaults, char **words,
                       size_t count, struct err *e)
{
	struct selection s;
	int rc;

	if (count < 2)
		return err_set(e, EINVAL, "`kernel` needs the name of a kernel");
	rc = selection_copy(defaults, &s, e);
	if (rc)
		return rc;
	rc = take_options(&s, words + 2, count - 2, e);
	if (!rc)
		rc = add_cells(suite, &s, words[1], e);
	selection_free(&s);
	return rc;
}

static int take_line(struct suite *suite, struct selection *defaults, char *line, struct err *e)
{
	char *words[WORDS_MAX], *word, *rest = line;
	uint64_t rounds = 0;
	size_t count = 0;
	int rc;

	if (!strncmp(line, "about ", 6)) {
		free(suite->about);
		suite->about = strdup(line + 6);
		return suite->about ? 0 : err_set(e, ENOMEM, "no memory");
	}
	while ((word = strsep(&rest, " \t\r"))) {
		if (!*word)
			continue;
		if (*word == '#')
			break;
		if (count == WORDS_MAX)
			return err_set(e, EINVAL, "more than %d words in a line", WORDS_MAX);
		words[count++] = word;
	}
	if (count == 0)
		return 0;
	if (!strcmp(words[0], "kernel"))
		return kernel_line(suite, defaults, words, count, e);
	if (!strcmp(words[0], "default"))
		return take_options(defaults, words + 1, count - 1, e);
	if (!strcmp(words[0], "rounds") && count == 2) {
		rc = units_parse_number("rounds", words[1], 1, 1000, &rounds, e);
		suite->rounds = (unsigned)rounds;
		return rc;
	}
	return err_set(e, EINVAL,
	               "\"%s\" begins no line of a suite: about, rounds, default, kernel do",
	               words[0]);
}

#define ORDER(a, b)                                                                                \
	do {                                                                                       \
		if ((a) != (b))                                                                    \
			return (a) < (b) ? -1 : 1;                                                 \
	} while (0)

static int by_cell(const void *left, const void *right)
{
	const struct cell *a = &((const struct suite_cell *)left)->cell;
	const struct cell *b = &((const struct suite_cell *)right)->cell;

	ORDER(a->kernel, b->kernel);
	ORDER(a->variant, b->variant);
	ORDER(a->size, b->size);
	ORDER(a->threads, b->threads);
	ORDER(a->pages, b->pages);
	ORDER(a->backing, b->backing);
	ORDER(a->fill, b->fill);
	ORDER(a->single, b->single);
	for (size_t i = 0; i < a->kernel->axis_count; i++)
		ORDER(a->axis[i], b->axis[i]);
	return 0;
}

/* A cell that is measured twice in a round would have two results of one name. */
static int check_unique(const struct suite *suite, struct err *e)
{
	struct suite_cell *sorted = calloc(suite->count, sizeof(*sorted));
	int rc = sorted ? 0 : err_set(e, ENOMEM, "no memory for the cells");

	for (size_t i = 0; !rc && i < suite->count; i++)
		sorted[i] = suite->cells[i];
	if (!rc)
		qsort(sorted, suite->count, sizeof(*sorted), by_cell);
	for (size_t i = 1; !rc && i < suite->count; i++) {
		char text[256];

		if (by_cell(&sorted[i - 1], &sorted[i]))
			continue;
		cell_text(&sorted[i].cell, text, sizeof(text));
		rc = err_set(e, EINVAL, "the suite %s selects %s twice", suite->name, text);
	}
	free(sorted);
	return rc;
}

/* The rest of the suite can still be measured. */
static int leave_out(struct suite *suite, unsigned number, struct err *e)
{
	char **more = realloc(suite->left_out, (suite->left_out_count + 1) * sizeof(*more));

	if (!more)
		return err_set(e, ENOMEM, "no memory for the lines of the suite");
	suite->left_out = more;
	if (asprintf(&more[suite->left_out_count], "line %u is left out: %s", number, e->text) < 0)
		return err_set(e, ENOMEM, "no memory for the lines of the suite");
	suite->left_out_count++;
	e->text[0] = '\0';
	return 0;
}

static int parse(struct suite *suite, const char *cpus, struct err *e)
{
	struct selection defaults;
	char *copy = strdup(suite->text), *rest = copy, *line;
	unsigned number = 0;
	int rc = copy ? 0 : err_set(e, ENOMEM, "no memory for the suite");

	selection_init(&defaults);
	if (!rc)
		rc = selection_option(&defaults, "cpu", cpus, e);
	while (!rc && (line = strsep(&rest, "\n"))) {
		number++;
		rc = take_line(suite, &defaults, line, e);
		if (rc == -ENOTSUP)
			rc = leave_out(suite, number, e);
		if (rc)
			err_wrap(e, rc, "suite %s, line %u", suite->name, number);
	}
	selection_free(&defaults);
	free(copy);
	if (!rc && suite->count == 0)
		rc = err_set(e, EINVAL, "the suite %s selects nothing%s%s", suite->name,
		             suite->left_out_count ? ": " : "",
		             suite->left_out_count ? suite->left_out[0] : "");
	return rc ? rc : check_unique(suite, e);
}

/* Takes `text`. */
static int load(const char *name, char *text, const char *cpus, struct suite *suite, struct err *e)
{
	int rc;

	memset(suite, 0, sizeof(*suite));
	suite->rounds = 3;
	suite->text = text;
	suite->name = strdup(name);
	rc = suite->name && text ? parse(suite, cpus, e)
	                         : err_set(e, ENOMEM, "no memory for the suite");
	if (rc)
		suite_free(suite);
	return rc;
}

int suite_load(const char *name, const char *cpus, struct suite *suite, struct err *e)
{
	char *text = find_text(name, e);

	return text ? load(name, text, cpus, suite, e) : -EINVAL;
}

int suite_from_text(const char *name, const char *text, const char *cpus, struct suite *suite,
                    struct err *e)
{
	return load(name, strdup(text), cpus, suite, e);
}

int suite_filter(struct suite *suite, const char *kernels, struct err *e)
{
	char *copy = strdup(kernels), *rest = copy, *word;
	size_t kept = 0;
	int rc = copy ? 0 : err_set(e, ENOMEM, "no memory");

	while (!rc && (word = strsep(&rest, ","))) {
		const struct kernel *kernel = registry_find(word);
		size_t before = kept;

		if (!kernel) {
			rc = err_set(e, EINVAL,
			             "there is no kernel \"%s\": `sevbench list` names them", word);
			break;
		}
		for (size_t i = kept; i < suite->count; i++) {
			struct suite_cell cell = suite->cells[i];

			if (cell.cell.kernel != kernel)
				continue;
			/* keep the order: shift what is between */
			memmove(&suite->cells[kept + 1], &suite->cells[kept],
			        (i - kept) * sizeof(cell));
			suite->cells[kept++] = cell;
		}
		if (kept == before)
			rc = err_set(e, EINVAL, "the suite %s has no cell of kernel %s",
			             suite->name, word);
	}
	free(copy);
	suite->count = kept;
	return rc;
}

void suite_free(struct suite *suite)
{
	free(suite->name);
	free(suite->text);
	free(suite->about);
	free(suite->cells);
	for (size_t i = 0; i < suite->left_out_count; i++)
		free(suite->left_out[i]);
	free(suite->left_out);
	memset(suite, 0, sizeof(*suite));
}
