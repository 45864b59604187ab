/* SPDX-License-Identifier: MIT */
#include "vmrun/qemu/argv.h"

#include <errno.h>

#include "tests/cmocka.h"
#include "vmrun/image/initramfs.h"

/* What the binaries of each kind print for -object help, shortened. */
#define OBJECTS_7_2                                                                                \
	"List of user creatable objects:\n  iothread\n  memory-backend-memfd\n  sev-guest\n"
#define OBJECTS_9_1  OBJECTS_7_2 "  sev-snp-guest\n"
#define OBJECTS_AMD  OBJECTS_9_1 "  memory-backend-memfd-private\n"
#define OBJECTS_BARE "List of user creatable objects:\n  iothread\n  memory-backend-memfd\n"

struct fixture {
	struct qemu qemu;
	struct argv_plan plan;
	struct err e;
};

static void make(struct fixture *f, const char *objects, enum platform platform, enum accel accel)
{
	memset(f, 0, sizeof(*f));
	f->qemu = (struct qemu){.path = "/usr/bin/qemu-system-x86_64",
	                        .major = 10,
	                        .dialect = dialect_choose(objects)};
	f->plan = (struct argv_plan){.qemu = &f->qemu,
	                             .platform = platform,
	                             .accel = accel,
	                             .firmware = "/usr/share/ovmf/OVMF.fd",
	                             .kernel = "/boot/vmlinuz",
	                             .cpu_model = accel == ACCEL_KVM ? "host" : "max",
	                             .memory = 1ULL << 30,
	                             .backing = MEM_4K,
	                             .vcpus = 2,
	                             .node = -1,
	                             .cbit = 51,
	                             .directory = "/tmp/d"};
}

/* One option with its value a line, as `vmrun argv` shows them. */
static char *joined(struct fixture *f)
{
	char **argv, *text;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(argv_build(&f->plan, &argv, &f->e), 0);
	for (size_t i = 0; argv[i]; i++)
		fprintf(out, "%s%s", i == 0 ? "" : argv[i][0] == '-' ? "\n" : " ", argv[i]);
	fclose(out);
	argv_free(argv);
	return text;
}

#define HEAD(accel)                                                                                \
	"/usr/bin/qemu-system-x86_64\n"                                                            \
	"-nodefaults\n"                                                                            \
	"-no-user-config\n"                                                                        \
	"-display none\n"                                                                          \
	"-no-reboot\n"                                                                             \
	"-S\n"                                                                                     \
	"-name sevbench,debug-threads=on\n"                                                        \
	"-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny\n"       \
	"-accel " accel "\n"
#define MACHINE                                                                                    \
	"-machine q35,vmport=off,smm=off,sata=off,smbus=off,i8042=off,dump-guest-core=off,"        \
	"memory-backend=ram1"
#define TAIL_WORDS(model, words)                                                                   \
	"-smp 2,sockets=1,cores=2,threads=1\n"                                                     \
	"-cpu " model "\n"                                                                         \
	"-bios /usr/share/ovmf/OVMF.fd\n"                                                          \
	"-kernel /boot/vmlinuz\n"                                                                  \
	"-initrd /tmp/d/initramfs.cpio\n"                                                          \
	"-append " INITRAMFS_KERNEL_WORDS words "\n"                                               \
	"-chardev socket,id=qmp,path=/tmp/d/qmp.sock\n"                                            \
	"-qmp chardev:qmp\n"                                                                       \
	"-chardev socket,id=console,path=/tmp/d/console.sock\n"                                    \
	"-serial chardev:console\n"                                                                \
	"-device pci-testdev,addr=03.0\n"                                                          \
	"-device virtio-serial-pci,id=serial0,addr=04.0,max_ports=2,disable-legacy=on,"            \
	"iommu_platform=on\n"                                                                      \
	"-chardev socket,id=port,path=/tmp/d/port.sock\n"                                          \
	"-device virtserialport,bus=serial0.0,nr=1,chardev=port,name=sevbench.0"
#define TAIL(model) TAIL_WORDS(model, "")
#define MEMORY(prealloc)                                                                           \
	"-object memory-backend-memfd,share=on,id=ram1,size=1024M,prealloc=" prealloc "\n"         \
	"-m 1024M\n"
#define CGS ",confidential-guest-support=sev0"

static const struct {
	const char *objects;
	enum platform platform;
	enum accel accel;
	const char *expected;
} golden[] = {
        {OBJECTS_7_2, PLATFORM_NOSEV, ACCEL_TCG,
         HEAD("tcg") MACHINE "\n" MEMORY("off") TAIL_WORDS("max", " " INITRAMFS_TCG_WORDS)},
        {OBJECTS_7_2, PLATFORM_NOSEV, ACCEL_KVM,
         HEAD("kvm") MACHINE "\n" MEMORY("on") TAIL("host")},
        {OBJECTS_7_2, PLATFORM_SEV, ACCEL_KVM,
         HEAD("kvm") MACHINE CGS
         "\n" MEMORY("on") "-object "
                           "sev-guest,id=sev0,cbitpos=51,reduced-phys-bits=1,policy=0x1\n" TAIL(
                                   "host")},
        {OBJECTS_9_1, PLATFORM_SEV_ES, ACCEL_KVM,
         HEAD("kvm") MACHINE CGS
         "\n" MEMORY("on") "-object "
                           "sev-guest,id=sev0,cbitpos=51,reduced-phys-bits=1,policy=0x5\n" TAIL(
                                   "host")},
        {OBJECTS_9_1, PLATFORM_SNP, ACCEL_KVM,
         HEAD("kvm") MACHINE CGS
         "\n" MEMORY("off") "-object "
                            "sev-snp-guest,id=sev0,cbitpos=51,reduced-phys-bits=1,policy="
                            "0x30000\n" TAIL("host")},
        {OBJECTS_AMD, PLATFORM_SNP, ACCEL_KVM,
         HEAD("kvm") MACHINE CGS
         ",kvm-type=protected\n"
         "-object memory-backend-memfd-private,share=on,id=ram1,size=1024M,prealloc=off\n"
         "-m 1024M\n"
         "-object "
         "sev-snp-guest,id=sev0,cbitpos=51,reduced-phys-bits=1,policy=0x30000,discard=none\n" TAIL(
                 "host")},
        {OBJECTS_AMD, PLATFORM_NOSEV, ACCEL_KVM,
         HEAD("kvm") MACHINE "\n" MEMORY("on") TAIL("host")},
};

static void test_golden(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(golden) / sizeof(golden[0]); i++) {
		struct fixture f;
		char *text;

		make(&f, golden[i].objects, golden[i].platform, golden[i].accel);
		text = joined(&f);
		assert_string_equal(text, golden[i].expected);
		free(text);
	}
}

/* A KVM that makes such guests without having a type for them: QEMU has to be told from 9.1 on. */
static void test_legacy_type(void **state)
{
	static const struct {
		const char *objects;
		enum platform platform;
		const char *last; /* the last option of -object sev0, or of the machine */
	} rows[] = {
	        {OBJECTS_7_2, PLATFORM_SEV, ",policy=0x1\n"},
	        {OBJECTS_9_1, PLATFORM_SEV, ",policy=0x1,legacy-vm-type=on\n"},
	        {OBJECTS_9_1, PLATFORM_SEV_ES, ",policy=0x5,legacy-vm-type=on\n"},
	        {OBJECTS_9_1, PLATFORM_SNP, ",policy=0x30000\n"},
	        {OBJECTS_9_1, PLATFORM_NOSEV, ",memory-backend=ram1\n"},
	        {OBJECTS_AMD, PLATFORM_SEV, ",policy=0x1\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture f;
		char *text;

		make(&f, rows[i].objects, rows[i].platform, ACCEL_KVM);
		f.plan.legacy_type = true;
		text = joined(&f);
		if (!strstr(text, rows[i].last))
			fail_msg("no '%s' in:\n%s", rows[i].last, text);
		free(text);
	}
}

static void test_backings_and_node(void **state)
{
	struct fixture f;
	char *text;

	(void)state;
	make(&f, OBJECTS_7_2, PLATFORM_NOSEV, ACCEL_TCG);
	f.plan.backing = MEM_2M;
	f.plan.node = 1;
	text = joined(&f);
	assert_non_null(strstr(text, ",prealloc=off,hugetlb=on,hugetlbsize=2M,"
	                             "policy=bind,host-nodes=1\n"));
	free(text);
	f.plan.backing = MEM_1G;
	text = joined(&f);
	assert_non_null(strstr(text, ",hugetlb=on,hugetlbsize=1G,"));
	free(text);
	/* Transparent huge pages need anonymous memory; SNP's own backend stays what it is. */
	f.plan.backing = MEM_THP;
	text = joined(&f);
	assert_non_null(strstr(text, "-object memory-backend-ram,share=off,id=ram1,"));
	free(text);
	make(&f, OBJECTS_9_1, PLATFORM_SNP, ACCEL_KVM);
	f.plan.backing = MEM_THP;
	text = joined(&f);
	assert_non_null(strstr(text, "-object memory-backend-memfd,share=on,id=ram1,"));
	free(text);
	f.plan.backing = MEM_1G;
	f.plan.memory = 1536ULL << 20;
	assert_int_equal(argv_check(&f.plan, &f.e), -EINVAL);
	assert_string_equal(f.e.text, "guest memory of 1536M is not a multiple of 1G");
}

/* Of every platform alike: siblings are one core's threads, and no other guest has any. */
static void test_hardware_threads(void **state)
{
	static const enum platform platforms[] = {PLATFORM_NOSEV, PLATFORM_SEV, PLATFORM_SEV_ES,
	                                          PLATFORM_SNP};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < sizeof(platforms) / sizeof(platforms[0]); i++) {
		char *text;

		make(&f, OBJECTS_9_1, platforms[i], ACCEL_KVM);
		f.plan.vcpus = 6;
		f.plan.core_threads = 2;
		text = joined(&f);
		assert_non_null(strstr(text, "-smp 6,sockets=1,cores=3,threads=2\n"));
		free(text);
		f.plan.core_threads = 0;
		text = joined(&f);
		assert_non_null(strstr(text, "-smp 6,sockets=1,cores=6,threads=1\n"));
		free(text);
	}
}

static void test_own_words_and_awkward_paths(void **state)
{
	struct fixture f;
	char *text;

	(void)state;
	make(&f, OBJECTS_7_2, PLATFORM_NOSEV, ACCEL_KVM);
	f.plan.huge_2m = 40;
	text = joined(&f);
	assert_non_null(strstr(text, INITRAMFS_KERNEL_WORDS " hugepagesz=2M hugepages=40\n"));
	free(text);
	f.plan.huge_1g = 2;
	text = joined(&f);
	assert_non_null(strstr(text, INITRAMFS_KERNEL_WORDS
	                       " hugepagesz=1G hugepages=2 hugepagesz=2M hugepages=40\n"));
	free(text);
	f.plan.huge_1g = f.plan.huge_2m = 0;
	f.plan.append = "mitigations=off";
	f.plan.directory = "/tmp/a,b c";
	f.plan.firmware = NULL;
	text = joined(&f);
	assert_non_null(strstr(text, "-append " INITRAMFS_KERNEL_WORDS " mitigations=off\n"));
	/* Only option lists split at commas; a plain file name is taken as it is. */
	assert_non_null(strstr(text, "path=/tmp/a,,b c/qmp.sock\n"));
	assert_non_null(strstr(text, "-initrd /tmp/a,b c/initramfs.cpio\n"));
	assert_null(strstr(text, "-bios"));
	free(text);
}

static void test_refused(void **state)
{
	static const struct {
		const char *objects;
		enum platform platform;
		enum accel accel;
		const char *firmware;
		int rc;
		const char *why;
	} rows[] = {
	        {OBJECTS_7_2, PLATFORM_NATIVE, ACCEL_KVM, "f", -EINVAL, "native is no guest"},
	        {OBJECTS_7_2, PLATFORM_SEV, ACCEL_KVM, NULL, -EINVAL, "sev needs OVMF"},
	        {OBJECTS_7_2, PLATFORM_SEV, ACCEL_TCG, "f", -ENOTSUP, "sev needs KVM"},
	        {OBJECTS_9_1, PLATFORM_SNP, ACCEL_TCG, "f", -ENOTSUP, "snp needs KVM"},
	        {OBJECTS_7_2, PLATFORM_SNP, ACCEL_KVM, "f", -ENOTSUP, "has no sev-snp-guest"},
	        {OBJECTS_BARE, PLATFORM_SEV_ES, ACCEL_KVM, "f", -ENOTSUP, "built without SEV"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture f;
		char **argv = NULL;

		make(&f, rows[i].objects, rows[i].platform, rows[i].accel);
		f.plan.firmware = rows[i].firmware;
		assert_int_equal(argv_build(&f.plan, &argv, &f.e), rows[i].rc);
		assert_non_null(strstr(f.e.text, rows[i].why));
		assert_null(argv);
	}
}

static void test_quote(void **state)
{
	static const char *const rows[][2] = {
	        {"-smp", "-smp"},
	        {"a b", "'a b'"},
	        {"", "''"},
	        {"it's", "'it'\\''s'"},
	        {"$(reboot)", "'$(reboot)'"},
	        {"a,b=c", "a,b=c"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *quoted = argv_quote(rows[i][0]);

		assert_string_equal(quoted, rows[i][1]);
		free(quoted);
	}
}

static void test_dialects(void **state)
{
	(void)state;
	assert_null(dialect_choose(OBJECTS_BARE)->sev_object);
	assert_null(dialect_choose("")->sev_object);
	assert_null(dialect_choose(OBJECTS_7_2)->snp_object);
	assert_string_equal(dialect_choose(OBJECTS_9_1)->snp_object, "sev-snp-guest");
	assert_string_equal(dialect_choose(OBJECTS_AMD)->snp_memory,
	                    "memory-backend-memfd-private,share=on");
	/* A longer name that begins alike is another object. */
	assert_null(dialect_choose("  sev-guest-x\n")->sev_object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_golden),
	        cmocka_unit_test(test_legacy_type),
	        cmocka_unit_test(test_backings_and_node),
	        cmocka_unit_test(test_hardware_threads),
	        cmocka_unit_test(test_own_words_and_awkward_paths),
	        cmocka_unit_test(test_refused),
	        cmocka_unit_test(test_quote),
	        cmocka_unit_test(test_dialects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
