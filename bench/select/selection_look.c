/* SPDX-License-Identifier: MIT */
#include "bench/select/selection_look.h"

#include <string.h>

#define LARGEST (32ULL << 20)
#define SAMPLES 10
#define ALONE   1000 /* samples of what is timed alone: a page takes microseconds */
#define BATCH   2e6  /* ns */

/* Of kernels with more variants than a table of a screen has room for; of the others, all. */
static const struct {
	const char *kernel, *variants;
} main_variants[] = {
        {"memcpy", "libc,rep_movsb,avx2,avx2_nt"},
        {"memset", "libc,rep_stosb,avx2,avx2_nt"},
        {"read", "scalar,line,random,avx2"},
        {"stream", "copy,scale,add,triad"},
};

static int choose_variants(const struct kernel *kernel, struct selection *s, struct err *e)
{
	for (size_t i = 0; i < sizeof(main_variants) / sizeof(*main_variants); i++)
		if (!strcmp(kernel->name, main_variants[i].kernel))
			return selection_option(s, "variant", main_variants[i].variants, e);
	return 0;
}

/* The smallest, the largest, and the one in the middle of those that are small enough. */
static void choose_sizes(const uint64_t *sizes, struct selection_list_sizes *list)
{
	size_t small = 0;

	while (sizes[small] && sizes[small] <= LARGEST)
		small++;
	if (!small) {
		list->value[list->count++].bytes = LARGEST;
		return;
	}
	list->value[list->count++].bytes = sizes[0];
	if (small > 2)
		list->value[list->count++].bytes = sizes[small / 2];
	if (small > 1)
		list->value[list->count++].bytes = sizes[small - 1];
}

int selection_look(const struct kernel *kernel, struct selection *s, struct err *e)
{
	if (kernel->sizes)
		choose_sizes(kernel->sizes, &s->sizes);
	if (kernel->pages_count) {
		s->pages.value[0] = (uint64_t)kernel->pages[0];
		s->pages.count = 1;
	}
	s->plan.samples = kernel->flags & KERNEL_SINGLE_SHOT ? ALONE : SAMPLES;
	s->plan.batch_ns = BATCH;
	s->plan.warmup_ns = BATCH;
	return choose_variants(kernel, s, e);
}
