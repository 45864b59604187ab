/* SPDX-License-Identifier: MIT */
#include "harness/module.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

/* What to do about a module that is not there or not the right one: build it for this very Linux.
 */
static int refuse(struct err *e, const char *what)
{
	struct utsname linux_here;

	if (uname(&linux_here))
		snprintf(linux_here.release, sizeof(linux_here.release), "<release>");
	return err_set(e, ENOTSUP,
	               "%s: build it for this Linux with 'make module KDIR=<headers of %s>' and "
	               "load it with 'insmod build/module/%s/sevbench.ko'",
	               what, linux_here.release, linux_here.release);
}

int module_check(const struct sevbench_info *info, struct err *e)
{
	char what[128];

	if (info->version == SEVBENCH_VERSION)
		return 0;
	snprintf(what, sizeof(what), "the guest kernel module speaks version %u, this program %d",
	         info->version, SEVBENCH_VERSION);
	return refuse(e, what);
}

static int check_version(int fd, const char *path, struct err *e)
{
	struct sevbench_info info = {0};
	char what[PATH_MAX + 64];

	if (ioctl(fd, SEVBENCH_IOC_INFO, &info) == 0)
		return module_check(&info, e);
	snprintf(what, sizeof(what), "%s is not the guest kernel module's device", path);
	return refuse(e, what);
}

int module_open(const char *path, struct err *e)
{
	char what[PATH_MAX + 128];
	int fd, rc;

	path = path ? path : SEVBENCH_DEVICE;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 && (errno == EACCES || errno == EPERM))
		return err_set(e, ENOTSUP, "only root may use the guest kernel module (%s)", path);
	if (fd < 0) {
		snprintf(what, sizeof(what), "the guest kernel module is not loaded (%s: %s)", path,
		         strerror(errno));
		return refuse(e, what);
	}
	rc = check_version(fd, path, e);
	if (rc) {
		close(fd);
		return rc;
	}
	return fd;
}

static int request(int fd, unsigned long command, struct sevbench_request *r, struct err *e)
{
	int rc;

	r->version = SEVBENCH_VERSION;
	r->reason[0] = '\0';
	if (ioctl(fd, command, r) == 0)
		return 0;
	rc = errno;
	r->reason[sizeof(r->reason) - 1] = '\0';
	if (!r->reason[0])
		return err_set(e, rc, "the guest kernel module: %s", strerror(rc));
	return err_set(e, rc, "%s", r->reason);
}

int module_probe(int fd, unsigned op, uint64_t arg, struct err *e)
{
	struct sevbench_request r = {.op = op, .arg = arg};

	return request(fd, SEVBENCH_IOC_PROBE, &r, e);
}

int module_run(int fd, struct sevbench_request *r, struct err *e)
{
	r->taken = 0;
	return request(fd, SEVBENCH_IOC_RUN, r, e);
}

/*
 * Where to map. Two mappings whose addresses differ by whole blocks meet in the same sets of a TLB,
 * which an emulated one (direct-mapped) punishes several times over: their first pages are moved
 * apart, by a number of pages that depends on the block of addresses they fall into. Fills in the
 * reservation that the mapping will replace in part.
 */
static char *choose_address(size_t bytes, char **reserved)
{
	char *p = mmap(NULL, bytes + SEVBENCH_BLOCK, PROT_NONE,
	               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uintptr_t block = (uintptr_t)p / SEVBENCH_BLOCK;

	if (p == MAP_FAILED)
		return NULL;
	*reserved = p;
	return p + (1 + block * 37 % 509) * 4096;
}

int module_map(int fd, size_t bytes, bool shared, void **base, struct err *e)
{
	off_t offset = (off_t)(shared ? SEVBENCH_MAP_SHARED : SEVBENCH_MAP_PRIVATE);
	char *reserved, *address = choose_address(bytes, &reserved);
	void *p = MAP_FAILED;
	int rc = 0;

	if (address)
		p = mmap(address, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
		         offset);
	if (p == MAP_FAILED && errno == ENOMEM)
		rc = err_set(e, ENOMEM,
		             "the guest's Linux has no %zu MiB in free blocks of 2 MiB: choose a "
		             "smaller size or give the guest more memory",
		             bytes >> 20);
	else if (p == MAP_FAILED)
		rc = err_errno(e, "the guest kernel module cannot map %zu MiB", bytes >> 20);
	if (!address)
		return rc;
	if (rc) {
		munmap(reserved, bytes + SEVBENCH_BLOCK);
		return rc;
	}
	munmap(reserved, (size_t)(address - reserved));
	munmap(address + bytes, SEVBENCH_BLOCK - (size_t)(address - reserved));
	*base = p;
	return 0;
}
