/* SPDX-License-Identifier: MIT */
#ifndef HARNESS_VERSION_H
#define HARNESS_VERSION_H

#define SEVBENCH_VERSION "0.1.0"

#endif
