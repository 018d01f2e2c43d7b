#include "config.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/keyboard.h"

static int
take_over(const struct keyboard *k)
{
	struct termios now = k->before;

	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	now.c_cc[VMIN] = 1;
	now.c_cc[VTIME] = 0;
	return tcsetattr(k->terminal, TCSANOW, &now);
}

static void
put_back(const struct keyboard *k)
{
	tcsetattr(k->terminal, TCSANOW, &k->before);
}

int
keyboard_open(struct keyboard *k, struct err *err)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
	struct sigaction now;

	*k = (struct keyboard){ .terminal = STDIN_FILENO };
	if (tcgetattr(k->terminal, &k->before) == -1)
		return err_set(err, ERR_IO, "standard input: %s", strerror(errno));
	sigemptyset(&k->blocked);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN) /* as under nohup */
			sigaddset(&k->blocked, signals[i]);
	}
	sigprocmask(SIG_BLOCK, &k->blocked, &k->mask_before);
	k->signals = signalfd(-1, &k->blocked, SFD_CLOEXEC);
	if (k->signals != -1 && take_over(k) == 0)
		return 0;
	err_set(err, ERR_IO, "the terminal: %s", strerror(errno));
	if (k->signals != -1)
		close(k->signals);
	sigprocmask(SIG_SETMASK, &k->mask_before, NULL);
	return -1;
}

/* Be stopped with the terminal as it was, and take it over again after. */
static int
stop(struct keyboard *k)
{
	put_back(k);
	raise(SIGSTOP);
	return take_over(k) == 0 ? KEYBOARD_AGAIN : KEYBOARD_END;
}

static int
take_signal(struct keyboard *k)
{
	struct signalfd_siginfo info;

	if (read(k->signals, &info, sizeof(info)) != sizeof(info))
		return KEYBOARD_AGAIN;
	if (info.ssi_signo == SIGTSTP)
		return stop(k);
	k->ended_by = (int)info.ssi_signo;
	return KEYBOARD_END;
}

int
keyboard_read(struct keyboard *k)
{
	struct pollfd wait[] = { { .fd = k->signals, .events = POLLIN },
		{ .fd = k->terminal, .events = POLLIN } };
	unsigned char key;

	while (poll(wait, 2, -1) == -1) {
		if (errno != EINTR)
			return KEYBOARD_END;
	}
	if (wait[0].revents != 0)
		return take_signal(k);
	return read(k->terminal, &key, 1) == 1 ? key : KEYBOARD_END;
}

void
keyboard_close(struct keyboard *k)
{
	put_back(k);
	close(k->signals);
	if (k->ended_by != 0)
		raise(k->ended_by); /* it waits until the mask lets it through */
	sigprocmask(SIG_SETMASK, &k->mask_before, NULL);
}
