/* SPDX-License-Identifier: MIT */
/*
 * make_run DIRECTORY: a made-up run of all five platforms, samples and manifest, for tests and for
 * looking at pictures and pages: every kind of kernel, cells that are skipped and that failed. Its
 * manifest says that nothing in it was measured.
 */
#include <gsl/gsl_randist.h>
#include <math.h>
#include <sys/stat.h>

#include "harness/sev.h"
#include "tests/analysis/synth.h"

#define ROUNDS  5
#define SAMPLES 12

/* What a kernel does, in broad lines. */
struct made_up {
	const char *kernel, *variant, *params, *pages;
	double ns;            /* of an operation; of a byte where there is a size */
	double factor[5];     /* by enum platform; 0: skipped there */
	uint64_t least, most; /* sizes, times 4 each; 0: none */
	bool rates, single, caches;
};

#define MEMORY      1, 1.02, 1.06, 1.07, 1.11
#define SWITCH      0, 1, 1.02, 2.6, 3.3
#define FIRST_WRITE 1, 1.3, 1.4, 1.5, 4.1
#define FIRST_READ  1, 1.2, 1.2, 1.3, 3.1
#define FIRST_HUGE  1, 1.2, 1.4, 1.4, 2.2
#define KIB         (UINT64_C(1) << 10)
#define MIB         (UINT64_C(1) << 20)

static const struct made_up table[] = {
        {"memcpy", "avx2", "", "4k", 0.02, {MEMORY}, 4 * KIB, 256 * MIB, true, false, true},
        {"memcpy", "avx2_nt", "", "4k", 0.07, {MEMORY}, 4 * KIB, 256 * MIB, true, false, false},
        {"memcpy", "libc", "", "4k", 0.018, {MEMORY}, 4 * KIB, 256 * MIB, true, false, true},
        {"memcpy", "rep_movsb", "", "4k", 0.016, {MEMORY}, 4 * KIB, 256 * MIB, true, false, true},
        {"read", "avx2", "", "4k", 0.012, {MEMORY}, 4 * KIB, 256 * MIB, true, false, true},
        {"stream", "copy", "", "4k", 0.05, {MEMORY}, 64 * MIB, 64 * MIB, true, false, false},
        {"stream", "triad", "", "4k", 0.06, {MEMORY}, 64 * MIB, 64 * MIB, true, false, false},
        {"stream",
         "triad_avx2_nt",
         "",
         "4k",
         0.045,
         {MEMORY},
         64 * MIB,
         64 * MIB,
         true,
         false,
         false},
        {"chase",
         "random",
         "chains=1;stride=64",
         "4k",
         1.5,
         {MEMORY},
         4 * KIB,
         256 * MIB,
         false,
         false,
         true},
        {"chase",
         "random",
         "chains=1;stride=64",
         "thp",
         1.2,
         {MEMORY},
         4 * KIB,
         256 * MIB,
         false,
         false,
         true},
        {"tlb", "pages", "", "4k", 1.1, {MEMORY}, MIB, 256 * MIB, false, false, true},
        {"tlb", "packed", "", "4k", 1, {MEMORY}, MIB, 256 * MIB, false, false, false},
        {"loaded",
         "random",
         "pause=0",
         "4k",
         210,
         {MEMORY},
         64 * MIB,
         64 * MIB,
         false,
         false,
         false},
        {"loaded",
         "random",
         "pause=16",
         "4k",
         150,
         {MEMORY},
         64 * MIB,
         64 * MIB,
         false,
         false,
         false},
        {"loaded",
         "random",
         "pause=64",
         "4k",
         120,
         {MEMORY},
         64 * MIB,
         64 * MIB,
         false,
         false,
         false},
        {"loaded",
         "random",
         "pause=256",
         "4k",
         101,
         {MEMORY},
         64 * MIB,
         64 * MIB,
         false,
         false,
         false},
        {"touch", "write", "", "4k", 900, {FIRST_WRITE}, 8 * MIB, 8 * MIB, false, true, false},
        {"touch", "read", "", "4k", 400, {FIRST_READ}, 8 * MIB, 8 * MIB, false, true, false},
        {"touch", "write", "", "thp", 90000, {FIRST_HUGE}, 8 * MIB, 8 * MIB, false, true, false},
        {"syscall", "getppid", "", "", 90, {1, 1, 1, 1.01, 1.01}, 0, 0, false, false, false},
        {"signal", "fault", "", "", 1100, {1, 1.02, 1.02, 1.05, 1.05}, 0, 0, false, false, false},
        {"cpuid", "0x0", "", "", 900, {0.03, 1, 1.02, 2.4, 0.5}, 0, 0, false, false, false},
        {"cpuid", "0xb", "", "", 920, {0.03, 1, 1.02, 2.5, 3.1}, 0, 0, false, false, false},
        {"ioport", "in_pic", "", "", 1200, {SWITCH}, 0, 0, false, false, false},
        {"ioport", "in_testdev", "", "", 3900, {0, 1, 1.02, 1.6, 1.9}, 0, 0, false, false, false},
        {"mmio", "eventfd", "", "", 1500, {0, 1, 1.02, 2.9, 3.6}, 0, 0, false, false, false},
        {"mmio", "write", "", "", 4600, {0, 1, 1.02, 1.7, 2.1}, 0, 0, false, false, false},
        {"hypercall", "poll_irq", "", "", 700, {0, 1, 1.02, 2.8, 3.7}, 0, 0, false, false, false},
        {"ring0_msr", "rdmsr_0x1b", "", "", 820, {0, 1, 1.02, 2.7, 3.4}, 0, 0, false, false, false},
};

#define TWIN   0, 1, 1.03, 1.03, 1.04
#define SHARED 0, 1, 1, 1, 1

/* Memory that is encrypted, and memory that is not, in one guest. */
static const struct {
	const char *backing;
	struct made_up cell;
} inside[] = {
        {"twin",
         {"memcpy", "avx2", "", "2m", 0.06, {TWIN}, 64 * MIB, 64 * MIB, true, false, false}},
        {"shared",
         {"memcpy", "avx2", "", "2m", 0.06, {SHARED}, 64 * MIB, 64 * MIB, true, false, false}},
        {"twin",
         {"chase",
          "random",
          "chains=1;stride=64",
          "2m",
          90,
          {TWIN},
          64 * MIB,
          64 * MIB,
          false,
          false,
          false}},
        {"shared",
         {"chase",
          "random",
          "chains=1;stride=64",
          "2m",
          90,
          {SHARED},
          64 * MIB,
          64 * MIB,
          false,
          false,
          false}},
};

static const char manifest[] =
        "{\"sevbench\": \"made up\", \"run\": \"made-up\", \"begun\": \"2026-01-02T03:04:05Z\",\n"
        " \"state\": \"complete\", \"seed\": 1, \"rounds\": 5, \"suite\": {\"name\": \"made "
        "up\"},\n"
        " \"environment\": {\"cpu\": {\"model_name\": \"nothing was measured: a made-up run\",\n"
        "  \"caches\": [{\"level\": 1, \"type\": \"Data\", \"size\": \"32K\"},\n"
        "   {\"level\": 2, \"type\": \"Unified\", \"size\": \"1M\"},\n"
        "   {\"level\": 3, \"type\": \"Unified\", \"size\": \"32M\"}]}},\n"
        " \"launches\": [{\"platform\": \"nosev\", \"round\": 1, \"guest\": {\"accel\": \"kvm\",\n"
        "  \"cpu_model\": \"host\", \"differences\": {\"same\": 58, \"unexplained\": 0, "
        "\"settings\": []},\n"
        "  \"proof\": {\"verdict\": \"visible\", \"sentence\": \"made up\"}}},\n"
        "  {\"platform\": \"snp\", \"round\": 1, \"guest\": {\"accel\": \"kvm\", \"cpu_model\": "
        "\"host\",\n"
        "  \"differences\": {\"same\": 57, \"unexplained\": 0, \"settings\": [{\"where\":\n"
        "   \"-object sev0 policy\", \"nosev\": null, \"here\": \"0x30000\", \"why\": \"is made "
        "up\",\n"
        "   \"source\": \"nowhere\"}]}, \"proof\": {\"verdict\": \"not visible\", \"sentence\": "
        "\"made up\"}}}],\n"
        " \"failures\": [], \"disturbed\": [{\"platform\": \"native\", \"round\": 2,\n"
        "  \"cell\": \"memcpy/avx2 4K 4k\", \"why\": \"others used 31 % of its CPUs\"}]}\n";

static gsl_rng *rng;

/* How much longer a byte or a step takes in a larger memory. */
static double cache_factor(const struct made_up *m, uint64_t size)
{
	if (!m->caches)
		return 1;
	return size <= 32 * KIB ? 1 : size <= MIB ? 3 : size <= 32 * MIB ? 9 : m->rates ? 14 : 60;
}

static double time_of(const struct made_up *m, uint64_t size, enum platform p)
{
	double ns = m->ns * cache_factor(m, size) * m->factor[p];

	return m->rates ? ns * (double)size : ns;
}

static void put_launch(FILE *out, struct synth row, const struct made_up *m, enum platform p)
{
	double boot = exp(gsl_ran_gaussian(rng, 0.004)), ns = time_of(m, row.size, p) * boot;
	unsigned samples = m->single ? 400 : SAMPLES;

	for (row.sample = 0; row.sample < samples; row.sample++) {
		double x = ns * exp(gsl_ran_gaussian(rng, m->single ? 0.15 : 0.008));

		if (m->single && gsl_rng_uniform(rng) < 0.02)
			x *= 1 + gsl_ran_exponential(rng, 6);
		row.iterations = m->single ? 1 : 100;
		row.ns = x * (double)row.iterations;
		synth_row(out, &row);
	}
}

static void put_cell(FILE *out, const struct made_up *m, const char *backing, uint64_t size)
{
	for (unsigned round = 1; round <= ROUNDS; round++)
		for (int p = 0; p < PLATFORM_LAUNCH_END; p++) {
			struct synth row = synth_default;

			row.run = "made-up";
			row.round = round;
			row.platform = platform_name((enum platform)p);
			row.accel = p == PLATFORM_NATIVE ? "none" : "kvm";
			row.kernel = m->kernel;
			row.variant = m->variant;
			row.params = m->params;
			row.pages = m->pages;
			row.backing = backing;
			row.size = size;
			row.unit = m->rates ? "bandwidth" : "latency";
			row.single_shot = m->single;
			row.read = m->rates ? size : 0;
			if (!(m->factor[p] > 0)) {
				row.iterations = 0;
				row.status = "skipped";
				row.reason =
				        "there is no hypervisor to go to: <native> & \"\"alone\"\"";
				synth_row(out, &row);
			} else {
				put_launch(out, row, m, (enum platform)p);
			}
		}
}

int main(int argc, char **argv)
{
	char *path;
	FILE *out;

	if (argc != 2 || mkdir(argv[1], 0777)) {
		fputs("usage: make_run DIRECTORY (which is made)\n", stderr);
		return 2;
	}
	rng = gsl_rng_alloc(gsl_rng_taus2);
	out = synth_file(argv[1], "samples.csv", &path);
	free(path);
	synth_header(out);
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		put_cell(out, &table[i], "anon", table[i].least);
		for (uint64_t size = table[i].least * 4; size && size <= table[i].most; size *= 4)
			put_cell(out, &table[i], "anon", size);
	}
	for (size_t i = 0; i < sizeof(inside) / sizeof(*inside); i++)
		put_cell(out, &inside[i].cell, inside[i].backing, inside[i].cell.least);
	if (fclose(out))
		return 1;
	out = synth_file(argv[1], "manifest.json", &path);
	free(path);
	fputs(manifest, out);
	gsl_rng_free(rng);
	return fclose(out) ? 1 : 0;
}
