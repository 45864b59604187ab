/* SPDX-License-Identifier: MIT */
/* Sections "linux" and "power": the operating system, and what changes the frequency. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/environment_reader.h"

#include "harness/text.h"
#include "harness/utf8.h"

#define CPUS     "/sys/devices/system/cpu"
#define CLOCKS   "/sys/devices/system/clocksource/clocksource0"
#define CPUS_MAX 8192

/* PRETTY_NAME="Debian GNU/Linux 12 (bookworm)" of os-release(5). */
static void put_distribution(const struct environment_section *s)
{
	static const char path[] = "/etc/os-release";
	static const char name[] = "PRETTY_NAME=";
	char *text = environment_read(s->reader, path);
	const char *begin = text ? strstr(text, name) : NULL;
	json_t *value = NULL;

	if (begin) {
		begin += sizeof(name) - 1;
		begin += *begin == '"';
		value = json_stringn(begin, strcspn(begin, "\"\n"));
	}
	if (text)
		environment_put(s, "distribution", value, "%s has no PRETTY_NAME", path);
	else
		environment_put(s, "distribution", NULL, "cannot read %s: %s", path,
		                strerror(errno));
	free(text);
}

/* Linux prints a mask that was never made, of no CPU, as "(null)". */
static void put_nohz_full(const struct environment_section *s)
{
	static const char path[] = CPUS "/nohz_full";
	char *text = environment_read(s->reader, path);

	if (text && strstr(text, "(null)"))
		environment_put(s, "nohz_full_cpus", json_string(""), "none");
	else
		environment_text(s, "nohz_full_cpus", path);
	free(text);
}

/* What Linux makes do with early in its boot is not what it will measure with. */
static void put_clocksource(const struct environment_section *s)
{
	static const char path[] = CLOCKS "/current_clocksource";
	char *text = environment_read(s->reader, path);

	if (text && !strcmp(text, "tsc-early"))
		environment_put(s, "clocksource", NULL,
		                "Linux had not settled on one yet (tsc-early)");
	else
		environment_text(s, "clocksource", path);
	free(text);
}

void environment_linux(const struct environment_section *s)
{
	environment_text(s, "release", "/proc/sys/kernel/osrelease");
	environment_text(s, "version", "/proc/sys/kernel/version");
	environment_text(s, "command_line", "/proc/cmdline");
	put_distribution(s);
	environment_folder(s, "mitigations", CPUS "/vulnerabilities");
	put_clocksource(s);
	environment_text(s, "clocksources", CLOCKS "/available_clocksource");
	environment_number(s, "perf_event_paranoid", "/proc/sys/kernel/perf_event_paranoid");
	environment_number(s, "nmi_watchdog", "/proc/sys/kernel/nmi_watchdog");
	environment_text(s, "isolated_cpus", CPUS "/isolated");
	put_nohz_full(s);
	environment_text(s, "load", "/proc/loadavg");
	environment_text(s, "machine_vendor", "/sys/class/dmi/id/sys_vendor");
	environment_text(s, "machine", "/sys/class/dmi/id/product_name");
	environment_text(s, "firmware_version", "/sys/class/dmi/id/bios_version");
	environment_text(s, "firmware_date", "/sys/class/dmi/id/bios_date");
}

/* The governor, or all that are in use when the CPUs differ: "performance, powersave". */
static void put_governors(const struct environment_section *s)
{
	unsigned *cpus = calloc(CPUS_MAX, sizeof(*cpus));
	size_t count = cpus ? environment_entries(s->reader, CPUS, "cpu", cpus, CPUS_MAX) : 0;
	char list[256] = "";

	for (size_t i = 0; i < count; i++) {
		char path[96];
		char *text;

		snprintf(path, sizeof(path), CPUS "/cpu%u/cpufreq/scaling_governor", cpus[i]);
		text = environment_read(s->reader, path);
		if (text && !strstr(list, text))
			text_add(list, sizeof(list), "%s%s", *list ? ", " : "", text);
		free(text);
	}
	environment_put(s, "governor", *list ? utf8_json(list) : NULL,
	                "no CPU has " CPUS "/cpu<N>/cpufreq/scaling_governor: Linux does not "
	                "control the frequency here");
	free(cpus);
}

void environment_power(const struct environment_section *s)
{
	char *text;

	put_governors(s);
	environment_text(s, "driver", CPUS "/cpu0/cpufreq/scaling_driver");
	environment_number(s, "minimum_khz", CPUS "/cpu0/cpufreq/scaling_min_freq");
	environment_number(s, "maximum_khz", CPUS "/cpu0/cpufreq/scaling_max_freq");
	/* Intel's driver has a switch of its own, with the opposite sense. */
	text = environment_read(s->reader, CPUS "/intel_pstate/no_turbo");
	if (text)
		environment_put(s, "boost", json_boolean(strcmp(text, "0") == 0), "no memory");
	else
		environment_truth(s, "boost", CPUS "/cpufreq/boost");
	free(text);
	environment_text(s, "idle_driver", CPUS "/cpuidle/current_driver");
	environment_text(s, "idle_governor", CPUS "/cpuidle/current_governor");
}
