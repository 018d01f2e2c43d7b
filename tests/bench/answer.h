#ifndef HAMLET_TESTS_BENCH_ANSWER_H
#define HAMLET_TESTS_BENCH_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reading one answer, HTTP's or spamd's, as its bytes come in. */
#define ANSWER_HEAD_MAX 4096
#define ANSWER_BODY_KEPT 8

struct answer {
	char head[ANSWER_HEAD_MAX];
	size_t n; /* of the head */
	bool in_body, sized;
	uint64_t left; /* bytes of the body still to come */
	/* Known once it is complete. */
	int status; /* 0 to 999 */
	bool closes; /* the server closes the connection after it */
	char body[ANSWER_BODY_KEPT]; /* its first bytes */
	size_t body_n; /* how many there were in all */
};

enum answer_state { ANSWER_MORE, ANSWER_COMPLETE, ANSWER_BROKEN };

void answer_init(struct answer *a);

/* Take the next N bytes; 0 of them mean that the server has closed the connection. */
enum answer_state answer_read(struct answer *a, const char *p, size_t n);

#endif
