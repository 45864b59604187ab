/* SPDX-License-Identifier: MIT */
/* Facts of a made-up host, and of this one. */
#include "vmrun/host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/vmrun/host/machine.h"

static void test_cbit(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(host_cbit(&f->source), 51);
	f->machine.ebx = 47 | 5 << 6;
	assert_int_equal(host_cbit(&f->source), 47);
	f->machine.eax = 0; /* no such leaf at all */
	assert_int_equal(host_cbit(&f->source), HOST_DEFAULT_CBIT);
}

/* The real ones, whatever this machine has. */
static void test_devices_here(void **state)
{
	struct sevfirmware_answer answer;
	struct host_device device;

	(void)state;
	assert_int_equal(host_device(&host_here, "/dev/null", &device), 0);
	assert_string_equal(device.owner, "root");
	assert_int_equal(device.mode, 0666);
	assert_int_equal(host_device(&host_here, "/dev/no-such-node", &device), -ENOENT);
	assert_string_equal(device.owner, "");
	sevfirmware_ask("/dev/no-such-node", &answer);
	assert_int_equal(answer.sev_rc, -ENOENT);
	assert_int_equal(answer.snp_rc, -ENOENT);
	sevfirmware_ask("/dev/null", &answer);
	assert_int_equal(answer.sev_rc, -ENOTTY);
	host_firmware(&host_here, &answer);
	if (access("/dev/sev", R_OK) != 0)
		assert_int_equal(answer.sev_rc, -errno);
}

/* Each field at its place of linux/psp-sev.h. */
static void test_firmware(void **state)
{
	static const struct sevfirmware_answer answer = {
	        .sev = {1, 55, 2, 0x01, 0x01, 0, 0, 21, 0x03, 0x02, 0, 0},
	        .snp_rc = -EINVAL,
	        .snp = {1, 58, 1, 1, 0x29, 0x01, 0, 0, 0, 0, 0, 0, 0x05, 0x01, 0, 0},
	};
	struct fixture *f = *state;
	struct sevfirmware_answer copy;
	struct sevfirmware sev;
	struct sevfirmware_snp snp;

	assert_int_equal(sevfirmware_sev(&answer, &sev), 0);
	assert_int_equal(sev.major, 1);
	assert_int_equal(sev.minor, 55);
	assert_int_equal(sev.build, 21);
	assert_int_equal(sev.state, SEVFIRMWARE_WORKING);
	assert_int_equal(sev.flags, SEVFIRMWARE_OWNED | SEVFIRMWARE_ES);
	assert_int_equal(sev.guests, 0x203);
	assert_int_equal(sevfirmware_snp(&answer, &snp), -EINVAL);
	assert_int_equal(snp.minor, 58);
	assert_int_equal(snp.build, 0x129);
	assert_int_equal(snp.state, SEVFIRMWARE_INIT);
	assert_true(snp.rmp);
	assert_false(snp.alias);
	assert_int_equal(snp.guests, 0x105);
	assert_string_equal(sevfirmware_state_text(SEVFIRMWARE_STATES), "in an unknown state");
	host_firmware(&f->source, &copy);
	assert_int_equal(copy.sev_rc, -ENOENT); /* not recorded */
	f->recorded.firmware = &answer;
	host_firmware(&f->source, &copy);
	assert_memory_equal(&copy, &answer, sizeof(copy));
}

static void test_choice(void **state)
{
	struct fixture *f = *state;
	char text[16];

	put("/sys/a", "always [madvise] never\n");
	put("/sys/b", "Y\n");
	put("/sys/c", "");
	put("/sys/d", "averyverylongvaluethatdoesnotfit\n");
	assert_int_equal(host_read_choice(&f->source, "/sys/a", text, sizeof(text)), 0);
	assert_string_equal(text, "madvise");
	assert_int_equal(host_read_choice(&f->source, "/sys/b", text, sizeof(text)), 0);
	assert_string_equal(text, "Y");
	assert_int_equal(host_read_choice(&f->source, "/sys/c", text, sizeof(text)), 0);
	assert_string_equal(text, "");
	assert_int_equal(host_read_choice(&f->source, "/sys/d", text, sizeof(text)), 0);
	assert_string_equal(text, "averyverylongva");
	assert_int_equal(host_read_choice(&f->source, "/sys/none", text, sizeof(text)), -ENOENT);
}

static void test_a_pipe_is_not_waited_for(void **state)
{
	char directory[] = "/tmp/test_host-XXXXXX", path[64];

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/log", directory);
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(10); /* it hung */
	assert_null(host_open(path));
	assert_int_equal(errno, EINVAL);
	alarm(0);
	unlink(path);
	rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_pipe_is_not_waited_for),
	        t(test_cbit),
	        t(test_devices_here),
	        t(test_firmware),
	        t(test_choice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
