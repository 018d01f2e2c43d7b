#include "config.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>

#include "base/background.h"

/* A third of the weight of the others: on cores that have nothing else to do this takes no longer, and on
 * busy ones it still comes to an end soon. */
#define NICER 5

struct job {
	void (*work)(void *arg);
	void *arg;
};

/* Let everybody else go first.  On Linux a thread has a nice value of its own, and its children inherit it.
 */
static void
step_back(void)
{
	const struct sched_param none = { 0 };
	int now = getpriority(PRIO_PROCESS, 0);

	sched_setscheduler(0, SCHED_BATCH, &none); /* whoever is to run as if in real time, this isn't */
	setpriority(PRIO_PROCESS, 0, now + NICER);
}

static void *
run(void *arg)
{
	const struct job *job = arg;

	step_back();
	job->work(job->arg);
	return NULL;
}

void
background_run(void (*work)(void *arg), void *arg)
{
	struct job job = { work, arg };
	sigset_t all, before;
	pthread_t thread;
	bool started;

	sigfillset(&all); /* signals are left to those that expect them */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	started = pthread_create(&thread, NULL, run, &job) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (started)
		pthread_join(thread, NULL);
	else
		work(arg);
}

bool
background_here(void)
{
	return sched_getscheduler(0) == SCHED_BATCH;
}

void
background_breath(void)
{
	if (background_here())
		sched_yield();
}
