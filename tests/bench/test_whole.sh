#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Results that are not whole, or no results, in each program that reads them: a sentence, never a table
# of what happens to be left.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=${SEVBENCH_BIN:-$PWD/build/bin}
run=$scratch/run
printf 'about Two kernels, two rounds.\nrounds 2\ndefault --samples 4 --batch-us 100 --warmup-us 100\n' >"$scratch/two.suite"
printf 'kernel cpuid\nkernel syscall\n' >>"$scratch/two.suite"

check "a run" exits 0 "$bin/sevbench" run --suite "$scratch/two.suite" --platforms native --cooldown 0 --out "$run"
rows=$(($(wc -l <"$run/samples.csv") - 1))
check "its manifest knows its rows" grep -q "\"rows\": $rows,\?$" "$run/manifest.json"
check "it is compared" exits 0 "$bin/sevbench" compare "$run"
cp "$run/samples.csv" "$scratch/whole.csv"

# everywhere WHAT SENTENCE [RESULTS]: each program fails and says it.
everywhere() {
	local what=$1 sentence=$2 results=${3:-$run} command
	for command in compare "compare --table" "export --wide" "export --histogram" report plot; do
		# shellcheck disable=SC2086 # several words
		check "${command% *}: $what" exits 1 timeout 20 "$bin/sevbench" $command "$results"
		check "... is told" says "$sentence"
	done
}

head -n 5 "$scratch/whole.csv" >"$run/samples.csv"
everywhere "cut at the end of a line" "$run/samples.csv holds 4 of the $rows rows that its manifest.json counts"
check "... with what is missing" says "nothing is there of native, round 2: it was cut, or copied in part"
check "... and the remedy" says "--partial analyses what is there"
check "so is the file by its own name" exits 1 "$bin/sevbench" compare "$run/samples.csv"
check "... told" says "holds 4 of the $rows rows"
check "as one of two" exits 1 "$bin/sevbench" compare "$scratch/whole.csv" --against "$run"
check "... told" says "holds 4 of the $rows rows"
check "--partial takes it" exits 0 "$bin/sevbench" compare --partial "$run"
check "... and says the same" says "holds 4 of the $rows rows"

(cat "$scratch/whole.csv" && sed -n '2,3s/,1,native/,3,native/p' "$scratch/whole.csv") >"$run/samples.csv"
everywhere "rows of another run" "more than its manifest.json counts"

head -n 1 "$scratch/whole.csv" >"$run/samples.csv"
everywhere "a header alone" "holds 0 of the $rows rows"
cp "$run/samples.csv" "$scratch/header.csv"
everywhere "a header alone that nobody counts" "header.csv holds no row that can be used" "$scratch/header.csv"
check "--partial makes nothing of nothing" exits 1 "$bin/sevbench" compare --partial "$scratch/header.csv"
: >"$scratch/empty.csv"
everywhere "an empty file" "empty.csv: line 1: the file is empty" "$scratch/empty.csv"
mkfifo "$scratch/pipe.csv"
everywhere "a pipe" "pipe.csv is a pipe into which nobody writes" "$scratch/pipe.csv"
through_a_pipe() { "$bin/sevbench" compare <(cat "$scratch/whole.csv"); }
check "what somebody writes into a pipe is read" exits 0 through_a_pipe
rm "$run/samples.csv"
mkfifo "$run/samples.csv"
everywhere "a pipe in the place of the samples" "samples.csv is a pipe"
rm "$run/samples.csv"
cp "$scratch/whole.csv" "$run/samples.csv"

cp "$run/manifest.json" "$scratch/manifest.json"
echo '[]' >"$run/manifest.json"
everywhere "a list as the manifest" "manifest.json: line 1: it holds no JSON object"
check "a run with such a manifest does not go on" exits 2 "$bin/sevbench" run --resume "$run"
check "... which is told" says "no JSON object"
sed 's/"schema": [0-9]*/"schema": 77/' "$scratch/manifest.json" >"$run/manifest.json"
everywhere "a manifest of schema 77" "manifest.json: schema 77 is newer than this program"
sed 's/"schema": [0-9]*/"schema": "new"/' "$scratch/manifest.json" >"$run/manifest.json"
everywhere "a manifest without a version" "manifest.json: its schema is no version"
rm "$run/manifest.json"
mkfifo "$run/manifest.json"
everywhere "a pipe as the manifest" "manifest.json is no regular file"
check "a run with such a manifest does not go on" exits 2 timeout 20 "$bin/sevbench" run --resume "$run"
check "... which is told" says "no regular file"
check "nor are neighbours read" exits 2 timeout 20 "$bin/sevbench" neighbours "$run"
check "... which is told" says "no regular file"
done_testing
