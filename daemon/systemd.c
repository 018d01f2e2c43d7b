#include "config.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "daemon/systemd.h"

#ifdef HAVE_SYSTEMD

#include <systemd/sd-daemon.h>

void
systemd_ready(void)
{
	sd_notify(0, "READY=1");
}

void
systemd_reloading(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	sd_notifyf(
	    0, "RELOADING=1\nMONOTONIC_USEC=%" PRIdMAX, (intmax_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

void
systemd_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

int
systemd_sockets(int fds[SYSTEMD_FDS_MAX], struct err *err)
{
	int n = sd_listen_fds(1);

	if (n < 0)
		return err_set(err, ERR_IO, "socket activation: %s", strerror(-n));
	if (n > SYSTEMD_FDS_MAX)
		return err_set(err, ERR_LIMIT, "socket activation: more than %d sockets", SYSTEMD_FDS_MAX);
	for (int i = 0; i < n; i++)
		fds[i] = SD_LISTEN_FDS_START + i;
	return n;
}

#else

void
systemd_ready(void)
{
}

void
systemd_reloading(void)
{
}

void
systemd_stopping(void)
{
}

int
systemd_sockets(int fds[SYSTEMD_FDS_MAX], struct err *err)
{
	(void)fds;
	(void)err;
	return 0;
}

#endif
