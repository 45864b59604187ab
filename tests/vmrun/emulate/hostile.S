/* SPDX-License-Identifier: MIT */
/*
 * A firmware of 64 KiB that asks for what no guest should, and goes on whatever it is answered: reason set 2,
 * code 64, ends it, or in the lower 6 bits the number of the first row below whose answer is another one
 * than it says. For a guest of SNP with 64 MiB. Assembled with one of these symbols:
 *
 *   ROWS=1    every request of the tables below; then twenty thousand of two kinds that are refused with a
 *             sentence each; then page tables that are each other and themselves
 *   EDGE=1    an undefined instruction in the last two bytes that are mapped
 *   DEVICE=1  page tables in a device
 *   BEYOND=1  PVALIDATE of 2 MiB where there is no memory
 */
#include "reset.inc"
#include "paging.inc"

#define CPUID  0x105000
#define SECRET 0x106000
#define GHCB   0x10000

/* What a row is answered where there is no answer. */
#define NONE 0xff

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
	lidtl	AT(vectors_pointer)

.ifdef ROWS
	movl	$AT(msrs), %esi
1:	movl	(%esi), %eax
	movl	4(%esi), %edx
	call	ask
	addl	$8, %esi
	cmpl	$AT(msrs_end), %esi
	jne	1b

	movl	$AT(rows), %esi
	xorl	%ebx, %ebx              /* the row's number */
2:	call	send_row
	incl	%ebx
	movl	$AT(rows_end), %eax
	cmpl	%eax, %esi
	jne	2b

	movl	$20000, %ecx
3:	push	%ecx
	movl	$0x7f0, %eax
	xorl	%edx, %edx
	call	ask
	movl	$AT(flood), %esi
	call	send_row
	pop	%ecx
	loop	3b

	movl	$0x108003, 0x108000     /* at every level, and at last the page */
	movl	$C_HIGH, 0x108004
	movl	$TABLES + 0x3003, 0x108018
	movl	$C_HIGH, 0x10801c
	movl	$0x108000, %eax
	movl	%eax, %cr3
	movl	0, %eax
	andl	$0xfffff003, %eax       /* it was accessed */
	cmpl	$0x108003, %eax
	jne	bad
	jmp	good
.endif

.ifdef EDGE
	movl	$0, TABLES + 0x2008     /* nothing at 2 MiB */
	movl	$0, TABLES + 0x200c
	movw	$0x0b0f, 0x1ffffe
	movl	%cr3, %eax
	movl	%eax, %cr3
	movl	$0x1ffffe, %eax
	jmp	*%eax
.endif

.ifdef DEVICE
	movl	$0xfee00003, TABLES + 0x1008    /* the second GiB: tables in the APIC's registers */
	movl	$0, TABLES + 0x100c
	movl	0x40000000, %eax
	jmp	bad
.endif

.ifdef BEYOND
	movl	$0xffe00083, TABLES + 0x2028    /* 0xa00000 is the last 2 MiB of 512 GiB */
	movl	$C_HIGH + 0x7f, TABLES + 0x202c
	movl	$0xa00000, %eax
	movl	$1, %ecx
	movl	$1, %edx
	.byte	0xf2, 0x0f, 0x01, 0xff
	jmp	good
.endif

/* The row at ESI, which is then behind it: nine numbers of 8 bytes, and what the answer begins with. */
send_row:
	xorl	%eax, %eax
	movl	$SHARED + GHCB, %edi
	movl	$0x400, %ecx
	rep stosl
	movl	$0xffffffff, SHARED + GHCB + 0x3f0      /* all of it is valid */
	movl	$0xffffffff, SHARED + GHCB + 0x3f4
	movl	$0xffffffff, SHARED + GHCB + 0x3f8
	movl	$0xffffffff, SHARED + GHCB + 0x3fc
	.irp	offset, 0x390, 0x398, 0x3a0, 0x1f8, 0x308, 0x3a8, 0x800, 0x808
	movl	$SHARED + GHCB + \offset, %edi
	call	copy
	.endr
	movl	(%esi), %eax            /* registered, and then asked with */
	movl	4(%esi), %edx
	orl	$0x12, %eax
	call	ask
	movl	(%esi), %eax
	movl	4(%esi), %edx
	addl	$8, %esi
	call	ask
	movl	(%esi), %eax
	movl	4(%esi), %edx
	addl	$8, %esi
	cmpl	$NONE, %eax
	je	1f
	cmpl	%eax, SHARED + GHCB + 0x398
	jne	bad
	cmpl	%edx, SHARED + GHCB + 0x3a0
	jne	bad
1:	ret

copy:
	movsl
	movsl
	ret

good:
	movl	$64, %ebx
bad:
	movl	%ebx, %eax
	andl	$0xff, %eax
	shll	$16, %eax
	orl	$0x2100, %eax
	xorl	%edx, %edx
	movl	$0xc0010130, %ecx       /* without a stack: the last page tables have none */
	wrmsr
	.byte	0xf3, 0x0f, 0x01, 0xd9
2:	hlt
	jmp	2b

/* EDX:EAX into the GHCB MSR, VMGEXIT, and back. */
ask:
	movl	$0xc0010130, %ecx
	wrmsr
	.byte	0xf3, 0x0f, 0x01, 0xd9
	rdmsr
	ret

/* An exception that is expected: as `good`, in 64 bits and without a stack. */
	.code64
handler:
	movl	$0xc0010130, %ecx
	movl	$0x402100, %eax
	xorl	%edx, %edx
	wrmsr
	.byte	0xf3, 0x0f, 0x01, 0xd9
	.code32

/* Gates of 64 bits for #UD and #PF (AMD64 APM volume 2, section 4.8.3). */
	.macro	gate
	.word	handler - _start, 0x18, 0x8e00, 0xffff
	.long	0, 0
	.endm
	.balign	8
vectors:
	.fill	6 * 2, 8, 0
	gate
	.fill	7 * 2, 8, 0
	gate
vectors_end:
vectors_pointer:
	.word	vectors_end - vectors - 1
	.long	AT(vectors)

/* Requests in the GHCB MSR, none of which is for anything. */
	.balign	8
msrs:
	.quad	0, 0x3f0, 0xffffffffffffffff, 0x0000000000000014, 0x00f0000000001014
	.quad	0x001ffffffffff014, 0x002ffffffffff014, 0x0010000fee000014, 0x0020000fee000014
	.quad	0xffffffffc0000004, 0x40000000c0000004, 0x010, 0x080, 0xfffffffffffff012, 0x012
msrs_end:

	.macro	row code, info1, info2, rax, rcx, scratch, first, second, ghcb, want1, want2
	.quad	\code, \info1, \info2, \rax, \rcx, \scratch, \first, \second, \ghcb
	.long	\want1, \want2
	.endm
	/* An exit that needs no more than two numbers. */
	.macro	plain code, info1, info2, want1, want2
	row	\code, \info1, \info2, 0, 0, 0, 0, 0, GHCB, \want1, \want2
	.endm
	/* One of registers RAX and RCX. */
	.macro	of code, info1, rax, rcx, want1, want2
	row	\code, \info1, 0, \rax, \rcx, 0, 0, 0, GHCB, \want1, \want2
	.endm
	/* One with a scratch area, of INFO2 bytes or times. */
	.macro	area code, info1, info2, scratch, want1, want2
	row	\code, \info1, \info2, 0, 0, \scratch, 0, 0, GHCB, \want1, \want2
	.endm
	/* Page states: header and first entry in the GHCB's buffer. */
	.macro	states header, entry, want2
	row	0x80000010, 0, 0, 0, 0, GHCB+0x800, \header, \entry, GHCB, 0, \want2
	.endm

rows:
	/* 0: GHCBs that are no memory: nowhere, the last page, the APIC, firmware, the old hole */
	row	0x72, 0, 0, 0, 0, 0, 0, 0, 0x0000007ffffff000, NONE, 0
	row	0x72, 0, 0, 0, 0, 0, 0, 0, 0xfffffffffffff000, NONE, 0
	row	0x72, 0, 0, 0, 0, 0, 0, 0, 0xfee00000, NONE, 0
	row	0x72, 0, 0, 0, 0, 0, 0, 0, 0xffff0000, NONE, 0
	row	0x72, 0, 0, 0, 0, 0, 0, 0, 0xa0000, NONE, 0
	/* 5: events that there are not */
	plain	0x8000beef, 0, 0, 2, 6
	plain	0xffffffffffffffff, -1, -1, 2, 6
	plain	0x72ffffffff, 0, 0, 2, 6
	/* 8: ports: a size that there is not, too many, and areas that do not lie well */
	plain	0x7b, 0x00800030, 1, 2, 5
	area	0x7b, 0x00800014, 0xffffffffffffffff, GHCB+0x800, 2, 3
	area	0x7b, 0x00800014, 0x10001, 0x20000, 2, 3
	area	0x7b, 0x00800044, 0x4000, GHCB+0x800, 2, 3
	area	0x7b, 0x00800015, 16, GHCB+0xfe8, 2, 3
	area	0x7b, 0x00800015, 16, GHCB, 2, 3
	area	0x7b, 0x00800015, 16, 0, 2, 3
	area	0x7b, 0x00800015, 16, 0xfffffffffffffff8, 2, 3
	area	0x7b, 0x00800015, 16, 0x3fffff8, 2, 3
	area	0x7b, 0x00800015, 16, 0xfee00300, 2, 3
	area	0x7b, 0x00800014, 16, 0x7ffffff000, 2, 3
	area	0x7b, 0x00800014, 16, 0x9fff8, 2, 3
	/* 20: devices' memory */
	area	0x80000001, 0xfee00020, 0, GHCB+0x800, 2, 3
	area	0x80000001, 0xfee00020, 9, GHCB+0x800, 2, 3
	area	0x80000002, 0xfee00020, 0x8000000000000000, GHCB+0x800, 2, 3
	area	0x80000001, 0xfee00020, 8, 0xfee00020, 2, 3
	area	0x80000001, 0xffffffffffffffff, 8, GHCB+0x800, 0, 0
	area	0x80000002, 0xfffffffffffffff9, 8, GHCB+0x800, 0, 0
	area	0x80000002, 0xfffffffd, 8, GHCB+0x800, 0, 0
	/* 27: page states: first beyond last, too many, no operation, not aligned, too much done, nowhere */
	states	0x0000000000020005, 0x0010000000400000, 0
	states	0x000000000000ffff, 0x0010000000400000, 0
	states	0x0000000000fd0000, 0x0010000000400000, 1
	states	0x00000000ffff0000, 0x0010000000400000, 1
	states	0, 0x0000000000400000, 2
	states	0, 0x00f0000000400000, 2
	states	0, 0x0110000000401000, 2
	states	0, 0x0010000000400002, 2
	states	0, 0x0110000000400fff, 2
	states	0, 0x001ffffffffff000, 0
	states	0, 0x002ffffffffff000, 0
	states	0, 0x012fffffffe00000, 0
	states	0, 0x0010000000010000, 0        /* the GHCB itself */
	area	0x80000010, 0, 0, 0xf900, 0, 2
	area	0x80000010, 0, 0, 0x3fff900, 2, 3
	/* 42: messages to the secure processor */
	plain	0x80000011, 0x20000, 0x20000, 2, 4
	plain	0x80000011, 0x20001, 0x21000, 2, 4
	plain	0x80000011, 0x7ffffff000, 0x21000, 2, 5
	plain	0x80000011, 0x20000, 0xfee00000, 2, 5
	plain	0x80000011, 0x20000, 0x21000, 0, 0x16
	plain	0x80000012, 0xfee00000, 0x21000, 2, 5
	/* 48: vCPUs: none, no such wish, other features, a VMSA that is none */
	of	0x80000013, 0xffffffff00000001, 1, 0, 2, 5
	of	0x80000013, 0x0000010000000001, 1, 0, 2, 5
	of	0x80000013, 7, 1, 0, 2, 5
	of	0x80000013, 1, 0xffffffffffffffff, 0, 2, 5
	row	0x80000013, 1, 0x7ffffff000, 1, 0, 0, 0, 0, GHCB, 2, 5
	row	0x80000013, 1, 0x20008, 1, 0, 0, 0, 0, GHCB, 2, 5
	/* 54: the rest */
	of	0x7c, 1, 0xffffffff, 0x800, 1, 0x8000030d
	of	0x7c, 0, 0, 0xc0010200, 1, 0x8000030d
	of	0x7c, 0, 0, 0xffffffff, 0, 0
	of	0x72, 0, 0xffffffff, 0xffffffff, 0, 0
	of	0x72, 0, 0xd, 0xffffffff, 0, 0
	of	0x81, 0, 0xffffffffffffffff, 0, 0, 0
	of	0x37, 0, 0xffffffffffffffff, 0, 0, 0
	plain	0x80000005, 2, 0, 2, 5
	plain	0x6f, 0, 0, 1, 0x8000030d
rows_end:

flood:
	of	0x80000013, 0xffffffff00000001, 1, 0, NONE, 0

	descriptors

	.code16
real:
	protect	BASE

/* edk2, OvmfPkg/ResetVector/X64/OvmfSevMetadata.asm */
	.balign	16
metadata:
	.ascii	"ASEV"
	.long	16 + 3 * 12, 1, 3
	.long	TABLES, 0x5000, 1
	.long	CPUID, 0x1000, 3
	.long	SECRET, 0x1000, 2
	.org	ENTRIES(1)
	entry_snp metadata
	entries_end 1

	reset
