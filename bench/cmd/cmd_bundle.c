/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "bench/cmd/bundle.h"
#include "bench/cmd/cmd.h"
#include "harness/usage.h"
#include "harness/version.h"
#include "vmrun/system/home.h"

static const char help[] =
        "usage: sevbench bundle [-o FILE] [--force]\n\n"
        "Write one archive with the per-kernel binaries, sevbench, all they need, and a script\n"
        "that runs them on any x86-64 Linux, without installing anything: the cells of the\n"
        "suites, and the comparison of two machines. Its README has the steps.\n\n"
        "  -o, --out FILE  default: sevbench-" SEVBENCH_VERSION ".tar.gz\n"
        "  --force         replace the FILE that is there\n"
        "  --help\n"
        "\n"
        "Exit status: 0 done, 1 failed, 2 usage.\n";

static const struct option options[] = {
        {"help", no_argument, NULL, 'h'},
        {"force", no_argument, NULL, 'f'},
        {"out", required_argument, NULL, 'o'},
        {"output", required_argument, NULL, 'O'}, /* what it was called before 0.2 */
        {0},
};

static int parse(int argc, char **argv, const char **output, bool *force, bool *wants_help,
                 struct err *e)
{
	int key;

	opterr = 0;
	optind = 1;
	while ((key = getopt_long(argc, argv, ":ho:", options, NULL)) != -1) {
		switch (key) {
		case 'h':
			*wants_help = true;
			return 0;
		case 'f':
			*force = true;
			break;
		case 'O':
			fputs("--output is now called --out; the old name goes away in 0.3\n",
			      stderr);
			*output = optarg;
			break;
		case 'o':
			*output = optarg;
			break;
		default:
			return usage_option(key, argv, e);
		}
	}
	if (optind < argc)
		return err_set(e, EINVAL, "\"%s\" is not an option: try --help", argv[optind]);
	return 0;
}

int cmd_bundle(int argc, char **argv)
{
	const char *output = "sevbench-" SEVBENCH_VERSION ".tar.gz";
	char programs[PATH_MAX], kernels[PATH_MAX];
	bool force = false, wants_help = false;
	struct err e = {""};
	int rc = parse(argc, argv, &output, &force, &wants_help, &e);

	if (rc) {
		fprintf(stderr, "sevbench: %s\n", e.text);
		return CMD_USAGE;
	}
	if (wants_help) {
		fputs(help, stdout);
		return CMD_DONE;
	}
	rc = home_find("bin", programs, &e);
	if (!rc)
		rc = home_find("kernels/module", kernels, &e);
	if (!rc)
		rc = bundle_write(output, force, programs, dirname(dirname(kernels)), &e);
	if (rc) {
		fprintf(stderr, "sevbench: %s\n", e.text);
		return CMD_FAILED;
	}
	printf("%s: copy it, unpack it, and run sevbench-%s/run quick; README there has the "
	       "steps\n",
	       output, SEVBENCH_VERSION);
	return CMD_DONE;
}
