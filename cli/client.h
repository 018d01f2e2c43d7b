#ifndef HAMLET_CLI_CLIENT_H
#define HAMLET_CLI_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"

/* One HTTP call to the daemon over a Unix socket: small, blocking, bounded in time and size. */
#define CLIENT_TIMEOUT_MS 10000
#define CLIENT_REPLY_MAX ((size_t)16 << 20) /* bytes of a whole reply */

struct client_reply {
	int status; /* 100 to 599 */
	char *body; /* the caller frees it; a NUL stands after it */
	size_t n;
};

/*
 * Send METHOD PATH with BODY, a JSON value (absent: none), to the daemon on SOCKET and wait for the whole
 * reply, both within TIMEOUT_MS.  Whatever its status, a reply is success.  Else -1: no daemon there, no
 * reply in time, or one that isn't HTTP or too long.
 */
int client_call(const char *socket_path, const char *method, const char *path, struct slice body,
    int timeout_ms, struct client_reply *out, struct err *err);
void client_reply_fini(struct client_reply *reply);

/* Return whether it is certain that nobody listens on the socket. */
bool client_nobody(const char *socket_path);

/* Set *ERR to what a reply that isn't 200 says: "WHAT: the daemon says 503: MESSAGE"; return -1. */
int client_refusal(const struct client_reply *reply, const char *what, struct err *err);

#endif
