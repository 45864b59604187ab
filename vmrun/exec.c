/* SPDX-License-Identifier: MIT */
/* vmrun exec: one command in one guest, or in several at once. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/standard.h"
#include "vmrun/command.h"
#include "vmrun/exec_guest.h"
#include "vmrun/options.h"
#include "vmrun/plan.h"
#include "vmrun/process.h"
#include "vmrun/vm.h"

struct exec {
	struct options o;
	char program[PATH_MAX]; /* the command's, on the host */
	char guest_program[NAME_MAX + 8];
	unsigned count;            /* of guests */
	struct exec_guest *guests; /* owned */
	struct vm_guest *runs;     /* owned: of each guest */
};

static void on_signal(int number)
{
	(void)number;
	vm_interrupt();
}

/* The command is a program of the host; in the guest it is /bin/<its name>. */
static int find_program(struct exec *x, struct err *e)
{
	int rc;

	if (!x->o.command[0])
		return err_set(e, EINVAL, "no command to run in the guest; see vmrun exec --help");
	rc = process_find(x->o.command[0], x->program, e);
	if (rc)
		return err_wrap(e, -EINVAL, "the command to run in the guest");
	snprintf(x->guest_program, sizeof(x->guest_program), "/bin/%s",
	         strrchr(x->program, '/') + 1);
	return 0;
}

/* The output directory, which must be new; of several guests, each has one in it. */
static int make_folders(struct exec *x, struct err *e)
{
	int rc = 0;

	if (!x->o.output)
		return 0;
	if (x->count == 1)
		return exec_guest_folder(&x->guests[0], x->o.output, e);
	if (mkdir(x->o.output, 0755) != 0)
		return err_set(e, EINVAL, "cannot make the output directory %s: %s", x->o.output,
		               strerror(errno));
	for (unsigned i = 0; i < x->count && !rc; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", x->o.output, x->guests[i].name);
		rc = exec_guest_folder(&x->guests[i], path, e);
	}
	return rc;
}

static int make_guests(struct exec *x, struct err *e)
{
	x->count = x->o.spec.guests ? x->o.spec.guests : 1;
	x->guests = calloc(x->count, sizeof(*x->guests));
	x->runs = calloc(x->count, sizeof(*x->runs));
	if (!x->guests || !x->runs)
		return err_set(e, ENOMEM, "no memory for %u guests", x->count);
	for (unsigned i = 0; i < x->count; i++)
		exec_guest_init(&x->guests[i], i, x->count);
	return make_folders(x, e);
}

/* Without --output there are no logs: a failure shows how they would end. */
static void show_ends(const struct exec_guest *g, const struct vm_guest *run)
{
	static const struct {
		const char *key, *title;
	} logs[] = {{"console_end", "the guest's console ended with"}, {"qemu_end", "QEMU said"}};

	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]) && !g->folder[0]; i++) {
		const char *text =
		        json_string_value(json_object_get(run->report.json, logs[i].key));

		/* Where the sentence quotes it already, once is enough. */
		if (text && !strstr(run->why.text, "QEMU"))
			fprintf(stderr, "%s: %s:\n%s\n", g->where, logs[i].title, text);
	}
}

/* One guest or several; each one's end is in its run. */
static int launch_all(struct exec *x, const struct vm_payload *payload, struct err *e)
{
	const struct vm_job job = {.argv = x->o.command, .seconds = x->o.spec.run_seconds};
	struct vm_events events[VM_GUESTS_MAX];
	struct vm_guest *only = &x->runs[0];
	int rc;

	x->o.spec.run_seconds = 0; /* the job's own */
	for (unsigned i = 0; i < x->count; i++) {
		events[i] = exec_guest_events;
		events[i].context = &x->guests[i];
		x->runs[i] = (struct vm_guest){
		        .events = &events[i],
		        .name = "guest",
		        .logs = x->guests[i].logs[0] ? x->guests[i].logs : NULL,
		};
	}
	if (x->count > 1)
		return vm_run_guests(&x->o.spec, payload, &job, 1, x->runs, e);
	rc = vm_run(&x->o.spec, payload, &job, 1, only->events, only->logs, only->name,
	            &only->report, &only->why);
	only->rc = rc;
	*e = only->why;
	return rc;
}

static int launch(struct exec *x, struct err *e)
{
	size_t count = x->o.program_count;
	const char **programs = calloc(count + 1, sizeof(*programs));
	struct vm_payload payload = {.programs = programs,
	                             .program_count = count + 1,
	                             .modules = x->o.modules,
	                             .module_count = x->o.module_count,
	                             .files = x->o.files,
	                             .file_count = x->o.file_count,
	                             .prove = x->o.prove};
	int rc;

	if (!programs)
		return err_set(e, ENOMEM, "no memory");
	programs[0] = x->program;
	for (size_t i = 0; i < count; i++)
		programs[i + 1] = x->o.programs[i];
	x->o.command[0] = x->guest_program;
	rc = launch_all(x, &payload, e);
	for (unsigned i = 0; i < x->count; i++) {
		if (x->guests[i].broken.text[0])
			*e = x->runs[i].why = x->guests[i].broken;
	}
	free(programs);
	return rc;
}

/* Has the guest's Linux killed something for lack of memory while the command ran? */
static bool ran_out(const struct vm_report *report)
{
	const json_t *job = json_array_get(json_object_get(report->json, "jobs"), 0);

	return json_integer_value(json_object_get(job, "oom_kills")) > 0;
}

/* How the command ended, as an exit status of ours. */
static int judge(const struct exec *x, const struct exec_guest *g, const struct vm_report *report)
{
	switch (g->how) {
	case VM_JOB_EXITED:
		if (g->code == 0)
			return COMMAND_DONE;
		fprintf(stderr, "%s: %s exited with status %d\n", g->where, x->guest_program,
		        g->code);
		return COMMAND_FAILED;
	case VM_JOB_SIGNALLED:
		fprintf(stderr, "%s: %s was killed by signal %d (%s)%s\n", g->where,
		        x->guest_program, g->code, strsignal(g->code),
		        ran_out(report) ? ": the guest ran out of memory, give it more (--memory)"
		                        : "");
		return COMMAND_FAILED;
	case VM_JOB_TIMED_OUT:
		fprintf(stderr, "%s: %s passed its deadline and was killed\n", g->where,
		        x->guest_program);
		return COMMAND_LATE;
	default:
		return COMMAND_FAILED;
	}
}

/* What the proof has brought, also when it ended the run. Status of a proof that was not done. */
static int show_proof(const struct exec_guest *g, const struct vm_report *report)
{
	const json_t *proof = json_object_get(report->json, "proof");
	const char *verdict = json_string_value(json_object_get(proof, "verdict"));
	const json_t *seconds = json_object_get(proof, "seconds");

	if (!verdict)
		return COMMAND_DONE;
	fprintf(stderr, "%s: proof of encryption: %s", g->where,
	        json_string_value(json_object_get(proof, "sentence")));
	if (seconds)
		fprintf(stderr, "; it took %.2f s", json_real_value(seconds));
	fputc('\n', stderr);
	return strcmp(verdict, "not done") ? COMMAND_DONE : COMMAND_FAILED;
}

/* How far several guests ran side by side: without that their figures say nothing of neighbours. */
static void show_meeting(const struct exec *x)
{
	const json_t *guests = json_object_get(x->runs[0].report.json, "guests");

	if (x->count > 1 && guests)
		fprintf(stderr,
		        "vmrun exec: %u guests began within %.1f ms of one another and ran "
		        "together for %.1f %% of the time that the slowest took\n",
		        x->count,
		        json_number_value(json_object_get(guests, "start_skew_seconds")) * 1e3,
		        json_number_value(json_object_get(guests, "together")) * 100);
}

/* Exit statuses from good to bad, so that the worst of several guests is theirs. */
static int worse(int a, int b)
{
	static const int order[] = {COMMAND_DONE, COMMAND_FAILED, COMMAND_LATE, COMMAND_USAGE};
	int status = COMMAND_DONE;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (a == order[i] || b == order[i])
			status = order[i];
	}
	return status;
}

/* Everything about one guest that is said when it has ended. */
static int settle(const struct exec *x, struct exec_guest *g, struct vm_guest *run)
{
	int status = run->rc == -EINVAL      ? COMMAND_USAGE
	             : run->report.timed_out ? COMMAND_LATE
	             : run->rc               ? COMMAND_FAILED
	                                     : judge(x, g, &run->report);
	struct err e = {""};

	if (!run->rc && show_proof(g, &run->report))
		status = worse(status, COMMAND_FAILED);
	if (run->rc)
		fprintf(stderr, "%s: %s\n", g->where, run->why.text);
	if (run->rc && run->rc != -EINTR && run->rc != -ECANCELED)
		show_ends(g, run);
	if (exec_guest_report(g, &run->report, &e)) {
		fprintf(stderr, "%s: %s\n", g->where, e.text);
		status = worse(status, COMMAND_FAILED);
	}
	vm_report_free(&run->report);
	if (exec_guest_close(g, &e)) {
		fprintf(stderr, "%s: %s\n", g->where, e.text);
		status = worse(status, COMMAND_FAILED);
	}
	return status;
}

static int run(struct exec *x, struct err *e)
{
	int rc, status = COMMAND_DONE;

	standard_catch(on_signal);
	rc = launch(x, e);
	if (!rc)
		show_meeting(x);
	for (unsigned i = 0; i < x->count; i++)
		status = worse(status, settle(x, &x->guests[i], &x->runs[i]));
	return status;
}

static void help(void)
{
	printf("usage: vmrun exec [OPTION]... [--] COMMAND [ARGUMENT]...\n\n"
	       "Launch a guest, run COMMAND (a program of this host) in it, and bring back what it "
	       "prints.\n\n");
	options_help(OPTIONS_GUEST | OPTIONS_RUN);
	printf("\nExit status: 0 done, 1 failed, 2 usage, 77 this host cannot launch that guest, "
	       "124 "
	       "timed out.\n");
}

/* Refuse before anything starts; "auto" that has to take emulation says so once. */
static int check(const struct options *o, struct err *e)
{
	struct vm_choice choice;
	int rc = vm_check(&o->spec, &choice, e);

	if (!rc && o->spec.accel == ACCEL_NONE && choice.accel == ACCEL_TCG)
		fprintf(stderr,
		        "vmrun exec: %s; software emulation (TCG) is used, its timings are no "
		        "hardware costs\n",
		        choice.why);
	if (!rc && choice.unlike[0])
		fprintf(stderr, "vmrun exec: %s\n", choice.unlike);
	return rc;
}

/* The exit status of a run that was refused before it began. */
static int refused(int rc, bool usage, const struct err *e)
{
	fprintf(stderr, "vmrun exec: %s\n", e->text);
	if (usage || rc == -EINVAL)
		return COMMAND_USAGE;
	return rc == -ENOTSUP ? COMMAND_NOTHING : COMMAND_FAILED;
}

int command_exec(int argc, char **argv)
{
	struct exec x = {.count = 0};
	struct err e = {""};
	int status, rc = options_parse(argc, argv, OPTIONS_GUEST | OPTIONS_RUN, &x.o, &e);
	bool usage = rc != 0;

	if (!rc && x.o.help) {
		help();
		options_free(&x.o);
		return COMMAND_DONE;
	}
	if (!rc)
		rc = find_program(&x, &e);
	if (!rc)
		rc = check(&x.o, &e);
	if (!rc)
		rc = make_guests(&x, &e);
	status = rc ? refused(rc, usage, &e) : run(&x, &e);
	free(x.guests);
	free(x.runs);
	options_free(&x.o);
	return status;
}
