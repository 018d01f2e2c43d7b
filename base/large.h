#ifndef HAMLET_BASE_LARGE_H
#define HAMLET_BASE_LARGE_H

#include <stddef.h>

/*
 * Return N bytes (not zeroed; for free()), or NULL.  What is large comes in large pages where the kernel has
 * some: look-ups all over a table of many megabytes then miss the page tables less often.
 */
void *large_alloc(size_t n);

#endif
