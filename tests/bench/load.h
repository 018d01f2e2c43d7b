#ifndef HAMLET_TESTS_BENCH_LOAD_H
#define HAMLET_TESTS_BENCH_LOAD_H

#include "base/err.h"
#include "tests/bench/forms.h"
#include "tests/bench/tools.h"

/*
 * Load on a server, from one thread.
 *
 * Closed loop (rate 0): each connection sends its next request as soon as it has its answer.
 *
 * Open loop: requests fall due at random, RATE of them a second in the mean, whatever the server does.  One
 * that falls due goes out on a connection that is free, else on a new one, as long as there are fewer than
 * CONNECTIONS, else when one gets free.  Its time runs from when it was due.
 *
 * A connection that the server closes after an answer is opened again for the next request.
 */
struct load_options {
	const char *unix_path; /* where to: this, */
	const char *host; /* or this address in digits */
	int port;
	int connections;
	double rate; /* requests a second; 0: closed loop */
	double warm_up_s; /* sends, but counts nothing, for as long */
	double seconds; /* then counts for as long */
	uint64_t requests; /* and for as many requests at most */
	double wait_s; /* after that waits so long for the answers still out */
	double window_s; /* calls each_window so often; 0: never */
	uint64_t seed;
};

#define LOAD_STATUSES 1000

struct load_figures {
	double seconds; /* that were counted */
	uint64_t due; /* requests that fell due; in a closed loop those sent */
	uint64_t unsent; /* of these, never sent */
	uint64_t unfinished; /* sent, and without an answer at the end */
	uint64_t unopened; /* connections that the kernel refused: the server's queue for them is full */
	uint64_t broken; /* connections reset, closed, or with something that is no answer */
	uint64_t status[LOAD_STATUSES]; /* answers by status; spamd's is 0 */
	uint64_t yes, no; /* bodies "true" and "false" */
	struct times served; /* answers of status 200 (or 0) */
	struct times refused; /* the others */
};

struct load_window {
	double at_s; /* its end */
	uint64_t answers, refusals;
	struct times *served;
};

/* Run the load and fill *OUT.  Fails if nothing at all answers; what goes wrong later is counted. */
int load_run(const struct load_options *options, struct forms *forms,
    void (*each_window)(const struct load_window *w, void *arg), void *arg, struct load_figures *out,
    struct err *err);

#endif
