#ifndef HAMLET_BASE_LIST_H
#define HAMLET_BASE_LIST_H

#include <stdlib.h>

/* Give the list that the pointer at LIST points to (NULL: none yet) room for N items of SIZE bytes, with what
 * it holds; 0, or -1 when memory ran out, with the list as it was. */
static inline int
list_resize(void *list, size_t n, size_t size)
{
	void **p = list, *resized = realloc(*p, n * size);

	if (resized == NULL)
		return -1;
	*p = resized;
	return 0;
}

#endif
