#include "config.h"

#include <errno.h>
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
#define ROUND_LINES 256 /* a thread */
#define ROUND_BYTES ((size_t)4 << 20)

struct score_line {
	size_t at, n; /* in the text of the round */
	size_t number;
	bool overlong;
};

/* Some lines, and the threads that share them out: each takes a run of them. */
struct share {
	pthread_t thread;
	bool started;
	struct scorer scorer;
	const struct round *round;
	size_t first, end;
	struct err err; /* why the rest of them was not judged */
};

struct round {
	const char *name; /* of the input */
	struct buf text;
	struct score_line *lines;
	size_t n, max;
	struct share *shares;
	size_t nshares;
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

/* Put file and line before what the parser says of one line: "line 1 column C: why". */
static int
bad_line(const struct round *r, const struct score_line *l, struct err *err)
{
	struct err found = *err;
	size_t column = 1;
	int used = 0;

	if (found.code != ERR_INPUT)
		return -1;
	if (sscanf(found.text, "line %*d column %zu: %n", &column, &used) != 1)
		used = 0;
	return err_set(
	    err, ERR_INPUT, "%s: line %zu column %zu: %s", r->name, l->number, column, found.text + used);
}

static int
score_line(struct scorer *s, const struct round *r, const struct score_line *l, struct err *err)
{
	struct slice line = { r->text.p + l->at, l->n };
	struct comment comment;
	struct json *j;
	int rc;

	if (l->overlong)
		return err_set(err, ERR_LIMIT, "%s: line %zu column 1: longer than %u bytes", r->name,
		    l->number, CORPUS_MAX_LINE);
	if (blank(line))
		return 0;
	if (json_parse(&j, line.p, line.n, err) == -1)
		return bad_line(r, l, err);
	if (json_type_of(j) != JSON_OBJ)
		rc = err_set(
		    err, ERR_INPUT, "%s: line %zu column 1: the line is not an object", r->name, l->number);
	else if (comment_from_json(&comment, j, s->arena, err) == -1)
		rc = bad_line(r, l, err);
	else
		rc = scorer_judge(s, &comment, err);
	json_free(j);
	arena_reset(s->arena);
	return rc;
}

static void *
score_share(void *arg)
{
	struct share *s = arg;

	for (size_t i = s->first; i < s->end; i++) {
		if (score_line(&s->scorer, s->round, &s->round->lines[i], &s->err) == -1)
			break;
	}
	return NULL;
}

/* Judge the lines of R: the first share is this thread's, as are those for which there is no other. */
static void
score_round(struct round *r)
{
	for (size_t i = 0; i < r->nshares; i++) {
		struct share *s = &r->shares[i];

		s->first = r->n * i / r->nshares;
		s->end = r->n * (i + 1) / r->nshares;
		s->started = i > 0 && s->first < s->end &&
		    pthread_create(&s->thread, NULL, score_share, s) == 0;
	}
	for (size_t i = 0; i < r->nshares; i++) {
		if (!r->shares[i].started)
			score_share(&r->shares[i]);
	}
	for (size_t i = 0; i < r->nshares; i++) {
		if (r->shares[i].started)
			pthread_join(r->shares[i].thread, NULL);
	}
}

/* Write what was judged, up to the first failure. */
static int
write_round(struct round *r, FILE *file, struct err *err)
{
	for (size_t i = 0; i < r->nshares; i++) {
		struct share *s = &r->shares[i];

		if (fwrite(buf_str(&s->scorer.out), 1, s->scorer.out.n, file) != s->scorer.out.n)
			return err_set(err, ERR_IO, "standard output: %s", strerror(errno));
		buf_clear(&s->scorer.out);
		if (s->err.code != ERR_NONE) {
			*err = s->err;
			return -1;
		}
	}
	return 0;
}

/* Fill R with lines: one is waited for, the others are taken as far as they are at hand.  As input_line(). */
static int
read_round(struct round *r, struct input *in, struct err *err)
{
	struct slice line;
	int more;

	r->n = 0;
	buf_clear(&r->text);
	do {
		more = input_line(in, &line, err);
		if (more != 1)
			break;
		r->lines[r->n++] = (struct score_line){ r->text.n, line.n, in->line, in->overlong };
		buf_add_slice(&r->text, line);
	} while (r->n < r->max && r->text.n < ROUND_BYTES && in->at < in->n);
	if (!buf_ok(&r->text))
		return err_set(err, ERR_NOMEM, "out of memory");
	return more;
}

static void
round_fini(struct round *r)
{
	for (size_t i = 0; i < r->nshares; i++)
		scorer_fini(&r->shares[i].scorer);
	free(r->shares);
	free(r->lines);
	buf_fini(&r->text);
}

static int
round_init(struct round *r, const struct score_how *how, const char *name, struct err *err)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = cores < 1 ? 1 : cores > THREADS_MAX ? THREADS_MAX : (size_t)cores;

	*r = (struct round){ .name = name, .max = n * ROUND_LINES };
	buf_init(&r->text, BUF_NO_LIMIT);
	r->lines = calloc(r->max, sizeof(*r->lines));
	r->shares = calloc(n, sizeof(*r->shares));
	if (r->lines == NULL || r->shares == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (r->nshares = 0; r->nshares < n; r->nshares++) {
		r->shares[r->nshares].round = r;
		if (scorer_init(&r->shares[r->nshares].scorer, how, err) == -1) {
			scorer_fini(&r->shares[r->nshares].scorer);
			return -1;
		}
	}
	return 0;
}

int
score_lines(const struct score_how *how, struct input *in, FILE *file, struct err *err)
{
	struct round r;
	int rc = round_init(&r, how, in->name, err), more = 1;

	while (rc == 0 && more == 1) {
		struct err why = { 0 };

		more = read_round(&r, in, &why);
		score_round(&r);
		rc = write_round(&r, file, err);
		if (rc == 0 && more == -1) {
			*err = why;
			rc = -1;
		}
	}
	round_fini(&r);
	return rc;
}
