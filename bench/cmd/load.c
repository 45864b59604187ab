/* SPDX-License-Identifier: MIT */
#include "bench/cmd/load.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analysis/decide/attested.h"
#include "analysis/decide/guest_linux.h"
#include "analysis/decide/guest_status.h"
#include "analysis/decide/host_paths.h"
#include "analysis/decide/host_snp.h"
#include "analysis/decide/libc_ways.h"
#include "analysis/decide/peak.h"
#include "analysis/decide/unlike.h"
#include "analysis/read/copies.h"
#include "analysis/read/reader.h"
#include "analysis/read/staged.h"
#include "analysis/read/whole.h"

int load_beside(const char *path, const char *name, char **result, struct err *e)
{
	const char *slash = strrchr(path, '/');
	struct stat st;
	int rc;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		rc = asprintf(result, "%s/%s", path, name);
	else
		rc = asprintf(result, "%.*s%s", slash ? (int)(slash - path) + 1 : 0, path, name);
	if (rc >= 0)
		return 0;
	*result = NULL;
	return err_set(e, ENOMEM, "no memory for a name beside %s", path);
}

static void say_left_out(const struct samples_source *source)
{
	if (source->cut)
		fprintf(stderr, "sevbench: %s ends before its end: what is whole is analysed\n",
		        source->path);
	if (source->bad_rows)
		fprintf(stderr,
		        "sevbench: %s: %" PRIu64 " of %" PRIu64 " rows left out, the first: %s\n",
		        source->path, source->bad_rows, source->bad_rows + source->rows,
		        source->problem.text);
}

/* The manifest that lies beside a samples.csv knows how many rows there were, and in which stages
 * they were measured. */
static int check_beside(struct load *load, uint32_t source, bool partial, struct err *e)
{
	const char *path = load->samples.sources[source].path, *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	bool whole = !strcmp(name, "samples.csv");
	struct machine machine = {0};
	struct err why = {""};
	char *directory = NULL;
	int rc;

	if (!whole && strcmp(name, "samples.csv.partial") != 0)
		return 0;
	rc = load_beside(path, ".", &directory, e);
	if (!rc)
		rc = machine_read(&machine, directory, e);
	if (!rc)
		rc = staged_apply(&load->samples.sources[source], &machine, e);
	if (!rc && whole && whole_check(&load->samples, source, &machine, &why)) {
		if (partial)
			fprintf(stderr, "sevbench: %s; what is there is analysed\n", why.text);
		else
			rc = err_set(e, ENODATA, "%s; --partial analyses what is there", why.text);
	}
	machine_free(&machine);
	free(directory);
	return rc;
}

/* Results without a row are none, even where nothing says how many there were. */
static int check_rows(struct load *load, bool partial, struct err *e)
{
	int rc = 0;

	for (uint32_t i = 0; i < load->samples.source_count && !rc; i++) {
		rc = check_beside(load, i, partial, e);
		if (!rc && !load->samples.group_count)
			rc = err_set(e, ENODATA, "%s holds no row that can be used",
			             load->samples.sources[i].path);
	}
	return rc;
}

/* Each that is named as of a host with SNP off, against each that is not. */
static int check_snp_off(const struct machine *machines, size_t count, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < count && machines[i].snp_off && !rc; k++)
			if (!machines[k].snp_off)
				rc = host_snp_check(&machines[k], &machines[i], e);
	return rc;
}

/* What the manifests beside the results say of the memory's theoretical speed, of the guests'
 * Linux, and of the hosts. */
static int apply_manifests(struct load *load, const struct load_path *paths, size_t count,
                           struct err *e)
{
	struct machine *machines = calloc(count + 1, sizeof(*machines));
	int rc = machines ? 0 : err_set(e, ENOMEM, "no memory for %zu manifests", count);

	for (size_t i = 0; i < count && !rc; i++) {
		rc = machine_read(&machines[i], paths[i].path, e);
		machines[i].path = paths[i].path;
		machines[i].snp_off = paths[i].snp_off;
	}
	if (!rc)
		rc = check_snp_off(machines, count, e);
	if (!rc) {
		unlike_apply(&load->summary, machines, count);
		host_snp_apply(&load->summary, machines, count);
		attested_apply(&load->summary, machines, count);
		guest_status_apply(&load->summary, machines, count);
		peak_apply(&load->summary, machines, count);
		rc = guest_linux_apply(&load->summary, machines, count, e);
	}
	if (!rc)
		rc = host_paths_apply(&load->summary, machines, count, e);
	if (!rc)
		rc = libc_ways_apply(&load->summary, machines, count, e);
	for (size_t i = 0; machines && i < count; i++)
		machine_free(&machines[i]);
	free(machines);
	return rc;
}

int load_results(struct load *load, const struct load_path *paths, size_t count, bool partial,
                 struct err *e)
{
	int rc = 0;

	*load = (struct load){0};
	for (size_t i = 0; i < count && !rc; i++) {
		rc = reader_read(&load->samples, paths[i].path, paths[i].side, partial, e);
		if (!rc)
			load->samples.sources[load->samples.source_count - 1].snp_off =
			        paths[i].snp_off;
	}
	for (size_t i = 0; i < load->samples.source_count && !rc; i++)
		say_left_out(&load->samples.sources[i]);
	if (!rc)
		rc = samples_sort(&load->samples, e);
	if (!rc)
		rc = check_rows(load, partial, e);
	if (!rc)
		rc = copies_check(&load->samples, e);
	if (!rc)
		rc = summary_make(&load->samples, &load->summary, e);
	if (!rc)
		rc = apply_manifests(load, paths, count, e);
	if (rc)
		load_free(load);
	return rc;
}

void load_free(struct load *load)
{
	summary_free(&load->summary);
	samples_free(&load->samples);
}
