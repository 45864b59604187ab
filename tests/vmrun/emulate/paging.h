/* SPDX-License-Identifier: MIT */
/*
 * Page tables for small firmware in 32 bits: without them all memory is private, and there is no GHCB
 * that the hypervisor could read. Two ranges of 2 MiB, at 0 and at PAGE, are there with the C-bit and,
 * SHARED higher, without; the last 2 MiB below 4 GiB are the firmware.
 */
#define BASE   0xffff0000
#define TABLES 0x100000 /* four pages */
#define C_HIGH 0x80000  /* C-bit 51, in the upper half of an entry */
#define SHARED 0x200000
#define PAGE   0x400000

/* Once, by the first vCPU. EAX, ECX and EDI are lost. */
	.macro	make_tables
	cld
	xorl	%eax, %eax              /* new memory holds anything */
	movl	$TABLES, %edi
	movl	$0x1000, %ecx
	rep stosl
	movl	$TABLES + 0x1003, TABLES
	movl	$C_HIGH, TABLES + 4
	movl	$TABLES + 0x2003, TABLES + 0x1000
	movl	$C_HIGH, TABLES + 0x1004
	movl	$TABLES + 0x3003, TABLES + 0x1018
	movl	$C_HIGH, TABLES + 0x101c
	movl	$0x000083, TABLES + 0x2000
	movl	$C_HIGH, TABLES + 0x2004
	movl	$0x000083, TABLES + 0x2008
	movl	$PAGE + 0x83, TABLES + 0x2010
	movl	$C_HIGH, TABLES + 0x2014
	movl	$PAGE + 0x83, TABLES + 0x2018
	movl	$0xffe00083, TABLES + 0x3ff8
	movl	$C_HIGH, TABLES + 0x3ffc
	.endm

/* Use them: long mode, with 32-bit code. EAX, ECX and EDX are lost. */
	.macro	page
	movl	$TABLES, %eax
	movl	%eax, %cr3
	movl	$0x20, %eax             /* PAE */
	movl	%eax, %cr4
	movl	$0xc0000080, %ecx       /* EFER.LME */
	movl	$0x100, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$0x80000001, %eax       /* PG, PE */
	movl	%eax, %cr0
	.endm
