#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `sevbench run --resume`: whatever ended a run, what was complete is kept and not measured again.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

sevbench=${SEVBENCH_BIN:-$PWD/build/bin}/sevbench
cat >"$scratch/some.suite" <<'EOF'
rounds 2
default --samples 10 --batch-us 10000
kernel memcpy --size 16K,1M --variant libc,avx2
kernel cpuid
EOF

# Rows a group of round, kernel, variant, size, status and series: every group must have as many.
groups() {
	awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ n[$at["round"] "," $at["kernel"] "," $at["variant"] "," $at["size"] "," $at["status"] "," $at["series"]]++ }
		END { for (g in n) print n[g], g }' "$1" | sort
}

# interrupted SIGNAL: a run that ends in the middle, and one that goes on with it
interrupted() {
	local run=$scratch/$1 child i
	"$sevbench" run --suite "$scratch/some.suite" --platforms native,snp --accel kvm --seed 5 --cooldown 0 --out "$run" >/dev/null 2>&1 &
	child=$!
	for ((i = 0; i < 600; i++)); do
		[ "$({ wc -l <"$run/.journal"; } 2>/dev/null || echo 0)" -lt 4 ] || break
		sleep 0.05
	done
	kill "-$1" $child
	wait $child 2>/dev/null
	check "$1: ends with its status" test $? -eq $((128 + $(kill -l "$1")))
	check "$1: the samples are not finished" test -e "$run/samples.csv.partial" -a ! -e "$run/samples.csv"
	cp "$run/samples.csv.partial" "$scratch/before"
	printf '1,half a row' >>"$run/samples.csv.partial"
	check "$1: the run goes on" exits 0 "$sevbench" run --resume "$run"
	check "$1: and shows its table" says 'memcpy: '
	check "$1: with a manifest that says so" grep -q '"resumed"' "$run/manifest.json"
	check "$1: what was there is there" cmp -n "$(head -n 60 "$scratch/before" | wc -c)" "$scratch/before" "$run/samples.csv"
	check "$1: no cell is there twice, and none is missing" \
		diff <(groups "$run/samples.csv") <(groups "$scratch/whole/samples.csv")
	check "$1: then there is nothing left to go on with" exits 2 "$sevbench" run --resume "$run"
	check "... and that is said" says 'it is complete'
}

check "a run that nobody interrupts" exits 0 "$sevbench" run --suite "$scratch/some.suite" \
	--platforms native,snp --accel kvm --seed 5 --cooldown 0 --out "$scratch/whole"
interrupted INT
interrupted HUP
interrupted KILL

# A limit on the size of files, at the beginning and in the middle.
check "ulimit -f at the beginning" exits 2 bash -c "ulimit -f 100; '$sevbench' run --suite '$scratch/some.suite' \
	--platforms native --cooldown 0 --out '$scratch/limited'"
check "... is told" says "File too large"
check "... and nothing is left" test ! -e "$scratch/limited"
printf 'rounds 1\ndefault --samples 20000 --batch-us 10\nkernel memcpy --size 16K --variant libc,avx2\n' >"$scratch/many.suite"
check "ulimit -f in the middle" exits 1 bash -c "ulimit -f 1500; '$sevbench' run --suite '$scratch/many.suite' \
	--platforms native --cooldown 0 --out '$scratch/limited'"
check "... is told" says "cannot write $scratch/limited/samples.csv.partial: File too large"
check "... and how to go on" says "sevbench run --resume $scratch/limited"
check "... which it does" exits 0 "$sevbench" run --resume "$scratch/limited"
check "a kernel's own samples" exits 1 bash -c "ulimit -f 100; '${sevbench%/*}/bench-memcpy' --samples 20000 \
	--batch-us 1 --size 16K --variant libc --quiet --out '$scratch/limited.csv'"
check "... are told" says "File too large"

# What failed before a run was interrupted is in its results, and so in its status.
cat >"$scratch/failing.suite" <<'EOF'
rounds 3
default --samples 10 --batch-us 10000
kernel memcpy --size 16K,1M --variant libc,avx2
kernel syscall --variant getppid --iterations 1
EOF
"$sevbench" run --suite "$scratch/failing.suite" --platforms native --cooldown 0 --out "$scratch/failing" >/dev/null 2>&1 &
for ((i = 0; i < 600; i++)); do
	! grep -qs failed "$scratch/failing/.journal" || break
	sleep 0.02
done
kill -INT $!
wait $! 2>/dev/null
check "a run with a cell that fails is interrupted" grep -q '"interrupted"' "$scratch/failing/manifest.json"
# Once more, so that nothing is left which could fail.
sed -i 's/--iterations 1\\n/--iterations 100000\\n/' "$scratch/failing/manifest.json"
check "it goes on to where it failed, not to success" exits 1 "$sevbench" run --resume "$scratch/failing"
check "... says so behind everything else" says "failed: the notes below the table say why"
check "... and why in the table, where other rounds were measured" \
	grep -qE 'failed on native in [12] of 3 rounds: a batch of 1 iterations' "$scratch/out"
check "... and is complete" grep -q '"complete"' "$scratch/failing/manifest.json"

check "nothing is no run" exits 2 "$sevbench" run --resume "$scratch/nowhere"
check "... and the place is named" says "$scratch/nowhere"
mkdir "$scratch/other"
echo '{"some": "thing"}' >"$scratch/other/manifest.json"
check "another manifest is no run" exits 2 "$sevbench" run --resume "$scratch/other"
check "other options do not go with it" exits 2 "$sevbench" run --resume "$scratch/INT" --rounds 7

done_testing
