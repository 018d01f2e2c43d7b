#ifndef HAMLET_CLI_KEYBOARD_H
#define HAMLET_CLI_KEYBOARD_H

#include <signal.h>
#include <termios.h>

#include "base/err.h"

/*
 * Single keys from the terminal.  Between keyboard_open() and keyboard_close() the terminal hands over each
 * key at once and doesn't show it, and the signals that would end or stop the program wait, so that the
 * terminal is always put back first: keyboard_read() does that when one comes.
 */
struct keyboard {
	int terminal, signals; /* file descriptors; signals: where signals are read from */
	struct termios before; /* the terminal's settings, to be put back */
	sigset_t blocked, mask_before;
	int ended_by; /* a signal that is to end the program; 0: none */
};

/* Take over the terminal on standard input; ERR_IO when it is none. */
int keyboard_open(struct keyboard *k, struct err *err);

#define KEYBOARD_END (-1) /* no more keys: the terminal is gone, or a signal came that ends the program */
#define KEYBOARD_AGAIN (-2) /* the program was stopped and goes on: show again what was on the screen */

/* Wait for a key and return its byte, or one of the above. */
int keyboard_read(struct keyboard *k);

/* Put the terminal back.  If a signal ended it, the program ends here by that signal. */
void keyboard_close(struct keyboard *k);

#endif
