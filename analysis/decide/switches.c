/* SPDX-License-Identifier: MIT */
#include "analysis/decide/switches.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/read/embedded.h"

extern const char _binary_analysis_reference_switches_csv_start[];
extern const char _binary_analysis_reference_switches_csv_end[];

static const struct {
	const char *name;
	double exits, vc, vmgexit, pvalidate;
} paths[SWITCHES_PATH_COUNT] = {
        [SWITCHES_UNKNOWN] = {"", NAN, NAN, NAN, NAN},
        [SWITCHES_NONE] = {"none", 0, 0, 0, NAN},
        [SWITCHES_VC] = {"vc", 0, 1, 0, NAN},
        [SWITCHES_KVM] = {"kvm", 1, 0, 0, NAN},
        [SWITCHES_QEMU] = {"qemu", 1, 0, 0, NAN},
        [SWITCHES_VC_KVM] = {"vc+kvm", 1, 1, 1, NAN},
        [SWITCHES_VC_QEMU] = {"vc+qemu", 1, 1, 1, NAN},
        [SWITCHES_TRAP] = {"trap", NAN, 0, 0, NAN},
        [SWITCHES_PVALIDATE] = {"pvalidate", 0, 0, 0, 1},
        [SWITCHES_STATE] = {"state", NAN, 0, 1, 1},
        [SWITCHES_STATE_FILL] = {"state+fill", NAN, 0, 1, 1},
        [SWITCHES_STATES] = {"states", NAN, NAN, NAN, NAN},
        [SWITCHES_STATES_FILL] = {"states+fill", NAN, NAN, NAN, NAN},
        [SWITCHES_REQUEST] = {"request", 1, 0, 1, NAN},
        [SWITCHES_FAST] = {"fast", 1, 0, 0, NAN},
};

const char *switches_path_name(enum switches_path path)
{
	return paths[path].name;
}

int switches_path_parse(const char *text, enum switches_path *path, struct err *e)
{
	for (int i = 0; i < SWITCHES_PATH_COUNT; i++) {
		if (!strcmp(text, paths[i].name)) {
			*path = (enum switches_path)i;
			return 0;
		}
	}
	return err_set(e, EINVAL, "\"%s\" is no path of a world switch", text);
}

double switches_exits(enum switches_path path)
{
	return paths[path].exits;
}

double switches_vc(enum switches_path path)
{
	return paths[path].vc;
}

double switches_vmgexit(enum switches_path path)
{
	return paths[path].vmgexit;
}

double switches_pvalidate(enum switches_path path)
{
	return paths[path].pvalidate;
}

/* "vc+kvm", "2*state", or "2*state*8". */
static int take_path(const char *text, struct switches_row *row, int platform, struct err *e)
{
	const char *star = strchr(text, '*'), *second = star ? strchr(star + 1, '*') : NULL;
	unsigned times = 1, pages = 1;
	char name[32];
	int end = 0;

	if (star && (sscanf(text, "%3u%n", &times, &end) != 1 || text + end != star || times < 2))
		return err_set(e, EINVAL, "\"%s\" is no path of a world switch", text);
	if (second && (sscanf(second, "*%3u%n", &pages, &end) != 1 || second[end] || pages < 2))
		return err_set(e, EINVAL, "\"%s\" is no path of a world switch", text);
	row->times[platform] = times;
	row->pages[platform] = pages;
	snprintf(name, sizeof(name), "%.*s", second ? (int)(second - star - 1) : 31,
	         star ? star + 1 : text);
	return switches_path_parse(name, &row->path[platform], e);
}

/* kernel,variant,params,in_kvm,bar,nosev,sev,sev-es,snp,only,linux,host,source */
static int take_row(const struct embedded_line *line, void *context, struct err *e)
{
	struct switches *switches = context;
	struct switches_row *rows = realloc(switches->rows, (switches->count + 1) * sizeof(*rows));
	struct switches_row *row;
	int rc = 0;

	if (!rows)
		return err_set(e, ENOMEM, "no memory for the table of world switches");
	switches->rows = rows;
	row = &rows[switches->count++];
	*row = (struct switches_row){.bar = *line->field[4] != '\0'};
	snprintf(row->kernel, sizeof(row->kernel), "%.31s", line->field[0]);
	snprintf(row->variant, sizeof(row->variant), "%.31s", line->field[1]);
	snprintf(row->params, sizeof(row->params), "%.31s", line->field[2]);
	snprintf(row->in_kvm, sizeof(row->in_kvm), "%.31s", line->field[3]);
	for (int i = 0; i < PLATFORM_LAUNCH_END - PLATFORM_NOSEV && !rc; i++)
		rc = take_path(line->field[5 + i], row, PLATFORM_NOSEV + i, e);
	row->emulated = !strcmp(line->field[9], "emulated");
	if (!rc && *line->field[9] && !row->emulated)
		rc = err_set(e, EINVAL, "\"%s\" is no condition of a path", line->field[9]);
	snprintf(row->releases, sizeof(row->releases), "%.31s", line->field[10]);
	snprintf(row->host, sizeof(row->host), "%.31s", line->field[11]);
	snprintf(row->source, sizeof(row->source), "%s", line->field[12]);
	return rc;
}

int switches_load(struct switches *switches, struct err *e)
{
	int rc;

	*switches = (struct switches){0};
	rc = embedded_read(_binary_analysis_reference_switches_csv_start,
	                   _binary_analysis_reference_switches_csv_end,
	                   "the paths of world switches", take_row, switches, e);
	if (rc)
		switches_free(switches);
	return rc;
}

void switches_free(struct switches *switches)
{
	free(switches->rows);
	*switches = (struct switches){0};
}

/* "6.1.57": what is not said is `missing`. False when it begins with no number. */
static bool parse_release(const char *text, unsigned missing, unsigned release[3])
{
	int count = sscanf(text, "%u.%u.%u", &release[0], &release[1], &release[2]);

	for (int i = count < 0 ? 0 : count; i < 3; i++)
		release[i] = missing;
	return count > 0;
}

static int compare_releases(const unsigned a[3], const unsigned b[3])
{
	for (int i = 0; i < 3; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0;
}

/* Does a row hold where that runs? Not where nobody knows what runs there. */
static bool holds_on(const struct switches_row *row, const struct switches_host *host)
{
	size_t name = strcspn(row->host, "<>");
	bool below = row->host[name] == '<';
	const char *version = row->host + name + (below ? 1 : 2);
	unsigned ran[3], from[3];

	if (!host || !*row->host)
		return true;
	if (!parse_release(strncmp(row->host, "linux", name) != 0 ? host->qemu : host->release, 0,
	                   ran) ||
	    !parse_release(version, 0, from))
		return false;
	return (compare_releases(ran, from) < 0) == below;
}

const struct switches_row *switches_find(const struct switches *switches, const char *kernel,
                                         const char *variant, const char *params,
                                         const struct switches_host *host)
{
	for (size_t i = 0; i < switches->count; i++) {
		const struct switches_row *row = &switches->rows[i];

		if (!strcmp(row->kernel, kernel) &&
		    (!strcmp(row->variant, "*") || !strcmp(row->variant, variant)) &&
		    (!*row->params || !strcmp(row->params, params)) && holds_on(row, host))
			return row;
	}
	return NULL;
}

bool switches_read_for(const struct switches_row *row, const char *release)
{
	const char *to = strchr(row->releases, '-');
	unsigned ran[3], first[3], last[3];

	if (!to || !parse_release(release, 0, ran) || !parse_release(row->releases, 0, first) ||
	    !parse_release(to + 1, UINT_MAX, last))
		return true;
	return compare_releases(ran, first) >= 0 && compare_releases(ran, last) <= 0;
}
