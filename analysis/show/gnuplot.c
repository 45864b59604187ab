/* SPDX-License-Identifier: MIT */
#include "analysis/show/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/program.h"
#include "harness/utf8.h"

/* What it said, as one line of a sentence. */
static void read_complaint(int fd, char *text, size_t size)
{
	ssize_t got = pread(fd, text, size - 1, 0);

	text[got > 0 ? got : 0] = '\0';
	for (char *c = text; *c; c++)
		if (*c == '\n' || *c == '\t' || *c == '\r')
			*c = ' ';
}

/* Nothing of the caller's that would have gnuplot read or load something. */
static void make_environment(char home[PATH_MAX + 8], char *environment[4])
{
	const char *at = getenv("HOME");

	snprintf(home, PATH_MAX + 8, "HOME=%s", at ? at : "/");
	environment[0] = (char *)"PATH=/usr/bin:/bin";
	environment[1] = (char *)"LC_ALL=C.UTF-8";
	environment[2] = home; /* where fontconfig keeps its cache */
	environment[3] = NULL;
}

static int spawn(const char *program, int directory, const char *script, int said, pid_t *pid)
{
	char *argv[] = {(char *)"gnuplot", (char *)"-d", (char *)script, NULL};
	char home[PATH_MAX + 8], *environment[4];
	posix_spawn_file_actions_t actions;
	int rc;

	make_environment(home, environment);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, said, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, said, STDERR_FILENO);
	posix_spawn_file_actions_addfchdir_np(&actions, directory);
	rc = posix_spawn(pid, program, &actions, NULL, argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

int gnuplot_run(const struct folder *folder, const char *script, struct err *e)
{
	char said[512], program[PATH_MAX];
	int fd, status = 0, rc;
	pid_t pid;

	if (!program_find("gnuplot", program))
		return err_set(e, ENOENT, "gnuplot is not installed: apt-get install gnuplot-nox");
	fd = memfd_create("gnuplot", MFD_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "cannot keep what gnuplot says");
	rc = spawn(program, folder->fd, script, fd, &pid);
	if (rc) {
		close(fd);
		errno = rc;
		return err_errno(e, "cannot start %s in %s", program, folder->path);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	rc = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		read_complaint(fd, said, sizeof(said));
		rc = err_set(e, EIO, "gnuplot cannot draw %s/%s: %s", folder->path, script, said);
	}
	close(fd);
	return rc;
}

void gnuplot_put_text(FILE *out, const char *text)
{
	char clean[1024]; /* longer than any label of a chart */

	snprintf(clean, sizeof(clean), "%s", text);
	utf8_clean(clean); /* a picture that is no UTF-8 is no XML */
	putc('\'', out);
	for (const char *c = clean; *c; c++) {
		if (*c == '\'')
			putc('\'', out);
		putc((unsigned char)*c < ' ' ? ' ' : *c, out);
	}
	putc('\'', out);
}
