#ifndef HAMLET_DAEMON_SYSTEMD_H
#define HAMLET_DAEMON_SYSTEMD_H

#include "base/err.h"

/* Talking to systemd, or who else started us and speaks its protocols; else all of this does nothing. */
void systemd_ready(void);
void systemd_reloading(void);
void systemd_stopping(void);

#define SYSTEMD_FDS_MAX 32

/* Fill FDS with the listening sockets that were handed over and return how many; 0 without any. */
int systemd_sockets(int fds[SYSTEMD_FDS_MAX], struct err *err);

#endif
