/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/utf8.h"
#include "vmrun/launch/backing.h"
#include "vmrun/qemu/argv_diff.h"
#include "vmrun/system/digest.h"

json_t *report_new(const struct plan *plan, char *const *argv)
{
	json_t *words = json_array(), *report;

	for (; *argv; argv++)
		json_array_append_new(words, utf8_json(*argv));
	report = json_pack("{s:s, s:s, s:o, s:{s:o, s:o, s:s}, s:o, s:i, s:o, s:o, s:{}, s:{}}",
	                   "platform", platform_name(plan->argv.platform), "accel",
	                   accel_name(plan->argv.accel), "accel_why", utf8_json(plan->accel_why),
	                   "qemu", "path", utf8_json(plan->qemu.path), "version",
	                   utf8_json(plan->qemu.version), "dialect", plan->qemu.dialect->name,
	                   "argv", words, "vcpus", (int)plan->argv.vcpus, "cpu_model",
	                   utf8_json(plan->argv.cpu_model), "kernel_release",
	                   utf8_json(plan->release), "inputs", "times");
	if (report && plan->argv.core_threads)
		json_object_set_new(report, "threads_a_core",
		                    json_integer((json_int_t)plan->argv.core_threads));
	if (report && plan->argv.platform != PLATFORM_NOSEV)
		json_object_set_new(report, "sev_by",
		                    json_string(plan->argv.plugin ? "emulation" : "hardware"));
	if (report && plan->unlike[0])
		json_object_set_new(report, "cores_unlike_host", json_string(plan->unlike));
	return report;
}

static json_t *text_or_null(const char *text)
{
	return text ? utf8_json(text) : json_null();
}

static json_t *describe_differences(const struct argv_diff *diff)
{
	json_t *settings = json_array();

	for (size_t i = 0; i < diff->count; i++) {
		const struct argv_difference *d = &diff->differences[i];

		json_array_append_new(
		        settings, json_pack("{s:o, s:o, s:o, s:s?, s:s?}", "where",
		                            utf8_json(d->where), "nosev", text_or_null(d->value[0]),
		                            "here", text_or_null(d->value[1]), "why",
		                            d->reason ? d->reason->why : NULL, "source",
		                            d->reason ? d->reason->source : NULL));
	}
	return json_pack("{s:I, s:I, s:o}", "same", (json_int_t)diff->same, "unexplained",
	                 (json_int_t)diff->unexplained, "settings", settings);
}

int report_differences(json_t *report, const struct plan *plan, char *const *argv, struct err *e)
{
	const enum platform platform[2] = {PLATFORM_NOSEV, plan->argv.platform};
	struct argv_plan plain = plan->argv;
	struct argv_diff diff;
	json_t *differences = NULL;
	char **twin;
	int rc;

	plain.platform = PLATFORM_NOSEV;
	plain.plugin = NULL;
	rc = argv_build(&plain, &twin, e);
	if (rc)
		return rc;
	rc = argv_diff((char *const *const[]){twin, argv}, platform, &diff, e);
	if (!rc)
		differences = describe_differences(&diff);
	argv_diff_free(&diff);
	argv_free(twin);
	if (!rc && json_object_set_new(report, "differences", differences))
		rc = err_set(e, ENOMEM, "no memory for the run's report");
	return rc;
}

static int add_input(json_t *inputs, const char *what, const char *path, struct err *e)
{
	char text[DIGEST_TEXT];
	int rc = digest_file(path, text, e);

	if (!rc)
		json_object_set_new(
		        inputs, what,
		        json_pack("{s:o, s:s}", "path", utf8_json(path), "sha256", text));
	return rc;
}

int report_inputs(json_t *report, const struct plan *plan, int initramfs, struct err *e)
{
	json_t *inputs = json_object_get(report, "inputs");
	int rc = add_input(inputs, "kernel", plan->kernel, e);
	char text[DIGEST_TEXT];

	if (!rc)
		rc = digest_open(initramfs, "the initramfs", text, e);
	if (!rc)
		json_object_set_new(inputs, "initramfs", json_pack("{s:s}", "sha256", text));
	if (!rc && plan->sevbench[0])
		rc = add_input(inputs, "module", plan->sevbench, e);
	else if (!rc)
		json_object_set_new(inputs, "module",
		                    json_string("not built for this kernel: see make module"));
	if (!rc && plan->firmware[0])
		rc = add_input(inputs, "firmware", plan->firmware, e);
	else if (!rc)
		json_object_set_new(
		        inputs, "firmware",
		        json_string("QEMU's own (SeaBIOS): no encrypted guest to match"));
	return rc;
}

void report_memory(json_t *report, const struct plan *plan, const struct host_source *host,
                   pid_t qemu)
{
	static const char thp[] = "/sys/kernel/mm/transparent_hugepage/enabled";
	struct backing m = backing_read(qemu, plan->argv.memory);
	char choice[32], wrong[200];
	json_t *memory = json_pack(
	        "{s:I, s:s, s:I, s:I, s:I}", "bytes", (json_int_t)plan->argv.memory, "backing",
	        mem_pages_name(plan->argv.backing), "resident_bytes", (json_int_t)m.resident * 1024,
	        "huge_bytes", (json_int_t)m.huge * 1024, "page_bytes", (json_int_t)m.page * 1024);

	if (memory && host_read_choice(host, thp, choice, sizeof(choice)) == 0)
		json_object_set_new(memory, "host_thp", json_string(choice));
	backing_judge(&m, plan->argv.backing, wrong, sizeof(wrong));
	/* An SNP guest's private memory is elsewhere: this mapping may be all but empty. */
	if (memory && wrong[0] && plan->argv.platform != PLATFORM_SNP)
		json_object_set_new(memory, "not_as_asked", json_string(wrong));
	if (memory && plan->argv.node >= 0)
		json_object_set_new(memory, "node", json_integer(plan->argv.node));
	json_object_set_new(report, "memory", memory);
}

void report_privileges(json_t *report, const struct privileges *p)
{
	json_object_set_new(
	        report, "privileges",
	        p->drop ? json_pack("{s:b, s:s}", "dropped", 1, "user", p->name)
	                : json_pack("{s:b, s:o}", "dropped", 0, "why", utf8_json(p->why)));
}

void report_emulation(json_t *report, const struct plan *plan, const char *trace,
                      const struct emulation *emulation)
{
	json_t *counts = emulation_json(emulation);

	json_object_set_new(report, "emulation",
	                    json_pack("{s:o, s:o*, s:o}", "plugin", utf8_json(plan->plugin),
	                              "trace", trace ? utf8_json(trace) : NULL, "counts",
	                              counts ? counts : json_null()));
}

void report_time(json_t *report, const char *event, double seconds)
{
	json_object_set_new(json_object_get(report, "times"), event, json_real(seconds));
}
