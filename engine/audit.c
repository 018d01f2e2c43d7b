#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/timetext.h"
#include "engine/audit.h"

#define HOUR_MS INT64_C(3600000)
#define SIGNED_BYTES 256
#define SEQ_MAX INT64_C(9007199254740992) /* a whole number in JSON */

/* Write what is signed of C to TEXT; return its length. */
static size_t
signed_text(const struct checkpoint *c, char text[SIGNED_BYTES])
{
	char hex[DIGEST_HEX];

	hex_encode(hex, c->digest.bytes, sizeof(c->digest.bytes));
	return (size_t)snprintf(text, SIGNED_BYTES,
	    "hamlet checkpoint 1\nseq %" PRId64 "\ntime %" PRId64 "\ndigest %s\n", c->seq, c->time_ms, hex);
}

static int
sign(struct store *st, struct checkpoint *c, struct err *err)
{
	char text[SIGNED_BYTES];
	size_t n = signed_text(c, text);

	return store_chain_sign(st, c->seq, text, n, c->public_key, c->signature, err);
}

static void
put_hex(struct buf *b, const char *key, const void *p, size_t n)
{
	char hex[2 * SIGNATURE_BYTES + 1];

	hex_encode(hex, p, n);
	json_key(b, key);
	json_put_str(b, hex);
}

void
checkpoint_json(const struct checkpoint *c, struct buf *b)
{
	char time[TIME_TEXT_BYTES];

	time_format(time, c->time_ms);
	json_open(b, '{');
	json_key(b, "checkpoint");
	json_put_int(b, 1);
	json_key(b, "seq");
	json_put_int(b, c->seq);
	json_key(b, "time");
	json_put_str(b, time);
	put_hex(b, "digest", c->digest.bytes, sizeof(c->digest.bytes));
	put_hex(b, "public_key", c->public_key, sizeof(c->public_key));
	put_hex(b, "signature", c->signature, sizeof(c->signature));
	json_close(b, '}');
}

/* -- Reading -- */

static int
read_hex(const struct json *j, const char *key, void *out, size_t n)
{
	struct slice s = json_text(json_member(j, key));

	return s.p != NULL && s.n == 2 * n && strlen(s.p) == s.n ? hex_decode(out, n, s.p) : -1;
}

static int
read_checkpoint(const struct json *j, struct checkpoint *c, struct err *err)
{
	struct slice time = json_text(json_member(j, "time"));
	double seq = json_number(json_member(j, "seq"), -1);
	char text[SIGNED_BYTES];
	size_t n;

	if (json_number(json_member(j, "checkpoint"), 0) != 1 || !(seq >= 0 && seq <= (double)SEQ_MAX) ||
	    time.p == NULL || read_hex(j, "digest", c->digest.bytes, sizeof(c->digest.bytes)) == -1 ||
	    read_hex(j, "public_key", c->public_key, sizeof(c->public_key)) == -1 ||
	    read_hex(j, "signature", c->signature, sizeof(c->signature)) == -1)
		return err_set(err, ERR_INPUT, "not a checkpoint");
	c->seq = (int64_t)seq;
	if (time_parse(&c->time_ms, time.p, 0, err) == -1)
		return -1;
	n = signed_text(c, text);
	return sign_holds(c->public_key, text, n, c->signature)
	    ? 0
	    : err_set(err, ERR_INPUT, "the signature of checkpoint %" PRId64 " doesn't hold", c->seq);
}

static int
by_seq(const void *a, const void *b)
{
	const struct checkpoint *x = a, *y = b;

	return (x->seq > y->seq) - (x->seq < y->seq);
}

/* Read the checkpoint of LINE to the end of *LIST. */
static int
read_line(const char *line, struct checkpoint **list, size_t *n, struct err *err)
{
	struct checkpoint *grown = realloc(*list, (*n + 1) * sizeof(*grown));
	struct json *j;
	int rc;

	if (grown == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	*list = grown;
	if (json_parse(&j, line, strlen(line), err) == -1)
		return -1;
	rc = read_checkpoint(j, &grown[*n], err);
	json_free(j);
	*n += rc == 0;
	return rc;
}

int
checkpoints_read(struct checkpoint **list, size_t *n, const char *file, struct err *err)
{
	char *text, *rest, *line;
	size_t bytes, number = 0;
	int rc = 0;

	*list = NULL;
	*n = 0;
	if (file_read(&text, &bytes, file, CHECKPOINTS_MAX, err) == -1)
		return -1;
	if (memchr(text, '\0', bytes) != NULL) /* what stands behind it would go unread */
		rc = err_set(err, ERR_INPUT, "%s: not a file of checkpoints", file);
	rest = text;
	while (rc == 0 && (line = strsep(&rest, "\n")) != NULL) {
		number++;
		if (*line != '\0' && read_line(line, list, n, err) == -1)
			rc = err_prefix(err, "%s: line %zu", file, number);
	}
	free(text);
	if (rc == 0 && *n == 0)
		rc = err_set(err, ERR_INPUT, "%s: there is no checkpoint in it", file);
	if (rc == 0) {
		qsort(*list, *n, sizeof(**list), by_seq);
		return 0;
	}
	free(*list);
	*list = NULL;
	*n = 0;
	return -1;
}

/* -- Making -- */

int
audit_checkpoint(struct engine *e, struct checkpoint *c, struct err *err)
{
	*c = (struct checkpoint){ .time_ms = time_now_ms() };
	if (store_chain_head(e->store, &c->seq, &c->digest, err) == -1)
		return -1;
	return sign(e->store, c, err);
}

struct hours {
	int64_t since_ms, time_ms; /* the newest record's so far */
	struct checkpoint *list;
	size_t n, cap;
	bool failed;
	void (*progress)(double share, void *arg);
	void *progress_arg;
};

/* Note the row SEQ: in place of the one before if that was of the same hour. */
static void
note_row(int64_t seq, const struct digest *digest, int64_t time_ms, void *arg)
{
	struct hours *h = arg;
	struct checkpoint *last = h->n > 0 ? &h->list[h->n - 1] : NULL;

	if (time_ms > h->time_ms)
		h->time_ms = time_ms;
	if (h->time_ms < h->since_ms || h->failed)
		return;
	if (last == NULL || last->time_ms / HOUR_MS != h->time_ms / HOUR_MS) {
		if (h->n == h->cap) {
			size_t cap = h->cap == 0 ? 64 : 2 * h->cap;
			struct checkpoint *list = realloc(h->list, cap * sizeof(*list));

			h->failed = list == NULL;
			if (h->failed)
				return;
			h->list = list;
			h->cap = cap;
		}
		last = &h->list[h->n++];
	}
	*last = (struct checkpoint){ .seq = seq, .time_ms = h->time_ms, .digest = *digest };
}

static void
hours_progress(double share, void *arg)
{
	const struct hours *h = arg;

	if (h->progress != NULL)
		h->progress(share, h->progress_arg);
}

int
audit_export(struct engine *e, int64_t since_ms, void (*progress)(double share, void *arg),
    void *progress_arg, int (*put)(const struct checkpoint *c, void *arg, struct err *err), void *arg,
    struct chain_report *report, struct err *err)
{
	struct hours h = { .since_ms = since_ms, .progress = progress, .progress_arg = progress_arg };
	const struct chain_verify how = { .each = note_row, .progress = hours_progress, .arg = &h };
	int rc = store_chain_verify(e->store, &how, report, err);

	if (rc == 0 && h.failed)
		rc = err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; rc == 0 && report->fault == CHAIN_WHOLE && i < h.n; i++) {
		rc = sign(e->store, &h.list[i], err);
		if (rc == 0)
			rc = put(&h.list[i], arg, err);
	}
	free(h.list);
	return rc;
}

/* -- Comparing -- */

struct comparison {
	const struct checkpoint *list;
	size_t n, at;
	struct audit *out;
	void (*progress)(double share, void *arg);
	void *progress_arg;
};

static void
find_bad(struct comparison *c, const struct checkpoint *bad)
{
	if (c->out->bad_time_ms != 0)
		return;
	c->out->bad_seq = bad->seq;
	c->out->bad_time_ms = bad->time_ms;
}

static void
compare_row(int64_t seq, const struct digest *digest, int64_t time_ms, void *arg)
{
	struct comparison *c = arg;

	(void)time_ms;
	for (; c->at < c->n && c->list[c->at].seq <= seq; c->at++) {
		const struct checkpoint *p = &c->list[c->at];

		c->out->checkpoints++;
		if (p->seq != 0 && (p->seq != seq || !crypto_equal(&p->digest, digest, sizeof(*digest))))
			find_bad(c, p);
	}
}

static void
comparison_progress(double share, void *arg)
{
	const struct comparison *c = arg;

	if (c->progress != NULL)
		c->progress(share, c->progress_arg);
}

int
audit_verify(struct engine *e, const struct checkpoint *list, size_t n,
    void (*progress)(double share, void *arg), void *progress_arg, struct audit *out, struct err *err)
{
	struct comparison c = { list, n, 0, out, progress, progress_arg };
	const struct chain_verify how = { comparison_progress, compare_row, &c };

	*out = (struct audit){ 0 };
	if (store_chain_verify(e->store, &how, &out->chain, err) == -1)
		return -1;
	for (; out->chain.fault == CHAIN_WHOLE && c.at < n; c.at++) {
		out->checkpoints++;
		if (list[c.at].seq > 0)
			find_bad(&c, &list[c.at]);
	}
	return 0;
}
