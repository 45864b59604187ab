/* SPDX-License-Identifier: MIT */
#include "vmrun/wire/hello.h"

#include <errno.h>

#include "harness/shape.h"

static const struct shape text[] = {{"sentence", SHAPE_TEXT, NULL}, {NULL, SHAPE_TEXT, NULL}};
static const struct shape leaf[] = {{"register", SHAPE_INTEGER, NULL}, {NULL, SHAPE_TEXT, NULL}};

static const struct shape keys[] = {
        {"platform", SHAPE_TEXT, NULL},
        {"accel", SHAPE_TEXT, NULL},
        {"how", SHAPE_TEXT, NULL},
        {"hypervisor", SHAPE_TEXT, NULL},
        {"cpuid_8000001f", SHAPE_LIST, leaf},
        {"sev_status", SHAPE_WORD, NULL},
        {"release", SHAPE_TEXT, NULL},
        {"version", SHAPE_TEXT, NULL},
        {"command_line", SHAPE_TEXT, NULL},
        {"cpus", SHAPE_INTEGER, NULL},
        {"memory_kib", SHAPE_INTEGER, NULL},
        {"modules", SHAPE_INTEGER, NULL},
        {"module_errors", SHAPE_LIST, text},
        {"uptime_ms", SHAPE_INTEGER, NULL},
        {"ready_ms", SHAPE_INTEGER, NULL},
        {"perf_event_paranoid", SHAPE_INTEGER, NULL},
        {"jobs", SHAPE_INTEGER, NULL},
        {"marker", SHAPE_TEXT, NULL},
        {NULL, SHAPE_TEXT, NULL},
};

int hello_read(const void *bytes, size_t length, json_t **hello, struct err *e)
{
	json_error_t why;
	int rc;

	*hello = json_loadb(bytes ? bytes : "", length, JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(*hello))
		rc = err_set(e, EPROTO, "the guest's HELLO is no JSON object: %s", why.text);
	else if ((rc = shape_check(*hello, keys, e)) != 0)
		err_wrap(e, rc, "the guest's HELLO is not as guest-init writes it");
	if (rc) {
		json_decref(*hello);
		*hello = NULL;
	}
	return rc;
}
