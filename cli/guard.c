#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/guard.h"

static const int stops[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

#define NSTOPS (sizeof(stops) / sizeof(stops[0]))

/* Wait for the end of PID, passing signals of SET, which are blocked, on to it; return its status. */
static int
watch(pid_t pid, const sigset_t *set)
{
	int status, number;
	pid_t ended;

	for (;;) {
		ended = waitpid(pid, &status, WNOHANG);
		if (ended == pid)
			return status;
		if (ended == -1 && errno != EINTR)
			return CLI_NO << 8; /* somebody else has waited for it: as good as a failure */
		number = sigwaitinfo(set, NULL);
		if (number > 0 && number != SIGCHLD)
			kill(pid, number);
	}
}

static bool
was_stopped(int number)
{
	for (size_t i = 0; i < NSTOPS; i++) {
		if (stops[i] == number)
			return true;
	}
	return false;
}

/* Say that signal NUMBER was the end of it; return the exit code. */
static int
tell_end(const char *verb, int number, const sigset_t *before)
{
	sigset_t one;

	if (was_stopped(number)) {
		sigprocmask(SIG_SETMASK, before, NULL);
		sigemptyset(&one);
		sigaddset(&one, number);
		signal(number, SIG_DFL);
		sigprocmask(SIG_UNBLOCK, &one, NULL);
		raise(number);
	}
	cli_note(
	    "%s: ended by signal %d, %s; what it had made is cleared away", verb, number, strsignal(number));
	return CLI_NO;
}

bool
guard(const char *verb, void (*undo)(void *arg), void *arg, int *code)
{
	sigset_t set, before;
	pid_t pid, self = getpid();
	int status;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (size_t i = 0; i < NSTOPS; i++)
		sigaddset(&set, stops[i]);
	fflush(NULL);
	signal(SIGCHLD, SIG_DFL); /* ignored, it would take the status away */
	sigprocmask(SIG_BLOCK, &set, &before);
	pid = fork();
	if (pid <= 0) { /* without a second process it is done unwatched */
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGTERM); /* nobody would see to the rest */
			if (getppid() != self)
				raise(SIGTERM);
		}
		sigprocmask(SIG_SETMASK, &before, NULL);
		return true;
	}
	status = watch(pid, &set);
	if (WIFSIGNALED(status)) {
		undo(arg);
		*code = tell_end(verb, WTERMSIG(status), &before);
	} else {
		*code = WEXITSTATUS(status);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return false;
}
