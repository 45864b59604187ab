/* SPDX-License-Identifier: MIT */
/* vm_run: one guest from its initramfs to its end, with every wait bounded. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/utf8.h"
#include "vmrun/image/initramfs.h"
#include "vmrun/launch/interrupt.h"
#include "vmrun/launch/pinning.h"
#include "vmrun/launch/plan_emulate.h"
#include "vmrun/launch/plan_resolve.h"
#include "vmrun/launch/report.h"
#include "vmrun/launch/session.h"
#include "vmrun/launch/vm.h"
#include "vmrun/qemu/exits.h"
#include "vmrun/qemu/explain.h"
#include "vmrun/qemu/words.h"

#define QUIT_SECONDS  5.0 /* for QEMU to follow "quit" */
#define STOP_SECONDS  2.0 /* and SIGTERM, before SIGKILL */
#define STATS_SECONDS 5.0 /* for QEMU to read its counters */
#define CLOSE_SECONDS 5.0 /* from the port's end to QEMU's exit, and back */

/* Is it this host that cannot, whatever the input? */
static bool is_shortage(int rc)
{
	static const int shortages[] = {ENOMEM, ENOSPC, EDQUOT, EROFS, EMFILE, ENFILE, ETIMEDOUT};

	for (size_t i = 0; i < sizeof(shortages) / sizeof(shortages[0]); i++) {
		if (rc == -shortages[i])
			return true;
	}
	return false;
}

/* The initramfs, with the guest kernel module where it was built for that kernel. */
static int write_initramfs(const struct plan *plan, const char *path,
                           const struct vm_payload *payload, const struct vm_job *jobs,
                           size_t job_count, struct err *e)
{
	struct vm_payload all = *payload;
	const char **files = calloc(payload->module_file_count + 1, sizeof(*files));
	int rc;

	if (!files)
		return err_set(e, ENOMEM, "no memory for the guest's modules");
	for (size_t i = 0; i < payload->module_file_count; i++)
		files[i] = payload->module_files[i];
	/* What our programs suggest is PAPI, and an emulated processor has nothing to count. */
	all.suggested |= plan->argv.accel == ACCEL_KVM;
	if (plan->sevbench[0])
		files[all.module_file_count++] = plan->sevbench;
	all.module_files = files;
	rc = initramfs_write(path, &all, jobs, job_count, plan->modules[0] ? plan->modules : NULL,
	                     e);
	free(files);
	/* What is not to be had, or is not what it is said to be, is bad input. */
	return rc && !is_shortage(rc) ? -EINVAL : rc;
}

/* What the guest is made of, and the command line. */
static int prepare(struct session *s, const char *trace, const struct vm_payload *payload,
                   const struct vm_job *jobs, size_t job_count, char ***argv, struct err *e)
{
	char initramfs[PATH_MAX + sizeof(ARGV_INITRAMFS) + 1];
	int rc = private_make(&s->dir, e);

	if (rc)
		return rc;
	s->plan.argv.directory = s->dir.path;
	rc = argv_build(&s->plan.argv, argv, e);
	if (!rc && s->plan.argv.plugin)
		rc = emulation_open(&s->emulation, s->dir.path, e);
	if (!rc && trace)
		rc = trace_open(trace, s->dir.path, TRACE_MAX, &s->trace, e);
	if (rc)
		return rc;
	s->report = report_new(&s->plan, *argv);
	if (!s->report)
		return err_set(e, ENOMEM, "no memory for the run's report");
	rc = report_differences(s->report, &s->plan, *argv, e);
	if (rc)
		return rc;
	snprintf(initramfs, sizeof(initramfs), "%s/%s", s->dir.path, ARGV_INITRAMFS);
	rc = write_initramfs(&s->plan, initramfs, payload, jobs, job_count, e);
	if (rc)
		return rc;
	s->initramfs = open(initramfs, O_RDONLY | O_CLOEXEC);
	if (s->initramfs < 0)
		return err_errno(e, "cannot open %s", initramfs);
	privileges_decide(&s->plan, &s->privileges);
	report_privileges(s->report, &s->privileges);
	if (!s->privileges.drop)
		return 0;
	return private_give(&s->dir, s->privileges.user.uid, s->privileges.user.gid, e);
}

/*
 * What QEMU gets of our environment, for it may not be for other users' eyes: where programs,
 * libraries and its modules are. And its complaints come as explain.c knows them. NULL: no memory.
 */
static char **make_environment(void)
{
	static const char *const passed[] = {"PATH", "LD_LIBRARY_PATH", "QEMU_MODULE_DIR"};
	struct words w = {0};

	words_add(&w, "LC_ALL=C");
	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++) {
		const char *value = getenv(passed[i]);

		if (value)
			words_add(&w, "%s=%s", passed[i], value);
	}
	if (!w.failed)
		return w.at;
	argv_free(w.at);
	return NULL;
}

static int start_qemu(struct session *s, char *const *argv, struct err *e)
{
	struct process_spec spec = {.argv = argv,
	                            .cpus = &s->plan.others,
	                            .no_thp = s->plan.argv.backing == MEM_4K,
	                            .directory = s->dir.path,
	                            .user = s->privileges.drop ? &s->privileges.user : NULL,
	                            .no_new_privileges = true};
	char **environment;
	int fds[2], rc;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return err_errno(e, "cannot make a pipe");
	environment = make_environment();
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	s->output = fds[0];
	spec.output = fds[1];
	s->started = deadline_now();
	s->boot = deadline_in(s->plan.boot_seconds);
	spec.environment = environment;
	rc = environment ? process_start(&spec, &s->qemu, e)
	                 : err_set(e, ENOMEM, "no memory for QEMU's environment");
	argv_free(environment);
	close(fds[1]);
	return rc;
}

/* Why did QEMU end by itself, or the port with it? */
static int say_exit(struct session *s, struct err *e)
{
	char how[96] = "did not exit", words[LOGS_TAIL];
	json_t *event;
	bool reset = false;

	if (s->exited)
		process_status_text(s->status, how, sizeof(how));
	while ((event = qmp_take_event(&s->qmp))) {
		const char *reason = json_string_value(
		        json_object_get(json_object_get(event, "data"), "reason"));

		reset |= reason && !strcmp(reason, "guest-reset");
		json_decref(event);
	}
	if (s->logs.panic[0])
		return err_set(e, EIO, "the guest's Linux died: %s", s->logs.panic);
	if (s->exited && s->status != 0) {
		explain_qemu(s->logs.qemu.tail, words, sizeof(words));
		return err_set(e, EIO, "QEMU %s%s%s", how, words[0] ? ": " : "", words);
	}
	return err_set(e, EIO, "the guest %s before it was done; see the console log",
	               reset ? "was reset" : "switched itself off");
}

/* QEMU is connected, its machine is made and stands still: pin it, and let it go. */
static int release_guest(struct session *s, struct err *e)
{
	json_t *pinning;
	int rc = qmp_open(&s->qmp, s->qmp.fd, interrupt_descriptor(), s->boot, e);

	if (!rc)
		rc = pinning_apply(&s->qmp, s->qemu.pid, &s->plan, s->boot, &pinning, e);
	if (rc)
		return rc;
	json_object_set_new(s->report, "pinning", pinning);
	/* QEMU has opened everything: from here on not even SIGKILL leaves a file behind. */
	private_remove(&s->dir);
	report_time(s->report, "running", session_seconds(s));
	return qmp_command(&s->qmp, "cont", NULL, s->boot, NULL, e);
}

static bool connected(const struct session *s)
{
	return s->qmp.fd >= 0 && s->console >= 0 && s->port >= 0;
}

/* QEMU that dies in the middle of a command shows as a closed monitor: its exit says why. */
static int after_exit(struct session *s, struct err *e)
{
	struct err ignored;
	int rc;

	if (!s->exited)
		s->exited = process_wait(&s->qemu, CLOSE_SECONDS, &s->status);
	rc = session_drain(s, e);
	if (rc || s->collect.complete)
		return rc;
	rc = s->collect.hello ? collect_cut(&s->collect, &ignored) : 0;
	json_object_set_new(s->report, "cut_in_frame", json_boolean(rc != 0));
	return say_exit(s, e);
}

static int drive(struct session *s, struct err *e)
{
	int rc = 0;

	while (!rc && !s->exited && !connected(s))
		rc = session_step(s, e);
	if (!rc && !s->exited)
		rc = release_guest(s, e);
	if (rc == -ETIMEDOUT)
		err_wrap(e, rc, "the boot deadline of %u s", s->plan.boot_seconds);
	if (rc == -EPIPE)
		return after_exit(s, e);
	while (!rc && !s->exited && !s->collect.complete) {
		rc = session_step(s, e);
		if (!rc && s->port < 0 && !s->collect.complete)
			return after_exit(s, e);
	}
	if (!rc && !s->collect.complete)
		rc = after_exit(s, e);
	return rc;
}

/* Whatever happened, QEMU is gone after this, or it hangs inside Linux and that is said. */
static int stop_qemu(struct session *s, struct err *e)
{
	int rc = 0;

	if (s->qemu.pid && s->collect.complete && s->qmp.fd >= 0 && !s->qmp.dead) {
		qmp_command(&s->qmp, "quit", NULL, deadline_in(QUIT_SECONDS), NULL, NULL);
		s->exited = process_wait(&s->qemu, QUIT_SECONDS, &s->status);
	}
	if (s->qemu.pid) {
		rc = process_stop(&s->qemu, STOP_SECONDS, &s->status, e);
		s->exited = rc == 0;
	}
	return rc;
}

/* What came of a file at the end: the run's failure, or, where it has one already, beside it. */
static int add_late(struct session *s, int rc, int late, const char *key, const struct err *why,
                    struct err *e)
{
	if (late && !rc) {
		*e = *why;
		return late;
	}
	if (late && s->report)
		json_object_set_new(s->report, key, utf8_json(why->text));
	return rc;
}

/* What ended the run is in `rc` and `e`; add what the end itself brings. */
static int finish(struct session *s, int rc, struct err *e)
{
	struct err late = {""};
	char how[96];
	bool was_running = s->qemu.pid != 0;
	int stopped;

	/* At the end, when the guest has touched what it uses: walking it would disturb a
	 * benchmark. */
	if (was_running && s->report)
		report_memory(s->report, &s->plan, &host_here, s->qemu.pid);
	stopped = stop_qemu(s, &late);
	if (!rc && stopped) {
		rc = stopped;
		*e = late;
	}
	session_drain(s, NULL);
	if (s->report && s->started > 0) {
		report_time(s->report, "exit", session_seconds(s));
		process_status_text(s->status, how, sizeof(how));
		json_object_set_new(s->report, "qemu_exit",
		                    json_string(s->exited || !was_running ? how : "hangs"));
	}
	if (s->collect.line)
		line_lock(s->collect.line);
	collect_rest(&s->collect);
	if (s->collect.line)
		line_unlock(s->collect.line);
	stopped = logs_close(&s->logs, &late);
	rc = add_late(s, rc, stopped, "log_error", &late, e);
	stopped = trace_close(&s->trace, rc == 0, &late);
	return add_late(s, rc, stopped, "trace_error", &late, e);
}

/* What was said last, for a reader of the report who has no logs. */
static void add_end(json_t *report, const char *key, const struct logs_file *file)
{
	char text[LOGS_TAIL + 1];

	logs_end(file, text);
	if (text[0])
		json_object_set_new(report, key, utf8_json(text));
}

static void fill_report(struct session *s, const char *trace, struct vm_report *report, int rc,
                        const struct err *e)
{
	if (!s->report)
		s->report = json_object();
	json_object_set(s->report, "hello", s->collect.hello ? s->collect.hello : json_null());
	if (s->collect.ended)
		json_object_set(s->report, "jobs", s->collect.ended);
	json_object_set_new(s->report, "complete", json_boolean(s->collect.complete));
	if (rc) {
		json_object_set_new(s->report, "error", utf8_json(e->text));
		add_end(s->report, "console_end", &s->logs.console);
		add_end(s->report, "qemu_end", &s->logs.qemu);
	}
	if (s->plan.argv.plugin)
		report_emulation(s->report, &s->plan, trace, &s->emulation);
	report->json = json_incref(s->report);
	report->accel = s->plan.argv.accel;
	report->complete = s->collect.complete;
	report->timed_out = rc == -ETIME || rc == -ETIMEDOUT; /* QEMU's monitor, too */
	report->interrupted = rc == -EINTR;
}

/* From here on the caller's thread keeps off the vCPUs' CPUs too, and QEMU inherits that. */
static int run_apart(struct session *s, const char *trace, const struct vm_payload *payload,
                     const struct vm_job *jobs, size_t job_count, struct err *e)
{
	cpu_set_t before;
	char **argv = NULL;
	int rc;

	if (sched_getaffinity(0, sizeof(before), &before) != 0)
		return err_errno(e, "sched_getaffinity");
	rc = prepare(s, trace, payload, jobs, job_count, &argv, e);
	if (!rc && sched_setaffinity(0, sizeof(s->plan.others), &s->plan.others) != 0)
		rc = err_errno(e, "sched_setaffinity");
	if (!rc)
		rc = start_qemu(s, argv, e);
	if (!rc)
		rc = report_inputs(s->report, &s->plan, s->initramfs,
		                   e); /* QEMU starts meanwhile */
	if (!rc)
		rc = drive(s, e);
	rc = finish(s, rc, e);
	sched_setaffinity(0, sizeof(before), &before);
	argv_free(argv);
	return rc;
}

/* By KVM, unless QEMU has no counters (before 7.1), or by the emulated processor. */
static void count(void *owner, struct counts *now)
{
	struct session *s = owner;
	json_t *stats = NULL;
	struct err ignored;

	if (s->plan.argv.plugin) {
		emulation_count(&s->emulation, now);
	} else if (s->plan.argv.accel == ACCEL_KVM &&
	           !qmp_command(&s->qmp, "query-stats", json_pack("{s:s}", "target", "vcpu"),
	                        deadline_in(STATS_SECONDS), &stats, &ignored)) {
		exits_read(stats, now);
		json_decref(stats);
	}
}

int vm_run(const struct vm_spec *spec, const struct vm_payload *payload, const struct vm_job *jobs,
           size_t job_count, const struct vm_events *events, const char *logs, const char *name,
           struct vm_report *report, struct err *e)
{
	struct err own = {""};
	struct session s;
	int rc;

	if (!e)
		e = &own;
	memset(report, 0, sizeof(*report));
	session_init(&s);
	rc = interrupt_open(e);
	if (!rc)
		rc = plan_resolve(spec, &host_here, &s.plan, e);
	s.prove = payload->prove;
	s.collect.platform = spec->platform;
	s.collect.accel = s.plan.argv.accel;
	s.collect.jobs = jobs;
	s.collect.job_count = job_count;
	s.collect.events = events;
	s.collect.count = count;
	s.collect.owner = &s;
	s.collect.line = spec->line;
	s.collect.guest = spec->guest;
	if (!rc)
		rc = collect_init(&s.collect, e);
	if (!rc)
		rc = logs_open(&s.logs, logs, name, e);
	if (!rc)
		rc = run_apart(&s, spec->trace, payload, jobs, job_count, e);
	if (spec->line) /* others have the interrupt still to see */
		line_leave(spec->line, spec->guest, rc ? e : NULL);
	else if (rc == -EINTR)
		interrupt_clear();
	fill_report(&s, spec->trace, report, rc, e);
	session_close(&s);
	return rc;
}

void vm_report_free(struct vm_report *report)
{
	json_decref(report->json);
	report->json = NULL;
}

int vm_check(const struct vm_spec *spec, struct vm_choice *choice, struct err *e)
{
	struct plan plan = {.emulated = false};
	int rc = interrupt_open(e);

	choice->hint[0] = '\0';
	if (!rc)
		rc = plan_resolve(spec, &host_here, &plan, e);
	if (rc == -ENOTSUP)
		plan_emulate_hint(spec, &host_here, choice->hint, sizeof(choice->hint));
	if (!rc) {
		choice->accel = plan.argv.accel;
		choice->emulated = plan.emulated;
		snprintf(choice->why, sizeof(choice->why), "%s", plan.accel_why);
		snprintf(choice->unlike, sizeof(choice->unlike), "%s", plan.unlike);
		choice->memory_doubt = plan.memory_doubt;
	}
	return rc;
}

int vm_argv(const struct vm_spec *spec, enum accel accel, const char *directory, char ***argv,
            struct err *e)
{
	struct vm_spec fixed = *spec;
	struct plan plan;
	int rc;

	fixed.accel = accel;
	rc = plan_resolve_find(&fixed, &host_here, &plan, e);
	if (!rc && accel == ACCEL_NONE && spec->platform == PLATFORM_NOSEV)
		rc = plan_resolve_allow(&fixed, &host_here, &plan, e);
	if (rc)
		return rc;
	plan.argv.directory = directory;
	return argv_build(&plan.argv, argv, e);
}
