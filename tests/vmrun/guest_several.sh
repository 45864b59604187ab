#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# vmrun exec --guests: two real guests at once, side by side, and what becomes of both when one of
# them dies or never becomes ready.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"
# shellcheck source=tests/guests.sh
. "${0%/*}/../guests.sh"

bin=${SEVBENCH_BIN:-${0%/*}/../../build/bin}
fault=$bin/../tests/vmrun/fault

if [ "$(nproc)" -lt 2 ]; then
	skip "two guests at once" "there is one CPU, and each guest needs one of its own"
	done_testing
	exit
fi

both() {
	"$bin/vmrun" exec --accel tcg --firmware default --memory 256M --guests 2 "$@"
}

two_qemus() {
	[ "$(qemus | wc -l)" -eq 2 ]
}

# background NAME [OPTION...] COMMAND: two guests; their files go to $scratch/NAME.
background() {
	local name=$1
	shift
	both --out "$scratch/$name" "$@" >"$scratch/$name.out" 2>&1 &
	pid=$!
}

# The CPU of guest N, as its report has it.
cpu_of() {
	grep -m1 '"cpu":' "$scratch/good/guest$1/report.json"
}

check "two guests at once" exits 0 both --prove --out "$scratch/good" -- \
	"$bin/bench-memcpy" --size 256K --variant rep_movsb --samples 3
check "both proofs are told apart" says "guest 1: proof of encryption: visible"
check "they met at what they measured" says "guest0: 2 guests measured together for"
check "so did the other" says "guest1: 2 guests measured together for"
check "lines on the terminal carry their guest" says "guest1: memcpy/rep_movsb"
check "how they ran side by side is said" says "2 guests began within"
for guest in 0 1; do
	check "guest $guest has its rows" grep -q rep_movsb "$scratch/good/guest$guest/output"
	check "and its report" grep -q '"complete": true' "$scratch/good/guest$guest/report.json"
	check "and that says who else was there" grep -q '"together": 0\.' "$scratch/good/guest$guest/report.json"
done
check "and how long they met at each cell" test "$(grep -c 'cells_together' "$scratch"/good/guest?/report.json | grep -c ':1$')" -eq 2
check "they ran on CPUs of their own" test "$(cpu_of 0)" != "$(cpu_of 1)"
check "and nothing else is left" nothing_left

background dies "$fault" hang
check "two guests under way" within 100 test -s "$scratch/dies/guest0/output" -a -s "$scratch/dies/guest1/output"
kill -KILL "$(qemus | head -n1)"
wait "$pid"
check "of which one dies fail both" test $? -eq 1
check "the one that died is named" grep -q "guest [01]: QEMU was killed by signal 9" "$scratch/dies.out"
check "the other says why it ended" grep -q "guest [01]: ended because guest [01] failed" "$scratch/dies.out"
check "what both had printed is kept" test -s "$scratch/dies/guest0/output" -a -s "$scratch/dies/guest1/output"
check "and nothing is left" nothing_left

background stuck --boot-deadline 5 "$fault" print 10
check "two guests that boot" within 50 two_qemus
kill -STOP "$(qemus | head -n1)"
wait "$pid"
check "of which one never comes up are late" test $? -eq 124
check "the one is named" grep -qE "guest [01]: (.*boot deadline of 5 s|QEMU.s monitor did not)" "$scratch/stuck.out"
check "neither began" test ! -s "$scratch/stuck/guest0/output" -a ! -s "$scratch/stuck/guest1/output"
check "and nothing is left" nothing_left

done_testing
