/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/mem.h"
#include "harness/mem_available.h"
#include "harness/place_choose.h"
#include "harness/units.h"
#include "vmrun/host/requirement.h"
#include "vmrun/system/home.h"

/* What Debian's Linux 6.1 boots in; OVMF keeps more for itself, and hangs in less (tried). */
#define MEMORY_MIN       (80ULL << 20)
#define MEMORY_MIN_OVMF  (160ULL << 20)
#define VCPUS_MAX        255 /* APIC identifiers of 8 bits */
#define BOOT_SECONDS_KVM 120
#define BOOT_SECONDS_TCG 180
#define BOOT_GIB_SECONDS                                                                           \
	1 /* more for each GiB, which is allocated and, under SNP, accepted at boot */

/* Where Debian and Ubuntu put the one OVMF image that serves all modes. */
static const char *const firmwares[] = {"/usr/share/ovmf/OVMF.fd", "/usr/share/qemu/OVMF.fd"};

static int check_file(const char *what, const char *path, char found[PATH_MAX], struct err *e)
{
	struct stat st;

	if (!realpath(path, found))
		return err_set(e, EINVAL, "%s %s: %s", what, path, strerror(errno));
	if (stat(found, &st) == 0 && !S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "%s %s is not a file", what, path);
	if (access(found, R_OK) != 0)
		return err_set(e, EINVAL, "%s %s cannot be read: %s", what, path, strerror(errno));
	return 0;
}

/*
 * The release stands in the header of every bzImage: offset 0x202 has "HdrS", the 16 bits at 0x20e
 * point at the text, less 0x200 (Linux, Documentation/arch/x86/boot.rst).
 */
static int read_release(struct plan *plan, struct err *e)
{
	unsigned char header[0x210];
	char text[sizeof(plan->release)] = "";
	int fd = open(plan->kernel, O_RDONLY | O_CLOEXEC);
	bool good = fd >= 0 && pread(fd, header, sizeof(header), 0) == (ssize_t)sizeof(header) &&
	            memcmp(header + 0x202, "HdrS", 4) == 0;

	if (good) {
		off_t at = (header[0x20e] | header[0x20f] << 8) + 0x200;

		good = at > 0x200 && pread(fd, text, sizeof(text) - 1, at) > 0;
	}
	if (fd >= 0)
		close(fd);
	if (!good)
		return err_set(e, EINVAL, "guest kernel %s is not a bzImage of Linux",
		               plan->kernel);
	snprintf(plan->release, sizeof(plan->release), "%.*s", (int)strcspn(text, " "), text);
	return 0;
}

/* The newest vmlinuz that `make setup` unpacked: glob sorts by name. */
static int default_kernel(char path[PATH_MAX], struct err *e)
{
	char boot[PATH_MAX - 16], pattern[PATH_MAX];
	glob_t found = {0};
	int rc = home_find("guest/boot", pattern, e);

	if (rc)
		return err_set(e, EINVAL,
		               "no guest kernel: run 'make setup', or name one (--kernel)");
	snprintf(boot, sizeof(boot), "%.*s", (int)sizeof(boot) - 1, pattern);
	snprintf(pattern, sizeof(pattern), "%s/vmlinuz-*", boot);
	rc = glob(pattern, GLOB_ERR, NULL, &found);
	if (rc == GLOB_ABORTED)
		rc = err_errno(e, "cannot read %s", boot);
	else if (rc || found.gl_pathc == 0)
		rc = err_set(e, EINVAL,
		             "no guest kernel in %s: run 'make setup', or name one (--kernel)",
		             boot);
	else
		snprintf(path, PATH_MAX, "%s", found.gl_pathv[found.gl_pathc - 1]);
	globfree(&found);
	return rc;
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* /x/boot/vmlinuz-R has its modules in /x/lib/modules/R; a kernel without any has all built in. */
static int find_modules(const struct vm_spec *spec, struct plan *plan, struct err *e)
{
	char path[PATH_MAX];
	const char *slash = strrchr(plan->kernel, '/');

	if (spec->modules) {
		if (!is_directory(spec->modules) || !realpath(spec->modules, plan->modules))
			return err_set(e, EINVAL, "no directory of guest kernel modules at %s",
			               spec->modules);
		return 0;
	}
	snprintf(path, sizeof(path), "%.*s/../lib/modules/%s", (int)(slash - plan->kernel),
	         plan->kernel, plan->release);
	if (!realpath(path, plan->modules))
		plan->modules[0] = '\0';
	return 0;
}

/* `make module` leaves the guest kernel module where the release says; a guest can do without. */
static void find_sevbench(struct plan *plan)
{
	char relative[sizeof(plan->release) + 32];

	snprintf(relative, sizeof(relative), "module/%s/sevbench.ko", plan->release);
	if (!plan->modules[0] || home_find(relative, plan->sevbench, NULL))
		plan->sevbench[0] = '\0';
}

int plan_find_kernel(const struct vm_spec *spec, struct plan *plan, struct err *e)
{
	char path[PATH_MAX];
	int rc = 0;

	if (!spec->kernel)
		rc = default_kernel(path, e);
	if (!rc)
		rc = check_file("guest kernel", spec->kernel ? spec->kernel : path, plan->kernel,
		                e);
	if (!rc)
		rc = read_release(plan, e);
	if (!rc)
		rc = find_modules(spec, plan, e);
	if (!rc)
		find_sevbench(plan);
	return rc;
}

/* A plain guest may do with QEMU's own firmware; the report says that it did. */
int plan_find_firmware(const struct vm_spec *spec, struct plan *plan, struct err *e)
{
	plan->firmware[0] = '\0';
	if (spec->firmware && !strcmp(spec->firmware, "default"))
		return 0;
	if (spec->firmware)
		return check_file("firmware", spec->firmware, plan->firmware, e);
	for (size_t i = 0; i < sizeof(firmwares) / sizeof(firmwares[0]); i++) {
		if (access(firmwares[i], R_OK) == 0)
			return check_file("firmware", firmwares[i], plan->firmware, e);
	}
	if (spec->platform == PLATFORM_NOSEV)
		return 0;
	return err_set(e, EINVAL,
	               "no OVMF firmware for %s found (Debian: apt-get install ovmf); name one "
	               "(--firmware)",
	               platform_name(spec->platform));
}

static int free_huge_pages(const struct host_source *host, unsigned long kib, uint64_t *bytes)
{
	char path[128], text[32];
	unsigned long long count;

	snprintf(path, sizeof(path), "/sys/kernel/mm/hugepages/hugepages-%lukB/free_hugepages",
	         kib);
	if (host_read_choice(host, path, text, sizeof(text)) || sscanf(text, "%llu", &count) != 1)
		return -1;
	*bytes = count * kib * 1024;
	return 0;
}

/* Bytes that the guest's Linux sets aside. */
static uint64_t pools(const struct vm_spec *spec)
{
	return spec->huge_2m * (uint64_t)mem_page_bytes(MEM_2M) +
	       spec->huge_1g * (uint64_t)mem_page_bytes(MEM_1G);
}

/* How many such guests the host has to hold that are not there yet. */
static unsigned guests_to_come(const struct vm_spec *spec)
{
	return spec->guests && !spec->line ? spec->guests : 1;
}

static int check_memory(const struct vm_spec *spec, const struct host_source *host,
                        const struct plan *plan, struct err *e)
{
	unsigned guests = guests_to_come(spec);
	bool huge = spec->backing == MEM_2M || spec->backing == MEM_1G;
	unsigned long kib = spec->backing == MEM_1G ? 1048576 : 2048;
	bool ovmf = plan->firmware[0] != '\0';
	uint64_t least = ovmf ? MEMORY_MIN_OVMF : MEMORY_MIN;
	char want[UNITS_TEXT], have[UNITS_TEXT], times[32] = "";
	uint64_t available = mem_available();

	if (spec->memory < least)
		return err_set(e, EINVAL, "guest memory of %s is too little: Linux%s needs %s",
		               units_size(spec->memory, want), ovmf ? " behind OVMF" : "",
		               units_size(least, have));
	if (pools(spec) > spec->memory - least)
		return err_set(e, EINVAL,
		               "guest memory of %s is too little for %s of huge pages and a Linux "
		               "beside them",
		               units_size(spec->memory, want), units_size(pools(spec), have));
	if (huge && free_huge_pages(host, kib, &available))
		return err_set(e, EINVAL, "this host's Linux has no huge pages of %s",
		               kib == 2048 ? "2M" : "1G");
	if (guests > 1)
		snprintf(times, sizeof(times), "%u times ", guests);
	if ((huge || available) && spec->memory > available / guests)
		return err_set(
		        e, EINVAL,
		        huge ? "%sguest memory of %s is more than the %s of free huge pages; raise "
		               "/sys/kernel/mm/hugepages/*/nr_hugepages"
		             : "%sguest memory of %s is more than the %s that this host has "
		               "available",
		        times, units_size(spec->memory, want), units_size(available, have));
	return 0;
}

static int check_thp(const struct vm_spec *spec, const struct host_source *host, struct err *e)
{
	static const char path[] = "/sys/kernel/mm/transparent_hugepage/enabled";
	char choice[32];

	if (spec->backing != MEM_THP)
		return 0;
	if (host_read_choice(host, path, choice, sizeof(choice)))
		return err_set(e, ENOTSUP,
		               "this host's Linux has no transparent huge pages (no %s)", path);
	if (!strcmp(choice, "never"))
		return err_set(
		        e, ENOTSUP,
		        "transparent huge pages are off (%s is never); as root: echo madvise > %s",
		        path, path);
	return 0;
}

void plan_compare_cores(const struct place *place, char text[PLAN_UNLIKE])
{
	text[0] = '\0';
	if (!place->core_threads)
		snprintf(text, PLAN_UNLIKE,
		         "some vCPUs share a core and the guest cannot be told which: it sees %u "
		         "cores; name CPUs of which every core has as many, one behind the other",
		         place->count);
}

/* The CPUs of one of several guests, out of those that all have together. */
static int take_share(const struct vm_spec *spec, const struct place *all, struct place *place,
                      struct err *e)
{
	unsigned first = spec->guest * spec->vcpus;
	char list[16 * VCPUS_MAX] = "";
	size_t at = 0;

	for (unsigned i = first; i < first + spec->vcpus; i++)
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%u", at ? "," : "",
		                       all->cpu[i]);
	return place_choose_guest(spec->vcpus, list, place, e);
}

static int place_guests(const struct vm_spec *spec, struct place *all, struct place *place,
                        struct err *e)
{
	unsigned guests = spec->guests ? spec->guests : 1;
	int rc = place_choose_guest(guests * spec->vcpus, spec->cpus, all, e);

	if (rc && guests > 1)
		return err_wrap(e, rc, "%u guests of %u vCPUs each", guests, spec->vcpus);
	if (rc || guests == 1) {
		*place = *all;
		return rc;
	}
	rc = take_share(spec, all, place, e);
	place->shares_core |= all->shares_core;
	return rc;
}

/* QEMU's threads beside the vCPUs get the allowed CPUs that are left, or all when none is. */
static int split_cpus(const struct vm_spec *spec, struct plan *plan, struct err *e)
{
	struct place all;
	cpu_set_t allowed;
	int rc;

	if (spec->guests > VM_GUESTS_MAX)
		return err_set(e, EINVAL, "%u guests at once: 1 to %d are possible", spec->guests,
		               VM_GUESTS_MAX);
	if (spec->vcpus < 1 || spec->vcpus > VCPUS_MAX)
		return err_set(e, EINVAL, "a guest of %u vCPUs: 1 to %d are possible", spec->vcpus,
		               VCPUS_MAX);
	rc = place_guests(spec, &all, &plan->place, e);
	if (rc)
		return rc == -ENOMEM ? rc : -EINVAL;
	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		return err_errno(e, "sched_getaffinity");
	plan->others = allowed;
	for (unsigned i = 0; i < all.count; i++)
		CPU_CLR(all.cpu[i], &plan->others);
	plan_compare_cores(&plan->place, plan->unlike);
	plan->apart = CPU_COUNT(&plan->others) > 0;
	if (!plan->apart)
		plan->others = allowed;
	return 0;
}

/* A CPU that a real-time thread keeps busy runs nothing else: QEMU's own work needs another. */
int plan_check_realtime(const struct vm_spec *spec, const struct plan *plan, struct err *e)
{
	struct sched_param wanted = {.sched_priority = (int)spec->realtime}, before;
	int policy = sched_getscheduler(0), rc = 0;

	if (!spec->realtime)
		return 0;
	if (!plan->apart)
		return err_set(e, EINVAL,
		               "--realtime needs a CPU beside those of the vCPUs, for QEMU's "
		               "other threads: there is none");
	sched_getparam(0, &before);
	if (sched_setscheduler(0, SCHED_FIFO, &wanted) != 0)
		rc = err_set(e, EINVAL,
		             "a real-time priority of %u is not allowed here (%s): become root, or "
		             "raise 'ulimit -r'",
		             spec->realtime, strerror(errno));
	else
		sched_setscheduler(0, policy, &before);
	return rc;
}

int plan_check_memlock(const struct vm_spec *spec, struct err *e)
{
	char limit[UNITS_TEXT], want[UNITS_TEXT];
	struct rlimit r;

	if (spec->platform != PLATFORM_SEV && spec->platform != PLATFORM_SEV_ES)
		return 0;
	if (geteuid() == 0 || getrlimit(RLIMIT_MEMLOCK, &r) != 0 || r.rlim_cur >= spec->memory)
		return 0;
	return err_set(
	        e, ENOTSUP,
	        "%s pins all guest memory, and only %s of the %s may be locked; become root, or "
	        "raise 'ulimit -l'",
	        platform_name(spec->platform), units_size(r.rlim_cur, limit),
	        units_size(spec->memory, want));
}

/*
 * AMD's processors show hardware threads by TOPOEXT (AMD64 APM volume 3, CPUID Fn8000_0001_ECX bit
 * 22), which QEMU leaves out of "host" unless it is told to (target/i386/cpu.c,
 * no_autoenable_flags). Its EPYC models have it.
 */
static void set_model(const struct vm_spec *spec, const struct host_source *host, struct plan *plan,
                      bool kvm)
{
	const char *model = spec->cpu_model ? spec->cpu_model : kvm ? "host" : "max";
	char vendor[CPU_SIGNATURE];

	plan->argv.cpu_model = model;
	cpu_vendor_at(host->cpu, vendor);
	if (!kvm || plan->argv.core_threads < 2 || strcmp(vendor, "AuthenticAMD") != 0 ||
	    strstr(model, "topoext") ||
	    strlen(model) + sizeof(",topoext=on") > sizeof(plan->cpu_model))
		return;
	snprintf(plan->cpu_model, sizeof(plan->cpu_model), "%s,topoext=on", model);
	plan->argv.cpu_model = plan->cpu_model;
}

static void set_accel(const struct vm_spec *spec, const struct host_source *host, struct plan *plan,
                      enum accel accel)
{
	bool kvm = accel == ACCEL_KVM;

	plan->argv.accel = accel;
	set_model(spec, host, plan, kvm);
	plan->boot_seconds = spec->boot_seconds;
	if (!plan->boot_seconds)
		plan->boot_seconds = (kvm ? BOOT_SECONDS_KVM : BOOT_SECONDS_TCG) +
		                     (unsigned)(spec->memory >> 30) * BOOT_GIB_SECONDS;
}

static int choose_accel(const struct vm_spec *spec, const struct host_source *host,
                        struct plan *plan, struct err *e)
{
	struct err why = {""};
	int rc;

	if (spec->accel == ACCEL_TCG) {
		snprintf(plan->accel_why, sizeof(plan->accel_why),
		         "software emulation was asked for");
		return 0;
	}
	rc = requirement_allow(host, spec->platform, &why);
	if (!rc) {
		snprintf(plan->accel_why, sizeof(plan->accel_why), "KVM works here");
		return 0;
	}
	if (spec->accel == ACCEL_KVM || spec->platform != PLATFORM_NOSEV)
		return err_set(e, -rc, "%s", why.text);
	snprintf(plan->accel_why, sizeof(plan->accel_why), "%s", why.text);
	set_accel(spec, host, plan, ACCEL_TCG);
	return 0;
}

static void fill_argv(const struct vm_spec *spec, const struct host_source *host, struct plan *plan)
{
	bool many = place_node_exists(1); /* one node alone needs no binding */

	plan->argv = (struct argv_plan){
	        .qemu = &plan->qemu,
	        .platform = spec->platform,
	        .accel = spec->accel == ACCEL_TCG ? ACCEL_TCG : ACCEL_KVM,
	        .firmware = plan->firmware[0] ? plan->firmware : NULL,
	        .kernel = plan->kernel,
	        .append = spec->append,
	        .memory = spec->memory,
	        .backing = spec->backing,
	        .huge_2m = spec->huge_2m,
	        .huge_1g = spec->huge_1g,
	        .vcpus = spec->vcpus,
	        .core_threads = plan->place.core_threads,
	        .node = many ? plan->place.node : -1,
	        .cbit = host_cbit(host),
	};
}

int plan_find(const struct vm_spec *spec, const struct host_source *host, struct plan *plan,
              struct err *e)
{
	int rc;

	memset(plan, 0, sizeof(*plan));
	if (spec->accel != ACCEL_NONE && spec->accel != ACCEL_KVM && spec->accel != ACCEL_TCG)
		return err_set(e, EINVAL, "the accelerator is kvm, tcg or auto");
	rc = dialect_probe(spec->qemu ? spec->qemu : "qemu-system-x86_64", &plan->qemu, e);
	if (rc == -ENOENT)
		rc = -EINVAL;
	if (!rc)
		rc = plan_find_firmware(spec, plan, e);
	if (!rc)
		rc = check_memory(spec, host, plan, e);
	if (!rc)
		rc = plan_find_kernel(spec, plan, e);
	if (!rc)
		rc = split_cpus(spec, plan, e);
	if (!rc)
		rc = plan_check_realtime(spec, plan, e);
	if (rc)
		return rc;
	plan->realtime = spec->realtime;
	fill_argv(spec, host, plan);
	set_accel(spec, host, plan, spec->accel == ACCEL_TCG ? ACCEL_TCG : ACCEL_KVM);
	return argv_check(&plan->argv, e);
}

int plan_allow(const struct vm_spec *spec, const struct host_source *host, struct plan *plan,
               struct err *e)
{
	int rc = choose_accel(spec, host, plan, e);

	if (!rc)
		rc = check_thp(spec, host, e);
	return rc ? rc : plan_check_memlock(spec, e);
}

int plan_resolve(const struct vm_spec *spec, const struct host_source *host, struct plan *plan,
                 struct err *e)
{
	int rc = plan_find(spec, host, plan, e), allowed;
	struct err why;

	if (rc && rc != -ENOTSUP)
		return rc;
	/* A host that cannot is the weightier reason than a QEMU that cannot. */
	allowed = plan_allow(spec, host, plan, &why);
	if (!allowed)
		return rc;
	if (e)
		*e = why;
	return allowed;
}
