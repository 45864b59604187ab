/* SPDX-License-Identifier: MIT */
#include "vmrun/image/closure.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmrun/image/note.h"
#include "vmrun/system/known.h"
#include "vmrun/system/process.h"

/* A linker that takes longer to resolve a program hangs. */
#define LIST_SECONDS 30.0

static int no_memory(struct err *e)
{
	return err_set(e, ENOMEM, "no memory for a list of shared libraries");
}

/* Read the path of PT_INTERP into `interpreter`; "" for a static program. */
static int read_interpreter(int fd, const char *program, char interpreter[PATH_MAX], struct err *e)
{
	Elf64_Ehdr header;
	size_t i;

	interpreter[0] = '\0';
	if (pread(fd, &header, sizeof(header), 0) != sizeof(header) ||
	    memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64 ||
	    (header.e_type != ET_EXEC && header.e_type != ET_DYN) ||
	    header.e_phentsize != sizeof(Elf64_Phdr))
		return err_set(e, EINVAL,
		               "%s is no x86-64 ELF program: nothing else can run in the guest",
		               program);
	for (i = 0; i < header.e_phnum; i++) {
		off_t at = (off_t)(header.e_phoff + i * sizeof(Elf64_Phdr));
		Elf64_Phdr segment;

		if (pread(fd, &segment, sizeof(segment), at) != sizeof(segment))
			return err_set(e, EINVAL, "%s is cut: its program headers are not there",
			               program);
		if (segment.p_type != PT_INTERP)
			continue;
		if (segment.p_filesz < 2 || segment.p_filesz > PATH_MAX ||
		    pread(fd, interpreter, segment.p_filesz, (off_t)segment.p_offset) !=
		            (ssize_t)segment.p_filesz ||
		    interpreter[segment.p_filesz - 1] != '\0' || interpreter[0] != '/')
			return err_set(e, EINVAL, "%s does not name its interpreter properly",
			               program);
		return 0;
	}
	return 0;
}

static bool same_file(const char *a, const char *b)
{
	struct stat one;
	struct stat two;

	return stat(a, &one) == 0 && stat(b, &two) == 0 && one.st_dev == two.st_dev &&
	       one.st_ino == two.st_ino;
}

/* Put (guest, host) where it belongs, unless it is there. */
static int insert(struct closure *c, const char *guest, const char *host, struct err *e)
{
	struct closure_file *files;
	size_t at = 0;

	while (at < c->count && strcmp(c->files[at].guest, guest) < 0)
		at++;
	if (at < c->count && strcmp(c->files[at].guest, guest) == 0) {
		if (same_file(c->files[at].host, host))
			return 0;
		return err_set(e, EEXIST,
		               "two different libraries would be %s in the guest: %s and %s", guest,
		               c->files[at].host, host);
	}
	files = reallocarray(c->files, c->count + 1, sizeof(*files));
	if (!files)
		return no_memory(e);
	c->files = files;
	memmove(files + at + 1, files + at, (c->count - at) * sizeof(*files));
	files[at] = (struct closure_file){strdup(guest), strdup(host)};
	c->count++;
	return files[at].guest && files[at].host ? 0 : no_memory(e);
}

/* A library by name, or by path where the program or the interpreter insists on one. */
static int add_library(struct closure *c, const char *asked, const char *host, struct err *e)
{
	const size_t link = strlen(CLOSURE_LINK);
	char guest[PATH_MAX];
	int length;

	if (asked[0] != '/')
		length = snprintf(guest, sizeof(guest), "%s/%s", CLOSURE_FOLDER, asked);
	else if (strncmp(asked, CLOSURE_LINK, link) == 0 && asked[link] == '/')
		length = snprintf(guest, sizeof(guest), "%s%s", CLOSURE_FOLDER, asked + link);
	else
		length = snprintf(guest, sizeof(guest), "%s", asked);
	if (length >= (int)sizeof(guest))
		return err_set(e, ENAMETOOLONG, "the path of the library %s is too long", host);
	return insert(c, guest, host, e);
}

/*
 * One line of the list: "NAME => PATH (ADDRESS)", "NAME => not found", "PATH (ADDRESS)". The
 * kernel's own linux-vdso.so.1 has neither an arrow nor a path.
 */
static int add_line(struct closure *c, const char *program, char *line, struct err *e)
{
	char *name = line + strspn(line, " \t");
	char *arrow = strstr(name, " => ");
	char *path = arrow ? arrow + 4 : name;
	char *address = strstr(path, " (0x");

	if (arrow)
		*arrow = '\0';
	if (arrow && strncmp(path, "not found", 9) == 0)
		return err_set(e, ENOENT, "%s needs %s, which this machine does not have", program,
		               name);
	if (path[0] != '/' || !address)
		return 0;
	*address = '\0';
	return add_library(c, name, path, e);
}

/*
 * What the interpreter lists, opened libraries as if the program were linked with them. It says
 * which of those it cannot find in a line of its own, and goes on.
 */
static int list(const struct closure *c, const char *program, const char *interpreter, char **text,
                struct err *e)
{
	char *opened = note_libraries(program, c->suggested);
	char *const argv[] = {(char *)interpreter, (char *)"--preload", opened,
	                      (char *)"--list",    (char *)program,     NULL};
	char *const plain[] = {(char *)interpreter, (char *)"--list", (char *)program, NULL};
	struct known known;
	int rc = 0;

	*text = known_find(&known, c->suggested ? "libraries, suggested too" : "libraries",
	                   program);
	if (!*text) {
		rc = process_capture(opened ? argv : plain, LIST_SECONDS, text, e);
		if (!rc)
			known_keep(&known, *text);
	}
	free(opened);
	return rc;
}

static int add_list(struct closure *c, const char *program, const char *interpreter, struct err *e)
{
	char *save = NULL;
	char *text = NULL;
	char *line;
	int rc = list(c, program, interpreter, &text, e);

	if (!text)
		return err_wrap(e, rc, "cannot list the shared libraries of %s", program);
	rc = add_library(c, interpreter, interpreter, e);
	for (line = strtok_r(text, "\n", &save); line && !rc; line = strtok_r(NULL, "\n", &save))
		rc = add_line(c, program, line, e);
	free(text);
	return rc;
}

int closure_add(struct closure *closure, const char *program, struct err *e)
{
	char interpreter[PATH_MAX];
	char path[PATH_MAX];
	int fd;
	int rc;

	/* The interpreter would search a bare name along its own path. */
	if (!realpath(program, path))
		return err_errno(e, "cannot read the program %s", program);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "cannot read the program %s", program);
	rc = read_interpreter(fd, program, interpreter, e);
	close(fd);
	if (rc || !interpreter[0])
		return rc;
	return add_list(closure, path, interpreter, e);
}

void closure_free(struct closure *closure)
{
	size_t i;

	for (i = 0; i < closure->count; i++) {
		free(closure->files[i].guest);
		free(closure->files[i].host);
	}
	free(closure->files);
	*closure = (struct closure){0};
}
