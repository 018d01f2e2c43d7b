#include "config.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/background.h"
#include "base/together.h"

#define THREADS_MAX 8

/* Return how many threads to have beside this one, which does a part too. */
static size_t
helpers(size_t parts)
{
	long cores;
	size_t n;

	if (parts < 2 || background_here())
		return 0;
	cores = sysconf(_SC_NPROCESSORS_ONLN); /* reads a file */
	n = cores > 1 ? (size_t)cores - 1 : 0;
	n = n < THREADS_MAX ? n : THREADS_MAX;
	return n < parts ? n : parts - 1;
}

void
together(size_t parts, void *(*work)(void *arg), void *arg)
{
	pthread_t thread[THREADS_MAX];
	size_t n = helpers(parts), started = 0;
	sigset_t all, before;

	sigfillset(&all); /* signals are left to those that expect them */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (started < n && pthread_create(&thread[started], NULL, work, arg) == 0)
		started++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	work(arg);
	for (size_t i = 0; i < started; i++)
		pthread_join(thread[i], NULL);
}
