#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# vmrun exec where it is not alone or not at home: beside another one, for an ordinary user, and on
# a host whose /dev/shm takes no files.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"
# shellcheck source=tests/guests.sh
. "${0%/*}/../guests.sh"

bin=${SEVBENCH_BIN:-${0%/*}/../../build/bin}
fault=$bin/../tests/vmrun/fault

# run NAME BYTES [WRAPPER...]: a guest that prints BYTES bytes; its files go to $scratch/NAME.
run() {
	local name=$1 bytes=$2
	shift 2
	"$@" "$bin/vmrun" exec --accel tcg --firmware default --memory 256M \
		--out "$scratch/$name" "$fault" print "$bytes"
}

printed() {
	test "$(stat -c %s "$scratch/$1/output")" -eq "$2" &&
		grep -q '"complete": true' "$scratch/$1/report.json"
}

# On two hardware threads of one core, for which hwloc is told to take this machine's CPUs, the guest
# has two threads of one core. A guest's Linux believes that of Intel's processors without TOPOEXT, which
# emulation cannot give to AMD's.
siblings() {
	HWLOC_SYNTHETIC="pack:1 [numa] core:1 pu:2" HWLOC_THISSYSTEM=1 taskset -c 0,1 "$bin/vmrun" exec --accel tcg \
		--firmware default --vcpus 2 --cpu-model max,vendor=GenuineIntel -- \
		cat /sys/devices/system/cpu/cpu0/topology/thread_siblings_list | grep -x 0-1
}
if [ "$(nproc)" -gt 1 ]; then
	check "vCPUs on one core are one core's" siblings
else
	skip "vCPUs on one core" "there is one CPU"
fi

# Two at once.
run left 1000 >"$scratch/left.out" 2>&1 &
left=$!
run right 2000 >"$scratch/right.out" 2>&1 &
right=$!
check "one of two at once is done" wait "$left"
check "and so is the other" wait "$right"
check "the one has its own output" printed left 1000
check "and the other has its own" printed right 2000
check "and nothing is left of either" nothing_left

# /dev/shm that nobody can write, in a mount namespace of its own.
# shellcheck disable=SC2016 # the inner shell expands it
if unshare -m mount -t tmpfs -o ro none /dev/shm 2>/dev/null; then
	without=(unshare -m sh -c 'mount -t tmpfs -o ro none /dev/shm && ! touch /dev/shm/x 2>/dev/null &&
		exec "$@"' sh)
	check "a guest where /dev/shm takes no files" exits 0 run shmless 1000 "${without[@]}"
	check "has its output" printed shmless 1000
	check "and nothing is left of it" nothing_left
else
	skip "a guest where /dev/shm takes no files" "no mount namespace can be had: run as root"
fi

# An ordinary user, who needs no more than to read the programs and the guest kernel.
user=(setpriv --reuid nobody --regid nogroup --clear-groups)
if "${user[@]}" test -x "$bin/vmrun" -a -x "$fault" 2>/dev/null; then
	chmod 1777 "$scratch"
	check "a guest of an ordinary user" exits 0 run ordinary 1000 "${user[@]}"
	check "has its output" printed ordinary 1000
	check "in files of that user" test "$(stat -c %U "$scratch/ordinary/output")" = nobody
	check "and nothing is left of it" nothing_left
else
	skip "a guest of an ordinary user" "nobody cannot be become, or cannot reach the programs"
fi

done_testing
