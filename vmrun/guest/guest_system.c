/* SPDX-License-Identifier: MIT */
#include "vmrun/guest/guest_system.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "harness/sev.h"
#include "harness/utf8.h"

#define PORTS     "/sys/class/virtio-ports"
#define RETRY_MS  1
#define SECOND_MS 1000

uint64_t guest_system_uptime(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int guest_system_mount(struct err *e)
{
	static const struct {
		const char *type, *place, *options;
		int optional;
	} mounts[] = {
	        {"proc", "/proc", NULL, 0},        {"sysfs", "/sys", NULL, 0},
	        {"devtmpfs", "/dev", NULL, 0},     {"tmpfs", "/dev/shm", "mode=1777", 0},
	        {"tmpfs", "/tmp", "mode=1777", 0}, {"hugetlbfs", "/dev/hugepages", NULL, 1},
	};
	size_t i;

	for (i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		/* Those below /dev are not in the archive: devtmpfs would hide them. */
		mkdir(mounts[i].place, 0755);
		if (mount(mounts[i].type, mounts[i].place, mounts[i].type, MS_NOSUID,
		          mounts[i].options) &&
		    !mounts[i].optional)
			return err_errno(e, "cannot mount %s on %s", mounts[i].type,
			                 mounts[i].place);
	}
	return 0;
}

/* Everything that comes from `fd`, with room for a NUL behind it; NULL with errno. */
static char *read_all(int fd, size_t *length)
{
	size_t room = 8192;
	char *text = malloc(room);
	size_t fill = 0;

	while (text) {
		ssize_t got = read(fd, text + fill, room - fill - 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		if (got == 0) {
			*length = fill;
			return text;
		}
		fill += (size_t)got;
		if (room - fill < 2) {
			char *more = realloc(text, room *= 2);

			if (!more)
				break;
			text = more;
		}
	}
	free(text);
	return NULL;
}

char *guest_system_read(const char *path, size_t *length, int *rc, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	size_t fill = 0;

	if (fd >= 0)
		text = read_all(fd, &fill);
	if (text) {
		text[fill] = '\0';
		if (length)
			*length = fill;
	} else {
		int result = err_errno(e, "cannot read %s", path);

		if (rc)
			*rc = result;
	}
	if (fd >= 0)
		close(fd);
	return text;
}

/* What follows the signature in a signed module (Linux, include/linux/module_signature.h). */
struct module_signature {
	uint8_t algorithm, hash, id_type, signer_length, key_id_length, pad[3];
	uint32_t signature_length; /* big endian */
};

#define SIGNATURE_MAGIC "~Module signature appended~\n"

/* The length of a module without its signature, which is also that of one that has none. */
static size_t unsigned_length(const char *module, size_t length)
{
	const size_t magic = sizeof(SIGNATURE_MAGIC) - 1;
	struct module_signature s;
	size_t all;

	if (length < magic + sizeof(s) ||
	    memcmp(module + length - magic, SIGNATURE_MAGIC, magic) != 0)
		return length;
	memcpy(&s, module + length - magic - sizeof(s), sizeof(s));
	all = magic + sizeof(s) + be32toh(s.signature_length);
	return all < length ? length - all : length;
}

/*
 * Without the signature, whose verification takes about as long as all the rest under emulation,
 * and the guest's Linux takes our own module without one. Where it wants them, it gets it.
 */
static int load_module(const char *module, size_t length)
{
	int rc = (int)syscall(SYS_init_module, module, unsigned_length(module, length), "");

	if (rc && (errno == EKEYREJECTED || errno == EPERM))
		rc = (int)syscall(SYS_init_module, module, length, "");
	return rc;
}

int guest_system_load(const struct job_list *list, json_t *errors, struct err *e)
{
	for (size_t i = 0; i < list->module_count; i++) {
		const char *path = list->modules[i];
		size_t length;
		int rc;
		char *module = guest_system_read(path, &length, &rc, e);
		struct err why;

		if (!module)
			return rc;
		if (load_module(module, length) && errno != EEXIST) {
			err_errno(&why, "Linux refuses the module %s", path);
			json_array_append_new(errors, json_string(why.text));
		}
		free(module);
	}
	/* There where one of them is configfs; a mounted one is as good. */
	mount("configfs", "/sys/kernel/config", "configfs", MS_NOSUID, NULL);
	return 0;
}

/* Look for the port once: 1 and its device in `device`, or 0. */
static int find_port(const char *name, char device[PATH_MAX])
{
	DIR *ports = opendir(PORTS);
	struct dirent *entry;
	int found = 0;

	if (!ports)
		return 0;
	while (!found && (entry = readdir(ports))) {
		char path[PATH_MAX];
		char *text;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), PORTS "/%s/name", entry->d_name);
		text = guest_system_read(path, NULL, NULL, NULL);
		if (!text)
			continue;
		text[strcspn(text, "\n")] = '\0';
		found = strcmp(text, name) == 0;
		free(text);
		snprintf(device, PATH_MAX, "/dev/%s", entry->d_name);
	}
	closedir(ports);
	return found;
}

/* Linux learns from the host, a little later, that somebody holds the other end. */
static int wait_for_host(int fd, unsigned *tries)
{
	struct pollfd poller = {.fd = fd, .events = POLLOUT};

	for (; *tries; --*tries) {
		if (poll(&poller, 1, 0) >= 0 && !(poller.revents & POLLHUP))
			return 0;
		poll(NULL, 0, RETRY_MS);
	}
	return -EPIPE;
}

int guest_system_open_port(const char *name, unsigned seconds, int *fd, struct err *e)
{
	unsigned tries = seconds * SECOND_MS / RETRY_MS;
	char device[PATH_MAX];

	/* The port's name comes from the host, by a message of its own: it may not be there yet. */
	for (; tries && !find_port(name, device); tries--)
		poll(NULL, 0, RETRY_MS);
	if (!tries)
		return err_set(e, ENODEV,
		               "this guest has no virtio-serial port named %s: nowhere to send "
		               "results",
		               name);
	*fd = open(device, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (*fd < 0)
		return err_errno(e, "cannot open the virtio port %s", device);
	if (!wait_for_host(*fd, &tries))
		return 0;
	close(*fd);
	return err_set(e, EPIPE, "nobody on the host listens on the virtio-serial port %s", name);
}

static json_t *read_memory(void)
{
	struct sysinfo info;

	if (sysinfo(&info))
		return json_null();
	return json_integer((json_int_t)((uint64_t)info.totalram * info.mem_unit / 1024));
}

/* The command line, without its newline. Bytes that are not UTF-8 would not be JSON: then null. */
static json_t *read_command_line(void)
{
	char *text = guest_system_read("/proc/cmdline", NULL, NULL, NULL);
	json_t *value = NULL;

	if (text) {
		text[strcspn(text, "\n")] = '\0';
		value = utf8_json(text);
		free(text);
	}
	return value ? value : json_null();
}

static void describe_platform(json_t *hello)
{
	struct sev_observation o = {0};
	struct err e = {""};
	int rc = sev_observe(&o, &e);
	json_t *leaf = json_null();

	if (o.cpuid_8000001f[0] || o.cpuid_8000001f[1])
		leaf = json_pack("[I,I,I,I]", (json_int_t)o.cpuid_8000001f[0],
		                 (json_int_t)o.cpuid_8000001f[1], (json_int_t)o.cpuid_8000001f[2],
		                 (json_int_t)o.cpuid_8000001f[3]);
	json_object_set_new(hello, "platform",
	                    rc ? json_null() : json_string(platform_name(o.platform)));
	json_object_set_new(hello, "accel", rc ? json_null() : json_string(accel_name(o.accel)));
	json_object_set_new(hello, "how", json_string(rc ? e.text : o.how));
	json_object_set_new(hello, "hypervisor", utf8_json(o.hypervisor));
	json_object_set_new(hello, "cpuid_8000001f", leaf);
	json_object_set_new(hello, "sev_status",
	                    o.status_known ? json_integer((json_int_t)o.status) : json_null());
}

int guest_system_let_count(const char *path)
{
	FILE *file = fopen(path, "r+e");
	int level = -1;

	if (!file)
		return -1;
	if (fscanf(file, "%d", &level) != 1)
		level = -1;
	if (level > 2) {
		rewind(file);
		fputs("2\n", file);
	}
	return fclose(file) ? -1 : level;
}

char *guest_system_describe(const struct job_list *list, const struct guest_start *start,
                            const json_t *errors, const char *marker)
{
	json_t *hello = json_object();
	struct utsname linux_name;
	char *text;

	describe_platform(hello);
	if (uname(&linux_name) == 0) {
		json_object_set_new(hello, "release", json_string(linux_name.release));
		json_object_set_new(hello, "version", json_string(linux_name.version));
	}
	json_object_set_new(hello, "command_line", read_command_line());
	json_object_set_new(hello, "cpus", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
	json_object_set_new(hello, "memory_kib", read_memory());
	json_object_set_new(hello, "modules", json_integer((json_int_t)list->module_count));
	json_object_set_new(hello, "module_errors", json_deep_copy(errors));
	json_object_set_new(hello, "jobs", json_integer((json_int_t)list->job_count));
	json_object_set_new(hello, "uptime_ms", json_integer((json_int_t)start->uptime_ms));
	json_object_set_new(hello, "ready_ms", json_integer((json_int_t)guest_system_uptime()));
	if (start->paranoid > 2)
		json_object_set_new(hello, "perf_event_paranoid", json_integer(start->paranoid));
	if (marker)
		json_object_set_new(hello, "marker", utf8_json(marker));
	text = json_dumps(hello, JSON_COMPACT | JSON_PRESERVE_ORDER);
	json_decref(hello);
	return text;
}
