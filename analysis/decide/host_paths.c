/* SPDX-License-Identifier: MIT */
#include "analysis/decide/host_paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "QEMU emulator version 10.1.0 (Debian 1:10.1.0+ds-5)", of the first launch that says it. */
static void take_qemu(const struct machine *machine, struct switches_host *host)
{
	const json_t *launches = json_object_get(machine->manifest, "launches"), *launch;
	size_t i;

	json_array_foreach (launches, i, launch) {
		const json_t *guest = json_object_get(launch, "guest");
		const char *text = json_string_value(
		        json_object_get(json_object_get(guest, "qemu"), "version"));
		const char *version = text ? strstr(text, "version ") : NULL;

		if (!version || *host->qemu)
			continue;
		snprintf(host->qemu, sizeof(host->qemu), "%.63s", version + strlen("version "));
		host->qemu[strcspn(host->qemu, " ")] = '\0';
	}
}

int host_paths_apply(struct summary *summary, const struct machine *machines, size_t count,
                     struct err *e)
{
	struct switches_host *hosts = calloc(count + 1, sizeof(*hosts));
	char text[256];

	if (!hosts)
		return err_set(e, ENOMEM, "no memory for %zu hosts", count);
	for (size_t i = 0; i < count; i++) {
		machine_text(&machines[i], "environment.linux.release", text);
		snprintf(hosts[i].release, sizeof(hosts[i].release), "%.63s", text);
		take_qemu(&machines[i], &hosts[i]);
	}
	free(summary->hosts);
	summary->hosts = hosts;
	summary->host_count = count;
	return 0;
}

const struct switches_row *host_paths_find(const struct summary *summary,
                                           const struct switches *switches, const char *kernel,
                                           const char *variant, const char *params)
{
	static const struct switches_host unknown;
	const struct switches_row *found =
	        switches_find(switches, kernel, variant, params,
	                      summary->host_count ? &summary->hosts[0] : &unknown);

	for (size_t i = 1; i < summary->host_count && found; i++)
		if (switches_find(switches, kernel, variant, params, &summary->hosts[i]) != found)
			return NULL;
	return found;
}

/* Where an operation goes in a group, and what runs on its host. */
struct seen {
	const struct switches_row *row;
	const struct switches_host *host;
};

/* "6.12" of "6.12.9-amd64": is it another than that of `b`? Not where one is not known. */
static bool is_another_version(const char *a, const char *b)
{
	unsigned of_a[2], of_b[2];

	return sscanf(a, "%u.%u", &of_a[0], &of_a[1]) == 2 &&
	       sscanf(b, "%u.%u", &of_b[0], &of_b[1]) == 2 &&
	       (of_a[0] != of_b[0] || of_a[1] != of_b[1]);
}

/*
 * How KVM merges the entries of a page-state change into exits to QEMU, and what QEMU does with the
 * pages then, is their versions' own (snp_begin_psc in arch/x86/kvm/svm/sev.c,
 * kvm_handle_hc_map_gpa_range in target/i386/kvm/kvm.c): what runs on the host belongs to the cell.
 */
static bool hangs_on_host(enum switches_path path)
{
	return path == SWITCHES_STATE || path == SWITCHES_STATE_FILL || path == SWITCHES_STATES ||
	       path == SWITCHES_STATES_FILL;
}

static bool is_other(const struct seen *a, const struct seen *b, unsigned target)
{
	enum platform platform = target_platform(target);

	return a->row->path[platform] != b->row->path[platform] ||
	       (hangs_on_host(a->row->path[platform]) &&
	        (is_another_version(a->host->release, b->host->release) ||
	         is_another_version(a->host->qemu, b->host->qemu)));
}

/* The first group of `row` that goes elsewhere than `first` on a platform of the two; else NULL. */
static const struct seen *find_other(const struct summary *summary, const struct switches *switches,
                                     const struct summary_row *row, const unsigned targets[2],
                                     struct seen *first, struct seen *other)
{
	const struct samples *s = summary->samples;
	const struct samples_cell_key *key = &s->cells[row->cell].key;

	for (size_t i = 0; i < row->group_count && row->accel == ACCEL_KVM; i++) {
		uint32_t source = s->groups[row->first_group + i].key.source;

		if (source >= summary->host_count)
			continue;
		other->host = &summary->hosts[source];
		other->row = switches_find(switches, samples_text(s, key->kernel),
		                           samples_text(s, key->variant),
		                           samples_text(s, key->params), other->host);
		if (!other->row)
			continue;
		if (!first->row)
			*first = *other;
		if (is_other(first, other, targets[0]) || is_other(first, other, targets[1]))
			return other;
	}
	return NULL;
}

/* The same path, of pages' states: it hangs on what runs on either host. */
static void say_versions(const struct switches_host *a, const struct switches_host *b,
                         char why[256])
{
	snprintf(why, 256,
	         "not comparable: the hosts ran Linux %.30s with QEMU %.20s and Linux %.30s with "
	         "QEMU %.20s, and what a host does to change pages' states is its versions' own",
	         a->release, *a->qemu ? a->qemu : "unknown", b->release,
	         *b->qemu ? b->qemu : "unknown");
}

static void say_paths(const struct seen *a, const struct seen *b, char why[256])
{
	bool by_qemu = !strncmp(a->row->host, "qemu", 4);
	const char *one = by_qemu ? a->host->qemu : a->host->release;
	const char *other = by_qemu ? b->host->qemu : b->host->release;
	const char *bound = a->row->host + strcspn(a->row->host, "0123456789");

	snprintf(why, 256,
	         "not comparable: the hosts ran %s %.40s and %.40s, and the host does other work "
	         "for "
	         "this operation from %s on (analysis/reference/switches.csv)",
	         by_qemu ? "QEMU" : "Linux", one, other, bound);
}

bool host_paths_apart(const struct summary *summary, const struct summary_row *row,
                      const struct summary_row *reference, char why[256])
{
	const unsigned targets[2] = {row->platform, reference->platform};
	struct switches switches;
	struct seen first = {0}, other;
	bool apart;

	if (summary->host_count < 2 || switches_load(&switches, NULL))
		return false;
	apart = find_other(summary, &switches, row, targets, &first, &other) ||
	        find_other(summary, &switches, reference, targets, &first, &other);
	if (apart && first.row == other.row)
		say_versions(first.host, other.host, why);
	else if (apart)
		say_paths(&first, &other, why);
	switches_free(&switches);
	return apart;
}
