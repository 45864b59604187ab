#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `help [COMMAND]` and --version, the same way in every program.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=${SEVBENCH_BIN:-$PWD/build/bin}
version=$(sed -n 's/^#define SEVBENCH_VERSION "\(.*\)"/\1/p' harness/version.h)

# commands PROGRAM: those that its help lists
commands() {
	"$bin/$1" help | sed -n 's/^  \([a-z]\+\) .*/\1/p'
}

same_text() {
	[ "$("$bin/$1" help "$2")" = "$("$bin/$1" "$2" --help)" ]
}

for program in sevbench vmrun; do
	check "$program help" exits 0 "$bin/$program" help
	check "... is what --help says" test "$("$bin/$program" help)" = "$("$bin/$program" --help)"
	check "... and names commands" test "$(commands $program | wc -l)" -ge 3
	for command in $(commands $program); do
		check "$program help $command" exits 0 "$bin/$program" help "$command"
		check "... says how it is used" says "usage: $program $command"
		check "... as --help of the command does" same_text $program "$command"
	done
	check "$program help of no command" exits 2 "$bin/$program" help walk
	check "... names it" says walk
	check "$program help of two" exits 2 "$bin/$program" help "$command" walk
	check "... takes one" says "takes one command, not also"
done

for program in "$bin"/{sevbench,vmrun,bench-*}; do
	check "${program##*/} --version" exits 0 "$program" --version
	check "... is that of harness/version.h" grep -qE "^${program##*/}( \(sevbench\))? ${version//./\\.}\$" "$scratch/out"
done
check "there is a version" test -n "$version"

done_testing
