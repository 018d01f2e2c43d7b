#include "config.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "cli/scorer.h"
#include "corpus/comment_json.h"
#include "corpus/corpus.h"

#define THREADS_MAX 16
#define RUN_LINES 64

struct score_line {
	size_t at, n; /* in the text of the run */
	size_t number;
	bool overlong;
};

/*
 * What the threads share.  Each takes the next run of lines, judges it, and writes when all runs before it
 * are written.  There is one more than cores: while one waits for its turn, the cores have the others.
 * READING is held while a run is read, which may take as long as somebody types; WRITING never is, and who
 * needs both takes READING first.
 */
struct pool {
	struct hand *hands; /* the first one is the thread that began it all */
	size_t n;

	pthread_mutex_t reading;
	struct input *in;
	size_t taken; /* runs so far */
	bool ended; /* there is nothing more to take */

	pthread_mutex_t writing;
	pthread_cond_t wrote;
	FILE *file;
	size_t written; /* runs so far */
	struct err err; /* why no more is written */
};

/* A thread, and the run that it has in hand. */
struct hand {
	pthread_t thread;
	struct pool *pool;
	struct scorer scorer;
	size_t turn; /* how many runs were taken before this one */
	struct buf text;
	struct score_line lines[RUN_LINES];
	size_t n;
	struct err err; /* why nothing comes after what has been judged */
};

static bool
blank(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != ' ' && s.p[i] != '\t' && s.p[i] != '\r')
			return false;
	}
	return true;
}

/*
 * Put file, line and column before what is said of one line, TEXT: by the parser "line 1 column C: why", of a
 * member "'NAME' is ...".
 */
static int
bad_line(const char *name, const struct score_line *l, struct slice text, struct err *err)
{
	struct err found = *err;
	size_t column = comment_json_column(text, found.text);
	int used = 0;

	if (found.code != ERR_INPUT)
		return -1;
	if (sscanf(found.text, "line %*d column %zu: %n", &column, &used) != 1)
		used = 0;
	return err_set(
	    err, ERR_INPUT, "%s: line %zu column %zu: %s", name, l->number, column, found.text + used);
}

static int
score_line(struct scorer *s, const char *name, const struct score_line *l, struct slice line, struct err *err)
{
	struct comment comment;
	struct json *j;
	int rc;

	if (l->overlong)
		return err_set(err, ERR_INPUT, "%s: line %zu column %u: the line is longer than %u bytes",
		    name, l->number, CORPUS_MAX_LINE, CORPUS_MAX_LINE);
	if (blank(line))
		return 0;
	if (json_parse(&j, line.p, line.n, err) == -1)
		return bad_line(name, l, line, err);
	if (json_type_of(j) != JSON_OBJ)
		rc = err_set(
		    err, ERR_INPUT, "%s: line %zu column 1: the line is not an object", name, l->number);
	else if (comment_from_json(&comment, j, s->arena, err) == -1)
		rc = bad_line(name, l, line, err);
	else
		rc = scorer_judge(s, &comment, err);
	json_free(j);
	arena_reset(s->arena);
	return rc;
}

static bool
readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) != 0;
}

static void
output_failed(struct pool *p)
{
	err_set(&p->err, ERR_IO, "standard output: %s", strerror(errno));
}

/* Return whether more input is wanted: a bad line ends it all.  Before it is waited for, all answers are out.
 */
static bool
wanted(struct pool *p)
{
	bool waiting = !input_has_line(p->in) && !readable(p->in->fd), yes;

	pthread_mutex_lock(&p->writing);
	while (waiting && p->written < p->taken && p->err.code == ERR_NONE)
		pthread_cond_wait(&p->wrote, &p->writing);
	if (waiting && p->err.code == ERR_NONE && fflush(p->file) != 0)
		output_failed(p);
	yes = p->err.code == ERR_NONE;
	pthread_mutex_unlock(&p->writing);
	return yes;
}

/* Take lines: one is waited for, the others are taken as far as they are at hand. */
static void
read_run(struct hand *h, struct input *in, bool *ended)
{
	struct slice line;
	int more;

	h->n = 0;
	buf_clear(&h->text);
	do {
		more = input_line(in, &line, &h->err);
		if (more != 1)
			break;
		h->lines[h->n++] = (struct score_line){ h->text.n, line.n, in->line, in->overlong };
		buf_add_slice(&h->text, line);
	} while (h->n < RUN_LINES && input_has_line(in));
	if (!buf_ok(&h->text)) {
		more = err_set(&h->err, ERR_NOMEM, "out of memory");
		h->n = 0;
	}
	*ended = more != 1;
}

/* Take the next run; return whether there is one. */
static bool
take(struct hand *h)
{
	struct pool *p = h->pool;
	bool taken = false;

	pthread_mutex_lock(&p->reading);
	if (!p->ended && wanted(p)) {
		read_run(h, p->in, &p->ended);
		h->turn = p->taken++;
		taken = true;
	}
	pthread_mutex_unlock(&p->reading);
	return taken;
}

/* When it is its turn, write what was judged; after a failure nothing is. */
static void
give(struct hand *h)
{
	struct pool *p = h->pool;
	const struct buf *out = &h->scorer.out;

	pthread_mutex_lock(&p->writing);
	while (p->written < h->turn)
		pthread_cond_wait(&p->wrote, &p->writing);
	if (p->err.code == ERR_NONE) {
		if (fwrite(buf_str(out), 1, out->n, p->file) != out->n)
			output_failed(p);
		else
			p->err = h->err;
	}
	p->written++;
	pthread_cond_broadcast(&p->wrote);
	pthread_mutex_unlock(&p->writing);
}

static void
judge(struct hand *h)
{
	buf_clear(&h->scorer.out);
	for (size_t i = 0; i < h->n; i++) {
		const struct score_line *l = &h->lines[i];
		struct slice line = { h->text.p + l->at, l->n };

		if (score_line(&h->scorer, h->pool->in->name, l, line, &h->err) == -1)
			break;
	}
}

static void *
work(void *arg)
{
	struct hand *h = arg;

	while (take(h)) {
		judge(h);
		give(h);
	}
	return NULL;
}

static void
pool_fini(struct pool *p)
{
	for (size_t i = 0; i < p->n; i++) {
		scorer_fini(&p->hands[i].scorer);
		buf_fini(&p->hands[i].text);
	}
	free(p->hands);
	pthread_cond_destroy(&p->wrote);
	pthread_mutex_destroy(&p->writing);
	pthread_mutex_destroy(&p->reading);
}

static int
pool_init(struct pool *p, const struct score_how *how, struct input *in, FILE *file, struct err *err)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = cores < 1 ? 1 : cores >= THREADS_MAX ? THREADS_MAX : (size_t)cores + 1;

	*p = (struct pool){ .in = in, .file = file };
	pthread_mutex_init(&p->reading, NULL);
	pthread_mutex_init(&p->writing, NULL);
	pthread_cond_init(&p->wrote, NULL);
	p->hands = calloc(n, sizeof(*p->hands));
	if (p->hands == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	while (p->n < n) {
		struct hand *h = &p->hands[p->n++];

		h->pool = p;
		buf_init(&h->text, BUF_NO_LIMIT);
		if (scorer_init(&h->scorer, how, err) == -1)
			return -1;
	}
	return 0;
}

/* Have the lines judged by this thread and as many others as are to be had. */
static void
work_together(struct pool *p)
{
	size_t started = 1;

	while (
	    started < p->n && pthread_create(&p->hands[started].thread, NULL, work, &p->hands[started]) == 0)
		started++;
	work(&p->hands[0]);
	for (size_t i = 1; i < started; i++)
		pthread_join(p->hands[i].thread, NULL);
}

int
score_lines(const struct score_how *how, struct input *in, FILE *file, struct err *err)
{
	struct pool p;
	int rc = pool_init(&p, how, in, file, err);

	if (rc == 0) {
		work_together(&p);
		if (p.err.code != ERR_NONE) {
			*err = p.err;
			rc = -1;
		}
	}
	pool_fini(&p);
	return rc;
}
