#ifndef HAMLET_TESTS_UNIT_ENGINE_FIXTURE_H
#define HAMLET_TESTS_UNIT_ENGINE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/timetext.h"
#include "engine/feedback.h"
#include "engine/folders.h"
#include "engine/import.h"
#include "engine/init.h"
#include "engine/learn.h"

/* A small world: a folder with a corpus file, and a state directory to be made in it. */
struct world {
	char top[64], state[96], corpus[96];
	struct engine *e;
	struct arena *arena;
	struct ulid_source ids;
	int64_t now_ms;
};

#define WORLD_ROWS 40 /* of each class */

static inline void
write_text(const char *path, const char *text)
{
	struct err err;

	if (file_write_whole(path, text, strlen(text), &err) == -1)
		fail_msg("%s", err.text);
}

static inline void
write_corpus(const char *path)
{
	static const char *const things[] = { "garden", "kitchen", "engine", "novel", "server", "river",
		"bicycle", "choir" };
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	for (int i = 0; i < WORLD_ROWS; i++) {
		const char *thing = things[i % 8], *other = things[(i / 8 + i) % 8];

		buf_addf(&b,
		    "{\"label\":\"ham\",\"author\":\"Reader %d\",\"content\":\"I tried this with my %s and "
		    "the %s on day %d, "
		    "thank you for writing it up.\"}\n",
		    i, thing, other, i);
		buf_addf(&b,
		    "{\"label\":\"spam\",\"author\":\"Casino "
		    "%d\",\"url\":\"http://win%d.example/\",\"source\":\"made-up\","
		    "\"content\":\"Cheap pills and casino bonus %d for your %s, click <a "
		    "href=\\\"http://win%d.example/x\\\">"
		    "here</a> now!!!\"}\n",
		    i, i, i, thing, i);
	}
	write_text(path, buf_str(&b));
	buf_fini(&b);
}

static inline int
world_set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	if (w == NULL || crypto_init(NULL) == -1)
		return -1;
	/* In memory if possible: whether a disk keeps what it is told is tested elsewhere. */
	snprintf(w->top, sizeof(w->top), "%s/hamlet-engine-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(w->top) == NULL)
		return -1;
	snprintf(w->state, sizeof(w->state), "%s/state", w->top);
	snprintf(w->corpus, sizeof(w->corpus), "%s/corpus.jsonl", w->top);
	write_corpus(w->corpus);
	w->arena = arena_new(1 << 26);
	w->now_ms = time_now_ms();
	*state = w;
	return 0;
}

static inline int
world_tear_down(void **state)
{
	struct world *w = *state;
	char models[128];

	engine_close(w->e);
	snprintf(models, sizeof(models), "%s/models", w->state);
	folders_clear(models);
	folders_clear(w->state);
	folders_clear(w->top);
	arena_free(w->arena);
	free(w);
	return 0;
}

/* Make the state directory of W with its corpus and open it. */
static inline void
world_init(struct world *w)
{
	const char *specs[] = { w->corpus };
	struct err err;

	if (engine_init(w->state, specs, 1, NULL, NULL, &err) == -1 ||
	    engine_open(&w->e, w->state, STORE_WRITE, 1000, &err) == -1)
		fail_msg("%s", err.text);
}

static inline int
world_set_up_made(void **state)
{
	if (world_set_up(state) == -1)
		return -1;
	world_init(*state);
	return 0;
}

static inline struct model *
world_model(struct world *w, const char *id)
{
	struct model *m;
	struct err err;

	if (engine_model(w->e, id, &m, &err) == -1)
		fail_msg("%s", err.text);
	return m;
}

static inline struct comment
comment_of(const char *author, const char *content)
{
	struct comment c = { 0 };

	c.field[COMMENT_AUTHOR] = slice_of(author);
	c.field[COMMENT_CONTENT] = slice_of(content);
	return c;
}

/* Say of a comment, as the site "default", that it is LABEL; return whether that was new. */
static inline bool
world_say(struct world *w, const char *content, enum label label)
{
	const struct comment c = comment_of("someone", content);
	const struct feedback fb = {
		.label = label, .comment = &c, .site = SITE_DEFAULT, .origin = "native", .who = "test"
	};
	struct feedback_result result;
	struct err err;

	if (store_begin(w->e->store, &err) == -1 ||
	    feedback_record(w->e->store, &fb, w->now_ms, &w->ids, w->arena, &result, &err) == -1 ||
	    store_commit(w->e->store, &err) == -1)
		fail_msg("%s", err.text);
	return result.changed;
}

static inline int64_t
world_learn(struct world *w)
{
	int64_t learnt;
	struct err err;

	if (learn_pending(w->e, "test", &learnt, &err) == -1)
		fail_msg("%s", err.text);
	return learnt;
}

#endif
