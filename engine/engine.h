#ifndef HAMLET_ENGINE_ENGINE_H
#define HAMLET_ENGINE_ENGINE_H

#include <stdbool.h>

#include "base/err.h"
#include "classifier/model.h"
#include "store/store.h"

/*
 * A state directory, opened: its paths, its database, its models.  What a check, a correction and a retrain
 * *are* stands in the other headers of this folder; both programs use them, and neither sees SQL.  One thread
 * an engine.
 */
struct engine_paths {
	char *dir;
	char *db; /* hamlet.db */
	char *models; /* models/ */
	char *current; /* models/current, a symbolic link to ID.model */
	char *service_socket; /* hamlet.sock */
	char *admin_socket; /* admin.sock */
	char *config; /* hamlet.conf */
	char *rules; /* rules.conf */
	char *rules_folder; /* rules/, with a site's own in SITE.conf */
	char *flood; /* flood.state: what the flood guard remembers */
	char *flood_forget; /* flood.forget: an order to the daemon to forget that, see person_erase() */
	char *chain_key; /* chain.key */
	char *daemon_lock; /* hamletd.lock: held by the daemon while it runs */
	char *publish_lock; /* publish.lock: held while a model is made current */
	char *retrain_lock; /* retrain.lock: held while a model is built from all examples */
};

struct engine {
	struct engine_paths paths;
	struct store *store;
	char who[64]; /* who acts, for the record of events; "" when nobody said so */
	int64_t rebuild_events; /* a model without a file is at most so far from what it is made from */
	uint64_t unfiled_bytes; /* one that was learnt is larger than this if its file may wait */
	bool alone; /* no daemon is at work here that has to be given way to; false until somebody has looked
		     */
};

/* Return the state directory to use when none is named: $HAMLET_STATE, else /var/lib/hamlet (for root, or
 * where it is there), else $XDG_STATE_HOME/hamlet or ~/.local/state/hamlet.  The caller frees it; NULL when
 * memory ran out. */
char *engine_default_dir(void);

/* Fill *PATHS for DIR; the caller gives them back. */
int engine_paths_init(struct engine_paths *paths, const char *dir, struct err *err);
void engine_paths_fini(struct engine_paths *paths);

/* Return whether NAME is something that the programs make in a state directory, and not its owner's. */
bool engine_makes(const char *name);

/* See whether DIR has a database.  ERR_NOT_FOUND when it hasn't ("run 'hamlet init'"). */
int engine_look(const char *dir, struct err *err);

/*
 * Open the state directory DIR.  ERR_NOT_FOUND when it has no database ("run 'hamlet init'").  BUSY_MS as in
 * store.h.
 */
int engine_open(struct engine **out, const char *dir, enum store_mode mode, int busy_ms, struct err *err);

/* Make DIR (mode 0750), its models folder and its database where they are not there yet, and open it for
 * writing. */
int engine_create(struct engine **out, const char *dir, int busy_ms, struct err *err);

void engine_close(struct engine *e); /* NULL is allowed */

/* Carry out WORK(ARG) in the background (base/background.h), unless E is alone: then at once, by all cores.
 */
void engine_give_way(const struct engine *e, void (*work)(void *arg), void *arg);

/*
 * Open the model ID (64 hexadecimal digits, or an unambiguous beginning of at least 6), or the current one
 * when ID is NULL.  One that is kept without a file is made again from an older one and the examples since,
 * which takes some seconds at most, and has the digest that is its id.  ERR_NOT_FOUND, ERR_DAMAGED.
 */
int engine_model(struct engine *e, const char *id, struct model **out, struct err *err);

/* The same, faster, for who only judges by it: see model_open_copy(). */
int engine_model_to_judge(struct engine *e, const char *id, struct model **out, struct err *err);

/* Write to ID the id that models/current points to; ERR_NOT_FOUND when there is none. */
int engine_current_id(const struct engine_paths *paths, char id[MODEL_ID_BYTES], struct err *err);

/*
 * Put M among the models (file, then row) and make it the current one.  ROW's kind, who and figures are
 * recorded.  Old snapshots of kind "learn" beyond the ENGINE_LEARN_KEPT newest go, unless a verdict whose
 * text isn't erased needs one to be computed again: that one stays, if only as a name from which
 * engine_model() makes it again (engine/registry.h).  Never the current one or those of kind "train".  The
 * publish lock must be held.
 */
#define ENGINE_LEARN_KEPT 8
#define ENGINE_REBUILD_EVENTS 10000
int engine_publish(struct engine *e, const struct model *m, const struct model_row *row, struct err *err);

/*
 * The same without a file: a model is what its row says, as long as it can be made again from an ancestor
 * that has a file (engine/unfiled.h).  Nothing is pruned.
 */
#define ENGINE_UNFILED_BYTES ((uint64_t)16 << 20)
#define ENGINE_UNFILED_EVENTS 1000
int engine_publish_unfiled(
    struct engine *e, const struct model *m, const struct model_row *row, struct err *err);

/*
 * Put M among the models without making it current; ROW's withheld says why.  Withheld models are removed in
 * the same way as those of kind "learn".  The publish lock must be held.
 */
int engine_withhold(struct engine *e, const struct model *m, const struct model_row *row, struct err *err);

/*
 * Make the model ID (as in engine_model) current; takes the publish lock.  One that knows fewer example
 * events than the current one is pinned: a step back is meant, so learn_pending() leaves it as it is, until
 * retrain() or the use of one that knows as many as any that ever was current; in between it stays a step
 * back.  Not so one that was withheld: to use it is a step forward.
 */
int engine_use(struct engine *e, const char *id, struct err *err);

/* Set *PINNED to whether MODEL (64 digits) was chosen by engine_use() and is to stay as it is. */
int engine_pinned(struct engine *e, const char *model, bool *pinned, struct err *err);

/* Take the publish lock, waiting up to 30 s; close *FD to give it back. */
int engine_publish_lock(const struct engine_paths *paths, int *fd, struct err *err);

#endif
