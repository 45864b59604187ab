/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/vcpu.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "vmrun/emulate/ghcb_msr.h"
#include "vmrun/emulate/plugin/emulation.h"
#include "vmrun/emulate/plugin/qemu.h"

/* Where in CPUX86State RIP and CR2 are looked for, in 8 bytes: general registers come first. */
#define SEARCH_FROM 16u
#define SEARCH_TO   256u
/* Where in X86CPU the first general register is, which begins CPUX86State: after CPUState. */
#define ENV_FROM 1u
#define ENV_TO   4096u

static struct vcpu vcpus[VCPUS_MOST];
static unsigned count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static __thread struct vcpu *mine;

/* Where CPUX86State lies after CPUState, and registers in it, in 8 bytes. */
static unsigned env_at, rip_at, cr_at;

static uint64_t read_register(void *cs, int n)
{
	static __thread struct qemu_bytes *bytes;
	uint64_t value = 0;
	int length;

	if (!bytes)
		bytes = qemu.g_byte_array_new();
	qemu.g_byte_array_set_size(bytes, 0);
	length = qemu.x86_cpu_gdb_read_register(cs, bytes, n);
	memcpy(&value, bytes->data, length > 8 ? 8 : (size_t)length);
	return value;
}

static void write_register(void *cs, int n, uint64_t value)
{
	qemu.x86_cpu_gdb_write_register(cs, (uint8_t *)&value, n);
}

/* Does `n` lie there? It is given values that nothing else has. */
static bool lies_at(void *cs, const uint64_t *at, int n)
{
	const uint64_t marks[] = {0x5ae1d00d, 0x1badcafe};
	uint64_t was = read_register(cs, n);
	bool found = true;

	for (int i = 0; i < 2; i++) {
		write_register(cs, n, marks[i]);
		if (*at != marks[i])
			found = false;
	}
	write_register(cs, n, was);
	return found;
}

/* Where `n` lies in `in`; 0: nowhere. */
static unsigned find_register(void *cs, const uint64_t *in, unsigned from, unsigned to, int n)
{
	for (unsigned at = from; at < to; at++)
		if (lies_at(cs, in + at, n))
			return at;
	return 0;
}

static struct vcpu_segment *segments(void *env)
{
	return (struct vcpu_segment *)((uint64_t *)env + cr_at) - VCPU_SEGMENTS;
}

/* Before the first vCPU's first instruction. */
static bool segments_found(void *cs, void *env)
{
	const struct vcpu_segment *s = segments(env);

	return lies_at(cs, &s[VCPU_SEGMENT_GS].base, VCPU_GS_BASE) &&
	       s[VCPU_SEGMENT_CS].selector == (uint32_t)read_register(cs, VCPU_CS) &&
	       s[VCPU_SEGMENT_GDT].limit <= 0xffff && s[VCPU_SEGMENT_IDT].limit <= 0xffff;
}

/* Control registers lie in an array, so that one found and the others as gdb sees them are enough.
 */
static bool find_registers(void *cs, uint64_t *env)
{
	unsigned cr2;

	rip_at = find_register(cs, env, SEARCH_FROM, SEARCH_TO, VCPU_RIP);
	cr2 = find_register(cs, env, SEARCH_FROM, SEARCH_TO, VCPU_CR2);
	if (!rip_at || !cr2)
		return false;
	cr_at = cr2 - 2;
	return cr_at + 5 <= VCPU_KEPT && segments_found(cs, env) &&
	       (uint32_t)env[cr_at] == (uint32_t)read_register(cs, VCPU_CR0) &&
	       (uint32_t)env[cr_at + 3] == (uint32_t)read_register(cs, VCPU_CR3) &&
	       (uint32_t)env[cr_at + 4] == (uint32_t)read_register(cs, VCPU_CR4) &&
	       (uint32_t)env[RCX] == (uint32_t)read_register(cs, VCPU_RCX);
}

/* The same of all vCPUs: when the first one runs its first instruction. */
static void find_all(void *cs)
{
	uint64_t *object = cs;

	env_at = find_register(cs, object, ENV_FROM, ENV_TO, VCPU_RAX);
	if (env_at && find_registers(cs, object + env_at))
		return;
	emulation_say("this QEMU keeps a vCPU's registers elsewhere");
	_exit(1);
}

static struct vcpu *add(void *cs, bool *first)
{
	struct vcpu *vcpu = &vcpus[count];
	uint64_t *env;

	*first = count == 0;
	if (*first)
		find_all(cs);
	env = (uint64_t *)cs + env_at;
	if (count == VCPUS_MOST) {
		emulation_say("this guest has more than %u vCPUs", VCPUS_MOST);
		_exit(1);
	}
	*vcpu = (struct vcpu){
	        .index = count,
	        .cs = cs,
	        .env = env,
	        .reg = env,
	        .rip = env + rip_at,
	        .cr = env + cr_at,
	        .segment = segments(env),
	        /* KVM, sev_es_vcpu_reset, and DR7 after reset */
	        .ghcb = ghcb_msr_version(emulation.options.c_bit),
	        .dr7 = 0x400,
	};
	__atomic_store_n(&count, count + 1, __ATOMIC_RELEASE);
	return vcpu;
}

struct vcpu *vcpu_at(unsigned index)
{
	return index < __atomic_load_n(&count, __ATOMIC_ACQUIRE) ? &vcpus[index] : NULL;
}

struct vcpu *vcpu_known(void *cs)
{
	struct vcpu *vcpu;

	for (unsigned i = 0; (vcpu = vcpu_at(i)) != NULL; i++)
		if (vcpu->cs == cs)
			return vcpu;
	return NULL;
}

struct vcpu *vcpu_enter(void *cs, bool *first)
{
	*first = false;
	if (mine && mine->cs == cs)
		return mine;
	pthread_mutex_lock(&lock);
	mine = vcpu_known(cs);
	if (!mine)
		mine = add(cs, first);
	pthread_mutex_unlock(&lock);
	return mine;
}

struct vcpu *vcpu_of(void *env)
{
	bool first;

	return vcpu_enter((uint64_t *)env - env_at, &first);
}

struct vcpu *vcpu_current(void)
{
	bool first;

	return vcpu_enter(qemu_current_cpu(), &first);
}

size_t vcpu_kept_size(const struct vcpu *vcpu)
{
	return (size_t)((char *)(vcpu->cr + 5) - (char *)vcpu->env);
}

uint64_t vcpu_read(struct vcpu *vcpu, enum vcpu_gdb n)
{
	return read_register(vcpu->cs, (int)n);
}

void vcpu_write(struct vcpu *vcpu, enum vcpu_gdb n, uint64_t value)
{
	write_register(vcpu->cs, (int)n, value);
}

bool vcpu_is_long(struct vcpu *vcpu)
{
	bool can = vcpu->cr[0] & VCPU_CR0_PG && vcpu->cr[4] & VCPU_CR4_PAE;

	/* With paging and PAE on, EFER.LMA does not change: it is asked for once. */
	if (!can)
		vcpu->in_long_mode = false;
	else if (!vcpu->in_long_mode)
		vcpu->in_long_mode = vcpu_read(vcpu, VCPU_EFER) & VCPU_EFER_LMA;
	return vcpu->in_long_mode;
}

unsigned vcpu_cpl(struct vcpu *vcpu)
{
	return (unsigned)(vcpu_read(vcpu, VCPU_CS) & 3);
}

uint32_t vcpu_apic_id(struct vcpu *vcpu)
{
	uint32_t r[4];

	/* CPUID Fn0000_000B EDX: all of it (Linux, parse_topology_leaf in
	 * kernel/cpu/topology_ext.c). */
	qemu.cpu_x86_cpuid(vcpu->env, 0xb, 0, &r[0], &r[1], &r[2], &r[3]);
	return r[3];
}

_Noreturn void vcpu_skip(struct vcpu *vcpu, unsigned length)
{
	*vcpu->rip += length;
	qemu.cpu_loop_exit(vcpu->cs);
	__builtin_unreachable();
}

_Noreturn void vcpu_stop(struct vcpu *vcpu)
{
	vcpu->stopped = true;
	qemu.helper_hlt(vcpu->env);
	__builtin_unreachable();
}
