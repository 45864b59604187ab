/* SPDX-License-Identifier: MIT */
#include "vmrun/qemu/argv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/text.h"
#include "harness/units.h"
#include "vmrun/image/initramfs.h"
#include "vmrun/qemu/words.h"
#include "vmrun/wire/frame.h"

#define MIB (1ULL << 20)

/* What SEV adds. The policies: SEV API specification, table 2; SEV-SNP firmware ABI, table 9. */
static const struct mode {
	bool encrypted;
	const char *policy;
} modes[PLATFORM_LAUNCH_END] = {
        [PLATFORM_NOSEV] = {.encrypted = false},
        [PLATFORM_SEV] = {.encrypted = true, .policy = "0x1"},     /* no debugging */
        [PLATFORM_SEV_ES] = {.encrypted = true, .policy = "0x5"},  /* and encrypted state */
        [PLATFORM_SNP] = {.encrypted = true, .policy = "0x30000"}, /* SMT allowed, reserved-one */
};

#define ENCRYPTED (1U << PLATFORM_SEV | 1U << PLATFORM_SEV_ES | 1U << PLATFORM_SNP)
#define SNP       (1U << PLATFORM_SNP)
#define QEMU_SEV  "QEMU, docs/system/i386/amd-memory-encryption.rst"
#define FORK      "the launch script of github.com/AMDESE/AMDSEV, 2023-03 to 2024-01"

/* Everything below that hangs on the platform, and why it must. Nothing else may. */
static const struct argv_reason reasons[] = {
        {"-machine confidential-guest-support", ENCRYPTED,
         "ties the machine to the object that makes it an encrypted one", QEMU_SEV},
        {"-machine kvm-type", SNP,
         "AMD's fork wants the kind of guest named here; upstream has no such option", FORK},
        {"-object sev0", ENCRYPTED,
         "is SEV itself: sev-guest makes sev and sev-es, sev-snp-guest makes snp", QEMU_SEV},
        {"-object sev0 cbitpos", ENCRYPTED,
         "is where this processor marks an encrypted page in its page tables, and QEMU insists "
         "on it",
         "AMD64 APM volume 3, appendix E, CPUID Fn8000_001F_EBX[5:0]"},
        /* Which its help does not show: findings/hidden-mandatory-property.sh. */
        {"-object sev0 reduced-phys-bits", ENCRYPTED,
         "is by how many bits encryption shortens the guest's addresses, one on every EPYC "
         "whatever the host loses (CPUID Fn8000_001F_EBX[11:6]), and QEMU insists on it",
         "QEMU, qemu-options.hx, sev-guest"},
        {"-object sev0 policy", ENCRYPTED,
         "is what the owner lets the host do; bit 2 of SEV's makes a guest SEV-ES, and SNP has a "
         "layout of its own with a bit that must be one",
         "SEV API specification, table 2; SEV-SNP firmware ABI specification, table 9"},
        {"-object sev0 legacy-vm-type", ENCRYPTED,
         "has KVM make the guest in the old way, for this Linux (before 6.10) has no type for it, "
         "which QEMU may insist on from 9.1 on",
         "QEMU, qapi/qom.json, SevGuestProperties"},
        {"-object sev0 discard", SNP, "is what AMD's launch script gives this object of its fork",
         FORK},
        {"-object ram1", SNP,
         "is a shared memfd under SNP, whose private pages come from elsewhere (guest_memfd, or "
         "the fork's own backend)",
         "Linux, Documentation/virt/kvm/api.rst, KVM_CREATE_GUEST_MEMFD; " FORK},
        {"-plugin", ENCRYPTED, "is the emulated SEV processor, in the place of a real one",
         "vmrun/emulate/README.md"},
        {"-object ram1 share", SNP, "goes with that backend",
         "Linux, Documentation/virt/kvm/api.rst, KVM_CREATE_GUEST_MEMFD"},
        {"-object ram1 prealloc", SNP,
         "would allocate pages that an SNP guest does not use: this backend holds its shared ones "
         "only, and the private ones are allocated while the guest accepts them",
         "Linux, Documentation/virt/kvm/api.rst, KVM_CREATE_GUEST_MEMFD"},
};

const struct argv_reason *argv_reason(const char *where, const enum platform platform[2])
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		const struct argv_reason *r = &reasons[i];

		if (!strcmp(r->where, where) &&
		    (r->platforms & (1U << platform[0] | 1U << platform[1])))
			return r;
	}
	return NULL;
}

/* QEMU splits option values at commas; a doubled comma stands for one. NULL: no memory. */
static char *double_commas(const char *text)
{
	char *out = malloc(2 * strlen(text) + 1), *to = out;

	if (!out)
		return NULL;
	for (; *text; text++) {
		if (*text == ',')
			*to++ = ',';
		*to++ = *text;
	}
	*to = '\0';
	return out;
}

static int check_memory(const struct argv_plan *plan, struct err *e)
{
	static const uint64_t page[] = {
	        [MEM_4K] = MIB,
	        [MEM_THP] = 2 * MIB,
	        [MEM_2M] = 2 * MIB,
	        [MEM_1G] = 1024 * MIB,
	};
	char size[UNITS_TEXT], step[UNITS_TEXT];

	if (plan->memory == 0 || plan->memory % page[plan->backing] != 0)
		return err_set(e, EINVAL, "guest memory of %s is not a multiple of %s",
		               units_size(plan->memory, size),
		               units_size(page[plan->backing], step));
	return 0;
}

int argv_check(const struct argv_plan *plan, struct err *e)
{
	const struct dialect *d = plan->qemu->dialect;
	const char *name = platform_name(plan->platform);

	if (!platform_launched(plan->platform))
		return err_set(e, EINVAL, "%s is no guest to launch; use nosev, sev, sev-es or snp",
		               name);
	if (check_memory(plan, e))
		return -EINVAL;
	if (!modes[plan->platform].encrypted)
		return 0;
	if (!plan->firmware)
		return err_set(
		        e, EINVAL,
		        "%s needs OVMF as its firmware: QEMU's own (SeaBIOS) cannot start an "
		        "encrypted guest",
		        name);
	if (plan->plugin)
		return 0;
	if (plan->accel != ACCEL_KVM)
		return err_set(e, ENOTSUP, "%s needs KVM: QEMU's software emulation cannot encrypt",
		               name);
	if (!d->sev_object)
		return err_set(e, ENOTSUP, "%s was built without SEV (no sev-guest object)",
		               plan->qemu->path);
	if (plan->platform == PLATFORM_SNP && !d->snp_object)
		return err_set(e, ENOTSUP, "QEMU %u.%u has no sev-snp-guest: it came with QEMU 9.1",
		               plan->qemu->major, plan->qemu->minor);
	return 0;
}

/*
 * A shared memfd, as SNP wants it. Only transparent huge pages need anonymous memory: QEMU maps a
 * memfd at an address that is aligned to 4 KiB, where Linux cannot map larger pages (tried on QEMU
 * 7.2 and 10: findings/memfd-misses-huge-pages.sh).
 */
static const char *memory_type(const struct argv_plan *plan)
{
	const struct dialect *d = plan->qemu->dialect;

	if (plan->platform == PLATFORM_SNP && !plan->plugin)
		return d->snp_memory;
	return plan->backing == MEM_THP ? "memory-backend-ram,share=off" : d->memory;
}

/*
 * Guest memory. Preallocated under KVM, so that no benchmark in the guest pays for the host's first
 * touch; but not under SNP, where this backend holds the shared pages only and the private ones are
 * allocated while the guest accepts them at boot. Emulation times nothing, and boots sooner
 * without.
 */
static void add_memory(struct words *w, const struct argv_plan *plan)
{
	static const char *const huge[] = {
	        [MEM_4K] = "",
	        [MEM_THP] = "",
	        [MEM_2M] = ",hugetlb=on,hugetlbsize=2M",
	        [MEM_1G] = ",hugetlb=on,hugetlbsize=1G",
	};
	bool prealloc = plan->accel == ACCEL_KVM && plan->platform != PLATFORM_SNP;
	unsigned long long mib = plan->memory / MIB;
	char bind[64] = "";

	if (plan->node >= 0)
		snprintf(bind, sizeof(bind), ",policy=bind,host-nodes=%d", plan->node);
	words_add_option(w, "object", "%s,id=ram1,size=%lluM,prealloc=%s%s%s", memory_type(plan),
	                 mib, prealloc ? "on" : "off", huge[plan->backing], bind);
	words_add_option(w, "m", "%lluM", mib);
}

/*
 * The machine: nothing that no guest of ours uses (AHCI, SMBus, the PS/2 controller, whose probing
 * costs part of a second), and no SMM, which SEV-ES and SNP cannot have.
 */
static void add_machine(struct words *w, const struct argv_plan *plan)
{
	const struct dialect *d = plan->qemu->dialect;
	const struct mode *mode = &modes[plan->platform];
	bool snp = plan->platform == PLATFORM_SNP, sev = mode->encrypted && !plan->plugin;
	const char *options = snp ? d->snp_options : plan->legacy_type ? d->sev_legacy : NULL;

	words_add_option(w, "machine",
	                 "q35,vmport=off,smm=off,sata=off,smbus=off,i8042=off,dump-guest-core=off,"
	                 "memory-backend=ram1%s%s",
	                 sev ? ",confidential-guest-support=sev0" : "",
	                 snp && sev ? d->snp_machine : "");
	add_memory(w, plan);
	if (sev)
		words_add_option(w, "object",
		                 "%s,id=sev0,cbitpos=%u,reduced-phys-bits=1,policy=%s%s",
		                 snp ? d->snp_object : d->sev_object, plan->cbit, mode->policy,
		                 options ? options : "");
}

/*
 * The last step: a guest whose SEV is emulated is a plain one to QEMU, with a plugin in its
 * processor. `directory` has its commas doubled.
 */
static void add_emulation(struct words *w, const struct argv_plan *plan, const char *directory)
{
	static const char *const names[] = {
	        [PLATFORM_SEV] = "sev", [PLATFORM_SEV_ES] = "sev-es", [PLATFORM_SNP] = "snp"};

	if (plan->plugin)
		words_add_option(w, "plugin", "%s,mode=%s,cbit=%u,counters=%s/%s%s%s%s",
		                 plan->plugin, names[plan->platform], plan->cbit, directory,
		                 ARGV_COUNTERS, plan->trace ? ",trace=" : "",
		                 plan->trace ? directory : "", plan->trace ? "/" ARGV_TRACE : "");
}

/* A socket that vmrun listens on, in the private directory. */
static void add_socket(struct words *w, const char *id, const char *directory, const char *name)
{
	words_add_option(w, "chardev", "socket,id=%s,path=%s/%s", id, directory, name);
}

/*
 * Devices at fixed addresses, the same for every platform. An encrypted guest's virtio must go
 * through the platform's DMA (iommu_platform), which only modern devices can; so all do.
 */
static void add_devices(struct words *w, const char *directory)
{
	add_socket(w, "qmp", directory, ARGV_QMP);
	/* Not -mon: QEMU 11.1 warns of it, and 10.0 knows nothing of what it names instead, -object
	 * monitor-qmp. This one is taken in silence by 7.2, 10.0 and 11.1 (tried). */
	words_add_option(w, "qmp", "chardev:qmp");
	add_socket(w, "console", directory, ARGV_CONSOLE);
	words_add_option(w, "serial", "chardev:console");
	words_add_option(w, "device", "pci-testdev,addr=03.0");
	words_add_option(w, "device",
	                 "virtio-serial-pci,id=serial0,addr=04.0,max_ports=2,disable-legacy=on,"
	                 "iommu_platform=on");
	add_socket(w, "port", directory, ARGV_PORT);
	words_add_option(w, "device", "virtserialport,bus=serial0.0,nr=1,chardev=port,name=%s",
	                 FRAME_PORT_NAME);
}

/* The pools of huge pages (Linux, Documentation/admin-guide/mm/hugetlbpage.rst), the large first.
 */
#define HUGE_WORDS 96
static void huge_words(const struct argv_plan *plan, char words[HUGE_WORDS])
{
	words[0] = '\0';
	if (plan->huge_1g)
		text_add(words, HUGE_WORDS, " hugepagesz=1G hugepages=%u", plan->huge_1g);
	if (plan->huge_2m)
		text_add(words, HUGE_WORDS, " hugepagesz=2M hugepages=%u", plan->huge_2m);
}

int argv_build(const struct argv_plan *plan, char ***argv, struct err *e)
{
	struct words w = {0};
	unsigned threads = plan->core_threads ? plan->core_threads : 1;
	char *directory, huge[HUGE_WORDS];
	int rc = argv_check(plan, e);

	if (rc)
		return rc;
	directory = double_commas(plan->directory);
	if (!directory)
		return err_set(e, ENOMEM, "no memory for QEMU's command line");
	words_add(&w, "%s", plan->qemu->path);
	words_add(&w, "-nodefaults");
	words_add(&w, "-no-user-config");
	words_add_option(&w, "display", "none");
	/* Also for an encrypted guest, which QEMU before 11 could not reset, and 11 can. */
	words_add(&w, "-no-reboot");
	words_add(&w, "-S");
	words_add_option(&w, "name", "sevbench,debug-threads=on");
	words_add_option(&w, "sandbox",
	                 "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
	words_add_option(&w, "accel", "%s", accel_name(plan->accel));
	add_machine(&w, plan);
	words_add_option(&w, "smp", "%u,sockets=1,cores=%u,threads=%u", plan->vcpus,
	                 plan->vcpus / threads, threads);
	words_add_option(&w, "cpu", "%s", plan->cpu_model);
	if (plan->firmware)
		words_add_option(&w, "bios", "%s", plan->firmware);
	words_add_option(&w, "kernel", "%s", plan->kernel);
	words_add_option(&w, "initrd", "%s/%s", plan->directory, ARGV_INITRAMFS);
	huge_words(plan, huge);
	words_add_option(&w, "append", "%s%s%s%s%s", INITRAMFS_KERNEL_WORDS,
	                 plan->emulated             ? " " INITRAMFS_EMULATED_WORDS
	                 : plan->accel == ACCEL_TCG ? " " INITRAMFS_TCG_WORDS
	                                            : "",
	                 huge, plan->append ? " " : "", plan->append ? plan->append : "");
	add_devices(&w, directory);
	add_emulation(&w, plan, directory);
	free(directory);
	if (w.failed) {
		argv_free(w.at);
		return err_set(e, ENOMEM, "no memory for QEMU's command line");
	}
	*argv = w.at;
	return 0;
}

void argv_free(char **argv)
{
	for (char **word = argv; word && *word; word++)
		free(*word);
	free(argv);
}

char *argv_quote(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                            "0123456789_-+=.,:/@%";
	char *out, *to;

	if (*word && word[strspn(word, plain)] == '\0')
		return strdup(word);
	out = malloc(4 * strlen(word) + 3);
	if (!out)
		return NULL;
	to = out;
	*to++ = '\'';
	for (; *word; word++) {
		if (*word == '\'')
			to = stpcpy(to, "'\\'");
		*to++ = *word;
	}
	stpcpy(to, "'");
	return out;
}
