/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer: any bytes as a recorded host, on through every requirement of it. A recording is told
 * as in tests/vmrun/hosts: the line "== recorded/NAME" begins each file.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fuzz.h"
#include "vmrun/host/recording.h"
#include "vmrun/host/requirement.h"

static const char *const names[] = {"cpuid", "kvm", "msr", "release", "log", "devices", "firmware"};
#define NAMES (sizeof(names) / sizeof(*names))

static char root[64];

static void path_of(const char *name, char path[128])
{
	snprintf(path, 128, "%s/recorded/%s", root, name);
}

static void forget_root(void)
{
	char path[128];

	for (size_t i = 0; i < NAMES; i++) {
		path_of(names[i], path);
		unlink(path);
	}
	path_of("", path);
	rmdir(path);
	rmdir(root);
}

static void make_root(void)
{
	char path[128];

	if (*root)
		return;
	snprintf(root, sizeof(root), "/tmp/fuzz_recording-XXXXXX");
	must(mkdtemp(root) && !atexit(forget_root));
	path_of("", path);
	must(!mkdir(path, 0700));
}

static void write_file(const char *name, const char *text, size_t size)
{
	char path[128];
	int fd;

	path_of(name, path);
	if (!text) {
		unlink(path);
		return;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	must(fd >= 0 && write(fd, text, size) == (ssize_t)size);
	close(fd);
}

/* The part of `text` that is that file; NULL: there is none. */
static const char *find_file(const char *text, const char *name, size_t *size)
{
	char heading[64];
	const char *at, *end;

	snprintf(heading, sizeof(heading), "== recorded/%s\n", name);
	at = strstr(text, heading);
	if (!at)
		return NULL;
	at += strlen(heading);
	end = strstr(at, "== ");
	*size = end ? (size_t)(end - at) : strlen(at);
	return at;
}

static void judge(const struct host_source *source)
{
	const struct requirement *rows;
	struct facts facts;
	struct err e = {""};
	size_t count;

	rows = requirement_rows(&count);
	facts_gather(source, &facts);
	for (size_t i = 0; i < count; i++) {
		struct finding finding = {.found = ""};

		rows[i].check(&facts, &finding);
		for (int p = 0; p < PLATFORM_LAUNCH_END; p++)
			must(finding.verdict[p] < VERDICT_WARN || *finding.reason[p]);
	}
	facts_release(&facts);
	for (int p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END; p++)
		must(!requirement_allow(source, (enum platform)p, &e) || *e.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = {data, size};
	char *text = fuzz_text(&f);
	const struct host_source *source;
	struct recording *recording;
	struct err e = {""};

	make_root();
	for (size_t i = 0; i < NAMES; i++) {
		size_t length = 0;
		const char *file = find_file(text, names[i], &length);

		write_file(names[i], file, length);
	}
	if (recording_open(root, &recording, &source, &e)) {
		must(*e.text);
	} else {
		judge(source);
		recording_close(recording);
	}
	free(text);
	return 0;
}
