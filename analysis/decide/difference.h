/* SPDX-License-Identifier: MIT */
/*
 * What the difference between two columns is made of, where a platform was measured on host pages
 * of its own too: an SNP guest has 4 KiB pages on every host, a plain one may have huge ones, and
 * that alone makes a difference, which must not pass for one of encryption.
 */
#ifndef ANALYSIS_DECIDE_DIFFERENCE_H
#define ANALYSIS_DECIDE_DIFFERENCE_H

#include "analysis/decide/summary.h"

#define DIFFERENCE_TEXT 512

/*
 * "Page size: nosev@thp against nosev. Encryption: snp against nosev.", or "" where all guests have
 * the same host pages. Returns `text`.
 */
const char *difference_text(const struct summary *summary, char text[DIFFERENCE_TEXT]);

#define DIFFERENCE_ABOUT 768

/*
 * What the columns of guests are that others launched, and what is not known of them: "tdx: a guest
 * with Intel's TDX ...", or "" where there are none. Returns `text`.
 */
const char *difference_about(const struct summary *summary, char text[DIFFERENCE_ABOUT]);

#endif
