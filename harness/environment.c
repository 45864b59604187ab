/* SPDX-License-Identifier: MIT */
#include "harness/environment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness/attest.h"
#include "harness/counters.h"
#include "harness/cpu.h"
#include "harness/environment_reader.h"
#include "harness/sev.h"
#include "harness/sev_features.h"
#include "harness/snp_host.h"
#include "harness/utf8.h"

static void put_clock(const struct environment_section *s, const struct clock *clock)
{
	environment_put(s, "tsc_hz", json_real(clock->hz), "the counter was not measured");
	environment_put(s, "tsc_hz_error", json_real(clock->error), "the counter was not measured");
	environment_put(s, "tsc_nominal_hz",
	                clock->nominal_hz > 0 ? json_real(clock->nominal_hz) : NULL,
	                "CPUID does not state the frequency");
	environment_put(s, "tsc_step", json_integer((json_int_t)clock->step), "no memory");
	environment_put(s, "tsc_overhead", json_integer((json_int_t)clock->overhead), "no memory");
	environment_put(s, "tsc_invariant", json_boolean(clock->invariant), "no memory");
}

static void put_counters(const struct environment_section *s)
{
	environment_put(s, "domain", json_string("user"), "no memory");
	for (int i = 0; i < COUNTER_EVENT_COUNT; i++) {
		enum counter_event event = (enum counter_event)i;
		const char *reason = counters_reason(event);

		environment_put(s, counter_name(event), reason ? NULL : json_true(), "%s", reason);
	}
}

static void put_sev(const struct environment_section *s)
{
	static const char *const names[4] = {"eax", "ebx", "ecx", "edx"};
	struct sev_observation o;
	struct err e = {""};
	int rc = sev_observe_at(s->reader->cpu, s->reader->root, &o, &e);
	char text[32], features[SEV_FEATURES_TEXT];

	environment_put(s, "platform", json_string(platform_name(o.platform)), "no memory");
	environment_put(s, "accel", json_string(accel_name(o.accel)), "no memory");
	environment_put(s, "hypervisor", utf8_json(o.hypervisor), "its signature is no text");
	environment_put(s, "how", json_string(rc ? e.text : o.how), "no memory");
	environment_put(s, "cpuid_sev", json_boolean(o.cpuid_sev), "no memory");
	for (int i = 0; i < 4; i++) {
		char key[32];

		snprintf(key, sizeof(key), "cpuid_8000001f_%s", names[i]);
		snprintf(text, sizeof(text), "0x%08x", o.cpuid_8000001f[i]);
		environment_put(s, key, json_string(text), "no memory");
	}
	snprintf(text, sizeof(text), "0x%" PRIx64, o.status);
	environment_put(s, "status", o.status_known ? json_string(text) : NULL,
	                o.cpuid_sev ? "SEV_STATUS cannot be read from /dev/cpu/0/msr"
	                            : "SEV_STATUS is not read where CPUID does not say SEV");
	environment_put(s, "status_features",
	                o.status_known ? json_string(sev_features_text(o.status, features)) : NULL,
	                "SEV_STATUS is not known");
	snprintf(text, sizeof(text), "0x%x 0x%x", o.isolation.config_a, o.isolation.config_b);
	environment_put(s, "hyperv_isolation", o.isolated ? json_string(text) : NULL,
	                "CPUID says nothing of isolation by Hyper-V");
}

static void put_hex(const struct environment_section *s, const char *key, const uint8_t *bytes,
                    size_t size)
{
	char text[2 * ATTEST_REPORT_SIZE + 1] = "";

	for (size_t i = 0; i < size; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	environment_put(s, key, json_string(text), "no memory");
}

static void put_number(const struct environment_section *s, const char *key, uint64_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "0x%" PRIx64, number);
	environment_put(s, key, json_string(text), "no memory");
}

static void put_report(const struct environment_section *s, const struct attest *a)
{
	struct attest_report report;

	attest_parse(a->report, &report);
	environment_put(s, "emulated", json_boolean(report.emulated), "no memory");
	environment_put(s, "version", json_integer(report.version), "no memory");
	environment_put(s, "vmpl", json_integer(report.vmpl), "no memory");
	environment_put(s, "guest_svn", json_integer(report.guest_svn), "no memory");
	put_number(s, "policy", report.policy);
	put_number(s, "platform_info", report.platform_info);
	put_number(s, "current_tcb", report.current_tcb);
	put_number(s, "reported_tcb", report.reported_tcb);
	put_number(s, "committed_tcb", report.committed_tcb);
	put_number(s, "launch_tcb", report.launch_tcb);
	put_hex(s, "measurement", report.measurement, sizeof(report.measurement));
	put_hex(s, "report_id", report.report_id, sizeof(report.report_id));
	put_hex(s, "nonce", a->nonce, sizeof(a->nonce));
	put_hex(s, "report", a->report, sizeof(a->report));
}

/* What the security processor says of a guest of SNP: nobody else is asked. */
static void put_attestation(const struct environment_section *s)
{
	struct sev_observation o;
	struct attest a;
	struct err e = {""};
	uint64_t ticks;

	if (sev_observe_at(s->reader->cpu, s->reader->root, &o, &e) ||
	    !sev_traits(o.platform)->page_state_change) {
		environment_put(s, "report", NULL, "this is no guest of SEV-SNP");
		return;
	}
	if (attest_open(&a, ATTEST_REPORT, s->reader->root, &e)) {
		environment_put(s, "report", NULL, "%s", e.text);
		return;
	}
	if (attest_ask(&a, &ticks, &e))
		environment_put(s, "report", NULL, "%s", e.text);
	else
		put_report(s, &a);
	attest_close(&a);
}

/* Whether writes of this host and of its plain guests are checked against the RMP. */
static void put_snp_host(const struct environment_section *s)
{
	struct snp_host o;

	snp_host_observe_at(s->reader->cpu, s->reader->root, &o);
	environment_put(s, "host_snp", o.known ? json_boolean(o.on) : NULL, "%s", o.how);
}

/* Settings of the host's hypervisor that change what a guest sees; there only when it is loaded. */
static void put_kvm(const struct environment_section *s)
{
	environment_folder(s, "kvm", "/sys/module/kvm/parameters");
	environment_folder(s, "kvm_amd", "/sys/module/kvm_amd/parameters");
}

static struct environment_section section(const struct environment_reader *r, json_t *all,
                                          const char *name)
{
	struct environment_section s = {.reader = r, .name = name, .object = json_object()};

	json_object_set_new(all, name, s.object);
	return s;
}

json_t *environment_describe(const struct cpu_source *cpu, const char *root,
                             const struct clock *clock, struct err *e)
{
	struct environment_reader r = {.cpu = cpu, .root = root, .unknown = json_object()};
	json_t *all = json_object();
	struct environment_section s;

	if (!all || !r.unknown) {
		json_decref(all);
		json_decref(r.unknown);
		err_set(e, ENOMEM, "no memory to describe the environment");
		return NULL;
	}
	s = section(&r, all, "cpu");
	environment_cpu(&s);
	s = section(&r, all, "memory");
	environment_memory(&s);
	s = section(&r, all, "linux");
	environment_linux(&s);
	s = section(&r, all, "power");
	environment_power(&s);
	s = section(&r, all, "clock");
	put_clock(&s, clock);
	s = section(&r, all, "libc");
	environment_libc(&s);
	s = section(&r, all, "sev");
	put_sev(&s);
	put_snp_host(&s);
	s = section(&r, all, "attestation");
	put_attestation(&s);
	s = section(&r, all, "hypervisor_modules");
	put_kvm(&s);
	s = section(&r, all, "counters");
	put_counters(&s);
	json_object_set_new(all, "unknown", r.unknown);
	return all;
}
