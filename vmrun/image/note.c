/* SPDX-License-Identifier: MIT */
#include "vmrun/image/note.h"

#include <elf.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOTE_OWNER "FDO"
#define NOTE_TYPE  0x407c0c0aU
#define NOTES_MAX  65536U /* bytes of notes in one segment */

/* Add what one note says to the blank-separated list. */
static void add_note(const char *text, size_t length, bool suggested, char **list)
{
	json_t *all = json_loadb(text, strnlen(text, length), 0, NULL);
	const json_t *one, *name;
	size_t i, j;

	json_array_foreach (all, i, one) {
		const char *priority = json_string_value(json_object_get(one, "priority"));

		if (!suggested && priority && strcmp(priority, "suggested") == 0)
			continue;
		json_array_foreach (json_object_get(one, "soname"), j, name) {
			const char *soname = json_string_value(name);
			char *more = NULL;

			if (!soname || asprintf(&more, "%s%s%s", *list ? *list : "",
			                        *list ? " " : "", soname) < 0)
				continue;
			free(*list);
			*list = more;
		}
	}
	json_decref(all);
}

static size_t padded(size_t length)
{
	return (length + 3) / 4 * 4;
}

/* Walk the notes of a segment: each part is padded to four bytes. */
static void add_notes(const char *bytes, size_t length, bool suggested, char **list)
{
	size_t at = 0;

	while (at + sizeof(Elf64_Nhdr) <= length) {
		Elf64_Nhdr note;
		size_t name, text;

		memcpy(&note, bytes + at, sizeof(note));
		name = at + sizeof(note);
		if (note.n_namesz > length - name)
			return;
		text = name + padded(note.n_namesz);
		if (text > length || note.n_descsz > length - text)
			return;
		if (note.n_type == NOTE_TYPE && note.n_namesz == sizeof(NOTE_OWNER) &&
		    memcmp(bytes + name, NOTE_OWNER, sizeof(NOTE_OWNER)) == 0)
			add_note(bytes + text, note.n_descsz, suggested, list);
		at = text + padded(note.n_descsz);
	}
}

static void read_notes(int fd, const Elf64_Phdr *segment, bool suggested, char **list)
{
	char *bytes;

	/* Notes of other alignment are of another kind (.note.gnu.property). */
	if (segment->p_align > 4 || segment->p_filesz > NOTES_MAX)
		return;
	bytes = malloc(segment->p_filesz + 1);
	if (bytes && pread(fd, bytes, segment->p_filesz, (off_t)segment->p_offset) ==
	                     (ssize_t)segment->p_filesz)
		add_notes(bytes, segment->p_filesz, suggested, list);
	free(bytes);
}

char *note_libraries(const char *program, bool suggested)
{
	int fd = open(program, O_RDONLY | O_CLOEXEC);
	char *list = NULL;
	Elf64_Ehdr header;

	if (fd < 0)
		return NULL;
	if (pread(fd, &header, sizeof(header), 0) != sizeof(header))
		header.e_phnum = 0;
	for (size_t i = 0; i < header.e_phnum; i++) {
		off_t at = (off_t)(header.e_phoff + i * sizeof(Elf64_Phdr));
		Elf64_Phdr segment;

		if (pread(fd, &segment, sizeof(segment), at) == sizeof(segment) &&
		    segment.p_type == PT_NOTE)
			read_notes(fd, &segment, suggested, &list);
	}
	close(fd);
	return list;
}
