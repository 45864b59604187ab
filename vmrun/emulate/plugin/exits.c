/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/exits.h"

#include <stddef.h>
#include <string.h>

#include "vmrun/emulate/ghcb.h"
#include "vmrun/emulate/ghcb_msr.h"
#include "vmrun/emulate/msrs.h"
#include "vmrun/emulate/plugin/ap.h"
#include "vmrun/emulate/plugin/emulation.h"
#include "vmrun/emulate/plugin/leaf.h"
#include "vmrun/emulate/plugin/memory.h"
#include "vmrun/emulate/plugin/msr.h"
#include "vmrun/emulate/plugin/qemu.h"
#include "vmrun/emulate/plugin/secure.h"
#include "vmrun/emulate/plugin/state.h"
#include "vmrun/emulate/plugin/vc.h"
#include "vmrun/emulate/psc.h"
#include "vmrun/emulate/request.h"
#include "vmrun/emulate/words.h"

/* Bytes of the page that an answer may change: all before the shared buffer. */
#define SAVED GHCB_SHARED
/* KVM's limit of a buffer (GHCB_SCRATCH_AREA_LIMIT in arch/x86/kvm/svm/sev.c) */
#define SCRATCH_MOST 0x10000u

/* Linux, arch/x86/include/uapi/asm/kvm_para.h and include/uapi/linux/kvm_para.h */
#define KVM_POLL_IRQ 1u
#define KVM_ENOSYS   1000u
#define KVM_EPERM    1u

/* An exit being handled. */
struct request {
	struct vcpu *vcpu;
	uint64_t address; /* of the page */
	uint8_t page[GHCB_SIZE];
	uint64_t code, info1, info2, scratch;
	bool has_rax, has_rbx; /* for what needs them only sometimes */
	unsigned length;
};

static uint64_t features(void)
{
	return emulation.snp ? GHCB_MSR_FEATURE_SNP | GHCB_MSR_FEATURE_AP : 0;
}

static _Noreturn void terminate(struct vcpu *vcpu, unsigned set, unsigned code)
{
	struct counters *c = emulation.counters;

	if (__atomic_fetch_add(&c->terminations, 1, __ATOMIC_RELAXED) == 0) {
		c->termination_set = set;
		c->termination_code = code;
		emulation_say("the guest at %#llx ends itself, reason %u:%u: %s",
		              (unsigned long long)*vcpu->rip, set, code,
		              words_termination(set, code));
		emulation_trace("%u terminate %u:%u", vcpu->index, set, code);
	}
	vc_end(vcpu);
}

static uint32_t port_in(unsigned size, uint32_t port)
{
	return size == 1 ? qemu.cpu_inb(port) : size == 2 ? qemu.cpu_inw(port) : qemu.cpu_inl(port);
}

static void port_out(unsigned size, uint32_t port, uint32_t value)
{
	if (size == 1)
		qemu.cpu_outb(port, (uint8_t)value);
	else if (size == 2)
		qemu.cpu_outw(port, (uint16_t)value);
	else
		qemu.cpu_outl(port, value);
}

/* Does the scratch area lie where it may, all of it in memory? */
static bool area_good(const struct request *r, uint64_t size)
{
	return ghcb_scratch_good(r->address, r->scratch, size) && memory_are_ram(r->scratch, size);
}

static enum ghcb_error do_string(struct request *r, const struct ghcb_io *io)
{
	uint64_t count = r->info2;

	if (count > SCRATCH_MOST / io->size || !area_good(r, count * io->size))
		return GHCB_INVALID_SCRATCH;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t at = r->scratch + i * io->size;
		uint32_t value = 0;

		if (io->in) {
			value = port_in(io->size, io->port);
			memory_write(at, &value, io->size);
		} else {
			memory_read(at, &value, io->size);
			port_out(io->size, io->port, value);
		}
	}
	return GHCB_GOOD;
}

static enum ghcb_error do_io(struct request *r)
{
	struct ghcb_io io;

	if (!ghcb_io(r->info1, &io))
		return GHCB_INVALID_INPUT;
	if (io.string)
		return do_string(r, &io);
	if (io.in)
		ghcb_set(r->page, GHCB_RAX, port_in(io.size, io.port));
	else
		port_out(io.size, io.port, (uint32_t)ghcb_get(r->page, GHCB_RAX));
	return GHCB_GOOD;
}

/* A write to the APIC that QEMU shall not see. */
static bool is_init(const struct request *r, const uint8_t data[8])
{
	uint32_t value;

	memcpy(&value, data, sizeof(value));
	return r->info2 == sizeof(value) && ap_command_page(r->vcpu, r->info1, value);
}

static enum ghcb_error do_mmio(struct request *r)
{
	uint8_t data[8];

	if (r->info2 == 0 || r->info2 > sizeof(data) || !area_good(r, r->info2))
		return GHCB_INVALID_SCRATCH;
	if (r->code == EXIT_MMIO_READ) {
		memory_read(r->info1, data, r->info2);
		memory_write(r->scratch, data, r->info2);
	} else {
		memory_read(r->scratch, data, r->info2);
		if (!is_init(r, data))
			memory_write(r->info1, data, r->info2);
	}
	return GHCB_GOOD;
}

static void do_cpuid(struct request *r)
{
	static const unsigned to[4] = {GHCB_RAX, GHCB_RBX, GHCB_RCX, GHCB_RDX};
	uint32_t answer[4];

	leaf_answer(r->vcpu->env, (uint32_t)ghcb_get(r->page, GHCB_RAX),
	            (uint32_t)ghcb_get(r->page, GHCB_RCX), answer);
	for (int i = 0; i < 4; i++)
		ghcb_set(r->page, to[i], answer[i]);
}

/* False: the guest shall get #GP. */
static bool do_msr(struct request *r)
{
	uint32_t index = (uint32_t)ghcb_get(r->page, GHCB_RCX);
	uint64_t value;

	if (r->info1) {
		value = (uint32_t)ghcb_get(r->page, GHCB_RAX) | ghcb_get(r->page, GHCB_RDX) << 32;
		if (index == MSRS_X2APIC_ICR && ap_command(r->vcpu, value))
			return true;
		return msr_write(r->vcpu, index, value);
	}
	if (!msr_read(r->vcpu, index, &value))
		return false;
	ghcb_set(r->page, GHCB_RAX, (uint32_t)value);
	ghcb_set(r->page, GHCB_RDX, value >> 32);
	return true;
}

/* KVM intercepts neither, and a guest that sends one on ends there; here it gets the counter. */
static void do_tsc(struct request *r)
{
	uint64_t value = qemu.cpu_get_tsc(r->vcpu->env);

	ghcb_set(r->page, GHCB_RAX, (uint32_t)value);
	ghcb_set(r->page, GHCB_RDX, value >> 32);
	if (r->code == EXIT_RDTSCP && msr_read(r->vcpu, MSRS_TSC_AUX, &value))
		ghcb_set(r->page, GHCB_RCX, (uint32_t)value);
}

/* As KVM: nothing for user mode, one call that does nothing, and the rest is not known. */
static void do_hypercall(struct request *r)
{
	uint64_t call = ghcb_get(r->page, GHCB_RAX), answer = -(uint64_t)KVM_ENOSYS;

	if (ghcb_get(r->page, GHCB_CPL) != 0)
		answer = -(uint64_t)KVM_EPERM;
	else if (call == KVM_POLL_IRQ)
		answer = 0;
	ghcb_set(r->page, GHCB_RAX, answer);
}

/* The first bytes of the page, with the answer in them. */
static void answer(struct request *r, uint64_t info1, uint64_t info2)
{
	ghcb_set(r->page, GHCB_EXITINFO1, info1);
	ghcb_set(r->page, GHCB_EXITINFO2, info2);
	memory_write(r->address, r->page, SAVED);
}

static void answer_error(struct request *r, enum ghcb_error error)
{
	if (emulation_is_new(&emulation.counters->vmgexit_unknown))
		emulation_say("the guest's exit %#llx (%s) with %#llx and %#llx is answered with "
		              "error %u",
		              (unsigned long long)r->code, words_exit(r->code),
		              (unsigned long long)r->info1, (unsigned long long)r->info2, error);
	answer(r, GHCB_ANSWER_ERROR, error);
}

static enum ghcb_error do_jump_table(struct request *r, uint64_t *info2)
{
	static uint64_t table; /* the guest's, for all vCPUs */

	if (r->info1 == 0)
		__atomic_store_n(&table, r->info2, __ATOMIC_RELEASE);
	else if (r->info1 == 1)
		*info2 = __atomic_load_n(&table, __ATOMIC_ACQUIRE);
	else
		return GHCB_INVALID_INPUT;
	return GHCB_GOOD;
}

static enum ghcb_error do_page_state(struct request *r, uint64_t *info2)
{
	/* The header and all entries that there may be. */
	if (!area_good(r, PSC_HEADER_SIZE + (uint64_t)PSC_ENTRIES * PSC_ENTRY_SIZE))
		return GHCB_INVALID_SCRATCH;
	*info2 = state_change_list(r->vcpu, r->scratch);
	return GHCB_GOOD;
}

/* A vCPU that waits for its start: its answer is there before, and says that it was not started. */
static _Noreturn void hold(struct request *r)
{
	answer(r, GHCB_ANSWER_DONE, 0);
	ap_hold(r->vcpu, r->address, r->length);
}

/*
 * As KVM without certificates (snp_handle_ext_guest_req): beside a report their table, at RAX, is
 * its end alone, 24 bytes of zeros.
 */
static enum ghcb_error do_extended(struct request *r, uint64_t *info2)
{
	static const uint8_t end[24];
	uint64_t table = ghcb_get(r->page, GHCB_RAX);
	uint8_t type;

	if (!memory_are_ram(r->info1, sizeof(struct request_message)))
		return GHCB_INVALID_INPUT;
	memory_read(r->info1 + offsetof(struct request_message, type), &type, sizeof(type));
	if (type == REQUEST_REPORT) {
		if (!r->has_rax || !r->has_rbx || table & 0xfff ||
		    !memory_are_ram(table, sizeof(end)))
			return GHCB_INVALID_INPUT;
		if (ghcb_get(r->page, GHCB_RBX))
			memory_write(table, end, sizeof(end));
	}
	return secure_request(r->info1, r->info2, info2);
}

/* The guest has no answer to a #VC. KVM ends it (KVM_RUN fails). */
static _Noreturn void give_up(struct request *r)
{
	emulation_say("the guest gives up: it has no answer to #VC %#llx (%s)",
	              (unsigned long long)r->info1, words_exit(r->info1));
	vc_end(r->vcpu);
}

static enum ghcb_error do_software(struct request *r, uint64_t *info2)
{
	switch (r->code) {
	case EXIT_MMIO_READ:
	case EXIT_MMIO_WRITE:
		return do_mmio(r);
	case EXIT_AP_HOLD:
		hold(r);
	case EXIT_JUMP_TABLE:
		return do_jump_table(r, info2);
	case EXIT_PAGE_STATE:
		return do_page_state(r, info2);
	case EXIT_AP_CREATE:
		return ap_request(r->vcpu, r->info1, r->info2, ghcb_get(r->page, GHCB_RAX))
		               ? GHCB_GOOD
		               : GHCB_INVALID_INPUT;
	case EXIT_GUEST_REQUEST:
		return secure_request(r->info1, r->info2, info2);
	case EXIT_EXTENDED_REQUEST:
		return do_extended(r, info2);
	case EXIT_FEATURES:
		*info2 = features();
		return GHCB_GOOD;
	case EXIT_TERMINATE:
		terminate(r->vcpu, (unsigned)(r->info1 & 0xf), (unsigned)(r->info1 >> 4 & 0xff));
	case EXIT_NMI_COMPLETE:
		return GHCB_GOOD;
	case EXIT_UNSUPPORTED:
		give_up(r);
	default:
		return GHCB_INVALID_EVENT;
	}
}

static void do_request(struct request *r)
{
	uint64_t info2 = 0;
	enum ghcb_error error = GHCB_GOOD;

	switch (r->code) {
	case EXIT_CPUID:
		do_cpuid(r);
		break;
	case EXIT_IOIO:
		error = do_io(r);
		break;
	case EXIT_MSR:
		if (!do_msr(r)) {
			answer(r, GHCB_ANSWER_EXCEPTION, GHCB_RAISE_GP);
			return;
		}
		break;
	case EXIT_VMMCALL:
		do_hypercall(r);
		break;
	case EXIT_RDPMC: /* KVM without a virtual PMU (kvm_pmu_rdpmc) */
		answer(r, GHCB_ANSWER_EXCEPTION, GHCB_RAISE_GP);
		return;
	case EXIT_RDTSC:
	case EXIT_RDTSCP:
		do_tsc(r);
		break;
	case EXIT_DR7_READ:
		ghcb_set(r->page, GHCB_RAX, r->vcpu->dr7);
		break;
	case EXIT_DR7_WRITE:
		r->vcpu->dr7 = ghcb_get(r->page, GHCB_RAX);
		break;
	case EXIT_WBINVD:
	case EXIT_INVD:
	case EXIT_MONITOR: /* KVM does nothing for these two (kvm_emulate_monitor_mwait) */
	case EXIT_MWAIT:
		break;
	default:
		error = do_software(r, &info2);
	}
	if (error)
		answer_error(r, error);
	else
		answer(r, GHCB_ANSWER_DONE, info2);
}

static void count(const struct request *r)
{
	struct counters *c = emulation.counters;
	int software = counters_software(r->code);

	if (software >= 0)
		emulation_count_at(c->vmgexit_software, COUNTERS_SOFTWARE, (uint64_t)software);
	else
		emulation_count_at(c->vmgexit, COUNTERS_HARDWARE, r->code);
	emulation_trace("%u exit %#llx %s %#llx %#llx", r->vcpu->index, (unsigned long long)r->code,
	                words_exit(r->code), (unsigned long long)r->info1,
	                (unsigned long long)r->info2);
}

/* Without a GHCB there is no answer: the guest goes on, as with KVM (sev_handle_vmgexit). */
static bool is_there(struct vcpu *vcpu, uint64_t address)
{
	static uint64_t missing;

	if (memory_are_ram(address, GHCB_SIZE))
		return true;
	if (emulation_is_new(&missing))
		emulation_say("the guest at %#llx has its GHCB at %#llx, where there is no memory: "
		              "it is not answered",
		              (unsigned long long)*vcpu->rip, (unsigned long long)address);
	return false;
}

/* The hypervisor can read shared memory alone. */
static void check_page(struct vcpu *vcpu, uint64_t address)
{
	if (!emulation.snp || emulation.options.check == CHECK_OFF ||
	    pages_state(&emulation.pages, address) == PAGES_SHARED)
		return;
	emulation_count(&emulation.counters->wrong_private, 1);
	if (!emulation.enforce)
		return;
	emulation_say(
	        "the guest at %#llx has its GHCB at %#llx, which is a private page: the hypervisor "
	        "could not read it",
	        (unsigned long long)*vcpu->rip, (unsigned long long)address);
	vc_end(vcpu);
}

void exits_page(struct vcpu *vcpu, unsigned length)
{
	struct request r = {.vcpu = vcpu, .address = vcpu->ghcb, .length = length};
	enum ghcb_error error;

	if (!is_there(vcpu, r.address))
		return;
	check_page(vcpu, r.address);
	memory_read(r.address, r.page, sizeof(r.page));
	r.code = ghcb_get(r.page, GHCB_EXITCODE);
	r.info1 = ghcb_get(r.page, GHCB_EXITINFO1);
	r.info2 = ghcb_get(r.page, GHCB_EXITINFO2);
	r.scratch = ghcb_get(r.page, GHCB_SCRATCH);
	count(&r);
	r.has_rax = ghcb_is_valid(r.page, GHCB_RAX);
	r.has_rbx = ghcb_is_valid(r.page, GHCB_RBX);
	error = ghcb_check(r.page, emulation.snp);
	if (!error && emulation.snp && vcpu->registered != r.address)
		error = GHCB_NOT_REGISTERED;
	ghcb_clear_valid(r.page);
	if (error)
		answer_error(&r, error);
	else
		do_request(&r);
}

static uint64_t answer_cpuid(struct vcpu *vcpu, uint64_t value)
{
	struct ghcb_msr_cpuid ask = ghcb_msr_cpuid(value);
	uint32_t r[4];

	leaf_answer(vcpu->env, ask.leaf, 0, r);
	return ghcb_msr_cpuid_answer(ask.reg, r[ask.reg]);
}

static uint64_t answer_state(struct vcpu *vcpu, uint64_t value)
{
	bool done = state_change(vcpu, ghcb_msr_state_page(value), ghcb_msr_state_operation(value),
	                         false);

	return ghcb_msr_state_answer(done ? 0 : 1);
}

/* Requests that a guest of SNP alone may make end another one, as with KVM. */
static bool is_for_snp(unsigned info)
{
	return info == GHCB_MSR_PREFERRED_REQUEST || info == GHCB_MSR_REGISTER_REQUEST ||
	       info == GHCB_MSR_STATE_REQUEST;
}

void exits_msr(struct vcpu *vcpu, unsigned length)
{
	uint64_t v = vcpu->ghcb;
	unsigned info = ghcb_msr_info(v);

	emulation_count_at(emulation.counters->vmgexit_msr, COUNTERS_MSR, info);
	emulation_trace("%u msr %#llx", vcpu->index, (unsigned long long)v);
	if (is_for_snp(info) && !emulation.snp) {
		emulation_say("the guest at %#llx makes request %#x of SNP, which it is not",
		              (unsigned long long)*vcpu->rip, info);
		vc_end(vcpu);
	}
	switch (info) {
	case GHCB_MSR_INFO_REQUEST:
		vcpu->ghcb = ghcb_msr_version(emulation.options.c_bit);
		break;
	case GHCB_MSR_CPUID_REQUEST:
		vcpu->ghcb = answer_cpuid(vcpu, v);
		break;
	case GHCB_MSR_HOLD_REQUEST:
		vcpu->ghcb = GHCB_MSR_HOLD_RESPONSE;
		ap_hold(vcpu, 0, length);
	case GHCB_MSR_PREFERRED_REQUEST:
		vcpu->ghcb = ghcb_msr_preferred_answer();
		break;
	case GHCB_MSR_REGISTER_REQUEST:
		vcpu->registered = v & ~0xfffull;
		vcpu->ghcb = ghcb_msr_register_answer(v);
		break;
	case GHCB_MSR_STATE_REQUEST:
		vcpu->ghcb = answer_state(vcpu, v);
		break;
	case GHCB_MSR_FEATURES_REQUEST:
		vcpu->ghcb = ghcb_msr_features_answer(features());
		break;
	case GHCB_MSR_TERMINATE:
		terminate(vcpu, ghcb_msr_reason_set(v), ghcb_msr_reason_code(v));
	default:
		/* KVM leaves the register as it is. */
		if (emulation_is_new(&emulation.counters->vmgexit_msr_unknown))
			emulation_say("the guest's request %#llx in the GHCB MSR is not known",
			              (unsigned long long)v);
	}
}
