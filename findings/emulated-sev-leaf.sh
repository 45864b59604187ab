#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# An emulated processor that knows nothing of SEV answers, when asked for it, as one that has it.
#
# seen      November 2026, qemu-system-x86 10.0.2 (backports of Debian 12), software emulation (TCG)
# surprise  CPUID leaf 0x8000001F says what memory encryption a processor has. The models "max" and
#           EPYC-Milan end before it, at 0x8000000A and 0x8000001E. What they give beyond their end is
#           not zeros but another leaf whole: 0xD, about the register states that XSAVE saves. Each of
#           those states has a bit, and so has each kind of SEV, and they are the same bits: by its SSE
#           registers the processor seems to have SEV, by the bounds registers of MPX, which "max" has
#           too, SEV-ES and SEV-SNP. Only who first asks for the last leaf can tell.
# sevbench  asks for the last leaf first: harness/cpu.c, harness/sev.c; tests/harness/test_sev.c has
#           such an answer in it
#
# A boot sector writes the four registers of three leaves to QEMU's debug port.
# shellcheck source=findings/lib.sh
. "$(dirname "$0")/lib.sh"

tree=$work/tree
fetch "$tree" "bookworm bookworm-backports" \
	"qemu-system-x86=1:10.0.2+ds-2+deb13u1~bpo12+1" binutils=2.40-2

cat >"$work/ask.s" <<'EOF'
	.code16
	mov	$0x80000000, %eax
	call	ask
	mov	$0x8000001f, %eax
	call	ask
	mov	$0xd, %eax
	call	ask
	out	%al, $0xf4		# to isa-debug-exit: the end
	hlt
ask:	xor	%ecx, %ecx
	cpuid
	call	put
	mov	%ebx, %eax
	call	put
	mov	%ecx, %eax
	call	put
	mov	%edx, %eax
put:	mov	$4, %si
1:	out	%al, $0xe9
	shr	$8, %eax
	dec	%si
	jnz	1b
	ret
	.org	510
	.word	0xaa55
EOF
run_in "$tree" x86_64-linux-gnu-as -o "$work/ask.o" "$work/ask.s"
run_in "$tree" x86_64-linux-gnu-objcopy -O binary -j .text "$work/ask.o" "$work/ask.img"

# ask MODEL: the last extended leaf in $last, the others' registers in $sev and $xsave
ask() {
	rm -f "$work/said"
	# isa-debug-exit makes every exit status an odd one.
	run_in "$tree" qemu-system-x86_64 -L "$tree/usr/share/qemu" -L "$tree/usr/share/seabios" \
		-accel tcg -cpu "$1" -m 32M -nodefaults -no-user-config -display none -no-reboot \
		-drive "file=$work/ask.img,format=raw,if=floppy,readonly=on" \
		-debugcon "file:$work/said" -device isa-debug-exit,iobase=0xf4 2>"$work/complaints" || true
	[ "$(wc -c <"$work/said")" -eq 48 ] || {
		cat "$work/complaints"
		echo "$finding: the guest with -cpu $1 did not say what it was asked" >&2
		exit 1
	}
	last=0x$(od -An -v -tx4 -N4 "$work/said" | tr -d ' ')
	sev=$(od -An -v -tx4 -j16 -N16 "$work/said")
	xsave=$(od -An -v -tx4 -j32 -N16 "$work/said")
	saw "-cpu $1: leaves end at $last" "0x8000001f:$sev" "0x0000000d:$xsave"
}

# has BIT: is it set in EAX of leaf 0x8000001F? AMD64 APM volume 3, CPUID Fn8000_001F_EAX
has() {
	local eax
	read -r eax _ <<<"$sev"
	if ((16#$eax >> $1 & 1)); then echo yes; else echo no; fi
}

ask max
expect "the last leaf of max" 0x8000000a "$last"
expect "what lies beyond is leaf 0xd" "$xsave" "$sev"
expect "max seems to have SEV" yes "$(has 1)"
expect "max seems to have SEV-ES" yes "$(has 3)"
expect "max seems to have SEV-SNP" yes "$(has 4)"
ask EPYC-Milan
expect "the last leaf of EPYC-Milan" 0x8000001e "$last"
expect "what lies beyond is leaf 0xd" "$xsave" "$sev"
expect "EPYC-Milan seems to have SEV" yes "$(has 1)"
expect "EPYC-Milan seems to have SEV-SNP" no "$(has 4)"
verdict
