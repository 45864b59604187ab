/* SPDX-License-Identifier: MIT */
#include "vmrun/host/recording.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEAVES_MAX  512
#define MSRS_MAX    32
#define DEVICES_MAX 8
#define LOG_MAX     (1U << 20)

struct leaf {
	uint32_t leaf, subleaf, regs[4];
};

struct recording {
	struct cpu_source cpu; /* first: its functions find the rest by it */
	struct host_source source;
	struct host_recording values;
	char root[PATH_MAX];
	struct leaf leaves[LEAVES_MAX];
	size_t leaf_count;
	struct host_msr msrs[MSRS_MAX];
	struct host_device devices[DEVICES_MAX];
	struct sevfirmware_answer firmware;
	char *log;
};

static void recorded_cpuid(const struct cpu_source *cpu, uint32_t leaf, uint32_t subleaf,
                           uint32_t regs[4])
{
	const struct recording *r = (const void *)cpu;

	memset(regs, 0, 4 * sizeof(*regs));
	for (size_t i = 0; i < r->leaf_count; i++) {
		if (r->leaves[i].leaf == leaf && r->leaves[i].subleaf == subleaf)
			memcpy(regs, r->leaves[i].regs, sizeof(r->leaves[i].regs));
	}
}

static uint64_t recorded_xcr0(const struct cpu_source *cpu)
{
	(void)cpu;
	return 0; /* the host's register state is nobody's question */
}

static FILE *open_recorded(const struct recording *r, const char *name)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/recorded/%s", r->root, name);
	return host_open(path);
}

/* Lines that are none are passed over: the program's heading, blank lines. */
static void read_cpuid(struct recording *r, FILE *file)
{
	char line[256];

	while (r->leaf_count < LEAVES_MAX && fgets(line, sizeof(line), file)) {
		struct leaf *l = &r->leaves[r->leaf_count];

		if (sscanf(line, " 0x%x 0x%x: eax=0x%x ebx=0x%x ecx=0x%x edx=0x%x", &l->leaf,
		           &l->subleaf, &l->regs[CPU_EAX], &l->regs[CPU_EBX], &l->regs[CPU_ECX],
		           &l->regs[CPU_EDX]) == 6)
			r->leaf_count++;
	}
}

static void read_kvm(struct recording *r, FILE *file)
{
	struct kvmprobe *kvm = &r->values.kvm;
	char line[sizeof(kvm->reason)];

	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "speed ", 6))
			kvm->speed = strtod(line + 6, NULL);
		else if (!strncmp(line, "vm_types ", 9))
			kvm->vm_types = (int)strtol(line + 9, NULL, 0);
		else if (!strncmp(line, "reason ", 7))
			snprintf(kvm->reason, sizeof(kvm->reason), "%s", line + 7);
	}
	kvm->works = kvm->speed >= KVMPROBE_MIN_SPEED;
}

static void read_msrs(struct recording *r, FILE *file)
{
	char line[128];

	while (r->values.msr_count < MSRS_MAX && fgets(line, sizeof(line), file)) {
		char *end;
		unsigned long long index = strtoull(line, &end, 0), value;

		if (end == line)
			continue;
		value = strtoull(end, NULL, 0);
		r->msrs[r->values.msr_count++] =
		        (struct host_msr){.index = (uint32_t)index, .value = value};
	}
}

static void read_log(struct recording *r, FILE *file)
{
	size_t n;

	r->log = malloc(LOG_MAX + 1);
	if (!r->log)
		return;
	n = fread(r->log, 1, LOG_MAX, file);
	r->log[n] = '\0';
	r->values.log = r->log;
}

static void read_release(struct recording *r, FILE *file)
{
	if (fgets(r->values.release, sizeof(r->values.release), file))
		r->values.release[strcspn(r->values.release, "\n")] = '\0';
}

static void read_devices(struct recording *r, FILE *file)
{
	char line[128], word[16];

	while (r->values.device_count < DEVICES_MAX && fgets(line, sizeof(line), file)) {
		struct host_device *d = &r->devices[r->values.device_count];

		if (sscanf(line, "%23s %32s %32s %o %15s", d->path, d->owner, d->group, &d->mode,
		           word) != 5)
			continue;
		d->rc = strcmp(word, "allowed") != 0 ? -EACCES : 0;
		r->values.device_count++;
	}
}

/* The bytes of an answer, or "error <errno>". */
static int read_answer(const char *text, uint8_t *bytes, size_t count)
{
	int code;

	if (sscanf(text, "error %d", &code) == 1)
		return -code;
	for (size_t i = 0; i < count; i++) {
		char *end;

		bytes[i] = (uint8_t)strtoul(text, &end, 16);
		if (end == text)
			return -ENODATA;
		text = end;
	}
	return 0;
}

static void read_firmware(struct recording *r, FILE *file)
{
	struct sevfirmware_answer *answer = &r->firmware;
	char line[256];

	answer->sev_rc = answer->snp_rc = -ENOENT;
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "sev ", 4))
			answer->sev_rc = read_answer(line + 4, answer->sev, sizeof(answer->sev));
		else if (!strncmp(line, "snp ", 4))
			answer->snp_rc = read_answer(line + 4, answer->snp, sizeof(answer->snp));
	}
	r->values.firmware = answer;
}

static const struct {
	const char *name;
	void (*read)(struct recording *r, FILE *file);
} parts[] = {
        {"cpuid", read_cpuid},       {"kvm", read_kvm},         {"msr", read_msrs},
        {"log", read_log},           {"release", read_release}, {"devices", read_devices},
        {"firmware", read_firmware},
};

int recording_open(const char *root, struct recording **recording,
                   const struct host_source **source, struct err *e)
{
	struct recording *r = calloc(1, sizeof(*r));

	*recording = NULL;
	if (!r)
		return err_set(e, ENOMEM, "no memory for the recording");
	snprintf(r->root, sizeof(r->root), "%s", root);
	r->cpu = (struct cpu_source){.cpuid = recorded_cpuid, .xcr0 = recorded_xcr0};
	r->values.msrs = r->msrs;
	r->values.devices = r->devices;
	snprintf(r->values.kvm.reason, sizeof(r->values.kvm.reason), "KVM was not recorded");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		FILE *file = open_recorded(r, parts[i].name);

		if (file) {
			parts[i].read(r, file);
			fclose(file);
		}
	}
	if (r->leaf_count == 0) {
		recording_close(r);
		return err_set(e, EINVAL,
		               "%s holds no recorded host (no CPUID in %s/recorded/cpuid)", root,
		               root);
	}
	r->source = (struct host_source){.root = r->root, .cpu = &r->cpu, .recorded = &r->values};
	*recording = r;
	*source = &r->source;
	return 0;
}

void recording_close(struct recording *recording)
{
	if (recording)
		free(recording->log);
	free(recording);
}
