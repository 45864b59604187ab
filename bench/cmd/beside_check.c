/* SPDX-License-Identifier: MIT */
#include "bench/cmd/beside_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/mem.h"
#include "harness/place_choose.h"
#include "kernels/registry.h"
#include "vmrun/system/process.h"

#define LIST_SECONDS 30 /* for a program to say what it can do */

/* Is `word` that long option, or the beginning of it that getopt takes for it? */
static bool is_option(const char *word, const char *option, size_t least)
{
	size_t length = strcspn(word, "=");

	return length >= least && length <= strlen(option) && !strncmp(word, option, length);
}

/* Is it a word of short options ("-qo") with that one among them? */
static bool is_short(const char *word, char option)
{
	return word[0] == '-' && word[1] != '-' && strchr(word, option);
}

static bool measures_nothing(const char *word)
{
	return is_short(word, 'h') || is_option(word, "--help", strlen("--h")) ||
	       is_option(word, "--list", strlen("--l")) ||
	       is_option(word, "--version", strlen("--ve")) ||
	       is_option(word, "--environment", strlen("--env"));
}

static int check_word(const char *word, struct err *e)
{
	if (is_option(word, "--round", strlen("--ro")))
		return err_set(e, EINVAL,
		               "%s: the rounds are counted here; leave it out of the program's "
		               "arguments, and say how many by --rounds before the program",
		               word);
	if (is_short(word, 'o') || is_option(word, "--output", strlen("--o")))
		return err_set(e, EINVAL,
		               "%s: a file of the guest's would be lost with it; leave it out of "
		               "the program's arguments: --out before the program says where "
		               "results go",
		               word);
	if (measures_nothing(word))
		return err_set(e, EINVAL,
		               "%s: the program would measure nothing; leave it out of its "
		               "arguments",
		               word);
	return 0;
}

/* The program itself knows its options: it reads them here, and lists what it has. */
static int try_words(const struct beside *b, struct err *e)
{
	char *const *words = b->options->command;
	char list[] = "--list", *text, **argv;
	size_t count = 0;
	int rc;

	while (words[count])
		count++;
	argv = calloc(count + 2, sizeof(*argv));
	if (!argv)
		return err_set(e, ENOMEM, "no memory for the program's arguments");
	memcpy(argv, words, count * sizeof(*argv));
	argv[0] = (char *)b->program.path;
	argv[count] = list;
	rc = process_capture(argv, LIST_SECONDS, &text, e);
	if (rc) {
		e->text[strcspn(e->text, "\n")] = '\0';
		rc = -EINVAL;
	} else {
		free(text);
	}
	free(argv);
	return rc;
}

static int check_program(struct beside *b, struct err *e)
{
	static const char prefix[] = "/bin/bench-";
	char *const *words = b->options->command;
	int rc;

	if (!words[0])
		return err_set(e, EINVAL,
		               "no program to measure with is named: see sevbench neighbours "
		               "--help");
	rc = exec_run_find(words[0], &b->program, e);
	if (rc)
		return rc;
	if (strncmp(b->program.in_guest, prefix, strlen(prefix)) != 0 ||
	    !registry_find(b->program.in_guest + strlen(prefix)))
		return err_set(e, EINVAL,
		               "%s is none of the programs that measure a kernel (bench-memcpy, "
		               "bench-stream ...): see sevbench list",
		               words[0]);
	for (size_t i = 1; words[i] && !rc; i++)
		rc = check_word(words[i], e);
	return rc ? rc : try_words(b, e);
}

static int check_target(struct beside *b, unsigned target, struct err *e)
{
	struct run_target *t = &b->targets[target];
	int rc;

	t->wanted = b->target[target];
	if (!t->wanted)
		return 0;
	if (target == PLATFORM_NATIVE)
		return err_set(e, EINVAL,
		               "--platforms are nosev, sev, sev-es or snp: native is no guest");
	if (target >= PLATFORM_COUNT)
		return err_set(e, EINVAL,
		               "--platforms %s: all guests have the same host pages here, and "
		               "--backing says which",
		               target_name(target));
	b->guest.spec.platform = (enum platform)target;
	rc = run_target_check(&b->guest.spec, t, e);
	if (!rc && t->launch && target == PLATFORM_SNP && b->guest.spec.backing != MEM_4K)
		return err_set(e, EINVAL,
		               "--backing %s: Linux maps an SNP guest's private memory with 4 KiB "
		               "pages, whatever backs it, so the guests would not match",
		               mem_pages_name(b->guest.spec.backing));
	return rc;
}

/* What cannot be launched, what is emulated though nobody asked for it, what is not as it seems. */
static int say_targets(const struct beside *b, struct err *e)
{
	const struct run_target *runs = NULL;
	const struct run_target *snp = &b->targets[PLATFORM_SNP];
	const char *hint = run_target_hint(b->targets);

	for (unsigned t = 0; t < TARGET_COUNT; t++) {
		if (b->targets[t].wanted && !b->targets[t].launch)
			fprintf(stderr, "sevbench: %s is skipped: %s\n", target_name(t),
			        b->targets[t].reason);
		if (b->targets[t].launch && !runs)
			runs = &b->targets[t];
	}
	if (hint[0])
		fprintf(stderr, "sevbench: %s\n", hint);
	if (!runs)
		return err_set(e, ENOTSUP, "this host can launch none of these guests");
	if (runs->choice.accel == ACCEL_TCG && b->guest.spec.accel == ACCEL_NONE)
		fprintf(stderr,
		        "sevbench: %s; the guests are emulated by software (TCG), and their "
		        "timings are no hardware costs\n",
		        runs->choice.why);
	if (runs->choice.unlike[0])
		fprintf(stderr, "sevbench: %s\n", runs->choice.unlike);
	if (snp->launch && snp->choice.memory_doubt.text[0])
		fprintf(stderr, "sevbench: %s\n", snp->choice.memory_doubt.text);
	return 0;
}

int beside_check(struct beside *b, struct err *e)
{
	const struct vm_spec *spec;
	int rc = check_program(b, e);

	b->guest = *b->options;
	spec = &b->guest.spec;
	for (unsigned t = 0; t < TARGET_COUNT && !rc; t++)
		rc = check_target(b, t, e);
	if (!rc)
		rc = place_choose(spec->guests * spec->vcpus, spec->cpus, &b->place, e);
	if (rc)
		return rc;
	for (unsigned t = 0; t < TARGET_COUNT; t++)
		b->launches += b->targets[t].launch ? 2UL * b->rounds : 0;
	run_target_firmware(b->targets, &b->guest.spec);
	return say_targets(b, e);
}
