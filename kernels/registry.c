/* SPDX-License-Identifier: MIT */
#include "kernels/registry.h"

#include <string.h>

#define X(name) extern const struct kernel kernel_##name;
#include "kernels/kernels.def"
#undef X

static const struct kernel *const kernels[] = {
#define X(name) &kernel_##name,
#include "kernels/kernels.def"
#undef X
};

const struct kernel *const *registry_kernels(size_t *count)
{
	*count = sizeof(kernels) / sizeof(kernels[0]);
	return kernels;
}

const struct kernel *registry_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		if (!strcmp(kernels[i]->name, name))
			return kernels[i];
	}
	return NULL;
}
