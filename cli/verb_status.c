#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/timetext.h"
#include "cli/client.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "engine/drift.h"
#include "engine/poison.h"
#include "engine/shelf.h"

static const struct opt options[] = {
	{ .name = NULL },
};

#define ARENA_BYTES ((size_t)256 << 20)
#define HOUR_MS ((int64_t)3600 * 1000)
#define MIB (1024.0 * 1024.0)

struct status {
	struct engine *e;
	struct client_reply reply;
	struct json *daemon; /* NULL: it doesn't answer */
	struct err why; /* then: why not */
	struct model *model; /* NULL: there is none that can be used */
	struct err model_why;
	struct verdict_counts hour;
	int64_t ham, spam, sites;
	struct shelf_sizes models;
	struct arena *a;
	struct drift *drift; /* lives in a */
	size_t ndrift;
	struct poison *poison; /* lives in a */
	size_t npoison;
};

/* Ask the daemon; that there is none is an answer too. */
static void
ask_daemon(struct status *s)
{
	struct slice none = { NULL, 0 };

	if (client_call(s->e->paths.admin_socket, "GET", "/v1/admin/status", none, CLIENT_TIMEOUT_MS,
		&s->reply, &s->why) == -1)
		return;
	if (s->reply.status != 200)
		client_refusal(&s->reply, "status", &s->why);
	else if (json_parse(&s->daemon, s->reply.body, s->reply.n, &s->why) == -1)
		err_prefix(&s->why, "status: the daemon's answer is not JSON");
}

static int
measure_models(struct status *s, struct err *err)
{
	struct shelf shelf;
	int rc = shelf_read(&shelf, s->e, err);

	if (rc == 0)
		shelf_measure(&shelf, &s->models);
	shelf_fini(&shelf);
	return rc;
}

static int
ask_store(struct status *s, struct err *err)
{
	struct site_row *rows;
	int64_t last;
	size_t n = 0;
	int rc;

	s->a = arena_new(ARENA_BYTES);
	if (s->a == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = store_verdict_counts(s->e->store, 0, time_now_ms() - HOUR_MS, &s->hour, err);
	if (rc == 0)
		rc = store_example_counts(s->e->store, &last, &s->ham, &s->spam, err);
	if (rc == 0)
		rc = store_sites(s->e->store, false, s->a, &rows, &n, err);
	if (rc == 0)
		rc = drift_find(s->e, time_now_ms(), s->a, &s->drift, &s->ndrift, err);
	if (rc == 0)
		rc = poison_find(s->e, time_now_ms(), s->a, &s->poison, &s->npoison, err);
	s->sites = (int64_t)n;
	return rc == 0 ? measure_models(s, err) : rc;
}

static void
put_model_json(struct buf *b, const struct status *s)
{
	const struct model_info *info;

	json_key(b, "model");
	if (s->model == NULL) {
		json_put_str(b, NULL);
		return;
	}
	info = model_info(s->model);
	json_open(b, '{');
	json_key(b, "id");
	json_put_str(b, info->id);
	json_key(b, "spam");
	json_put_int(b, (int64_t)info->spam);
	json_key(b, "ham");
	json_put_int(b, (int64_t)info->ham);
	json_key(b, "spam_threshold");
	json_put_double(b, info->spam_threshold, 17);
	json_key(b, "unsure_threshold");
	json_put_double(b, info->unsure_threshold, 17);
	json_close(b, '}');
}

static void
put_sizes_json(struct buf *b, const struct shelf_sizes *sizes)
{
	json_key(b, "models");
	json_open(b, '{');
	json_key(b, "files");
	json_put_int(b, (int64_t)sizes->files);
	json_key(b, "bytes");
	json_put_int(b, sizes->bytes);
	json_key(b, "rebuilt");
	json_put_int(b, (int64_t)sizes->rebuilt);
	json_close(b, '}');
}

static int
show_json(struct cli *cli, const struct status *s, struct err *err)
{
	const struct {
		const char *key;
		int64_t n;
	} numbers[] = { { "ham", s->hour.ham }, { "unsure", s->hour.unsure }, { "spam", s->hour.spam },
		{ "missed_spam", s->hour.missed_spam }, { "blocked_ham", s->hour.blocked_ham } };
	struct buf b;
	size_t i;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	json_key(&b, "state");
	json_put_str(&b, s->e->paths.dir);
	json_key(&b, "daemon");
	if (s->daemon != NULL)
		json_put_raw(&b, (struct slice){ s->reply.body, s->reply.n });
	else
		json_put_str(&b, NULL);
	put_model_json(&b, s);
	json_key(&b, "store");
	json_open(&b, '{');
	json_key(&b, "sites");
	json_put_int(&b, s->sites);
	json_key(&b, "spam_examples");
	json_put_int(&b, s->spam);
	json_key(&b, "ham_examples");
	json_put_int(&b, s->ham);
	json_close(&b, '}');
	put_sizes_json(&b, &s->models);
	json_key(&b, "last_hour");
	json_open(&b, '{');
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		json_key(&b, numbers[i].key);
		json_put_int(&b, numbers[i].n);
	}
	json_close(&b, '}');
	json_key(&b, "drift");
	json_open(&b, '[');
	for (i = 0; i < s->ndrift; i++)
		drift_json(&s->drift[i], &b);
	json_close(&b, ']');
	json_key(&b, "suspicious_corrections");
	json_open(&b, '[');
	for (i = 0; i < s->npoison; i++)
		poison_json(&s->poison[i], &b);
	json_close(&b, ']');
	json_close(&b, '}');
	rc = cli_put_json(cli, &b, err);
	buf_fini(&b);
	return rc;
}

/* Append one plain member of the daemon's own report to ARG, a buffer: "pid 4711". */
static int
put_member(const char *key, struct json *value, void *arg)
{
	struct buf *b = arg;
	enum json_type type = json_type_of(value);

	if (type != JSON_TEXT && type != JSON_NUMBER && type != JSON_BOOL)
		return 0; /* model and counts are shown as the store has them */
	if (b->n > 0)
		buf_add_str(b, ", ");
	text_safe(b, slice_of(key));
	buf_add_char(b, ' ');
	if (type == JSON_TEXT)
		text_safe(b, json_text(value));
	else if (type == JSON_NUMBER)
		buf_addf(b, "%.15g", json_number(value, 0));
	else
		buf_add_str(b, json_bool(value, false) ? "yes" : "no");
	return 0;
}

static void
show_daemon(const struct out *out, const struct status *s)
{
	struct slice model = json_text(json_member(json_member(s->daemon, "model"), "id"));
	struct buf text;

	buf_init(&text, BUF_NO_LIMIT);
	fputs("daemon       ", out->file);
	if (s->daemon != NULL) {
		json_each(s->daemon, put_member, &text);
		out_printf(out, STYLE_GOOD, "running");
		fprintf(out->file, ": %s\n", buf_str(&text));
		if (model.n > 0 && s->model != NULL && !slice_is(model, model_info(s->model)->id)) {
			buf_clear(&text);
			text_safe(&text, model);
			out_printf(out, STYLE_DOUBT, "             with another model: %.*s\n",
			    REPORT_ID_DIGITS, buf_str(&text));
		}
	} else if (s->why.code == ERR_NOT_FOUND) {
		out_printf(out, STYLE_BAD, "not running\n");
	} else {
		text_safe(&text, slice_of(s->why.text));
		out_printf(out, STYLE_BAD, "doesn't answer: ");
		fprintf(out->file, "%s\n", buf_str(&text));
	}
	buf_fini(&text);
}

static void
show_drift(const struct out *out, const struct status *s)
{
	struct buf text;

	buf_init(&text, BUF_NO_LIMIT);
	for (size_t i = 0; i < s->ndrift; i++) {
		buf_clear(&text);
		drift_text(&s->drift[i], &text);
		out_printf(out, STYLE_DOUBT, "unusual      ");
		fprintf(out->file, "%s\n", buf_str(&text));
	}
	for (size_t i = 0; i < s->npoison; i++) {
		buf_clear(&text);
		poison_text(&s->poison[i], &text);
		out_printf(out, STYLE_BAD, "warning      ");
		fprintf(out->file, "%s\n", buf_str(&text));
	}
	buf_fini(&text);
}

static void
show(struct cli *cli, const struct status *s)
{
	const struct out *out = &cli->out;
	const struct model_info *info;
	struct buf text;

	buf_init(&text, BUF_NO_LIMIT);
	text_safe(&text, slice_of(s->e->paths.dir));
	fprintf(out->file, "state        %s\n", buf_str(&text));
	buf_fini(&text);
	show_daemon(out, s);
	if (s->model != NULL) {
		info = model_info(s->model);
		fprintf(out->file,
		    "model        %.*s, of %" PRIu64 " spam and %" PRIu64
		    " ham; spam from %.4f, unsure from %.4f\n",
		    REPORT_ID_DIGITS, info->id, info->spam, info->ham, info->spam_threshold,
		    info->unsure_threshold);
	} else {
		out_printf(out, STYLE_BAD, "model        none that can be used\n");
	}
	fprintf(out->file, "models       %zu in files of %.1f MiB together", s->models.files,
	    (double)s->models.bytes / MIB);
	if (s->models.rebuilt > 0)
		fprintf(out->file, "; %zu more are made again when needed", s->models.rebuilt);
	fprintf(out->file, "\nexamples     %" PRId64 " spam, %" PRId64 " ham\n", s->spam, s->ham);
	fprintf(out->file, "sites        %" PRId64 "\n", s->sites);
	fprintf(out->file,
	    "last hour    %" PRId64 " ham, %" PRId64 " unsure, %" PRId64 " spam; corrected: %" PRId64
	    " blocked ham, %" PRId64 " missed spam\n",
	    s->hour.ham, s->hour.unsure, s->hour.spam, s->hour.blocked_ham, s->hour.missed_spam);
	show_drift(out, s);
}

static int
run(struct cli *cli, const struct opts *o)
{
	struct status s = { .daemon = NULL };
	struct err err;
	int rc;

	(void)o;
	if (cli_engine(cli, STORE_READ, &s.e, &err) == -1)
		return cli_fail(&err);
	ask_daemon(&s);
	if (engine_model(s.e, NULL, &s.model, &s.model_why) == -1)
		s.model = NULL;
	rc = ask_store(&s, &err);
	if (rc == 0 && cli->json)
		rc = show_json(cli, &s, &err);
	else if (rc == 0)
		show(cli, &s);
	if (rc == 0 && s.model == NULL) {
		err = s.model_why;
		rc = -1;
	}
	json_free(s.daemon);
	client_reply_fini(&s.reply);
	model_unref(s.model);
	engine_close(s.e);
	arena_free(s.a);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

const struct verb verb_status = {
	.name = "status",
	.usage = "",
	.summary = "Show daemon, model, store and the last hour at a glance.",
	.options = options,
	.min_arguments = 0,
	.max_arguments = 0,
	.run = run,
};
