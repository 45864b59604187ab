/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/qemu.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

struct qemu qemu;

static void *find(const char *name)
{
	return dlsym(RTLD_DEFAULT, name);
}

const char *qemu_find(void)
{
	void *at;

#define TAKE(result, name, arguments)                                                              \
	at = find(#name);                                                                          \
	if (!at)                                                                                   \
		return #name;                                                                      \
	memcpy(&qemu.name, &at, sizeof(at));
	QEMU_FUNCTIONS(TAKE)
#undef TAKE
	qemu.address_space_memory = find("address_space_memory");
	if (!qemu.address_space_memory)
		return "address_space_memory";
	at = find("address_space_is_io");
	memcpy(&qemu.address_space_is_io, &at, sizeof(at));
	at = find("cpu_physical_memory_is_io");
	memcpy(&qemu.cpu_physical_memory_is_io, &at, sizeof(at));
	if (!qemu.address_space_is_io && !qemu.cpu_physical_memory_is_io)
		return "address_space_is_io";
	return find("current_cpu") ? NULL : "current_cpu";
}

void *qemu_current_cpu(void)
{
	void **at = find("current_cpu");

	return at ? *at : NULL;
}

static void **find_record(const char *name, void **function)
{
	char full[64];

	snprintf(full, sizeof(full), "helper_%s", name);
	*function = find(full);
	snprintf(full, sizeof(full), "helper_info_%s", name);
	return find(full);
}

const char *qemu_check(const struct qemu_hook *hooks)
{
	for (; hooks->name; hooks++) {
		void *function, **record = find_record(hooks->name, &function);

		/* Its first member is the function (TCGHelperInfo in include/tcg/helper-info.h). */
		if (!function || !record || *record != function)
			return hooks->name;
	}
	return NULL;
}

void qemu_replace(const struct qemu_hook *hooks)
{
	for (; hooks->name; hooks++) {
		void *function, **record = find_record(hooks->name, &function);

		__atomic_store_n(record, hooks->now, __ATOMIC_RELEASE);
	}
}

struct searching {
	const void *value, *beside;
	void **found;
	unsigned count;
};

/* Is `beside` within a table's length of that slot? */
static bool has_neighbour(void **slot, void **begin, void **end, const void *beside)
{
	void **at = slot - begin > 32 ? slot - 32 : begin,
	     **stop = end - slot > 32 ? slot + 32 : end;

	for (; at < stop; at++)
		if (*at == beside)
			return true;
	return false;
}

static int search(struct dl_phdr_info *info, size_t size, void *context)
{
	struct searching *s = context;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		void **begin, **end;

		if (p->p_type != PT_LOAD || !(p->p_flags & PF_W))
			continue;
		begin = (void **)(info->dlpi_addr + p->p_vaddr);
		end = begin + p->p_filesz / sizeof(*begin);
		for (void **at = begin; at < end; at++) {
			if (*at != s->value || !has_neighbour(at, begin, end, s->beside))
				continue;
			s->found = at;
			s->count++;
		}
	}
	return 1; /* the program itself comes first, and is all */
}

void **qemu_find_slot(const char *name, const char *beside)
{
	struct searching s = {.value = find(name), .beside = find(beside)};

	if (!s.value || !s.beside)
		return NULL;
	dl_iterate_phdr(search, &s);
	return s.count == 1 ? s.found : NULL;
}

bool qemu_replace_slot(void **slot, void *now)
{
	uintptr_t page = (uintptr_t)slot & ~(uintptr_t)4095;

	/* The dynamic linker made it read-only after it had filled it in. */
	if (mprotect((void *)page, 4096, PROT_READ | PROT_WRITE) != 0)
		return false;
	__atomic_store_n(slot, now, __ATOMIC_RELEASE);
	mprotect((void *)page, 4096, PROT_READ);
	return true;
}
