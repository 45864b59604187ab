/* SPDX-License-Identifier: MIT */
/* The JSON of a guest's HELLO (vmrun/wire/frame.h), which a guest may fill as it likes. */
#ifndef VMRUN_WIRE_HELLO_H
#define VMRUN_WIRE_HELLO_H

#include <jansson.h>
#include <stddef.h>

#include "harness/err.h"

/*
 * The object in a HELLO's payload, for json_decref(). -EPROTO when it is no JSON, or has anything
 * but the keys of frame.h, each once and as it is meant: it goes into the manifest, which must stay
 * readable.
 */
int hello_read(const void *bytes, size_t length, json_t **hello, struct err *e);

#endif
