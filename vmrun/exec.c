/* SPDX-License-Identifier: MIT */
/* vmrun exec: one command in one guest. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmrun/command.h"
#include "vmrun/exits.h"
#include "vmrun/options.h"
#include "vmrun/plan.h"
#include "vmrun/process.h"
#include "vmrun/vm.h"

struct exec {
	struct options o;
	char program[PATH_MAX]; /* the command's, on the host */
	char guest_program[NAME_MAX + 8];
	char logs[PATH_MAX]; /* where the logs go; "": nowhere */
	int output;          /* where the command's standard output goes */
	struct exits exits;
	enum vm_job_end how;
	int code;
	struct err broken; /* why an event ended the run; "" */
};

static void on_signal(int number)
{
	(void)number;
	vm_interrupt();
}

static int write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, bytes, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes += n;
		length -= (size_t)n;
	}
	return 0;
}

static int on_output(void *context, size_t job, const void *bytes, size_t length)
{
	struct exec *x = context;

	(void)job;
	if (write_all(x->output, bytes, length) == 0)
		return 0;
	return err_errno(&x->broken, "cannot write the command's output");
}

static int on_error(void *context, size_t job, const void *bytes, size_t length)
{
	(void)context;
	(void)job;
	write_all(STDERR_FILENO, bytes, length); /* one that is gone is no reason to end the run */
	return 0;
}

/* How often each cell left the guest: beside the times, for whoever watches. */
static int on_mark(void *context, size_t job, const char *line, const json_t *stats)
{
	struct exec *x = context;
	struct exits_cell cell;
	char text[512];

	(void)job;
	if (exits_mark(&x->exits, line, stats, &cell)) {
		exits_text(&cell, text, sizeof(text));
		fprintf(stderr, "%s\n", text);
	}
	return 0;
}

static int on_end(void *context, size_t job, enum vm_job_end how, int code)
{
	struct exec *x = context;

	(void)job;
	x->how = how;
	x->code = code;
	return 0;
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

/* The output directory, which must be new. */
static int make_folder(struct exec *x, struct err *e)
{
	char path[PATH_MAX];

	if (!x->o.output)
		return 0;
	if (mkdir(x->o.output, 0755) != 0)
		return err_set(e, EINVAL, "cannot make the output directory %s: %s", x->o.output,
		               strerror(errno));
	snprintf(x->logs, sizeof(x->logs), "%s/logs", x->o.output);
	if (mkdir(x->logs, 0755) != 0)
		return err_errno(e, "cannot make %s", x->logs);
	snprintf(path, sizeof(path), "%s/output", x->o.output);
	x->output = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	return x->output < 0 ? err_errno(e, "cannot write %s", path) : 0;
}

static int write_report(const struct exec *x, const struct vm_report *report, struct err *e)
{
	char path[PATH_MAX];

	if (!x->o.output || !report->json)
		return 0;
	snprintf(path, sizeof(path), "%s/report.json", x->o.output);
	if (json_dump_file(report->json, path, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) != 0)
		return err_errno(e, "cannot write %s", path);
	return 0;
}

/* Without --output there are no logs: a failure shows how they would end. */
static void show_ends(const struct exec *x, const struct vm_report *report, const struct err *e)
{
	static const struct {
		const char *key, *title;
	} logs[] = {{"console_end", "the guest's console ended with"}, {"qemu_end", "QEMU said"}};

	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]) && !x->o.output; i++) {
		const char *text = json_string_value(json_object_get(report->json, logs[i].key));

		/* Where the sentence quotes it already, once is enough. */
		if (text && !strstr(e->text, "QEMU"))
			fprintf(stderr, "vmrun exec: %s:\n%s\n", logs[i].title, text);
	}
}

static int launch(struct exec *x, struct vm_report *report, struct err *e)
{
	size_t count = x->o.program_count;
	const char **programs = calloc(count + 1, sizeof(*programs));
	struct vm_events events = {.output = on_output,
	                           .error = on_error,
	                           .end = on_end,
	                           .mark = on_mark,
	                           .context = x};
	struct vm_payload payload = {.programs = programs,
	                             .program_count = count + 1,
	                             .modules = x->o.modules,
	                             .module_count = x->o.module_count,
	                             .files = x->o.files,
	                             .file_count = x->o.file_count,
	                             .prove = x->o.prove};
	struct vm_job job = {.argv = x->o.command, .seconds = x->o.spec.run_seconds};
	int rc;

	if (!programs)
		return err_set(e, ENOMEM, "no memory");
	programs[0] = x->program;
	for (size_t i = 0; i < count; i++)
		programs[i + 1] = x->o.programs[i];
	x->o.command[0] = x->guest_program;
	x->o.spec.run_seconds = 0;
	rc = vm_run(&x->o.spec, &payload, &job, 1, &events, x->logs[0] ? x->logs : NULL, "guest",
	            report, e);
	if (x->broken.text[0])
		*e = x->broken;
	free(programs);
	return rc;
}

/* How the command ended, as an exit status of ours. */
static int judge(const struct exec *x)
{
	switch (x->how) {
	case VM_JOB_EXITED:
		if (x->code == 0)
			return COMMAND_DONE;
		fprintf(stderr, "vmrun exec: %s exited with status %d\n", x->guest_program,
		        x->code);
		return COMMAND_FAILED;
	case VM_JOB_SIGNALLED:
		fprintf(stderr, "vmrun exec: %s was killed by signal %d (%s)\n", x->guest_program,
		        x->code, strsignal(x->code));
		return COMMAND_FAILED;
	case VM_JOB_TIMED_OUT:
		fprintf(stderr, "vmrun exec: %s passed its deadline and was killed\n",
		        x->guest_program);
		return COMMAND_LATE;
	default:
		return COMMAND_FAILED;
	}
}

/* What the proof has brought, also when it ended the run. Status of a proof that was not done. */
static int show_proof(const struct exec *x, const struct vm_report *report)
{
	const json_t *proof = json_object_get(report->json, "proof");
	const char *verdict = json_string_value(json_object_get(proof, "verdict"));
	const json_t *seconds = json_object_get(proof, "seconds");

	if (!x->o.prove || !verdict)
		return COMMAND_DONE;
	fprintf(stderr, "vmrun exec: proof of encryption: %s",
	        json_string_value(json_object_get(proof, "sentence")));
	if (seconds)
		fprintf(stderr, "; it took %.2f s", json_real_value(seconds));
	fputc('\n', stderr);
	return strcmp(verdict, "not done") ? COMMAND_DONE : COMMAND_FAILED;
}

static int run(struct exec *x, struct err *e)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct vm_report report = {0};
	struct err unwritten = {""};
	int rc, status;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	rc = launch(x, &report, e);
	status = rc == -EINVAL ? COMMAND_USAGE : rc ? COMMAND_FAILED : judge(x);
	if (report.timed_out)
		status = COMMAND_LATE;
	if (!rc && show_proof(x, &report))
		status = status ? status : COMMAND_FAILED;
	if (rc)
		fprintf(stderr, "vmrun exec: %s\n", e->text);
	if (rc && rc != -EINTR)
		show_ends(x, &report, e);
	if (write_report(x, &report, &unwritten)) {
		fprintf(stderr, "vmrun exec: %s\n", unwritten.text);
		status = status ? status : COMMAND_FAILED;
	}
	vm_report_free(&report);
	if (x->o.output && close(x->output) != 0) {
		fprintf(stderr, "vmrun exec: the command's output is incomplete: %s\n",
		        strerror(errno));
		status = status ? status : COMMAND_FAILED;
	}
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
	struct exec x = {.output = STDOUT_FILENO};
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
		rc = make_folder(&x, &e);
	status = rc ? refused(rc, usage, &e) : run(&x, &e);
	options_free(&x.o);
	return status;
}
