/* SPDX-License-Identifier: MIT */
/* What the page says of the guests, from made-up manifests. */
#include "analysis/show/report_guests.h"

#include <stdbool.h>

#include "tests/cmocka.h"

#define PLAIN(proof)                                                                               \
	"{\"platform\": \"nosev\", \"guest\": {\"accel\": \"kvm\", \"cpu_model\": \"host\","       \
	"\"qemu\": {\"version\": \"QEMU 10\"}, \"memory\": {\"backing\": \"4k\"},"                 \
	"\"differences\": {\"same\": 58, \"unexplained\": 0, \"settings\": []}, \"proof\": " proof \
	"}}"
#define SNP(unexplained, proof)                                                                    \
	"{\"platform\": \"snp\", \"guest\": {\"differences\": {\"same\": 57,"                      \
	"\"unexplained\": " unexplained ", \"settings\": [{\"where\": \"-object sev0 policy\","    \
	"\"nosev\": null, \"here\": \"0x30000\", \"why\": \"is what <the owner> lets\","           \
	"\"source\": \"table 9\"}]}" proof "}}"
#define VISIBLE "{\"verdict\": \"visible\", \"sentence\": \"64 of 64 found\"}"
#define HIDDEN  ", \"proof\": {\"verdict\": \"not visible\", \"sentence\": \"none of 64\"}"

/* The page of a manifest with these launches, to be freed. */
static char *page_of(const char *launches)
{
	struct machine machine = {0};
	const struct summary summary = {.attested = "Not attested: <nothing> is proven."};
	const struct compare compare = {.summary = &summary};
	const struct report report = {.machine = &machine, .compare = &compare};
	char *manifest, *text;
	size_t size;
	FILE *out;

	assert_true(asprintf(&manifest, "{\"launches\": [%s]}", launches) > 0);
	machine.manifest = json_loads(manifest, 0, NULL);
	assert_non_null(machine.manifest);
	out = open_memstream(&text, &size);
	if (report_guests_any(&report))
		assert_int_equal(report_guests(&report, out, NULL), 0);
	fclose(out);
	machine_free(&machine);
	free(manifest);
	return text;
}

static void expect(const char *launches, bool there, const char *needle)
{
	char *page = page_of(launches);

	if (!strstr(page, needle) == there)
		fail_msg("%s'%s' in %s", there ? "no " : "", needle, page);
	free(page);
}

static void test_nothing(void **state)
{
	struct machine nothing = {0};
	const struct report report = {.machine = &nothing};
	char *page = page_of("{\"platform\": \"native\"}, {\"platform\": \"snp\", \"guest\": {}}");

	(void)state;
	assert_string_equal(page, "");
	free(page);
	assert_false(report_guests_any(&report));
}

static void test_guests(void **state)
{
	static const char run[] = PLAIN(VISIBLE) "," SNP("0", HIDDEN) "," PLAIN(VISIBLE) "," SNP(
	        "0", ", \"proof\": {\"verdict\": \"void\", \"sentence\": \"\"}");

	(void)state;
	expect(run, true, "in 2 of 2 launches visible; the first: 64 of 64 found");
	expect(run, true, "in 1 of 2 launches not visible; the first: none of 64");
	expect(run, true, "0 of 58");
	expect(run, true, "1 of 58");
	expect(run, true, "not there");
	expect(run, true, "is what &lt;the owner&gt; lets");
	expect(run, true, "<p>Not attested: &lt;nothing&gt; is proven.</p>");
	expect(run, false, "not matched");
}

/* Launches of a round are in random order; rows are in that of platforms. */
static void test_order(void **state)
{
	char *page = page_of(SNP("0", HIDDEN) "," PLAIN(VISIBLE));
	const char *plain = strstr(page, "<td>nosev</td>"), *snp = strstr(page, "<td>snp</td>");

	(void)state;
	assert_true(plain && snp && plain < snp);
	free(page);
}

static void test_what_is_wrong(void **state)
{
	(void)state;
	expect(SNP("1", HIDDEN), true, "some without a reason: this guest is not matched");
	expect(SNP("0", ""), true, "not done");
	expect(PLAIN("null"), false, "How each guest differs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_nothing),
	        cmocka_unit_test(test_guests),
	        cmocka_unit_test(test_order),
	        cmocka_unit_test(test_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
