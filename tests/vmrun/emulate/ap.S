/* SPDX-License-Identifier: MIT */
/*
 * A firmware of 64 KiB for SNP with two vCPUs: the first one makes a VMSA in 64-bit mode and creates the
 * second one with it, which looks whether its registers are those of the VMSA, and ends the guest by
 * the GHCB protocol: reason set 2, code 64, or the number of the first that is not.
 * Where the creation fails, the first one ends it: set 2, code 16 * SW_EXITINFO1 + SW_EXITINFO2.
 * Assembled with:
 *
 *   FEATURES=N  the SEV features that creation names (1 is good)
 *   VMSA_CR4=N  CR4 in the VMSA (0x40620 is good)
 */
#include "reset.inc"

#define TABLES 0x10000          /* page tables: five pages */
#define VMSA   0x15000
#define STACK  0x1e000
#define GHCB   0x30000
#define C_HIGH 0x80000          /* C-bit 51 in the upper half of an entry */

#define MARK(n) (0x1122334455667700+(n))
#define PAT     0x0007010600070106

	.code32
	.globl	_start
_start:
	movw	$0x10, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$STACK, %esp

	/* The first 2 MiB in pages of 4 KiB, private but for the GHCB; the last 4 MiB below 4 GiB. */
	movl	$TABLES + 0x1003, TABLES
	movl	$C_HIGH, TABLES + 4
	movl	$TABLES + 0x2003, TABLES + 0x1000
	movl	$C_HIGH, TABLES + 0x1004
	movl	$TABLES + 0x4003, TABLES + 0x1018
	movl	$C_HIGH, TABLES + 0x101c
	movl	$TABLES + 0x3003, TABLES + 0x2000
	movl	$C_HIGH, TABLES + 0x2004
	xorl	%ecx, %ecx
	movl	$3, %eax
1:	movl	%eax, TABLES + 0x3000(, %ecx, 8)
	movl	$C_HIGH, TABLES + 0x3004(, %ecx, 8)
	addl	$0x1000, %eax
	incl	%ecx
	cmpl	$512, %ecx
	jne	1b
	movl	$0, TABLES + 0x3004 + GHCB / 0x1000 * 8
	movl	$0xffc00083, TABLES + 0x4ff0
	movl	$C_HIGH, TABLES + 0x4ff4
	movl	$0xffe00083, TABLES + 0x4ff8
	movl	$C_HIGH, TABLES + 0x4ffc

	movl	$0x40620, %eax          /* PAE, OSFXSR, OSXMMEXCPT, OSXSAVE */
	movl	%eax, %cr4
	movl	$TABLES, %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx
	rdmsr
	orl	$0x100, %eax
	wrmsr
	movl	%cr0, %eax
	orl	$0x80000000, %eax
	movl	%eax, %cr0
	ljmpl	$0x18, $AT(first)

	.code64
/* RAX into the GHCB MSR, and VMGEXIT. */
ask:
	movq	%rax, %rdx
	shrq	$32, %rdx
	movl	$0xc0010130, %ecx
	wrmsr
	.byte	0xf3, 0x0f, 0x01, 0xd9
	ret

	.macro	put offset, value
	movabsq	$(\value), %rax
	movq	%rax, VMSA+\offset
	.endm
	/* A segment's selector, attributes and limit in one, and its base. */
	.macro	segment offset, selector, attributes, limit, base
	put	\offset, \limit<<32|\attributes<<16|\selector
	put	\offset+8, \base
	.endm

first:
	movabsq	$(2 << 52 | GHCB | 0x14), %rax  /* make it shared */
	call	ask
	movl	$(GHCB | 0x12), %eax            /* register it */
	call	ask

	segment	0x000, 0x10, 0xc93, 0xffffffff, 0
	segment	0x010, 0x18, 0xa9b, 0xffffffff, 0
	segment	0x020, 0x10, 0xc93, 0xffffffff, 0
	segment	0x030, 0x10, 0xc93, 0xffffffff, 0
	segment	0x040, 0x10, 0xc93, 0xffffffff, 0x11000
	segment	0x050, 0x10, 0xc93, 0xffffffff, 0x12000
	segment	0x060, 0, 0, 31, AT(segments)
	segment	0x070, 0x30, 0x82, 0xff, 0x13000
	segment	0x080, 0, 0, 0xeff, 0x14000
	segment	0x090, 0x28, 0x8b, 0x67, 0x13800
	put	0x0d0, 0x1500                   /* EFER: SVME, LMA, LME */
	put	0x148, VMSA_CR4
	put	0x150, TABLES
	put	0x158, 0x80000033
	put	0x160, 0x400
	put	0x168, 0xffff0ff1
	put	0x170, 0x4403                   /* RFLAGS: carry, DF, NT */
	put	0x178, AT(second)
	put	0x1d8, (STACK - 0x1000)
	put	0x1f8, MARK(0)
	put	0x208, 0xffffffff81000000       /* LSTAR */
	put	0x220, MARK(30)>>20           /* KERNEL_GS_BASE */
	put	0x238, 0x123456                 /* SYSENTER_EIP */
	put	0x240, 0x777000                 /* CR2 */
	put	0x268, PAT
	put	0x308, MARK(1)
	put	0x310, MARK(2)
	put	0x318, MARK(3)
	put	0x328, MARK(5)
	put	0x330, MARK(6)
	put	0x338, MARK(7)
	put	0x340, MARK(8)
	put	0x378, MARK(15)
	put	0x3b0, 1
	put	0x3e8, 7                        /* XCR0 */
	put	0x408, 0x1fa0                   /* MXCSR */
	put	0x410, 0x27f                    /* FCW */
	put	0x4a0, MARK(33)                 /* XMM3 */

	movl	$VMSA, %eax
	xorl	%ecx, %ecx
	movl	$0x10001, %edx
	.byte	0xf3, 0x0f, 0x01, 0xfe          /* RMPADJUST: it is a VMSA */

	movl	$0x80000013, %eax
	movq	%rax, GHCB + 0x390
	movabsq	$(1 << 32 | 1), %rax            /* APIC ID 1, at once */
	movq	%rax, GHCB + 0x398
	movq	$VMSA, GHCB + 0x3a0
	movq	$FEATURES, GHCB + 0x1f8
	movb	$0x80, GHCB + 0x3f7
	movb	$0x1c, GHCB + 0x3fe
	movl	$GHCB, %eax
	call	ask
	movl	GHCB + 0x398, %ebx
	testl	%ebx, %ebx
	jz	wait
	shll	$4, %ebx
	orl	GHCB + 0x3a0, %ebx
	jmp	end
wait:	pause
	jmp	wait

/* Code BL */
end:
	movzbl	%bl, %eax
	shll	$16, %eax
	orl	$0x2100, %eax
	call	ask
	jmp	wait

	.macro	same number, register, value
	movabsq	$\value, %r14
	cmpq	%r14, \register
	movl	$\number, %r13d
	jne	wrong
	.endm
	.macro	msr number, index, value
	movl	$\index, %ecx
	rdmsr
	shlq	$32, %rdx
	orq	%rdx, %rax
	same	\number, %rax, \value
	.endm

second:
	movl	$1, %r13d
	jnc	wrong
	pushfq
	cld
	popq	%r12
	same	2, %r12, 0x4403
	same	3, %rsp, (STACK - 0x1000)
	same	4, %rax, MARK(0)
	same	5, %rcx, MARK(1)
	same	6, %rdx, MARK(2)
	same	7, %rbx, MARK(3)
	same	8, %rbp, MARK(5)
	same	9, %rsi, MARK(6)
	same	10, %rdi, MARK(7)
	same	11, %r8, MARK(8)
	same	12, %r15, MARK(15)
	xorl	%eax, %eax
	movw	%cs, %ax
	same	13, %rax, 0x18
	movw	%ss, %ax
	same	14, %rax, 0x10
	str	%eax
	same	15, %rax, 0x28
	sldt	%eax
	same	16, %rax, 0x30
	movq	%cr0, %rax
	same	17, %rax, 0x80000033
	movq	%cr2, %rax
	same	18, %rax, 0x777000
	movq	%cr3, %rax
	same	19, %rax, TABLES
	movq	%cr4, %rax
	same	20, %rax, 0x40620
	movq	%dr6, %rax
	same	21, %rax, 0xffff0ff1
	subq	$16, %rsp
	sgdt	(%rsp)
	movzwl	(%rsp), %eax
	same	22, %rax, 31
	movq	2(%rsp), %rax
	same	23, %rax, AT(segments)
	sidt	(%rsp)
	movzwl	(%rsp), %eax
	same	24, %rax, 0xeff
	movq	2(%rsp), %rax
	same	25, %rax, 0x14000
	msr	26, 0xc0000080, 0x500
	msr	27, 0x277, PAT
	msr	28, 0xc0000100, 0x11000
	msr	29, 0xc0000101, 0x12000
	msr	30, 0xc0000102, MARK(30)>>20
	msr	31, 0xc0000082, 0xffffffff81000000
	msr	32, 0x176, 0x123456
	movq	%xmm3, %rax
	same	33, %rax, MARK(33)
	stmxcsr	(%rsp)
	movl	(%rsp), %eax
	same	34, %rax, 0x1fa0
	fnstcw	(%rsp)
	movzwl	(%rsp), %eax
	same	35, %rax, 0x27f
	xorl	%ecx, %ecx
	xgetbv
	same	36, %rax, 7
	movl	$64, %r13d
wrong:	movl	%r13d, %ebx
	jmp	end

	descriptors

	.balign	4
metadata:
	.ascii	"ASEV"
	.long	16 + 4 * 12, 1, 4
	.long	TABLES, 0x10000, 1      /* memory that is validated */
	.long	0x20000, 0x1000, 3      /* CPUID page */
	.long	0x21000, 0x1000, 2      /* secrets */
	.long	0x22000, 0x1000, 4      /* a SVSM's, which is in firmware that validates all it uses */

	.code16
real:
	protect	BASE

	.org	ENTRIES(1)
	entry_snp metadata
	entries_end 1

	reset
