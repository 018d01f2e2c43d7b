#include "config.h"

#include <string.h>
#include <unistd.h>

#include "cli/progress.h"
#include "cli/source.h"

int
source_model(const struct cli *cli, const char *spec, struct model **out, struct err *err)
{
	struct engine *e;
	int rc;

	if (spec != NULL && (strchr(spec, '/') != NULL || access(spec, F_OK) == 0))
		return model_open(out, spec, err);
	if (spec != NULL && strspn(spec, "0123456789abcdef") != strlen(spec))
		return err_set(err, ERR_NOT_FOUND, "%s: neither a file nor a model's id", spec);
	if (cli_engine(cli, STORE_READ, &e, err) == -1)
		return -1;
	rc = engine_model_to_judge(e, spec, out, err);
	engine_close(e);
	return rc;
}

int
source_read(struct corpus *c, const char *spec, const struct corpus_options *options, struct err *err)
{
	size_t before = c->n + c->skipped;

	if (corpus_read(c, spec, options, err) == -1)
		return -1;
	if (c->n + c->skipped == before && strchr(spec, '=') != NULL)
		return err_set(err, ERR_INPUT, "%s: no row is like that", spec);
	return 0;
}

int
source_corpus(struct corpus *c, const char *const *specs, size_t n, struct err *err)
{
	const struct corpus_options options = { .format = CORPUS_JSONL, .label = LABEL_NONE };
	size_t i;

	for (i = 0; i < n; i++)
		if (source_read(c, specs[i], &options, err) == -1)
			return -1;
	return 0;
}

static int
train_on(const struct corpus *c, const struct train_options *options, struct model **out, struct err *err)
{
	struct trainer *t;
	size_t i;
	int rc = 0;

	if (trainer_new(&t, options, err) == -1)
		return -1;
	for (i = 0; rc == 0 && i < c->n; i++)
		rc = trainer_add(t, &c->rows[i].comment, c->rows[i].label, &c->rows[i].origin, err);
	if (rc == 0)
		rc = trainer_build(t, out, err);
	trainer_free(t);
	return rc;
}

int
source_train(const char *const *specs, size_t n, const struct train_options *options, struct model **out,
    struct err *err)
{
	struct train_options with_bar = *options;
	struct progress bar;
	struct corpus c;
	int rc;

	corpus_init(&c);
	progress_start(&bar, "training");
	with_bar.progress = progress_update;
	with_bar.progress_arg = &bar;
	rc = source_corpus(&c, specs, n, err);
	if (rc == 0 && c.n == 0)
		rc = err_set(err, ERR_INPUT, "there is no labelled row to train on");
	if (rc == 0)
		rc = train_on(&c, &with_bar, out, err);
	progress_end(&bar);
	corpus_fini(&c);
	return rc;
}

int
source_fields(enum fields *fields, const char *text)
{
	*fields = FIELDS_ALL;
	if (text == NULL || strcmp(text, "all") == 0)
		return 0;
	*fields = FIELDS_CONTENT;
	return strcmp(text, "content") == 0 ? 0 : -1;
}
