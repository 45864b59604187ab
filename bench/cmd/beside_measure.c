/* SPDX-License-Identifier: MIT */
#include "bench/cmd/beside_measure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "bench/cmd/cmd.h"
#include "bench/run/manifest.h"
#include "bench/run/run_order.h"
#include "bench/run/run_stop.h"
#include "bench/run/watch.h"
#include "harness/threats.h"
#include "harness/utf8.h"
#include "harness/version.h"

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
	               "--out",
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
	json_object_set_new(entry, "disturbed", utf8_json(why));
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
		json_object_set_new(b->manifest, "error", utf8_json(e->text));
	manifest_release(b->directory);
	if (manifest_write(b->directory, b->manifest, &lost)) {
		fprintf(stderr, "sevbench: %s\n", lost.text);
		status = status ? status : CMD_FAILED;
	}
	if (!status)
		return status;
	if (*b->stop)
		status = CMD_SIGNALLED + *b->stop;
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
