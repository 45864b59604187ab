/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/prove.h"

#include <errno.h>
#include <string.h>

#include "vmrun/wire/marker.h"

#define MIB (1ULL << 20)

static json_t *describe(const struct prove_evidence *v, const char *verdict, const char *sentence)
{
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "verdict", verdict,
	                 "sentence", sentence, "planted", (json_int_t)v->planted, "found",
	                 (json_int_t)v->found, "shared_found", (json_int_t)v->shared,
	                 "searched_bytes", (json_int_t)v->search.searched, "absent_bytes",
	                 (json_int_t)v->search.absent, "unreadable_bytes",
	                 (json_int_t)v->search.unreadable, "seconds", v->search.seconds);
}

int prove_judge(const struct prove_evidence *v, json_t **json, struct err *e)
{
	unsigned long long planted = v->planted, found = v->found;
	bool encrypted = v->platform != PLATFORM_NOSEV;
	double searched = (double)v->search.searched / MIB;
	struct err text;
	int rc = 0;

	if (encrypted && found > 0)
		rc = err_set(&text, EXDEV,
		             "the host can read the %s guest: %llu of %llu copies of a random "
		             "marker in "
		             "its memory were found",
		             platform_name(v->platform), found, planted);
	else if (v->search.searched == 0 || (!encrypted && found == 0))
		rc = err_set(&text, EIO,
		             "the proof of encryption is void: none of %llu copies of a random "
		             "marker in the %s guest was found in the %.1f MiB that the host "
		             "could search (%.1f MiB could not be read)",
		             planted, platform_name(v->platform), searched,
		             (double)v->search.unreadable / MIB);
	else if (!encrypted)
		err_set(&text, 0,
		        "visible, as a plain guest must be: %llu of %llu copies of a random marker "
		        "were found, in %.1f MiB",
		        found, planted, searched);
	else
		err_set(&text, 0,
		        "not visible: none of %llu copies of a random marker was found in the %.1f "
		        "MiB "
		        "that the host sees%s%s",
		        planted, searched,
		        v->shared ? ", while the guest's shared memory was found there"
		                  : "; that the search sees this guest, nosev has to show",
		        v->emulated
		                ? ". SEV is emulated: QEMU keeps what the guest keeps to itself "
		                  "elsewhere, unencrypted"
		                : "");
	*json = describe(v,
	                 rc == -EIO || !v->search.searched ? "void"
	                 : found                           ? "visible"
	                                                   : "not visible",
	                 text.text);
	if (rc && e)
		*e = text;
	return rc;
}

int prove_guest(pid_t qemu, enum platform platform, bool emulated, uint64_t memory,
                const json_t *hello, int cancel, json_t **json, struct err *e)
{
	const char *masked = json_string_value(json_object_get(hello, "marker"));
	uint8_t marker[MARKER_BYTES];
	struct memsearch_pattern patterns[] = {
	        {.bytes = marker, .length = sizeof(marker)},
	        {.bytes = masked, .length = MARKER_TEXT - 1},
	};
	struct prove_evidence evidence = {
	        .platform = platform, .emulated = emulated, .planted = MARKER_COPIES};
	bool plain = platform == PLATFORM_NOSEV;
	struct err why;
	int rc;

	*json = NULL;
	if (!masked || marker_read(masked, marker))
		return err_set(e, EPROTO, "the guest has no marker in its memory to be looked for");
	/* A plain guest has shown all it can when every copy was found. */
	patterns[0].enough = plain ? MARKER_COPIES : 0;
	rc = memsearch(qemu, memory, patterns, plain ? 1 : 2, cancel, &evidence.search, &why);
	if (rc == -EACCES || rc == -EPERM || rc == -ENOENT) {
		*json = json_pack("{s:s, s:s}", "verdict", "not done", "sentence", why.text);
		return 0;
	}
	if (rc) {
		if (e)
			*e = why;
		return rc;
	}
	evidence.found = patterns[0].found;
	evidence.shared = patterns[1].found;
	return prove_judge(&evidence, json, e);
}
