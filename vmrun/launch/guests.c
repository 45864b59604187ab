/* SPDX-License-Identifier: MIT */
/* vm_run_guests: several guests at once, a thread for each, on one start line. */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "vmrun/launch/interrupt.h"
#include "vmrun/launch/vm.h"
#include "vmrun/wire/line.h"

struct member {
	struct vm_spec spec;
	const struct vm_payload *payload;
	const struct vm_job *jobs;
	size_t job_count;
	struct vm_guest *guest;
	pthread_t thread;
	bool started;
};

static void *run(void *context)
{
	struct member *m = context;
	struct vm_guest *g = m->guest;

	g->rc = vm_run(&m->spec, m->payload, m->jobs, m->job_count, g->events, g->logs, g->name,
	               &g->report, &g->why);
	return NULL;
}

static int start(struct member *m, struct err *e)
{
	int error = pthread_create(&m->thread, NULL, run, m);

	m->started = error == 0;
	if (m->started)
		return 0;
	m->guest->rc = err_set(&m->guest->why, error, "cannot start a thread: %s", strerror(error));
	line_leave(m->spec.line, m->spec.guest, &m->guest->why);
	*e = m->guest->why;
	return m->guest->rc;
}

/* What the manifest says of the guest among the others. */
static void add_report(const struct member *m, const struct vm_meeting *met)
{
	if (m->guest->report.json)
		json_object_set_new(m->guest->report.json, "guests",
		                    json_pack("{s:I, s:I, s:f, s:f}", "guest",
		                              (json_int_t)m->spec.guest, "count",
		                              (json_int_t)m->spec.guests, "start_skew_seconds",
		                              met->skew, "together", met->together));
}

int vm_run_guests(const struct vm_spec *spec, const struct vm_payload *payload,
                  const struct vm_job *jobs, size_t job_count, struct vm_guest *guests,
                  struct err *e)
{
	struct member members[VM_GUESTS_MAX] = {0};
	struct vm_meeting met;
	struct line *line = NULL;
	int rc = interrupt_open(e), first;

	if (!rc)
		rc = line_open(spec->guests, &line, e);
	for (unsigned i = 0; i < spec->guests; i++) {
		guests[i].rc = rc ? rc : -ECANCELED;
		guests[i].why = *e;
		if (!rc)
			err_set(&guests[i].why, ECANCELED, "it was never started");
		members[i] = (struct member){.spec = *spec,
		                             .payload = payload,
		                             .jobs = jobs,
		                             .job_count = job_count,
		                             .guest = &guests[i]};
		members[i].spec.guest = i;
		members[i].spec.line = line;
	}
	if (rc)
		return rc;
	for (unsigned i = 0; i < spec->guests && !rc; i++)
		rc = start(&members[i], e);
	for (unsigned i = 0; i < spec->guests; i++) {
		if (members[i].started)
			pthread_join(members[i].thread, NULL);
	}
	interrupt_clear();
	first = line_why(line, e);
	line_whole(line, &met);
	for (unsigned i = 0; i < spec->guests; i++)
		add_report(&members[i], &met);
	line_close(line);
	return first < 0 ? 0 : err_wrap(e, guests[first].rc, "guest %d", first);
}
