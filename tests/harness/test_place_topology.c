/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <errno.h>

#include "harness/place_topology.h"

/* Two packages of one node, each two L3s of four cores of two threads; numbered as Linux does: CPUs
 * 16 to 31 are the second threads of 0 to 15. */
#define EPYC                                                                                       \
	"pack:2 [numa] l3:2 core:4 "                                                               \
	"pu:2(indexes=0,16,1,17,2,18,3,19,4,20,5,21,6,22,7,23,8,24,9,25,"                          \
	"10,26,11,27,12,28,13,29,14,30,15,31)"
/* One L3 over two nodes, whose CPUs alternate. */
#define CLUSTERED "pack:1 l3:1 group:2 [numa] core:4 pu:1(indexes=0,2,4,6,1,3,5,7)"
/* A guest that shows no cache. */
#define PLAIN "pack:1 [numa] core:4 pu:1"

struct outcome {
	int rc;
	struct place place;
	struct err e;
	char text[256];
};

static hwloc_topology_t synthetic(const char *description)
{
	hwloc_topology_t topology;

	assert_int_equal(hwloc_topology_init(&topology), 0);
	assert_int_equal(hwloc_topology_set_synthetic(topology, description), 0);
	assert_int_equal(hwloc_topology_load(topology), 0);
	return topology;
}

/* Choose with the affinity mask `mask` ("0-3"; NULL: every CPU). */
static struct outcome choose(const char *description, const char *mask, unsigned threads,
                             const char *cpus)
{
	hwloc_topology_t topology = synthetic(description);
	hwloc_bitmap_t allowed = hwloc_bitmap_dup(hwloc_topology_get_topology_cpuset(topology));
	struct outcome o = {.e = {""}};

	if (mask)
		assert_int_equal(hwloc_bitmap_list_sscanf(allowed, mask), 0);
	o.rc = place_topology_choose(topology, allowed, threads, cpus, &o.place, &o.e);
	if (!o.rc)
		place_text(&o.place, o.text, sizeof(o.text));
	else
		assert_true(o.e.text[0] != '\0');
	hwloc_bitmap_free(allowed);
	hwloc_topology_destroy(topology);
	return o;
}

static void expect(struct outcome o, const char *cpus, int node, bool shares_core)
{
	if (o.rc)
		fail_msg("%s", o.e.text);
	assert_string_equal(o.text, cpus);
	assert_int_equal(o.place.node, node);
	assert_int_equal(o.place.shares_core, shares_core);
}

static void refuse(struct outcome o, const char *part)
{
	assert_int_equal(o.rc, -EINVAL);
	if (!strstr(o.e.text, part))
		fail_msg("'%s' is not in '%s'", part, o.e.text);
}

static void test_one_core_each(void **state)
{
	(void)state;
	expect(choose(EPYC, NULL, 1, NULL), "0", 0, false);
	expect(choose(EPYC, NULL, 4, NULL), "0;1;2;3", 0, false);
	expect(choose(PLAIN, NULL, 3, NULL), "0;1;2", 0, false);
	/* Threads numbered next to each other. */
	expect(choose("pack:1 [numa] l3:1 core:4 pu:2", NULL, 3, NULL), "0;2;4", 0, false);
}

static void test_one_cache_first(void **state)
{
	(void)state;
	/* Only the second L3 has three allowed cores: not two of the first and one of the second.
	 */
	expect(choose(EPYC, "0-1,4-7", 3, NULL), "4;5;6", 0, false);
	/* The second thread of a core is a core too, when the first is not allowed. */
	expect(choose(EPYC, "16-31", 4, NULL), "16;17;18;19", 0, false);
	/* A core whose two threads are allowed counts once. */
	expect(choose(EPYC, "0,16,4,5,20,21", 2, NULL), "4;5", 0, false);
}

static void test_one_node_first(void **state)
{
	(void)state;
	expect(choose(EPYC, NULL, 8, NULL), "0;1;2;3;4;5;6;7", 0, false);
	expect(choose(EPYC, "0-3,8-15", 6, NULL), "8;9;10;11;12;13", 1, false);
	expect(choose(CLUSTERED, NULL, 4, NULL), "0;2;4;6", 0, false);
	expect(choose(CLUSTERED, "0,1,3,5,7", 4, NULL), "1;3;5;7", 1, false);
	expect(choose(CLUSTERED, NULL, 6, NULL), "0;2;4;6;1;3", 0, false);
}

static void test_siblings_last(void **state)
{
	(void)state;
	expect(choose(EPYC, NULL, 16, NULL), "0;1;2;3;4;5;6;7;8;9;10;11;12;13;14;15", 0, false);
	expect(choose(EPYC, NULL, 18, NULL), "0;1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17", 0,
	       true);
	expect(choose(EPYC, "0-1,16-17", 3, NULL), "0;1;16", 0, true);
	expect(choose("core:1 pu:2", NULL, 2, NULL), "0;1", 0, true);
}

/* The placement of a guest: "cpus / threads a core". */
static void expect_guest(const char *description, const char *mask, unsigned vcpus,
                         const char *cpus, const char *wanted, unsigned core_threads)
{
	hwloc_topology_t topology = synthetic(description);
	struct outcome o = choose(description, mask, vcpus, cpus);

	assert_int_equal(o.rc, 0);
	if (!cpus)
		place_topology_gather(topology, &o.place);
	place_text(&o.place, o.text, sizeof(o.text));
	assert_string_equal(o.text, wanted);
	assert_int_equal(o.place.core_threads, core_threads);
	hwloc_topology_destroy(topology);
}

/* A guest can be told of cores with equally many threads, one behind the other; of no others. */
static void test_guests(void **state)
{
	(void)state;
	expect_guest(EPYC, NULL, 1, NULL, "0", 1);
	expect_guest(EPYC, NULL, 4, NULL, "0;1;2;3", 1);
	expect_guest(PLAIN, NULL, 4, NULL, "0;1;2;3", 1);
	expect_guest(EPYC, "0-1,16-17", 4, NULL, "0;16;1;17", 2);
	expect_guest(EPYC, "0-2,16-18", 6, NULL, "0;16;1;17;2;18", 2);
	expect_guest("core:2 pu:4", NULL, 8, NULL, "0;1;2;3;4;5;6;7", 4);
	expect_guest(EPYC, "0-1,16-17", 3, NULL, "0;1;16", 0);
	expect_guest(EPYC, "0-2,16-17", 5, NULL, "0;1;2;16;17", 0);
	/* A list keeps its order, whether a guest can be told of it or not. */
	expect_guest(EPYC, NULL, 2, "3,19", "3;19", 2);
	expect_guest(EPYC, NULL, 4, "3,19,2,18", "3;19;2;18", 2);
	expect_guest(EPYC, NULL, 4, "2,3,18,19", "2;3;18;19", 0);
	expect_guest(EPYC, NULL, 3, "2,3,19", "2;3;19", 0);
	expect_guest(EPYC, NULL, 4, "2,18,3,4", "2;18;3;4", 0);
	expect_guest(EPYC, NULL, 6, "2,18,3,19,4,5", "2;18;3;19;4;5", 0);
	expect_guest(EPYC, NULL, 3, "2,1,3", "2;1;3", 1);
}

static void test_lists(void **state)
{
	(void)state;
	expect(choose(EPYC, NULL, 1, "5"), "5", 0, false);
	expect(choose(EPYC, NULL, 3, "9,0-3"), "9;0;1", 1, false);
	expect(choose(EPYC, NULL, 2, "3,19"), "3;19", 0, true);
	expect(choose(EPYC, NULL, 1, "3,19"), "3", 0, false);
	expect(choose(EPYC, "4-7", 2, "7,6"), "7;6", 0, false);
}

static void test_refused_lists(void **state)
{
	static const char *const malformed[] = {"",
	                                        "a",
	                                        "1-",
	                                        "-1",
	                                        "1,",
	                                        ",1",
	                                        "1,,2",
	                                        "3-1",
	                                        "1 2",
	                                        " 1",
	                                        "0x1",
	                                        "1-2-3",
	                                        "99999999999999999999"};

	(void)state;
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
		refuse(choose(EPYC, NULL, 1, malformed[i]), "is not a list of CPUs");
	refuse(choose(EPYC, NULL, 1, "32"), "CPU 32 does not exist: this machine has 0-31");
	refuse(choose(EPYC, NULL, 1, "4294967296"), "CPU 4294967296 does not exist");
	refuse(choose(EPYC, NULL, 1, "0-4294967296"), "does not exist");
	refuse(choose(EPYC, "0-3", 1, "4"),
	       "CPU 4 is not in the affinity mask of this process (0-3)");
	refuse(choose(EPYC, NULL, 1, "0-3,2"), "CPU 2 stands twice");
	refuse(choose(EPYC, NULL, 3, "0,1"), "the list \"0,1\" names 2");
}

static void test_refused_counts(void **state)
{
	(void)state;
	refuse(choose(EPYC, NULL, 0, NULL), "0 threads");
	refuse(choose(EPYC, NULL, PLACE_MAX + 1, NULL), "1025 threads");
	refuse(choose(EPYC, NULL, 33, NULL), "only 32 are in the affinity mask (0-31)");
	refuse(choose(EPYC, "7", 2, NULL), "only 1 are in the affinity mask (7)");
}

static struct outcome pair(const char *description, const char *mask, enum place_relation relation,
                           const char *cpus)
{
	hwloc_topology_t topology = synthetic(description);
	hwloc_bitmap_t allowed = hwloc_bitmap_dup(hwloc_topology_get_topology_cpuset(topology));
	struct outcome o = {.rc = 0};

	if (mask)
		assert_int_equal(hwloc_bitmap_list_sscanf(allowed, mask), 0);
	o.rc = place_topology_pair(topology, allowed, relation, cpus, &o.place, &o.e);
	if (o.rc == 0)
		place_text(&o.place, o.text, sizeof(o.text));
	hwloc_bitmap_free(allowed);
	hwloc_topology_destroy(topology);
	return o;
}

static void no_pair(struct outcome o, const char *text)
{
	assert_int_equal(o.rc, -ENOTSUP);
	assert_string_equal(o.e.text, text);
}

static void test_pairs(void **state)
{
	(void)state;
	expect(pair(EPYC, NULL, PLACE_SMT, NULL), "0;16", 0, true);
	expect(pair(EPYC, NULL, PLACE_L3, NULL), "0;1", 0, false);
	expect(pair(EPYC, NULL, PLACE_NODE, NULL), "0;4", 0, false);
	expect(pair(EPYC, NULL, PLACE_REMOTE, NULL), "0;8", 0, false);
	expect(pair(EPYC, "2-7,9-31", PLACE_SMT, NULL), "2;18", 0, true);
	/* Of a list, any two, in its order. */
	expect(pair(EPYC, NULL, PLACE_REMOTE, "9,10,3"), "9;3", 1, false);
	expect(pair(EPYC, NULL, PLACE_L3, "9,3,2"), "3;2", 0, false);
	/* Neighbours of one L3 that are in two nodes, and a guest that shows no cache. */
	expect(pair(CLUSTERED, NULL, PLACE_L3, NULL), "0;1", 0, false);
	expect(pair(PLAIN, NULL, PLACE_NODE, NULL), "0;1", 0, false);
}

static void test_pairs_that_are_not_there(void **state)
{
	(void)state;
	no_pair(pair(EPYC, NULL, PLACE_SMT, "0,8"),
	        "no two of the CPUs 0;8 are hardware threads of one core");
	no_pair(pair(PLAIN, NULL, PLACE_L3, NULL),
	        "no two of the CPUs 0;1;2;3 are cores that share an L3");
	no_pair(pair(PLAIN, NULL, PLACE_REMOTE, NULL),
	        "no two of the CPUs 0;1;2;3 are in different NUMA nodes");
	no_pair(pair(EPYC, "0-3", PLACE_NODE, NULL),
	        "no two of the CPUs 0;1;2;3 are cores of one NUMA node without an L3 in common");
	no_pair(pair(EPYC, "5", PLACE_L3, NULL), "no two of the CPUs 5 are cores that share an L3");
	refuse(pair(EPYC, NULL, PLACE_L3, "0,99"), "CPU 99 does not exist");
}

/* CPU 1 of three is there, but off. */
static const char offline[] =
        "<topology version=\"2.0\">"
        "<object type=\"Machine\" os_index=\"0\" cpuset=\"0x5\" complete_cpuset=\"0x7\""
        " allowed_cpuset=\"0x5\" nodeset=\"0x1\" complete_nodeset=\"0x1\" allowed_nodeset=\"0x1\">"
        "<object type=\"NUMANode\" os_index=\"0\" cpuset=\"0x5\" complete_cpuset=\"0x7\""
        " nodeset=\"0x1\" complete_nodeset=\"0x1\"/>"
        "<object type=\"PU\" os_index=\"0\" cpuset=\"0x1\" complete_cpuset=\"0x1\""
        " nodeset=\"0x1\" complete_nodeset=\"0x1\"/>"
        "<object type=\"PU\" os_index=\"2\" cpuset=\"0x4\" complete_cpuset=\"0x4\""
        " nodeset=\"0x1\" complete_nodeset=\"0x1\"/>"
        "</object></topology>";

static void test_offline(void **state)
{
	hwloc_bitmap_t all = hwloc_bitmap_alloc();
	hwloc_topology_t topology;
	struct place place;
	struct err e = {""};

	(void)state;
	hwloc_bitmap_set_range(all, 0, 2);
	assert_int_equal(hwloc_topology_init(&topology), 0);
	assert_int_equal(hwloc_topology_set_xmlbuffer(topology, offline, sizeof(offline)), 0);
	assert_int_equal(hwloc_topology_load(topology), 0);
	assert_int_equal(place_topology_choose(topology, all, 1, "1", &place, &e), -EINVAL);
	assert_string_equal(e.text, "CPU 1 is offline: online are 0,2");
	assert_int_equal(place_topology_choose(topology, all, 2, NULL, &place, &e), 0);
	assert_int_equal(place.cpu[0], 0);
	assert_int_equal(place.cpu[1], 2);
	assert_int_equal(place_topology_choose(topology, all, 3, NULL, &place, &e), -EINVAL);
	hwloc_topology_destroy(topology);
	hwloc_bitmap_free(all);
}

/* Caches that the first `threads` CPUs of a choice use. */
static uint64_t caches(const char *description, const char *cpus, unsigned threads, unsigned level)
{
	struct outcome o = choose(description, NULL, threads, cpus);
	hwloc_topology_t topology = synthetic(description);
	uint64_t bytes = 1;
	int rc = place_topology_cache_bytes(topology, &o.place, level, &bytes, &o.e);

	hwloc_topology_destroy(topology);
	if (rc)
		assert_int_equal(rc, -ENOTSUP);
	return rc ? 0 : bytes;
}

/* STREAM asks for four times the caches that a run uses: of each CCD once, however many threads. */
static void test_caches_are_counted_once(void **state)
{
	static const char ccds[] = "pack:1 [numa] l3:2(size=33554432) l2:4(size=524288) "
	                           "l1d:1(size=32768) core:1 pu:2";
	const uint64_t kib = 1 << 10, mib = 1 << 20;

	(void)state;
	assert_int_equal(caches(ccds, NULL, 1, 0), 32 * mib);
	assert_int_equal(caches(ccds, NULL, 4, 0), 32 * mib);
	assert_int_equal(caches(ccds, NULL, 5, 0), 64 * mib);
	assert_int_equal(caches(ccds, NULL, 2, 3), 32 * mib);
	assert_int_equal(caches(ccds, NULL, 2, 2), 1024 * kib);
	assert_int_equal(caches(ccds, NULL, 2, 1), 64 * kib);
	assert_int_equal(caches(ccds, "0,1", 2, 2), 512 * kib); /* two threads of one core */
	/* Without an L3 the last one is the L2. */
	assert_int_equal(caches("pack:1 [numa] l2:2(size=1048576) core:1 pu:1", NULL, 2, 0),
	                 2 * mib);
	assert_int_equal(caches("pack:1 [numa] l2:2(size=1048576) core:1 pu:1", NULL, 2, 3), 0);
	assert_int_equal(caches(PLAIN, NULL, 1, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_one_core_each),
	        cmocka_unit_test(test_one_cache_first),
	        cmocka_unit_test(test_one_node_first),
	        cmocka_unit_test(test_siblings_last),
	        cmocka_unit_test(test_guests),
	        cmocka_unit_test(test_lists),
	        cmocka_unit_test(test_refused_lists),
	        cmocka_unit_test(test_refused_counts),
	        cmocka_unit_test(test_pairs),
	        cmocka_unit_test(test_pairs_that_are_not_there),
	        cmocka_unit_test(test_offline),
	        cmocka_unit_test(test_caches_are_counted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
