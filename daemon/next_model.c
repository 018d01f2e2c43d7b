#include "config.h"

#include <string.h>

#include "base/background.h"
#include "daemon/http.h"
#include "daemon/next_model.h"

#define TRY_AGAIN_MS 5000

struct opening {
	struct engine *e;
	const char *id;
	struct model **made, **model;
	struct err *err;
	int rc;
};

static void
open_whole(void *arg)
{
	struct opening *o = arg;

	if (*o->made != NULL && strcmp(model_info(*o->made)->id, o->id) == 0) {
		*o->model = *o->made;
		*o->made = NULL;
	} else {
		o->rc = engine_model(o->e, NULL, o->model, o->err);
	}
	if (o->rc == 0)
		model_judge_only(*o->model);
}

int
next_model_open(struct engine *e, const char *id, struct model **made, struct model **model, struct err *err)
{
	struct opening o = { e, id, made, model, err, 0 };

	background_run(open_whole, &o);
	return o.rc;
}

bool
model_refuse(struct model_refused *r, const char *id, const struct err *err)
{
	bool is_new = strcmp(id, r->id) != 0;

	memcpy(r->id, id, sizeof(r->id));
	r->until_ms = err->code == ERR_DAMAGED ? INT64_MAX : http_clock_ms() + TRY_AGAIN_MS;
	return is_new;
}

bool
model_is_refused(const struct model_refused *r, const char *id)
{
	return strcmp(id, r->id) == 0 && http_clock_ms() < r->until_ms;
}
