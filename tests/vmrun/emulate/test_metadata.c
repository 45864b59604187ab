/* SPDX-License-Identifier: MIT */
#include "vmrun/emulate/metadata.h"

#include "tests/cmocka.h"

#define BYTES 8192
#define BASE  (0x100000000ull - BYTES)

static uint8_t image[BYTES];
static size_t at; /* where the next structure, below the last, ends */

static bool read_image(void *context, uint64_t address, void *to, size_t size)
{
	(void)context;
	if (address < BASE || address - BASE + size > BYTES)
		return false;
	memcpy(to, image + (address - BASE), size);
	return true;
}

static const uint8_t footer[16] = {0xde, 0x82, 0xb5, 0x96, 0xb2, 0x1f, 0xf7, 0x45,
                                   0xba, 0xea, 0xa3, 0x66, 0xc5, 0x5a, 0x08, 0x2d};
static const uint8_t sev[16] = {0x66, 0x65, 0x88, 0xdc, 0x4a, 0x98, 0x98, 0x47,
                                0xa7, 0x5e, 0x55, 0x85, 0xa7, 0xbf, 0x67, 0xcc};

static const uint8_t reset[16] = {0xde, 0x71, 0xf7, 0x00, 0x7e, 0x1a, 0xcb, 0x4f,
                                  0x89, 0x0e, 0x68, 0xc7, 0x7e, 0x2f, 0xb4, 0x4e};

static void put(const uint8_t guid[16], uint16_t length, const void *data, size_t size)
{
	memcpy(image + at - 16, guid, 16);
	memcpy(image + at - 18, &length, sizeof(length));
	memcpy(image + at - 18 - size, data, size);
	at -= 18 + size;
}

/* An image with the table, which names metadata at offset 4096, with two sections. */
static int setup(void **state)
{
	const uint32_t offset = 4096, other = 0x12345678;
	const uint32_t metadata[] = {0x56455341, 40, 1,        2,      0x80e000,
	                             0x1000,     3,  0x80d000, 0x1000, 2};
	const uint8_t some[16] = {1};

	(void)state;
	memset(image, 0, sizeof(image));
	at = BYTES - 32;
	put(footer, 18 + 22 + 22, "", 0);
	put(some, 22, &other, sizeof(other));
	put(sev, 22, &offset, sizeof(offset));
	memcpy(image + BYTES - 4096, metadata, sizeof(metadata));
	return 0;
}

static void finds_sections(void **state)
{
	struct metadata m;

	(void)state;
	assert_null(metadata_read(read_image, NULL, &m));
	assert_int_equal(m.count, 2);
	assert_int_equal(metadata_find(&m, METADATA_CPUID)->address, 0x80e000);
	assert_int_equal(metadata_find(&m, METADATA_SECRETS)->size, 0x1000);
	assert_null(metadata_find(&m, METADATA_SVSM));
}

static void finds_where_vcpus_begin(void **state)
{
	const uint32_t begin = 0x80b004;
	uint32_t found;

	(void)state;
	assert_false(metadata_ap_reset(read_image, NULL, &found));
	at = BYTES - 32;
	put(footer, 18 + 22 + 22, "", 0);
	put(sev, 22, &begin, sizeof(begin));
	put(reset, 22, &begin, sizeof(begin));
	assert_true(metadata_ap_reset(read_image, NULL, &found));
	assert_int_equal(found, begin);
	image[BYTES - 32 - 1] ^= 1;
	assert_false(metadata_ap_reset(read_image, NULL, &found));
}

static void refused(const char *part)
{
	struct metadata m;
	const char *why = metadata_read(read_image, NULL, &m);

	assert_non_null(why);
	assert_non_null(strstr(why, part));
}

static void says_what_is_wrong(void **state)
{
	uint32_t value;

	image[BYTES - 32 - 1] ^= 1;
	refused("no table of GUIDs");
	setup(state);
	image[BYTES - 32 - 18] = 3;
	refused("no sensible length");
	setup(state);
	image[BYTES - 32 - 18 - 22 - 1] ^=
	        1; /* the GUID between is another one, which is no matter */
	refused("");
	setup(state);
	image[at + 4 + 2] ^= 1;
	refused("no metadata of SEV");
	setup(state);
	image[BYTES - 32 - 18 - 18] = 200; /* a structure that is longer than the table */
	refused("no metadata of SEV");
	setup(state);
	image[BYTES - 4096] = 'B';
	refused("not there");
	setup(state);
	image[BYTES - 4096 + 8] = 2;
	refused("version");
	setup(state);
	value = 1000;
	memcpy(image + BYTES - 4096 + 12, &value, sizeof(value));
	refused("too many");
	setup(state);
	image[BYTES - 4096 + 16] = 1;
	refused("not made of pages");
}

/* Whatever stands in an image, nothing outside of it is read. */
static void survives_anything(void **state)
{
	unsigned seed = 1;
	struct metadata m;

	for (int round = 0; round < 20000; round++) {
		setup(state);
		for (int i = 0; i < 4; i++) {
			seed = seed * 1103515245u + 12345u;
			image[BYTES - 1 - (seed >> 8) % 4200] = (uint8_t)(seed >> 24);
		}
		metadata_read(read_image, NULL, &m);
		assert_true(m.count <= METADATA_SECTIONS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(finds_sections, setup),
	        cmocka_unit_test_setup(finds_where_vcpus_begin, setup),
	        cmocka_unit_test_setup(says_what_is_wrong, setup),
	        cmocka_unit_test_setup(survives_anything, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
