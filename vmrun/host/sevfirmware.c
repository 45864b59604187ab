/* SPDX-License-Identifier: MIT */
#include "vmrun/host/sevfirmware.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/psp-sev.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/*
 * From Linux 6.10 on in include/uapi/linux/psp-sev.h, behind SEV_GET_ID2; headers of before, as
 * Debian 12 has them, lack it.
 */
#define COMMAND_SNP_PLATFORM_STATUS 9

struct snp_status {
	__u8 api_major;
	__u8 api_minor;
	__u8 state;
	__u8 rmp; /* bit 0: initialised, bit 1: alias check complete */
	__u32 build;
	__u32 features;
	__u32 guest_count;
	__u64 current_tcb_version;
	__u64 reported_tcb_version;
} __attribute__((packed));

_Static_assert(sizeof(struct sev_user_data_status) == SEVFIRMWARE_SEV_SIZE, "SEV status");
_Static_assert(sizeof(struct snp_status) == SEVFIRMWARE_SNP_SIZE, "SNP status");

static int issue(int fd, uint32_t command, void *answer)
{
	struct sev_issue_cmd request = {.cmd = command, .data = (uintptr_t)answer};

	return ioctl(fd, SEV_ISSUE_CMD, &request) ? -errno : 0;
}

void sevfirmware_ask(const char *device, struct sevfirmware_answer *answer)
{
	int fd = open(device, O_RDONLY | O_CLOEXEC);

	memset(answer, 0, sizeof(*answer));
	if (fd < 0) {
		answer->sev_rc = answer->snp_rc = -errno;
		return;
	}
	answer->sev_rc = issue(fd, SEV_PLATFORM_STATUS, answer->sev);
	answer->snp_rc = issue(fd, COMMAND_SNP_PLATFORM_STATUS, answer->snp);
	close(fd);
}

int sevfirmware_sev(const struct sevfirmware_answer *answer, struct sevfirmware *sev)
{
	struct sev_user_data_status raw;

	memcpy(&raw, answer->sev, sizeof(raw));
	*sev = (struct sevfirmware){.major = raw.api_major,
	                            .minor = raw.api_minor,
	                            .build = raw.build,
	                            .state = raw.state,
	                            .flags = raw.flags,
	                            .guests = raw.guest_count};
	return answer->sev_rc;
}

int sevfirmware_snp(const struct sevfirmware_answer *answer, struct sevfirmware_snp *snp)
{
	struct snp_status raw;

	memcpy(&raw, answer->snp, sizeof(raw));
	*snp = (struct sevfirmware_snp){.major = raw.api_major,
	                                .minor = raw.api_minor,
	                                .build = raw.build,
	                                .state = raw.state,
	                                .rmp = raw.rmp & 1,
	                                .alias = raw.rmp >> 1 & 1,
	                                .guests = raw.guest_count};
	return answer->snp_rc;
}

const char *sevfirmware_state_text(unsigned state)
{
	static const char *const words[SEVFIRMWARE_STATES] = {
	        [SEVFIRMWARE_UNINIT] = "not initialised",
	        [SEVFIRMWARE_INIT] = "initialised",
	        [SEVFIRMWARE_WORKING] = "working",
	};

	return state < SEVFIRMWARE_STATES ? words[state] : "in an unknown state";
}
