/* SPDX-License-Identifier: MIT */
#include "vmrun/report.h"

#include <stdio.h>
#include <string.h>

#include "vmrun/digest.h"

json_t *report_new(const struct plan *plan, char *const *argv)
{
	json_t *words = json_array(), *report;

	for (; *argv; argv++)
		json_array_append_new(words, json_string(*argv));
	report = json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:s}, s:o, s:i, s:s, s:s, s:{}, s:{}}",
	                   "platform", platform_name(plan->argv.platform), "accel",
	                   accel_name(plan->argv.accel), "accel_why", plan->accel_why, "qemu",
	                   "path", plan->qemu.path, "version", plan->qemu.version, "dialect",
	                   plan->qemu.dialect->name, "argv", words, "vcpus", (int)plan->argv.vcpus,
	                   "cpu_model", plan->argv.cpu_model, "kernel_release", plan->release,
	                   "inputs", "times");
	return report;
}

static int add_input(json_t *inputs, const char *what, const char *path, const char *shown,
                     struct err *e)
{
	char text[DIGEST_TEXT];
	int rc = digest_file(path, text, e);

	if (rc)
		return rc;
	json_object_set_new(inputs, what,
	                    shown ? json_pack("{s:s, s:s}", "path", shown, "sha256", text)
	                          : json_pack("{s:s}", "sha256", text));
	return 0;
}

int report_inputs(json_t *report, const struct plan *plan, const char *initramfs, struct err *e)
{
	json_t *inputs = json_object_get(report, "inputs");
	int rc = add_input(inputs, "kernel", plan->kernel, plan->kernel, e);

	if (!rc)
		rc = add_input(inputs, "initramfs", initramfs, NULL, e);
	if (!rc && plan->sevbench[0])
		rc = add_input(inputs, "module", plan->sevbench, plan->sevbench, e);
	else if (!rc)
		json_object_set_new(inputs, "module",
		                    json_string("not built for this kernel: see make module"));
	if (!rc && plan->firmware[0])
		rc = add_input(inputs, "firmware", plan->firmware, plan->firmware, e);
	else if (!rc)
		json_object_set_new(
		        inputs, "firmware",
		        json_string("QEMU's own (SeaBIOS): no encrypted guest to match"));
	return rc;
}

struct mapped {
	unsigned long long resident, huge; /* KiB */
};

/* The fields of the one mapping that holds guest memory: it has the size of guest memory. */
static struct mapped read_smaps(pid_t qemu, uint64_t bytes)
{
	struct mapped m = {0};
	char path[64], line[512];
	bool inside = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps", (int)qemu);
	file = fopen(path, "re");
	if (!file)
		return m;
	while (fgets(line, sizeof(line), file)) {
		unsigned long long kib;
		unsigned long from, to;

		if (sscanf(line, "%lx-%lx ", &from, &to) == 2) {
			inside = to - from == bytes;
		} else if (!inside) {
			continue;
		} else if (sscanf(line, "Rss: %llu", &kib) == 1) {
			m.resident += kib;
		} else if (sscanf(line, "AnonHugePages: %llu", &kib) == 1 ||
		           sscanf(line, "ShmemPmdMapped: %llu", &kib) == 1) {
			m.huge += kib;
		} else if (sscanf(line, "Shared_Hugetlb: %llu", &kib) == 1 ||
		           sscanf(line, "Private_Hugetlb: %llu", &kib) == 1) {
			m.huge += kib; /* which Rss leaves out */
			m.resident += kib;
		}
	}
	fclose(file);
	return m;
}

void report_memory(json_t *report, const struct plan *plan, const struct host_source *host,
                   pid_t qemu)
{
	static const char thp[] = "/sys/kernel/mm/transparent_hugepage/enabled";
	struct mapped m = read_smaps(qemu, plan->argv.memory);
	char choice[32];
	json_t *memory =
	        json_pack("{s:I, s:s, s:I, s:I}", "bytes", (json_int_t)plan->argv.memory, "backing",
	                  mem_pages_name(plan->argv.backing), "resident_bytes",
	                  (json_int_t)m.resident * 1024, "huge_bytes", (json_int_t)m.huge * 1024);

	if (memory && host_read_choice(host, thp, choice, sizeof(choice)) == 0)
		json_object_set_new(memory, "host_thp", json_string(choice));
	if (memory && plan->argv.node >= 0)
		json_object_set_new(memory, "node", json_integer(plan->argv.node));
	json_object_set_new(report, "memory", memory);
}

void report_privileges(json_t *report, const struct privileges *p)
{
	json_object_set_new(report, "privileges",
	                    p->drop ? json_pack("{s:b, s:s}", "dropped", 1, "user", p->name)
	                            : json_pack("{s:b, s:s}", "dropped", 0, "why", p->why));
}

void report_time(json_t *report, const char *event, double seconds)
{
	json_object_set_new(json_object_get(report, "times"), event, json_real(seconds));
}
