/* SPDX-License-Identifier: MIT */
/*
 * The libraries that a program opens by itself while it runs, as it names them in ELF notes: owner
 * "FDO", type 0x407c0c0a, a JSON array of objects with the alternatives in "soname" and how much
 * they matter in "priority" (uapi-group.org, "ELF dlopen() metadata").
 */
#ifndef VMRUN_IMAGE_NOTE_H
#define VMRUN_IMAGE_NOTE_H

#include <stdbool.h>

/*
 * The sonames that the ELF file `program` names, parted by blanks, for free(); NULL without any.
 * Those of priority "suggested" only where they are wanted. A note that cannot be read names none.
 */
char *note_libraries(const char *program, bool suggested);

#endif
