#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sevbench neighbours: real guests alone and side by side, in rounds, and what is left when one
# fails or somebody ends it.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"
# shellcheck source=tests/guests.sh
. "${0%/*}/../guests.sh"

bin=${SEVBENCH_BIN:-${0%/*}/../../build/bin}
sevbench=$bin/sevbench

if [ "$(nproc)" -lt 2 ]; then
	skip "neighbours" "there is one CPU, and each guest needs one of its own"
	done_testing
	exit
fi

# Two guests; this QEMU can make plain ones only, for it says that it is one that cannot emulate SEV.
cat >"$scratch/qemu" <<'EOF'
#!/bin/sh
[ "$1" != --version ] || { echo 'QEMU emulator version 9.2.0'; exit; }
exec qemu-system-x86_64 "$@"
EOF
chmod 755 "$scratch/qemu"
neighbours=("$sevbench" neighbours --guests 2 --accel tcg --qemu "$scratch/qemu" --memory 256M --rounds 2
	--platforms 'nosev,snp')

# The CPU of a guest, by its report.
cpu_of() {
	grep -m1 '"cpu":' "$scratch/good/round1/nosev/$1/report.json"
}

# Before it says that the first round begins, it says what it leaves out.
first_is_skipped() {
	grep -m1 -E 'snp is skipped|round 1' "$scratch/out" | grep -q 'snp is skipped: .'
}

# under_way DIR: its first launch is.
under_way() {
	ls "$scratch/$1"/round1/nosev/*.partial 2>/dev/null
}

check "guests alone and side by side" exits 0 "${neighbours[@]}" --out "$scratch/good" --csv "$scratch/good.csv" -- \
	"$bin/bench-memcpy" --size 64K --variant libc --samples 3 --batch-us 500
check "what cannot be launched is said before anything is" \
	first_is_skipped
check "with the reason" grep -q '"reason": "..' "$scratch/good/manifest.json"
check "the table marks emulation" says "nosev (emulated), 2 rounds"
check "and has one alone" says "  alone "
check "each guest" says "  guest 1 "
check "and both together" says "  all 2 "
check "it says how long they ran side by side" says "ran side by side for"
check "and the manifest what else went on" test "$(grep -c '"busy_share": 0\.[0-9]*[1-9]' "$scratch/good/manifest.json")" -eq 4
check "the CSV has a row of each" test "$(grep -c ',nosev,tcg,memcpy,libc,' "$scratch/good.csv")" -eq 4
check "rows carry their round" grep -q ',2,nosev,tcg,memcpy' "$scratch/good/round2/nosev/beside/guest1/output"
check "one alone runs where the first of both does" test "$(cpu_of alone)" = "$(cpu_of beside/guest0)"
check "the other runs elsewhere" test "$(cpu_of alone)" != "$(cpu_of beside/guest1)"
check "alone comes first in one round and last in the other" test \
	"$(grep '"guests": [12],' "$scratch/good/manifest.json" | tail -n4 | tr -dc 12 | grep -cE '1221|2112')" -eq 1
check "nothing is left" nothing_left

check "the directory can be read again" exits 0 "$sevbench" neighbours "$scratch/good"
check "and says the same" says "nosev (emulated), 2 rounds"
mv "$scratch/good/round2/nosev/beside" "$scratch/good/round2/nosev/beside.partial"
sed -i 's/"state": "complete"/"state": "failed"/' "$scratch/good/manifest.json"
check "what did not end well is not counted" exits 0 "$sevbench" neighbours "$scratch/good"
check "the round is missing" says "nosev (emulated), 1 round"
check "and the reader knows" says "not complete (failed)"

check "a guest that is late ends it" exits 124 "${neighbours[@]}" --out "$scratch/late" --boot-deadline 1 -- \
	"$bin/bench-memcpy" --size 64K --variant libc
check "in its own words" says "boot deadline of 1 s"
check "and those of the measurement" says "no launch ended well"
check "nothing is left" nothing_left

"${neighbours[@]}" --out "$scratch/ended" -- "$bin/bench-memcpy" --size 64K --variant libc >"$scratch/ended.out" 2>&1 &
pid=$!
check "a launch under way" within 20 under_way ended
kill -TERM "$pid"
wait "$pid"
check "can be ended" test $? -eq 143
check "which it says" grep -q "interrupted; no launch ended well" "$scratch/ended.out"
check "so does the manifest" grep -q '"state": "interrupted"' "$scratch/ended/manifest.json"
check "there is nothing to read in it" exits 1 "$sevbench" neighbours "$scratch/ended"
check "nothing is left" nothing_left

# Two encrypted guests beside each other, where their SEV is emulated.
if "$bin/vmrun" argv --emulate-sev --platform snp >"$scratch/out" 2>&1; then
	check "guests of emulated SEV-SNP, alone and side by side" exits 0 "$sevbench" neighbours --guests 2 --emulate-sev \
		--memory 256M --rounds 1 --platforms snp --out "$scratch/snp" --csv "$scratch/snp.csv" -- \
		"$bin/bench-memcpy" --size 64K --variant libc --samples 3 --batch-us 500
	check "the table marks emulation" says "snp (emulated), 1 round"
	check "and has both together" says "  all 2 "
	check "the CSV has a row of each" test "$(grep -c ',snp,tcg,memcpy,libc,' "$scratch/snp.csv")" -eq 4
	for guest in alone beside/guest0 beside/guest1; do
		check "$guest: it says that it is one" grep -q '"platform": "snp"' "$scratch/snp/round1/snp/$guest/report.json"
		check "$guest: its rows say by what" grep -q ',emulation,' "$scratch/snp/round1/snp/$guest/output"
	done
	check "nothing is left" nothing_left
else
	skip "neighbours of SEV-SNP" "$(head -n 1 "$scratch/out")"
fi

done_testing
