#include "config.h"

#include <string.h>

#include "base/background.h"
#include "daemon/next_model.h"

struct opening {
	struct engine *e;
	struct model **model;
	struct err *err;
	int rc;
};

static void
open_whole(void *arg)
{
	struct opening *o = arg;

	o->rc = engine_model(o->e, NULL, o->model, o->err);
}

int
next_model_open(struct engine *e, const char *id, struct model **made, struct model **model, struct err *err)
{
	struct opening o = { e, model, err, 0 };

	if (*made != NULL && strcmp(model_info(*made)->id, id) == 0) {
		*model = *made;
		*made = NULL;
	} else {
		background_run(open_whole, &o);
	}
	if (o.rc == 0)
		model_forget_names(*model);
	return o.rc;
}
