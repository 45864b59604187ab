/* SPDX-License-Identifier: MIT */
#include "vmrun/exec_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/folder.h"
#include "vmrun/command.h"
#include "vmrun/exec_guest.h"
#include "vmrun/system/process.h"

/* A run under way. */
struct exec {
	const struct exec_run *what;
	struct exec_guest *guests; /* owned */
	struct vm_guest *runs;     /* owned: of each guest */
	bool made;                 /* the output directory is there, and is ours */
};

int exec_run_find(const char *name, struct exec_program *program, struct err *e)
{
	if (process_find(name, program->path, e))
		return err_wrap(e, -EINVAL, "the command to run in the guest");
	snprintf(program->in_guest, sizeof(program->in_guest), "/bin/%s",
	         strrchr(program->path, '/') + 1);
	return 0;
}

/* The output directory, which must be new; of several guests, each has one in it. */
static int make_folders(struct exec *x, struct err *e)
{
	const char *folder = x->what->folder;
	int rc = 0;

	if (!folder)
		return 0;
	if (x->what->count == 1) {
		rc = exec_guest_folder(&x->guests[0], folder, e);
		x->made = rc == 0;
		return rc;
	}
	if (mkdir(folder, 0755) != 0)
		return err_set(e, EINVAL, "cannot make the output directory %s: %s", folder,
		               strerror(errno));
	x->made = true;
	for (unsigned i = 0; i < x->what->count && !rc; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", folder, x->guests[i].name);
		rc = exec_guest_folder(&x->guests[i], path, e);
	}
	return rc;
}

static int make_guests(struct exec *x, struct err *e)
{
	unsigned count = x->what->count;

	x->guests = calloc(count, sizeof(*x->guests));
	x->runs = calloc(count, sizeof(*x->runs));
	if (!x->guests || !x->runs)
		return err_set(e, ENOMEM, "no memory for %u guests", count);
	for (unsigned i = 0; i < count; i++) {
		exec_guest_init(&x->guests[i], x->what->who, i, count);
		x->guests[i].quiet = x->what->quiet;
	}
	return make_folders(x, e);
}

/* Without --out there are no logs: a failure shows how they would end. */
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
	struct vm_spec spec = x->what->options->spec;
	const struct vm_job job = {.argv = x->what->argv, .seconds = spec.run_seconds};
	struct vm_events events[VM_GUESTS_MAX];
	struct vm_guest *only = &x->runs[0];
	int rc;

	spec.run_seconds = 0; /* the job's own */
	for (unsigned i = 0; i < x->what->count; i++) {
		events[i] = exec_guest_events;
		events[i].context = &x->guests[i];
		x->runs[i] = (struct vm_guest){
		        .events = &events[i],
		        .name = "guest",
		        .logs = x->guests[i].logs[0] ? x->guests[i].logs : NULL,
		};
	}
	if (x->what->count > 1)
		return vm_run_guests(&spec, payload, &job, 1, x->runs, e);
	rc = vm_run(&spec, payload, &job, 1, only->events, only->logs, only->name, &only->report,
	            &only->why);
	only->rc = rc;
	*e = only->why;
	return rc;
}

static int launch(struct exec *x, struct err *e)
{
	const struct options *o = x->what->options;
	const char **programs = calloc(o->program_count + 1, sizeof(*programs));
	struct vm_payload payload = {.programs = programs,
	                             .program_count = o->program_count + 1,
	                             .modules = o->modules,
	                             .module_count = o->module_count,
	                             .files = o->files,
	                             .file_count = o->file_count,
	                             .prove = o->prove};
	int rc;

	if (!programs)
		return err_set(e, ENOMEM, "no memory");
	programs[0] = x->what->program->path;
	for (size_t i = 0; i < o->program_count; i++)
		programs[i + 1] = o->programs[i];
	rc = launch_all(x, &payload, e);
	for (unsigned i = 0; i < x->what->count; i++) {
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
		fprintf(stderr, "%s: %s exited with status %d\n", g->where, x->what->argv[0],
		        g->code);
		return COMMAND_FAILED;
	case VM_JOB_SIGNALLED:
		fprintf(stderr, "%s: %s was killed by signal %d (%s)%s\n", g->where,
		        x->what->argv[0], g->code, strsignal(g->code),
		        ran_out(report) ? ": the guest ran out of memory, give it more (--memory)"
		                        : "");
		return COMMAND_FAILED;
	case VM_JOB_TIMED_OUT:
		fprintf(stderr, "%s: %s passed its deadline and was killed\n", g->where,
		        x->what->argv[0]);
		return COMMAND_LATE;
	default:
		return COMMAND_FAILED;
	}
}

/* What the proof has brought that did not end the run. Status of a proof that was not done. */
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

	if (x->what->count > 1 && guests && !x->what->quiet)
		fprintf(stderr,
		        "%s: %u guests began within %.1f ms of one another and ran together for "
		        "%.1f %% of the time that the slowest took\n",
		        x->what->who, x->what->count,
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

/* Modules that were asked for and that the guest's Linux did not take. */
static void show_refused(const struct exec_guest *g, const struct vm_report *report)
{
	const json_t *errors =
	        json_object_get(json_object_get(report->json, "hello"), "module_errors");

	for (size_t i = 0; i < json_array_size(errors); i++)
		fprintf(stderr, "%s: %s\n", g->where, json_string_value(json_array_get(errors, i)));
}

/* Everything about one guest that is said when it has ended. */
static int settle(const struct exec *x, struct exec_guest *g, struct vm_guest *run)
{
	int status = run->rc == -EINVAL      ? COMMAND_USAGE
	             : run->report.timed_out ? COMMAND_LATE
	             : run->rc               ? COMMAND_FAILED
	                                     : judge(x, g, &run->report);
	struct err e = {""};

	show_refused(g, &run->report);
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

/* What is open of guests that are not launched. */
static void close_folders(struct exec *x)
{
	for (unsigned i = 0; x->guests && i < x->what->count; i++)
		exec_guest_close(&x->guests[i], NULL);
}

int exec_run(const struct exec_run *what)
{
	struct exec x = {.what = what};
	struct err e = {""};
	int status = COMMAND_DONE, rc = make_guests(&x, &e);

	if (rc) {
		fprintf(stderr, "%s: %s\n", what->who, e.text);
		close_folders(&x);
		status = rc == -EINVAL ? COMMAND_USAGE : COMMAND_FAILED;
	} else {
		if (!launch(&x, &e))
			show_meeting(&x);
		for (unsigned i = 0; i < what->count; i++)
			status = worse(status, settle(&x, &x.guests[i], &x.runs[i]));
	}
	/* Of what was refused nothing is left: it can be asked for again. */
	if (x.made && (rc || status == COMMAND_USAGE))
		folder_remove(what->folder);
	free(x.guests);
	free(x.runs);
	return status;
}
