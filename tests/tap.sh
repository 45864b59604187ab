# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For test scripts: results in the form that tests/run reads. Source it; call done_testing last.

tap_count=0
tap_failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# check NAME COMMAND...: passes when COMMAND succeeds; shows what it printed when it does not.
check() {
	local name=$1
	shift
	tap_count=$((tap_count + 1))
	if "$@" >"$scratch/tap.out" 2>&1; then
		echo "ok $tap_count - $name"
	else
		echo "not ok $tap_count - $name"
		echo "# failed: $*"
		sed 's/^/# /' "$scratch/tap.out"
		tap_failed=$((tap_failed + 1))
	fi
}

# skip NAME REASON
skip() {
	tap_count=$((tap_count + 1))
	echo "SKIP: $2"
	echo "not ok $tap_count # SKIP $1"
}

# exits STATUS COMMAND...: succeeds when COMMAND ends with STATUS; its output goes to $scratch/out.
exits() {
	local wanted=$1 status=0
	shift
	"$@" >"$scratch/out" 2>&1 || status=$?
	[ $status -eq "$wanted" ] || {
		echo "exit status $status instead of $wanted:"
		cat "$scratch/out"
		return 1
	}
}

# says TEXT: the last command of exits printed TEXT (a fixed string).
says() {
	grep -qF -- "$1" "$scratch/out" || {
		echo "no '$1' in:"
		cat "$scratch/out"
		return 1
	}
}

done_testing() {
	echo "1..$tap_count"
	exit $((tap_failed > 0))
}
