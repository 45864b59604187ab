/* SPDX-License-Identifier: MIT */
/*
 * A QEMU that goes wrong on purpose: -cpu names the way. As far as vmrun can tell it is one, with a
 * guest that says what the name tells it to. Static and never instrumented: it must start quickly.
 */
#include <endian.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/vmrun/stub_qemu.h"
#include "vmrun/qemu/argv.h"
#include "vmrun/wire/frame.h"

#define HELLO "{\"platform\": \"nosev\", \"accel\": \"tcg\", \"how\": \"a stub\"}"

struct stub {
	const char *fault;
	int qmp, console, port;
	uint32_t sequence;
	int status; /* to exit with */
};

static bool is(const struct stub *s, const char *fault)
{
	return !strcmp(s->fault, fault);
}

static _Noreturn void wait_for_death(void)
{
	for (;;)
		pause();
}

static void put(int fd, const void *bytes, size_t length)
{
	if (write(fd, bytes, length) != (ssize_t)length)
		exit(9);
}

/* "socket,id=qmp,path=/x": connect, to the descriptor of that id. */
static void connect_to(struct stub *s, const char *chardev)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = strstr(chardev, "path=");
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (!path || fd < 0)
		exit(9);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path + strlen("path="));
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		exit(9);
	if (strstr(chardev, "id=qmp"))
		s->qmp = fd;
	else if (strstr(chardev, "id=console"))
		s->console = fd;
	else
		s->port = fd;
}

static size_t make(struct stub *s, enum frame_type type, const void *payload, size_t length,
                   uint8_t *out)
{
	uint16_t job = type == FRAME_HELLO || type == FRAME_END ? FRAME_NO_JOB : 0;

	return frame_encode(type, job, s->sequence++, payload, (uint32_t)length, out);
}

static void send_frame(struct stub *s, enum frame_type type, const void *payload, size_t length)
{
	uint8_t bytes[FRAME_HEADER + 256];
	size_t size = make(s, type, payload, length, bytes);

	put(s->port, bytes, size);
}

/* The output of the job, with what goes wrong on its way. */
static void send_output(struct stub *s)
{
	uint8_t first[FRAME_HEADER + 16], second[FRAME_HEADER + 16];
	size_t n = make(s, FRAME_OUTPUT, "first", 5, first);
	size_t m = make(s, FRAME_OUTPUT, "second", 6, second);

	if (is(s, "cut")) {
		put(s->port, first, n - 2);
		exit(0);
	}
	if (is(s, "corrupted"))
		first[FRAME_HEADER] ^= 1;
	if (is(s, "reordered"))
		put(s->port, second, m);
	put(s->port, first, n);
	if (is(s, "repeated"))
		put(s->port, first, n);
	if (!is(s, "lost"))
		put(s->port, second, m);
	else
		s->sequence--;
}

static void flood_console(const struct stub *s)
{
	static const char line[] = "the guest talks and talks and talks and talks and talks\n";

	for (int i = 0; i < 100000; i++)
		put(s->console, line, sizeof(line) - 1);
}

static int robbed(int rc, enum stub_robbery what)
{
	return rc < 0 ? 0 : (int)what;
}

/*
 * What a QEMU that has been taken over could try on the directory of its run: to put in its place
 * the one that `words` name ("victim=/x"), so that vmrun clears that up instead. What has
 * succeeded.
 */
static int rob(const char *words)
{
	char directory[PATH_MAX], moved[PATH_MAX + 8];
	const char *victim = strstr(words, STUB_VICTIM);
	int done = 0;

	if (!victim || !getcwd(directory, sizeof(directory)))
		return STUB_LOST;
	if (getenv(STUB_SECRET))
		done |= STUB_ENVIRONMENT;
	done |= robbed(open(ARGV_INITRAMFS, O_WRONLY), STUB_FILE);
	done |= robbed(open("mine", O_WRONLY | O_CREAT, 0600), STUB_DIRECTORY);
	if (unlink(ARGV_INITRAMFS) == 0 && mkfifo(ARGV_INITRAMFS, 0666) == 0)
		done |= STUB_DIRECTORY;
	snprintf(moved, sizeof(moved), "%s.moved", directory);
	if (rename(directory, moved) == 0 && symlink(victim + strlen(STUB_VICTIM), directory) == 0)
		done |= STUB_PLACE;
	return done;
}

/* One job that prints "firstsecond" and succeeds. */
static void run_guest(struct stub *s)
{
	struct frame_exit done = {.output_bytes = htole64(11)};
	struct frame_end end = {.jobs = htole32(1), .frames = htole32(5)};
	uint8_t go[FRAME_HEADER];

	if (is(s, "early"))
		send_frame(s, FRAME_START, NULL, 0);
	send_frame(s, FRAME_HELLO, HELLO, strlen(HELLO));
	if (read(s->port, go, sizeof(go)) != sizeof(go))
		exit(9);
	if (is(s, "gone")) {
		close(s->port);
		wait_for_death();
	}
	if (is(s, "silent-guest") || is(s, "mute"))
		wait_for_death();
	if (is(s, "flood"))
		flood_console(s);
	send_frame(s, FRAME_START, NULL, 0);
	send_output(s);
	send_frame(s, FRAME_EXIT, &done, sizeof(done));
	send_frame(s, FRAME_END, &end, sizeof(end));
}

/* Answer one line of the monitor. */
static void answer(struct stub *s, const char *line)
{
	const char *id = strstr(line, "\"id\":"), *value = "{}";
	char text[256], vcpu[64];

	snprintf(vcpu, sizeof(vcpu), "[{\"cpu-index\": 0, \"thread-id\": %d}]", (int)getpid());
	if (strstr(line, "query-cpus-fast"))
		value = vcpu;
	if (strstr(line, "quit") && is(s, "stays"))
		return;
	snprintf(text, sizeof(text), "{\"return\": %s, \"id\": %ld}\n", value,
	         id ? strtol(id + 5, NULL, 10) : 0);
	put(s->qmp, text, strlen(text));
	if (strstr(line, "quit"))
		exit(s->status);
	if (strstr(line, "\"cont\""))
		run_guest(s);
}

static _Noreturn void run(struct stub *s)
{
	static const char greeting[] = "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\n";
	FILE *monitor = fdopen(s->qmp, "r");
	char line[4096];

	if (is(s, "silent"))
		wait_for_death();
	if (is(s, "nonsense"))
		put(s->qmp, "once upon a time\n", 17);
	else
		put(s->qmp, greeting, sizeof(greeting) - 1);
	if (is(s, "half"))
		wait_for_death();
	while (monitor && fgets(line, sizeof(line), monitor))
		answer(s, line);
	if (is(s, "stays"))
		wait_for_death();
	exit(0);
}

int main(int argc, char **argv)
{
	struct stub s = {.fault = "", .qmp = -1, .console = -1, .port = -1};

	if (argc > 1 && !strcmp(argv[1], "--version")) {
		puts("QEMU emulator version 10.0.0 (a stub)");
		return 0;
	}
	if (argc > 2 && !strcmp(argv[2], "help")) {
		puts("  memory-backend-memfd\n  sev-guest\n  sev-snp-guest");
		return 0;
	}
	for (int i = 1; i + 1 < argc; i++) {
		if (!strcmp(argv[i], "-cpu"))
			s.fault = argv[i + 1];
	}
	if (is(&s, "exit"))
		return 0;
	if (is(&s, "complain")) {
		fputs("stub: out of luck\n", stderr);
		return 3;
	}
	if (is(&s, "stays"))
		signal(SIGTERM, SIG_IGN);
	for (int i = 1; i + 1 < argc; i++) {
		if (!strcmp(argv[i], "-chardev"))
			connect_to(&s, argv[i + 1]);
		if (!strcmp(argv[i], "-append") && is(&s, "rob"))
			s.status = rob(argv[i + 1]);
	}
	run(&s);
}
