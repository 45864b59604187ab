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

# An option that is taken and not named, or named and not taken, is a trap: the tables of the sources are held
# against what --help lists.

# tables FILE...: the options in them. Old names work for a release more, and are not advertised.
tables() {
	grep -ohE '\{"[a-z0-9-]+", *(no_argument|required_argument|[01]),' "$@" | cut -d'"' -f2 | grep -vxE 'output|kernel' |
		sort -u
}
# listed COMMAND...: the options that its help lists, with the word that stands for a value
listed() {
	"$bin/$1" "${@:2}" --help | grep -oE '^  (-[a-z], )?--[a-z0-9-]+( [A-Za-z/=]+)?' | sed 's/^ *\(-[a-z], \)\{0,1\}--//'
}
# takes OPTION VALUE COMMAND...: nobody says that there is no such option
takes() {
	! "$bin/$3" "${@:4}" "--$1${2:+=x}" --help 2>&1 >/dev/null | grep -E 'unknown option|is no option|needs a value|takes no value'
}
check "an option that is not there is seen" test -n "$(takes nonsense "" sevbench run)"
# held FILES COMMAND...
held() {
	local files=$1 option value
	shift
	# shellcheck disable=SC2086
	check "every option of $* stands in its help" test -z "$(comm -23 <(tables $files) <(listed "$@" | cut -d' ' -f1 | sort -u))"
	check "... which lists some" test "$(listed "$@" | wc -l)" -ge 2
	while read -r option value; do
		check "... and $* takes --$option" takes "$option" "$value" "$@"
	done < <(listed "$@")
}
held bench/run/run_options.c sevbench run
held bench/cmd/cmd_compare.c sevbench compare
held bench/cmd/cmd_export.c sevbench export
held bench/cmd/cmd_neighbours.c sevbench neighbours
held bench/cmd/cmd_bundle.c sevbench bundle
held bench/cmd/cmd_list.c sevbench list
held bench/cmd/cmd_explain.c sevbench explain
held /dev/null sevbench plot
held bench/cmd/cmd_report.c sevbench report
held bench/invocation.c bench-memcpy
for command in $(commands vmrun); do held /dev/null vmrun "$command"; done

done_testing
