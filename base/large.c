#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/large.h"

#define LARGE_PAGE ((size_t)2 << 20)
#define SMALL_PAGE ((size_t)4096)
#define LEAST (2 * LARGE_PAGE)

static size_t
whole_pages(size_t n)
{
	return (n + SMALL_PAGE - 1) / SMALL_PAGE * SMALL_PAGE;
}

void *
large_alloc(size_t n)
{
	size_t room = whole_pages(n), before;
	unsigned char *p;

	if (n < LEAST)
		return calloc(1, n);
	p = mmap(NULL, room + LARGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	before = (LARGE_PAGE - (uintptr_t)p % LARGE_PAGE) % LARGE_PAGE;
	if (before > 0)
		munmap(p, before);
	munmap(p + before + room, LARGE_PAGE - before);
	madvise(p + before, room, MADV_HUGEPAGE); /* a wish */
	return p + before;
}

size_t
large_shrink(void *p, size_t n, size_t less)
{
	size_t kept = whole_pages(less), all = whole_pages(n);

	if (n < LEAST || less < LEAST || kept >= all || munmap((unsigned char *)p + kept, all - kept) == -1)
		return n;
	return less;
}

void
large_free(void *p, size_t n)
{
	if (n < LEAST || p == NULL)
		free(p);
	else
		munmap(p, whole_pages(n));
}
