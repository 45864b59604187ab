#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A made-up host measured with SNP on and with SNP off: what its controls pay for SNP is a column.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=${SEVBENCH_BIN:-$PWD/build/bin}

# host DIRECTORY STATE [MODEL]: a made-up run of a host, true, false or null.
host() {
	"$bin/../tests/analysis/make_run" "$scratch/$1" || return 1
	sed -i "s/\"model_name\": \"[^\"]*\"/\"model_name\": \"${3:-made up}\"/; s/\"environment\": {/&\"sev\": {\"host_snp\": $2}, /" \
		"$scratch/$1/manifest.json"
	[ "$2" = true ] || sed -i -n '/^[^,]*,[^,]*,[^,]*,snp,/!p' "$scratch/$1/samples.csv"
	sed -i "s/,made-up,/,$1,/" "$scratch/$1/samples.csv"
}
check "a host with SNP on" host on true
check "the same with SNP off" host off false
check "another with SNP off" host other false "made up otherwise"
check "one that does not say" host mute null

compare() { exits "$1" timeout 100 "$bin/sevbench" compare "${@:2}"; }
check "one beside the other" compare 0 --snp-off "$scratch/off" --csv "$scratch/out.csv" --table "$scratch/on"
check "... says whose the columns are" says "native@snpoff and nosev@snpoff: the same host with SNP off"
check "... has the table's columns" says "- nosev@snpoff -"
for control in native nosev; do
	check "... and $control@snpoff in its rows" grep -q ",memcpy,avx2,.*,$control@snpoff,.*,nosev,kvm," "$scratch/out.csv"
done
check "... with a ratio" grep -qE ",memcpy,avx2,.*,nosev@snpoff,kvm,nosev,kvm,5,5,apart,[0-9.]+,[0-9.]+," "$scratch/out.csv"
check "it may be the reference" compare 0 --snp-off "$scratch/off" --reference nosev@snpoff "$scratch/on"
check "with SNP on alone, the controls have a word" compare 0 "$scratch/on"
check "... and the remedy" says "--snp-off of compare"
check "the page has it too" exits 0 "$bin/sevbench" report "$scratch/on"
check "... beside the verdicts" grep -q "SNP was on in the host" "$scratch/on/report.html"
check "... and among the facts" grep -q "<dt>SNP on in the host</dt><dd>yes" "$scratch/on/report.html"
show() { exits "$1" timeout 100 "$bin/sevbench" "${@:2}"; }
check "a page of both" show 0 report --snp-off "$scratch/off" "$scratch/on"
check "... lies beside the one with SNP on" says "$scratch/on/report.html"
check "... alone" test ! -e "$scratch/off/report.html" -a ! -e "$scratch/off/plots"
check "... says whose the columns are" grep -q "native@snpoff and nosev@snpoff: the same host with SNP off" \
	"$scratch/on/report.html"
check "... which have rows" grep -q '>nosev@snpoff<' "$scratch/on/report.html"
check "... and its facts are those with SNP on" grep -q "<dt>SNP on in the host</dt><dd>yes" "$scratch/on/report.html"
check "pictures of both" show 0 plot --snp-off "$scratch/off" "$scratch/on"
check "... lie there too" says "$scratch/on/plots/"
# style NAME: the number of its style in the legend of the overview.
style() {
	sed -nE "s/^.*with points ls ([0-9]+) title ['\"]$1['\"].*/\\1/p" "$scratch/on/plots/overview.gp"
}
for control in native nosev; do
	check "... $control@snpoff looks unlike $control" test -n "$(style "$control@snpoff")" -a "$(style "$control@snpoff")" != "$(style "$control")"
done
check "another host is no column of a page" show 1 report --snp-off "$scratch/other" "$scratch/on"
check "... by name" says "are of different hosts"
check "... nor of pictures" show 1 plot --snp-off "$scratch/mute" "$scratch/on"
check "with SNP off they have none" compare 0 "$scratch/off"
check "... as nothing was checked" exits 1 grep -q "SNP was on" "$scratch/out"

check "another host is refused" compare 1 --snp-off "$scratch/other" "$scratch/on"
check "... by name" says "are of different hosts (processor: \"made up\" and \"made up otherwise\")"
check "an unknown state is refused" compare 1 --snp-off "$scratch/mute" "$scratch/on"
check "... by name" says "$scratch/mute does not say whether SNP was on"
check "SNP on is refused" compare 1 --snp-off "$scratch/on" "$scratch/off"
check "... by name" says "$scratch/on: SNP was on in its host"
check "with --against it is refused" compare 2 --snp-off "$scratch/off" --against "$scratch/on" "$scratch/on"
check "SNP is no platform to launch" exits 2 "$bin/sevbench" run --platforms nosev@snpoff --out "$scratch/run"
check "... and the remedy" says "compare --snp-off"
done_testing
