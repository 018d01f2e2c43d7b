#ifndef HAMLET_ENGINE_POISON_H
#define HAMLET_ENGINE_POISON_H

#include "base/arena.h"
#include "base/buf.h"
#include "engine/engine.h"

/*
 * Corrections that look as if somebody wants to teach a site's model wrong.  Counted are the words in force
 * that came through the site's own clients (not an admin's) in the last POISON_HOURS hours and that
 * contradict a verdict, or are on a comment that was never judged.  A site is warned about when
 *
 *     at least POISON_SURE of them contradict what the model was POISON_SURE_AT sure of, and that is more
 *     than POISON_SURE_TIMES its usual number a day; or
 *     at least POISON_BURST of them came at all, and that is more than POISON_BURST_TIMES the usual number.
 *
 * Usual is the mean of the POISON_DAYS days before.  Who poisons slower than that is not seen here, but by
 * his flips when the model is trained anew (engine/gate.h).
 */
#define POISON_HOURS 24
#define POISON_DAYS 28
#define POISON_SURE_AT 0.99
#define POISON_SURE 30
#define POISON_SURE_TIMES 3.0
#define POISON_BURST 100
#define POISON_BURST_TIMES 5.0

struct poison {
	const char *site;
	int64_t sure, contrary; /* in the last hours; contrary: with the sure ones */
	double usual_sure, usual_contrary; /* a day */
	int64_t since_ms; /* when the first of them was said */
	char model[MODEL_ID_BYTES]; /* the newest one kept that was made before; "" if none */
};

/* Set *OUT (in A) to the sites to be warned about at NOW_MS. */
int poison_find(
    struct engine *e, int64_t now_ms, struct arena *a, struct poison **out, size_t *n, struct err *err);

/* Append P as a sentence that names the ways back.  Site names are plain. */
void poison_text(const struct poison *p, struct buf *b);

/* Append P as a JSON object. */
void poison_json(const struct poison *p, struct buf *b);

#endif
