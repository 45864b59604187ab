#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The guest kernel module for every Linux that is unpacked under build/guest* with headers: it builds without a
# warning, loads, and passes the tests of tests/kernels/module_inside.c in a guest of that Linux.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=$(realpath "${SEVBENCH_BIN:-${0%/*}/../../build/bin}")
top=$(realpath "${0%/*}/../..")

# Kbuild prints nothing when all is well; a warning is something that it prints.
builds_in_silence() {
	rm -rf "$scratch/module"
	"$top/kernels/build-module.sh" "$1/build" "$scratch/module" >"$scratch/kbuild" 2>&1 || {
		cat "$scratch/kbuild"
		return 1
	}
	grep -v 'Skipping BTF generation' "$scratch/kbuild" && return 1
	/sbin/modinfo "$scratch/module/${1##*/}/sevbench.ko"
	/sbin/modinfo -F license "$scratch/module/${1##*/}/sevbench.ko" | grep -q GPL
}

# QEMU 7.2's most capable emulated processor makes Linux 6.12 panic at boot; a named one does not.
passes_inside() {
	local boot=${1%/lib/modules/*}/boot
	local status=0
	# vmrun takes the module from here.
	"$top/kernels/build-module.sh" "$1/build" "$top/build/module" || return 1
	"$bin/vmrun" exec --accel tcg --cpu-model EPYC-Milan --firmware default --memory 512M --vcpus 2 \
		--deadline 300 --guest-kernel "$boot/vmlinuz-${1##*/}" --guest-modules "$1" \
		"$bin/../tests/kernels/module_inside" >"$scratch/inside" 2>&1 || status=$?
	grep -v '^ok' "$scratch/inside"
	return "$status"
}

trees=("$top"/build/guest*/lib/modules/*/build)
trees=("${trees[@]%/build}")
[ -d "${trees[0]}" ] || {
	skip "the module" "no guest kernel is unpacked: run 'make setup'"
	done_testing
}
for tree in "${trees[@]}"; do
	check "${tree##*/}: it builds without a warning" builds_in_silence "$tree"
	check "${tree##*/}: it passes its tests in a guest" passes_inside "$tree"
done
done_testing
