#include "config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define BLOCK_BYTES (16 * 1024)

struct block {
	struct block *next;
	size_t size, used;
	max_align_t bytes[];
};

struct arena {
	struct block *first, *last;
	size_t max, taken;
};

struct arena *
arena_new(size_t max)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a != NULL)
		a->max = max;
	return a;
}

static void
free_blocks(struct block *b)
{
	struct block *next;

	for (; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	free_blocks(a->first);
	free(a);
}

void
arena_reset(struct arena *a)
{
	a->taken = 0;
	if (a->first == NULL)
		return;
	free_blocks(a->first->next);
	a->first->next = NULL;
	a->first->used = 0;
	a->last = a->first;
}

static struct block *
add_block(struct arena *a, size_t n)
{
	size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
	struct block *b = malloc(sizeof(*b) + size);

	if (b == NULL)
		return NULL;
	b->next = NULL;
	b->size = size;
	b->used = 0;
	if (a->last == NULL)
		a->first = b;
	else
		a->last->next = b;
	a->last = b;
	return b;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	size_t align = _Alignof(max_align_t);
	struct block *b = a->last;
	void *p;

	if (n > a->max || a->taken > a->max - n)
		return NULL;
	n = (n + align - 1) / align * align;
	if (b == NULL || b->size - b->used < n)
		b = add_block(a, n);
	if (b == NULL)
		return NULL;
	p = (char *)b->bytes + b->used;
	b->used += n;
	a->taken += n;
	return memset(p, 0, n);
}

char *
arena_copy(struct arena *a, const void *p, size_t n)
{
	char *to = arena_alloc(a, n + 1);

	if (to != NULL && n > 0)
		memcpy(to, p, n);
	return to;
}

int
arena_keep(struct arena *a, struct slice *s)
{
	if (s->p == NULL)
		return 0;
	s->p = arena_copy(a, s->p, s->n);
	return s->p == NULL ? -1 : 0;
}
