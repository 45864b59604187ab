/* SPDX-License-Identifier: MIT */
#include "harness/counters_papi.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

/*
 * Tells whoever packs this program into a guest or an archive what it opens (uapi-group.org, "ELF
 * dlopen() metadata"): vmrun/image/note.h reads it.
 */
__asm__(".pushsection .note.dlopen, \"a\", @note\n"
        ".balign 4\n"
        ".long 4, 2f - 1f, 0x407c0c0a\n"
        ".asciz \"FDO\"\n"
        "1: .asciz \"[{\\\"soname\\\":[\\\"" COUNTERS_PAPI "\\\"],"
        "\\\"feature\\\":\\\"counters\\\",\\\"priority\\\":\\\"suggested\\\"}]\"\n"
        "2: .balign 4\n"
        ".popsection\n");

bool counters_papi_load(struct counters_papi *papi)
{
	static const struct {
		const char *name;
		size_t offset;
	} functions[] = {
	        {"PAPI_library_init", offsetof(struct counters_papi, init)},
	        {"PAPI_strerror", offsetof(struct counters_papi, strerror)},
	        {"PAPI_create_eventset", offsetof(struct counters_papi, create_eventset)},
	        {"PAPI_add_event", offsetof(struct counters_papi, add_event)},
	        {"PAPI_remove_event", offsetof(struct counters_papi, remove_event)},
	        {"PAPI_start", offsetof(struct counters_papi, start)},
	        {"PAPI_stop", offsetof(struct counters_papi, stop)},
	        {"PAPI_cleanup_eventset", offsetof(struct counters_papi, cleanup_eventset)},
	        {"PAPI_destroy_eventset", offsetof(struct counters_papi, destroy_eventset)},
	        {"PAPI_shutdown", offsetof(struct counters_papi, shutdown)},
	};
	void *library = dlopen(COUNTERS_PAPI, RTLD_NOW | RTLD_LOCAL);

	for (size_t i = 0; library && i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *function = dlsym(library, functions[i].name);

		if (!function)
			return false;
		memcpy((char *)papi + functions[i].offset, &function, sizeof(function));
	}
	return library != NULL;
}
