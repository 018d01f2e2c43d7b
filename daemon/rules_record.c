#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "daemon/rules_record.h"
#include "store/chain.h"

#define META_KEY "rules_digest" /* of the rules that were last recorded */
#define ARENA_BYTES 4096

/* One event on its way to the record; freed when it is there. */
struct note {
	struct record_task task;
	struct hamletd *d;
	char digest[DIGEST_HEX];
	size_t rules;
};

static struct note *
note_of(struct record_task *task)
{
	return (struct note *)(void *)task;
}

/* Return whether the last event says what N does; where there was none, "no rules" need not be said. */
static bool
is_known(const struct note *n, const char *last)
{
	return last == NULL ? n->rules == 0 : strcmp(last, n->digest) == 0;
}

static int
add_event(struct store *st, const struct note *n, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	json_key(&b, "digest");
	json_put_str(&b, n->digest);
	json_key(&b, "rules");
	json_put_int(&b, (int64_t)n->rules);
	json_close(&b, '}');
	rc = store_event_json(st, "rules", "hamletd", &b, err);
	buf_fini(&b);
	return rc == 0 ? store_meta_set(st, META_KEY, n->digest, err) : -1;
}

static int
write_note(struct store *st, struct record_task *task, struct err *err)
{
	const struct note *n = note_of(task);
	struct arena *a = arena_new(ARENA_BYTES);
	char *last;
	int rc;

	if (a == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = store_meta_get(st, META_KEY, a, &last, err);
	if (rc == 0 && !is_known(n, last))
		rc = add_event(st, n, err);
	arena_free(a);
	return rc;
}

static void
note_done(struct record_task *task, enum err_code code)
{
	struct note *n = note_of(task);

	if (code != ERR_NONE)
		atomic_store(&n->d->rules_unrecorded, true);
	free(n);
}

void
rules_record(struct hamletd *d, const struct rules *rules)
{
	struct note *n = calloc(1, sizeof(*n));

	if (n != NULL) {
		n->task.write = write_note;
		n->task.done = note_done;
		n->d = d;
		n->rules = rules_count(rules);
		hex_encode(n->digest, rules_digest(rules), sizeof(struct digest));
		if (recorder_submit(d->recorder, &n->task) == 0)
			return;
	}
	free(n);
	atomic_store(&d->rules_unrecorded, true);
}
