#include "config.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/large.h"

#define LARGE_PAGE ((size_t)2 << 20)

void *
large_alloc(size_t n)
{
	void *p;

	if (n < 2 * LARGE_PAGE)
		return malloc(n);
	if (posix_memalign(&p, LARGE_PAGE, n) != 0)
		return NULL;
	madvise(p, n, MADV_HUGEPAGE); /* a wish */
	return p;
}
