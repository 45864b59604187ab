/* SPDX-License-Identifier: MIT */
#include "analysis/decide/switches.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "analysis/read/embedded.h"
#include "kernels/registry.h"
#include "tests/cmocka.h"

extern const char _binary_analysis_reference_parts_csv_start[];
extern const char _binary_analysis_reference_parts_csv_end[];

static const struct kernel *kernel_named(const char *name)
{
	size_t count;
	const struct kernel *const *all = registry_kernels(&count);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	return NULL;
}

/* A row that matches nothing would be silence where a wrong cell should be marked. */
/* What is found where a row says that it holds: "linux>=7.0" holds on 7.0, "qemu<10.1" on 10.0.9.
 */
static const struct switches_row *on_its_host(const struct switches *switches,
                                              const struct switches_row *row)
{
	struct switches_host host = {"6.12.9", "10.0.9"};
	const char *version = strchr(row->host, '=');

	if (version && !strncmp(row->host, "linux", 5))
		snprintf(host.release, sizeof(host.release), "%s", version + 1);
	else if (version)
		snprintf(host.qemu, sizeof(host.qemu), "%s", version + 1);
	return switches_find(switches, row->kernel, row->variant, row->params, &host);
}

static void every_row_is_of_a_kernel_and_has_a_source(void **state)
{
	struct switches switches;
	struct err e;

	(void)state;
	assert_int_equal(switches_load(&switches, &e), 0);
	assert_true(switches.count > 40);
	for (size_t i = 0; i < switches.count; i++) {
		const struct switches_row *row = &switches.rows[i];
		const struct kernel *kernel = kernel_named(row->kernel);

		if (!kernel)
			fail_msg("there is no kernel %s", row->kernel);
		if (strcmp(row->variant, "*") != 0 && !kernel_variant(kernel, row->variant))
			fail_msg("%s has no variant %s", row->kernel, row->variant);
		if (*row->in_kvm && !kernel_variant(kernel, row->in_kvm))
			fail_msg("%s has no variant %s", row->kernel, row->in_kvm);
		assert_true(strlen(row->source) > 10);
		assert_int_equal(row->path[PLATFORM_NATIVE], SWITCHES_UNKNOWN);
		assert_ptr_equal(on_its_host(&switches, row), row);
		for (int p = PLATFORM_LAUNCH_END; p < PLATFORM_COUNT; p++)
			assert_int_equal(row->path[p], SWITCHES_UNKNOWN);
		/* A bar is of one path, and a part of the table of what decompose.h takes apart. */
		for (int p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END && row->bar; p++)
			assert_int_equal(row->times[p], 1);
		/* Without #VC there is none in the path; with it every exit begins with it, but
		 * those that Linux makes by itself, which are VMGEXIT all the same. */
		for (int p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END; p++) {
			const char *path = switches_path_name(row->path[p]);

			if (!(switches_exits(row->path[p]) > 0))
				continue;
			assert_int_equal(switches_vmgexit(row->path[p]) > 0,
			                 sev_traits((enum platform)p)->vc);
			assert_int_equal(!strncmp(path, "vc", 2) ||
			                         row->path[p] == SWITCHES_REQUEST,
			                 sev_traits((enum platform)p)->vc);
		}
	}
	switches_free(&switches);
}

static void what_is_known_of_cpuid(void **state)
{
	struct switches switches;
	const struct switches_row *row;
	struct err e;

	(void)state;
	assert_int_equal(switches_load(&switches, &e), 0);
	row = switches_find(&switches, "cpuid", "0x0", "", NULL);
	assert_int_equal(row->path[PLATFORM_NOSEV], SWITCHES_KVM);
	assert_int_equal(row->path[PLATFORM_SEV_ES], SWITCHES_VC_KVM);
	assert_int_equal(row->path[PLATFORM_SNP], SWITCHES_VC);
	row = switches_find(&switches, "cpuid", "0xb", "", NULL);
	assert_int_equal(row->path[PLATFORM_SNP], SWITCHES_VC_KVM);
	assert_non_null(switches_find(&switches, "memcpy", "avx2", "", NULL));
	row = switches_find(&switches, "convert", "4k", "pages_converted=1", NULL);
	assert_int_equal(row->path[PLATFORM_SNP], SWITCHES_STATE);
	assert_int_equal(row->times[PLATFORM_SNP], 2);
	assert_int_equal(row->pages[PLATFORM_SNP], 1);
	row = switches_find(&switches, "convert", "4k", "pages_converted=64", NULL);
	assert_int_equal(row->times[PLATFORM_SNP], 2);
	assert_int_equal(row->pages[PLATFORM_SNP], 64);
	assert_null(switches_find(&switches, "convert", "4k", "pages_converted=65", NULL));
	assert_int_equal(row->path[PLATFORM_SEV], SWITCHES_UNKNOWN);
	assert_false(row->emulated);
	assert_true(switches_find(&switches, "ring0_control", "dr7", "", NULL)->emulated);
	row = switches_find(&switches, "convert", "2m", "pages_converted=512",
	                    NULL); /* how often hangs on the guest's Linux */
	assert_true(isnan(switches_vmgexit(row->path[PLATFORM_SNP])) != 0);
	assert_null(switches_find(&switches, "ipi", "halted_1ms_x2apic", "", NULL));
	assert_null(switches_find(&switches, "cpuid", "0x7", "", NULL));
	assert_null(switches_find(&switches, "halt", "1ms", "", NULL));
	switches_free(&switches);
}

static void a_path_may_hang_on_the_host(void **state)
{
	static const struct {
		struct switches_host host;
		enum switches_path mmio, convert;
	} cases[] = {
	        {{"6.12.9", "9.2.0"}, SWITCHES_KVM, SWITCHES_STATE},
	        {{"6.19.14", "10.0.8 (Debian 1:10.0.8)"}, SWITCHES_KVM, SWITCHES_STATE},
	        {{"7.0.0-rc3", "10.1.0"}, SWITCHES_FAST, SWITCHES_STATE_FILL},
	        {{"7.3.2", "11.1.3"}, SWITCHES_FAST, SWITCHES_STATE_FILL},
	};
	static const struct switches_host unknown;
	struct switches switches;
	struct err e;

	(void)state;
	assert_int_equal(switches_load(&switches, &e), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(switches_find(&switches, "mmio", "eventfd", "", &cases[i].host)
		                         ->path[PLATFORM_NOSEV],
		                 cases[i].mmio);
		assert_int_equal(switches_find(&switches, "convert", "4k", "pages_converted=1",
		                               &cases[i].host)
		                         ->path[PLATFORM_SNP],
		                 cases[i].convert);
		assert_non_null(switches_find(&switches, "cpuid", "0x0", "", &cases[i].host));
	}
	assert_null(switches_find(&switches, "mmio", "eventfd", "", &unknown));
	assert_non_null(switches_find(&switches, "cpuid", "0x0", "", &unknown));
	switches_free(&switches);
}

static int check_part(const struct embedded_line *line, void *context, struct err *e)
{
	const struct switches *switches = context;
	enum switches_path path;

	for (int i = 2; i <= 4; i += 2) {
		const char *kernel = line->field[i], *variant = line->field[i + 1];

		if (i == 4 && !*kernel)
			continue;
		if (!kernel_named(kernel) || !kernel_variant(kernel_named(kernel), variant))
			return err_set(e, EINVAL, "there is no %s/%s", kernel, variant);
		if (!switches_find(switches, kernel, variant, "", NULL))
			return err_set(e, EINVAL, "no path is known of %s/%s", kernel, variant);
	}
	assert_true(*line->field[0] && *line->field[7]);
	if (strcmp(line->field[1], "*") != 0 && switches_path_parse(line->field[1], &path, e))
		return -EINVAL;
	return switches_path_parse(line->field[6], &path, e);
}

static void every_part_can_be_computed(void **state)
{
	struct switches switches;
	struct err e;

	(void)state;
	assert_int_equal(switches_load(&switches, &e), 0);
	if (embedded_read(_binary_analysis_reference_parts_csv_start,
	                  _binary_analysis_reference_parts_csv_end, "the parts", check_part,
	                  &switches, &e))
		fail_msg("%s", e.text);
	switches_free(&switches);
}

static void paths_and_their_exits(void **state)
{
	enum switches_path path;
	struct err e;

	(void)state;
	for (int i = 0; i < SWITCHES_PATH_COUNT; i++) {
		assert_int_equal(
		        switches_path_parse(switches_path_name((enum switches_path)i), &path, &e),
		        0);
		assert_int_equal(path, i);
	}
	assert_int_equal(switches_path_parse("exit", &path, &e), -EINVAL);
	assert_says(e, "exit");
	assert_true(isnan(switches_exits(SWITCHES_UNKNOWN)));
	assert_true(switches_exits(SWITCHES_VC) == 0);
	assert_true(switches_exits(SWITCHES_VC_KVM) == 1);
	/* #VC is in the path that its name begins with, and VMGEXIT where an exit comes of it. */
	assert_true(isnan(switches_vc(SWITCHES_UNKNOWN)) &&
	            isnan(switches_vmgexit(SWITCHES_UNKNOWN)));
	assert_true(switches_vmgexit(SWITCHES_STATE) == 1 && switches_vc(SWITCHES_STATE) == 0);
	assert_true(switches_pvalidate(SWITCHES_STATE) == 1);
	assert_true(switches_pvalidate(SWITCHES_PVALIDATE) == 1);
	assert_true(isnan(switches_exits(SWITCHES_TRAP)) && switches_vc(SWITCHES_TRAP) == 0);
	for (int i = SWITCHES_NONE; i <= SWITCHES_VC_QEMU; i++) {
		path = (enum switches_path)i;
		assert_true(switches_vc(path) == !strncmp(switches_path_name(path), "vc", 2));
		assert_true(switches_vmgexit(path) == switches_vc(path) * switches_exits(path));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_row_is_of_a_kernel_and_has_a_source),
	        cmocka_unit_test(what_is_known_of_cpuid),
	        cmocka_unit_test(a_path_may_hang_on_the_host),
	        cmocka_unit_test(every_part_can_be_computed),
	        cmocka_unit_test(paths_and_their_exits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
