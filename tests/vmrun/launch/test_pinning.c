/* SPDX-License-Identifier: MIT */
/* Threads of this program stand in for QEMU's vCPUs, and a socket for its monitor. */
#include "vmrun/launch/pinning.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/place_choose.h"
#include "tests/cmocka.h"

#define GREETING "{\"QMP\": {}}\r\n{\"return\": {}, \"id\": 1}\r\n"

struct fake_vcpu {
	pthread_t thread;
	pid_t id;
	pthread_barrier_t *ready, *done;
};

static void *idle(void *context)
{
	struct fake_vcpu *v = context;

	v->id = gettid();
	pthread_barrier_wait(v->ready);
	pthread_barrier_wait(v->done);
	return NULL;
}

struct fixture {
	struct fake_vcpu vcpu[2];
	pthread_barrier_t ready, done;
	struct qmp qmp;
	struct plan plan;
	int peer;
	struct err e;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int fds[2];

	assert_non_null(f);
	pthread_barrier_init(&f->ready, NULL, 3);
	pthread_barrier_init(&f->done, NULL, 3);
	for (size_t i = 0; i < 2; i++) {
		f->vcpu[i].ready = &f->ready;
		f->vcpu[i].done = &f->done;
		assert_int_equal(pthread_create(&f->vcpu[i].thread, NULL, idle, &f->vcpu[i]), 0);
	}
	pthread_barrier_wait(&f->ready);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	f->peer = fds[1];
	assert_int_equal(write(f->peer, GREETING, strlen(GREETING)), strlen(GREETING));
	assert_int_equal(qmp_open(&f->qmp, fds[0], -1, deadline_in(5), &f->e), 0);
	assert_int_equal(sched_getaffinity(0, sizeof(f->plan.others), &f->plan.others), 0);
	f->plan.argv.vcpus = 2;
	assert_int_equal(place_choose(1, NULL, &f->plan.place, &f->e), 0);
	f->plan.place.count = 2;
	f->plan.place.cpu[1] = f->plan.place.cpu[0];
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &f->plan.others) && cpu != f->plan.place.cpu[0])
			f->plan.place.cpu[1] = cpu;
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	pthread_barrier_wait(&f->done);
	for (size_t i = 0; i < 2; i++)
		pthread_join(f->vcpu[i].thread, NULL);
	pthread_barrier_destroy(&f->ready);
	pthread_barrier_destroy(&f->done);
	qmp_close(&f->qmp);
	close(f->peer);
	free(f);
	return 0;
}

static int pin(struct fixture *f, const char *cpus, json_t **json)
{
	char answer[512];
	int n = snprintf(answer, sizeof(answer), "{\"return\": [%s], \"id\": 2}\r\n", cpus);

	assert_int_equal(write(f->peer, answer, (size_t)n), n);
	return pinning_apply(&f->qmp, getpid(), &f->plan, deadline_in(5), json, &f->e);
}

static void assert_runs_on(pid_t thread, unsigned count, const unsigned *cpus)
{
	cpu_set_t now;

	assert_int_equal(sched_getaffinity(thread, sizeof(now), &now), 0);
	for (unsigned i = 0; i < count; i++)
		assert_true(CPU_ISSET(cpus[i], &now));
	assert_true(CPU_COUNT(&now) <= (int)count);
}

static void test_thread_a_vcpu(void **state)
{
	struct fixture *f = *state;
	json_t *json;
	char cpus[128];

	/* In any order: the index counts. */
	snprintf(cpus, sizeof(cpus),
	         "{\"cpu-index\": 1, \"thread-id\": %d}, {\"cpu-index\": 0, \"thread-id\": %d}",
	         (int)f->vcpu[1].id, (int)f->vcpu[0].id);
	assert_int_equal(pin(f, cpus, &json), 0);
	assert_runs_on(f->vcpu[0].id, 1, &f->plan.place.cpu[0]);
	assert_runs_on(f->vcpu[1].id, 1, &f->plan.place.cpu[1]);
	assert_int_equal(json_array_size(json_object_get(json, "vcpus")), 2);
	assert_true(json_is_false(json_object_get(json, "kept_apart")));
	assert_non_null(strstr(json_string_value(json_object_get(json, "note")), "no CPU is left"));
	json_decref(json);
}

static void test_one_thread_for_all(void **state)
{
	struct fixture *f = *state;
	json_t *json;
	char cpus[128];

	snprintf(cpus, sizeof(cpus),
	         "{\"cpu-index\": 0, \"thread-id\": %d}, {\"cpu-index\": 1, \"thread-id\": %d}",
	         (int)f->vcpu[0].id, (int)f->vcpu[0].id);
	assert_int_equal(pin(f, cpus, &json), 0);
	assert_runs_on(f->vcpu[0].id, 2, f->plan.place.cpu);
	json_decref(json);
}

static void test_realtime(void **state)
{
	struct fixture *f = *state;
	struct sched_param one = {.sched_priority = 1};
	json_t *json;
	char cpus[128];

	if (sched_setscheduler(f->vcpu[0].id, SCHED_FIFO, &one) != 0)
		skip_because("real-time priorities are not allowed here");
	f->plan.realtime = 3;
	snprintf(cpus, sizeof(cpus),
	         "{\"cpu-index\": 0, \"thread-id\": %d}, {\"cpu-index\": 1, \"thread-id\": %d}",
	         (int)f->vcpu[0].id, (int)f->vcpu[1].id);
	assert_int_equal(pin(f, cpus, &json), 0);
	assert_int_equal(json_integer_value(json_object_get(json, "realtime")), 3);
	json_decref(json);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(sched_getscheduler(f->vcpu[i].id), SCHED_FIFO);
		assert_int_equal(sched_getparam(f->vcpu[i].id, &one), 0);
		assert_int_equal(one.sched_priority, 3);
	}
}

static void test_answers_that_make_no_sense(void **state)
{
	static const char *const answers[] = {
	        "",
	        "{\"cpu-index\": 0, \"thread-id\": 1}",
	        "{}, {}",
	        "1, 2",
	        "{\"cpu-index\": 7, \"thread-id\": 5}, {\"cpu-index\": 1, \"thread-id\": 5}",
	        "{\"cpu-index\": -1, \"thread-id\": 5}, {\"cpu-index\": 1, \"thread-id\": 5}",
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct fixture *f;
		void *own;
		json_t *json;

		setup(&own);
		f = own;
		assert_int_equal(pin(f, answers[i], &json), -EPROTO);
		assert_null(json);
		teardown(&own);
	}
	(void)state;
}

static void test_thread_that_is_gone(void **state)
{
	struct fixture *f = *state;
	json_t *json;

	/* Above any thread's number (pid_max is at most 2^22). */
	assert_int_equal(pin(f,
	                     "{\"cpu-index\": 0, \"thread-id\": 4194305}, {\"cpu-index\": 1, "
	                     "\"thread-id\": 4194306}",
	                     &json),
	                 -EPROTO);
	assert_says(f->e, "no thread of its own for vCPU 0");
}

/* A QEMU that was taken over names another process, which root could pin or starve others with. */
static void test_thread_of_another_process(void **state)
{
	struct fixture *f = *state;
	cpu_set_t before, after;
	pid_t child = fork();
	json_t *json;
	char cpus[128];

	if (child == 0) {
		for (;;)
			pause();
	}
	assert_int_equal(sched_getaffinity(child, sizeof(before), &before), 0);
	snprintf(cpus, sizeof(cpus),
	         "{\"cpu-index\": 0, \"thread-id\": %d}, {\"cpu-index\": 1, \"thread-id\": %d}",
	         (int)child, (int)child);
	assert_int_equal(pin(f, cpus, &json), -EPROTO);
	assert_int_equal(sched_getaffinity(child, sizeof(after), &after), 0);
	assert_true(CPU_EQUAL(&before, &after));
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

/* What only looks like a number of its own. */
static void test_number_that_is_too_large(void **state)
{
	struct fixture *f = *state;
	json_t *json;
	char cpus[128];

	snprintf(cpus, sizeof(cpus),
	         "{\"cpu-index\": 0, \"thread-id\": %lld}, {\"cpu-index\": 1, \"thread-id\": 1}",
	         (1LL << 32) + f->vcpu[0].id);
	assert_int_equal(pin(f, cpus, &json), -EPROTO);
}

#define t(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(test_thread_a_vcpu),
	        t(test_one_thread_for_all),
	        t(test_realtime),
	        cmocka_unit_test(test_answers_that_make_no_sense),
	        t(test_thread_that_is_gone),
	        t(test_thread_of_another_process),
	        t(test_number_that_is_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
