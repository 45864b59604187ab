/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer: any bytes as what QEMU's monitor says, and as its last words. The first byte chooses:
 * bit 0, it has greeted and agreed before; bit 1, they are QEMU's standard error.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fuzz.h"
#include "vmrun/qemu/exits.h"
#include "vmrun/qemu/explain.h"
#include "vmrun/qemu/qmp.h"

#define AGREED                                                                                     \
	"{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n{\"return\": {}, \"id\": 1}\r\n"

static void take_events(struct qmp *qmp)
{
	json_t *event;

	while ((event = qmp_take_event(qmp))) {
		must(json_object_get(event, "event"));
		json_decref(event);
	}
}

static void ask(struct qmp *qmp)
{
	struct counts counts;
	struct err e = {""};
	json_t *result = NULL;

	if (qmp_command(qmp, "query-stats", json_pack("{s:s}", "target", "vcpu"), deadline_in(5),
	                &result, &e)) {
		must(!result && *e.text);
	} else {
		must(result);
		exits_read(result, &counts);
	}
	json_decref(result);
	take_events(qmp);
}

/* All is said at once and then QEMU is gone: no wait is longer than that. */
static void speak(const char *greeting, const uint8_t *data, size_t size)
{
	struct qmp qmp;
	struct err e = {""};
	int ends[2];

	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	must(write(ends[1], greeting, strlen(greeting)) == (ssize_t)strlen(greeting));
	must(write(ends[1], data, size) == (ssize_t)size);
	must(!shutdown(ends[1], SHUT_WR));
	if (qmp_open(&qmp, ends[0], -1, deadline_in(5), &e))
		must(*e.text);
	for (int i = 0; i < 3; i++)
		ask(&qmp);
	must(qmp_pump(&qmp, &e) < 0 && *e.text);
	take_events(&qmp);
	qmp_close(&qmp);
	close(ends[1]);
}

static void explain(struct fuzz *f)
{
	char *text = fuzz_text(f), sentence[256];

	explain_qemu(text, sentence, sizeof(sentence));
	must(strlen(sentence) < sizeof(sentence) && !strchr(sentence, '\n'));
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = {data, size};
	uint8_t how = fuzz_byte(&f);

	if (how & 2)
		explain(&f);
	else
		speak(how & 1 ? AGREED : "", f.data, f.left);
	return 0;
}
