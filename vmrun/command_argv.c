/* SPDX-License-Identifier: MIT */
/* vmrun argv: the QEMU command line of a guest, and how those of two modes differ. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "vmrun/command.h"
#include "vmrun/options.h"
#include "vmrun/qemu/argv_diff.h"

static int refuse(const char *command, const struct err *e)
{
	fprintf(stderr, "vmrun %s: %s\n", command, e->text);
	return COMMAND_USAGE;
}

/* One option with its value a line, for reading, and for a shell. */
static int print_argv(char *const *argv)
{
	for (size_t i = 0; argv[i]; i++) {
		char *quoted = argv_quote(argv[i]);

		if (!quoted)
			return COMMAND_FAILED;
		printf("%s%s", i == 0 ? "" : argv[i][0] == '-' ? " \\\n  " : " ", quoted);
		free(quoted);
	}
	printf("\n");
	return COMMAND_DONE;
}

/* The two modes to compare are the words behind the options. */
static int read_modes(const struct options *o, enum platform platform[2], struct err *e)
{
	if (!o->command[0] || !o->command[1] || o->command[2])
		return err_set(e, EINVAL,
		               "--diff takes two modes, after all options: vmrun argv --diff nosev "
		               "snp");
	if (o->mode_given)
		return err_set(e, EINVAL, "--diff takes its modes itself: leave out --platform");
	for (int i = 0; i < 2; i++) {
		int rc = platform_parse(o->command[i], &platform[i], e);

		if (rc)
			return rc;
		if (!platform_launched(platform[i]))
			return err_set(e, EINVAL,
			               "--diff compares nosev, sev, sev-es and snp: %s is no guest "
			               "to launch",
			               o->command[i]);
	}
	return 0;
}

static void print_difference(const struct argv_difference *d, const enum platform platform[2])
{
	printf("%s\n", d->where);
	for (int i = 0; i < 2; i++)
		printf("  %-7s %s\n", platform_name(platform[i]),
		       d->value[i] ? d->value[i] : "(not there)");
	if (d->reason)
		printf("  why     it %s\n  source  %s\n\n", d->reason->why, d->reason->source);
	else
		printf("  why     no reason is known: these guests do not match\n\n");
}

/* Status 1 when the guests do not match. */
static int print_diff(const struct argv_diff *diff, const enum platform platform[2])
{
	for (size_t i = 0; i < diff->count; i++)
		print_difference(&diff->differences[i], platform);
	printf("%zu settings differ between %s and %s, %zu are the same.\n", diff->count,
	       platform_name(platform[0]), platform_name(platform[1]), diff->same);
	if (diff->unexplained)
		printf("%zu of the differences have no reason.\n", diff->unexplained);
	return diff->unexplained ? COMMAND_FAILED : COMMAND_DONE;
}

/*
 * What is printed is the command line for hardware, whatever this machine would launch, unless
 * emulation is asked for; then a plain guest is shown as it would be beside an emulated one.
 */
static void choose_emulation(struct vm_spec *spec, bool encrypted)
{
	if (spec->emulate == VM_EMULATE_AUTO)
		spec->emulate = encrypted && spec->accel == ACCEL_TCG ? VM_EMULATE_ALWAYS
		                                                      : VM_EMULATE_NEVER;
	if (spec->emulate == VM_EMULATE_ALWAYS && spec->accel == ACCEL_NONE)
		spec->accel = ACCEL_TCG;
}

/* Encrypted guests need KVM, so that is what is compared unless another accelerator is named. */
static int compare_modes(const struct options *o, int *status, struct err *e)
{
	char **argv[2] = {NULL, NULL};
	enum platform platform[2];
	struct argv_diff diff;
	int rc = read_modes(o, platform, e);

	for (int i = 0; !rc && i < 2; i++) {
		struct vm_spec spec = o->spec;

		spec.platform = platform[i];
		choose_emulation(&spec,
		                 platform[0] != PLATFORM_NOSEV || platform[1] != PLATFORM_NOSEV);
		rc = vm_argv(&spec, spec.accel == ACCEL_NONE ? ACCEL_KVM : spec.accel, "DIRECTORY",
		             &argv[i], e);
	}
	if (!rc) {
		rc = argv_diff((char *const *const[]){argv[0], argv[1]}, platform, &diff, e);
		if (!rc)
			*status = print_diff(&diff, platform);
		argv_diff_free(&diff);
	}
	argv_free(argv[0]);
	argv_free(argv[1]);
	return rc;
}

static int show_argv(const struct options *o, int *status, struct err *e)
{
	struct vm_spec spec = o->spec;
	char **words;
	int rc;

	if (o->diff)
		return compare_modes(o, status, e);
	if (o->command[0])
		return err_set(e, EINVAL, "argv takes no command ('%s')", o->command[0]);
	choose_emulation(&spec, spec.platform != PLATFORM_NOSEV);
	rc = vm_argv(&spec, spec.accel, "DIRECTORY", &words, e);
	if (rc)
		return rc;
	*status = print_argv(words);
	argv_free(words);
	return 0;
}

int command_argv(int argc, char **argv)
{
	struct options o;
	struct err e = {""};
	int rc = options_parse(argc, argv, OPTIONS_GUEST | OPTIONS_ARGV, NULL, &o, &e);
	int status = COMMAND_DONE;

	if (!rc && o.help) {
		printf("usage: vmrun argv [OPTION]...\n"
		       "       vmrun argv [OPTION]... --diff PLATFORM PLATFORM\n\n"
		       "Print the QEMU command line; DIRECTORY stands for the run's private "
		       "directory.\n\n");
		options_help(OPTIONS_GUEST | OPTIONS_ARGV);
	} else if (!rc) {
		rc = show_argv(&o, &status, &e);
	}
	options_free(&o);
	if (rc == -ENOTSUP) {
		refuse("argv", &e);
		return COMMAND_NOTHING;
	}
	return rc ? refuse("argv", &e) : status;
}
