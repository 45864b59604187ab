/* SPDX-License-Identifier: MIT */
#include "analysis/show/report_guests.h"

#include <string.h>

#include "analysis/show/html.h"
#include "harness/target.h"

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* A launch of a guest that got as far as a command line; NULL for any other. */
static const json_t *guest_of(const json_t *launch)
{
	const json_t *guest = json_object_get(launch, "guest");

	return json_is_object(json_object_get(guest, "differences")) ? guest : NULL;
}

/* The first launch of that guest; NULL where there is none. */
static const json_t *first_of(const json_t *launches, unsigned target)
{
	const json_t *launch;
	size_t i;

	json_array_foreach (launches, i, launch) {
		if (guest_of(launch) && !strcmp(text_of(launch, "platform"), target_name(target)))
			return launch;
	}
	return NULL;
}

/* What the proofs of a platform's guests found: how many found it, and what the first one said. */
static void put_proofs(FILE *out, const json_t *launches, const char *platform)
{
	const char *verdict = "", *sentence = "not done";
	size_t guests = 0, same = 0, i;
	const json_t *launch;
	char text[512];

	json_array_foreach (launches, i, launch) {
		const json_t *guest = guest_of(launch), *proof = json_object_get(guest, "proof");

		if (!guest || strcmp(text_of(launch, "platform"), platform) != 0)
			continue;
		if (proof && !*verdict) {
			verdict = text_of(proof, "verdict");
			sentence = text_of(proof, "sentence");
		}
		guests++;
		same += proof && !strcmp(text_of(proof, "verdict"), verdict);
	}
	if (same)
		snprintf(text, sizeof(text), "in %zu of %zu launches %s; the first: %s", same,
		         guests, verdict, sentence);
	else
		snprintf(text, sizeof(text), "%s", sentence);
	html_cell(out, text);
}

static void put_guest(FILE *out, const json_t *launches, const json_t *launch)
{
	const json_t *guest = guest_of(launch),
	             *differences = json_object_get(guest, "differences");
	size_t count = json_array_size(json_object_get(differences, "settings"));
	json_int_t same = json_integer_value(json_object_get(differences, "same"));
	json_int_t unexplained = json_integer_value(json_object_get(differences, "unexplained"));
	char text[256];

	fputs("<tr>", out);
	html_cell(out, text_of(launch, "platform"));
	html_cell(out, text_of(guest, "accel"));
	html_cell(out, text_of(json_object_get(guest, "qemu"), "version"));
	html_cell(out, text_of(guest, "cpu_model"));
	html_cell(out, text_of(json_object_get(guest, "memory"), "backing"));
	snprintf(text, sizeof(text), "%zu of %lld%s", count, (long long)same + (long long)count,
	         unexplained ? ", some without a reason: this guest is not matched" : "");
	html_number(out, (double)count, text);
	put_proofs(out, launches, text_of(launch, "platform"));
	fputs("</tr>\n", out);
}

static void put_differences(FILE *out, const json_t *launch)
{
	const json_t *settings =
	        json_object_get(json_object_get(guest_of(launch), "differences"), "settings");
	const json_t *one;
	size_t i;

	json_array_foreach (settings, i, one) {
		const char *why = text_of(one, "why");

		fputs("<tr>", out);
		html_cell(out, text_of(launch, "platform"));
		html_cell(out, text_of(one, "where"));
		for (int side = 0; side < 2; side++) {
			const char *value = text_of(one, side ? "here" : "nosev");

			html_cell(out, *value ? value : "not there");
		}
		html_cell(out, *why ? why : "no reason is known");
		html_cell(out, text_of(one, "source"));
		fputs("</tr>\n", out);
	}
}

bool report_guests_any(const struct report *r)
{
	const json_t *launches = json_object_get(r->machine->manifest, "launches"), *launch;
	size_t i;

	json_array_foreach (launches, i, launch) {
		if (guest_of(launch))
			return true;
	}
	return false;
}

int report_guests(const struct report *r, FILE *out, struct err *e)
{
	const json_t *launches = json_object_get(r->machine->manifest, "launches"), *launch;
	bool differ = false;
	size_t i;

	(void)e;
	json_array_foreach (launches, i, launch) {
		const json_t *differences = json_object_get(guest_of(launch), "differences");

		differ |= json_array_size(json_object_get(differences, "settings")) > 0;
	}
	fputs("<p>What an encrypted guest is launched with is "
	      "what the plain one gets, but for the settings that are counted here. Whether the "
	      "host could read a guest&rsquo;s memory was tried in every launch, before anything "
	      "was measured: a plain guest is the control, in which it must.</p>\n",
	      out);
	if (*r->compare->summary->attested) {
		fputs("<p>", out);
		html_text(out, r->compare->summary->attested);
		fputs("</p>\n", out);
	}
	html_table(out, "A row a platform, of its first launch",
	           "platform|accelerator|QEMU|processor model|host pages|settings unlike the plain "
	           "guest|can the host read its memory");
	for (unsigned place = 0; place < TARGET_COUNT; place++) {
		launch = first_of(launches, target_at(place));
		if (launch)
			put_guest(out, launches, launch);
	}
	html_table_end(out);
	if (!differ)
		return 0;
	html_table(out, "How each guest differs from the plain one",
	           "platform|setting|plain guest|here|why it must|source");
	for (unsigned place = 0; place < TARGET_COUNT; place++) {
		launch = first_of(launches, target_at(place));
		if (launch)
			put_differences(out, launch);
	}
	html_table_end(out);
	return 0;
}
