#include "config.h"

#include "classifier/counts.h"

void
counts_init(struct counts *c, bool with_names)
{
	*c = (struct counts){ .with_names = with_names };
	hashed_init(&c->table, sizeof(struct count));
	buf_init(&c->names, UINT32_MAX - 1);
}

void
counts_fini(struct counts *c)
{
	hashed_fini(&c->table);
	buf_fini(&c->names);
}

struct count *
counts_entry(struct counts *c, uint64_t hash)
{
	return hashed_entry(&c->table, hash);
}

int
counts_name(struct counts *c, struct count *entry, unsigned field, const char *text, size_t n)
{
	if (!c->with_names || entry->name != 0)
		return 0;
	entry->name = hashed_name(&c->names, field, text, n);
	return entry->name != 0 ? 0 : -1;
}

static bool
counts(const void *entry)
{
	const struct count *e = entry;

	return e->spam != 0 || e->ham != 0;
}

struct count *
counts_sorted(const struct counts *c, size_t *n)
{
	return hashed_sorted(&c->table, counts, n);
}
