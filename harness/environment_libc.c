/* SPDX-License-Identifier: MIT */
/* Section "libc": which C library there is, and by what its memcpy and memset choose their ways. */
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <inttypes.h>
#include <link.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/environment_reader.h"

#include "harness/utf8.h"

/* A cache size as libc sees it: its memcpy works with these. */
static void put_cache(const struct environment_section *s, const char *key, int name)
{
	long bytes = sysconf(name);

	environment_put(s, key, bytes > 0 ? json_integer(bytes) : NULL, "libc does not know it");
}

/* The dynamic linker that this process was loaded by, wherever that lies. */
static int find_linker(struct dl_phdr_info *object, size_t size, void *context)
{
	const char **path = context;

	(void)size;
	if (!strstr(object->dlpi_name, "/ld-linux"))
		return 0;
	*path = object->dlpi_name;
	return 1;
}

/* What the program at `path` prints when it is called with `word`. NULL where it cannot be run. */
static FILE *open_output(const char *path, const char *word, pid_t *pid)
{
	char *argv[] = {(char *)path, (char *)word, NULL};
	posix_spawn_file_actions_t actions;
	int ends[2], rc;

	if (pipe2(ends, O_CLOEXEC))
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	rc = posix_spawn(pid, path, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (!rc)
		return fdopen(ends[0], "r");
	close(ends[0]);
	return NULL;
}

/*
 * "glibc.cpu.x86_rep_stosb_threshold: 0x800 (min: 0x1, max: ...)": sizes in bytes from which it
 * takes another way. glibc chooses them by processor and version, so that the same call is other
 * work on another (glibc, sysdeps/x86/dl-cacheinfo.h). The largest stand for "never".
 */
static void put_thresholds(const struct environment_section *s)
{
	json_t *all = json_object();
	const char *linker = NULL;
	FILE *in = NULL;
	char line[256];
	pid_t pid = 0;

	if (dl_iterate_phdr(find_linker, &linker))
		in = open_output(linker, "--list-tunables", &pid);
	while (in && fgets(line, sizeof(line), in)) {
		char name[64];
		uint64_t bytes;

		if (sscanf(line, "glibc.cpu.x86_%63[a-z_]: 0x%" SCNx64, name, &bytes) != 2 ||
		    !strstr(name, "threshold"))
			continue;
		json_object_set_new(all, name,
		                    bytes <= INT64_MAX ? json_integer((json_int_t)bytes)
		                                       : json_string("never"));
	}
	if (in) {
		fclose(in);
		waitpid(pid, NULL, 0);
	}
	if (!json_object_size(all)) {
		json_decref(all);
		all = NULL;
	}
	environment_put(s, "thresholds", all,
	                "this C library does not list them (ld.so --list-tunables)");
}

void environment_libc(const struct environment_section *s)
{
	const char *tunables = getenv("GLIBC_TUNABLES");

	environment_put(s, "version", json_string(gnu_get_libc_version()), "no memory");
	environment_put(s, "tunables", utf8_json(tunables ? tunables : ""),
	                "GLIBC_TUNABLES is no text");
	put_cache(s, "l1d_bytes", _SC_LEVEL1_DCACHE_SIZE);
	put_cache(s, "l2_bytes", _SC_LEVEL2_CACHE_SIZE);
	put_cache(s, "l3_bytes", _SC_LEVEL3_CACHE_SIZE);
	put_thresholds(s);
}
