#include "config.h"

#include <math.h>

#include "classifier/evidence.h"
#include "cli/output.h"
#include "cli/scorer.h"
#include "corpus/corpus.h"
#include "engine/check.h"

#define LINE_ARENA_BYTES ((size_t)2 * CORPUS_MAX_LINE + 65536)

int
scorer_init(struct scorer *s, const struct score_how *how, struct err *err)
{
	*s = (struct scorer){ .how = how };
	buf_init(&s->line, BUF_NO_LIMIT);
	buf_init(&s->evidence, BUF_NO_LIMIT);
	buf_init(&s->out, BUF_NO_LIMIT);
	s->arena = arena_new(LINE_ARENA_BYTES);
	if (s->arena == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	return classifier_new(&s->classifier, err);
}

void
scorer_fini(struct scorer *s)
{
	classifier_free(s->classifier);
	arena_free(s->arena);
	buf_fini(&s->line);
	buf_fini(&s->evidence);
	buf_fini(&s->out);
}

int
scorer_judge(struct scorer *s, const struct comment *comment, struct err *err)
{
	struct verdict_row row = { .forced = "" };
	struct judgement j;

	if (classify_at(s->classifier, s->how->model, comment, s->how->fields, &s->how->place, &j, err) == -1)
		return -1;
	row.model = model_info(s->how->model)->id;
	row.verdict = j.verdict;
	row.probability = j.probability;
	row.prior = j.prior;
	row.known = j.known;
	buf_clear(&s->evidence);
	evidence_list(s->classifier, &j, CHECK_EVIDENCE_TOP, &s->evidence);
	buf_clear(&s->line);
	verdict_json(&row, buf_slice(&s->evidence), false, &s->line);
	text_safe_json(&s->out, buf_slice(&s->line));
	buf_add_char(&s->out, '\n');
	if (!buf_ok(&s->evidence) || !buf_ok(&s->line) || !buf_ok(&s->out))
		return err_set(err, ERR_NOMEM, "out of memory");
	return 0;
}
