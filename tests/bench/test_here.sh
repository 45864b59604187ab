#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `sevbench run --platforms here`: this machine under the name that it shows, and results of two such machines.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=${SEVBENCH_BIN:-$PWD/build/bin}
sevbench=$bin/sevbench
printf 'rounds 2\ndefault --samples 3 --batch-us 100\nkernel syscall\n' >"$scratch/some.suite"
shown=$("$bin/bench-syscall" --samples 1 --batch-us 100 --variant read 2>/dev/null | tail -n 1 | cut -d, -f 4)

here() {
	(cd "$scratch" && "$sevbench" run --suite "$scratch/some.suite" --cooldown 0 --platforms "$@")
}
check "this machine is measured" exits 0 here here
check "... as what it shows itself, which is $shown" says "this machine shows itself as $shown"
check "... and says how to go on" says "sevbench compare results/"
check "the folder is named after it" bash -c "ls '$scratch/results' | grep -q -- '-$shown-some$'"
mv "$scratch"/results/* "$scratch/run"
check "every row has its name" bash -c "! tail -n +2 '$scratch/run/samples.csv' | cut -d, -f 4 | grep -vx '$shown'"
check "the manifest says that nothing was launched" grep -q '"here": true' "$scratch/run/manifest.json"
check "here stands alone" exits 2 here here,nosev
check "... and says so" says '"here" is this machine as it shows itself, and stands alone'
check "without it this machine is native, whatever carries it" exits 0 here native --out "$scratch/native"
check "... in every row" bash -c "! tail -n +2 '$scratch/native/samples.csv' | cut -d, -f 4 | grep -vx native"

# A run that began in another machine does not go on in this one.
cp -r "$scratch/run" "$scratch/other"
mv "$scratch/other/samples.csv" "$scratch/other/samples.csv.partial"
sed -i "s/\"$shown\": {/\"sev-es\": {/; s/\"state\": \"complete\"/\"state\": \"interrupted\"/" "$scratch/other/manifest.json"
check "a run of another machine is not gone on with" exits 2 "$sevbench" run --resume "$scratch/other"
check "... and the difference is named" says "this machine shows itself as $shown, and what began the run"

# Made-up results of all platforms, taken apart into those of two machines: 11 % on memory.
"$bin/../tests/analysis/make_run" "$scratch/all" >/dev/null
# machine NAME PLATFORM
machine() {
	mkdir "$scratch/$1"
	awk -F, -v name="$1" -v platform="$2" 'BEGIN { OFS = "," } NR == 1 || $4 == platform { if (NR > 1) $2 = name; print }' \
		"$scratch/all/samples.csv" >"$scratch/$1/samples.csv"
}
machine plain nosev
machine secret snp
machine copy nosev
# Another launch of the same: no time is exactly as it was.
mkdir "$scratch/plainer"
awk -F, 'BEGIN { OFS = "," } NR == 1 { for (i = 1; i <= NF; i++) if ($i == "ns") ns = i; print; next }
	{ $2 = "plainer"; if ($ns != "") $ns = sprintf("%.3f", $ns * (1 + 0.001 * rand())); print }' \
	"$scratch/plain/samples.csv" >"$scratch/plainer/samples.csv"
check "results of two machines are compared" exits 0 "$sevbench" compare --csv "$scratch/compared.csv" "$scratch/plain" "$scratch/secret"
check "... against the plain one" says 'Each platform against nosev.'
check "... without a word of manifests that nobody brought" bash -c "! grep -q manifest.json '$scratch/out'"
check "... cell by cell" bash -c \
	"awk -F, '\$2 == \"cell\" && \$3 == \"memcpy\" && \$4 == \"avx2\" && \$11 == \"snp\" && \$13 == \"nosev\" &&
		\$23 == \"slower\" && \$18 > 1.03 && \$18 < 1.2 { found++ } END { exit !(found > 5) }' '$scratch/compared.csv'"
check "two of one kind are rounds of it" exits 0 "$sevbench" compare "$scratch/plain" "$scratch/plainer"
check "... which is said, with the way to set them apart" says '--against RESULTS sets others against them'
check "... that works" exits 0 "$sevbench" compare --against "$scratch/plain" "$scratch/plainer"
check "... cell by cell" says 'memcpy'
check "a copy under another name is refused" exits 1 "$sevbench" compare "$scratch/plain" "$scratch/copy"
check "... with both names" says "run copy in $scratch/copy/samples.csv and run plain in $scratch/plain/samples.csv hold the same samples"

done_testing
