#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The plain guest, with QEMU's own firmware and with OVMF, on every QEMU that is at hand: the system's, and those
# that make setup-qemu unpacks.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"
# shellcheck source=tests/guests.sh
. "${0%/*}/../guests.sh"

bin=${SEVBENCH_BIN:-${0%/*}/../../build/bin}
build=$(realpath "${0%/*}/../../build")

# boots NAME QEMU [OPTION...]: a guest that prints its mode; its files go to $scratch/NAME.
boots() {
	local name=$1 qemu=$2
	shift 2
	"$bin/vmrun" exec --accel tcg --memory 256M --qemu "$qemu" "$@" --out "$scratch/$name" -- \
		"$bin/bench-cpuid" --list && grep -q '^cpuid' "$scratch/$name/output"
}

# What QEMU said of a command line that it took; it says so of one that is about to change too.
quiet() {
	local log=$scratch/$1/logs/guest.qemu.log
	test -f "$log" && ! grep -i -e deprecated -e warning "$log"
}

# check_qemu VERSION QEMU
check_qemu() {
	check "a guest on QEMU $1" boots "$1" "$2" --firmware default
	check "of whose command line it warns not" quiet "$1"
	check "a guest with OVMF on QEMU $1" boots "$1-ovmf" "$2"
	check "which it started with OVMF" grep -q '"-bios"' "$scratch/$1-ovmf/report.json"
	check "of whose command line it warns not either" quiet "$1-ovmf"
	check "and nothing is left of them" nothing_left
}

check_qemu "$(qemu-system-x86_64 --version | grep -om1 '[0-9]*\.[0-9]*\.[0-9]*')" qemu-system-x86_64
for major in 10 11; do
	if [ -e "$build/qemu-$major" ]; then
		check_qemu "$major" "$build/qemu-$major/qemu-system-x86_64"
	else
		skip "guests on QEMU $major" "it is not there: make setup-qemu unpacks it"
	fi
done

done_testing
