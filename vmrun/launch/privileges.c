/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/privileges.h"

#include <inttypes.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Who has nothing of its own: base-passwd has it on every Debian, and so do the others. */
#define USER "nobody"

#define PASSWD_TEXT 4096 /* the strings of its entry */

/* What vmrun does to a QEMU of another user's, and what it needs for that: capabilities(7). */
static const struct {
	int capability;
	const char *what;
} needs[] = {
        {CAP_SETUID, "change its user"},
        {CAP_SETGID, "change its groups"},
        {CAP_CHOWN, "give it its sockets"},
        {CAP_KILL, "end it"},
        {CAP_SYS_NICE, "pin its threads"},
        {CAP_SYS_PTRACE, "search the guest's memory"},
        {CAP_DAC_OVERRIDE, "open what Linux shows of it"},
};

static void __attribute__((format(printf, 2, 3))) keep(struct privileges *p, const char *fmt, ...)
{
	va_list ap;

	p->drop = false;
	va_start(ap, fmt);
	vsnprintf(p->why, sizeof(p->why), fmt, ap);
	va_end(ap);
}

/* The user may be in the group that a device is for; root's group is not given away. */
static void join_group_of(struct privileges *p, const char *device)
{
	struct stat st;

	if (stat(device, &st) == 0 && st.st_gid != 0 && (st.st_mode & 0060) == 0060 &&
	    p->user.group_count < PROCESS_GROUPS)
		p->user.groups[p->user.group_count++] = st.st_gid;
}

struct file {
	const char *path;
	int mode; /* of access(2) */
};

enum { ALL_ALLOWED = -1, NOT_TRIED = 254, CHILD_ALLOWED = 255 };

/* Which of the files that user may not use: its index. In a child, which becomes the user. */
static int find_forbidden(const struct process_user *user, const struct file *files, size_t count)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		size_t i = 0;

		if (process_become(user) != 0)
			_exit(NOT_TRIED);
		while (i < count && (!files[i].path || access(files[i].path, files[i].mode) == 0))
			i++;
		_exit(i < count ? (int)i : CHILD_ALLOWED);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return NOT_TRIED;
	return WEXITSTATUS(status) == CHILD_ALLOWED ? ALL_ALLOWED : WEXITSTATUS(status);
}

/*
 * KVM pins all memory of an SEV or SEV-ES guest, by the limit of QEMU's process or with
 * CAP_IPC_LOCK (Linux, arch/x86/kvm/svm/sev.c, sev_pin_memory): who has neither needs the limit
 * raised.
 */
static bool needs_limit(const struct plan *plan)
{
	enum platform platform = plan->argv.platform;
	struct rlimit limit;

	return !plan->argv.plugin && (platform == PLATFORM_SEV || platform == PLATFORM_SEV_ES) &&
	       getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

void privileges_decide_for(const struct plan *plan, const char *user, uint64_t capabilities,
                           struct privileges *p)
{
	bool kvm = plan->argv.accel == ACCEL_KVM,
	     encrypted = plan->argv.platform != PLATFORM_NOSEV && !plan->argv.plugin;
	const char *slash = strrchr(plan->argv.directory, '/');
	char parent[PATH_MAX];
	const struct file files[] = {
	        {parent, X_OK},
	        {plan->qemu.path, X_OK},
	        {plan->kernel, R_OK},
	        {plan->firmware[0] ? plan->firmware : NULL, R_OK},
	        {kvm ? "/dev/kvm" : NULL, R_OK | W_OK},
	        {encrypted ? "/dev/sev" : NULL, R_OK | W_OK},
	        {plan->argv.plugin, R_OK},
	};
	struct passwd entry, *found = NULL;
	char text[PASSWD_TEXT];
	int forbidden;

	memset(p, 0, sizeof(*p));
	snprintf(parent, sizeof(parent), "%.*s", slash ? (int)(slash - plan->argv.directory) : 0,
	         plan->argv.directory);
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (capabilities >> needs[i].capability & 1)
			continue;
		keep(p, "vmrun lacks the capability to %s if it were another user's",
		     needs[i].what);
		return;
	}
	if (needs_limit(plan) && !(capabilities >> CAP_SYS_RESOURCE & 1)) {
		keep(p, "vmrun lacks the capability to let another user lock the guest's memory");
		return;
	}
	/* Not getpwnam(): several guests decide at once, and its answer is everybody's. */
	if (getpwnam_r(user, &entry, text, sizeof(text), &found) || !found || entry.pw_uid == 0) {
		keep(p, "there is no unprivileged user %s to run it as", user);
		return;
	}
	snprintf(p->name, sizeof(p->name), "%s", user);
	p->user = (struct process_user){.uid = entry.pw_uid, .gid = entry.pw_gid};
	if (kvm)
		join_group_of(p, "/dev/kvm");
	if (encrypted)
		join_group_of(p, "/dev/sev");
	forbidden = find_forbidden(&p->user, files, sizeof(files) / sizeof(files[0]));
	p->user.lock_memory = needs_limit(plan);
	if (forbidden == NOT_TRIED)
		keep(p, "it cannot be tried here to be the user %s", user);
	else if (forbidden >= 0)
		keep(p, "the user %s may not use %s", user, files[forbidden].path);
	else
		p->drop = true;
}

/* The effective set of the calling thread. */
static uint64_t read_capabilities(void)
{
	FILE *file = fopen("/proc/thread-self/status", "re");
	uint64_t set = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "CapEff: %" SCNx64, &set) == 1)
			break;
	}
	if (file)
		fclose(file);
	return set;
}

void privileges_decide(const struct plan *plan, struct privileges *p)
{
	if (geteuid() == 0) {
		privileges_decide_for(plan, USER, read_capabilities(), p);
		return;
	}
	memset(p, 0, sizeof(*p));
	keep(p, "vmrun has none to drop");
}
