/* SPDX-License-Identifier: MIT */
/*
 * The guest's PID 1: makes the system ready, tells the host what it sees, runs the jobs, powers
 * off. It never exits (Linux would panic): whatever goes wrong is a sentence on the console, then
 * power-off.
 */
#include <endian.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <termios.h>
#include <unistd.h>

#include "vmrun/guest/guest_job.h"
#include "vmrun/guest/guest_marker.h"
#include "vmrun/guest/guest_port.h"
#include "vmrun/guest/guest_system.h"
#include "vmrun/wire/jobs.h"

/* How long the port may take to appear, and the host to hold its other end. */
#define PORT_SECONDS 5

static int read_jobs(struct job_list **list, struct err *e)
{
	size_t length;
	int rc;
	char *bytes = guest_system_read(JOBS_PATH, &length, &rc, e);

	if (!bytes)
		return rc ? rc : -EIO;
	rc = jobs_decode(bytes, length, list, e);
	free(bytes);
	return rc;
}

static int send_hello(struct guest_port *port, const char *hello, struct err *e)
{
	int rc;

	if (!hello)
		return err_set(e, ENOMEM, "no memory to describe the guest");
	rc = guest_port_send(port, FRAME_HELLO, FRAME_NO_JOB, hello, (uint32_t)strlen(hello), e);
	return rc ? rc : guest_port_wait(port, -1, e);
}

static int send_end(struct guest_port *port, const struct job_list *list, struct err *e)
{
	const struct frame_end end = {.jobs = htole32((uint32_t)list->job_count),
	                              .frames = htole32(port->sequence)};
	int rc = guest_port_send(port, FRAME_END, FRAME_NO_JOB, &end, sizeof(end), e);

	if (rc)
		return rc;
	rc = guest_port_wait(port, FRAME_END_SECONDS, e);
	/* A host that has all it wants may hang up instead of answering. */
	return rc == -EPIPE ? 0 : rc;
}

static int run_jobs(struct guest_port *port, const struct job_list *list, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < list->job_count && !rc; i++)
		rc = guest_job_run(port, (uint16_t)i, &list->jobs[i], STDERR_FILENO, e);
	return rc ? rc : send_end(port, list, e);
}

static int run(struct guest_start *start, struct err *e)
{
	struct guest_port port = {.fd = -1};
	json_t *errors = json_array();
	struct job_list *list = NULL;
	struct guest_marker marker = {NULL};
	char *hello = NULL, masked[MARKER_TEXT] = "";
	int rc = read_jobs(&list, e);

	if (!rc)
		rc = guest_system_mount(e);
	if (!rc)
		start->paranoid = guest_system_let_count(GUEST_SYSTEM_PARANOID);
	if (!rc)
		rc = guest_system_load(list, errors, e);
	if (!rc)
		rc = guest_system_open_port(FRAME_PORT_NAME, PORT_SECONDS, &port.fd, e);
	if (!rc && list->prove)
		rc = guest_marker_plant(&marker, masked, e);
	if (rc)
		return rc;
	hello = guest_system_describe(list, start, errors, masked[0] ? masked : NULL);
	rc = send_hello(&port, hello, e);
	/* The host has looked: what runs now finds the memory as it was. */
	guest_marker_wipe(&marker);
	free(hello);
	return rc ? rc : run_jobs(&port, list, e);
}

int main(void)
{
	struct guest_start start = {.uptime_ms = guest_system_uptime()};
	struct err e = {""};

	if (getpid() != 1) {
		fprintf(stderr, "guest-init: this is the first process of a guest that vmrun "
		                "launches; it does nothing elsewhere\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	if (run(&start, &e))
		fprintf(stderr, "guest-init: %s\n", e.text);
	/* What the serial port has not sent yet would be lost. */
	tcdrain(STDERR_FILENO);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
