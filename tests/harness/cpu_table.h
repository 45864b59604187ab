/* SPDX-License-Identifier: MIT */
/* A processor made of recorded CPUID answers, for tests. */
#ifndef TESTS_CPU_TABLE_H
#define TESTS_CPU_TABLE_H

#include <stdio.h>
#include <string.h>

#include "harness/cpu.h"

struct cpu_leaf {
	uint32_t leaf, subleaf;
	uint32_t regs[4];
};

struct cpu_table {
	struct cpu_source source; /* first: the callbacks find the table by it */
	const struct cpu_leaf *leaves;
	size_t count;
	uint32_t beyond[4]; /* the answer to every leaf that is not in the table */
	uint64_t xcr0;
};

static inline void cpu_table_cpuid(const struct cpu_source *source, uint32_t leaf, uint32_t subleaf,
                                   uint32_t regs[4])
{
	const struct cpu_table *table = (const void *)source;

	memcpy(regs, table->beyond, sizeof(table->beyond));
	for (size_t i = 0; i < table->count; i++)
		if (table->leaves[i].leaf == leaf && table->leaves[i].subleaf == subleaf)
			memcpy(regs, table->leaves[i].regs, sizeof(table->leaves[i].regs));
}

static inline uint64_t cpu_table_xcr0(const struct cpu_source *source)
{
	return ((const struct cpu_table *)(const void *)source)->xcr0;
}

#define CPU_TABLE(list)                                                                            \
	((struct cpu_table){.source = {.cpuid = cpu_table_cpuid, .xcr0 = cpu_table_xcr0},          \
	                    .leaves = (list),                                                      \
	                    .count = sizeof(list) / sizeof((list)[0])})

/* The lines of a file as the program cpuid prints them with -1 -r. Returns how many, at most
 * `room`.
 */
static inline size_t cpu_table_read(const char *path, struct cpu_leaf *leaves, size_t room)
{
	FILE *in = fopen(path, "re");
	char line[256];
	size_t count = 0;

	while (in && count < room && fgets(line, sizeof(line), in)) {
		struct cpu_leaf *l = &leaves[count];

		count += sscanf(line, " 0x%x 0x%x: eax=0x%x ebx=0x%x ecx=0x%x edx=0x%x", &l->leaf,
		                &l->subleaf, &l->regs[CPU_EAX], &l->regs[CPU_EBX],
		                &l->regs[CPU_ECX], &l->regs[CPU_EDX]) == 6;
	}
	if (in)
		fclose(in);
	return count;
}

#endif
