/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/pinning.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "harness/text.h"

/* "0-3,8": a set of CPUs as Linux writes it. */
static void set_text(const cpu_set_t *set, char *text, size_t size)
{
	text[0] = '\0';
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		size_t last = cpu;

		if (!CPU_ISSET(cpu, set))
			continue;
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, set))
			last++;
		text_add(text, size, last > cpu ? "%s%zu-%zu" : "%s%zu", *text ? "," : "", cpu,
		         last);
		cpu = last;
	}
}

static int pin_thread(pid_t thread, unsigned cpu, struct err *e)
{
	cpu_set_t set, now;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(thread, sizeof(set), &set) != 0)
		return err_errno(e, "cannot pin vCPU thread %d to CPU %u", (int)thread, cpu);
	if (sched_getaffinity(thread, sizeof(now), &now) != 0 || !CPU_EQUAL(&set, &now))
		return err_set(e, EIO, "vCPU thread %d did not stay on CPU %u", (int)thread, cpu);
	return 0;
}

static int prioritise(pid_t thread, unsigned priority, struct err *e)
{
	const struct sched_param wanted = {.sched_priority = (int)priority};

	if (!priority)
		return 0;
	if (sched_setscheduler(thread, SCHED_FIFO, &wanted) != 0)
		return err_errno(e, "cannot give vCPU thread %d the real-time priority %u",
		                 (int)thread, priority);
	if (sched_getscheduler(thread) != SCHED_FIFO)
		return err_set(e, EIO, "vCPU thread %d did not keep its real-time priority",
		               (int)thread);
	return 0;
}

/* Under single-threaded emulation all vCPUs are one thread, which gets all their CPUs. */
static int pin_shared(pid_t thread, const struct plan *plan, struct err *e)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (unsigned i = 0; i < plan->place.count; i++)
		CPU_SET(plan->place.cpu[i], &set);
	if (sched_setaffinity(thread, sizeof(set), &set) != 0)
		return err_errno(e, "cannot pin the thread %d of all vCPUs", (int)thread);
	return 0;
}

/* It could name any thread of this host, and root would do as it says. */
static bool is_thread_of(pid_t qemu, json_int_t thread)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%" JSON_INTEGER_FORMAT, (int)qemu, thread);
	return thread > 0 && access(path, F_OK) == 0;
}

static int pin_all(pid_t qemu, const json_t *cpus, const struct plan *plan, json_t *rows,
                   struct err *e)
{
	size_t index, count = json_array_size(cpus);
	const json_t *row;
	pid_t first = 0;

	if (count != plan->argv.vcpus)
		return err_set(e, EPROTO, "QEMU has %zu vCPUs, and %u were asked for", count,
		               plan->argv.vcpus);
	json_array_foreach (cpus, index, row) {
		json_int_t named = json_integer_value(json_object_get(row, "thread-id"));
		pid_t thread = (pid_t)named;
		json_int_t vcpu = json_integer_value(json_object_get(row, "cpu-index"));
		int rc;

		if (!is_thread_of(qemu, named) || vcpu < 0 || vcpu >= (json_int_t)plan->place.count)
			return err_set(e, EPROTO,
			               "QEMU names no thread of its own for vCPU %zu (a "
			               "script in its place has to exec it)",
			               index);
		if (thread == first)
			rc = pin_shared(thread, plan, e);
		else
			rc = pin_thread(thread, plan->place.cpu[vcpu], e);
		if (!rc)
			rc = prioritise(thread, plan->realtime, e);
		if (rc)
			return rc;
		if (index == 0)
			first = thread;
		json_array_append_new(rows,
		                      json_pack("{s:I, s:i, s:i}", "vcpu", vcpu, "thread",
		                                (int)thread, "cpu", (int)plan->place.cpu[vcpu]));
	}
	return 0;
}

int pinning_apply(struct qmp *qmp, pid_t qemu, const struct plan *plan, struct deadline deadline,
                  json_t **json, struct err *e)
{
	json_t *cpus, *rows = json_array();
	char others[256];
	int rc = qmp_command(qmp, "query-cpus-fast", NULL, deadline, &cpus, e);

	*json = NULL;
	if (!rc)
		rc = pin_all(qemu, cpus, plan, rows, e);
	if (!rc) {
		set_text(&plan->others, others, sizeof(others));
		*json = json_pack(
		        "{s:O, s:s, s:b, s:s}", "vcpus", rows, "other_threads", others,
		        "kept_apart", plan->apart, "note",
		        plan->apart
		                ? "QEMU's other threads and vmrun are kept off the vCPUs' CPUs"
		                : "no CPU is left for QEMU's other threads and vmrun: they share "
		                  "those of the vCPUs");
		if (*json && plan->realtime)
			json_object_set_new(*json, "realtime",
			                    json_integer((json_int_t)plan->realtime));
		if (*json && plan->place.shares_core)
			json_object_set_new(*json, "shares_core", json_true());
	}
	json_decref(cpus);
	json_decref(rows);
	return rc;
}
