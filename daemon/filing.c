#include "config.h"

#include <string.h>

#include "daemon/filing.h"
#include "daemon/http.h"
#include "engine/unfiled.h"

static int
give_file(struct filing *f)
{
	struct engine *e;
	int rc;

	if (engine_open(&e, f->d->paths.dir, STORE_WRITE, f->busy_ms, &f->err) == -1)
		return -1;
	rc = unfiled_file(e, &f->hurry, &f->err);
	engine_close(e);
	return rc;
}

static void *
thread_main(void *arg)
{
	struct filing *f = arg;

	f->rc = give_file(f);
	atomic_store(&f->ended, true);
	return NULL;
}

/* Say how it went.  That what was written is gone, because somebody else cleared up, is nothing to tell. */
static int
result(struct filing *f, struct err *err)
{
	int64_t now_ms = http_clock_ms();

	f->since_ms = now_ms;
	f->next_ms = f->rc == 0 ? now_ms : now_ms + FILING_AGAIN_MS;
	if (f->rc == 0 || f->err.code == ERR_NOT_FOUND)
		return 0;
	return err_set(err, f->err.code, "%s", f->err.text);
}

static void
start(struct filing *f, struct hamletd *d, int busy_ms)
{
	f->d = d;
	f->busy_ms = busy_ms;
	f->err = (struct err){ .code = ERR_NONE };
	atomic_store(&f->ended, false);
	f->running = pthread_create(&f->thread, NULL, thread_main, f) == 0;
	if (f->running)
		pthread_setname_np(f->thread, "filing");
}

/* Note which model is current; return whether it is time to give it a file. */
static bool
is_due(struct filing *f, const struct hamletd *d)
{
	int64_t now_ms = http_clock_ms();
	char id[MODEL_ID_BYTES];

	if (engine_current_id(&d->paths, id, NULL) == -1 || !unfiled_current(&d->paths)) {
		f->since_ms = 0;
		return false;
	}
	if (f->since_ms == 0)
		f->since_ms = now_ms;
	if (strcmp(id, f->id) != 0) {
		memcpy(f->id, id, sizeof(id));
		f->id_ms = now_ms;
	}
	return now_ms >= f->next_ms &&
	    (now_ms - f->id_ms >= FILING_QUIET_MS || now_ms - f->since_ms >= FILING_LATEST_MS);
}

int
filing_round(struct filing *f, struct hamletd *d, int busy_ms, struct err *err)
{
	if (f->running) {
		if (!atomic_load(&f->ended))
			return 0;
		pthread_join(f->thread, NULL);
		f->running = false;
		return result(f, err);
	}
	if (is_due(f, d))
		start(f, d, busy_ms);
	return 0;
}

static void
end(struct filing *f)
{
	struct err err;

	if (!f->running)
		return;
	pthread_join(f->thread, NULL);
	f->running = false;
	if (result(f, &err) == -1)
		hamletd_event(f->d, LOG_ERROR, "model_not_filed", LOG_STR("why", err.text));
}

void
filing_stop(struct filing *f, struct hamletd *d, int busy_ms)
{
	atomic_store(&f->hurry, true);
	end(f);
	if (unfiled_current(&d->paths))
		start(f, d, busy_ms);
	end(f);
}
