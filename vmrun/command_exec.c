/* SPDX-License-Identifier: MIT */
/* vmrun exec: one command in one guest, or in several at once. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "harness/standard.h"
#include "vmrun/command.h"
#include "vmrun/exec_run.h"
#include "vmrun/launch/vm.h"
#include "vmrun/options.h"

#define OPTIONS (OPTIONS_GUEST | OPTIONS_RUN | OPTIONS_EXEC)

static volatile sig_atomic_t ended_by; /* the signal of a user who had enough, or 0 */

static void on_signal(int number)
{
	ended_by = number;
	vm_interrupt();
}

static void help(void)
{
	printf("usage: vmrun exec [OPTION]... [--] COMMAND [ARGUMENT]...\n\n"
	       "Launch a guest, run COMMAND (a program of this host) in it, and bring back what it "
	       "prints.\n\n");
	options_help(OPTIONS);
	printf("\nExit status: 0 done, 1 failed, 2 usage, 77 this host cannot launch that guest, "
	       "124 "
	       "timed out, 130\ninterrupted (128 and the signal).\n");
}

/* Refuse before anything starts; "auto" that has to take emulation says so once. */
static int check(const struct options *o, struct vm_choice *choice, struct err *e)
{
	int rc = vm_check(&o->spec, choice, e);

	if (!rc && o->spec.accel == ACCEL_NONE && choice->accel == ACCEL_TCG)
		fprintf(stderr,
		        "vmrun exec: %s; software emulation (TCG) is used, its timings are no "
		        "hardware costs\n",
		        choice->why);
	if (!rc && choice->unlike[0])
		fprintf(stderr, "vmrun exec: %s\n", choice->unlike);
	if (!rc && choice->memory_doubt.text[0])
		fprintf(stderr, "vmrun exec: %s\n", choice->memory_doubt.text);
	return rc;
}

/* The exit status of a run that was refused before it began. */
static int refused(int rc, bool usage, const char *hint, const struct err *e)
{
	fprintf(stderr, "vmrun exec: %s\n", e->text);
	if (hint[0])
		fprintf(stderr, "vmrun exec: %s\n", hint);
	if (usage || rc == -EINVAL)
		return COMMAND_USAGE;
	return rc == -ENOTSUP ? COMMAND_NOTHING : COMMAND_FAILED;
}

/* The command is a program of the host; in the guest it has another path. */
static int find_program(const struct options *o, struct exec_program *program, struct err *e)
{
	int rc;

	if (!o->command[0])
		return err_set(e, EINVAL, "no command to run in the guest; see vmrun exec --help");
	rc = exec_run_find(o->command[0], program, e);
	if (!rc)
		o->command[0] = program->in_guest;
	return rc;
}

int command_exec(int argc, char **argv)
{
	struct vm_choice choice = {.hint = ""};
	struct exec_program program;
	struct options o;
	struct err e = {""};
	int status, rc = options_parse(argc, argv, OPTIONS, NULL, &o, &e);
	bool usage = rc != 0;

	if (!rc && o.help) {
		help();
		options_free(&o);
		return COMMAND_DONE;
	}
	if (!rc)
		rc = find_program(&o, &program, &e);
	if (!rc)
		rc = check(&o, &choice, &e);
	if (rc) {
		status = refused(rc, usage, choice.hint, &e);
	} else {
		standard_catch(on_signal);
		status = exec_run(&(struct exec_run){.who = "vmrun exec",
		                                     .options = &o,
		                                     .program = &program,
		                                     .argv = o.command,
		                                     .count = o.spec.guests ? o.spec.guests : 1,
		                                     .folder = o.output});
		if (status != COMMAND_DONE && ended_by)
			status = COMMAND_SIGNALLED + ended_by;
	}
	options_free(&o);
	return status;
}
