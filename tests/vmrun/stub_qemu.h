/* SPDX-License-Identifier: MIT */
/* What the stub of a QEMU and the tests that start it say to one another. */
#ifndef TESTS_VMRUN_STUB_QEMU_H
#define TESTS_VMRUN_STUB_QEMU_H

/* In the guest's command line, at its end: the directory that a robber would have vmrun empty. */
#define STUB_VICTIM "victim="

/* In the environment of vmrun: nothing of QEMU's. */
#define STUB_SECRET "SEVBENCH_TEST_SECRET"

/* The exit status of a robber: what it could do. */
enum stub_robbery {
	STUB_LOST = 1,        /* it was not told what to do */
	STUB_ENVIRONMENT = 2, /* see what it has no use for */
	STUB_FILE = 4,        /* change what it is given to read */
	STUB_DIRECTORY = 8,   /* put other files into the run's directory */
	STUB_PLACE = 16       /* put another directory in its place */
};

#endif
