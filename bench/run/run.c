/* SPDX-License-Identifier: MIT */
#include "bench/run/run.h"

#include <stdlib.h>
#include <unistd.h>

#include "harness/utf8.h"

void run_fail(struct run_launch *launch, const char *what)
{
	const char *platform = target_name(launch->target);

	progress_say(&launch->run->progress, "%s, round %u: %s", platform, launch->origin.round,
	             what);
	json_array_append_new(json_object_get(launch->run->manifest, "failures"),
	                      json_pack("{s:s,s:i,s:o}", "platform", platform, "round",
	                                (int)launch->origin.round, "what", utf8_json(what)));
	launch->run->failed++;
}

bool run_has_samples(const struct run *run)
{
	return run->ok || run->command;
}

void run_free(struct run *run)
{
	suite_free(&run->suite);
	design_free(&run->design);
	json_decref(run->manifest);
	free(run->name);
	free(run->directory);
	free(run->logs);
	free(run->programs);
	free(run->linker);
	free(run->order);
	free(run->command);
	if (run->native_log > 0)
		close(run->native_log);
}
