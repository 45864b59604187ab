#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The nested lab: a TCG guest with kvm-amd, and in it vmrun with real KVM. VMRUN and #VMEXIT are then
# emulated, but they happen, and KVM counts them: every operation that should leave the guest once
# must leave it once, and to where it should.
#
# Ports are read from ring 0 here: QEMU's emulated processor forgets the I/O bitmap in a nested guest,
# and IN from user mode faults. CR8 is not written: QEMU 7.2 aborts when a nested guest does that.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=$(realpath "${SEVBENCH_BIN:-${0%/*}/../../build/bin}")
build=${0%/*}/../../build
# The older one boots sooner, and here twice.
guest=$(realpath "$build/guest-6.1" 2>/dev/null) && [ -d "$guest/boot" ] || guest=$(realpath "$build/guest")
trees=("$guest"/lib/modules/*)
tree=${trees[0]}
release=${tree##*/}
module=$build/module/$release/sevbench.ko
tests=$bin/../tests

# Short batches: the module breaks one off that lasts a second, and a busy machine makes it last.
cat >"$scratch/lab.suite" <<'EOF'
rounds 1
default --samples 8 --iterations 200 --warmup-us 1
kernel cpuid --variant 0x0,0x1
kernel hypercall
kernel mmio
kernel ring0_cpuid --variant 0x0
kernel ring0_hypercall
kernel ring0_msr
kernel ring0_port --variant in_pic,in_testdev,out_eventfd
kernel ring0_mmio --variant read,write,read_ioapic
kernel ring0_control --variant cr4,wbinvd
kernel ring0_control --variant cr0 --iterations 4000
kernel syscall --variant getppid
kernel pvalidate --variant no_change
EOF

files=()
put() { files+=(--file "$1=$2"); }

# QEMU looks for its firmware beside the folder that it lies in, or, as Debian 13's, where it was built for.
for f in /usr/share/seabios/bios-256k.bin /usr/share/qemu/{linuxboot_dma,pvh,kvmvapic}.bin; do
	put "$f" "/share/qemu/${f##*/}"
	put "$f" "/usr/share/qemu/${f##*/}"
done
put "$guest/boot/vmlinuz-$release" "/guest/boot/vmlinuz-$release"
for f in "$tree"/modules.*; do
	put "$f" "/guest/lib/modules/$release/${f##*/}"
done
while read -r f; do
	put "$f" "/guest/lib/modules/$release${f#"$tree"}"
done < <(for m in virtio_pci virtio_console msr; do
	/sbin/modprobe -d "$guest" -S "$release" --show-depends "$m"
done | sed -n 's/^insmod \(.*[^ ]\) *$/\1/p' | sort -u)
put "$module" "/module/$release/sevbench.ko"
put "$bin/guest-init" /bin/guest-init

put "$scratch/lab.suite" /lab.suite
for k in cpuid hypercall mmio ring0_cpuid ring0_hypercall ring0_msr ring0_port ring0_mmio ring0_control \
	syscall pvalidate; do
	files+=(--program "$bin/bench-$k")
done

# The run, and then its results, behind a line each that says which file it is.
lab() {
	"$bin/vmrun" exec --accel tcg --firmware default --memory 3G --vcpus 2 --deadline 300 \
		--module kvm-amd --program "$(command -v qemu-system-x86_64)" --program "$bin/sevbench" \
		--program /bin/cat --program /bin/echo "${files[@]}" "$tests/vmrun/several" \
		"/bin/sevbench run --suite /lab.suite --platforms nosev --memory 256M --out /run" \
		"/bin/echo FILE manifest" "/bin/cat /run/manifest.json" \
		"/bin/echo FILE summary" "/bin/cat /run/summary.csv" \
		"/bin/echo FILE samples" "/bin/cat /run/samples.csv" >"$scratch/all" 2>"$scratch/said" || {
		tail -n 20 "$scratch/said" "$scratch/all"
		return 1
	}
	awk -v to="$scratch/" '/^FILE / { file = to $2; next } file { print >file } !file' "$scratch/all"
}

# cell KERNEL/VARIANT COLUMN: what summary.csv says of the cell.
cell() {
	awk -F, -v kernel="${1%/*}" -v variant="${1#*/}" -v column="$2" '
	NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	$at["kernel"] == kernel && $at["variant"] == variant { print $at[column] }' "$scratch/summary"
}

# What the suite itself makes of the exits, and the number between two bounds. On a busy machine the
# timers of the guest come often during an operation, and each is an exit or two of its own.
exits_are() {
	echo "exits $(cell "$1" exits), of which interrupts $(cell "$1" exits_irq)," \
		"$(cell "$1" exits_expected) expected: $(cell "$1" exits_check)"
	[ "$(cell "$1" exits_check)" = right ] &&
		awk -v all="$(cell "$1" exits)" -v irq="$(cell "$1" exits_irq)" -v least="$2" -v most="$3" \
			'BEGIN { exit !(all - irq >= least && all - irq <= most) }'
}

between() {
	echo "$1 $2: $(cell "$1" "$2")"
	awk -v n="$(cell "$1" "$2")" -v least="$3" -v most="$4" 'BEGIN { exit !(n != "" && n >= least && n <= most) }'
}

all_rows_are_kvm() {
	awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	$at["platform"] != "nosev" || $at["accel"] != "kvm" { bad = 1 }
	END { exit NR < 100 || bad }' "$scratch/samples"
}

# Every sample of a cell carries what was counted for it.
samples_have_exits() {
	awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	$at["status"] == "ok" { rows++; bad += $at["exits"] == "" || $at["exits_halt"] == "" }
	$at["status"] == "skipped" { skipped++; bad += $at["exits"] != "" }
	END { print rows, skipped, bad; exit !rows || !skipped || bad }' "$scratch/samples"
}

pinned() {
	grep -A 20 '"pinning"' "$scratch/manifest"
	grep -A 20 '"pinning"' "$scratch/manifest" | grep -q '"cpu": [0-9]' &&
		grep -q '"why": "KVM' "$scratch/manifest"
}

check "a suite runs on KVM inside a guest of TCG" lab
check "KVM was probed and taken: every row says so" all_rows_are_kvm
check "each vCPU was pinned to a CPU of its own" pinned
check "each sample has the exits that KVM counted" samples_have_exits
for cell in cpuid/0x0 cpuid/0x1 hypercall/poll_irq mmio/read mmio/write mmio/eventfd ring0_cpuid/0x0 \
	ring0_hypercall/poll_irq ring0_msr/rdmsr_0x1b ring0_msr/rdmsr_0x17a ring0_msr/wrmsr_0x17a \
	ring0_msr/wrmsr_0x3b ring0_port/in_pic ring0_port/in_testdev ring0_port/out_eventfd ring0_mmio/read \
	ring0_mmio/write ring0_mmio/read_ioapic ring0_control/cr4 ring0_control/wbinvd; do
	check "$cell leaves the guest once" exits_are "$cell" 0.98 3
done
for cell in syscall/getppid ring0_control/cr0; do
	check "$cell does not leave it" exits_are "$cell" -0.01 0.1
done
check "a port in KVM is counted as such" between ring0_port/in_pic exits_io 0.98 1.1
check "and so is one in QEMU" between ring0_port/in_testdev exits_io 0.98 3
check "and CPUID is not" between cpuid/0x0 exits_io 0 0.1
check "MMIO is no port" between mmio/read exits_io 0 0.1
check "MMIO of pci-testdev goes to QEMU" between mmio/read exits_mmio 0.98 1.1
check "a write to an ioeventfd ends in KVM" between mmio/eventfd exits_mmio 0 0.1
check "and so does a read of the IO-APIC" between ring0_mmio/read_ioapic exits_mmio 0 0.1
check "what this processor lacks is skipped with its reason" \
	grep -q 'pvalidate.*skipped.*SEV-SNP' "$scratch/summary"
done_testing
