/* SPDX-License-Identifier: MIT */
/* Section "cpu": what the processor is, its caches, its threads, and what CPUID says of caches. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cpu.h"
#include "harness/environment_reader.h"
#include "harness/place.h"
#include "harness/utf8.h"

#define CPUS     "/sys/devices/system/cpu"
#define CPUS_MAX 8192 /* the largest CONFIG_NR_CPUS of Linux on x86 */

/* The value of "name : value" in the first processor's part of /proc/cpuinfo, or NULL. Owned. */
static char *cpuinfo_value(const char *cpuinfo, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = cpuinfo; line && *line && *line != '\n';) {
		const char *end = strchr(line, '\n');
		const char *colon = strchr(line, ':');

		if (colon && strncmp(line, name, length) == 0 &&
		    strspn(line + length, "\t ") == (size_t)(colon - line) - length) {
			size_t size = end ? (size_t)(end - colon - 1) : strlen(colon + 1);

			return strndup(colon + 1 + (size && colon[1] == ' '),
			               size - (size && colon[1] == ' '));
		}
		line = end ? end + 1 : NULL;
	}
	return NULL;
}

/* /proc/cpuinfo is long on large machines: its first processor is enough. */
static char *first_processor(const struct environment_reader *r)
{
	char path[4096];
	char *text = malloc(16384);
	size_t length;
	FILE *f;

	if (!text)
		return NULL;
	snprintf(path, sizeof(path), "%s/proc/cpuinfo", r->root);
	f = fopen(path, "re");
	if (!f) {
		free(text);
		return NULL;
	}
	length = fread(text, 1, 16383, f);
	fclose(f);
	text[length] = '\0';
	return text;
}

static void put_identity(const struct environment_section *s)
{
	static const struct {
		const char *key;
		const char *name;
		bool number;
	} fields[] = {
	        {"vendor", "vendor_id", false},
	        {"model_name", "model name", false},
	        {"family", "cpu family", true},
	        {"model", "model", true},
	        {"stepping", "stepping", true},
	        {"microcode", "microcode", false},
	        {"address_sizes", "address sizes", false},
	        {"flags", "flags", false},
	        {"bugs", "bugs", false},
	};
	char *cpuinfo = first_processor(s->reader);
	int error = errno;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		char *value = cpuinfo ? cpuinfo_value(cpuinfo, fields[i].name) : NULL;
		json_t *json = NULL;

		if (value)
			json = fields[i].number ? json_integer(strtol(value, NULL, 10))
			                        : utf8_json(value);
		if (cpuinfo)
			environment_put(s, fields[i].key, json, "/proc/cpuinfo has no line \"%s\"",
			                fields[i].name);
		else
			environment_put(s, fields[i].key, json, "cannot read /proc/cpuinfo: %s",
			                strerror(error));
		free(value);
	}
	free(cpuinfo);
}

static void put_features(const struct environment_section *s)
{
	json_t *features = json_object();

	for (int i = 0; i < CPU_FEATURE_COUNT; i++)
		json_object_set_new(features, cpu_feature_name((enum cpu_feature)i),
		                    json_boolean(cpu_has_at(s->reader->cpu, (enum cpu_feature)i)));
	environment_put(s, "features", features, "no memory");
}

static json_t *leaf_value(const uint32_t regs[4])
{
	char text[64];

	snprintf(text, sizeof(text), "0x%08x 0x%08x 0x%08x 0x%08x", regs[CPU_EAX], regs[CPU_EBX],
	         regs[CPU_ECX], regs[CPU_EDX]);
	return utf8_json(text);
}

/* One CPUID leaf that has subleaves, up to the first whose type (EAX bits 0 to 4) is 0. */
static void put_subleaves(const struct cpu_source *cpu, json_t *leaves, uint32_t leaf)
{
	for (uint32_t i = 0; i < 16; i++) {
		uint32_t regs[4];
		char key[32];

		if (!cpu_id_at(cpu, leaf, i, regs) || !(regs[CPU_EAX] & 0x1f))
			break;
		snprintf(key, sizeof(key), "0x%x.%u", leaf, i);
		json_object_set_new(leaves, key, leaf_value(regs));
	}
}

/*
 * libc's memcpy chooses its algorithm and its threshold for non-temporal stores by these leaves,
 * which hypervisors fill in as they like.
 */
static void put_cpuid_caches(const struct environment_section *s)
{
	static const uint32_t plain[] = {0x80000005, 0x80000006, 0x80000008};
	json_t *leaves = json_object();

	put_subleaves(s->reader->cpu, leaves, 0x4);
	put_subleaves(s->reader->cpu, leaves, 0x8000001d);
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		uint32_t regs[4];
		char key[32];

		if (!cpu_id_at(s->reader->cpu, plain[i], 0, regs))
			continue;
		snprintf(key, sizeof(key), "0x%x", plain[i]);
		json_object_set_new(leaves, key, leaf_value(regs));
	}
	environment_put(s, "cpuid", leaves, "no memory");
}

/* The caches of CPU 0 as Linux sees them. */
static void put_caches(const struct environment_section *s)
{
	static const struct {
		const char *key;
		bool number;
	} fields[] = {
	        {"level", true},
	        {"type", false},
	        {"size", false},
	        {"ways_of_associativity", true},
	        {"number_of_sets", true},
	        {"coherency_line_size", true},
	        {"shared_cpu_list", false},
	};
	unsigned index[16];
	size_t count = environment_entries(s->reader, CPUS "/cpu0/cache", "index", index, 16);
	json_t *caches = json_array();

	for (size_t i = 0; i < count; i++) {
		struct environment_section cache = {.reader = s->reader, .object = json_object()};
		char name[32];

		snprintf(name, sizeof(name), "cpu.caches.%zu", i);
		cache.name = name;
		for (size_t j = 0; j < sizeof(fields) / sizeof(fields[0]); j++) {
			char path[128];

			snprintf(path, sizeof(path), CPUS "/cpu0/cache/index%u/%s", index[i],
			         fields[j].key);
			if (fields[j].number)
				environment_number(&cache, fields[j].key, path);
			else
				environment_text(&cache, fields[j].key, path);
		}
		json_array_append_new(caches, cache.object);
	}
	if (!count) {
		json_decref(caches);
		caches = NULL;
	}
	environment_put(s, "caches", caches, "Linux shows no caches in " CPUS "/cpu0/cache");
}

/* How many different texts one file of every CPU's folder holds: its cores, its packages. */
static void put_distinct(const struct environment_section *s, const char *key, const char *file)
{
	unsigned *cpus = calloc(CPUS_MAX, sizeof(*cpus));
	size_t count = cpus ? environment_entries(s->reader, CPUS, "cpu", cpus, CPUS_MAX) : 0;
	json_t *seen = json_object();
	size_t distinct;

	for (size_t i = 0; i < count; i++) {
		char path[128];
		char *text;

		snprintf(path, sizeof(path), CPUS "/cpu%u/%s", cpus[i], file);
		text = environment_read(s->reader, path); /* an offline CPU has none */
		if (text)
			json_object_set_new(seen, text, json_true());
		free(text);
	}
	distinct = json_object_size(seen);
	environment_put(s, key, distinct ? json_integer((json_int_t)distinct) : NULL,
	                "no CPU has " CPUS "/cpu<N>/%s", file);
	json_decref(seen);
	free(cpus);
}

void environment_cpu(const struct environment_section *s)
{
	put_identity(s);
	put_features(s);
	environment_text(s, "online", CPUS "/online");
	environment_text(s, "possible", CPUS "/possible");
	put_distinct(s, "cores", "topology/thread_siblings_list");
	put_distinct(s, "packages", "topology/physical_package_id");
	environment_truth(s, "smt_active", CPUS "/smt/active");
	environment_text(s, "smt_control", CPUS "/smt/control");
	put_caches(s);
	put_cpuid_caches(s);
}
