#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The nested lab: a TCG guest with kvm-amd, and in it vmrun with real KVM. VMRUN and #VMEXIT are then
# emulated, but they happen, and KVM counts them: every operation that should leave the guest once
# must leave it once, and to where it should.
#
# Ports are read from ring 0 here: QEMU's emulated processor forgets the I/O bitmap in a nested guest,
# and IN from user mode faults.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=$(realpath "${SEVBENCH_BIN:-${0%/*}/../../build/bin}")
build=${0%/*}/../../build
guest=$(realpath "$build/guest")
trees=("$guest"/lib/modules/*)
tree=${trees[0]}
release=${tree##*/}
module=$build/module/$release/sevbench.ko
tests=$bin/../tests
# Short batches: the module breaks one off that lasts a second, and a busy machine makes it last.
once='--iterations 200 --samples 8 --warmup-us 1'

files=()
put() { files+=(--file "$1=$2"); }

# QEMU looks for its firmware beside the folder that it lies in.
for f in /usr/share/seabios/bios-256k.bin /usr/share/qemu/{linuxboot_dma,pvh,kvmvapic}.bin; do
	put "$f" "/share/qemu/${f##*/}"
done
put "$guest/boot/vmlinuz-$release" "/guest/boot/vmlinuz-$release"
for f in "$tree"/modules.*; do
	put "$f" "/guest/lib/modules/$release/${f##*/}"
done
while read -r f; do
	put "$f" "/guest/lib/modules/$release${f#"$tree"}"
done < <(for m in virtio_pci virtio_console msr; do
	/sbin/modprobe -d "$guest" -S "$release" --show-depends "$m"
done | sed -n 's/^insmod //; s/ *$//p' | sort -u)
put "$module" "/module/$release/sevbench.ko"
put "$bin/guest-init" /bin/guest-init

inner=()
for k in cpuid ring0_msr hypercall ring0_hypercall ring0_port mmio; do
	files+=(--program "$bin/bench-$k")
	inner+=(--program "/bin/bench-$k")
done

lab() {
	"$bin/vmrun" exec --accel tcg --firmware default --memory 3G --vcpus 2 --deadline 240 \
		--module kvm-amd --program "$(command -v qemu-system-x86_64)" \
		--program "$tests/vmrun/several" "${files[@]}" -- \
		"$bin/vmrun" exec --accel kvm --firmware default --memory 256M "${inner[@]}" \
		/bin/several "/bin/bench-cpuid --variant 0x0,0x1 $once" \
		"/bin/bench-ring0_msr --variant rdmsr_0x1b,wrmsr_0x17a $once" \
		"/bin/bench-hypercall $once" "/bin/bench-ring0_hypercall $once" \
		"/bin/bench-ring0_port --variant in_pic,in_testdev $once" \
		"/bin/bench-mmio --variant read,eventfd $once" >"$scratch/rows" 2>"$scratch/said" || {
		tail -n 20 "$scratch/said"
		return 1
	}
}

# exits CELL COLUMN LEAST MOST: exits of CELL an operation; those for the host's interrupts apart.
exits_are() {
	awk -v cell="$1:" -v what="$2" -v least="$3" -v most="$4" '
	$1 == cell && / exits per operation / {
		gsub(/[(),]/, "")
		# cpuid/0x0: 1.03 exits per operation ports 0.00 MMIO to QEMU 0.00 interrupts 0.01 ...
		n["all"] = $2; n["ports"] = $7; n["mmio"] = $11; n["irq"] = $13
		value = what == "all" ? n["all"] - n["irq"] : n[what]
		print; found = value >= least && value <= most
	}
	END { exit !found }' "$scratch/said"
}

# Nanoseconds of one operation of KERNEL/VARIANT: the faster of its samples.
fastest() {
	awk -F, -v kernel="${1%/*}" -v variant="${1#*/}" '
	$6 == kernel && $7 == variant && $13 == "op" && $15 {
		ns = $17 / $15
		if (!best || ns < best) best = ns
	}
	END { printf "%d\n", best }' "$scratch/rows"
}

costlier() {
	local a b
	a=$(fastest "$1") b=$(fastest "$2")
	echo "$1 $a ns, $2 $b ns"
	[ "$b" -gt 0 ] && [ "$a" -gt "$b" ]
}

all_rows_are_kvm() {
	awk -F, '$1 == 1 && ($4 != "nosev" || $5 != "kvm") { bad = 1 }
	END { exit NR < 20 || bad }' "$scratch/rows"
}

check "a guest of KVM runs inside a guest of TCG" lab
check "KVM was probed and taken: every row says so" all_rows_are_kvm
for cell in cpuid/0x0 cpuid/0x1 ring0_msr/rdmsr_0x1b ring0_msr/wrmsr_0x17a hypercall/poll_irq \
	ring0_hypercall/poll_irq ring0_port/in_pic ring0_port/in_testdev mmio/read mmio/eventfd; do
	check "$cell leaves the guest once" exits_are "$cell" all 0.98 1.5
done
check "ports are counted as such" exits_are ring0_port/in_pic ports 0.98 1.3
check "and CPUID is not" exits_are cpuid/0x0 ports 0 0.1
check "MMIO of pci-testdev goes to QEMU" exits_are mmio/read mmio 0.98 1.3
check "a write to an ioeventfd ends in KVM" exits_are mmio/eventfd mmio 0 0.2
check "a port in QEMU costs more than one in KVM" costlier ring0_port/in_testdev ring0_port/in_pic
check "MMIO in QEMU costs more than CPUID" costlier mmio/read cpuid/0x0
done_testing
