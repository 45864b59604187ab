# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For test scripts that launch guests, after tests/tap.sh: a directory for temporary files of their
# own, and what must be left of a guest, nothing.

export TMPDIR=${scratch:?}/tmp
mkdir -m 1777 "$TMPDIR"
chmod 711 "$scratch" # QEMU runs as somebody else where it can

# The QEMUs of ours: they name our temporary directory in their command line.
qemus() {
	pgrep -f -- "-nodefaults.*$TMPDIR"
}

# within SECONDS COMMAND...: succeeds as soon as COMMAND does.
within() {
	local tenths=$(($1 * 10))
	shift
	until "$@"; do
		[ $((tenths -= 1)) -gt 0 ] || return 1
		sleep 0.1
	done
}

no_qemus() {
	! qemus >/dev/null
}

# A process that was killed a moment ago may take another one to go.
nothing_left() {
	within 2 no_qemus || {
		pgrep -af -- "-nodefaults.*$TMPDIR"
		return 1
	}
	[ -z "$(ls -A "$TMPDIR")" ] || {
		ls -lR "$TMPDIR"
		return 1
	}
}
