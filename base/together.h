#ifndef HAMLET_BASE_TOGETHER_H
#define HAMLET_BASE_TOGETHER_H

#include <stddef.h>

/*
 * Have WORK(ARG) done by this thread and, at the same time, by others: as many as there are cores, and PARTS
 * of the work, at most.  WORK takes part after part, by a counter of its own that all of them share, until
 * there is none.  Who gives way (background.h) does all of it, and so does this thread where no other is to
 * be had: what is awake on another core isn't always put aside at once.
 */
void together(size_t parts, void *(*work)(void *arg), void *arg);

#endif
