#ifndef HAMLET_BASE_BACKGROUND_H
#define HAMLET_BASE_BACKGROUND_H

#include <stdbool.h>

/*
 * Carry out WORK(ARG) on a thread of its own that gives way to all others, and wait for its end.  What
 * threads it starts give way as well.  WORK must not hold a lock that somebody in a hurry waits for: who
 * gives way with a lock in hand keeps everybody waiting.  Where no thread is to be had, this one does it.
 */
void background_run(void (*work)(void *arg), void *arg);

/* Return whether this thread gives way. */
bool background_here(void);

/*
 * If this thread gives way, let those go first who are waiting.  To be called every tenth of a millisecond of
 * work: who wakes up isn't always let in at once, whatever the priorities, but after the tick or the slice
 * that is under way, some milliseconds.
 */
void background_breath(void);

#endif
