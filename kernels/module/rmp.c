// SPDX-License-Identifier: GPL-2.0-only
/*
 * The instructions by which an SEV-SNP guest changes what the RMP says of its own pages. The bytes
 * stand for assemblers that do not know them.
 */
#include <linux/bits.h>
#include <linux/cc_platform.h>

#include "sevbench.h"

/* EAX of both: AMD64 Architecture Programmer's Manual volume 3, PVALIDATE and RMPADJUST. */
#define FAIL_PERMISSION   2
#define FAIL_SIZEMISMATCH 6

/*
 * PVALIDATE in volume 3: RAX address, ECX page size (0: 4 KiB, 1: 2 MiB), EDX 1 validates and 0
 * rescinds. EAX returns the result; carry says that nothing changed.
 */
static u32 pvalidate(void *address, u32 size, u32 validate, bool *unchanged)
{
	unsigned long result = (unsigned long)address;

	asm volatile(".byte 0xf2, 0x0f, 0x01, 0xff"
	             : "=@ccc"(*unchanged), "+a"(result)
	             : "c"(size), "d"(validate)
	             : "memory");
	return (u32)result;
}

/*
 * RMPADJUST in volume 3: RAX address, RCX page size as above, RDX what is set: the VMPL in bits 7:0
 * and its permissions in bits 15:8. EAX returns the result.
 */
static u32 rmpadjust(void *address, u64 size, u64 what)
{
	unsigned long result = (unsigned long)address;

	asm volatile(".byte 0xf3, 0x0f, 0x01, 0xfe"
	             : "+a"(result)
	             : "c"(size), "d"(what)
	             : "memory", "cc");
	return (u32)result;
}

static bool is_large(const struct run *run)
{
	return run->arg & SEVBENCH_RMP_2M;
}

static bool toggles(const struct run *run)
{
	return run->arg & SEVBENCH_RMP_TOGGLE;
}

static int rmp_open(struct run *run)
{
	return block_open(run, BLOCK_ORDER);
}

static void rmp_close(struct run *run)
{
	block_close(run, BLOCK_ORDER);
}

/* What an answer that is not 0 means, of `name`. */
static int rmp_refuse(struct run *run, const char *name, u32 result)
{
	if (result == FAIL_SIZEMISMATCH)
		return run_refuse(run, EOPNOTSUPP,
		                  "%s of %s answers \"size mismatch\" (6): the host does not back "
		                  "this memory with a page of that size",
		                  name, is_large(run) ? "2 MiB" : "4 KiB");
	return run_refuse(run, EIO, "%s did not do what it should: it answers %u", name, result);
}

static int rmp_check(struct run *run, const char *name)
{
	if (run->arg & ~(u64)(SEVBENCH_RMP_2M | SEVBENCH_RMP_TOGGLE))
		return run_refuse(run, EINVAL, "%s takes 0 to 3, not %llu", name, run->arg);
	if (!cc_platform_has(CC_ATTR_GUEST_SEV_SNP))
		return run_refuse(run, EOPNOTSUPP, "%s exists in SEV-SNP guests only", name);
	return 0;
}

static void pvalidate_batch(struct run *run, u64 count)
{
	bool unchanged = true, rescinded = false;
	u32 size = is_large(run), result = 0;

	/* Nobody looks at the page while it is rescinded, which would raise #VC. */
	while (count-- && !result) {
		if (toggles(run))
			result = pvalidate(run->memory, size, 0, &rescinded);
		if (!result)
			result = pvalidate(run->memory, size, 1, &unchanged);
	}
	run->seen = result;
	/* Validating a valid page changes nothing; after a rescission it must. */
	run->failed |= result || rescinded || unchanged == toggles(run);
}

/* Validating a page again changes nothing, whatever the answer. */
static int pvalidate_probe(struct run *run)
{
	bool unchanged;
	u32 result;
	int rc = rmp_check(run, "PVALIDATE");

	if (rc || !is_large(run))
		return rc;
	rc = rmp_open(run);
	if (rc)
		return rc;
	result = pvalidate(run->memory, 1, 1, &unchanged);
	rmp_close(run);
	return result ? rmp_refuse(run, "PVALIDATE", result) : 0;
}

static int pvalidate_verify(struct run *run, u64 done)
{
	return run->failed ? rmp_refuse(run, "PVALIDATE", (u32)run->seen) : 0;
}

const struct op op_pvalidate = {
        .probe = pvalidate_probe,
        .open = rmp_open,
        .close = rmp_close,
        .batch = pvalidate_batch,
        .empty = batch_empty,
        .verify = pvalidate_verify,
        .irqs_off = true,
};

/* A page that was validated has no permissions at VMPL 1 until it is given some (volume 2, 15.36).
 */
#define VMPL1          1
#define VMPL1_MAY_READ (VMPL1 | BIT(8))

static void rmpadjust_batch(struct run *run, u64 count)
{
	u64 size = is_large(run);
	u32 result = 0;

	while (count-- && !result) {
		if (toggles(run))
			result = rmpadjust(run->memory, size, VMPL1_MAY_READ);
		if (!result)
			result = rmpadjust(run->memory, size, VMPL1);
	}
	run->seen = result;
	run->failed |= result != 0;
}

/* Taking away permissions that are not there changes nothing, whatever the answer. */
static int rmpadjust_probe(struct run *run)
{
	u32 result;
	int rc = rmp_check(run, "RMPADJUST");

	if (!rc)
		rc = rmp_open(run);
	if (rc)
		return rc;
	result = rmpadjust(run->memory, is_large(run), VMPL1);
	rmp_close(run);
	if (result == FAIL_PERMISSION)
		return run_refuse(run, EOPNOTSUPP,
		                  "RMPADJUST of VMPL 1 answers \"permission\" (2): this Linux does "
		                  "not run at VMPL 0");
	return result ? rmp_refuse(run, "RMPADJUST", result) : 0;
}

static int rmpadjust_verify(struct run *run, u64 done)
{
	return run->failed ? rmp_refuse(run, "RMPADJUST", (u32)run->seen) : 0;
}

const struct op op_rmpadjust = {
        .probe = rmpadjust_probe,
        .open = rmp_open,
        .close = rmp_close,
        .batch = rmpadjust_batch,
        .empty = batch_empty,
        .verify = rmpadjust_verify,
};
