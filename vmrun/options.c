/* SPDX-License-Identifier: MIT */
#include "vmrun/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/units.h"
#include "harness/usage.h"

#define DEFAULT_MEMORY (1ULL << 30)
#define HUGE_MAX       (1U << 24) /* 32 TiB of the small ones */
#define SECONDS_MAX    (7UL * 24 * 3600)

enum {
	O_HELP = 256,
	O_PLATFORM,
	O_ACCEL,
	O_EMULATE_SEV,
	O_TRACE,
	O_MEMORY,
	O_VCPUS,
	O_CPUS,
	O_REALTIME,
	O_KERNEL,
	O_MODULES,
	O_FIRMWARE,
	O_QEMU,
	O_CPU_MODEL,
	O_APPEND,
	O_BACKING,
	O_HUGE_2M,
	O_HUGE_1G,
	O_BOOT_DEADLINE,
	O_DEADLINE,
	O_OUTPUT,
	O_PROGRAM,
	O_JSON,
	O_VERBOSE,
	O_DIFF,
	O_PROVE,
	O_ROOT,
	O_MODULE,
	O_FILE,
	O_GUESTS
};

static const struct {
	unsigned set;
	struct option option;
	const char *value, *help;
} rows[] = {
        {OPTIONS_EXEC | OPTIONS_ARGV,
         {"platform", 1, 0, O_PLATFORM},
         "PLATFORM",
         "nosev (default), sev, sev-es or snp"},
        {OPTIONS_DOCTOR,
         {"platform", 1, 0, O_PLATFORM},
         "PLATFORM",
         "the one to judge by: nosev, sev, sev-es or snp (whichever can be launched)"},
        {OPTIONS_GUEST,
         {"accel", 1, 0, O_ACCEL},
         "ACCEL",
         "auto (default: kvm where it works), kvm or tcg"},
        {OPTIONS_GUEST,
         {"emulate-sev", 0, 0, O_EMULATE_SEV},
         NULL,
         "emulate SEV, by QEMU 10 or 11 (by itself where KVM does not work)"},
        {OPTIONS_EXEC | OPTIONS_ARGV,
         {"trace", 1, 0, O_TRACE},
         "FILE",
         "new file for each #VC, VMGEXIT and page state of a guest whose SEV is emulated"},
        {OPTIONS_GUEST, {"memory", 1, 0, O_MEMORY}, "SIZE", "guest memory, for example 2G (1G)"},
        {OPTIONS_GUEST, {"vcpus", 1, 0, O_VCPUS}, "N", "virtual CPUs (1)"},
        {OPTIONS_GUEST,
         {"cpus", 1, 0, O_CPUS},
         "LIST",
         "host CPUs for them, in order, for example 2-5 (one a core)"},
        {OPTIONS_GUEST,
         {"realtime", 1, 0, O_REALTIME},
         "N",
         "real-time priority of the vCPUs, 1 to 99: nothing else runs on their CPUs (none)"},
        {OPTIONS_GUEST,
         {"backing", 1, 0, O_BACKING},
         "PAGES",
         "host pages of guest memory: 4k (default), thp, 2m or 1g"},
        {OPTIONS_GUEST,
         {"huge-2m", 1, 0, O_HUGE_2M},
         "N",
         "huge pages of 2 MiB that the guest sets aside at boot (none)"},
        {OPTIONS_GUEST, {"huge-1g", 1, 0, O_HUGE_1G}, "N", "the same of 1 GiB (none)"},
        {OPTIONS_GUEST,
         {"guest-kernel", 1, 0, O_KERNEL},
         "FILE",
         "guest kernel (that of make setup), or 'auto' for the one that this machine runs"},
        {OPTIONS_GUEST,
         {"guest-modules", 1, 0, O_MODULES},
         "DIR",
         "its /lib/modules/RELEASE (beside the kernel)"},
        {OPTIONS_GUEST,
         {"firmware", 1, 0, O_FIRMWARE},
         "FILE",
         "OVMF.fd (found), or 'default' for QEMU's own, which boots sooner"},
        {OPTIONS_GUEST, {"qemu", 1, 0, O_QEMU}, "FILE", "QEMU (qemu-system-x86_64 in PATH)"},
        {OPTIONS_GUEST, {"cpu-model", 1, 0, O_CPU_MODEL}, "MODEL", "QEMU's -cpu (host, or max)"},
        {OPTIONS_GUEST,
         {"append", 1, 0, O_APPEND},
         "WORDS",
         "more words for the guest's command line"},
        {OPTIONS_RUN,
         {"boot-deadline", 1, 0, O_BOOT_DEADLINE},
         "SECONDS",
         "to the guest's first word, and from each command to the next (2 minutes, tcg 3, and "
         "1 s a GiB)"},
        {OPTIONS_RUN, {"deadline", 1, 0, O_DEADLINE}, "SECONDS", "for the command (none)"},
        {OPTIONS_EXEC,
         {"out", 1, 0, O_OUTPUT},
         "DIR",
         "new directory for output, report.json and logs (standard output)"},
        {OPTIONS_RUN,
         {"program", 1, 0, O_PROGRAM},
         "FILE",
         "another program to put into the guest's /bin; may be repeated"},
        {OPTIONS_RUN,
         {"prove", 0, 0, O_PROVE},
         NULL,
         "prove whether the host can read the guest's memory, before the command"},
        {OPTIONS_ARGV,
         {"diff", 0, 0, O_DIFF},
         NULL,
         "what differs between two modes, and why each difference must be"},
        {OPTIONS_DOCTOR, {"json", 0, 0, O_JSON}, NULL, "for machines"},
        {OPTIONS_DOCTOR, {"verbose", 0, 0, O_VERBOSE}, NULL, "the bits of CPUID 0x8000001F too"},
        {OPTIONS_DOCTOR,
         {"root", 1, 0, O_ROOT},
         "DIR",
         "look at a recorded host instead of this one"},
        {OPTIONS_RUN,
         {"module", 1, 0, O_MODULE},
         "NAME",
         "a module of the guest kernel to load, for example kvm-amd; may be repeated"},
        {OPTIONS_RUN,
         {"file", 1, 0, O_FILE},
         "HOST=GUEST",
         "another file to put into the guest; may be repeated"},
        {OPTIONS_EXEC,
         {"guests", 1, 0, O_GUESTS},
         "N",
         "as many such guests at once, each on its own CPUs, from one start line (1)"},
        {OPTIONS_GUEST | OPTIONS_RUN, {"help", 0, 0, O_HELP}, NULL, "this text"},
};
/* What options were called before 0.2: they work until 0.3. */
static const struct {
	const char *old, *now;
} renamed[] = {
        {"mode", "platform"},
        {"kernel", "guest-kernel"},
        {"modules", "guest-modules"},
        {"output", "out"},
};
#define RENAMED (sizeof(renamed) / sizeof(renamed[0]))

#define ROWS (sizeof(rows) / sizeof(rows[0]))

void options_help(unsigned sets)
{
	for (size_t i = 0; i < ROWS; i++) {
		char left[64];

		if (!(rows[i].set & sets))
			continue;
		snprintf(left, sizeof(left), "--%s%s%s", rows[i].option.name,
		         rows[i].value ? " " : "", rows[i].value ? rows[i].value : "");
		printf("  %-24s %s\n", left, rows[i].help);
	}
}

static int take_accel(const char *text, struct vm_spec *spec, struct err *e)
{
	if (!strcmp(text, "auto"))
		spec->accel = ACCEL_NONE;
	else if (!strcmp(text, "kvm"))
		spec->accel = ACCEL_KVM;
	else if (!strcmp(text, "tcg"))
		spec->accel = ACCEL_TCG;
	else
		return err_set(e, EINVAL, "--accel is auto, kvm or tcg, not '%s'", text);
	return 0;
}

static int take_backing(const char *text, struct vm_spec *spec, struct err *e)
{
	int rc = mem_pages_parse(text, &spec->backing, e);

	return rc ? err_wrap(e, rc, "--backing") : 0;
}

static int take_platform(const char *text, struct vm_spec *spec, struct err *e)
{
	int rc = platform_parse(text, &spec->platform, e);

	if (!rc && !platform_launched(spec->platform))
		rc = err_set(e, EINVAL,
		             "--platform is nosev, sev, sev-es or snp: %s is no guest to launch",
		             text);
	return rc;
}

static int take_memory(const char *text, struct vm_spec *spec, struct err *e)
{
	int rc = units_parse_size(text, &spec->memory, e);

	return rc ? err_wrap(e, rc, "--memory") : 0;
}

static int take_number(const char *what, const char *text, uint64_t max, unsigned *value,
                       struct err *e)
{
	uint64_t number;
	int rc = units_parse_number(what, text, 1, max, &number, e);

	if (!rc)
		*value = (unsigned)number;
	return rc;
}

static int append(const char ***list, size_t *count, const char *text, struct err *e)
{
	const char **more = realloc(*list, (*count + 1) * sizeof(*more));

	if (!more)
		return err_set(e, ENOMEM, "no memory for the options");
	more[(*count)++] = text;
	*list = more;
	return 0;
}

static int take_guest(int option, const char *value, struct vm_spec *spec, struct err *e)
{
	switch (option) {
	case O_PLATFORM:
		return take_platform(value, spec, e);
	case O_ACCEL:
		return take_accel(value, spec, e);
	case O_MEMORY:
		return take_memory(value, spec, e);
	case O_VCPUS:
		return take_number("--vcpus", value, 255, &spec->vcpus, e);
	case O_CPUS:
		spec->cpus = value;
		return 0;
	case O_REALTIME:
		return take_number("--realtime", value, 99, &spec->realtime, e);
	case O_BACKING:
		return take_backing(value, spec, e);
	case O_HUGE_2M:
		return take_number("--huge-2m", value, HUGE_MAX, &spec->huge_2m, e);
	case O_HUGE_1G:
		return take_number("--huge-1g", value, HUGE_MAX, &spec->huge_1g, e);
	case O_KERNEL:
		spec->kernel = value;
		return 0;
	case O_MODULES:
		spec->modules = value;
		return 0;
	case O_FIRMWARE:
		spec->firmware = value;
		return 0;
	case O_QEMU:
		spec->qemu = value;
		return 0;
	case O_CPU_MODEL:
		spec->cpu_model = value;
		return 0;
	case O_EMULATE_SEV:
		spec->emulate = VM_EMULATE_ALWAYS;
		return 0;
	case O_TRACE:
		spec->trace = value;
		return 0;
	case O_APPEND:
		spec->append = value;
		return 0;
	default:
		return err_set(e, ENOENT, "unknown option");
	}
}

int options_guest(struct vm_spec *spec, const char *name, const char *value, struct err *e)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].set == OPTIONS_GUEST && !strcmp(rows[i].option.name, name))
			return take_guest(rows[i].option.val, value, spec, e);
	}
	return err_set(e, ENOENT, "unknown option --%s", name);
}

static int take(int option, const char *value, struct options *o, struct err *e)
{
	switch (option) {
	case O_HELP:
		o->help = true;
		return 0;
	case O_BOOT_DEADLINE:
		return take_number("--boot-deadline", value, SECONDS_MAX, &o->spec.boot_seconds, e);
	case O_GUESTS:
		return take_number("--guests", value, VM_GUESTS_MAX, &o->spec.guests, e);
	case O_DEADLINE:
		return take_number("--deadline", value, SECONDS_MAX, &o->spec.run_seconds, e);
	case O_OUTPUT:
		o->output = value;
		return 0;
	case O_PROGRAM:
		return append(&o->programs, &o->program_count, value, e);
	case O_MODULE:
		return append(&o->modules, &o->module_count, value, e);
	case O_FILE:
		return append(&o->files, &o->file_count, value, e);
	case O_VERBOSE:
		o->verbose = true;
		return 0;
	case O_JSON:
		o->json = true;
		return 0;
	case O_DIFF:
		o->diff = true;
		return 0;
	case O_PROVE:
		o->prove = true;
		return 0;
	case O_ROOT:
		o->root = value;
		return 0;
	default:
		o->mode_given |= option == O_PLATFORM;
		return take_guest(option, value, &o->spec, e);
	}
}

static const struct option *find(const struct option *table, const char *name)
{
	while (table->name && strcmp(table->name, name) != 0)
		table++;
	return table->name ? table : NULL;
}

/* All that argv may hold, ended by a zero one; to be freed. NULL: no memory. */
static struct option *make_table(unsigned sets, const struct options_own *own)
{
	size_t count = 0;
	struct option *table;

	while (own && own->rows[count].name)
		count++;
	table = calloc(count + ROWS + RENAMED + 1, sizeof(*table));
	if (!table)
		return NULL;
	if (count)
		memcpy(table, own->rows, count * sizeof(*table));
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].set & sets)
			table[count++] = rows[i].option;
	}
	for (size_t i = 0; i < RENAMED; i++) {
		const struct option *now = find(table, renamed[i].now);

		if (now) {
			table[count] = *now;
			table[count++].name = renamed[i].old;
		}
	}
	return table;
}

/* One line for a name that is given up. */
static void notice(const char *name)
{
	for (size_t i = 0; i < RENAMED; i++) {
		if (!strcmp(name, renamed[i].old))
			fprintf(stderr, "--%s is now called --%s; the old name goes away in 0.3\n",
			        renamed[i].old, renamed[i].now);
	}
}

int options_parse(int argc, char **argv, unsigned sets, const struct options_own *own,
                  struct options *o, struct err *e)
{
	struct option *table = make_table(sets, own);
	int option, index = 0, rc = 0;

	memset(o, 0, sizeof(*o));
	o->spec.platform = PLATFORM_NOSEV;
	o->spec.memory = DEFAULT_MEMORY;
	o->spec.vcpus = 1;
	if (!table)
		return err_set(e, ENOMEM, "no memory for the options");
	opterr = 0;
	optind = 0;
	/* "+": what follows the first word that is no option belongs to the guest's command. */
	while (!rc && (option = getopt_long(argc, argv, "+:", table, &index)) != -1) {
		if (option == '?' || option == ':') {
			rc = usage_option(option, argv, e);
		} else {
			notice(table[index].name);
			rc = own && option < O_HELP ? own->take(own->context, option, optarg, e)
			                            : take(option, optarg, o, e);
		}
	}
	free(table);
	o->command = argv + optind;
	return rc;
}

void options_free(struct options *o)
{
	free(o->programs);
	free(o->modules);
	free(o->files);
	o->programs = o->modules = o->files = NULL;
}
