#include "config.h"

#include "classifier/model_impl.h"
#include "classifier/walk.h"

/* Look for the next token from the place on where W is. */
static void
settle(struct walk *w)
{
	const uint32_t *half;

	while (w->bucket != NULL && (w->way == LOOKUP_WAYS || lookup_is_free(w->bucket->place[w->way]))) {
		w->bucket = section_take(&w->table, sizeof(*w->bucket));
		w->way = 0;
	}
	w->more = false;
	if (w->bucket == NULL)
		return;
	half = section_take(&w->halves, sizeof(*half));
	w->broken |= half == NULL;
	w->more = half != NULL;
	if (w->more)
		w->hash = (uint64_t)*half << 32 | w->bucket->tag[w->way];
}

static int
start_sections(struct walk *w, const struct model *m, struct err *err)
{
	if (model_section(m, SNAPSHOT_TABLE, &w->table, err) == -1 ||
	    model_section(m, SNAPSHOT_LARGE, &w->large, err) == -1 ||
	    model_section(m, SNAPSHOT_HALVES, &w->halves, err) == -1)
		return -1;
	return w->named ? model_section(m, SNAPSHOT_NAMES, &w->names, err) : 0;
}

int
walk_start(struct walk *w, const struct model *m, bool named, struct err *err)
{
	*w = (struct walk){ .named = named && model_header(m)->section[SNAPSHOT_NAMES].bytes > 0 };
	if (start_sections(w, m, err) == -1) {
		walk_stop(w);
		return -1;
	}
	w->bucket = section_take(&w->table, sizeof(*w->bucket));
	settle(w);
	return 0;
}

static const unsigned char *
take_name(struct walk *w)
{
	const unsigned char *name = section_look(&w->names, 2);

	if (name != NULL)
		name = section_take(&w->names, 2u + name[0]);
	w->broken |= name == NULL;
	return name != NULL && name[0] > 0 ? name : NULL;
}

static struct lookup_counts
take_counts(struct walk *w)
{
	const struct lookup_place p = w->bucket->place[w->way++];
	const struct lookup_large *large;

	if (!lookup_is_large(p))
		return (struct lookup_counts){ p.spam, p.ham };
	large = section_take(&w->large, sizeof(*large));
	w->broken |= large == NULL;
	return large != NULL ? large->counts : (struct lookup_counts){ 0, 0 };
}

struct walked
walk_take(struct walk *w)
{
	struct walked t = { w->hash, take_counts(w), w->named ? take_name(w) : NULL };

	settle(w);
	return t;
}

int
walk_end(struct walk *w, struct err *err)
{
	struct section *all[] = { &w->table, &w->large, &w->halves, &w->names };
	int rc = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (section_end(all[i], rc == 0 ? err : NULL) == -1)
			rc = -1;
	}
	if (rc == 0 && w->broken)
		rc = err_set(err, ERR_DAMAGED, "its sections don't fit together");
	return rc;
}

void
walk_stop(struct walk *w)
{
	walk_end(w, NULL);
}
