/* SPDX-License-Identifier: MIT */
#include "analysis/show/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* What it said, as one line of a sentence. */
static void read_complaint(int fd, char *text, size_t size)
{
	ssize_t got = pread(fd, text, size - 1, 0);

	text[got > 0 ? got : 0] = '\0';
	for (char *c = text; *c; c++)
		if (*c == '\n' || *c == '\t' || *c == '\r')
			*c = ' ';
}

int gnuplot_run(const char *directory, const char *script, struct err *e)
{
	char *argv[] = {(char *)"gnuplot", (char *)script, NULL};
	char said[512];
	posix_spawn_file_actions_t actions;
	int fd = memfd_create("gnuplot", MFD_CLOEXEC), status = 0, rc;
	pid_t pid;

	if (fd < 0)
		return err_errno(e, "cannot keep what gnuplot says");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, fd, STDERR_FILENO);
	posix_spawn_file_actions_addchdir_np(&actions, directory);
	rc = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (rc == ENOENT && !access(directory, X_OK)) {
		close(fd);
		return err_set(e, ENOENT, "gnuplot is not installed: apt-get install gnuplot-nox");
	}
	if (rc) {
		close(fd);
		errno = rc;
		return err_errno(e, "cannot start gnuplot in %s", directory);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	rc = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		read_complaint(fd, said, sizeof(said));
		rc = err_set(e, EIO, "gnuplot cannot draw %s/%s: %s", directory, script, said);
	}
	close(fd);
	return rc;
}

void gnuplot_put_text(FILE *out, const char *text)
{
	putc('\'', out);
	for (; *text; text++) {
		if (*text == '\'')
			putc('\'', out);
		putc((unsigned char)*text < ' ' ? ' ' : *text, out);
	}
	putc('\'', out);
}
