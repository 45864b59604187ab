/* SPDX-License-Identifier: MIT */
/*
 * A firmware of 64 KiB that makes one VMGEXIT in 32 bits without paging, and ends itself by the GHCB
 * protocol with what came of it: reason set 2, code ANSWER. Assembled with one of these symbols:
 *
 *   REQUEST=N  ask with N in the GHCB MSR; ANSWER is bits 15:8 of it afterwards
 *   EXIT=N     exit N with a GHCB page; ANSWER is 16 * SW_EXITINFO1 + SW_EXITINFO2
 *   MISSING=1  with EXIT: the page says that nothing in it is valid
 *   MSR=N, VALUE=N  with EXIT=0x7c: write it
 */
#define BASE 0xffff0000
#define GHCB 0x10000

	.code32
	.globl	_start
_start:
	movw	$0x10, %ax
	movw	%ax, %ds
.ifdef EXIT
	movl	$EXIT, GHCB + 0x390     /* SW_EXITCODE */
.ifdef MSR
	movl	$1, GHCB + 0x398        /* SW_EXITINFO1: a write */
	movl	$MSR, GHCB + 0x308
	movl	$VALUE, GHCB + 0x1f8
	movb	$0x80, GHCB + 0x3f7     /* RAX, and RCX and RDX */
	movb	$0x06, GHCB + 0x3fc
.endif
.ifndef MISSING
	movb	$0x1c, GHCB + 0x3fe     /* it, SW_EXITINFO1 and SW_EXITINFO2 are valid */
.endif
	movl	$GHCB, %eax
.else
	movl	$REQUEST, %eax
.endif
	movl	$1f, %ebx
	jmp	ask
1:
.ifdef EXIT
	movl	GHCB + 0x398, %eax
	shll	$4, %eax
	orl	GHCB + 0x3a0, %eax
.else
	shrl	$8, %eax
.endif
	andl	$0xff, %eax
	shll	$16, %eax
	orl	$0x2100, %eax
	movl	$2f, %ebx
	jmp	ask
2:	hlt
	jmp	2b

/* EAX into the GHCB MSR, VMGEXIT, and back; on to EBX. */
ask:
	xorl	%edx, %edx
	movl	$0xc0010130, %ecx
	wrmsr
	.byte	0xf3, 0x0f, 0x01, 0xd9
	rdmsr
	addl	$BASE, %ebx
	jmp	*%ebx

	.balign	8
table:
	.quad	0
	.quad	0x00cf9b000000ffff      /* flat code ... */
	.quad	0x00cf93000000ffff      /* ... and data */
pointer:
	.word	23
	.long	BASE + table - _start

	.code16
real:
	lgdtl	%cs:(pointer - _start)
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$8, $BASE

	.org	0xfff0
	jmp	real
	.org	0x10000
