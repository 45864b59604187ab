/* SPDX-License-Identifier: MIT */
/*
 * A firmware of 64 KiB for SEV-ES with two vCPUs. The first one starts the second one twice, as a plain
 * processor would be: it has to begin where the firmware's table says, not at the page that the startup
 * interrupt names, and the second time to go on after its AP reset hold, with all its registers. Then
 * it ends the guest by the GHCB protocol: reason set 2, code 64, or another one for what was wrong.
 * Assembled with EARLY=1 it is most likely started while it is still on its way to the hold, with
 * DISTURB=1 it is sent in the hold what does not start it: a startup interrupt without INIT, and an NMI.
 */
#include "reset.inc"
#include "paging.inc"

#define GHCB 0x10000
#define ASKED 0x9000            /* 1: the second one has written its request */
#define FIRST_GHCB 0x11000
#define ICR  0xfee00300

	.code32
	.globl	_start
_start:
	movw	$0x10, %ax
	movw	%ax, %ds
	movw	%ax, %ss
	movw	%ax, %es
	movl	$0x7000, %esp
	make_tables
	page
	call	start
1:	pause
	cmpl	$1, ASKED
	jne	1b
.ifndef EARLY
2:	pause
	cmpl	$0x5a, SHARED + GHCB + 0x3a0     /* is it answered? */
	je	2b
	call	wait                    /* and the hold begins */
.endif
.ifdef DISTURB
	movl	$0x000c4601, %ebx
	call	command
	call	wait
	movl	$0x000c4400, %ebx
	call	command
	call	wait
.endif
	call	start
4:	pause
	jmp	4b

wait:
	movl	$3000000, %ecx
3:	decl	%ecx
	jnz	3b
	ret

/* INIT and STARTUP to all others, as a guest's #VC handler writes to the APIC. */
start:
	movl	$0x000c4500, %ebx
	call	command
	movl	$0x000c4601, %ebx
command:
	movl	%ebx, SHARED + FIRST_GHCB + 0x800
	movl	$0x80000002, SHARED + FIRST_GHCB + 0x390
	movl	$ICR, SHARED + FIRST_GHCB + 0x398
	movl	$4, SHARED + FIRST_GHCB + 0x3a0
	movl	$FIRST_GHCB + 0x800, SHARED + FIRST_GHCB + 0x3a8
	movb	$0x3c, SHARED + FIRST_GHCB + 0x3fe
	movl	$FIRST_GHCB, %eax
	xorl	%edx, %edx
	movl	$0xc0010130, %ecx
	wrmsr
	.byte	0xf3, 0x0f, 0x01, 0xd9
	ret

second:
	movw	$0x10, %ax
	movw	%ax, %ds
	movw	%ax, %ss
	page
	movl	$0x8000, %esp
	movl	$0x11223344, %ebx
	movl	$0x55667788, %ebp
	movl	$0x80000004, SHARED + GHCB + 0x390
	movl	$0, SHARED + GHCB + 0x398
	movl	$0x5a, SHARED + GHCB + 0x3a0
	movb	$0x1c, SHARED + GHCB + 0x3fe
	movl	$1, ASKED
	movl	$GHCB, %eax
	xorl	%edx, %edx
	movl	$0xc0010130, %ecx
	wrmsr
.ifdef EARLY
	movl	$30000000, %edi
5:	decl	%edi
	jnz	5b
.endif
	stc
	.byte	0xf3, 0x0f, 0x01, 0xd9
	movl	$1, %esi
	jnc	wrong
	movl	$2, %esi
	cmpl	$0x11223344, %ebx
	jne	wrong
	movl	$3, %esi
	cmpl	$0x55667788, %ebp
	jne	wrong
	movl	$4, %esi
	cmpl	$0x8000, %esp
	jne	wrong
	movl	$5, %esi
	movl	%cr0, %eax
	testl	$1, %eax
	jz	wrong
	movl	$6, %esi
	movw	%ds, %ax
	cmpw	$0x10, %ax
	jne	wrong
	movl	$7, %esi
	cmpl	$0, SHARED + GHCB + 0x398
	jne	wrong
	movl	$8, %esi
	cmpl	$1, SHARED + GHCB + 0x3a0
	jne	wrong
	movl	$64, %esi
wrong:
	movl	%esi, %eax
	shll	$16, %eax
	orl	$0x2100, %eax
	xorl	%edx, %edx
	movl	$0xc0010130, %ecx
	wrmsr
	.byte	0xf3, 0x0f, 0x01, 0xd9
4:	hlt
	jmp	4b

	descriptors

	.code16
real:
	protect	BASE

begin:
	protect	AT(second)

	.org	ENTRIES(1)
	entry_es AT(begin)
	entries_end 1

	reset
