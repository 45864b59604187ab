/* SPDX-License-Identifier: MIT */
#include "vmrun/doctor.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/units.h"
#include "vmrun/command.h"
#include "vmrun/host/recording.h"
#include "vmrun/host/sevleaf.h"
#include "vmrun/launch/plan.h"
#include "vmrun/options.h"
#include "vmrun/qemu/dialect.h"
#include "vmrun/qemu/ovmf.h"

#define COLUMNS     100
#define NAME_WIDTH  17
#define FOUND_WIDTH 53
#define MODE_WIDTH  7

/* The first rows are about the processor: what it lacks can be had by nothing but another one. */
#define DOCTOR_CPU_ROWS 2

/* The first Linux that can be an SNP guest. */
#define SNP_GUEST_MAJOR 5
#define SNP_GUEST_MINOR 19

static struct finding *add_row(struct doctor *d, const char *name)
{
	struct finding *f = &d->findings[d->count];

	memset(f, 0, sizeof(*f));
	d->names[d->count++] = name;
	return f;
}

static void judge_encrypted(struct finding *f, enum verdict verdict, const char *reason)
{
	for (int p = PLATFORM_SEV; p < PLATFORM_COUNT; p++)
		finding_judge(f, (enum platform)p, verdict, "%s", reason);
}

static void examine_limit(struct doctor *d, const struct vm_spec *spec)
{
	struct finding *f = add_row(d, "memory to lock");
	char text[UNITS_TEXT] = "no limit";
	struct rlimit r;

	if (geteuid() != 0 && getrlimit(RLIMIT_MEMLOCK, &r) == 0 && r.rlim_cur != RLIM_INFINITY)
		units_size(r.rlim_cur, text);
	snprintf(f->found, sizeof(f->found), "%s", text);
	for (int p = PLATFORM_SEV; p <= PLATFORM_SEV_ES; p++) {
		struct vm_spec one = *spec;
		struct err e = {""};

		one.platform = (enum platform)p;
		finding_judge(f, one.platform,
		              plan_check_memlock(&one, &e) ? VERDICT_FAIL : VERDICT_OK, "%s",
		              e.text);
	}
}

static void examine_qemu(struct doctor *d, const struct vm_spec *spec)
{
	struct finding *f = add_row(d, "QEMU");
	const struct dialect *dialect;
	struct qemu qemu;
	struct err e = {""};

	if (dialect_probe(spec->qemu ? spec->qemu : "qemu-system-x86_64", &qemu, &e)) {
		snprintf(f->found, sizeof(f->found), "none that can be used");
		finding_judge(f, PLATFORM_NOSEV, VERDICT_FAIL, "%s", e.text);
		judge_encrypted(f, VERDICT_FAIL, e.text);
		return;
	}
	dialect = qemu.dialect;
	snprintf(f->found, sizeof(f->found), "%u.%u (%s)%s%s%s%s", qemu.major, qemu.minor,
	         dialect->name, dialect->sev_object ? ": " : "",
	         dialect->sev_object ? dialect->sev_object : "", dialect->snp_object ? ", " : "",
	         dialect->snp_object ? dialect->snp_object : "");
	finding_judge(f, PLATFORM_NOSEV, VERDICT_OK, "%s", "");
	judge_encrypted(f, VERDICT_OK, "");
	if (!dialect->snp_object)
		finding_judge(
		        f, PLATFORM_SNP, VERDICT_FAIL,
		        "QEMU %u.%u has no sev-snp-guest, which came with QEMU 9.1: install a "
		        "later one (Debian: from backports) and name it with --qemu",
		        qemu.major, qemu.minor);
	if (!dialect->sev_object)
		judge_encrypted(
		        f, VERDICT_FAIL,
		        "this QEMU was built without SEV: install your distribution's, and name "
		        "it with --qemu");
}

static void examine_firmware(struct doctor *d, const struct vm_spec *spec)
{
	struct finding *f = add_row(d, "firmware");
	struct vm_spec one = *spec;
	struct plan plan;
	struct ovmf ovmf;
	struct err e = {""};

	one.platform = PLATFORM_SNP; /* which QEMU's own firmware does not satisfy */
	finding_judge(f, PLATFORM_NOSEV, VERDICT_OK, "%s", "");
	if (plan_find_firmware(&one, &plan, &e) ||
	    (plan.firmware[0] && ovmf_read(plan.firmware, &ovmf, &e))) {
		snprintf(f->found, sizeof(f->found), "none for encrypted guests");
		judge_encrypted(f, VERDICT_FAIL, e.text);
		return;
	}
	if (!plan.firmware[0]) {
		snprintf(f->found, sizeof(f->found), "QEMU's own");
		judge_encrypted(f, VERDICT_FAIL,
		                "QEMU's own firmware cannot start an encrypted guest: "
		                "leave out --firmware default");
		return;
	}
	snprintf(f->found, sizeof(f->found), "%.100s%s", plan.firmware,
	         ovmf.snp      ? ", metadata of SNP"
	         : ovmf.sev_es ? ", metadata of SEV-ES"
	                       : ", no metadata of SEV");
	judge_encrypted(f, VERDICT_OK, "");
	if (!ovmf.sev_es)
		finding_judge(
		        f, PLATFORM_SEV_ES, VERDICT_FAIL,
		        "%s says nothing of SEV-ES: use a generic OVMF.fd of 2022.11 or later",
		        plan.firmware);
	if (!ovmf.snp)
		finding_judge(f, PLATFORM_SNP, VERDICT_FAIL,
		              "%s has no SNP metadata: use a generic OVMF.fd of 2022.11 or later",
		              plan.firmware);
}

static void examine_guest_kernel(struct doctor *d, const struct vm_spec *spec)
{
	struct finding *f = add_row(d, "guest kernel");
	struct plan plan;
	struct err e = {""};
	unsigned major, minor;

	if (plan_find_kernel(spec, &plan, &e)) {
		snprintf(f->found, sizeof(f->found), "none that can be used");
		finding_judge(f, PLATFORM_NOSEV, VERDICT_FAIL, "%s", e.text);
		judge_encrypted(f, VERDICT_FAIL, e.text);
		return;
	}
	snprintf(f->found, sizeof(f->found), "%s", plan.release);
	finding_judge(f, PLATFORM_NOSEV, VERDICT_OK, "%s", "");
	judge_encrypted(f, VERDICT_OK, "");
	if (sscanf(plan.release, "%u.%u", &major, &minor) == 2 &&
	    (major < SNP_GUEST_MAJOR || (major == SNP_GUEST_MAJOR && minor < SNP_GUEST_MINOR)))
		finding_judge(f, PLATFORM_SNP, VERDICT_WARN,
		              "Linux %u.%u is older than %d.%d, the first that can be an SNP guest",
		              major, minor, SNP_GUEST_MAJOR, SNP_GUEST_MINOR);
}

/* A recorded host can launch what no row forbids; of this one the launcher itself is asked. */
static void conclude(const struct host_source *source, const struct vm_spec *spec, struct doctor *d)
{
	for (int p = PLATFORM_NOSEV; p < PLATFORM_COUNT; p++) {
		struct vm_spec one = *spec;
		struct vm_choice choice = {.accel = ACCEL_KVM};
		struct err e = {""};
		int rc;

		one.platform = (enum platform)p;
		rc = source->recorded ? requirement_allow(source, one.platform, &e)
		                      : vm_check(&one, &choice, &e);
		d->can[p] = rc == 0;
		d->accel[p] = choice.accel;
		snprintf(d->why[p], sizeof(d->why[p]), "%s",
		         rc                          ? e.text
		         : choice.accel == ACCEL_TCG ? choice.why
		                                     : "");
	}
}

void doctor_examine(const struct host_source *source, const struct vm_spec *spec, struct doctor *d)
{
	struct facts facts;
	size_t count;
	const struct requirement *rows = requirement_rows(&count);

	memset(d, 0, sizeof(*d));
	facts_gather(source, &facts);
	for (size_t i = 0; i < count; i++)
		rows[i].check(&facts, add_row(d, rows[i].name));
	d->leaf_known = facts.has_leaf;
	memcpy(d->leaf, facts.leaf, sizeof(d->leaf));
	facts_release(&facts);
	if (!source->recorded) {
		examine_limit(d, spec);
		examine_qemu(d, spec);
		examine_firmware(d, spec);
		examine_guest_kernel(d, spec);
	}
	conclude(source, spec, d);
}

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
	for (int p = PLATFORM_NOSEV; p < PLATFORM_COUNT; p++)
		fprintf(out, "%-*s", p + 1 < PLATFORM_COUNT ? MODE_WIDTH : 0,
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
		for (int p = PLATFORM_NOSEV; p < PLATFORM_COUNT; p++)
			fprintf(out, "%-*s", p + 1 < PLATFORM_COUNT ? MODE_WIDTH : 0,
			        finding_word(f->verdict[p]));
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
	fputc('\n', out);
	for (int p = PLATFORM_NOSEV; p < PLATFORM_COUNT; p++) {
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
	for (int q = PLATFORM_NOSEV; q < p; q++) {
		if (!strcmp(f->reason[q], f->reason[p]))
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

		for (int p = PLATFORM_NOSEV; p < PLATFORM_COUNT; p++) {
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

void doctor_print(const struct doctor *d, FILE *out)
{
	print_rows(d, out);
	print_leaf(d, out);
	print_verdicts(d, out);
	print_remedies(d, out);
}

static json_t *row_json(const char *name, const struct finding *f)
{
	json_t *verdicts = json_object(), *reasons = json_object();

	for (int p = PLATFORM_NOSEV; p < PLATFORM_COUNT; p++) {
		const char *mode = platform_name((enum platform)p);

		if (f->verdict[p] != VERDICT_NONE)
			json_object_set_new(verdicts, mode,
			                    json_string(finding_word(f->verdict[p])));
		if (f->reason[p][0])
			json_object_set_new(reasons, mode, json_string(f->reason[p]));
	}
	return json_pack("{s:s, s:s, s:o, s:o}", "name", name, "found", f->found, "verdicts",
	                 verdicts, "reasons", reasons);
}

json_t *doctor_json(const struct doctor *d)
{
	json_t *rows = json_array(), *modes = json_object(), *leaf = json_null();
	size_t count;
	const struct sevleaf_field *fields = sevleaf_fields(&count);

	for (size_t i = 0; i < d->count; i++)
		json_array_append_new(rows, row_json(d->names[i], &d->findings[i]));
	for (int p = PLATFORM_NOSEV; p < PLATFORM_COUNT; p++)
		json_object_set_new(modes, platform_name((enum platform)p),
		                    json_pack("{s:b, s:s?, s:s?}", "launch", d->can[p], "accel",
		                              d->can[p] ? accel_name(d->accel[p]) : NULL, "reason",
		                              d->why[p][0] ? d->why[p] : NULL));
	if (d->leaf_known)
		leaf = json_object();
	for (size_t i = 0; i < count && d->leaf_known; i++) {
		uint32_t value = sevleaf_value(&fields[i], d->leaf);

		json_object_set_new(leaf, fields[i].key,
		                    fields[i].width == 1 ? json_boolean(value)
		                                         : json_integer(value));
	}
	return json_pack("{s:o, s:o, s:o}", "modes", modes, "requirements", rows, "cpuid_8000001f",
	                 leaf);
}

static int print_json(const struct doctor *d)
{
	json_t *json = doctor_json(d);
	int rc = json ? json_dumpf(json, stdout, JSON_INDENT(2)) : -1;

	json_decref(json);
	putchar('\n');
	return rc;
}

static int refuse(const struct err *e)
{
	fprintf(stderr, "vmrun doctor: %s\n", e->text);
	return COMMAND_USAGE;
}

static int help(void)
{
	printf("usage: vmrun doctor [OPTION]...\n\n"
	       "Say for each mode whether this host can launch it, what is in the way, and what to "
	       "do "
	       "about it.\n\n");
	options_help(OPTIONS_GUEST | OPTIONS_DOCTOR);
	printf("\nEvery mode is shown. Exit status: 0 when that of --mode can be launched, or "
	       "without "
	       "--mode\nany of them, else 77; 1 failed, 2 usage.\n");
	return COMMAND_DONE;
}

int command_doctor(int argc, char **argv)
{
	static struct doctor doctor;
	const struct host_source *source = &host_here;
	struct recording *recording = NULL;
	struct options o;
	struct err e = {""};
	bool can = false;
	int rc = options_parse(argc, argv, OPTIONS_GUEST | OPTIONS_DOCTOR, NULL, &o, &e);

	if (!rc && o.command[0])
		rc = err_set(&e, EINVAL, "doctor takes no command ('%s')", o.command[0]);
	if (!rc && !o.help && o.root)
		rc = recording_open(o.root, &recording, &source, &e);
	if (rc || o.help) {
		options_free(&o);
		return rc ? refuse(&e) : help();
	}
	doctor_examine(source, &o.spec, &doctor);
	if (!o.json)
		doctor_print(&doctor, stdout);
	else if (print_json(&doctor))
		rc = -EIO;
	for (int p = PLATFORM_NOSEV; p < PLATFORM_COUNT; p++)
		can |= doctor.can[p] && (!o.mode_given || p == (int)o.spec.platform);
	recording_close(recording);
	options_free(&o);
	if (rc)
		return COMMAND_FAILED;
	return can ? COMMAND_DONE : COMMAND_NOTHING;
}
