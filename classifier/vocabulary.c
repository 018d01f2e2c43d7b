#include "config.h"

#include <stdlib.h>

#include "base/list.h"
#include "classifier/vocabulary.h"

void
vocabulary_init(struct vocabulary *v, bool with_names)
{
	*v = (struct vocabulary){ .with_names = with_names };
	hashed_init(&v->table, sizeof(struct vocabulary_place));
	buf_init(&v->names, UINT32_MAX - 1);
}

void
vocabulary_fini(struct vocabulary *v)
{
	hashed_fini(&v->table);
	free(v->name);
	free(v->hash);
	free(v->order);
	buf_fini(&v->names);
	vocabulary_init(v, v->with_names);
}

/* Make room for the name of one more token. */
static int
grow_names(struct vocabulary *v)
{
	size_t cap = v->name_cap == 0 ? 4096 : 2 * v->name_cap;

	if (!v->with_names || v->table.used < v->name_cap)
		return 0;
	if (list_resize(&v->name, cap, sizeof(*v->name)) == -1)
		return -1;
	v->name_cap = cap;
	return 0;
}

/* There is a number and room for a name before there is a place, which nobody takes back. */
struct vocabulary_place *
vocabulary_add(struct vocabulary *v, uint64_t hash)
{
	const size_t number = v->table.used;
	struct vocabulary_place *p;

	if (number == VOCABULARY_ALONE || grow_names(v) == -1)
		return NULL;
	p = hashed_entry(&v->table, hash);
	if (p == NULL || v->table.used == number)
		return p;
	if (v->with_names)
		v->name[number] = 0;
	p->number = (uint32_t)number;
	return p;
}

int
vocabulary_name(struct vocabulary *v, uint32_t number, unsigned field, const char *text, size_t n)
{
	v->name[number] = hashed_name(&v->names, field, text, n);
	return v->name[number] != 0 ? 0 : -1;
}

uint32_t
vocabulary_find(const struct vocabulary *v, uint64_t hash)
{
	const struct vocabulary_place *p = hashed_find(&v->table, hash);

	return p == NULL ? VOCABULARY_NONE : p->number;
}

uint32_t *
vocabulary_unsettle(struct vocabulary *v)
{
	const struct vocabulary_place *places = v->table.v;
	uint32_t *now = malloc((v->table.used + 1) * sizeof(*now));

	for (size_t i = 0; now != NULL && i < v->table.size; i++) {
		const struct vocabulary_place *p = &places[i];

		if (p->hash == 0)
			continue;
		now[p->number] = p->seen > 1 ? VOCABULARY_NONE : VOCABULARY_ALONE;
		v->common += p->seen > 1;
	}
	return now;
}

/* Put the numbers NOW, by old ones, into all places, and the names in their order, to NAME. */
static void
renumber(struct vocabulary *v, const uint32_t *now, uint32_t *name)
{
	struct vocabulary_place *places = v->table.v;

	for (size_t i = 0; i < v->table.size; i++) {
		if (places[i].hash != 0)
			places[i].number = now[places[i].number];
	}
	if (name == NULL)
		return;
	for (size_t i = 0; i < v->table.used; i++)
		name[now[i]] = v->name[i];
	free(v->name);
	v->name = name;
	v->name_cap = v->table.used;
}

int
vocabulary_settle(struct vocabulary *v, const uint32_t *now)
{
	struct vocabulary_place *list;
	size_t n;
	uint32_t *name = v->name != NULL ? malloc(v->table.used * sizeof(*name)) : NULL;

	v->hash = malloc((v->table.used + 1) * sizeof(*v->hash));
	v->order = malloc((v->table.used + 1) * sizeof(*v->order));
	if (v->hash == NULL || v->order == NULL || (v->name != NULL && name == NULL)) {
		free(name);
		return -1;
	}
	renumber(v, now, name);
	list = hashed_sorted(&v->table, NULL, &n);
	for (size_t i = 0; list != NULL && i < n; i++) {
		v->order[i] = list[i].number;
		v->hash[list[i].number] = list[i].hash;
	}
	free(list);
	return list != NULL ? 0 : -1;
}
