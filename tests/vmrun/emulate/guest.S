/* SPDX-License-Identifier: MIT */
/*
 * A firmware of 64 KiB that does one thing in 32 bits, under page tables of long mode, and ends itself
 * by the GHCB protocol with what came of it: reason set 2, code ANSWER. Assembled with one of these
 * symbols:
 *
 *   REQUEST=N  ask with N in the GHCB MSR; ANSWER is bits 15:8 of it afterwards
 *   EXIT=N     exit N with a GHCB page; ANSWER is 16 * SW_EXITINFO1 + SW_EXITINFO2
 *   MISSING=1  with EXIT: the page says that nothing in it is valid
 *   MSR=N, VALUE=N  with EXIT=0x7c: write it
 *   VIEWS=1    write with the C-bit, read without, read with it, write without, read with it. ANSWER:
 *              1 seen without, 2 still there, 4 what was written without is seen with it
 *   DMA=1      a device writes to a page that was used with the C-bit, and to one used without. ANSWER:
 *              1 seen with it, 2 seen without
 *   LOSE=1     SNP: a page is written to, made shared, and private again. ANSWER: 1 seen while it was
 *              shared, 2 seen afterwards
 *   WRONG=1    SNP: a private page is read without the C-bit; ANSWER 0, if it comes so far
 *   TABLE=1    beside another one: with a table of GUIDs as OVMF's, where SEV-ES and SNP have entries
 *   PLAIN=1    beside another one: in place of the protocol, ANSWER to port 0xf4
 */
#include "reset.inc"
#include "paging.inc"

#define CPUID  0x105000
#define SECRET 0x106000
#define GHCB   0x10000

#define MAGIC 0x5eed5eed
#define QEMU  0x554d4551 /* how fw_cfg signs: QEMU, docs/specs/fw_cfg.rst */

	.code32
	.globl	_start
_start:
	movw	$0x10, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	make_tables
	page
	movl	$TABLES + 0x5000, %esp

.ifdef REQUEST
	movl	$REQUEST, %eax
	xorl	%edx, %edx
	call	ask
	shrl	$8, %eax
.endif

.ifdef EXIT
	xorl	%eax, %eax
	movl	$SHARED + GHCB, %edi
	movl	$0x400, %ecx
	rep stosl
	movl	$EXIT, SHARED + GHCB + 0x390    /* SW_EXITCODE */
.ifdef MSR
	movl	$1, SHARED + GHCB + 0x398        /* SW_EXITINFO1: a write */
	movl	$MSR, SHARED + GHCB + 0x308
	movl	$VALUE, SHARED + GHCB + 0x1f8
	movb	$0x80, SHARED + GHCB + 0x3f7     /* RAX, and RCX and RDX */
	movb	$0x06, SHARED + GHCB + 0x3fc
.endif
.ifndef MISSING
	movb	$0x1c, SHARED + GHCB + 0x3fe    /* it, SW_EXITINFO1 and SW_EXITINFO2 are valid */
.endif
	movl	$GHCB, %eax
	xorl	%edx, %edx
	call	ask
	movl	SHARED + GHCB + 0x398, %eax
	shll	$4, %eax
	orl	SHARED + GHCB + 0x3a0, %eax
.endif

/* Add `bit` to EBX if `value` is at `address`. */
.macro	seen address, value, bit
	cmpl	$\value, \address
	jne	1f
	orl	$\bit, %ebx
1:
.endm

.ifdef VIEWS
	xorl	%ebx, %ebx
	movl	$MAGIC, PAGE
	seen	PAGE + SHARED, MAGIC, 1
	seen	PAGE, MAGIC, 2
	movl	$QEMU, PAGE + SHARED
	seen	PAGE, QEMU, 4
	movl	%ebx, %eax
.endif

/* Let fw_cfg write its signature to the page at PAGE + `offset`, as a device. */
.macro	dma offset
	movl	$0x0a000000, SHARED + 0x11000   /* select item 0, read */
	movl	$0x04000000, SHARED + 0x11004
	movl	$0, SHARED + 0x11008
	movl	$0x00004000 + ((\offset) << 8 & 0xff0000), SHARED + 0x1100c
	movw	$0x514, %dx
	xorl	%eax, %eax
	outl	%eax, %dx
	movw	$0x518, %dx
	movl	$0x00100100, %eax               /* 0x11000 */
	outl	%eax, %dx
.endm

.ifdef DMA
	xorl	%ebx, %ebx
	movl	$MAGIC, PAGE
	movl	$MAGIC, PAGE + SHARED + 0x1000
	dma	0
	dma	0x1000
	seen	PAGE, QEMU, 1
	seen	PAGE + SHARED + 0x1000, QEMU, 2
	movl	%ebx, %eax
.endif

/* Whether the page at PAGE is private: by the GHCB MSR, operation 1 or 2. */
.macro	state operation
	movl	$PAGE + 0x14, %eax
	movl	$\operation << 20, %edx
	call	ask
.endm
.macro	pvalidate
	movl	$PAGE, %eax
	xorl	%ecx, %ecx
	movl	$1, %edx
	.byte	0xf2, 0x0f, 0x01, 0xff
.endm

.ifdef LOSE
	xorl	%ebx, %ebx
	pvalidate
	movl	$MAGIC, PAGE
	state	2
	seen	PAGE + SHARED, MAGIC, 1
	state	1
	pvalidate
	seen	PAGE, MAGIC, 2
	movl	%ebx, %eax
.endif

.ifdef WRONG
	pvalidate
	movl	$MAGIC, PAGE
	movl	PAGE + SHARED, %eax
	xorl	%eax, %eax
.endif

.ifdef PLAIN
	outb	%al, $0xf4
.endif
	andl	$0xff, %eax
	shll	$16, %eax
	orl	$0x2100, %eax
	xorl	%edx, %edx
	call	ask
2:	hlt
	jmp	2b

/* EDX:EAX into the GHCB MSR, VMGEXIT, and back. */
ask:
	movl	$0xc0010130, %ecx
	wrmsr
	.byte	0xf3, 0x0f, 0x01, 0xd9
	rdmsr
	ret

	descriptors

	.code16
real:
	protect	BASE

.ifdef TABLE
/* edk2, OvmfPkg/ResetVector/X64/OvmfSevMetadata.asm */
	.balign	16
metadata:
	.ascii	"ASEV"
	.long	16 + 3 * 12, 1, 3
	.long	TABLES, 0x5000, 1
	.long	CPUID, 0x1000, 3
	.long	SECRET, 0x1000, 2
	.org	ENTRIES(2)
	entry_snp metadata
	entry_es 0xfffffff0             /* where other vCPUs begin */
	entries_end 2
.endif

	reset
