#ifndef HAMLET_CLI_KEYS_H
#define HAMLET_CLI_KEYS_H

#include <signal.h>
#include <termios.h>

#include "base/err.h"

/*
 * Single keys from the terminal.  Between keys_open() and keys_close() the terminal hands over each key at
 * once and doesn't show it, and the signals that would end or stop the program wait, so that the terminal is
 * always put back first: keys_read() does that when one comes.
 */
struct keys {
	int terminal, signals; /* file descriptors; signals: where signals are read from */
	struct termios before; /* the terminal's settings, to be put back */
	sigset_t blocked, mask_before;
	int ended_by; /* a signal that is to end the program; 0: none */
};

/* Take over the terminal on standard input; ERR_IO when it is none. */
int keys_open(struct keys *k, struct err *err);

#define KEYS_END (-1) /* no more keys: the terminal is gone, or a signal came that ends the program */
#define KEYS_AGAIN (-2) /* the program was stopped and goes on: show again what was on the screen */

/* Wait for a key and return its byte, or one of the above. */
int keys_read(struct keys *k);

/* Put the terminal back.  If a signal ended it, the program ends here by that signal. */
void keys_close(struct keys *k);

#endif
