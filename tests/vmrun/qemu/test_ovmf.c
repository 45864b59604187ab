/* SPDX-License-Identifier: MIT */
#include "vmrun/qemu/ovmf.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "tests/cmocka.h"

#define IMAGE_BYTES 8192
#define TABLE_END   (IMAGE_BYTES - 32)

static uint8_t image[IMAGE_BYTES];
static size_t at; /* where the next entry, below the last, ends */
static char path[] = "/tmp/test_ovmf-XXXXXX";

static int setup(void **state)
{
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/test_ovmf-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	memset(image, 0, sizeof(image));
	at = TABLE_END;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

/* Read "96b582de-1fb2-45f7-baea-a366c55a082d" into the order of bytes in an image. */
static void put_guid(uint8_t *to, const char *text)
{
	static const unsigned order[] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

	for (size_t i = 0; i < 16; i++) {
		char byte[3];

		text += *text == '-';
		memcpy(byte, text, 2);
		byte[2] = '\0';
		to[order[i]] = (uint8_t)strtoul(byte, NULL, 16);
		text += 2;
	}
}

/* Its data is full of ones. */
static void put_entry(const char *guid, size_t data, unsigned length)
{
	memset(image + at - 18 - data, 1, data);
	put_guid(image + at - 16, guid);
	image[at - 18] = (uint8_t)length;
	image[at - 17] = (uint8_t)(length >> 8);
	at -= 18 + data;
}

static struct ovmf read_image(size_t size)
{
	struct ovmf ovmf;
	struct err e;
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_int_equal(write(fd, image + IMAGE_BYTES - size, size), size);
	close(fd);
	assert_int_equal(ovmf_read(path, &ovmf, &e), 0);
	return ovmf;
}

#define FOOTER   "96b582de-1fb2-45f7-baea-a366c55a082d"
#define SEV_ES   "00f771de-1a7e-4fcb-890e-68c77e2fb44e"
#define METADATA "dc886566-984a-4798-a75e-5585a7bf67cc"
#define HASHES   "7255371f-3a3b-4b04-927b-1da6efa8d454"
#define OTHER    "4c2eb361-7d9b-4cc3-8081-127c90d3d294"

static void test_all(void **state)
{
	struct ovmf ovmf;

	(void)state;
	put_entry(FOOTER, 0, 18 + 22 + 26 + 26 + 22);
	put_entry(SEV_ES, 4, 22);
	put_entry(OTHER, 8, 26);
	put_entry(HASHES, 8, 26);
	put_entry(METADATA, 4, 22);
	ovmf = read_image(IMAGE_BYTES);
	assert_true(ovmf.table && ovmf.sev_es && ovmf.snp);
	for (int p = PLATFORM_NOSEV; p <= PLATFORM_SNP; p++)
		assert_int_equal(ovmf_allow(&ovmf, path, (enum platform)p, NULL), 0);
}

/* As Debian's images have a table of hashes, nowhere and of no bytes. */
static void test_entries_with_nothing_in_them(void **state)
{
	struct ovmf ovmf;

	(void)state;
	put_entry(FOOTER, 0, 18 + 22 + 22);
	put_entry(SEV_ES, 4, 22);
	memset(image + at, 0, 4);
	put_entry(METADATA, 4, 22);
	memset(image + at, 0, 4);
	ovmf = read_image(IMAGE_BYTES);
	assert_true(ovmf.table);
	assert_false(ovmf.sev_es || ovmf.snp);
}

static const uint8_t signature[] = {'A', 'S', 'E', 'V'};

/* Metadata with sections of these types, before the table; and what the image is taken for. */
static struct ovmf with_sections(const uint32_t *types, uint32_t count, uint32_t claimed)
{
	const uint32_t offset = 2048, header[] = {0, 0, 1, claimed};
	uint8_t *to = image + IMAGE_BYTES - offset;

	memset(image, 0, sizeof(image));
	at = TABLE_END;
	memcpy(to, header, sizeof(header));
	memcpy(to, signature, sizeof(signature));
	for (uint32_t i = 0; i < count; i++) {
		const uint32_t section[] = {0x800000 + i * 0x1000, 0x1000, types[i]};

		memcpy(to + sizeof(header) + i * sizeof(section), section, sizeof(section));
	}
	put_entry(FOOTER, 0, 18 + 22 + 22);
	put_entry(SEV_ES, 4, 22);
	put_entry(METADATA, 4, 22);
	memcpy(image + at, &offset, sizeof(offset));
	return read_image(IMAGE_BYTES);
}

/* As the releases of edk2 have them (OvmfPkg/ResetVector/X64/OvmfSevMetadata.asm). */
static const uint32_t of_202211[] = {1, 1, 2, 3, 1}, of_202402[] = {1, 1, 2, 3, 0x10, 1},
                      of_202405[] = {1, 1, 2, 3, 4, 1};

static void test_the_age_of_metadata(void **state)
{
	struct ovmf ovmf;
	struct err e;

	(void)state;
	assert_true(with_sections(of_202211, 5, 5).sections);
	ovmf = with_sections(of_202402, 6, 6);
	assert_true(ovmf_doubt(&ovmf, path, PLATFORM_SNP, &e));
	assert_non_null(strstr(e.text, "edk2 before 2024.05"));
	assert_non_null(strstr(e.text, "build/ovmf/OVMF.fd"));
	for (int p = PLATFORM_NOSEV; p < PLATFORM_SNP; p++)
		assert_false(ovmf_doubt(&ovmf, path, (enum platform)p, &e));
	ovmf = with_sections(of_202405, 6, 6);
	assert_true(ovmf.sections && ovmf.svsm);
	assert_false(ovmf_doubt(&ovmf, path, PLATFORM_SNP, &e));
	/* A section behind those that are counted is none. */
	assert_false(with_sections(of_202405, 6, 4).svsm);
}

/* Nothing is said of an age that nobody can tell but that. */
static void test_metadata_that_cannot_be_read(void **state)
{
	static const uint32_t counts[] = {0, 33, 0x80000000, 0xffffffff};
	struct ovmf ovmf;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		ovmf = with_sections(of_202405, 6, counts[i]);
		assert_true(ovmf.snp);
		assert_false(ovmf.sections || ovmf.svsm);
	}
	assert_true(ovmf_doubt(&ovmf, path, PLATFORM_SNP, &e));
	assert_non_null(strstr(e.text, "cannot be read"));
	with_sections(of_202405, 6, 7);
	memset(image + at, 0xff, 4); /* they would begin before the image */
	assert_false(read_image(IMAGE_BYTES).sections);
	memset(image + at, 0, 4);
	image[at] = 8; /* and end behind it */
	memcpy(image + IMAGE_BYTES - 8, signature, sizeof(signature));
	assert_false(read_image(IMAGE_BYTES).sections);
}

static void test_without_metadata(void **state)
{
	struct ovmf ovmf;
	struct err e;

	(void)state;
	put_entry(FOOTER, 0, 18 + 22);
	put_entry(SEV_ES, 4, 22);
	put_entry(METADATA, 4, 22); /* below the table's start: no part of it */
	ovmf = read_image(IMAGE_BYTES);
	assert_true(ovmf.table && ovmf.sev_es);
	assert_false(ovmf.snp);
	assert_int_equal(ovmf_allow(&ovmf, path, PLATFORM_SEV_ES, &e), 0);
	assert_int_equal(ovmf_allow(&ovmf, path, PLATFORM_SNP, &e), -ENOTSUP);
	assert_non_null(strstr(e.text, path));
	assert_non_null(strstr(e.text, "has no SNP metadata"));
}

static void test_without_table(void **state)
{
	struct ovmf ovmf;
	struct err e;

	(void)state;
	ovmf = read_image(IMAGE_BYTES);
	assert_false(ovmf.table || ovmf.sev_es || ovmf.snp);
	/* Those before 2020 have no table, and start sev. */
	assert_int_equal(ovmf_allow(&ovmf, path, PLATFORM_SEV, &e), 0);
	assert_int_equal(ovmf_allow(&ovmf, path, PLATFORM_SEV_ES, &e), -ENOTSUP);
	assert_int_equal(ovmf_allow(&ovmf, path, PLATFORM_SNP, &e), -ENOTSUP);
}

/* Lengths that make no sense end the walk, and are read within the image. */
static void test_broken_lengths(void **state)
{
	static const unsigned lengths[] = {0, 17, 18, 0xffff, 4000, 4081};

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		memset(image, 0, sizeof(image));
		at = TABLE_END;
		put_entry(FOOTER, 0, lengths[i]);
		read_image(IMAGE_BYTES);
		at = TABLE_END;
		put_entry(FOOTER, 0, 500);
		put_entry(SEV_ES, 4, lengths[i]);
		read_image(4096);
	}
}

static void test_what_is_no_image(void **state)
{
	struct ovmf ovmf;
	struct err e;

	(void)state;
	assert_int_equal(ovmf_read(path, &ovmf, &e), -EINVAL);
	assert_int_equal(ovmf_read("/no/such", &ovmf, &e), -ENOENT);
}

/* Debian's generic image carries everything. */
static void test_debians(void **state)
{
	struct ovmf ovmf;
	struct err e;

	(void)state;
	if (ovmf_read("/usr/share/ovmf/OVMF.fd", &ovmf, &e))
		skip_because("%s", e.text);
	assert_true(ovmf.table && ovmf.sev_es && ovmf.snp);
}

#define t(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(test_all),
	        t(test_entries_with_nothing_in_them),
	        t(test_the_age_of_metadata),
	        t(test_metadata_that_cannot_be_read),
	        t(test_without_metadata),
	        t(test_without_table),
	        t(test_broken_lengths),
	        t(test_what_is_no_image),
	        t(test_debians),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
