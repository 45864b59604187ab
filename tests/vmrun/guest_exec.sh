#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# vmrun exec with real guests: its files, its exit statuses, and its end by signals.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"
# shellcheck source=tests/guests.sh
. "${0%/*}/../guests.sh"

bin=${SEVBENCH_BIN:-${0%/*}/../../build/bin}
fault=$bin/../tests/vmrun/fault

exec_guest() {
	"$bin/vmrun" exec --accel tcg --firmware default --memory 256M "$@"
}

# start NAME: a guest that hangs, in the background; waits until it does. Its pid is in $pid.
start() {
	"$bin/vmrun" exec --accel tcg --firmware default --memory 256M --out "$scratch/$1" \
		"$fault" hang >"$scratch/$1.out" 2>&1 &
	pid=$!
	within 100 test -s "$scratch/$1/output"
}

check "a command's results" exits 0 exec_guest --prove --out "$scratch/good" -- "$fault" print 1000
check "a plain guest's memory can be read" says "visible, as a plain guest must be: 64 of 64 copies"
check "which stands in the report" grep -q '"verdict": "visible"' "$scratch/good/report.json"
check "output is there" test "$(stat -c %s "$scratch/good/output")" -eq 1000
check "the report is there" grep -q '"complete": true' "$scratch/good/report.json"
check "... with nothing that its page does not describe" exits 0 tests/vmrun/check-report "$scratch/good/report.json"
# Debian's Linux boots with 3, and PAPI counts nothing then.
check "programs may count events" exits 0 exec_guest --out "$scratch/count" -- /bin/cat /proc/sys/kernel/perf_event_paranoid
check "... as the guest's setting says" test "$(cat "$scratch/count/output")" -le 2
check "... and the report says what it was" grep -q '"perf_event_paranoid": 3' "$scratch/count/report.json"
check "the logs are there" test -f "$scratch/good/logs/guest.console.log"
check "and nothing else is left" nothing_left

# Where there is no static jansson, PID 1 has libraries, which go along.
mkdir -p "$scratch/shared/bin"
cp "$bin/vmrun" "$scratch/shared/bin/vmrun"
ln -s "$(realpath "${0%/*}/../../build/guest")" "$scratch/shared/guest"
link_shared() {
	make -s -C "${0%/*}/../.." -n -B V=1 INIT_STATIC= "B=$(realpath --relative-to="${0%/*}/../.." "$bin/..")" \
		"$(realpath --relative-to="${0%/*}/../.." "$bin/guest-init")" | grep -e '-o [^ ]*guest-init ' |
		sed "s,-o [^ ]*guest-init,-o $scratch/shared/bin/guest-init," | (cd "${0%/*}/../.." && sh)
	readelf -d "$scratch/shared/bin/guest-init" | grep jansson
}
check "a guest-init with shared libraries is linked" link_shared
check "... runs a command in a guest" exits 0 "$scratch/shared/bin/vmrun" exec --accel tcg --firmware default --memory 256M \
	--out "$scratch/with-shared" -- "$fault" print 1000
check "... and brings back what it said" test "$(stat -c %s "$scratch/with-shared/output")" -eq 1000

# The same vmrun beside an init that keeps no marker: the search must not find what is not there.
mkdir -p "$scratch/home/bin"
cp "$bin/vmrun" "$scratch/home/bin/vmrun"
cp "$bin/../tests/vmrun/forgetful-init" "$scratch/home/bin/guest-init"
ln -s "$(realpath "${0%/*}/../../build/guest")" "$scratch/home/guest"
check "a plain guest in which nothing is found" exits 1 "$scratch/home/bin/vmrun" exec --accel tcg \
	--firmware default --memory 256M --prove "$fault" print 1
check "proves nothing" says "the proof of encryption is void: none of 64 copies"
check "and runs nothing" test "$(grep -c ready "$scratch/out")" -eq 0
check "and nothing is left" nothing_left

# Linux's own modules go in without their signatures, unless the guest insists on them.
check "a plain guest takes every module" grep -q '"module_errors": \[\]' "$scratch/good/report.json"
check "a command's failure, in a Linux that wants signed modules" exits 1 exec_guest \
	--append module.sig_enforce=1 --out "$scratch/enforced" "$fault" status 9
check "is said" says "exited with status 9"
check "there only our own module is refused" test "$(grep -c 'Linux refuses the module' \
	"$scratch/enforced/report.json"), $(grep -c 'sevbench.ko: Key was rejected' \
	"$scratch/enforced/report.json")" = "1, 1"
check "and nothing is left" nothing_left

# Whatever vmrun opens must not take the place of what was closed, and be written to.
closed_output() {
	exec_guest "$@" >&-
}
check "a command's output with nowhere to go" exits 1 closed_output "$fault" print 8
check "is an error" says "cannot write the command's output: Bad file descriptor"

check "a command that needs more memory than there is" exits 1 exec_guest "$fault" eat
check "is told apart" says "killed by signal 9 (Killed): the guest ran out of memory"

check "a hung command" exits 124 exec_guest --deadline 2 "$fault" hang
check "is said to be late" says "passed its deadline"

# What QEMU may, as Linux tells of it.
qemu_status() {
	local qemu
	qemu=$(pgrep -f -- "-nodefaults.*$TMPDIR")
	grep -qE "^$1:[[:space:]]+$2" "/proc/$qemu/status" || {
		cat "/proc/$qemu/status"
		return 1
	}
}

# A terminal obeys no guest; a file gets every byte.
shown() {
	script -qec "$(printf '%q ' "$bin/vmrun" exec --accel tcg --firmware default --memory 256M -- /bin/printf 'a\033[1mb\n')" \
		/dev/null </dev/null >"$scratch/shown" 2>&1
	grep -qF 'a?[1mb' "$scratch/shown"
}
check "a terminal is not moved by what a guest prints" shown
raw() { exec_guest -- /bin/printf 'a\033[1mb\n' 2>/dev/null | grep -qF $'a\e[1mb'; }
check "... and a pipe gets it as it is" raw

check "a guest that hangs" start interrupted
check "its QEMU has its system calls filtered" qemu_status Seccomp 2
check "can gain no privileges" qemu_status NoNewPrivs 1
if grep -q '"dropped": true' "$scratch/good/report.json"; then
	check "has none of root's" qemu_status CapEff 0000000000000000
	check "and is not root" qemu_status Uid "$(id -u nobody)"
fi
check "works in a directory that is gone" test ! -e "$(readlink "/proc/$(pgrep -f -- "-nodefaults.*$TMPDIR")/cwd")"
kill -INT "$pid"
wait "$pid"
check "an interrupt ends it with status 130" test $? -eq 130
check "it says so" grep -q interrupted "$scratch/interrupted.out"
check "what was printed is kept" grep -q ready "$scratch/interrupted/output"
check "the report is there and says it" grep -q '"error": "interrupted"' "$scratch/interrupted/report.json"
check "nothing is left of it" nothing_left

check "another guest that hangs" start killed
kill -KILL "$pid"
wait "$pid" 2>/dev/null
check "QEMU dies with a vmrun that is killed" within 5 no_qemus
check "and not even then a file is left" nothing_left

done_testing
