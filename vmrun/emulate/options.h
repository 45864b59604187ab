/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin's options, as README.md describes them. */
#ifndef VMRUN_EMULATE_OPTIONS_H
#define VMRUN_EMULATE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum options_mode { MODE_NONE, MODE_SEV, MODE_SEV_ES, MODE_SNP };
enum options_check { CHECK_AUTO, CHECK_OFF, CHECK_COUNT, CHECK_ENFORCE };
enum options_kvm { KVM_OFF, KVM_FIRST, KVM_BESIDE };

struct options {
	enum options_mode mode;
	unsigned c_bit;
	enum options_check check;
	enum options_kvm kvm;
	bool mmio;                      /* #VC for MMIO */
	bool rmp_4k;                    /* the host has private memory in pages of 4 KiB */
	bool summary;                   /* counts on stderr at the end */
	char counters[512], trace[512]; /* files, or "" */
};

void options_init(struct options *options);

/* One word, "name=value". False: it is none; `why` is a sentence. */
bool options_take(struct options *options, const char *word, char *why, size_t size);

/* Are they complete? False: `why` is a sentence. */
bool options_done(const struct options *options, char *why, size_t size);

#endif
