/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of QEMU the plugin calls, declared here: QEMU exports it for its own modules, and has no
 * headers for anyone else. All of it is looked up by name while the plugin is installed, so that a
 * QEMU that lacks something can be refused with its name. The files named are QEMU's.
 */
#ifndef VMRUN_EMULATE_PLUGIN_QEMU_H
#define VMRUN_EMULATE_PLUGIN_QEMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef SEVEMU_API
#define SEVEMU_API 7 /* of plugins (include/qemu/qemu-plugin.h): 4 is QEMU 10.0, 7 QEMU 11.1 */
#endif

/* GLib's GByteArray, into which registers are read. */
struct qemu_bytes {
	uint8_t *data;
	unsigned length;
};

/* Called when a block was translated: API 4 hands over the plugin's number first. */
#if SEVEMU_API >= 7
typedef void qemu_translated(void *block, void *data);
#else
typedef void qemu_translated(uint64_t id, void *block);
#endif

/*
 * X(result, name, arguments). A vCPU is `cs` (CPUState) or `env` (CPUX86State); `ra` is an address
 * in translated code, from which QEMU works out at which instruction it is.
 */
#define QEMU_FUNCTIONS(X)                                                                          \
	/* glib */                                                                                 \
	X(struct qemu_bytes *, g_byte_array_new, (void))                                           \
	X(struct qemu_bytes *, g_byte_array_set_size, (struct qemu_bytes *, unsigned))             \
	/* cpu-common.c: a function that a vCPU calls between two instructions */                  \
	X(void, async_run_on_cpu, (void *cs, void (*)(void *cs, void *), void *))                  \
	X(void, cpu_interrupt, (void *cs, int request))                                            \
	X(void, cpu_reset_interrupt, (void *cs, int request))                                      \
	/* accel/tcg, include/exec/cpu-common.h: leaving translated code */                        \
	X(bool, cpu_restore_state, (void *cs, uintptr_t ra))                                       \
	X(void, cpu_loop_exit, (void *cs))                                                         \
	X(void, tlb_flush_page, (void *cs, uint64_t va))                                           \
	X(void, tlb_set_page_with_attrs,                                                           \
	  (void *cs, uint64_t va, uint64_t pa, uint64_t attributes, int prot, int mmu,             \
	   uint64_t size))                                                                         \
	X(void, tlb_flush_all_cpus_synced, (void *cs))                                             \
	/* system/physmem.c: memory as the guest numbers it; attributes are 8 bytes of bits */     \
	X(uint32_t, address_space_rw,                                                              \
	  (void *space, uint64_t, uint64_t attributes, void *, uint64_t, bool write))              \
	/* system/memory.c, system/physmem.c */                                                    \
	X(void *, get_system_memory, (void))                                                       \
	X(void, memory_region_init_alias,                                                          \
	  (void *region, void *owner, const char *name, void *of, uint64_t at, uint64_t size))     \
	X(void, memory_region_init_ram_ptr,                                                        \
	  (void *region, void *owner, const char *name, uint64_t size, void *memory))              \
	X(void, memory_region_add_subregion, (void *region, uint64_t at, void *sub))               \
	X(void, memory_region_add_subregion_overlap,                                               \
	  (void *region, uint64_t at, void *sub, int priority))                                    \
	/* system/cpus.c, system/runstate.c */                                                     \
	X(bool, bql_locked, (void))                                                                \
	X(void, bql_lock_impl, (const char *file, int line))                                       \
	X(void, bql_unlock, (void))                                                                \
	X(void, qemu_system_shutdown_request_with_code, (int cause, int code))                     \
	/* target/i386 */                                                                          \
	X(int, x86_cpu_gdb_read_register, (void *cs, struct qemu_bytes *, int n))                  \
	X(int, x86_cpu_gdb_write_register, (void *cs, uint8_t *, int n))                           \
	X(void, x86_update_hflags, (void *env))                                                    \
	X(void, cpu_load_efer, (void *env, uint64_t))                                              \
	X(void, cpu_x86_update_cr0, (void *env, uint32_t))                                         \
	X(void, cpu_x86_update_cr3, (void *env, uint64_t))                                         \
	X(void, cpu_x86_update_cr4, (void *env, uint32_t))                                         \
	X(void *, cpu_by_arch_id, (int64_t apic_id))                                               \
	X(bool, x86_cpu_exec_interrupt, (void *cs, int request))                                   \
	X(bool, x86_cpu_tlb_fill,                                                                  \
	  (void *cs, uint64_t va, int size, int access, int mmu, bool probe, uintptr_t ra))        \
	X(void, cpu_x86_cpuid,                                                                     \
	  (void *env, uint32_t leaf, uint32_t sub, uint32_t *, uint32_t *, uint32_t *,             \
	   uint32_t *))                                                                            \
	X(void, do_interrupt_all,                                                                  \
	  (void *cs, int vector, int is_int, int error, uint64_t next, int is_hw))                 \
	X(void, raise_exception_err, (void *env, int vector, int error))                           \
	/* hw/i386/x86-cpu.c */                                                                    \
	X(uint64_t, cpu_get_tsc, (void *env))                                                      \
	/* target/i386/tcg/system/misc_helper.c: ports */                                          \
	X(uint8_t, cpu_inb, (uint32_t port))                                                       \
	X(uint16_t, cpu_inw, (uint32_t port))                                                      \
	X(uint32_t, cpu_inl, (uint32_t port))                                                      \
	X(void, cpu_outb, (uint32_t port, uint8_t))                                                \
	X(void, cpu_outw, (uint32_t port, uint16_t))                                               \
	X(void, cpu_outl, (uint32_t port, uint32_t))                                               \
	/* target/i386/tcg: what translated code calls */                                          \
	X(void, helper_cpuid, (void *env))                                                         \
	X(void, helper_rdmsr, (void *env))                                                         \
	X(void, helper_wrmsr, (void *env))                                                         \
	X(uint64_t, helper_inb, (void *env, uint32_t port))                                        \
	X(uint64_t, helper_inw, (void *env, uint32_t port))                                        \
	X(uint64_t, helper_inl, (void *env, uint32_t port))                                        \
	X(void, helper_outb, (void *env, uint32_t port, uint32_t))                                 \
	X(void, helper_outw, (void *env, uint32_t port, uint32_t))                                 \
	X(void, helper_outl, (void *env, uint32_t port, uint32_t))                                 \
	X(void, helper_set_dr, (void *env, int n, uint64_t))                                       \
	X(uint64_t, helper_get_dr, (void *env, int n))                                             \
	X(void, helper_vmmcall, (void *env))                                                       \
	X(void, helper_rdpmc, (void *env))                                                         \
	X(void, helper_monitor, (void *env, uint64_t address))                                     \
	X(void, helper_mwait, (void *env, int bytes))                                              \
	X(void, helper_hlt, (void *env))                                                           \
	X(void, helper_iret_real, (void *env, int shift))                                          \
	X(void, helper_raise_exception, (void *env, int vector))                                   \
	X(uint64_t, helper_read_eflags, (void *env))                                               \
	X(void, helper_write_eflags, (void *env, uint64_t, uint32_t mask))                         \
	X(void, helper_xsetbv, (void *env, uint32_t n, uint64_t))                                  \
	X(void, helper_xsave, (void *env, uint64_t va, uint64_t mask))                             \
	/* plugins/api.c */                                                                        \
	X(size_t, qemu_plugin_tb_n_insns, (const void *block))                                     \
	X(void *, qemu_plugin_tb_get_insn, (const void *block, size_t))                            \
	X(size_t, qemu_plugin_insn_data, (const void *insn, void *, size_t))                       \
	X(void, qemu_plugin_register_vcpu_insn_exec_cb,                                            \
	  (void *insn, void (*)(unsigned, void *), int flags, void *))                             \
	X(void, qemu_plugin_register_vcpu_tb_trans_cb, (uint64_t id, qemu_translated *, void *))

#define QEMU_MEMBER(result, name, arguments) result(*name) arguments;
struct qemu {
	QEMU_FUNCTIONS(QEMU_MEMBER)
	/* One of the two: the first in QEMU 11, the other in QEMU 10. */
	bool (*address_space_is_io)(void *space, uint64_t);
	bool (*cpu_physical_memory_is_io)(uint64_t);
	void *address_space_memory;
};
#undef QEMU_MEMBER
extern struct qemu qemu;

/* Look everything up. NULL, or the name of what this QEMU does not export. */
const char *qemu_find(void);

/* The vCPU that the calling thread runs (hw/core/cpu-common.c, one for each thread). */
void *qemu_current_cpu(void);

/*
 * Something that translated code calls by an address that QEMU keeps as data: `now` takes the place
 * of the function `name`.
 */
struct qemu_hook {
	const char *name; /* of helper_NAME, in the record helper_info_NAME */
	void *now;
};

/* Does each record exist and hold the function of its name? NULL, or the name of one that does not.
 */
const char *qemu_check(const struct qemu_hook *hooks);
void qemu_replace(const struct qemu_hook *hooks);

/*
 * The table of functions of an x86 vCPU under TCG (TCGCPUOps in target/i386/tcg/tcg-cpu.c), which
 * has no exported name everywhere: its slot that holds the function `name`, and somewhere near it
 * `beside`. NULL: not found, or more than one.
 */
void **qemu_find_slot(const char *name, const char *beside);
bool qemu_replace_slot(void **slot, void *now);

#endif
