#ifndef HAMLET_CLI_GUARD_H
#define HAMLET_CLI_GUARD_H

#include <stdbool.h>

/*
 * Work that is watched over: it is done in a process of its own, so that what it has made half can be cleared
 * away however it ends, by Ctrl-C, kill -9 or for want of memory.
 *
 * Return true in the process that is to do the work; nothing may run yet but the caller's thread.  In the
 * other one wait for that process, pass signals on to it, and return false with its exit code in *CODE.  If a
 * signal was its end, UNDO is called first; then this process ends by the signal too if somebody has sent it
 * to stop the work, or else says what happened.
 */
bool guard(const char *verb, void (*undo)(void *arg), void *arg, int *code);

#endif
