#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "daemon/systemd.h"

/*
 * The two protocols of systemd that its manual declares stable, sd_notify(3) and sd_listen_fds(3). libsystemd
 * would bring six libraries of compression and cryptography along, a megabyte of each daemon's memory.
 */
#define FIRST_FD 3

/* Fill *TO with the address in $NOTIFY_SOCKET and return its length; 0: there is none that we can send to. */
static socklen_t
notify_address(struct sockaddr_un *to)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t n = path == NULL ? 0 : strlen(path);

	*to = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (n < 2 || n >= sizeof(to->sun_path) || (path[0] != '/' && path[0] != '@'))
		return 0;
	memcpy(to->sun_path, path, n);
	if (path[0] == '@') /* a name that isn't in the file system */
		to->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

/* Tell who started us, if they want to know; nobody is the worse for not hearing. */
static void
notify(const char *state)
{
	struct sockaddr_un to;
	socklen_t n = notify_address(&to);
	ssize_t sent;
	int fd;

	if (n == 0)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return;
	sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)(const void *)&to, n);
	(void)sent;
	close(fd);
}

void
systemd_ready(void)
{
	notify("READY=1");
}

void
systemd_reloading(void)
{
	struct timespec now;
	char state[80];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRIdMAX,
	    (intmax_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	notify(state);
}

void
systemd_stopping(void)
{
	notify("STOPPING=1");
}

/* Return the number that the environment variable NAME holds; -1 if it holds none. */
static long
variable(const char *name)
{
	const char *text = getenv(name);
	char *end;
	long n;

	if (text == NULL || *text < '0' || *text > '9')
		return -1;
	errno = 0;
	n = strtol(text, &end, 10);
	return errno == 0 && *end == '\0' ? n : -1;
}

int
systemd_sockets(int fds[SYSTEMD_FDS_MAX], struct err *err)
{
	bool ours = variable("LISTEN_PID") == getpid();
	long n = ours ? variable("LISTEN_FDS") : 0;

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (n < 0)
		return err_set(err, ERR_IO, "socket activation: LISTEN_FDS is not a number");
	if (n > SYSTEMD_FDS_MAX)
		return err_set(err, ERR_LIMIT, "socket activation: more than %d sockets", SYSTEMD_FDS_MAX);
	for (int i = 0; i < n; i++) {
		fds[i] = FIRST_FD + i;
		if (fcntl(fds[i], F_SETFD, FD_CLOEXEC) == -1)
			return err_set(err, ERR_IO, "socket activation: %s", strerror(errno));
	}
	return (int)n;
}
