#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/timetext.h"
#include "base/ulid.h"
#include "engine/learn.h"
#include "engine/person_impl.h"

#define BATCH 64 /* records a transaction: nobody waits for long */
#define TRIES                                                                                                \
	10 /* to find the examples in force and take them back before anybody else says something of them */
#define ROUNDS 10 /* of erasing what has come up meanwhile */
#define ARENA_BYTES ((size_t)64 << 20)

/* Refuse when what was chosen by hand counts one of the examples: it is not learnt into, so not unlearnt
 * from. */
static int
check_pin(struct engine *e, const struct person_found *found, struct err *err)
{
	struct model *m;
	struct err why = { 0 };
	bool pinned, counts = false;
	int64_t position;
	int rc;

	if (found->nexamples == 0)
		return 0;
	if (engine_model(e, NULL, &m, &why) == -1)
		return why.code == ERR_NOT_FOUND ? 0 : err_set(err, why.code, "%s", why.text);
	position = (int64_t)model_info(m)->position;
	for (size_t i = 0; i < found->nexamples; i++)
		counts = counts ||
		    (position >= found->examples[i].counted.from && position < found->examples[i].counted.to);
	rc = engine_pinned(e, model_info(m)->id, &pinned, err);
	if (rc == 0 && pinned && counts)
		rc = err_set(err, ERR_REFUSED,
		    "the model in use, %.12s, was chosen by 'hamlet models use' and has learnt from this "
		    "person: "
		    "use the newest one, or run 'hamlet retrain', first",
		    model_info(m)->id);
	model_unref(m);
	return rc;
}

/* -- Unlearning -- */

struct taking_back {
	const struct person_found *found;
	size_t next; /* example */
	struct arena *arena;
	struct example_row *rows; /* what is to be said */
	size_t n;
	const char *by;
	struct ulid_source ids;
	bool failed;
};

static const char *
keep(struct taking_back *t, const char *s)
{
	const char *copy = arena_copy(t->arena, s, strlen(s));

	t->failed = t->failed || copy == NULL;
	return copy;
}

/* Prepare the word that the example ROW is none any more, if it is in force. */
static int
prepare(const struct example_row *row, void *arg)
{
	struct taking_back *t = arg;
	const struct person_found *found = t->found;
	struct example_row *out = &t->rows[t->n];
	int64_t now = time_now_ms();

	while (t->next < found->nexamples && found->examples[t->next].seq < row->seq)
		t->next++;
	if (t->next == found->nexamples || found->examples[t->next].seq != row->seq ||
	    !found->examples[t->next].in_force)
		return 0;
	*out = (struct example_row){
		.time_ms = now,
		.label = LABEL_NONE,
		.replaces = row->seq,
		.site = row->site,
		.scope = row->scope,
		.origin = "erase",
		.who = t->by,
		.verdict_id = keep(t, row->verdict_id),
		.source = "",
	};
	ulid_next(&t->ids, (uint64_t)now, out->id);
	t->n++;
	return t->failed ? -1 : 0;
}

/* Say that the example which ROW replaces is none any more; ERR_BUSY when it has been replaced meanwhile. */
static int
say(struct engine *e, const struct example_row *row, struct err *err)
{
	int64_t by, seq;

	if (store_example_replacement(e->store, row->replaces, &by, err) == -1)
		return -1;
	if (by != 0)
		return err_set(err, ERR_BUSY, "what is held keeps changing; try again");
	/* erased too, empty as it is: nobody shall take it for a comment; and a correction that comes before
	   the example is erased as well must not look for it, and try to replace it once more */
	if (store_example_add(e->store, row, &seq, err) == -1 ||
	    store_example_erase(e->store, row->replaces, PART_SET(PART_FINGERPRINT), err) == -1)
		return -1;
	return store_example_erase(e->store, seq, PARTS_PERSONAL, err);
}

static int
say_all(struct engine *e, const struct taking_back *t, struct err *err)
{
	if (store_begin(e->store, err) == -1)
		return -1;
	for (size_t i = 0; i < t->n; i++) {
		if (say(e, &t->rows[i], err) == -1) {
			store_rollback(e->store);
			return -1;
		}
	}
	return store_commit(e->store, err);
}

/* Say of all examples in force that they are none, all at once; ERR_BUSY when those are others by now. */
static int
take_back(struct engine *e, const struct person_found *found, const char *by, size_t *n, struct err *err)
{
	struct taking_back t = { .found = found, .arena = found->arena, .by = by };
	int rc;

	*n = 0;
	if (found->in_force == 0)
		return 0;
	t.rows = arena_alloc(t.arena, found->in_force * sizeof(*t.rows));
	if (t.rows == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = store_ids_start(e->store, &t.ids, err);
	if (rc == 0)
		rc = store_person_examples(e->store, &found->who, prepare, &t, err);
	if (rc == 0 && t.failed)
		rc = err_set(err, ERR_NOMEM, "out of memory");
	if (rc == 0)
		rc = say_all(e, &t, err);
	*n = t.n;
	return rc;
}

/* Train anew: where model and examples don't go together, nothing can be taken back. */
static int
train_anew(struct engine *e, const char *by, struct err *err)
{
	const struct retrain_options options = { .who = by, .force = true }; /* the present one must go */
	struct arena *a = arena_new(ARENA_BYTES);
	struct retrained made;
	int rc;

	if (a == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = retrain(e, &options, a, &made, err);
	if (rc == 0)
		model_unref(made.model);
	arena_free(a);
	return rc;
}

static int
unlearn(struct engine *e, const char *by, struct err *err)
{
	struct err why = { 0 };
	int64_t learnt;

	if (learn_pending(e, by, &learnt, &why) == 0)
		return 0;
	return why.code == ERR_DAMAGED ? train_anew(e, by, err) : err_set(err, why.code, "%s", why.text);
}

/* Let the snapshots go that count what was taken back, now that another one is current. */
static int
forget(struct engine *e, const struct person_found *found, size_t *n, struct err *err)
{
	struct forget_range *ranges = person_ranges(found);

	if (ranges == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < found->nexamples; i++) {
		if (found->examples[i].in_force && /* until it was taken back just now */
		    store_example_replacement(e->store, ranges[i].from, &ranges[i].to, err) == -1)
			return -1;
	}
	return forget_models(e, ranges, found->nexamples, n, err);
}

/* -- Erasing -- */

struct erasing {
	const struct erase_options *options;
	const struct person_found *known; /* what was found at first: who is meant */
};

/* Tell the SHARE done of a round, the last half of which is looking again. */
static void
tell(const struct erase_options *options, double share)
{
	if (options->progress != NULL)
		options->progress(share, options->arg);
}

static void
tell_looking(double share, void *arg)
{
	tell(arg, .5 + share / 2);
}

static int
record(struct engine *e, const char *by, const struct person_erased *done, struct err *err)
{
	const struct {
		const char *name;
		size_t n;
	} counts[] = { { "verdicts", done->verdicts }, { "examples", done->examples },
		{ "unlearnt", done->unlearnt }, { "models", done->models } };
	struct buf b;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		json_key(&b, counts[i].name);
		json_put_int(&b, (int64_t)counts[i].n);
	}
	json_close(&b, '}');
	rc = store_event_json(e->store, "person-erased", by, &b, err);
	buf_fini(&b);
	return rc;
}

/* Erase the examples and verdicts FROM to TO of those found, counted in one row. */
static int
erase_some(struct engine *e, const struct person_found *found, size_t from, size_t to, struct err *err)
{
	int rc = 0;

	for (size_t i = from; i < to && rc == 0; i++)
		rc = i < found->nexamples
		    ? store_example_erase(e->store, found->examples[i].seq, PARTS_PERSONAL, err)
		    : store_verdict_erase(
			  e->store, found->verdicts[i - found->nexamples], PARTS_PERSONAL, err);
	return rc;
}

/* Erase the records FROM to END in small transactions; the last one of all says so. */
static int
erase_range(struct engine *e, const struct erasing *x, const struct person_found *found, size_t from,
    size_t end, const struct person_erased *done, struct err *err)
{
	size_t all = found->nverdicts + found->nexamples, to;

	for (; from < end; from = to) {
		to = end - from > BATCH ? from + BATCH : end;
		if (store_begin(e->store, err) == -1)
			return -1;
		if (erase_some(e, found, from, to, err) == -1 ||
		    (to == all && record(e, x->options->by, done, err) == -1)) {
			store_rollback(e->store);
			return -1;
		}
		if (store_commit(e->store, err) == -1)
			return -1;
		tell(x->options, (double)to / (double)all / 2);
	}
	return 0;
}

/* Erase the examples while nothing can be published, and before them the snapshots that count them. */
static int
erase_examples(struct engine *e, const struct erasing *x, const struct person_found *found,
    struct person_erased *done, struct err *err)
{
	int lock, rc;

	if (engine_publish_lock(&e->paths, &lock, err) == -1)
		return -1;
	rc = forget(e, found, &done->models, err);
	if (rc == 0)
		rc = erase_range(e, x, found, 0, found->nexamples, done, err);
	close(lock);
	return rc;
}

/*
 * Let the flood guard forget everybody, for its digests of addresses and texts could be guessed at.  A daemon
 * that runs would write its file anew, so it is ordered to forget as well.
 */
static int
forget_floods(const struct engine_paths *paths, struct err *err)
{
	/* Where a daemon is just saving it can't, says so in its log and does so when it has forgotten. */
	if (file_remove_leftovers(paths->flood, err) == -1)
		return -1;
	if (access(paths->flood, F_OK) == -1 && errno == ENOENT) /* it is there while a daemon runs */
		return 0;
	if (file_write_whole(paths->flood_forget, "", 0, err) == -1)
		return -1;
	if (unlink(paths->flood) == -1 && errno != ENOENT)
		return err_set(err, ERR_IO, "%s: %s", paths->flood, strerror(errno));
	return 0;
}

/* Find anew what is held.  ERR_REFUSED when it may be of others than those who were found at first. */
static int
find_anew(struct engine *e, const struct erasing *x, void (*progress)(double share, void *arg), void *arg,
    struct person_found *found, struct err *err)
{
	bool meant = x->options->several || x->known->who.email != NULL;

	if (person_find(e, &x->known->who, progress, arg, found, err) == -1)
		return -1;
	for (size_t i = 0; i < found->nemails && !meant; i++) {
		if (!person_has_email(x->known, found->emails[i].text))
			return err_set(err, ERR_REFUSED,
			    "somebody else, by the e-mail address, has written meanwhile, and may not be "
			    "meant");
	}
	return 0;
}

/* Take back what was found; what others have changed meanwhile is found anew. */
static int
take_back_found(
    struct engine *e, const struct erasing *x, struct person_found *found, size_t *n, struct err *err)
{
	struct person_found now;

	for (int tries = 1;; tries++) {
		if (check_pin(e, found, err) == -1)
			return -1;
		if (take_back(e, found, x->options->by, n, err) == 0)
			return 0;
		if (err->code != ERR_BUSY || tries == TRIES)
			return -1;
		if (find_anew(e, x, NULL, NULL, &now, err) == -1) {
			person_found_fini(&now);
			return -1;
		}
		person_found_fini(found);
		*found = now;
	}
}

/* Erase what was found. */
static int
erase_found(struct engine *e, const struct erasing *x, struct person_found *found, struct person_erased *done,
    struct err *err)
{
	*done = (struct person_erased){ .models = 0 };
	if (take_back_found(e, x, found, &done->unlearnt, err) == -1)
		return -1;
	done->verdicts = found->nverdicts - found->nempty;
	done->examples = found->nexamples;
	if (found->nexamples > 0 && unlearn(e, x->options->by, err) == -1)
		return err_prefix(err, "taken back, but not unlearnt");
	if (found->nexamples > 0 && erase_examples(e, x, found, done, err) == -1)
		return -1;
	if (forget_floods(&e->paths, err) == -1)
		return -1;
	return erase_range(e, x, found, found->nexamples, found->nverdicts + found->nexamples, done, err);
}

static void
add_up(struct person_erased *sum, const struct person_erased *done)
{
	sum->verdicts += done->verdicts;
	sum->examples += done->examples;
	sum->unlearnt += done->unlearnt;
	sum->models += done->models;
}

/*
 * Erase what came up while the rest was erased, FOUND: comments, and corrections of verdicts that weren't
 * erased yet.  *DONE tells whether nothing did.
 */
static int
erase_more(struct engine *e, const struct erasing *x, struct person_found *found, bool last, bool *done,
    struct person_erased *out, struct err *err)
{
	struct erase_options options = *x->options;
	struct person_erased more;
	struct person_found now;
	int rc;

	rc = find_anew(e, x, tell_looking, &options, &now, err);
	*done = rc == 0 && now.nverdicts + now.nexamples == 0;
	if (rc == 0 && !*done && last)
		rc = err_set(err, ERR_BUSY,
		    "%zu verdicts and %zu examples more were recorded meanwhile, again and again; try again",
		    now.nverdicts - now.nempty, now.nexamples);
	if (rc == 0 && !*done)
		rc = person_add_emails(found, &now, err);
	if (rc == 0 && !*done)
		rc = person_add_ips(found, &now, err);
	if (rc == 0 && !*done) {
		rc = erase_found(e, x, &now, &more, err);
		if (rc == 0)
			add_up(out, &more);
	}
	person_found_fini(&now);
	return rc;
}

int
person_erase(struct engine *e, struct person_found *found, const struct erase_options *options,
    struct person_erased *out, struct err *err)
{
	const struct erasing x = { options, found };
	bool done = false;

	if (erase_found(e, &x, found, out, err) == -1)
		return -1;
	for (int round = 1; !done; round++) {
		if (erase_more(e, &x, found, round == ROUNDS, &done, out, err) == -1)
			return err_prefix(err, "%zu verdicts and %zu examples erased, but not all",
			    out->verdicts, out->examples);
	}
	return 0;
}
