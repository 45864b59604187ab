/* SPDX-License-Identifier: MIT */
#include "vmrun/host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "harness/msr.h"
#include "vmrun/host/sevleaf.h"

/* syslog(2): the commands have no names in the headers. */
#define SYSLOG_ACTION_READ_ALL    3
#define SYSLOG_ACTION_SIZE_BUFFER 10

#define ENTRY_TEXT                                                                                 \
	16384 /* the strings of an entry of passwd or group: one with more has a number */

const struct host_source host_here = {.root = "", .cpu = &cpu_here};

FILE *host_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	FILE *file = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		file = fdopen(fd, "r");
	else
		errno = EINVAL;
	if (!file)
		close(fd);
	return file;
}

int host_read_choice(const struct host_source *source, const char *path, char *text, size_t size)
{
	char full[PATH_MAX], line[256];
	const char *from, *to;
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", source->root, path);
	file = host_open(full);
	if (!file)
		return -errno;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	from = strchr(line, '[');
	from = from ? from + 1 : line;
	to = from + strcspn(from, "]\n");
	snprintf(text, size, "%.*s", (int)(to - from), from);
	return 0;
}

unsigned host_cbit(const struct host_source *source)
{
	uint32_t regs[4];

	if (!cpu_id_at(source->cpu, SEVLEAF, 0, regs) || !(regs[CPU_EBX] & 0x3f))
		return HOST_DEFAULT_CBIT;
	return regs[CPU_EBX] & 0x3f;
}

/* Once in a process: what KVM can do does not change, and a run launches many guests. */
static struct kvmprobe probe_here(void)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static struct kvmprobe here;
	static bool done;
	struct kvmprobe copy;

	pthread_mutex_lock(&lock);
	if (!done)
		kvmprobe_run("/dev/kvm", &here, NULL);
	done = true;
	copy = here;
	pthread_mutex_unlock(&lock);
	return copy;
}

int host_kvm(const struct host_source *source, struct kvmprobe *probe, struct err *e)
{
	if (source->recorded)
		*probe = source->recorded->kvm;
	else
		*probe = probe_here();
	return probe->works ? 0 : err_set(e, ENOTSUP, "%s", probe->reason);
}

int host_msr(const struct host_source *source, uint32_t index, uint64_t *value)
{
	const struct host_recording *r = source->recorded;

	for (size_t i = 0; r && i < r->msr_count; i++) {
		if (r->msrs[i].index != index)
			continue;
		*value = r->msrs[i].value;
		return 0;
	}
	return r ? -ENOENT : msr_read("", index, value);
}

void host_release(const struct host_source *source, char text[HOST_RELEASE])
{
	struct utsname name;

	text[0] = '\0';
	if (source->recorded)
		snprintf(text, HOST_RELEASE, "%s", source->recorded->release);
	else if (uname(&name) == 0)
		snprintf(text, HOST_RELEASE, "%s", name.release);
}

char *host_log(const struct host_source *source)
{
	const struct host_recording *r = source->recorded;
	int size, n;
	char *text;

	if (r)
		return r->log ? strdup(r->log) : NULL;
	size = klogctl(SYSLOG_ACTION_SIZE_BUFFER, NULL, 0);
	text = size > 0 ? malloc((size_t)size + 1) : NULL;
	if (!text)
		return NULL;
	n = klogctl(SYSLOG_ACTION_READ_ALL, text, size);
	if (n < 0) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	return text;
}

static void read_names(const struct stat *st, struct host_device *device)
{
	struct passwd user, *has_user = NULL;
	struct group group, *has_group = NULL;
	char text[ENTRY_TEXT];

	snprintf(device->owner, sizeof(device->owner), "%u", st->st_uid);
	snprintf(device->group, sizeof(device->group), "%u", st->st_gid);
	if (getpwuid_r(st->st_uid, &user, text, sizeof(text), &has_user) == 0 && has_user)
		snprintf(device->owner, sizeof(device->owner), "%s", user.pw_name);
	if (getgrgid_r(st->st_gid, &group, text, sizeof(text), &has_group) == 0 && has_group)
		snprintf(device->group, sizeof(device->group), "%s", group.gr_name);
}

int host_device(const struct host_source *source, const char *path, struct host_device *device)
{
	const struct host_recording *r = source->recorded;
	struct stat st;

	*device = (struct host_device){.rc = -ENOENT};
	snprintf(device->path, sizeof(device->path), "%s", path);
	for (size_t i = 0; r && i < r->device_count; i++) {
		if (!strcmp(r->devices[i].path, path))
			*device = r->devices[i];
	}
	if (r)
		return device->rc;
	if (stat(path, &st) == 0) {
		read_names(&st, device);
		device->mode = st.st_mode & 07777;
	}
	device->rc = access(path, R_OK | W_OK) ? -errno : 0;
	return device->rc;
}

void host_firmware(const struct host_source *source, struct sevfirmware_answer *answer)
{
	const struct host_recording *r = source->recorded;

	if (!r)
		sevfirmware_ask("/dev/sev", answer);
	else if (r->firmware)
		*answer = *r->firmware;
	else
		*answer = (struct sevfirmware_answer){.sev_rc = -ENOENT, .snp_rc = -ENOENT};
}
