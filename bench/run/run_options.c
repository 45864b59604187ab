/* SPDX-License-Identifier: MIT */
#include "bench/run/run_options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/decide/power.h"
#include "analysis/read/number.h"
#include "bench/run/design.h"
#include "harness/units.h"
#include "harness/usage.h"
#include "vmrun/options.h"

#define MARGIN_LEAST 0.001
#define POWER_MOST   0.999
#define COOLDOWN     30  /* seconds: what cron or an update starts is over by then, or never */
#define CELL_SECONDS 300 /* a cell that takes longer has hung, also under software emulation */

const char run_options_help[] =
        "usage: sevbench run [OPTION]...\n\n"
        "Measure a suite natively and in every guest this host can launch.\n\n"
        "  --suite NAME         quick (default), full, or the path of a .suite file\n"
        "  --platforms LIST     native,nosev,sev,sev-es,snp (default: all of them); nosev@thp,\n"
        "                       nosev@2m, nosev@1g: the same guest on other host pages, beside\n"
        "                       it (nosev@thp by default where snp runs); or here alone: this\n"
        "                       machine, launching nothing, under the name that it shows: native,\n"
        "                       or what it is as a guest\n"
        "  --kernels LIST       only these kernels of the suite\n"
        "  --rounds N           launches of every platform (default: the suite's)\n"
        "  --margin PERCENT     five rounds of every cell, then as many more of each as find a\n"
        "                       difference of this much; --rounds is the most of a cell then\n"
        "                       (default: 100)\n"
        "  --power PERCENT      how surely they find it (default: 95)\n"
        "  --time-limit S       seconds after which none of these further rounds begins\n"
        "  --out DIR            result directory, made anew (default: results/<time>-<suite>;\n"
        "                       of here results/<time>-<host>-<platform>-<suite>)\n"
        "  --resume DIR         go on with a run that was interrupted; takes no other option, but\n"
        "                       again each of --qemu, --firmware, --guest-kernel and\n"
        "                       --guest-modules that the run was begun with\n"
        "  --seed N             of every order and every fill (default: from the time)\n"
        "  --cell-deadline S    seconds after which a cell has hung (default: 300)\n"
        "  --dram-peak GB/S     what the machine's memory can move in theory, in 10^9 bytes a\n"
        "                       second (default: from SMBIOS, where root can read it)\n"
        "  --cooldown S         seconds that a launch waits, at most, while others use its CPUs,\n"
        "                       and four times that in a run (default: 30; 0: never)\n"
        "  --dry-run            print what would run\n\n"
        "Guests:\n"
        "  --accel NAME         auto (default), kvm, tcg\n"
        "  --emulate-sev        emulate sev, sev-es and snp, by QEMU 10 or 11: it shows that they\n"
        "                       work, and nothing of their cost (by itself where KVM does not\n"
        "                       work)\n"
        "  --cpus LIST          CPUs for native threads and for vCPUs (default: by topology)\n"
        "  --realtime N         real-time priority of the vCPUs, 1 to 99 (none)\n"
        "  --memory SIZE        guest memory (default: what the suite needs)\n"
        "  --backing NAME       4k (default), thp, 2m, 1g: host pages of guest memory\n"
        "  --qemu FILE          QEMU binary\n"
        "  --firmware FILE      OVMF image; \"default\" for QEMU's own\n"
        "  --guest-kernel FILE  guest kernel (default: the one `make setup` unpacked),\n"
        "                       or 'auto' for the one that this machine runs\n"
        "  --guest-modules DIR  its /lib/modules/<release>\n"
        "  --cpu-model NAME     QEMU's -cpu\n"
        "  --no-prove           do not search each guest's memory for what it keeps there\n"
        "  --help\n"
        "\n"
        "Exit status: 0 done, 1 failed, 2 usage, 77 nothing could run here, 124 timed out,\n"
        "130 interrupted (129 by a terminal that hung up, 143 by kill): --resume goes on.\n";

static const struct option options[] = {
        {"help", no_argument, NULL, 'h'},
        {"suite", required_argument, NULL, 's'},
        {"platforms", required_argument, NULL, 'p'},
        {"kernels", required_argument, NULL, 'k'},
        {"kernel", required_argument, NULL, 'K'}, /* no abbreviation: which kernel? */
        {"rounds", required_argument, NULL, 'r'},
        {"margin", required_argument, NULL, 'm'},
        {"power", required_argument, NULL, 'w'},
        {"time-limit", required_argument, NULL, 't'},
        {"out", required_argument, NULL, 'o'},
        {"resume", required_argument, NULL, 'R'},
        {"seed", required_argument, NULL, 'S'},
        {"cell-deadline", required_argument, NULL, 'd'},
        {"dram-peak", required_argument, NULL, 'D'},
        {"cooldown", required_argument, NULL, 'c'},
        {"dry-run", no_argument, NULL, 'n'},
        {"no-prove", no_argument, NULL, 'P'},
        {"emulate-sev", no_argument, NULL, 0},
        {"accel", required_argument, NULL, 0},
        {"cpus", required_argument, NULL, 0},
        {"realtime", required_argument, NULL, 0},
        {"memory", required_argument, NULL, 0},
        {"backing", required_argument, NULL, 0},
        {"qemu", required_argument, NULL, 0},
        {"firmware", required_argument, NULL, 0},
        {"guest-kernel", required_argument, NULL, 0},
        {"guest-modules", required_argument, NULL, 0},
        {"cpu-model", required_argument, NULL, 0},
        {0},
};

static int take_platforms(const char *text, struct run_options *o, struct err *e)
{
	int rc;

	o->targets_given = true;
	o->here = !strcmp(text, "here");
	if (o->here) {
		memset(o->target, 0, sizeof(o->target));
		return 0;
	}
	if (strstr(text, "here"))
		return err_set(e, EINVAL,
		               "--platforms %s: \"here\" is this machine as it shows itself, and "
		               "stands alone",
		               text);
	rc = target_parse_list(text, o->target, e);
	return rc ? err_wrap(e, rc, "--platforms") : 0;
}

static int take_peak(const char *text, double *gbps, struct err *e)
{
	if (!number_decimal(text, strlen(text), gbps) || *gbps < 0.1 || *gbps > 1e5)
		return err_set(e, EINVAL,
		               "--dram-peak %s is no speed of memory: give 10^9 bytes a second, "
		               "such as 204.8 for eight channels of DDR4-3200",
		               text);
	return 0;
}

static int take_margin(const char *text, struct run_options *o, struct err *e)
{
	int rc = number_percent("--margin", text, &o->margin, e);

	if (!rc && (o->margin < MARGIN_LEAST || o->margin > 1))
		rc = err_set(e, EINVAL, "--margin %s: give a difference from 0.1 to 100 percent",
		             text);
	return rc;
}

static int take_power(const char *text, struct run_options *o, struct err *e)
{
	int rc = number_percent("--power", text, &o->power, e);

	if (!rc && (o->power < 0.5 || o->power > POWER_MOST))
		rc = err_set(e, EINVAL, "--power %s: give a number from 50 to 99.9 percent", text);
	return rc;
}

/* The options of two stages go together. */
static int check_design(struct run_options *o, struct err *e)
{
	if (!(o->margin > 0) && (o->power > 0 || o->time_limit))
		return err_set(e, EINVAL,
		               "%s goes with --margin, which says what further rounds are for",
		               o->power > 0 ? "--power" : "--time-limit");
	if (o->margin > 0 && o->rounds && o->rounds < DESIGN_PILOT)
		return err_set(e, EINVAL,
		               "--rounds %u with --margin: every cell has %d rounds, from which "
		               "follows how many more it gets",
		               o->rounds, DESIGN_PILOT);
	if (o->margin > 0 && !(o->power > 0))
		o->power = POWER_USUAL;
	return 0;
}

static int take_option(int key, const char *name, struct run_options *o, struct err *e)
{
	uint64_t value = 0;
	int rc = 0;

	switch (key) {
	case 'h':
		o->help = true;
		break;
	case 'n':
		o->dry_run = true;
		break;
	case 'P':
		o->no_prove = true;
		break;
	case 's':
		o->suite = optarg;
		break;
	case 'k':
		o->kernels = optarg;
		break;
	case 'K':
		return err_set(e, EINVAL,
		               "--kernel could be two things: --kernels says which kernels are "
		               "measured, --guest-kernel names the Linux of the guests");
	case 'o':
		o->out = optarg;
		break;
	case 'R':
		o->resume = optarg;
		break;
	case 'p':
		return take_platforms(optarg, o, e);
	case 'r':
		rc = units_parse_number("--rounds", optarg, 1, 1000, &value, e);
		o->rounds = (unsigned)value;
		break;
	case 'm':
		return take_margin(optarg, o, e);
	case 'w':
		return take_power(optarg, o, e);
	case 't':
		rc = units_parse_number("--time-limit", optarg, 1, 31536000, &value, e);
		o->time_limit = (unsigned)value;
		break;
	case 'S':
		return units_parse_number("--seed", optarg, 0, UINT64_MAX, &o->seed, e);
	case 'd':
		rc = units_parse_number("--cell-deadline", optarg, 1, 86400, &value, e);
		o->cell_seconds = (unsigned)value;
		break;
	case 'D':
		return take_peak(optarg, &o->dram_peak, e);
	case 'c':
		rc = units_parse_number("--cooldown", optarg, 0, 3600, &value, e);
		o->cooldown = (unsigned)value;
		break;
	default:
		return options_guest(&o->vm, name, optarg, e);
	}
	return rc;
}

/* A platform on the pages that all guests get is that platform. */
static void merge_targets(struct run_options *o)
{
	for (unsigned p = 0; p < PLATFORM_LAUNCH_END; p++) {
		bool *same = &o->target[target_on((enum platform)p, o->vm.backing)];

		o->target[p] |= *same;
		*same = false;
	}
}

/* What is started and booted is always named by this command line: see run_resume.c. */
static bool goes_with_resume(int key, const char *name)
{
	static const char *const beside[] = {"qemu", "firmware", "guest-kernel", "guest-modules"};

	for (size_t i = 0; !key && i < sizeof(beside) / sizeof(beside[0]); i++) {
		if (!strcmp(name, beside[i]))
			return true;
	}
	return key == 'R';
}

int run_options_parse(int argc, char **argv, struct run_options *o, struct err *e)
{
	int key, index = 0;
	bool alone = true;

	memset(o, 0, sizeof(*o));
	o->suite = "quick";
	o->seed = (uint64_t)time(NULL);
	o->cell_seconds = CELL_SECONDS;
	o->cooldown = COOLDOWN;
	o->vm.backing = MEM_4K;
	for (int i = 0; i < PLATFORM_LAUNCH_END; i++)
		o->target[i] = true;
	opterr = 0;
	optind = 1;
	while ((key = getopt_long(argc, argv, ":ho:", options, &index)) != -1) {
		int rc = key == ':' || key == '?' ? usage_option(key, argv, e)
		                                  : take_option(key, options[index].name, o, e);

		if (rc)
			return rc;
		alone &= goes_with_resume(key, options[index].name);
	}
	if (optind < argc)
		return err_set(e, EINVAL, "\"%s\" is not an option: try --help", argv[optind]);
	merge_targets(o);
	if (check_design(o, e))
		return -EINVAL;
	if (o->resume && !alone)
		return err_set(e, EINVAL,
		               "--resume takes everything from the run that it goes on with: no "
		               "other option beside it but those of --qemu, --firmware, "
		               "--guest-kernel and --guest-modules that it was begun with");
	return 0;
}
