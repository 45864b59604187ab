#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What the emulated SEV processor says of options, QEMUs, firmware and guests that are wrong: one
# sentence each, and QEMU ends.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"
# shellcheck source=tests/vmrun/firmware.sh
. "${0%/*}/firmware.sh"

top=$(realpath "${0%/*}/../..")
lib=$(realpath "${SEVBENCH_BIN:-$top/build/bin}/../lib")
qemus=()
for q in "$top/build/qemu-10" "$top/build/qemu-11"; do
	[ ! -x "$q/qemu-system-x86_64" ] || qemus+=("$q/qemu-system-x86_64")
done
if [ ${#qemus[@]} -eq 0 ]; then
	skip "the emulated SEV processor" "no QEMU of 'make setup-qemu' is unpacked under build/"
	done_testing
fi

# run QEMU OPTIONS [ARGUMENT...]: what it says is in $scratch/out, how it ended in $status
run() {
	local qemu=$1 options=$2 plugin=$lib/sevemu-api7.so
	shift 2
	case $("$qemu" --version) in *"version 10."*) plugin=$lib/sevemu-api4.so ;; esac
	status=0
	timeout -k 5 60 "$qemu" -nodefaults -no-user-config -display none -no-reboot -machine q35 -accel tcg \
		-cpu max,-mpx,-la57,phys-bits=52 -m 64M -plugin "$plugin,$options" "$@" \
		</dev/null >"$scratch/out" 2>&1 || status=$?
}

# ends SENTENCES PART QEMU OPTIONS [ARGUMENT...]: QEMU fails, after so many sentences, one of them with PART
ends() {
	local sentences=$1 part=$2
	shift 2
	run "$@"
	says "$part" || return 1
	if [ "$(grep -c '^sevemu: ' "$scratch/out")" -ne "$sentences" ] || [ "$status" -eq 0 ] ||
		[ "$status" -eq 124 ]; then
		echo "not $sentences sentences, or exit status $status:"
		cat "$scratch/out"
		return 1
	fi
}

# answers N QEMU OPTIONS [ARGUMENT...]: the guest writes N to port 0xf4
answers() {
	local answer=$1
	shift
	run "$@" -device isa-debug-exit,iobase=0xf4,iosize=1
	if [ "$status" -ne $((2 * answer + 1)) ]; then
		echo "not exit status $((2 * answer + 1)), but $status:"
		cat "$scratch/out"
		return 1
	fi
}

make_guest terminate REQUEST=0x21100
make_guest general REQUEST=0x100
make_guest unknown REQUEST=0x17f0
make_guest exit EXIT=0x8000beef
make_guest missing EXIT=0x72 MISSING=1
make_guest snp EXIT=0x80000010
make_guest state REQUEST=0x14
make_guest views VIEWS=1
make_guest plain-views VIEWS=1 PLAIN=1
make_guest dma DMA=1 PLAIN=1
make_guest lose LOSE=1 TABLE=1
make_guest wrong WRONG=1 TABLE=1
make_guest msr EXIT=0x7c MSR=0x1b VALUE=0xfee00901
make_firmware hold hold.S 32 elf_i386
for how in ROWS EDGE DEVICE BEYOND; do
	make_firmware "hostile-$how" hostile.S 32 elf_i386 "$how=1"
done
make_firmware early hold.S 32 elf_i386 EARLY=1
make_firmware disturb hold.S 32 elf_i386 DISTURB=1
make_firmware ap ap.S 64 elf_x86_64 FEATURES=1 VMSA_CR4=0x40620
make_firmware features ap.S 64 elf_x86_64 FEATURES=0x21 VMSA_CR4=0x40620
make_firmware pae ap.S 64 elf_x86_64 FEATURES=1 VMSA_CR4=0x40600

begins_as_the_header_says() {
	[ "$(head -c 8 "$scratch/counters")" = USEVEMC1 ]
}

# A copy of a QEMU in which a name that it exports ends in another letter.
rename() {
	local qemu=$1 name=$2
	rm -rf "$scratch/renamed"
	cp -rs "${qemu%/*}" "$scratch/renamed"
	rm "$scratch/renamed/qemu-system-x86_64" "$scratch/renamed/usr/bin/qemu-system-x86_64"
	cp "$qemu" "$scratch/renamed/"
	sed "s/\x00$name\x00/\x00${name%?}X\x00/g" "${qemu%/*}/usr/bin/qemu-system-x86_64" \
		>"$scratch/renamed/usr/bin/qemu-system-x86_64"
	chmod +x "$scratch/renamed/usr/bin/qemu-system-x86_64"
}

for qemu in "${qemus[@]}"; do
	on=$(basename "${qemu%/*}")
	check "$on: unknown mode" ends 1 "'mode=tdx' is no option of it" "$qemu" mode=tdx
	check "$on: no mode" ends 1 "it wants a mode: mode=sev, mode=sev-es or mode=snp" "$qemu" check=off
	check "$on: C-bit too high" ends 1 "cbit=52 is out of range: it is 47 to 51" "$qemu" mode=snp,cbit=52
	check "$on: C-bit too low" ends 1 "cbit=46 is out of range" "$qemu" mode=snp,cbit=46
	check "$on: no file for counters" ends 1 "which has to be there before" \
		"$qemu" "mode=snp,counters=$scratch/none"
	check "$on: no folder for a trace" ends 1 "cannot write to trace=$scratch/no/trace" \
		"$qemu" "mode=snp,trace=$scratch/no/trace"
	check "$on: no address bits" ends 1 "leaves no C-bit 51: give -cpu phys-bits=52" \
		"$qemu" mode=sev-es -cpu max,phys-bits=51 -bios "$scratch/terminate"
	check "$on: firmware without metadata" ends 1 "will not do for SNP, for it has no table of GUIDs" \
		"$qemu" mode=snp -bios "$scratch/terminate"

	truncate -s 64K "$scratch/counters"
	check "$on: a guest that ends itself" ends 1 "ends itself, reason 1:2: a page could not be validated" \
		"$qemu" "mode=sev-es,counters=$scratch/counters" -bios "$scratch/terminate"
	check "$on: counters begin as their header says" begins_as_the_header_says
	check "$on: general reasons" ends 1 "ends itself, reason 0:0: general reasons" \
		"$qemu" mode=sev-es -bios "$scratch/general"
	# The guest says what it was answered: 0x17 of the request as it was, 2 << 4 and the error.
	check "$on: an unknown request" ends 2 "request 0x17f0 in the GHCB MSR is not known" \
		"$qemu" mode=sev-es -bios "$scratch/unknown"
	check "$on: leaves the MSR as it is" says "reason 2:23: "
	check "$on: an unknown exit" ends 2 "exit 0x8000beef (?) with 0 and 0 is answered with error 6" \
		"$qemu" mode=sev-es -bios "$scratch/exit"
	check "$on: is answered as an invalid event" says "reason 2:38: "
	check "$on: missing input" ends 2 "is answered with error 4" "$qemu" mode=sev-es -bios "$scratch/missing"
	check "$on: is answered as such" says "reason 2:36: "
	check "$on: page states are SNP's" ends 2 "is answered with error 4" \
		"$qemu" mode=sev-es -bios "$scratch/snp"
	check "$on: in the MSR too" ends 1 "makes request 0x14 of SNP, which it is not" \
		"$qemu" mode=sev-es -bios "$scratch/state"

	# Two views of memory: 2 is what the guest saw where all is right.
	check "$on: sev: without C-bit a private page shows something else" answers 2 \
		"$qemu" mode=sev -bios "$scratch/plain-views"
	check "$on: sev-es: it does too" ends 1 "reason 2:2: " "$qemu" mode=sev-es -bios "$scratch/views"
	check "$on: a device cannot write into private memory" answers 2 "$qemu" mode=sev -bios "$scratch/dma"
	check "$on: what was in a page is lost when its state changes" ends 1 "reason 2:0: " \
		"$qemu" mode=snp,check=enforce -bios "$scratch/lose"
	check "$on: a private page read without its C-bit" ends 1 "as shared memory, but the page is private" \
		"$qemu" mode=snp,check=enforce -bios "$scratch/wrong"

	check "$on: a WRMSR that is not allowed gets #GP, sent on" ends 1 "reason 2:29: " \
		"$qemu" mode=sev-es -bios "$scratch/msr"

	# A guest that asks for what no guest should is answered, or ends with a sentence, and is not heard without end.
	check "$on: each of 78 hostile requests is answered or refused, and a kind of them told 20 times at most" ends 66 "reason 2:64: " \
		"$qemu" mode=snp,check=count -bios "$scratch/hostile-ROWS"
	check "$on: an instruction is read as far as memory is mapped" ends 1 "reason 2:64: " \
		"$qemu" mode=snp,check=count -bios "$scratch/hostile-EDGE"
	check "$on: page tables in a device map nothing" ends 1 "reason 2:64: " \
		"$qemu" mode=snp,check=count -bios "$scratch/hostile-DEVICE"
	check "$on: nothing is kept of pages beyond memory" ends 1 "executes PVALIDATE for the shared page at 0x7fffe00000" \
		"$qemu" mode=snp,check=count -bios "$scratch/hostile-BEYOND"

	# vCPUs after the first, whose registers are encrypted.
	check "$on: goes on after AP reset hold" ends 1 "reason 2:64: " \
		"$qemu" mode=sev-es -smp 2 -bios "$scratch/hold"
	check "$on: goes on where INIT came before the hold" ends 1 "reason 2:64: " \
		"$qemu" mode=sev-es -smp 2 -bios "$scratch/early"
	check "$on: nothing but a start ends the hold" ends 1 "reason 2:64: " \
		"$qemu" mode=sev-es -smp 2 -bios "$scratch/disturb"
	check "$on: begins with all of a VMSA" ends 1 "reason 2:64: " \
		"$qemu" mode=snp -smp 2 -bios "$scratch/ap"
	check "$on: not with other SEV features" ends 3 "cannot be created: its SEV features are not" \
		"$qemu" mode=snp -smp 2 -bios "$scratch/features"
	check "$on: is invalid input" says "reason 2:37: "
	check "$on: nor with what VMRUN refuses" ends 3 "it pages in long mode without PAE" \
		"$qemu" mode=snp -smp 2 -bios "$scratch/pae"
	check "$on: nor a vCPU that is not there" ends 3 "vCPU 1 cannot be created: there is none" \
		"$qemu" mode=snp -bios "$scratch/ap"

	for name in helper_info_cpuid x86_cpu_tlb_fill tlb_flush_page; do
		rename "$qemu" "$name"
		check "$on without $name" ends 1 "the emulated SEV needs Debian's QEMU 10 or 11" \
			"$scratch/renamed/qemu-system-x86_64" mode=snp
	done
done

# This machine's own QEMU, where it is too old for the plugin's interface: QEMU says so itself.
old=$(command -v qemu-system-x86_64)
case $("${old:-true}" --version 2>/dev/null) in
*"version 7."*)
	check "QEMU 7 refuses the plugin" exits 1 timeout 60 "$old" -nodefaults -display none -plugin \
		"$lib/sevemu-api4.so,mode=snp"
	check "and says why" says "API version"
	;;
esac

done_testing
