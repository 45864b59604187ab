#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The KVM probe on every Linux that is unpacked under build/guest*, as the host's: a guest of TCG
# with kvm-amd, in which vmrun's doctor must find that KVM runs guest code. What Linux demands of a
# vCPU has changed before (6.12).
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=${SEVBENCH_BIN:-$PWD/build/bin}
top=$(realpath "${0%/*}/../..")

# QEMU 7.2's most capable emulated processor makes Linux 6.12 panic at boot; a named one does not.
probe_on() {
	local boot=${1%/lib/modules/*}/boot
	"$bin/vmrun" exec --accel tcg --cpu-model EPYC-Milan --firmware default --memory 512M \
		--deadline 120 --guest-kernel "$boot/vmlinuz-${1##*/}" --guest-modules "$1" --module kvm-amd \
		"$bin/vmrun" doctor --platform nosev >"$scratch/doctor" 2>&1
	cat "$scratch/doctor" # there is no QEMU in it: other requirements are not met
	grep -q 'runs guest code' "$scratch/doctor"
}

trees=("$top"/build/guest*/lib/modules/*)
[ -d "${trees[0]}" ] || {
	skip "the KVM probe" "no guest kernel is unpacked: run 'make setup'"
	done_testing
}
for tree in "${trees[@]}"; do
	check "${tree##*/}: KVM is found to run guest code" probe_on "$tree"
done
[ -d "$top/build/guest-backports" ] || skip "the newest Linux of Debian" "it is not unpacked: make setup-tests does that"
done_testing
