#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The manual pages: every option of --help is in the page and the other way round, every column and member
# of what a run leaves is described, and groff finds nothing to say.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=${SEVBENCH_BIN:-$PWD/build/bin}
pages=$scratch/pages

check "the pages are made" exits 0 docs/man.sh "$bin" "$pages"

# same FILE FILE: two lists, one name a line
same() {
	diff <(sort -u "$1") <(sort -u "$2")
}
# Every option that --help lists, and so every one that is set in bold in the list of the page.
of_help() {
	"$@" --help | grep -oE '^  (-[a-z], )?--[a-z0-9-]+' | grep -oE -- '-[-a-z0-9]+' >"$scratch/help"
}
of_page() {
	grep -A1 '^\.TP' "$pages/man1/$1.1" | grep -oE '\\fB(\\-[a-z0-9\\-]+),?\\fR|\\fB\\-[a-z],\\fR' |
		sed 's/\\fB//; s/,\{0,1\}\\fR//; s/\\-/-/g' >"$scratch/page"
}
for program in sevbench vmrun; do
	check "$program has a page" test -s "$pages/man1/$program.1"
	for command in $("$bin/$program" --help | sed -n 's/^  \([a-z]\+\) .*/\1/p'); do
		of_help "$bin/$program" "$command"
		of_page "$program-$command"
		check "$program $command has options" test -s "$scratch/help"
		check "... which are those of its page" same "$scratch/help" "$scratch/page"
		check "... which says how it is used" grep -q "^$program $command" <(sed 's/\\-/-/g' "$pages/man1/$program-$command.1")
	done
done
of_page bench-kernel
for program in "$bin"/bench-*; do
	of_help "$program"
	check "the options of ${program##*/} are those of bench-kernel(1)" same "$scratch/help" "$scratch/page"
	name=${program##*/}
	check "... which has a word on it" grep -qxF "\\fB${name//-/\\-}\\fR" "$pages/man1/bench-kernel.1"
done

# The names that a page of a format describes.
described() {
	grep -A1 '^\.TP' "$pages/man5/$1.5" | grep -oE '\\fB[a-z0-9_]+' | sed 's/\\fB//' >"$scratch/page"
}
"$bin/sevbench" run --platforms native --kernels cpuid --rounds 1 --cooldown 0 --out "$scratch/run" >/dev/null 2>&1
for file in samples summary; do
	head -1 "$scratch/run/$file.csv" | tr , '\n' >"$scratch/columns"
	described "sevbench-$file"
	check "the columns of $file.csv are those of its page" same "$scratch/columns" "$scratch/page"
done
grep -oE '^  "[a-z_]+"' "$scratch/run/manifest.json" | tr -d ' "' >"$scratch/members"
described sevbench-manifest
check "a manifest has members" test -s "$scratch/members"
check "... which its page describes" test -z "$(comm -23 <(sort -u "$scratch/members") <(sort -u "$scratch/page"))"

if command -v groff >/dev/null; then
	for page in "$pages"/man?/*; do
		[ "$(head -c 3 "$page")" = .so ] ||
			check "groff says nothing of ${page##*/}" test -z "$(groff -man -ww -Tutf8 "$page" 2>&1 >/dev/null)"
	done
else
	skip "groff -man -ww" "groff is not installed: make setup-tests"
fi

done_testing
