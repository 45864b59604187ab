#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tests/run itself: a runner that cannot report a failure would hide every other one.
# shellcheck source=tests/tap.sh
. "${0%/*}/tap.sh"

run=${0%/*}/run

# program NAME LINE...: a test program that is this shell script
program() {
	local path=$scratch/$1
	shift
	printf '%s\n' '#!/bin/sh' "$@" >"$path"
	chmod +x "$path"
}

last_line_is() {
	[ "$(tail -n 1 "$scratch/out")" = "$1" ] || {
		echo "last line is not '$1' in:"
		cat "$scratch/out"
		return 1
	}
}

program good 'echo 1..2; echo ok 1 - a; echo ok 2 - b'
program bad 'echo 1..2; echo ok 1 - a; echo "not ok 2 - b"; echo the cause; exit 1'
program skips 'echo 1..2; echo ok 1 - a; echo SKIP: no moon; echo "not ok 2 # SKIP b"'
program mute 'echo 1..2; echo ok 1 - a; echo "not ok 2 # SKIP b"'
program only-skips 'echo 1..1; echo SKIP: no moon; echo "not ok 1 # SKIP b"'
program crashes 'echo 1..2; echo ok 1 - a; kill -SEGV $$'
program cut 'echo 1..2; echo ok 1 - a'
program silent 'exit 0'
program leaks 'echo 1..1; echo ok 1 - a; exit 23'
program hangs 'echo 1..1; sleep 60'

check "all passed: status 0" exits 0 "$run" "$scratch/good" "$scratch/skips"
check "the summary counts over all programs" last_line_is "3 passed, 0 failed, 1 skipped"
check "a skip shows its reason" says "skipped: b: no moon"
check "a failed test: status 1" exits 1 "$run" "$scratch/bad" "$scratch/good"
check "a failed test is counted" last_line_is "3 passed, 1 failed, 0 skipped"
check "the output of a failed program is shown" says "the cause"
check "a crash: status 1" exits 1 "$run" "$scratch/crashes"
check "a crash is a failure beside what passed" last_line_is "1 passed, 1 failed, 0 skipped"
check "a crash names the signal" says "killed by signal 11 after 1 of 2 tests"
check "fewer results than planned: status 1" exits 1 "$run" "$scratch/cut"
check "fewer results than planned are told" says "1 results for 2 planned tests"
check "no results at all: status 1" exits 1 "$run" "$scratch/silent"
check "nonzero exit without a failed test: status 1" exits 1 "$run" "$scratch/leaks"
check "nonzero exit is told" says "exit status 23 though no test failed"
check "a hung program: status 1" exits 1 env TEST_LIMIT=1 "$run" "$scratch/hangs"
check "a hung program names the limit" says "time limit of 1 s"
check "a skip without a reason: status 1" exits 1 "$run" "$scratch/mute"
check "a skip without a reason is told" says "1 skipped without a reason"
check "only skips: status 1" exits 1 "$run" "$scratch/only-skips"
check "no program: status 1" exits 1 "$run"
check "no program: an empty summary" last_line_is "0 passed, 0 failed, 0 skipped"
check "a program that is not there: status 1" exits 1 "$run" "$scratch/nowhere"
# Each waits until the other has begun.
program first ": >'$scratch/first-began'" "until [ -e '$scratch/second-began' ]; do sleep 0.05; done" 'echo 1..1; echo ok 1 - a'
program second ": >'$scratch/second-began'" "until [ -e '$scratch/first-began' ]; do sleep 0.05; done" 'echo 1..1; echo ok 1 - a'
check "several at once" exits 0 env JOBS=2 TEST_LIMIT=20 "$run" "$scratch/first" "$scratch/second"
check "several at once are counted" last_line_is "2 passed, 0 failed, 0 skipped"
check "several at once, and one fails" exits 1 env JOBS=3 "$run" "$scratch/good" "$scratch/bad" "$scratch/good"
check "the output of the one that failed is shown" says "the cause"
check "no number of programs: status 1" exits 1 env JOBS=0 "$run" "$scratch/good"
check "no number of programs is told" says "JOBS is 0"

# What is interrupted leaves no program behind.
interrupted() {
	local pid

	JOBS=2 "$run" "$scratch/hangs" "$scratch/hangs" >"$scratch/out" 2>&1 &
	pid=$!
	until [ "$(pgrep -cf "$scratch/hangs")" -ge 4 ]; do sleep 0.05; done
	kill -TERM "$pid"
	wait "$pid"
	[ $? -eq 130 ] && ! pgrep -f "$scratch/hangs"
}
check "interrupted: status 130, and nothing runs on" interrupted
done_testing
