/* SPDX-License-Identifier: MIT */
#include "analysis/show/report_machine.h"

#include "analysis/decide/disturbance.h"
#include "analysis/show/html.h"

/* What the run noticed while cells ran. */
static void put_disturbed(FILE *out, const struct machine *machine)
{
	size_t count = machine_count(machine, "disturbed");

	if (count)
		fprintf(out,
		        "<p class=\"warn\">%zu time%s a cell was disturbed while it ran: others, "
		        "or "
		        "the hypervisor, took more than a twentieth of its CPUs. Nothing was "
		        "dropped; manifest.json names them under <q>disturbed</q>.</p>\n",
		        count, count == 1 ? "" : "s");
}

int report_machine(const struct report *r, FILE *out, struct err *e)
{
	static const struct {
		const char *name, *path;
	} facts[] = {
	        {"processor", "environment.cpu.model_name"},
	        {"microcode", "environment.cpu.microcode"},
	        {"cores", "environment.cpu.cores"},
	        {"SMT active", "environment.cpu.smt_active"},
	        {"memory, bytes", "environment.memory.total_bytes"},
	        {"memory's theoretical peak, GB/s", "environment.memory.dram_peak_gbps"},
	        {"from", "environment.memory.dram_peak_source"},
	        {"transparent huge pages", "environment.memory.thp_enabled"},
	        {"NUMA balancing", "environment.memory.numa_balancing"},
	        {"Linux", "environment.linux.release"},
	        {"distribution", "environment.linux.distribution"},
	        {"SNP on in the host", "environment.sev.host_snp"},
	        {"clock source", "environment.linux.clocksource"},
	        {"suite", "suite.name"},
	        {"seed", "seed"},
	        {"rounds", "rounds"},
	        {"state", "state"},
	        {"sevbench", "sevbench"},
	};
	char text[256], within[SUMMARY_STEP_TEXT];

	(void)e;
	fputs("<dl>\n", out);
	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++) {
		if (!*machine_text(r->machine, facts[i].path, text))
			continue;
		fprintf(out, "<dt>%s</dt><dd>", facts[i].name);
		html_text(out, text);
		fputs("</dd>\n", out);
	}
	fprintf(out,
	        "</dl>\n<p>A time is the median of its rounds&rsquo; medians, the median of an "
	        "empty "
	        "loop subtracted where there is one. MAD is the median absolute deviation of all "
	        "samples. A ratio is the geometric mean of the rounds&rsquo; ratios of medians; "
	        "its "
	        "interval is Student&rsquo;s t on the scatter of rounds, for that cell alone. "
	        "Slower and faster hold after "
	        "Benjamini and Hochberg&rsquo;s correction over all cells, at a rate of false "
	        "discoveries of 5 %%; the same means that the interval lies within %g %%. Rates "
	        "count "
	        "bytes read and written, without write-allocate; of peak is their part of what the "
	        "memory moves in theory. Percentiles are of what was timed alone%s. "
	        "Disturbed: what can have moved the row&rsquo;s figures, "
	        "%s. "
	        "manifest.json has the rest.</p>\n",
	        r->compare->options.margin * 100, summary_step_text(r->compare->summary, within),
	        DISTURBANCE_RULE);
	put_disturbed(out, r->machine);
	return 0;
}
