/* SPDX-License-Identifier: MIT */
#include "vmrun/doctor_print.h"

#include <string.h>

#include "vmrun/host/sevleaf.h"

#define COLUMNS     100
#define NAME_WIDTH  17
#define FOUND_WIDTH 53
#define MODE_WIDTH  7

/* The first rows are about the processor: what it lacks can be had by nothing but another one. */
#define DOCTOR_CPU_ROWS 2

/* `text` from column `indent` on, broken at blanks before COLUMNS. The first line is begun. */
static void print_wrapped(FILE *out, int indent, const char *text)
{
	int at = indent;

	while (*text) {
		int length = (int)strcspn(text, " ");

		if (at > indent && at + 1 + length > COLUMNS) {
			fprintf(out, "\n%*s", indent, "");
			at = indent;
		}
		at += fprintf(out, "%s%.*s", at > indent ? " " : "", length, text);
		text += length;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static void print_rows(const struct doctor *d, FILE *out)
{
	fprintf(out, "%-*s %-*s", NAME_WIDTH, "requirement", FOUND_WIDTH, "found");
	for (int p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END; p++)
		fprintf(out, "%-*s", p + 1 < PLATFORM_LAUNCH_END ? MODE_WIDTH : 0,
		        platform_name((enum platform)p));
	fputc('\n', out);
	for (size_t i = 0; i < d->count; i++) {
		const struct finding *f = &d->findings[i];
		bool fits = strlen(f->found) < FOUND_WIDTH;

		/* What is too long gets a line of its own. */
		fprintf(out, "%-*s %s", NAME_WIDTH, d->names[i], f->found);
		if (fits)
			fprintf(out, "%*s", FOUND_WIDTH - (int)strlen(f->found), "");
		else
			fprintf(out, "\n%*s", NAME_WIDTH + 1 + FOUND_WIDTH, "");
		for (int p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END; p++)
			fprintf(out, "%-*s", p + 1 < PLATFORM_LAUNCH_END ? MODE_WIDTH : 0,
			        *finding_word(f->verdict[p]) ? finding_word(f->verdict[p]) : "-");
		fputc('\n', out);
	}
}

/* As the program cpuid prints it, so that the two can be held side by side. */
static void print_leaf(const struct doctor *d, FILE *out)
{
	size_t count;
	const struct sevleaf_field *fields = sevleaf_fields(&count);

	if (!d->leaf_known)
		return;
	fprintf(out, "\nAMD Secure Encryption (0x8000001f):\n");
	for (size_t i = 0; i < count; i++) {
		uint32_t value = sevleaf_value(&fields[i], d->leaf);

		if (fields[i].width == 1)
			fprintf(out, "   %-40s = %s\n", fields[i].name, value ? "true" : "false");
		else
			fprintf(out, "   %-40s = 0x%x (%u)\n", fields[i].name, value, value);
	}
}

static void print_verdicts(const struct doctor *d, FILE *out)
{
	for (int p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END; p++) {
		const char *word = !d->can[p] ? "no" : d->accel[p] == ACCEL_TCG ? "tcg" : "yes";

		fprintf(out, "%-7s %-4s ", platform_name((enum platform)p), word);
		print_wrapped(out, 13,
		              !d->can[p]                 ? d->why[p]
		              : d->accel[p] == ACCEL_TCG ? d->why[p]
		                                         : "can be launched with KVM");
	}
}

/* Is the reason of mode `p` in row `i` worth saying: the first of its kind, and a help? */
static bool worth_saying(const struct doctor *d, size_t i, int p)
{
	const struct finding *f = &d->findings[i];

	if (!f->reason[p][0])
		return false;
	for (size_t row = 0; row <= i; row++) {
		for (int q = PLATFORM_NOSEV; q < (row < i ? PLATFORM_LAUNCH_END : p); q++) {
			if (!strcmp(d->findings[row].reason[q], f->reason[p]))
				return false;
		}
	}
	for (size_t row = 0; row < i && f->follows[p]; row++) {
		if (d->findings[row].verdict[p] == VERDICT_FAIL && d->findings[row].reason[p][0])
			return false;
	}
	/* Where the processor has no such mode, nothing else is worth clearing out of the way. */
	for (size_t row = 0; row < i && row < DOCTOR_CPU_ROWS; row++) {
		if (d->findings[row].verdict[p] == VERDICT_FAIL)
			return false;
	}
	return true;
}

/* Every reason once, in the order of the rows. */
static void print_remedies(const struct doctor *d, FILE *out)
{
	bool any = false;

	for (size_t i = 0; i < d->count; i++) {
		const struct finding *f = &d->findings[i];

		for (int p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END; p++) {
			if (!worth_saying(d, i, p))
				continue;
			if (!any)
				fprintf(out, "\nIn the way, in the order to clear it:\n");
			any = true;
			fprintf(out, "- ");
			print_wrapped(out, 2, f->reason[p]);
		}
	}
}

void doctor_print(const struct doctor *d, bool verbose, FILE *out)
{
	print_verdicts(d, out);
	print_remedies(d, out);
	fputc('\n', out);
	print_rows(d, out);
	if (verbose)
		print_leaf(d, out);
}
