#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A bench-<kernel> without options: a table on a terminal, every sample as CSV elsewhere.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=${SEVBENCH_BIN:-$PWD/build/bin}

# on_terminal KERNEL: what it shows goes to $scratch/shown; fails unless it measured something in time, which is ten
# seconds on a machine of its own.
on_terminal() {
	local status=0
	timeout 30 script -qec "'$bin/bench-$1'" /dev/null </dev/null >"$scratch/shown" 2>&1 || status=$?
	cat "$scratch/shown"
	[ "$status" -eq "${2:-0}" ]
}
shows() {
	tr -d '\r' <"$scratch/shown" | grep -q -- "$1"
}

for kernel in chase loaded syscall tlb touch; do
	check "$kernel is shown on a terminal" on_terminal "$kernel"
	check "... as a table" shows '^cell .* median .* spread'
	check "... without CSV" bash -c "! grep -q ',$kernel,' '$scratch/shown'"
	check "... and with the way to all of it" shows "give -o $kernel.csv"
done
check "bandwidth has its column" on_terminal memcpy
check "... and the main variants alone" bash -c "grep -q '^libc 4K' '$scratch/shown' && ! grep -q '^sse2' '$scratch/shown'"
check "... with a rate" shows '^libc 4K .* [GM]B/s$'
if [ -e /dev/sevbench ]; then
	skip "a kernel that cannot run here says why" "the guest kernel module is loaded"
else
	check "a kernel that cannot run here says why" on_terminal ring0_msr 77
	check "... once" shows 'skipped: the guest kernel module is not loaded'
	check "... and not with every line" shows 'skipped: as above'
fi

selected() {
	timeout 30 script -qec "'$bin/bench-syscall' --samples 2 --variant read" /dev/null </dev/null >"$scratch/shown" 2>&1
}
check "with an option a terminal gets the rows" selected
check "... as ever" shows '^[0-9]*,.*,syscall,read,'
in_a_pipe() {
	"$bin/bench-syscall" 2>/dev/null | cat >"$scratch/shown"
}
check "a pipe gets all of them without one" in_a_pipe
check "... the header first" bash -c "head -n 1 '$scratch/shown' | grep -q '^schema,run,'"
check "... 20 samples of each series" test "$(grep -c ',read,.*,op,' "$scratch/shown")" -eq 20

done_testing
