/* SPDX-License-Identifier: MIT */
#include "analysis/decide/attested.h"

#include <stdio.h>
#include <string.h>

struct count {
	size_t guests, reports, emulated;
	const json_t *first; /* of the processor's reports */
	const char *why;     /* why the first guest without one has none */
};

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static void take(struct count *c, const json_t *environment)
{
	const json_t *attestation = json_object_get(environment, "attestation");
	const char *why = text_of(json_object_get(environment, "unknown"), "attestation.report");

	if (strcmp(text_of(json_object_get(environment, "sev"), "platform"), "snp") != 0)
		return;
	c->guests++;
	if (json_is_true(json_object_get(attestation, "emulated"))) {
		c->emulated++;
	} else if (*text_of(attestation, "report")) {
		c->reports++;
		c->first = c->first ? c->first : attestation;
	} else if (!c->why) {
		c->why = *why ? why : "its manifest holds no report";
	}
}

static void say(const struct count *c, char text[SUMMARY_ATTESTED])
{
	if (c->reports)
		snprintf(text, SUMMARY_ATTESTED,
		         "Attested: in %zu of %zu launches of snp the security processor reported "
		         "for a "
		         "nonce of the run; the first: policy %.20s, VMPL %d, TCB %.20s, "
		         "measurement %.96s. The manifest has the reports; their signatures were "
		         "not checked here against AMD's certificates.",
		         c->reports, c->guests, text_of(c->first, "policy"),
		         (int)json_integer_value(json_object_get(c->first, "vmpl")),
		         text_of(c->first, "reported_tcb"), text_of(c->first, "measurement"));
	else if (c->emulated)
		snprintf(text, SUMMARY_ATTESTED,
		         "Not attested: in %zu of %zu launches of snp the report is the "
		         "emulation's (emulated), whose signature proves nothing of hardware.",
		         c->emulated, c->guests);
	else if (c->guests)
		snprintf(text, SUMMARY_ATTESTED,
		         "Not attested: that the guests were snp stands on SEV_STATUS alone; "
		         "%.300s.",
		         c->why);
}

void attested_apply(struct summary *summary, const struct machine *machines, size_t count)
{
	struct count c = {.guests = 0};

	summary->attested[0] = '\0';
	for (size_t m = 0; m < count; m++) {
		const json_t *launches = json_object_get(machines[m].manifest, "launches"), *launch;
		size_t i;

		take(&c, json_object_get(machines[m].manifest, "environment"));
		json_array_foreach (launches, i, launch) {
			take(&c, json_object_get(launch, "environment"));
		}
	}
	say(&c, summary->attested);
}
