/* SPDX-License-Identifier: MIT */
#include "harness/threats.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/environment_reader.h"
#include "harness/quota.h"
#include "harness/utf8.h"

#define CPUS     "/sys/devices/system/cpu"
#define LIST     256
#define IRQS_MAX 8192

/* Less than this part of the time stolen is an idle machine's own noise. */
#define STEAL_PART 0.001

struct look {
	const struct environment_reader *reader;
	const struct place *place;
	json_t *threats;
};

static void __attribute__((format(printf, 2, 3))) tell(const struct look *l, const char *fmt, ...)
{
	char sentence[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	json_array_append_new(l->threats, utf8_json(sentence));
}

/* The text of a file, and whether it is `value`; false where it cannot be read. */
static bool file_is(const struct look *l, const char *path, const char *value)
{
	char *text = environment_read(l->reader, path);
	bool same = text && !strcmp(text, value);

	free(text);
	return same;
}

/* "3;7": a list of CPUs for a sentence; what does not fit is left out. */
static void add_cpu(char list[LIST], unsigned cpu)
{
	size_t used = strlen(list);

	if (used + 12 < LIST)
		snprintf(list + used, LIST - used, "%s%u", used ? ", " : "", cpu);
}

static bool is_placed(const struct place *place, unsigned cpu)
{
	for (unsigned i = 0; i < place->count; i++) {
		if (place->cpu[i] == cpu)
			return true;
	}
	return false;
}

static void look_at_governors(const struct look *l)
{
	char list[LIST] = "", found[32] = "";

	for (unsigned i = 0; i < l->place->count; i++) {
		char path[96], *text;

		snprintf(path, sizeof(path), CPUS "/cpu%u/cpufreq/scaling_governor",
		         l->place->cpu[i]);
		text = environment_read(l->reader, path);
		if (text && strcmp(text, "performance") != 0) {
			add_cpu(list, l->place->cpu[i]);
			snprintf(found, sizeof(found), "%.31s", text);
		}
		free(text);
	}
	if (*list)
		tell(l,
		     "the governor of CPU %s is %s, so the clock follows the load; as root: "
		     "cpupower frequency-set -g performance",
		     list, found);
}

static void look_at_boost(const struct look *l)
{
	if (file_is(l, CPUS "/cpufreq/boost", "1"))
		tell(l, "boost is on, so the clock follows temperature and neighbours; as root: "
		        "echo 0 > " CPUS "/cpufreq/boost");
	else if (file_is(l, CPUS "/intel_pstate/no_turbo", "0"))
		tell(l, "turbo is on, so the clock follows temperature and neighbours; as root: "
		        "echo 1 > " CPUS "/intel_pstate/no_turbo");
}

/* Read the next range of a list as sysfs writes it ("0-3,8"), and step over it. */
static bool next_range(const char **list, unsigned *first, unsigned *last)
{
	char *end;

	while (**list == ',' || **list == ' ')
		(*list)++;
	*first = *last = (unsigned)strtoul(*list, &end, 10);
	if (end == *list)
		return false;
	if (*end == '-')
		*last = (unsigned)strtoul(end + 1, &end, 10);
	*list = end;
	return *last >= *first;
}

/* Linux lists the siblings that are online. */
static void look_at_siblings(const struct look *l)
{
	char list[LIST] = "";

	for (unsigned i = 0; i < l->place->count; i++) {
		unsigned first, last;
		char path[96], *text;
		const char *rest;

		snprintf(path, sizeof(path), CPUS "/cpu%u/topology/thread_siblings_list",
		         l->place->cpu[i]);
		text = environment_read(l->reader, path);
		for (rest = text; rest && next_range(&rest, &first, &last);) {
			for (unsigned cpu = first; cpu <= last && cpu < first + PLACE_MAX; cpu++) {
				if (!is_placed(l->place, cpu))
					add_cpu(list, cpu);
			}
		}
		free(text);
	}
	if (*list)
		tell(l,
		     "CPU %s shares a core with those that measure: keep it idle, or as root: echo "
		     "off > " CPUS "/smt/control",
		     list);
}

/* proc(5), /proc/stat: user nice system idle iowait irq softirq steal, in ticks since boot. */
static void look_at_steal(const struct look *l)
{
	char *text = environment_read(l->reader, "/proc/stat");
	uint64_t all = 0, stolen = 0;

	for (const char *line = text; line; line = strchr(line + 1, '\n')) {
		uint64_t t[8];
		unsigned cpu;

		line += *line == '\n';
		if (sscanf(line,
		           "cpu%u %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
		           " %" SCNu64 " %" SCNu64 " %" SCNu64,
		           &cpu, &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]) != 9 ||
		    !is_placed(l->place, cpu))
			continue;
		for (int i = 0; i < 8; i++)
			all += t[i];
		stolen += t[7];
	}
	free(text);
	if (all && (double)stolen > STEAL_PART * (double)all)
		tell(l,
		     "a hypervisor below this machine has taken %.1f%% of the time of these CPUs "
		     "since boot: the numbers hold its other guests",
		     100.0 * (double)stolen / (double)all);
}

static void look_at_quota(const struct look *l)
{
	struct quota q;

	quota_read(l->reader->root, &q);
	if (q.cpus < l->place->count || (isfinite(q.cpus) && q.stops))
		tell(l,
		     "a control group gives this process %.2f CPUs' worth of time in each %.0f ms, "
		     "and stops it and its guests when that is used up (%" PRIu64
		     " times so far): run it where cpu.max (cpu.cfs_quota_us) sets no quota",
		     q.cpus, q.period_ms, q.stops);
}

static void look_at_memory(const struct look *l)
{
	static const char thp[] = "/sys/kernel/mm/transparent_hugepage/enabled";
	char *text = environment_read(l->reader, thp);

	if (text && strstr(text, "[always]"))
		tell(l,
		     "transparent huge pages are given to everything, and khugepaged moves memory "
		     "while it is measured; as root: echo madvise > %s",
		     thp);
	free(text);
	if (file_is(l, "/sys/kernel/mm/ksm/run", "1"))
		tell(l, "KSM merges pages of guests, whose next write then faults; as root: echo 2 "
		        "> /sys/kernel/mm/ksm/run");
	text = environment_read(l->reader, "/proc/sys/kernel/numa_balancing");
	if (text && strcmp(text, "0") != 0)
		tell(l, "NUMA balancing unmaps and moves pages while they are measured; as root: "
		        "echo 0 > /proc/sys/kernel/numa_balancing");
	free(text);
}

static bool has_placed(const struct look *l, const char *list)
{
	unsigned first, last;

	while (next_range(&list, &first, &last)) {
		for (unsigned i = 0; i < l->place->count; i++) {
			if (l->place->cpu[i] >= first && l->place->cpu[i] <= last)
				return true;
		}
	}
	return false;
}

/* Where Linux delivers each interrupt now: Documentation/core-api/irq/irq-affinity.rst. */
static void look_at_interrupts(const struct look *l)
{
	unsigned *irqs = calloc(IRQS_MAX, sizeof(*irqs)), hit = 0;
	size_t count = irqs ? environment_entries(l->reader, "/proc/irq", "", irqs, IRQS_MAX) : 0;

	for (size_t i = 0; i < count; i++) {
		char path[64], *text;

		snprintf(path, sizeof(path), "/proc/irq/%u/effective_affinity_list", irqs[i]);
		text = environment_read(l->reader, path);
		hit += text && has_placed(l, text);
		free(text);
	}
	free(irqs);
	if (hit)
		tell(l,
		     "%u interrupts of devices are delivered to the CPUs that measure; as root, "
		     "write "
		     "other CPUs to /proc/irq/*/smp_affinity_list, and stop irqbalance",
		     hit);
}

json_t *threats_find(const char *root, const struct place *place)
{
	const struct environment_reader reader = {.root = root};
	const struct look l = {.reader = &reader, .place = place, .threats = json_array()};

	if (!l.threats)
		return NULL;
	look_at_governors(&l);
	look_at_boost(&l);
	look_at_siblings(&l);
	look_at_steal(&l);
	look_at_quota(&l);
	look_at_memory(&l);
	look_at_interrupts(&l);
	return l.threats;
}
