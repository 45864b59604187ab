#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# QEMU 10's IRET in real mode does not look where PUSH and RET have put and find things.
#
# seen      November 2026, qemu-system-x86 10.0.2 (backports of Debian 12) and 11.1.3 (backports of Debian
#           13), software emulation (TCG)
# surprise  A stack segment that was loaded in protected mode keeps its size in real mode. With one of 32
#           bits, PUSH, CALL and RET go by ESP there, in QEMU 10 as on a processor; IRET goes by SP alone,
#           and takes its frame from the low 64 KiB. QEMU 11 takes it by ESP. OVMF leaves the GHCB
#           protocol's AP reset hold in this way, so that under SEV-ES the second vCPU is lost.
# sevbench  its emulated SEV processor puts the frame where QEMU 10 looks (vmrun/emulate/plugin/opcode.c)
#
# A boot sector puts a frame at ESP and another one at SP, and says by which IRET went.
# shellcheck source=findings/lib.sh
. "$(dirname "$0")/lib.sh"

cat >"$work/iret.s" <<'EOF'
	.code16
	cli
	xor	%ax, %ax
	mov	%ax, %ds
	mov	%ax, %ss
	mov	$0x7000, %sp
	lgdt	pointer
	mov	%cr0, %eax
	or	$1, %al
	mov	%eax, %cr0
	mov	$8, %bx
	mov	%bx, %ss		# 32 bits, from 0 to 4 GiB
	and	$0xfe, %al
	mov	%eax, %cr0
	ljmp	$0, $1f
1:	movw	$low, 0x6ffa		# IP, CS, FLAGS where SP points to
	movw	$0, 0x6ffc
	movw	$2, 0x6ffe
	mov	$0x117000, %esp		# above 1 MiB
	pushw	$2
	pushw	$0
	pushw	$high
	call	near			# is the rest by ESP?
	iret
near:	mov	$'R', %al
	out	%al, $0xe9
	ret
low:	mov	$'L', %al
	jmp	2f
high:	mov	$'H', %al
2:	out	%al, $0xe9
	out	%al, $0xf4		# to isa-debug-exit: the end
	hlt
	.balign	8
table:	.quad	0
	.quad	0x00cf93000000ffff
pointer:
	.word	15
	.long	table
	.org	510
	.word	0xaa55
EOF

# iret VERSION SUITES PACKAGE=VERSION...: what it said, in $said
iret() {
	local tree=$work/tree-$1
	fetch "$tree" "$2" "${@:3}"
	[ -e "$work/iret.img" ] || {
		run_in "$tree" x86_64-linux-gnu-as -o "$work/iret.o" "$work/iret.s"
		run_in "$tree" x86_64-linux-gnu-ld -Ttext 0x7c00 --oformat binary -o "$work/iret.img" "$work/iret.o" -e 0x7c00
	}
	rm -f "$work/said"
	run_in "$tree" qemu-system-x86_64 -L "$tree/usr/share/qemu" -L "$tree/usr/share/seabios" \
		-accel tcg -cpu max -m 32M -nodefaults -no-user-config -display none -no-reboot \
		-drive "file=$work/iret.img,format=raw,if=floppy,readonly=on" \
		-debugcon "file:$work/said" -device isa-debug-exit,iobase=0xf4 2>"$work/complaints" || true
	said=$(cat "$work/said")
	saw "QEMU $1: $said"
}

iret 10 "bookworm bookworm-backports" "qemu-system-x86=1:10.0.2+ds-2+deb13u1~bpo12+1" binutils=2.40-2
expect "QEMU 10: CALL and RET by ESP, IRET by SP" RL "$said"
iret 11 "trixie trixie-backports" "qemu-system-x86=1:11.1.3+ds-1~bpo13+1"
expect "QEMU 11: all by ESP" RH "$said"
verdict
