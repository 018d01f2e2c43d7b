#ifndef HAMLET_DAEMON_LISTEN_H
#define HAMLET_DAEMON_LISTEN_H

#include <stdbool.h>

#include "daemon/http.h"
#include "engine/engine.h"
#include "engine/settings.h"

/* The sockets the daemon listens on: its two Unix sockets, TCP addresses, and what systemd hands over. */
#define LISTEN_WORKERS_MAX 64
#define LISTEN_ADDRESSES_MAX (3 * CONFIG_LISTEN_MAX)
#define LISTEN_MAX (2 + 32 + LISTEN_ADDRESSES_MAX * LISTEN_WORKERS_MAX)

struct listen {
	struct http_listener v[LISTEN_MAX];
	size_t n;
	char *remove[2]; /* paths of sockets we made; NULL where systemd did */
	char address[LISTEN_ADDRESSES_MAX][64]; /* of TCP, with the port that was chosen if 0 was asked for */
	size_t naddress;
};

/*
 * Open what CONFIG and PATHS ask for, for WORKERS threads: the Unix sockets are shared, TCP addresses have a
 * socket a thread. The daemon's lock must be held: socket files that are in the way are replaced.  On failure
 * nothing is left open.
 */
int listen_open(struct listen *l, const struct engine_paths *paths, const struct config *config,
    size_t workers, struct err *err);

/* See that what CONFIG names is there, without opening anything; ERR_NOT_FOUND for a group that isn't. */
int listen_check(const struct config *config, struct err *err);

/* Return whether the group that CONFIG names for the service socket, which we made, can't get to it, for the
 * state directory is closed to it. */
bool listen_shut_in(const struct listen *l, const struct engine_paths *paths, const struct config *config);

/* Close all and remove the socket files we made. */
void listen_close(struct listen *l);

#endif
