/* SPDX-License-Identifier: MIT */
#include "bench/invocation.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "bench/select/selection_look.h"
#include "harness/units.h"
#include "harness/usage.h"

static const struct option options[] = {
        {"help", no_argument, NULL, 'h'},
        {"list", no_argument, NULL, 'l'},
        {"version", no_argument, NULL, 'V'},
        {"environment", no_argument, NULL, 'E'},
        {"out", required_argument, NULL, 'o'},
        {"output", required_argument, NULL, 'O'}, /* what it was called before 0.2 */
        {"force", no_argument, NULL, 'f'},
        {"quiet", no_argument, NULL, 'q'},
        {"run", required_argument, NULL, 'R'},
        {"round", required_argument, NULL, 'N'},
        {"platform", required_argument, NULL, 'P'},
        {"end-mark", no_argument, NULL, 'M'},
        {"skip", no_argument, NULL, 'K'},
        {"variant", required_argument, NULL, 0},
        {"size", required_argument, NULL, 0},
        {"threads", required_argument, NULL, 0},
        {"pages", required_argument, NULL, 0},
        {"backing", required_argument, NULL, 0},
        {"fill", required_argument, NULL, 0},
        {"param", required_argument, NULL, 0},
        {"samples", required_argument, NULL, 0},
        {"batch-us", required_argument, NULL, 0},
        {"warmup-us", required_argument, NULL, 0},
        {"iterations", required_argument, NULL, 0},
        {"single", no_argument, NULL, 0},
        {"slow", required_argument, NULL, 0},
        {"turns", no_argument, NULL, 0},
        {"seed", required_argument, NULL, 0},
        {"cpu", required_argument, NULL, 0},
        {"node", required_argument, NULL, 0},
        {0},
};

void invocation_print_help(const struct kernel *kernel)
{
	printf("usage: bench-%s [OPTION]...\n\n%s\n\n", kernel->name, kernel->summary);
	fputs("On a terminal and without any option: a look at a few cells, as a table, within "
	      "ten\n"
	      "seconds. Otherwise every sample of what is selected, by default of all that there\n"
	      "is, as CSV.\n\n"
	      "  --help             this text\n"
	      "  --list             the kernel's variants, parameters and default sweeps\n"
	      "  --version          the version\n"
	      "  --environment      print what there is to know about this machine, as JSON\n",
	      stdout);
	fputs(selection_help, stdout);
	fputs("  -o, --out FILE     samples as CSV; \"-\" (default) is standard output\n"
	      "  --force            replace the FILE that is there\n"
	      "  --quiet            no line per cell on standard error\n"
	      "  --run NAME         name of the run, for the rows\n"
	      "  --round N          number of the round, for the rows\n"
	      "  --platform NAME    native, nosev, sev, sev-es, snp, or of guests that others "
	      "launch\n"
	      "                     snp-vtom, tdx, unknown: refuse to run on another\n"
	      "  --skip             a cell for which there is too little memory, or too few huge\n"
	      "                     pages, is a skipped row, not a refusal of all of them\n"
	      "  --end-mark         end the stream with a line that counts its rows\n\n"
	      "Lists are separated by commas; every combination is a cell. Exit status: 0 done,\n"
	      "1 a cell failed, 2 usage, 77 every cell was skipped.\n",
	      stdout);
}

static int take_option(struct invocation *inv, int key, const char *name, struct err *e)
{
	uint64_t round = 0;
	int rc = 0;

	switch (key) {
	case 0:
		return selection_option(&inv->selection, name, optarg, e);
	case 'h':
		inv->what = INVOCATION_HELP;
		break;
	case 'l':
		inv->what = INVOCATION_LIST;
		break;
	case 'V':
		inv->what = INVOCATION_VERSION;
		break;
	case 'E':
		inv->what = INVOCATION_ENVIRONMENT;
		break;
	case 'O':
		fputs("--output is now called --out; the old name goes away in 0.3\n", stderr);
		inv->output = optarg;
		break;
	case 'o':
		inv->output = optarg;
		break;
	case 'f':
		inv->force = true;
		break;
	case 'q':
		inv->quiet = true;
		break;
	case 'R':
		inv->origin.run = optarg;
		break;
	case 'N':
		rc = units_parse_number("--round", optarg, 1, 1000000, &round, e);
		inv->origin.round = (unsigned)round;
		break;
	case 'P':
		inv->platform_asked = true;
		rc = platform_parse(optarg, &inv->origin.platform, e);
		break;
	case 'M':
		inv->end_mark = true;
		break;
	case 'K':
		inv->skip = true;
		break;
	default:
		break;
	}
	return rc;
}

int invocation_parse(int argc, char **argv, struct invocation *inv, struct err *e)
{
	int key, index = 0;

	selection_init(&inv->selection);
	inv->output = "-";
	opterr = 0;
	while ((key = getopt_long(argc, argv, ":ho:q", options, &index)) != -1) {
		int rc = key == ':' || key == '?' ? usage_option(key, argv, e)
		                                  : take_option(inv, key, options[index].name, e);

		if (rc)
			return rc;
	}
	if (optind < argc)
		return err_set(e, EINVAL, "\"%s\" is not an option: try --help", argv[optind]);
	if (argc > 1 || !isatty(STDOUT_FILENO))
		return 0;
	inv->what = INVOCATION_LOOK;
	inv->skip = true;
	return selection_look(inv->kernel, &inv->selection, e);
}

void invocation_free(struct invocation *inv)
{
	selection_free(&inv->selection);
}
