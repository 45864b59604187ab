/* SPDX-License-Identifier: MIT */
#include "vmrun/image/sections.h"

#include <elf.h>
#include <string.h>

size_t sections_cut(uint8_t *bytes, size_t length)
{
	uint64_t end = sizeof(Elf64_Ehdr);
	Elf64_Ehdr header;

	if (length < sizeof(header))
		return length;
	memcpy(&header, bytes, sizeof(header));
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_phnum == 0 ||
	    header.e_shoff + header.e_shnum * sizeof(Elf64_Shdr) != length ||
	    header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phoff > length ||
	    header.e_phnum > (length - header.e_phoff) / sizeof(Elf64_Phdr))
		return length;
	if (header.e_phoff + header.e_phnum * sizeof(Elf64_Phdr) > end)
		end = header.e_phoff + header.e_phnum * sizeof(Elf64_Phdr);
	for (size_t i = 0; i < header.e_phnum; i++) {
		Elf64_Phdr p;

		memcpy(&p, bytes + header.e_phoff + i * sizeof(p), sizeof(p));
		if (p.p_filesz > length || p.p_offset > length - p.p_filesz)
			return length;
		if (p.p_filesz && p.p_offset + p.p_filesz > end)
			end = p.p_offset + p.p_filesz;
	}
	header.e_shoff = 0;
	header.e_shnum = header.e_shstrndx = 0;
	memcpy(bytes, &header, sizeof(header));
	return end;
}
