#include "config.h"

#include <string.h>

#include "base/background.h"
#include "daemon/next_model.h"

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
