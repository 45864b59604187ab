/* SPDX-License-Identifier: MIT */
/* What a description of a machine may hold: the keys that the other environment files put there. */
#include "harness/environment.h"
#include "harness/shape.h"

static const struct shape text[] = {{"value", SHAPE_TEXT, NULL}, {NULL, SHAPE_TEXT, NULL}};
static const struct shape scalar[] = {{"value", SHAPE_SCALAR, NULL}, {NULL, SHAPE_TEXT, NULL}};
static const struct shape truth[] = {{"value", SHAPE_TRUTH, NULL}, {NULL, SHAPE_TEXT, NULL}};

static const struct shape cache[] = {
        {"level", SHAPE_INTEGER, NULL},
        {"type", SHAPE_TEXT, NULL},
        {"size", SHAPE_TEXT, NULL},
        {"ways_of_associativity", SHAPE_INTEGER, NULL},
        {"number_of_sets", SHAPE_INTEGER, NULL},
        {"coherency_line_size", SHAPE_INTEGER, NULL},
        {"shared_cpu_list", SHAPE_TEXT, NULL},
        {NULL, SHAPE_TEXT, NULL},
};
static const struct shape caches[] = {{"cache", SHAPE_OBJECT, cache}, {NULL, SHAPE_TEXT, NULL}};

static const struct shape cpu[] = {
        {"vendor", SHAPE_TEXT, NULL},
        {"model_name", SHAPE_TEXT, NULL},
        {"family", SHAPE_INTEGER, NULL},
        {"model", SHAPE_INTEGER, NULL},
        {"stepping", SHAPE_INTEGER, NULL},
        {"microcode", SHAPE_TEXT, NULL},
        {"address_sizes", SHAPE_TEXT, NULL},
        {"flags", SHAPE_TEXT, NULL},
        {"bugs", SHAPE_TEXT, NULL},
        {"features", SHAPE_MAP, truth},
        {"online", SHAPE_TEXT, NULL},
        {"possible", SHAPE_TEXT, NULL},
        {"cores", SHAPE_INTEGER, NULL},
        {"packages", SHAPE_INTEGER, NULL},
        {"smt_active", SHAPE_TRUTH, NULL},
        {"smt_control", SHAPE_TEXT, NULL},
        {"caches", SHAPE_LIST, caches},
        {"cpuid", SHAPE_MAP, text},
        {NULL, SHAPE_TEXT, NULL},
};

static const struct shape node[] = {
        {"node", SHAPE_INTEGER, NULL},       {"cpus", SHAPE_TEXT, NULL},
        {"distance", SHAPE_TEXT, NULL},      {"total_bytes", SHAPE_INTEGER, NULL},
        {"free_bytes", SHAPE_INTEGER, NULL}, {NULL, SHAPE_TEXT, NULL},
};
static const struct shape nodes[] = {{"node", SHAPE_OBJECT, node}, {NULL, SHAPE_TEXT, NULL}};

static const struct shape memory[] = {
        {"total_bytes", SHAPE_INTEGER, NULL},
        {"available_bytes", SHAPE_INTEGER, NULL},
        {"swap_bytes", SHAPE_INTEGER, NULL},
        {"nodes", SHAPE_LIST, nodes},
        {"nodes_doubt", SHAPE_TEXT, NULL},
        {"hugetlb_2048k_total", SHAPE_INTEGER, NULL},
        {"hugetlb_2048k_free", SHAPE_INTEGER, NULL},
        {"hugetlb_1048576k_total", SHAPE_INTEGER, NULL},
        {"hugetlb_1048576k_free", SHAPE_INTEGER, NULL},
        {"dram_peak_gbps", SHAPE_REAL, NULL},
        {"dram_peak_source", SHAPE_TEXT, NULL},
        {"thp_enabled", SHAPE_TEXT, NULL},
        {"thp_defrag", SHAPE_TEXT, NULL},
        {"khugepaged_scan_ms", SHAPE_INTEGER, NULL},
        {"ksm_run", SHAPE_INTEGER, NULL},
        {"numa_balancing", SHAPE_INTEGER, NULL},
        {"swappiness", SHAPE_INTEGER, NULL},
        {"compaction_proactiveness", SHAPE_INTEGER, NULL},
        {NULL, SHAPE_TEXT, NULL},
};

/* Named otherwise than what it is about: `linux` is a word of the compiler's. */
static const struct shape linux_keys[] = {
        {"release", SHAPE_TEXT, NULL},
        {"version", SHAPE_TEXT, NULL},
        {"command_line", SHAPE_TEXT, NULL},
        {"distribution", SHAPE_TEXT, NULL},
        {"mitigations", SHAPE_MAP, text},
        {"clocksource", SHAPE_TEXT, NULL},
        {"clocksources", SHAPE_TEXT, NULL},
        {"perf_event_paranoid", SHAPE_INTEGER, NULL},
        {"nmi_watchdog", SHAPE_INTEGER, NULL},
        {"isolated_cpus", SHAPE_TEXT, NULL},
        {"nohz_full_cpus", SHAPE_TEXT, NULL},
        {"load", SHAPE_TEXT, NULL},
        {"machine_vendor", SHAPE_TEXT, NULL},
        {"machine", SHAPE_TEXT, NULL},
        {"firmware_version", SHAPE_TEXT, NULL},
        {"firmware_date", SHAPE_TEXT, NULL},
        {NULL, SHAPE_TEXT, NULL},
};

static const struct shape power[] = {
        {"governor", SHAPE_TEXT, NULL},       {"driver", SHAPE_TEXT, NULL},
        {"minimum_khz", SHAPE_INTEGER, NULL}, {"maximum_khz", SHAPE_INTEGER, NULL},
        {"boost", SHAPE_TRUTH, NULL},         {"idle_driver", SHAPE_TEXT, NULL},
        {"idle_governor", SHAPE_TEXT, NULL},  {NULL, SHAPE_TEXT, NULL},
};

static const struct shape clock_keys[] = {
        {"tsc_hz", SHAPE_REAL, NULL},
        {"tsc_hz_error", SHAPE_REAL, NULL},
        {"tsc_nominal_hz", SHAPE_REAL, NULL},
        {"tsc_step", SHAPE_INTEGER, NULL},
        {"tsc_overhead", SHAPE_INTEGER, NULL},
        {"tsc_invariant", SHAPE_TRUTH, NULL},
        {NULL, SHAPE_TEXT, NULL},
};

static const struct shape libc[] = {
        {"version", SHAPE_TEXT, NULL},      {"tunables", SHAPE_TEXT, NULL},
        {"l1d_bytes", SHAPE_INTEGER, NULL}, {"l2_bytes", SHAPE_INTEGER, NULL},
        {"l3_bytes", SHAPE_INTEGER, NULL},  {"thresholds", SHAPE_MAP, scalar},
        {NULL, SHAPE_TEXT, NULL},
};

static const struct shape sev[] = {
        {"platform", SHAPE_TEXT, NULL},           {"accel", SHAPE_TEXT, NULL},
        {"hypervisor", SHAPE_TEXT, NULL},         {"how", SHAPE_TEXT, NULL},
        {"cpuid_sev", SHAPE_TRUTH, NULL},         {"cpuid_8000001f_eax", SHAPE_TEXT, NULL},
        {"cpuid_8000001f_ebx", SHAPE_TEXT, NULL}, {"cpuid_8000001f_ecx", SHAPE_TEXT, NULL},
        {"cpuid_8000001f_edx", SHAPE_TEXT, NULL}, {"status", SHAPE_TEXT, NULL},
        {"status_features", SHAPE_TEXT, NULL},    {"hyperv_isolation", SHAPE_TEXT, NULL},
        {"host_snp", SHAPE_TRUTH, NULL},          {NULL, SHAPE_TEXT, NULL},
};

static const struct shape attestation[] = {
        {"emulated", SHAPE_TRUTH, NULL},
        {"version", SHAPE_INTEGER, NULL},
        {"vmpl", SHAPE_INTEGER, NULL},
        {"guest_svn", SHAPE_INTEGER, NULL},
        {"policy", SHAPE_TEXT, NULL},
        {"platform_info", SHAPE_TEXT, NULL},
        {"current_tcb", SHAPE_TEXT, NULL},
        {"reported_tcb", SHAPE_TEXT, NULL},
        {"committed_tcb", SHAPE_TEXT, NULL},
        {"launch_tcb", SHAPE_TEXT, NULL},
        {"measurement", SHAPE_TEXT, NULL},
        {"report_id", SHAPE_TEXT, NULL},
        {"nonce", SHAPE_TEXT, NULL},
        {"report", SHAPE_TEXT, NULL},
        {NULL, SHAPE_TEXT, NULL},
};

static const struct shape modules[] = {
        {"kvm", SHAPE_MAP, text}, {"kvm_amd", SHAPE_MAP, text}, {NULL, SHAPE_TEXT, NULL}};

static const struct shape sections[] = {
        {"cpu", SHAPE_OBJECT, cpu},
        {"memory", SHAPE_OBJECT, memory},
        {"linux", SHAPE_OBJECT, linux_keys},
        {"power", SHAPE_OBJECT, power},
        {"clock", SHAPE_OBJECT, clock_keys},
        {"libc", SHAPE_OBJECT, libc},
        {"sev", SHAPE_OBJECT, sev},
        {"attestation", SHAPE_OBJECT, attestation},
        {"hypervisor_modules", SHAPE_OBJECT, modules},
        {"counters", SHAPE_MAP, scalar},
        {"unknown", SHAPE_MAP, text},
        {NULL, SHAPE_TEXT, NULL},
};

int environment_check(const json_t *environment, struct err *e)
{
	return shape_check(environment, sections, e);
}
