#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# SECURITY.md: every threat has a test, every test that it names is one that runs, and every fuzz target is named.
# shellcheck source=tests/tap.sh
. "${0%/*}/tap.sh"

top=$(realpath "${0%/*}/..")
page=${1:-$top/SECURITY.md}

# The rows of the table of threats, without its head.
rows() {
	sed -n '/^## Threats/,$p' "$page" | grep '^| ' | tail -n +2 | grep -v '^|---'
}

every_threat_has_a_test() {
	local row failed=0
	while IFS= read -r row; do
		grep -qE 'tests/[^|]* \|$' <<<"$row" && continue
		echo "no test: $row"
		failed=1
	done < <(rows)
	return "$failed"
}

named() {
	rows | grep -oE 'tests/[a-z0-9_/]+\.[a-z]+' | sort -u
}

# As the Makefile finds them: those of guests are in rooms of their own folder.
every_test_runs() {
	local test failed=0
	for test in $(named); do
		case $test in
		tests/*/test_*.[cs]* | tests/*/fuzz_*.c | tests/*/guest_*.[cs]*) [ ! -f "$top/$test" ] || continue ;;
		esac
		echo "$test is no test"
		failed=1
	done
	return "$failed"
}

every_target_is_named() {
	diff <(cd "$top" && printf '%s\n' tests/*/fuzz_*.c tests/*/*/fuzz_*.c | sort) <(named | grep /fuzz_)
}

check "there is a table of threats" test "$(rows | wc -l)" -ge 15
check "every threat has a test" every_threat_has_a_test
check "every test that is named runs" every_test_runs
check "every fuzz target is named" every_target_is_named
check "the first page leads there" grep -q '(SECURITY.md)' "$top/README.md"
done_testing
