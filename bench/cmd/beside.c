/* SPDX-License-Identifier: MIT */
#include "bench/cmd/beside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "bench/cmd/cmd.h"
#include "bench/run/manifest.h"
#include "harness/mem.h"
#include "harness/place_choose.h"
#include "harness/threats.h"
#include "harness/version.h"
#include "kernels/registry.h"
#include "vmrun/system/process.h"

#define LIST_SECONDS 30 /* for a program to say what it can do */

/* --- before anything starts ------------------------------------------------------------------ */

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
		               "the program's arguments: --output before the program says where "
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

	for (unsigned t = 0; t < TARGET_COUNT; t++) {
		if (b->targets[t].wanted && !b->targets[t].launch)
			fprintf(stderr, "sevbench: %s is skipped: %s\n", target_name(t),
			        b->targets[t].reason);
		if (b->targets[t].launch && !runs)
			runs = &b->targets[t];
	}
	if (!runs)
		return err_set(e, ENOTSUP, "this host can launch none of these guests");
	if (runs->choice.accel == ACCEL_TCG && b->guest.spec.accel == ACCEL_NONE)
		fprintf(stderr,
		        "sevbench: %s; the guests are emulated by software (TCG), and their "
		        "timings are no hardware costs\n",
		        runs->choice.why);
	if (runs->choice.unlike[0])
		fprintf(stderr, "sevbench: %s\n", runs->choice.unlike);
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

/* --- the directory ---------------------------------------------------------------------------- */

static int make_directory(struct beside *b, struct err *e)
{
	int rc = 0;

	if (!b->output)
		rc = manifest_name("neighbours", &b->directory, e);
	else if (!(b->directory = strdup(b->output)))
		rc = err_set(e, ENOMEM, "no memory for the result directory's name");
	if (rc)
		return rc;
	if (!mkdir(b->directory, 0755))
		return 0;
	if (errno != EEXIST)
		return err_set(e, EINVAL, "cannot create the result directory %s: %s", b->directory,
		               strerror(errno));
	return err_set(e, EINVAL,
	               "%s exists already, and results are never overwritten: choose another "
	               "--output",
	               b->directory);
}

static int begin_manifest(struct beside *b, struct err *e)
{
	json_t *environment, *threats;
	char now[32];
	int rc = manifest_environment(&environment, e);

	if (rc)
		return rc;
	manifest_time(now);
	b->seed = (uint64_t)time(NULL);
	b->manifest = json_pack("{s:i,s:s,s:s,s:s,s:o,s:i,s:i,s:I,s:o,s:o,s:[]}", "neighbours",
	                        BESIDE_SCHEMA, "sevbench", SEVBENCH_VERSION, "begun", now, "state",
	                        "running", "command", manifest_command(b->argc, b->argv), "guests",
	                        (int)b->guest.spec.guests, "rounds", (int)b->rounds, "seed",
	                        (json_int_t)b->seed, "platforms", run_target_describe(b->targets),
	                        "environment", environment, "launches");
	if (!b->manifest)
		return err_set(e, ENOMEM, "no memory for the manifest");
	threats = threats_find("", &b->place);
	for (size_t i = 0; i < json_array_size(threats); i++)
		fprintf(stderr, "sevbench: %s\n", json_string_value(json_array_get(threats, i)));
	json_object_set_new(b->manifest, "threats", threats);
	return manifest_write(b->directory, b->manifest, e);
}

/* --- the rounds --------------------------------------------------------------------------------
 */

/* The program's words in the guest; what is ours stands before what the command line says. */
static char **make_words(const struct beside *b, const char *round)
{
	const char *const ours[] = {b->program.in_guest, "--quiet", "--end-mark", "--round", round};
	const size_t count = sizeof(ours) / sizeof(ours[0]);
	char *const *words = b->options->command + 1;
	size_t more = 0;
	char **argv;

	while (words[more])
		more++;
	argv = calloc(count + more + 1, sizeof(*argv));
	if (!argv)
		return NULL;
	for (size_t i = 0; i < count; i++)
		argv[i] = (char *)ours[i];
	memcpy(argv + count, words, more * sizeof(*argv));
	return argv;
}

/* The guests of one launch end well, or the status says how they did not. */
static int run_guests(struct beside *b, unsigned round, unsigned count, const char *folder,
                      struct err *e)
{
	char number[16];
	char **argv;
	int status;

	snprintf(number, sizeof(number), "%u", round);
	argv = make_words(b, number);
	if (!argv) {
		err_set(e, ENOMEM, "no memory for the program's arguments");
		return CMD_FAILED;
	}
	status = exec_run(&(struct exec_run){.who = "sevbench",
	                                     .options = &b->guest,
	                                     .program = &b->program,
	                                     .argv = argv,
	                                     .count = count,
	                                     .folder = folder,
	                                     .quiet = true});
	free(argv);
	if (status)
		err_set(e, EIO, "round %u of %s did not end well", round,
		        target_name(b->guest.spec.platform));
	return status;
}

static void say_launch(const struct beside *b, unsigned round, unsigned count)
{
	const char *platform = target_name(b->guest.spec.platform);

	if (count == 1)
		fprintf(stderr, "sevbench: round %u of %u: one %s guest alone\n", round, b->rounds,
		        platform);
	else
		fprintf(stderr, "sevbench: round %u of %u: %u %s guests at once\n", round,
		        b->rounds, count, platform);
}

/* What else went on meanwhile: QEMU has ended, so what is not ours was somebody else's. */
static void note_others(const struct beside *b, json_t *entry, const struct watch_reading *before)
{
	struct watch_reading after;
	char why[128];

	watch_read("", &b->place, &after);
	json_object_set_new(entry, "noise", watch_json(before, &after, &b->place));
	if (!watch_disturbed(before, &after, &b->place, true, why))
		return;
	json_object_set_new(entry, "disturbed", json_string(why));
	fprintf(stderr, "sevbench: meanwhile %s\n", why);
}

/* One guest, or all at once. */
static int launch(struct beside *b, unsigned round, unsigned target, unsigned count, struct err *e)
{
	char path[PATH_MAX], partial[PATH_MAX + 16], now[32];
	int status;
	struct watch_reading before;
	json_t *entry;

	if (beside_path(path, b->directory, round, target, count == 1 ? "alone" : "beside", e))
		return CMD_FAILED;
	snprintf(partial, sizeof(partial), "%s.partial", path);
	b->guest.spec.platform = (enum platform)target;
	say_launch(b, round, count);
	manifest_time(now);
	entry = json_pack("{s:s,s:i,s:i,s:s}", "platform", target_name(target), "round", (int)round,
	                  "guests", (int)count, "begun", now);
	json_array_append_new(json_object_get(b->manifest, "launches"), entry);
	watch_read("", &b->place, &before);
	status = run_guests(b, round, count, partial, e);
	note_others(b, entry, &before);
	manifest_time(now);
	json_object_set_new(entry, "ended", json_string(now));
	if (!status && rename(partial, path)) {
		err_errno(e, "cannot rename %s", partial);
		status = CMD_FAILED;
	}
	json_object_set_new(entry, "whole", json_boolean(!status));
	b->whole += !status;
	if (!status && manifest_write(b->directory, b->manifest, e))
		status = CMD_FAILED;
	return status;
}

/* Alone first in one round and last in the next; chance says in which. */
static int measure_target(struct beside *b, unsigned round, unsigned target, struct err *e)
{
	unsigned order = (round + (unsigned)(b->seed >> target)) % 2;
	char path[PATH_MAX];
	int status = CMD_DONE;

	if (beside_path(path, b->directory, round, target, NULL, e))
		return CMD_FAILED;
	if (mkdir(path, 0755)) {
		err_errno(e, "cannot create %s", path);
		return CMD_FAILED;
	}
	for (unsigned i = 0; i < 2 && !status; i++) {
		if (!*b->stop)
			status = launch(b, round, target, i == order ? 1 : b->guest.spec.guests, e);
		if (*b->stop)
			status = CMD_FAILED;
	}
	return status;
}

static int measure_round(struct beside *b, unsigned round, struct err *e)
{
	size_t order[TARGET_COUNT];
	char path[PATH_MAX];
	int status = CMD_DONE;

	snprintf(path, sizeof(path), "%s/round%u", b->directory, round);
	if (mkdir(path, 0755)) {
		err_errno(e, "cannot create %s", path);
		return CMD_FAILED;
	}
	run_order(order, TARGET_COUNT, b->seed + round);
	for (size_t i = 0; i < TARGET_COUNT && !status; i++) {
		if (b->targets[order[i]].launch)
			status = measure_target(b, round, (unsigned)order[i], e);
	}
	return status;
}

static int finish(struct beside *b, int status, struct err *e)
{
	const char *state = !status ? "complete" : *b->stop ? "interrupted" : "failed";
	struct err lost = {""};
	char now[32];

	if (*b->stop)
		err_set(e, EINTR, "interrupted");
	manifest_time(now);
	json_object_set_new(b->manifest, "ended", json_string(now));
	json_object_set_new(b->manifest, "state", json_string(state));
	if (status)
		json_object_set_new(b->manifest, "error", json_string(e->text));
	manifest_release(b->directory);
	if (manifest_write(b->directory, b->manifest, &lost)) {
		fprintf(stderr, "sevbench: %s\n", lost.text);
		status = status ? status : CMD_FAILED;
	}
	if (!status)
		return status;
	if (b->whole)
		fprintf(stderr,
		        "sevbench: %s; %zu of %zu launches ended well, and `sevbench neighbours "
		        "%s` shows what they say\n",
		        e->text, b->whole, b->launches, b->directory);
	else
		fprintf(stderr,
		        "sevbench: %s; no launch ended well, and what there is lies in %s\n",
		        e->text, b->directory);
	return status;
}

int beside_measure(struct beside *b)
{
	struct err e = {""};
	int status = CMD_DONE, rc = make_directory(b, &e);

	if (!rc)
		rc = begin_manifest(b, &e);
	if (!rc)
		rc = manifest_reserve(b->directory, &e);
	if (rc) {
		fprintf(stderr, "sevbench: %s\n", e.text);
		return rc == -EINVAL ? CMD_USAGE : CMD_FAILED;
	}
	b->stop = run_stop();
	for (unsigned round = 1; round <= b->rounds && !status; round++)
		status = measure_round(b, round, &e);
	return finish(b, status, &e);
}

void beside_free(struct beside *b)
{
	json_decref(b->manifest);
	free(b->directory);
}
