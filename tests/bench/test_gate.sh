#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The statuses of a gate: nothing is slower, something is, and something could not be judged.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=${SEVBENCH_BIN:-$PWD/build/bin}

# results FILE FACTOR [VARIANT]: five rounds of two cells, FACTOR as long, without that variant.
results() {
	"$bin/../tests/analysis/make_samples" 3000 |
		awk -F, -v OFS=, -v factor="$2" -v without="${3:-}" '
			NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print; next }
			$at["variant"] == without || $at["kernel"] == without { next }
			{ $at["ns"] *= factor; $at["run"] = "r" factor; print }' >"$scratch/$1.csv"
}
gate() { exits "$1" timeout 100 "$bin/sevbench" compare --against "$scratch/old.csv" --fail-above 3% "${@:3}" "$scratch/$2.csv"; }

check "results of before" results old 1
check "the same now" results now 1.0001
check "a tenth slower" results slow 1.1
check "a kernel is gone" results gone 1.0001 memset

check "what did not change passes" gate 0 now
check "... and is counted" says "0 slower by more than 3 %, 0 not judged"
check "what is slower does not" gate 1 slow
check "... and is named" says "slower: memcpy/"
check "what is lost is no pass" gate 3 gone --csv "$scratch/out.csv"
check "... and is named" says "not judged: memset/"
check "... in the CSV too" grep -q '^2,gate,memset,.*,not judged,"\?lost' "$scratch/out.csv"
check "a margin above the limit is refused" gate 2 now --margin 5
check "... with the remedy" says "give a --margin of at most that"
check "an option that does nothing says so" gate 0 now --seed 4
check "... in a line" says "--seed does nothing any more"

done_testing
