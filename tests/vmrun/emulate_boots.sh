#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Guests of the emulated SEV processor: each mode, on each QEMU and with each Linux that is unpacked
# under build/, with one and two vCPUs. What Linux says of memory encryption has to be the mode that
# was asked for, all vCPUs have to be there, and a program that is linked dynamically has to run.
#
# usage: tests/vmrun/emulate_boots.sh [QEMU...]     directories such as build/qemu-11
#
# SEVEMU_FIRMWARE  the OVMF.fd to start them with; validation is enforced with a good one
# SEVEMU_VCPUS     numbers of vCPUs ("1 2")
set -euo pipefail
cd "$(dirname "$0")/../.."

lib=${SEVBENCH_BIN:-build/bin}/../lib
firmware=${SEVEMU_FIRMWARE:-/usr/share/ovmf/OVMF.fd}
read -ra counts <<<"${SEVEMU_VCPUS:-1 2}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

qemus=("$@")
[ ${#qemus[@]} -gt 0 ] || for q in build/qemu-10 build/qemu-11; do
	[ ! -x "$q/qemu-system-x86_64" ] || qemus+=("$q")
done
kernels=()
for k in build/guest*/boot/vmlinuz-*; do
	[ ! -e "$k" ] || kernels+=("$k")
done
busybox=$(command -v busybox) || busybox=
if [ ${#qemus[@]} -eq 0 ] || [ ${#kernels[@]} -eq 0 ] || [ -z "$busybox" ] || [ ! -e "$firmware" ]; then
	echo "skipped: a QEMU of 'make setup-qemu', a Linux of 'make setup', busybox-static and OVMF are needed"
	exit 77
fi

# A guest that says what it is: PID 1 is a script of busybox, and /bin/cat of this machine binds its
# functions when they are called, through ld.so.
make_initramfs() {
	local root=$work/root library
	mkdir -p "$root/bin" "$root/proc" "$root/dev"
	cp "$busybox" "$root/bin/busybox"
	cp "$(command -v cat)" "$root/bin/dynamic"
	for library in $(ldd "$root/bin/dynamic" | grep -o '/[^ ]*'); do
		mkdir -p "$root$(dirname "$library")"
		cp -L "$library" "$root$library"
	done
	cat >"$root/init" <<-'END'
		#!/bin/busybox sh
		b=/bin/busybox
		$b mount -t proc none /proc
		$b mount -t devtmpfs none /dev
		echo "says: $($b dmesg | $b sed -n 's/.*Memory Encryption Features active: *//p')"
		echo "cpus: $($b nproc)"
		echo "dynamic: $(echo runs | /bin/dynamic)"
		$b poweroff -f
	END
	chmod +x "$root/init"
	(cd "$root" && find . | "$busybox" cpio -o -H newc 2>/dev/null) >"$work/initramfs"
}

# boot QEMU KERNEL MODE VCPUS
boot() {
	local api=7 words=erms,fsrm
	case $("$1/qemu-system-x86_64" --version) in *"version 10."*) api=4 ;; esac
	[ "$3" != snp ] || words=$words,xsavec
	truncate -s 64K "$work/counters"
	timeout 150 "$1/qemu-system-x86_64" -nodefaults -no-user-config -display none -no-reboot \
		-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny \
		-accel tcg -machine q35,vmport=off,smm=off,sata=off,smbus=off,i8042=off \
		-m 1G -smp "$4,sockets=1,cores=$4,threads=1" -cpu max,-mpx,-la57,phys-bits=52 \
		-plugin "$lib/sevemu-api$api.so,mode=$3,counters=$work/counters" \
		-bios "$firmware" -kernel "$2" -initrd "$work/initramfs" -append \
		"console=ttyS0 quiet panic=-1 nokaslr accept_memory=eager no_timer_check clearcpuid=$words" \
		-serial stdio </dev/null >"$work/out" 2>&1 || true
}

make_initramfs
failed=0
declare -A active=([sev]="AMD SEV" [sev-es]="AMD SEV SEV-ES" [snp]="AMD SEV SEV-ES SEV-SNP")
for qemu in "${qemus[@]}"; do
	for kernel in "${kernels[@]}"; do
		for mode in sev sev-es snp; do
			for vcpus in "${counts[@]}"; do
				what="$mode, ${qemu##*/}, ${kernel##*vmlinuz-}, $vcpus vCPU"
				boot "$qemu" "$kernel" "$mode" "$vcpus"
				says=$(tr -d '\r' <"$work/out" | sed -n 's/.*says: //p')
				cpus=$(tr -d '\r' <"$work/out" | sed -n 's/.*cpus: //p')
				if [ "$says" = "${active[$mode]}" ] && [ "$cpus" = "$vcpus" ] &&
					grep -q 'dynamic: runs' "$work/out"; then
					echo "ok: $what: $says"
				else
					echo "FAILED: $what: said '$says', with '$cpus' vCPUs:"
					tail -n 15 "$work/out"
					failed=1
				fi
			done
		done
	done
done
exit "$failed"
