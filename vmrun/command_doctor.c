/* SPDX-License-Identifier: MIT */
/* vmrun doctor: which guests this host can launch, and what is in the way of the others. */
#include <errno.h>
#include <stdio.h>

#include "vmrun/command.h"
#include "vmrun/doctor_examine.h"
#include "vmrun/doctor_json.h"
#include "vmrun/doctor_print.h"
#include "vmrun/host/recording.h"
#include "vmrun/options.h"

static int print_json(const struct doctor *d)
{
	json_t *json = doctor_json(d);
	int rc = json ? json_dumpf(json, stdout, JSON_INDENT(2)) : -1;

	json_decref(json);
	putchar('\n');
	return rc;
}

static int refuse(const struct err *e)
{
	fprintf(stderr, "vmrun doctor: %s\n", e->text);
	return COMMAND_USAGE;
}

static int help(void)
{
	printf("usage: vmrun doctor [OPTION]...\n\n"
	       "Say for each mode whether this host can launch it, what is in the way, and what to "
	       "do "
	       "about it.\n\n");
	options_help(OPTIONS_GUEST | OPTIONS_DOCTOR);
	printf("\nEvery mode is shown. Exit status: 0 when that of --platform can be launched, or "
	       "without "
	       "--platform\nany of them, else 77; 1 failed, 2 usage.\n");
	return COMMAND_DONE;
}

int command_doctor(int argc, char **argv)
{
	static struct doctor doctor;
	const struct host_source *source = &host_here;
	struct recording *recording = NULL;
	struct options o;
	struct err e = {""};
	bool can = false;
	int rc = options_parse(argc, argv, OPTIONS_GUEST | OPTIONS_DOCTOR, NULL, &o, &e);

	if (!rc && o.command[0])
		rc = err_set(&e, EINVAL, "doctor takes no command ('%s')", o.command[0]);
	if (!rc && !o.help && o.root)
		rc = recording_open(o.root, &recording, &source, &e);
	if (rc || o.help) {
		options_free(&o);
		return rc ? refuse(&e) : help();
	}
	doctor_examine(source, &o.spec, &doctor);
	if (!o.json)
		doctor_print(&doctor, o.verbose, stdout);
	else if (print_json(&doctor))
		rc = -EIO;
	for (int p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END; p++)
		can |= doctor.can[p] && (!o.mode_given || p == (int)o.spec.platform);
	recording_close(recording);
	options_free(&o);
	if (rc)
		return COMMAND_FAILED;
	return can ? COMMAND_DONE : COMMAND_NOTHING;
}
