/* SPDX-License-Identifier: MIT */
/* The guest kernel module under good and bad treatment: as root, in a guest with two CPUs; TAP. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/kernel.h"
#include "harness/mem_alloc.h"
#include "harness/mem_available.h"
#include "harness/module.h"
#include "harness/place.h"
#include "kernels/registry.h"
#include "tests/cmocka.h"

#define KO "/lib/modules/sevbench.ko"
/* Of the slowest thing there is, a trip to the device model: never done within a batch's limit. */
#define FOR_EVER SEVBENCH_ITERATIONS_MAX

static int device;

static int open_device(void **state)
{
	struct err e = {""};

	(void)state;
	device = module_open(NULL, &e);
	if (device < 0)
		print_error("%s\n", e.text);
	return device < 0;
}

static int close_device(void **state)
{
	(void)state;
	return close(device);
}

static struct sevbench_request request_of(unsigned op, uint64_t arg, uint64_t iterations,
                                          struct sevbench_sample *samples, unsigned count)
{
	return (struct sevbench_request){.version = SEVBENCH_VERSION,
	                                 .op = op,
	                                 .arg = arg,
	                                 .iterations = iterations,
	                                 .buffer = (uintptr_t)samples,
	                                 .samples = count};
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The request as it is must fail with this errno, and with `reason` where that is not NULL. */
static void refused(struct sevbench_request r, int errnum, const char *reason)
{
	errno = 0;
	assert_int_equal(ioctl(device, SEVBENCH_IOC_RUN, &r), -1);
	if (errno != errnum)
		fail_msg("%s instead of %s (\"%s\")", strerror(errno), strerror(errnum), r.reason);
	if (reason && !strstr(r.reason, reason))
		fail_msg("\"%s\" does not say \"%s\"", r.reason, reason);
}

static void nonsense_is_refused(void **state)
{
	struct sevbench_sample s[2];
	const struct sevbench_request good = request_of(SEVBENCH_CPUID, 0, 10, s, 2);
	struct sevbench_request r;

	(void)state;
#define REFUSED(field, value, errnum, reason)                                                      \
	do {                                                                                       \
		r = good;                                                                          \
		r.field = value;                                                                   \
		refused(r, errnum, reason);                                                        \
	} while (0)
	REFUSED(version, 0, EPROTO, "the module speaks version 2, the program 0");
	REFUSED(version, SEVBENCH_VERSION + 1, EPROTO, "the program 3");
	REFUSED(op, SEVBENCH_OP_COUNT, EINVAL, "no operation");
	REFUSED(op, UINT32_MAX, EINVAL, "no operation");
	REFUSED(flags, 2, EINVAL, "flags");
	REFUSED(arg, 1ULL << 32, EINVAL, "32 bits");
	REFUSED(samples, 0, EINVAL, "nothing to do");
	REFUSED(iterations, 0, EINVAL, "nothing to do");
	REFUSED(samples, SEVBENCH_SAMPLES_MAX + 1, E2BIG, "samples");
	REFUSED(samples, UINT32_MAX, E2BIG, "samples");
	REFUSED(iterations, SEVBENCH_ITERATIONS_MAX + 1, E2BIG, "iterations");
	REFUSED(iterations, UINT64_MAX, E2BIG, "iterations");
	REFUSED(buffer, 0, EFAULT, "cannot be written");
	REFUSED(buffer, UINT64_MAX - 8, EFAULT, "outside");
	REFUSED(buffer, 0xffff888000000000, EFAULT, "outside");
#undef REFUSED
	r = good;
	assert_int_equal(ioctl(device, SEVBENCH_IOC_RUN, &r), 0);
}

static void arguments_are_from_a_list(void **state)
{
	static const struct {
		unsigned op;
		uint64_t arg;
	} bad[] = {
	        {SEVBENCH_RDMSR, 0x10},
	        {SEVBENCH_RDMSR, UINT64_MAX},
	        {SEVBENCH_WRMSR, 0x1b},
	        {SEVBENCH_WRMSR, 0xc0000080},
	        {SEVBENCH_WRITE_CR, 3},
	        {SEVBENCH_WRITE_DR, 0},
	        {SEVBENCH_IN, SEVBENCH_EVENTFD},
	        {SEVBENCH_IN, 0x3f8},
	        {SEVBENCH_OUT, SEVBENCH_PIC},
	        {SEVBENCH_INS, 0},
	        {SEVBENCH_OUTS, 4097},
	        {SEVBENCH_MMIO_READ, SEVBENCH_PIT},
	        {SEVBENCH_MMIO_WRITE, SEVBENCH_IOAPIC},
	        {SEVBENCH_HALT, 0},
	        {SEVBENCH_HALT, UINT64_MAX},
	        {SEVBENCH_IPI_HALTED, 1},
	        {SEVBENCH_CONVERT, 1 << SEVBENCH_CONVERT_PAGES | 6},
	        {SEVBENCH_CONVERT, SEVBENCH_4K_ROUND_TRIP}, /* no page */
	        {SEVBENCH_CONVERT, 513 << SEVBENCH_CONVERT_PAGES},
	        {SEVBENCH_CONVERT, UINT64_MAX},
	        {SEVBENCH_PVALIDATE, 4},
	        {SEVBENCH_RMPADJUST, 4},
	        {SEVBENCH_TIMER_ARM, 3},
	        {SEVBENCH_TIMER_HANDLER, 0},
	        {SEVBENCH_TIMER_HANDLER, SEVBENCH_TIMER_HALTS | 1},
	        {SEVBENCH_TIMER_HANDLER, 1ULL << 33 | 50000},
	        {SEVBENCH_IPI_SELF, 4ULL << SEVBENCH_IPI_WAY},
	        {SEVBENCH_IPI_ALL, 5ULL << SEVBENCH_IPI_WAY},
	        {SEVBENCH_RMPADJUST, UINT64_MAX},
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		e.text[0] = '\0';
		if (module_probe(device, bad[i].op, bad[i].arg, &e) != -EINVAL || !e.text[0])
			fail_msg("operation %u with 0x%jx: %s", bad[i].op, (uintmax_t)bad[i].arg,
			         e.text);
	}
}

static void bad_pointers_are_refused(void **state)
{
	struct sevbench_sample *page =
	        mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const uintptr_t bad[] = {
	        0, 1, (uintptr_t)page, (uintptr_t)page + 4090, UINTPTR_MAX, 0xffff888000000000};
	struct sevbench_request r = request_of(SEVBENCH_CPUID, 0, 10, page, 1);

	(void)state;
	refused(r, EFAULT, "cannot be written");
	munmap(page, 4096);
	refused(r, EFAULT, "cannot be written");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		for (unsigned long command = 0; command < 3; command++) {
			static const unsigned long commands[] = {
			        SEVBENCH_IOC_INFO, SEVBENCH_IOC_PROBE, SEVBENCH_IOC_RUN};

			errno = 0;
			assert_int_equal(ioctl(device, commands[command], bad[i]), -1);
			assert_int_equal(errno, EFAULT);
		}
	}
	errno = 0;
	assert_int_equal(ioctl(device, 0x5401, &r), -1);
	assert_int_equal(errno, ENOTTY);
	/* Another version's request has another size, and so another number. */
	assert_int_equal(ioctl(device, _IOWR(0xeb, 2, struct sevbench_info), &r), -1);
	assert_int_equal(errno, ENOTTY);
}

/* The next of a fixed row of numbers. */
static uint64_t roll(uint64_t *dice)
{
	*dice ^= *dice << 13;
	*dice ^= *dice >> 7;
	*dice ^= *dice << 17;
	return *dice;
}

/* Requests and mappings as they come, most of them almost right: each is done, or refused. */
static void chance_breaks_nothing(void **state)
{
	static const uint64_t args[] = {
	        0,    1,    2,          3,          4,      7, 8, 0x1b,   0x3b,       0x17a,
	        4096, 4097, UINT32_MAX, UINT64_MAX, 100000, 5, 6, 1 << 9, 0x40000000, 0x80000000};
	static const int refusals[] = {EPROTO, EINVAL, E2BIG, EFAULT, EOPNOTSUPP, EBUSY};
	static struct sevbench_sample s[4];
	const uintptr_t buffers[] = {(uintptr_t)s,     (uintptr_t)s, (uintptr_t)s, (uintptr_t)s, 0,
	                             UINTPTR_MAX - 64, 1UL << 63};
	uint64_t dice = 17;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		struct sevbench_request r =
		        request_of((unsigned)(roll(&dice) % (SEVBENCH_OP_COUNT + 2)),
		                   args[roll(&dice) % (sizeof(args) / sizeof(args[0]))],
		                   roll(&dice) % 4, s, (unsigned)(roll(&dice) % 5));
		bool probe = roll(&dice) % 4 == 0;
		size_t n = 0;

		r.version += roll(&dice) % 16 == 0;
		r.flags = roll(&dice) % 16 == 0 ? (uint32_t)roll(&dice) : roll(&dice) % 2;
		r.buffer = buffers[roll(&dice) % (sizeof(buffers) / sizeof(buffers[0]))];
		errno = 0;
		if (!ioctl(device, probe ? SEVBENCH_IOC_PROBE : SEVBENCH_IOC_RUN, &r))
			continue;
		while (n < sizeof(refusals) / sizeof(refusals[0]) && refusals[n] != errno)
			n++;
		if (n == sizeof(refusals) / sizeof(refusals[0]))
			fail_msg("request %d, operation %u, argument 0x%jx: %s (%s)", i, r.op,
			         (uintmax_t)r.arg, strerror(errno), r.reason);
	}
	for (int i = 0; i < 300; i++) {
		size_t length = (roll(&dice) % 5) << (12 + roll(&dice) % 11);
		off_t offset = (off_t)(roll(&dice) % 4) << (12 + roll(&dice) % 36);
		int protection = (int)(roll(&dice) % 8);
		void *map = mmap(NULL, length, protection,
		                 roll(&dice) % 2 ? MAP_SHARED : MAP_PRIVATE, device, offset);

		if (map != MAP_FAILED)
			assert_int_equal(munmap(map, length), 0);
	}
}

/* A batch that would take for ever is broken off, and the machine is still there. */
static void a_batch_has_a_time_limit(void **state)
{
	struct sevbench_sample s[2];
	double start = now();

	(void)state;
	refused(request_of(SEVBENCH_IN, SEVBENCH_TESTDEV, FOR_EVER, s, 2), ETIME, "longer than");
	assert_true(now() - start < 5);
	start = now();
	/* The baseline of the same: its loop must end too. */
	struct sevbench_request r = request_of(SEVBENCH_WRITE_CR, 4, FOR_EVER, s, 1);

	r.flags = SEVBENCH_BASELINE;
	refused(r, ETIME, NULL);
	assert_true(now() - start < 5);
}

/* On the other CPU: a run keeps its own to itself. */
static void *run_for_ever(void *argument)
{
	struct sevbench_sample s;
	struct err e;
	struct sevbench_request r = request_of(SEVBENCH_IN, SEVBENCH_TESTDEV, FOR_EVER, &s, 1);

	if (place_pin(1, &e))
		return NULL;
	do {
		*(int *)argument = ioctl(device, SEVBENCH_IOC_RUN, &r) ? errno : 0;
	} while (*(int *)argument == EBUSY);
	return NULL;
}

static void doze(double seconds)
{
	usleep((useconds_t)(seconds * 1e6));
}

static void one_user_at_a_time(void **state)
{
	struct sevbench_sample s[1];
	struct sevbench_request r = request_of(SEVBENCH_CPUID, 0, 10, s, 1);
	double until = now() + 10;
	pthread_t other;
	int result = 0, tries = 0;

	(void)state;
	assert_int_equal(pthread_create(&other, NULL, run_for_ever, &result), 0);
	while ((!ioctl(device, SEVBENCH_IOC_RUN, &r) || errno != EBUSY) && now() < until)
		sched_yield();
	assert_non_null(strstr(r.reason, "another program"));
	pthread_join(other, NULL);
	assert_int_equal(result, ETIME);
	/* Four at once, until each has had twenty results: in between they get EBUSY, and no more.
	 */
	for (int i = 0; i < 4; i++) {
		if (!fork()) {
			int done = 0;

			for (until = now() + 60; done < 20 && now() < until;) {
				r = request_of(SEVBENCH_CPUID, 0, 100, s, 1);
				if (!ioctl(device, SEVBENCH_IOC_RUN, &r))
					done++;
				else if (errno != EBUSY)
					_exit(1);
				else
					sched_yield();
			}
			_exit(done == 20 ? 0 : 2);
		}
	}
	for (int status; wait(&status) > 0; tries++)
		assert_int_equal(status, 0);
	assert_int_equal(tries, 4);
}

static void nothing(int number)
{
	(void)number;
}

/* A signal ends the run between two batches; the batches before it are there. */
static void a_signal_ends_a_run(void **state)
{
	static struct sevbench_sample s[SEVBENCH_SAMPLES_MAX];
	struct sigaction action = {.sa_handler = nothing};
	const struct itimerspec soon = {.it_value = {.tv_nsec = 300000000}};
	struct sevbench_request r =
	        request_of(SEVBENCH_IN, SEVBENCH_TESTDEV, 5000, s, SEVBENCH_SAMPLES_MAX);
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	timer_t timer;
	double start;

	(void)state;
	sigaction(SIGUSR1, &action, NULL);
	assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	assert_int_equal(timer_settime(timer, 0, &soon, NULL), 0);
	start = now();
	assert_int_equal(ioctl(device, SEVBENCH_IOC_RUN, &r), -1);
	assert_int_equal(errno, EINTR);
	assert_true(now() - start < 5);
	timer_delete(timer);
	assert_in_range(r.taken, 1, SEVBENCH_SAMPLES_MAX - 1);
	assert_true(s[r.taken - 1].ticks > 0);
	assert_int_equal(s[r.taken].ticks, 0);
	/* In the middle of a batch too. */
	assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	assert_int_equal(timer_settime(timer, 0, &soon, NULL), 0);
	refused(request_of(SEVBENCH_MMIO_READ, SEVBENCH_TESTDEV, FOR_EVER, s, 1), EINTR,
	        "0 samples");
	timer_delete(timer);
}

static void a_killed_user_leaves_nothing_behind(void **state)
{
	static const unsigned ops[] = {SEVBENCH_IN, SEVBENCH_HALT, SEVBENCH_IPI_RUNNING,
	                               SEVBENCH_IPI_HALTED};
	static const uint64_t args[] = {SEVBENCH_TESTDEV, 1000000, 0, 50000};
	struct sevbench_sample s[1];

	(void)state;
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		struct sevbench_request r = request_of(SEVBENCH_CPUID, 0, 10, s, 1);
		pid_t child = fork();
		int status;
		double start;

		if (!child) {
			r = request_of(ops[i], args[i], FOR_EVER, s, 1);
			ioctl(device, SEVBENCH_IOC_RUN, &r);
			pause();
		}
		doze(0.2);
		kill(child, SIGKILL);
		start = now();
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		assert_true(now() - start < 3);
		assert_int_equal(ioctl(device, SEVBENCH_IOC_RUN, &r), 0);
	}
}

static void a_file_may_be_closed_during_a_run(void **state)
{
	pthread_t other;
	int result = 0;

	(void)state;
	assert_int_equal(pthread_create(&other, NULL, run_for_ever, &result), 0);
	doze(0.3);
	close(dup(device));
	close(device);
	pthread_join(other, NULL);
	assert_int_equal(result, ETIME);
	assert_int_equal(open_device(NULL), 0);
}

static void only_root_may(void **state)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2], less[2];
	struct err e = {""};
	int fd;

	(void)state;
	assert_int_equal(seteuid(65534), 0);
	fd = module_open(NULL, &e);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(fd, -ENOTSUP);
	assert_says(e, "only root");
	/* Root without the capability, although the file's mode lets it in. */
	assert_int_equal(syscall(SYS_capget, &header, data), 0);
	memcpy(less, data, sizeof(less));
	less[0].effective &= ~(1U << CAP_SYS_RAWIO);
	assert_int_equal(syscall(SYS_capset, &header, less), 0);
	fd = open(SEVBENCH_DEVICE, O_RDWR | O_CLOEXEC);
	assert_int_equal(syscall(SYS_capset, &header, data), 0);
	assert_int_equal(fd, -1);
}

/* Ticks of the guest's own clock come in 100 ms, whatever else does. */
static void interrupts_are_told_apart(void **state)
{
	struct sevbench_sample s[4];
	struct sevbench_request r = request_of(SEVBENCH_HALT, 100000000, 1, s, 1);
	struct err e = {""};

	(void)state;
	assert_int_equal(module_run(device, &r, &e), 0);
	assert_true(s[0].interrupts > 0);
	/* And none in what lasts a few hundred ticks, at least in one of four. */
	r = request_of(SEVBENCH_CPUID, 0, 1, s, 4);
	assert_int_equal(module_run(device, &r, &e), 0);
	assert_int_equal(s[0].interrupts * s[1].interrupts * s[2].interrupts * s[3].interrupts, 0);
}

/* Sends the other thread from one CPU to the other and back, until it is told to stop. */
struct mover {
	pid_t thread;
	atomic_bool stop;
};

static void *move(void *argument)
{
	struct mover *mover = argument;
	cpu_set_t set;

	for (unsigned cpu = 0; !mover->stop; cpu = 1 - cpu) {
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		sched_setaffinity(mover->thread, sizeof(set), &set);
		usleep(100);
	}
	return NULL;
}

/*
 * The two CPUs have not the same APIC base: bit 8 marks the one that booted. What was read on one
 * may be neither expected nor written on the other.
 */
static void a_run_may_move(void **state)
{
	static struct sevbench_sample s[200];
	struct mover mover = {.thread = gettid()};
	bool seen[2] = {false, false};
	cpu_set_t before;
	pthread_t other;
	struct err e = {""};

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	assert_int_equal(pthread_create(&other, NULL, move, &mover), 0);
	for (double until = now() + 30; now() < until && !(seen[0] && seen[1]);) {
		for (int i = 0; i < 20; i++) {
			struct sevbench_request r = request_of(SEVBENCH_RDMSR, 0x1b, 5, s, 200);

			if (ioctl(device, SEVBENCH_IOC_RUN, &r))
				err_set(&e, errno, "%s", r.reason);
			seen[r.cpu] = true;
			r = request_of(SEVBENCH_WRMSR, 0x17a, 5, s, 200);
			assert_int_equal(ioctl(device, SEVBENCH_IOC_RUN, &r), 0);
		}
	}
	mover.stop = true;
	pthread_join(other, NULL);
	sched_setaffinity(0, sizeof(before), &before);
	assert_string_equal(e.text, "");
	assert_true(seen[0] && seen[1]);
}

/* What must run in every nosev guest of QEMU under TCG, and what cannot. */
static bool runs_everywhere(const struct kernel *k)
{
	static const char *const elsewhere[] = {"ring0_hypercall", "convert", "pvalidate",
	                                        "rmpadjust"};

	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		if (!strcmp(k->name, elsewhere[i]))
			return false;
	return true;
}

/* Of these kernels some variants are for other APICs or timers than this guest's. */
static bool is_for_some(const struct kernel *k)
{
	return !strcmp(k->name, "ipi") || !strcmp(k->name, "timer");
}

/* Was it done? */
static bool try_variant(const struct kernel *k, const struct variant *v)
{
	struct cell cell = {.kernel = k, .variant = v, .threads = 1};
	struct setup setup = {.cell = &cell, .platform = PLATFORM_NOSEV};
	struct timing op = {0}, baseline = {0};
	struct err e = {""};
	void *state;
	int rc;

	for (size_t i = 0; i < k->axis_count; i++)
		cell.axis[i] = k->axes[i].values[0];
	rc = k->probe(&setup, &e);

	if (rc && (rc != -ENOTSUP || (runs_everywhere(k) && !is_for_some(k)) || !e.text[0]))
		fail_msg("%s/%s: %d: %s", k->name, v->name, rc, e.text);
	if (rc)
		return false;
	assert_int_equal(k->setup(&setup, &state, &e), 0);
	rc = k->take(state, false, 3, 1, &op, &e);
	if (!rc)
		rc = k->take(state, true, 3, 1, &baseline, &e);
	if (rc)
		fail_msg("%s/%s: %d: %s", k->name, v->name, rc, e.text);
	assert_true(op.ticks > 0 && baseline.ticks > 0);
	k->teardown(state);
	return true;
}

static void every_operation_runs_or_says_why(void **state)
{
	size_t count;
	const struct kernel *const *kernels = registry_kernels(&count);
	unsigned tried = 0;

	(void)state;
	for (size_t i = 0; i < count; i++) {
		unsigned done = 0;

		if (!(kernels[i]->flags & KERNEL_NEEDS_MODULE))
			continue;
		for (size_t v = 0; v < kernels[i]->variant_count; v++, tried++)
			done += try_variant(kernels[i], &kernels[i]->variants[v]);
		/* An interrupt can be sent in one way of three, and so is the timer set. */
		if (!strcmp(kernels[i]->name, "ipi"))
			assert_int_equal(3 * done, kernels[i]->variant_count);
		if (!strcmp(kernels[i]->name, "timer"))
			assert_int_equal(done + 2, kernels[i]->variant_count);
	}
	assert_true(tried > 30);
}

/* A tick that is lost is Linux's last one on that CPU. */
static void the_timer_goes_on(void **state)
{
	static struct sevbench_sample s[5000];
	unsigned done = 0;

	(void)state;
	for (uint64_t way = 0; way <= SEVBENCH_TIMER_X2APIC; way++) {
		struct sevbench_request r = request_of(SEVBENCH_TIMER_ARM, way, 1, s, 5000);
		struct err e = {""};
		double start;

		if (module_probe(device, SEVBENCH_TIMER_ARM, way, &e))
			continue;
		for (int i = 0; i < 5; i++) {
			assert_int_equal(module_run(device, &r, &e), 0);
			start = now();
			doze(0.02);
			assert_true(now() - start < 2);
		}
		done++;
	}
	assert_int_equal(done, 1);
}

/* What is freed may wait on a CPU's list for a while. */
static bool is_free_again(uint64_t before)
{
	for (int i = 0; i < 100 && mem_available() + SEVBENCH_BLOCK <= before; i++)
		doze(0.1);
	return mem_available() + SEVBENCH_BLOCK > before;
}

static void memory_is_handed_out_and_taken_back(void **state)
{
	const size_t bytes = 16 * SEVBENCH_BLOCK;
	uint64_t before = mem_available();
	struct err e = {""};
	void *base;

	(void)state;
	for (int shared = 0; shared < 2; shared++) {
		if (module_map(device, bytes, shared, &base, &e))
			fail_msg("%s", e.text);
		for (size_t i = 0; i < bytes; i += 64)
			assert_int_equal(((char *)base)[i], 0);
		memset(base, 0x5a, bytes);
		assert_true(mem_available() + bytes / 2 < before);
		for (size_t i = 0; i < bytes; i += 4096)
			assert_int_equal(((char *)base)[i + 4095], 0x5a);
		assert_int_equal(munmap(base, bytes), 0);
	}
	assert_true(is_free_again(before));
}

/* As the memory kernels get it: written, verified, in whole blocks, and on the node asked for. */
static void kernels_get_memory_of_either_kind(void **state)
{
	static const enum mem_backing backings[] = {MEM_SHARED, MEM_TWIN};

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct mem_spec spec = {.bytes = (3UL << 20) + 5,
		                        .backing = backings[i % 2],
		                        .node = i < 2 ? -1 : 0};
		struct err e = {""};
		struct mem mem;

		if (mem_alloc(&spec, &mem, &e))
			fail_msg("%s, node %d: %s", mem_backing_name(spec.backing), spec.node,
			         e.text);
		assert_int_equal(mem.mapped, 2 * SEVBENCH_BLOCK);
		assert_int_not_equal(((uint64_t *)mem.base)[0], ((uint64_t *)mem.base)[1]);
		mem_free(&mem);
		assert_null(mem.base);
	}
}

static void odd_mappings_are_refused(void **state)
{
	static const struct {
		size_t bytes;
		int prot, flags;
		off_t offset;
		int errnum;
	} bad[] = {
	        {4096, PROT_READ, MAP_SHARED, 0, EINVAL},
	        {SEVBENCH_BLOCK + 4096, PROT_READ, MAP_SHARED, 0, EINVAL},
	        {SEVBENCH_BLOCK, PROT_READ, MAP_SHARED, 4096, EINVAL},
	        {SEVBENCH_BLOCK, PROT_READ, MAP_SHARED, SEVBENCH_BLOCK, EINVAL},
	        {SEVBENCH_BLOCK, PROT_READ, MAP_PRIVATE, 0, EINVAL},
	        {SEVBENCH_BLOCK, PROT_READ | PROT_EXEC, MAP_SHARED, 0, EINVAL},
	        {1UL << 40, PROT_READ, MAP_SHARED, 0, ENOMEM},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		errno = 0;
		assert_ptr_equal(
		        mmap(NULL, bad[i].bytes, bad[i].prot, bad[i].flags, device, bad[i].offset),
		        MAP_FAILED);
		assert_int_equal(errno, bad[i].errnum);
	}
}

static void a_mapping_has_one_owner(void **state)
{
	const size_t bytes = 4 * SEVBENCH_BLOCK;
	char *moved, *base;
	struct err e = {""};
	void *p;
	int status;
	pid_t child;

	(void)state;
	assert_int_equal(module_map(device, bytes, true, &p, &e), 0);
	base = p;
	memset(base, 7, bytes);
	/* Neither cut, nor protected in part, nor grown. */
	assert_int_equal(munmap(base, SEVBENCH_BLOCK), -1);
	assert_int_equal(mprotect(base + SEVBENCH_BLOCK, SEVBENCH_BLOCK, PROT_READ), -1);
	assert_ptr_equal(mremap(base, bytes, bytes / 2, 0), MAP_FAILED);
	assert_ptr_equal(mremap(base, bytes, 2 * bytes, MREMAP_MAYMOVE), MAP_FAILED);
	/* It may move, and outlives the file. */
	moved = mremap(base, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, base + 64 * bytes);
	assert_ptr_not_equal(moved, MAP_FAILED);
	close(device);
	assert_int_equal(moved[bytes - 1], 7);
	child = fork();
	if (!child) {
		signal(SIGSEGV, SIG_DFL);
		_exit(moved[0]);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	assert_int_equal(moved[0], 7);
	/* While it is mapped the module stays. */
	assert_int_equal(syscall(SYS_delete_module, "sevbench", O_NONBLOCK), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	assert_int_equal(munmap(moved, bytes), 0);
	assert_int_equal(open_device(NULL), 0);
}

static void it_unloads_and_loads_again(void **state)
{
	(void)state;
	assert_int_equal(syscall(SYS_delete_module, "sevbench", O_NONBLOCK), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	for (int i = 0; i < 3; i++) {
		int fd;

		close(device);
		assert_int_equal(syscall(SYS_delete_module, "sevbench", O_NONBLOCK), 0);
		assert_int_equal(access(SEVBENCH_DEVICE, F_OK), -1);
		fd = open(KO, O_RDONLY | O_CLOEXEC);
		assert_true(fd >= 0);
		assert_int_equal(syscall(SYS_finit_module, fd, "", 0), 0);
		close(fd);
		assert_int_equal(open_device(NULL), 0);
	}
}

/* After all that Linux must have nothing to complain about. */
static void linux_is_unharmed(void **state)
{
	static const char *const complaints[] = {"WARNING: CPU", "BUG:", "Oops", "Call Trace",
	                                         "stall",        "hung", "leak", "are lost"};
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char line[8192];
	ssize_t n;

	(void)state;
	while ((n = read(fd, line, sizeof(line) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		line[n > 0 ? n : 0] = '\0';
		for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++) {
			if (strstr(line, complaints[i]))
				fail_msg("Linux said: %s", line);
		}
	}
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(nonsense_is_refused),
	        cmocka_unit_test(arguments_are_from_a_list),
	        cmocka_unit_test(bad_pointers_are_refused),
	        cmocka_unit_test(chance_breaks_nothing),
	        cmocka_unit_test(every_operation_runs_or_says_why),
	        cmocka_unit_test(the_timer_goes_on),
	        cmocka_unit_test(interrupts_are_told_apart),
	        cmocka_unit_test(a_run_may_move),
	        cmocka_unit_test(a_batch_has_a_time_limit),
	        cmocka_unit_test(one_user_at_a_time),
	        cmocka_unit_test(a_signal_ends_a_run),
	        cmocka_unit_test(a_killed_user_leaves_nothing_behind),
	        cmocka_unit_test(a_file_may_be_closed_during_a_run),
	        cmocka_unit_test(only_root_may),
	        cmocka_unit_test(memory_is_handed_out_and_taken_back),
	        cmocka_unit_test(kernels_get_memory_of_either_kind),
	        cmocka_unit_test(odd_mappings_are_refused),
	        cmocka_unit_test(a_mapping_has_one_owner),
	        cmocka_unit_test(it_unloads_and_loads_again),
	        cmocka_unit_test(linux_is_unharmed),
	};
	struct err e = {""};

	if (place_pin(0, &e))
		print_error("%s\n", e.text);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, open_device, close_device);
}
