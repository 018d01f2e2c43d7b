#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "base/background.h"
#include "base/large.h"

#define LARGE_PAGE ((size_t)2 << 20)
#define SMALL_PAGE ((size_t)4096)
#define LEAST (2 * LARGE_PAGE)
#define SLOW_NS 1000000 /* a large page takes some 170 us where there is one */

static size_t
whole_pages(size_t n)
{
	return (n + SMALL_PAGE - 1) / SMALL_PAGE * SMALL_PAGE;
}

/* Return N bytes, all zero, in small pages that can become large ones. */
static unsigned char *
alloc_small(size_t n)
{
	size_t room = whole_pages(n), before;
	unsigned char *p;

	p = mmap(NULL, room + LARGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	before = (LARGE_PAGE - (uintptr_t)p % LARGE_PAGE) % LARGE_PAGE;
	if (before > 0)
		munmap(p, before);
	munmap(p + before + room, LARGE_PAGE - before);
	return p + before;
}

static void
wish(unsigned char *p, size_t n)
{
	madvise(p, n, MADV_HUGEPAGE);
}

void *
large_alloc(size_t n)
{
	unsigned char *p;

	if (n < LEAST)
		return calloc(1, n);
	p = alloc_small(n);
	if (p != NULL)
		wish(p, whole_pages(n));
	return p;
}

static int64_t
spent_ns(void)
{
	struct timespec t;

	clock_gettime(
	    CLOCK_THREAD_CPUTIME_ID, &t); /* who gives way may have to wait: that isn't the page's */
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void *
large_alloc_gently(size_t n)
{
	unsigned char *p;
	int64_t begun;

	if (n < LEAST)
		return calloc(1, n);
	p = alloc_small(n);
	for (size_t at = 0; p != NULL && at + LARGE_PAGE <= n; at += LARGE_PAGE) {
		begun = spent_ns();
		wish(p + at, LARGE_PAGE);
		*(volatile unsigned char *)(p + at) = 0;
		if (spent_ns() - begun > SLOW_NS)
			break;
		background_breath();
	}
	return p;
}

void
large_wish(void *p, size_t n)
{
	if (n >= LEAST)
		wish(p, whole_pages(n));
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
