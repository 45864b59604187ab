/* SPDX-License-Identifier: MIT */
#include "harness/attest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/sev-guest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/clock.h"
#include "harness/sev_status.h"

#define DEVICE "/dev/sev-guest"
#define VMPL   "/sys/devices/system/cpu/sev/vmpl" /* from Linux 6.11 on */
#define TSM    "/sys/kernel/config/tsm/report"

/* Answers: the firmware ABI, tables 20 and 25: a status, a size, and from byte 32 on what it is. */
#define ANSWER_OFFSET 32
#define KEY_SIZE      32

/* Table 23. */
#define POLICY       0x008
#define VMPL_FIELD   0x030
#define REPORT_DATA  0x050
#define MEASUREMENT  0x090
#define REPORT_ID    0x140
#define REPORTED_TCB 0x180
#define CHIP_ID      0x1a0
#define COMMITTED    0x1e0
#define LAUNCH_TCB   0x1f0

/* Linux takes no more (SEV_FW_BLOB_MAX_SIZE of include/linux/psp-sev.h). */
#define CERTIFICATES 0x4000

#define VMM_BUSY 2 /* SNP_GUEST_VMM_ERR_BUSY */

static int open_device(struct attest *a, const char *root, struct err *e)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s" DEVICE, root);
	a->fd = open(path, O_RDWR | O_CLOEXEC);
	if (a->fd >= 0)
		return 0;
	if (errno == ENOENT)
		return err_set(e, ENOTSUP,
		               "there is no " DEVICE ": this is no SEV-SNP guest, or its Linux has "
		               "no driver sev-guest loaded (CONFIG_SEV_GUEST)");
	return err_set(e, ENOTSUP, "%s cannot be opened: %s (run as root)", DEVICE,
	               strerror(errno));
}

/* A directory of configfs is a request; Linux fills it. */
static int open_tsm(struct attest *a, const char *root, struct err *e)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s" TSM, root);
	if (access(path, F_OK))
		return err_set(e, ENOTSUP,
		               "there is no " TSM ": Linux has it from 6.7 on, where configfs is "
		               "mounted (mount -t configfs none /sys/kernel/config) and the driver "
		               "sev-guest is loaded");
	snprintf(path, sizeof(path), "%s" TSM "/sevbench-%d", root, (int)getpid());
	if (mkdir(path, 0700))
		return err_set(e, ENOTSUP, "%s cannot be made: %s (run as root)", path,
		               strerror(errno));
	snprintf(a->entry, sizeof(a->entry), "%s", path);
	return 0;
}

/* At which VMPL Linux runs; older ones do so at 0 alone. */
static unsigned read_vmpl(const char *root)
{
	char path[PATH_MAX];
	unsigned vmpl = 0;
	FILE *in;

	snprintf(path, sizeof(path), "%s" VMPL, root);
	in = fopen(path, "r");
	if (!in)
		return 0;
	if (fscanf(in, "%1u", &vmpl) != 1)
		vmpl = 0;
	fclose(in);
	return vmpl;
}

int attest_open(struct attest *a, enum attest_what what, const char *root, struct err *e)
{
	int rc;

	*a = (struct attest){.what = what, .fd = -1, .vmpl = read_vmpl(root)};
	rc = what == ATTEST_TSM ? open_tsm(a, root, e) : open_device(a, root, e);
	if (!rc && what == ATTEST_EXT_REPORT) {
		a->certificates = calloc(1, CERTIFICATES);
		if (!a->certificates)
			rc = err_set(e, ENOMEM, "no memory for certificates");
	}
	if (!rc && getrandom(a->nonce, sizeof(a->nonce), 0) != sizeof(a->nonce))
		rc = err_errno(e, "no random bytes");
	if (rc)
		attest_close(a);
	return rc;
}

void attest_close(struct attest *a)
{
	if (a->fd >= 0)
		close(a->fd);
	if (*a->entry)
		rmdir(a->entry);
	free(a->certificates);
	*a = (struct attest){.fd = -1};
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What one request came to. */
struct answer {
	int error;         /* 0, or errno */
	uint64_t firmware; /* exitinfo2: what the firmware says, and above bit 31 the hypervisor */
	uint64_t ticks;
	bool held; /* as long as Linux waits when it is throttled */
};

static void call(struct attest *a, unsigned long request, void *what, void *response,
                 struct answer *answer)
{
	struct snp_guest_request_ioctl io = {
	        .msg_version = 1,
	        .req_data = (uintptr_t)what,
	        .resp_data = (uintptr_t)response,
	};
	double start = seconds();
	uint64_t begin = clock_begin();
	int rc = ioctl(a->fd, request, &io), error = errno;

	answer->ticks = clock_end() - begin;
	answer->held = seconds() - start >= ATTEST_DELAY;
	answer->error = rc ? error : 0;
	answer->firmware = io.exitinfo2;
}

static int take_report(struct attest *a, const uint8_t *report, struct err *e)
{
	if (memcmp(report + REPORT_DATA, a->nonce, sizeof(a->nonce)) != 0)
		return err_set(e, EIO,
		               "the security processor's report is not of this request: it has "
		               "other REPORT_DATA");
	memcpy(a->report, report, sizeof(a->report));
	return 0;
}

/* The firmware's own word, in front of what it answers. */
static int check_status(uint32_t status, struct err *e)
{
	const char *text = sev_status_text(status);

	if (!status)
		return 0;
	return err_set(e, EIO, "the SEV firmware answered with status %#" PRIx32 ": %s", status,
	               text ? text : "which no table knows");
}

static int ask_report(struct attest *a, struct answer *answer, struct err *e)
{
	struct snp_ext_report_req request = {.data.vmpl = a->vmpl,
	                                     .certs_address = (uintptr_t)a->certificates,
	                                     .certs_len = CERTIFICATES};
	bool extended = a->what == ATTEST_EXT_REPORT;
	struct snp_report_resp response = {{0}};
	uint32_t status;
	int rc;

	memcpy(request.data.user_data, a->nonce, sizeof(a->nonce));
	call(a, extended ? SNP_GET_EXT_REPORT : SNP_GET_REPORT,
	     extended ? (void *)&request : (void *)&request.data, &response, answer);
	if (answer->error)
		return 0;
	memcpy(&status, response.data, sizeof(status));
	rc = check_status(status, e);
	return rc ? rc : take_report(a, response.data + ANSWER_OFFSET, e);
}

static int ask_key(struct attest *a, struct answer *answer, struct err *e)
{
	struct snp_derived_key_req request = {.vmpl = a->vmpl};
	struct snp_derived_key_resp response = {{0}};
	uint8_t any = 0;
	uint32_t status;
	int rc;

	call(a, SNP_GET_DERIVED_KEY, &request, &response, answer);
	memcpy(&status, response.data, sizeof(status));
	for (size_t i = 0; i < KEY_SIZE; i++)
		any |= response.data[ANSWER_OFFSET + i];
	explicit_bzero(&response, sizeof(response));
	if (answer->error)
		return 0;
	rc = check_status(status, e);
	if (!rc && !any)
		rc = err_set(e, EIO, "the security processor derived a key of zeros alone");
	explicit_bzero(&any, sizeof(any));
	return rc;
}

/* A file of the request in configfs: written or read whole. A negative errno. */
static ssize_t transfer(const struct attest *a, const char *name, void *bytes, size_t size,
                        bool write_it)
{
	char path[PATH_MAX + 16];
	ssize_t done;
	int fd, error;

	snprintf(path, sizeof(path), "%s/%s", a->entry, name);
	fd = open(path, (write_it ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	done = write_it ? write(fd, bytes, size) : read(fd, bytes, size);
	error = errno;
	close(fd);
	return done < 0 ? -error : done;
}

static int ask_tsm(struct attest *a, struct answer *answer, struct err *e)
{
	uint8_t report[ATTEST_REPORT_SIZE];
	double start = seconds();
	uint64_t begin = clock_begin();
	ssize_t done = transfer(a, "inblob", a->nonce, sizeof(a->nonce), true);

	if (done >= 0)
		done = transfer(a, "outblob", report, sizeof(report), false);
	answer->ticks = clock_end() - begin;
	answer->held = seconds() - start >= ATTEST_DELAY;
	answer->error = done < 0 ? (int)-done : 0;
	if (done < 0)
		return 0;
	if (done != sizeof(report))
		return err_set(e, EIO, "configfs gave %zd bytes of a report of %zu", done,
		               sizeof(report));
	return take_report(a, report, e);
}

/* Too many requests, for the host or the firmware? */
static bool is_throttled(const struct answer *answer)
{
	return answer->held || answer->error == EAGAIN || answer->error == EBUSY ||
	       answer->error == ETIMEDOUT || (answer->error && answer->firmware >> 32 == VMM_BUSY);
}

/* Why a request that was not throttled was not answered. */
static int refuse(const struct answer *answer, struct err *e)
{
	uint32_t firmware = (uint32_t)answer->firmware,
	         hypervisor = (uint32_t)(answer->firmware >> 32);

	if (answer->error == ENOTTY)
		return err_set(e, ENOTSUP,
		               "Linux has disabled " DEVICE
		               ": the sequence number of a message was "
		               "lost, and only another boot gives a new key for them");
	if (firmware && check_status(firmware, e))
		return -EIO;
	if (hypervisor)
		return err_set(e, EIO, "the hypervisor refused a guest request: error %" PRIu32,
		               hypervisor);
	return err_set(e, EIO, "a guest request failed: %s", strerror(answer->error));
}

int attest_ask(struct attest *a, uint64_t *ticks, struct err *e)
{
	for (int tries = 0; tries < ATTEST_PATIENCE; tries++) {
		struct answer answer = {.error = 0};
		uint64_t number;
		int rc;

		memcpy(&number, a->nonce, sizeof(number));
		number++;
		memcpy(a->nonce, &number, sizeof(number));
		rc = a->what == ATTEST_TSM   ? ask_tsm(a, &answer, e)
		     : a->what == ATTEST_KEY ? ask_key(a, &answer, e)
		                             : ask_report(a, &answer, e);
		if (rc)
			return rc;
		if (!is_throttled(&answer)) {
			*ticks = answer.ticks;
			a->asked += !answer.error;
			return answer.error ? refuse(&answer, e) : 0;
		}
		a->throttled++;
		if (!answer.held)
			sleep(ATTEST_DELAY);
	}
	return err_set(e, ETIMEDOUT,
	               "guest requests are throttled: %d in a row were held back or refused",
	               ATTEST_PATIENCE);
}

static uint32_t word_at(const uint8_t *report, size_t offset)
{
	uint32_t word;

	memcpy(&word, report + offset, sizeof(word));
	return word;
}

static uint64_t long_at(const uint8_t *report, size_t offset)
{
	uint64_t word;

	memcpy(&word, report + offset, sizeof(word));
	return word;
}

void attest_parse(const uint8_t report[ATTEST_REPORT_SIZE], struct attest_report *parsed)
{
	*parsed = (struct attest_report){
	        .version = word_at(report, 0),
	        .guest_svn = word_at(report, 4),
	        .policy = long_at(report, POLICY),
	        .vmpl = word_at(report, VMPL_FIELD),
	        .signature_algorithm = word_at(report, VMPL_FIELD + 4),
	        .current_tcb = long_at(report, VMPL_FIELD + 8),
	        .platform_info = long_at(report, VMPL_FIELD + 16),
	        .reported_tcb = long_at(report, REPORTED_TCB),
	        .committed_tcb = long_at(report, COMMITTED),
	        .launch_tcb = long_at(report, LAUNCH_TCB),
	        .emulated = !memcmp(report + CHIP_ID, ATTEST_EMULATED, strlen(ATTEST_EMULATED)),
	};
	memcpy(parsed->measurement, report + MEASUREMENT, sizeof(parsed->measurement));
	memcpy(parsed->report_id, report + REPORT_ID, sizeof(parsed->report_id));
}
