/* SPDX-License-Identifier: MIT */
#include "bench/run/watch.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define LOOK_NS        250000000 /* 25 ticks of /proc/stat: a share to 4 % of a CPU */
#define QUIET_SHARE    0.10      /* others use less: the machine is quiet */
#define DISTURBED      0.05      /* share of the CPUs' time */
#define TICKS_AT_LEAST 3 /* a CPU: one may be lost or found at each end, and one is chance */

/* --- reading --------------------------------------------------------------------------------- */

static bool is_placed(const struct place *place, unsigned cpu)
{
	for (unsigned i = 0; i < place->count; i++) {
		if (place->cpu[i] == cpu)
			return true;
	}
	return false;
}

static FILE *open_below(const char *root, const char *path)
{
	char whole[PATH_MAX];

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	return fopen(whole, "re");
}

/* proc(5), /proc/stat: "cpuN user nice system idle iowait irq softirq steal guest guest_nice", in
 * clock ticks; guest time is part of user time. */
static void read_stat(const char *root, const struct place *place, struct watch_reading *r)
{
	FILE *f = open_below(root, "/proc/stat");
	double tick = 1.0 / (double)sysconf(_SC_CLK_TCK);
	unsigned found = 0;
	char line[1024];

	while (f && fgets(line, sizeof(line), f)) {
		uint64_t user, nice, system, irq, softirq, steal;
		unsigned cpu;

		if (sscanf(line, "ctxt %" SCNu64, &r->switches) == 1)
			continue;
		if (!strncmp(line, "cpu ", 4)) /* all CPUs */
			continue;
		if (sscanf(line,
		           "cpu%u %" SCNu64 " %" SCNu64 " %" SCNu64 " %*u %*u %" SCNu64 " %" SCNu64
		           " %" SCNu64,
		           &cpu, &user, &nice, &system, &irq, &softirq, &steal) != 7 ||
		    !is_placed(place, cpu))
			continue;
		r->busy += (double)(user + nice + system + irq + softirq) * tick;
		r->steal += (double)steal * tick;
		found++;
	}
	if (f)
		fclose(f);
	r->known = found == place->count;
}

static void take_mhz(struct watch_mhz *m, double mhz)
{
	m->low = isnan(m->low) ? mhz : fmin(m->low, mhz);
	m->high = isnan(m->high) ? mhz : fmax(m->high, mhz);
}

static bool read_scaling(const char *root, const struct place *place, struct watch_mhz *m)
{
	for (unsigned i = 0; i < place->count; i++) {
		char path[128];
		double khz = 0;
		int read;
		FILE *f;

		snprintf(path, sizeof(path),
		         "/sys/devices/system/cpu/cpu%u/cpufreq/scaling_cur_freq", place->cpu[i]);
		f = open_below(root, path);
		if (!f)
			return false;
		read = fscanf(f, "%lf", &khz);
		fclose(f);
		if (read != 1 || !(khz > 0))
			return false;
		take_mhz(m, khz / 1000);
	}
	return true;
}

/*
 * Linux fills "cpu MHz" from APERF and MPERF; without them (most guests) it is the frequency of the
 * TSC, which never changes (Linux, arch/x86/kernel/cpu/proc.c and aperfmperf.c).
 */
static bool read_cpuinfo(const char *root, const struct place *place, struct watch_mhz *m)
{
	FILE *f = open_below(root, "/proc/cpuinfo");
	bool measured = false;
	unsigned cpu = UINT_MAX;
	char line[8192];
	double mhz;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "processor : %u", &cpu) == 1)
			continue;
		if (sscanf(line, "cpu MHz : %lf", &mhz) == 1 && is_placed(place, cpu))
			take_mhz(m, mhz);
		if (!strncmp(line, "flags", 5))
			measured |= strstr(line, " aperfmperf") != NULL;
	}
	if (f)
		fclose(f);
	return measured && !isnan(m->low);
}

void watch_mhz(const char *root, const struct place *place, struct watch_mhz *m)
{
	*m = (struct watch_mhz){(double)NAN, (double)NAN, "scaling_cur_freq"};
	if (read_scaling(root, place, m))
		return;
	*m = (struct watch_mhz){(double)NAN, (double)NAN, "/proc/cpuinfo"};
	if (read_cpuinfo(root, place, m))
		return;
	*m = (struct watch_mhz){(double)NAN, (double)NAN,
	                        "not known: there is no scaling_cur_freq, and no APERF and MPERF"};
}

static double seconds_of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double own_time(void)
{
	struct rusage self, children;

	getrusage(RUSAGE_SELF, &self);
	getrusage(RUSAGE_CHILDREN, &children);
	return seconds_of(self.ru_utime) + seconds_of(self.ru_stime) +
	       seconds_of(children.ru_utime) + seconds_of(children.ru_stime);
}

void watch_read(const char *root, const struct place *place, struct watch_reading *r)
{
	struct timespec t;

	*r = (struct watch_reading){0};
	read_stat(root, place, r);
	quota_read(root, &r->quota);
	r->own = own_time();
	clock_gettime(CLOCK_MONOTONIC, &t);
	r->seconds = (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- judging --------------------------------------------------------------------------------- */

struct watch_shares watch_between(const struct watch_reading *before,
                                  const struct watch_reading *after, const struct place *place)
{
	double all = (after->seconds - before->seconds) * place->count;
	double used = after->busy - before->busy;

	if (!before->known || !after->known || !(all > 0))
		return (struct watch_shares){(double)NAN, (double)NAN, (double)NAN};
	return (struct watch_shares){
	        .busy = used / all,
	        .others = fmax(0, used - (after->own - before->own)) / all,
	        .steal = (after->steal - before->steal) / all,
	};
}

double watch_stopped(const struct watch_reading *before, const struct watch_reading *after)
{
	return fmax(0, after->quota.stopped_s - before->quota.stopped_s);
}

bool watch_disturbed(const struct watch_reading *before, const struct watch_reading *after,
                     const struct place *place, bool own, char why[128])
{
	struct watch_shares s = watch_between(before, after, place);
	double ticks = (double)TICKS_AT_LEAST / (double)sysconf(_SC_CLK_TCK);
	double least = fmax(DISTURBED, ticks / (after->seconds - before->seconds));
	double stopped = watch_stopped(before, after);
	bool others = own && s.others > least, steal = s.steal > least;

	why[0] = '\0';
	if (others)
		snprintf(why, 128, "others used %.0f %% of its CPUs", s.others * 100);
	if (steal)
		snprintf(why + strlen(why), 128 - strlen(why),
		         "%sthe hypervisor took %.0f %% of its CPUs", others ? ", and " : "",
		         s.steal * 100);
	if (stopped > 0)
		snprintf(why + strlen(why), 128 - strlen(why),
		         "%sits quota of CPU time stopped it for %.0f ms", *why ? ", and " : "",
		         stopped * 1e3);
	return others || steal || stopped > 0;
}

static json_t *share(double value)
{
	return isnan(value) ? json_null() : json_real(round(value * 1e4) / 1e4);
}

json_t *watch_json(const struct watch_reading *before, const struct watch_reading *after,
                   const struct place *place)
{
	struct watch_shares s = watch_between(before, after, place);
	json_int_t switches = (json_int_t)(after->switches - before->switches);

	return json_pack("{s:f,s:o,s:o,s:o}", "quota_stopped_s", watch_stopped(before, after),
	                 "steal_share", share(s.steal), "busy_share", share(s.busy),
	                 "context_switches", after->known ? json_integer(switches) : json_null());
}

json_t *watch_mhz_json(const struct watch_mhz *m)
{
	return json_pack("{s:o,s:o,s:s}", "low", isnan(m->low) ? json_null() : json_real(m->low),
	                 "high", isnan(m->high) ? json_null() : json_real(m->high), "source",
	                 m->source);
}

/* --- waiting --------------------------------------------------------------------------------- */

/* Who uses the CPUs right now, a quarter of a second long. */
static double look(const char *root, const struct place *place)
{
	struct watch_reading before, after;

	watch_read(root, place, &before);
	nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
	watch_read(root, place, &after);
	return watch_between(&before, &after, place).others;
}

struct watch_outcome watch_wait(const char *root, const struct place *place,
                                const struct watch_wait *wait)
{
	struct watch_outcome o = {.before = look(root, place)};
	bool said = false;

	o.now = o.before;
	/* Not known is no reason to wait: waiting would not make it known. */
	while (!(o.quiet = !(o.now > QUIET_SHARE)) && o.waited < wait->limit && !*wait->stop) {
		if (!said)
			wait->say(wait->context, o.now, wait->limit);
		said = true;
		o.now = look(root, place);
		o.waited += LOOK_NS / 1e9;
	}
	return o;
}
