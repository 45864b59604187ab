/* SPDX-License-Identifier: MIT */
#include "analysis/decide/host_snp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/text.h"

#define STATE "environment.sev.host_snp"

static bool says(const struct machine *machine, const char *answer)
{
	char text[256];

	return !strcmp(machine_text(machine, STATE, text), answer);
}

/* Why the manifest does not say whether SNP was on. */
static const char *unknown(const struct machine *machine)
{
	const json_t *environment = json_object_get(machine->manifest, "environment");
	const json_t *reasons = json_object_get(environment, "unknown");
	const char *reason = json_string_value(json_object_get(reasons, "sev.host_snp"));

	if (reason)
		return reason;
	return machine->manifest ? "its manifest.json is of an older sevbench"
	                         : "there is no manifest.json";
}

/* `answer` is "yes" or "no". */
static int check_state(const struct machine *machine, const char *answer, struct err *e)
{
	if (says(machine, answer))
		return 0;
	if (says(machine, ""))
		return err_set(e, EINVAL,
		               "%s does not say whether SNP was on in its host (%s), so that "
		               "--snp-off cannot stand beside it",
		               machine->path, unknown(machine));
	if (!strcmp(answer, "no"))
		return err_set(e, EINVAL,
		               "%s: SNP was on in its host, and --snp-off is for results that were "
		               "measured with it off",
		               machine->path);
	return err_set(e, EINVAL,
	               "%s: SNP was off in its host already, so that --snp-off has nothing to show",
	               machine->path);
}

int host_snp_check(const struct machine *on, const struct machine *off, struct err *e)
{
	static const struct {
		const char *name, *path;
	} facts[] = {
	        {"processor", "environment.cpu.model_name"},
	        {"stepping of the processor", "environment.cpu.stepping"},
	        {"number of cores", "environment.cpu.cores"},
	        {"maker", "environment.linux.machine_vendor"},
	        {"model", "environment.linux.machine"},
	};
	char one[256], other[256];
	int rc = check_state(off, "no", e);

	if (!rc)
		rc = check_state(on, "yes", e);
	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts) && !rc; i++)
		if (strcmp(machine_text(on, facts[i].path, one),
		           machine_text(off, facts[i].path, other)) != 0)
			rc = err_set(e, EINVAL,
			             "%s and %s are of different hosts (%s: \"%s\" and \"%s\"): "
			             "--snp-off is for the same host with SNP off",
			             on->path, off->path, facts[i].name, one, other);
	return rc;
}

/* "native and nosev": the controls that were measured on hardware, with SNP on or off. */
static void name_controls(const struct summary *summary, bool off, char names[64])
{
	bool measured[TARGET_COUNT] = {false};

	for (size_t i = 0; i < summary->count; i++)
		measured[summary->rows[i].platform] |=
		        summary->rows[i].rounds && summary->rows[i].accel != ACCEL_TCG;
	names[0] = '\0';
	for (unsigned p = PLATFORM_NATIVE; p <= PLATFORM_NOSEV; p++) {
		unsigned target = target_snp_off(p, off);
		size_t used = strlen(names);

		if (measured[target])
			snprintf(names + used, 64 - used, "%s%s", used ? " and " : "",
			         target_name(target));
	}
}

/* What else of the host is not the same in two results. */
static void add_others(char text[SUMMARY_HOST_SNP], const struct machine *on,
                       const struct machine *off)
{
	static const struct {
		const char *name, *path;
	} facts[] = {
	        {"Linux", "environment.linux.release"},
	        {"microcode", "environment.cpu.microcode"},
	        {"BIOS", "environment.linux.firmware_version"},
	};
	const char *before = " Besides SNP its ";
	char one[256], other[256];

	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++) {
		if (!strcmp(machine_text(on, facts[i].path, one),
		            machine_text(off, facts[i].path, other)))
			continue;
		text_add(text, SUMMARY_HOST_SNP,
		         "%s%s is another (%.40s with SNP on, %.40s with it off)", before,
		         facts[i].name, one, other);
		before = ", its ";
	}
	if (*before == ',')
		text_add(text, SUMMARY_HOST_SNP, ", and that may be seen too.");
}

void host_snp_apply(struct summary *summary, const struct machine *machines, size_t count)
{
	const struct machine *on = NULL, *off = NULL, *beside = NULL;
	char *text = summary->host_snp, names[64], others[64];

	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		if (machines[i].snp_off)
			beside = &machines[i];
		else if (says(&machines[i], "yes"))
			on = &machines[i];
		else if (says(&machines[i], "no"))
			off = &machines[i];
	}
	name_controls(summary, false, names);
	name_controls(summary, true, others);
	if (!on || !*names)
		return;
	text_add(text, SUMMARY_HOST_SNP,
	         "SNP was on in the host: what %s wrote was checked against the RMP too, which is "
	         "part of %s times",
	         names, strchr(names, ' ') ? "their" : "its");
	if (off)
		text_add(text, SUMMARY_HOST_SNP,
		         ", in %s and not in %s: %s is not the same thing in both.", on->path,
		         off->path, names);
	else if (!beside)
		text_add(text, SUMMARY_HOST_SNP,
		         ". Results of the same host with SNP off show that share (--snp-off of "
		         "compare, plot and report).");
	else if (*others)
		text_add(text, SUMMARY_HOST_SNP, ". %s: the same host with SNP off, without it.",
		         others);
	else
		text_add(text, SUMMARY_HOST_SNP, ".");
	if (beside)
		add_others(text, on, beside);
}
