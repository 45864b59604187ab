/* SPDX-License-Identifier: MIT */
#include "harness/noise.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static bool is_placed(const struct place *place, unsigned cpu)
{
	for (unsigned i = 0; i < place->count; i++) {
		if (place->cpu[i] == cpu)
			return true;
	}
	return false;
}

/* proc(5), /proc/stat: "cpuN user nice system idle iowait irq softirq steal ...", in clock ticks.
 */
static bool read_steal(const struct place *place, uint64_t *ns)
{
	FILE *f = fopen("/proc/stat", "re");
	long hz = sysconf(_SC_CLK_TCK);
	unsigned found = 0;
	char line[512];
	uint64_t ticks = 0;

	if (!f)
		return false;
	while (hz > 0 && fgets(line, sizeof(line), f)) {
		unsigned cpu;
		uint64_t steal;

		if (sscanf(line, "cpu%u %*u %*u %*u %*u %*u %*u %*u %" SCNu64, &cpu, &steal) != 2)
			continue;
		if (is_placed(place, cpu)) {
			ticks += steal;
			found++;
		}
	}
	fclose(f);
	*ns = hz > 0 ? ticks * (1000000000ULL / (uint64_t)hz) : 0;
	return found == place->count;
}

void noise_read(const struct place *place, struct noise_reading *reading)
{
	struct rusage usage;

	memset(reading, 0, sizeof(*reading));
	reading->steal_known = read_steal(place, &reading->steal_ns);
	getrusage(RUSAGE_SELF, &usage);
	reading->involuntary = (uint64_t)usage.ru_nivcsw;
}

uint64_t noise_page_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (uint64_t)usage.ru_minflt;
}
