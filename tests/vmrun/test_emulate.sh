#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What the emulated SEV processor says of options, QEMUs, firmware and guests that are wrong: one
# sentence each, QEMU's end, and nothing left behind.
set -euo pipefail
cd "$(dirname "$0")/../.."

lib=$(realpath "${SEVBENCH_BIN:-build/bin}/../lib")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0

qemus=()
for q in build/qemu-10 build/qemu-11; do
	[ ! -x "$q/qemu-system-x86_64" ] || qemus+=("$q/qemu-system-x86_64")
done
if [ ${#qemus[@]} -eq 0 ]; then
	echo "skipped: a QEMU of 'make setup-qemu' is needed"
	exit 77
fi

fail() {
	cat "$work/out"
	echo "FAILED: $*" >&2
	exit 1
}

plugin() {
	case $("$1" --version) in
	*"version 10."*) echo "$lib/sevemu-api4.so" ;;
	*) echo "$lib/sevemu-api7.so" ;;
	esac
}

# run QEMU OPTIONS [ARGUMENT...]: what it says is in $work/out, how it ended in $status
run() {
	local qemu=$1 options=$2
	shift 2
	status=0
	timeout 20 "$qemu" -nodefaults -no-user-config -display none -no-reboot -machine q35 -accel tcg \
		-cpu max,-mpx,-la57,phys-bits=52 -m 64M -plugin "$(plugin "$qemu"),$options" "$@" \
		</dev/null >"$work/out" 2>&1 || status=$?
}

# says WHAT SENTENCE: once, and QEMU failed
says() {
	case $status in 0 | 124) fail "$1: QEMU ended with $status" ;; esac
	[ "$(grep -c "^sevemu: " "$work/out")" -eq 1 ] || fail "$1: not one sentence"
	grep -qF "$2" "$work/out" || fail "$1: did not say '$2'"
	passed=$((passed + 1))
}

# make_guest NAME SYMBOL...: a firmware of tests/vmrun/emulate/guest.S
make_guest() {
	local name=$1 symbol words=()
	shift
	for symbol; do words+=("-Wa,--defsym,$symbol"); done
	gcc -m32 -c "${words[@]}" -o "$work/$name.o" tests/vmrun/emulate/guest.S
	ld -m elf_i386 -Ttext 0 -o "$work/$name.elf" "$work/$name.o"
	objcopy -O binary -j .text "$work/$name.elf" "$work/$name"
}

make_guest terminate REQUEST=0x21100
make_guest general REQUEST=0x100
make_guest unknown REQUEST=0x17f0
make_guest exit EXIT=0x8000beef
make_guest missing EXIT=0x72 MISSING=1
make_guest snp EXIT=0x80000010

for qemu in "${qemus[@]}"; do
	run "$qemu" mode=tdx
	says "unknown mode" "'mode=tdx' is no option of it"
	run "$qemu" check=off
	says "no mode" "it wants a mode: mode=sev, mode=sev-es or mode=snp"
	run "$qemu" mode=snp,cbit=52
	says "C-bit" "cbit=52 is out of range: it is 47 to 51"
	run "$qemu" mode=snp,cbit=46
	says "C-bit" "cbit=46 is out of range: it is 47 to 51"
	run "$qemu" "mode=snp,counters=$work/none"
	says "counters" "cannot write to counters=$work/none, which has to be there before"
	run "$qemu" "mode=snp,trace=$work/no/trace"
	says "trace" "cannot write to trace=$work/no/trace"
	run "$qemu" mode=sev-es -cpu max,phys-bits=51 -bios "$work/terminate"
	says "address bits" "51 physical address bits, which leaves no C-bit 51: give -cpu phys-bits=52"
	run "$qemu" mode=snp -cpu max,mpx=on,phys-bits=52 -bios "$work/terminate"
	if ! grep -q "MPX" "$work/out"; then
		says "no MPX there" "no table of GUIDs"
	else
		says "MPX" "its processor has MPX"
	fi
	run "$qemu" mode=snp -bios "$work/terminate"
	says "firmware" "its firmware will not do for SNP, for it has no table of GUIDs at its end"

	truncate -s 64K "$work/counters"
	run "$qemu" "mode=sev-es,counters=$work/counters" -bios "$work/terminate"
	says "termination" "ends itself, reason 1:2: a page could not be validated"
	[ "$(head -c 8 "$work/counters")" = USEVEMC1 ] || fail "the counters do not begin as counters.h says"
	run "$qemu" mode=sev-es -bios "$work/general"
	says "termination" "ends itself, reason 0:0: general reasons"

	# What is not known is answered, and said: two sentences with the guest's own.
	run "$qemu" mode=sev-es -bios "$work/unknown"
	grep -q "request 0x17f0 in the GHCB MSR is not known" "$work/out" || fail "an unknown request"
	grep -q "reason 2:23: " "$work/out" || fail "an unknown request changed the MSR"
	run "$qemu" mode=sev-es -bios "$work/exit"
	grep -q "exit 0x8000beef (?) .* is answered with error 6" "$work/out" || fail "an unknown exit"
	grep -q "reason 2:38: " "$work/out" || fail "an unknown exit was not answered as it has to be"
	run "$qemu" mode=sev-es -bios "$work/missing"
	grep -q "reason 2:36: " "$work/out" || fail "missing input was not answered as it has to be"
	run "$qemu" mode=sev-es -bios "$work/snp"
	grep -q "reason 2:38: " "$work/out" || fail "page states outside of SNP"
	passed=$((passed + 4))
done

# A QEMU without what the plugin needs: this machine's own, if it is an old one, by whichever plugin
# version it takes, and one in which a name is another one.
old=$(command -v qemu-system-x86_64) || old=
case $("${old:-true}" --version 2>/dev/null) in
*"version 7."*)
	status=0
	timeout 60 "$old" -nodefaults -display none -machine q35 -plugin "$lib/sevemu-api4.so,mode=snp" \
		</dev/null >"$work/out" 2>&1 || status=$?
	case $status in 0 | 124) fail "QEMU 7.2 took the plugin" ;; esac
	passed=$((passed + 1))
	;;
esac
for qemu in "${qemus[@]}"; do
	for name in helper_info_cpuid x86_cpu_tlb_fill tlb_flush_page; do
		directory=$work/renamed
		rm -rf "$directory"
		cp -rs "$(realpath "${qemu%/*}")" "$directory"
		rm "$directory/qemu-system-x86_64" "$directory/usr/bin/qemu-system-x86_64"
		cp "$qemu" "$directory/qemu-system-x86_64"
		# Its dynamic table of names: the last letter becomes another one.
		sed "s/\x00$name\x00/\x00${name%?}X\x00/g" "${qemu%/*}/usr/bin/qemu-system-x86_64" \
			>"$directory/usr/bin/qemu-system-x86_64"
		chmod +x "$directory/usr/bin/qemu-system-x86_64"
		run "$directory/qemu-system-x86_64" mode=snp
		says "without $name" "the emulated SEV needs Debian's QEMU 10 or 11"
	done
done

echo "$passed passed, 0 failed, 0 skipped"
