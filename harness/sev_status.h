/* SPDX-License-Identifier: MIT */
/* What the SEV firmware's status codes say. */
#ifndef HARNESS_SEV_STATUS_H
#define HARNESS_SEV_STATUS_H

/*
 * A status of the firmware in words, a clause; NULL: not known. Source: sev_ret_code of Linux,
 * include/uapi/linux/psp-sev.h; those from 0x28 on came with SEV-TIO (December 2025).
 */
const char *sev_status_text(unsigned long status);

#endif
