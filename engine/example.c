#include "config.h"

#include "engine/example.h"

struct origin
example_origin(const struct example_row *row)
{
	struct slice source = slice_of(row->source);

	return (struct origin){
		.source = source.n > 0 ? origin_source(source) : (uint64_t)row->site,
		.site = row->scope == SCOPE_ALL ? 0 : (uint64_t)row->site,
		.shared = row->scope == SCOPE_BOTH,
	};
}

int
example_find(struct store *st, int64_t site, uint64_t fingerprint, struct arena *a, struct example_row *row,
    bool *found, struct err *err)
{
	struct err why = { 0 };

	*found = store_example_match(st, site, fingerprint, a, row, &why) == 0;
	if (*found || why.code == ERR_NOT_FOUND)
		return 0;
	return err_set(err, why.code, "%s", why.text);
}

int
example_known(struct store *st, int64_t site, uint64_t fingerprint, struct arena *a, struct example_row *row,
    bool *found, struct err *err)
{
	if (example_find(st, site, fingerprint, a, row, found, err) == -1)
		return -1;
	if (site != 0 && (!*found || row->label == LABEL_NONE) &&
	    example_find(st, 0, fingerprint, a, row, found, err) == -1)
		return -1;
	*found = *found && row->label != LABEL_NONE;
	return 0;
}

static void
drop_addresses(struct comment *c)
{
	static const int fields[] = { COMMENT_IP, COMMENT_USER_AGENT, COMMENT_REFERRER };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		c->field[fields[i]] = (struct slice){ NULL, 0 };
}

int
example_say(struct store *st, struct example_row *row, const struct example_row *known,
    enum example_outcome *outcome, struct err *err)
{
	int64_t seq;

	if (row->label == (known != NULL ? known->label : LABEL_NONE)) {
		*outcome = EXAMPLE_SAME;
		return 0;
	}
	row->replaces = known != NULL ? known->seq : 0;
	if (row->label == LABEL_NONE) /* nothing is learnt from it that they could belong to */
		drop_addresses(&row->comment);
	*outcome = known != NULL && known->label != LABEL_NONE ? EXAMPLE_REPLACED : EXAMPLE_ADDED;
	return store_example_add(st, row, &seq, err);
}
