#ifndef HAMLET_BASE_LARGE_H
#define HAMLET_BASE_LARGE_H

#include <stddef.h>

/*
 * Return N bytes, all zero, or NULL.  What is large comes in large pages where the kernel has some: look-ups
 * all over a table of many megabytes then miss the page tables less often.
 */
void *large_alloc(size_t n);

/*
 * The same in two steps, for who must not keep others waiting.  A virtual machine's host may have to find the
 * memory first, and each large page then stops a core for milliseconds, a small one for no time to speak of:
 * after the first large one that is slow the rest comes in small ones.  Once it is filled large_wish() has
 * the kernel make large ones of them when it has time.
 */
void *large_alloc_gently(size_t n);
void large_wish(void *p, size_t n);

/* Give back all but the first LESS of the N bytes at P, where that can be done; return how many P has then.
 */
size_t large_shrink(void *p, size_t n, size_t less);

/* Give the N bytes at P back to the system; NULL is allowed. */
void large_free(void *p, size_t n);

#endif
