#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/listen.h"
#include "daemon/peer.h"
#include "daemon/systemd.h"

#define BACKLOG 1024

static int
add(struct listen *l, int fd, enum http_socket socket, int worker, struct err *err)
{
	if (l->n == LISTEN_MAX) {
		close(fd);
		return err_set(err, ERR_LIMIT, "more than %d listening sockets", LISTEN_MAX);
	}
	l->v[l->n++] = (struct http_listener){ fd, socket, worker };
	return 0;
}

/* -- Unix sockets -- */

static int
unix_address(struct sockaddr_un *sun, const char *path, struct err *err)
{
	*sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(sun->sun_path))
		return err_set(err, ERR_LIMIT, "%s: longer than the %zu bytes that a socket's path may have",
		    path, sizeof(sun->sun_path) - 1);
	memcpy(sun->sun_path, path, strlen(path));
	return 0;
}

/* Remove a socket that a daemon before us has left at PATH; anything else that is there is not ours to
 * remove. */
static int
remove_stale(const char *path, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) == -1)
		return errno == ENOENT ? 0 : err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, ERR_REFUSED, "%s: is in the way, and not a socket", path);
	return unlink(path) == 0 ? 0 : err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
}

/* Listen on PATH: open to its owner alone until permissions are given. */
static int
unix_listen(int *fd, const char *path, struct err *err)
{
	struct sockaddr_un sun;
	mode_t mask;
	int rc;

	if (unix_address(&sun, path, err) == -1 || remove_stale(path, err) == -1)
		return -1;
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd == -1)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	mask = umask(0177);
	rc = bind(*fd, (const struct sockaddr *)&sun, sizeof(sun));
	umask(mask);
	if (rc == -1 || listen(*fd, BACKLOG) == -1) {
		err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
		close(*fd);
		return -1;
	}
	return 0;
}

static int
find_group(gid_t *gid, const char *name, struct err *err)
{
	if (peer_group(gid, name) == 0)
		return 0;
	return err_set(err, ERR_NOT_FOUND, "socket_group: there is no group \"%s\"", name);
}

int
listen_check(const struct config *config, struct err *err)
{
	gid_t gid;

	return *config->socket_group == '\0' ? 0 : find_group(&gid, config->socket_group, err);
}

/* Give PATH to GROUP ("": leave it) and set its permissions. */
static int
give(const char *path, const char *group, mode_t mode, struct err *err)
{
	gid_t gid;

	if (*group != '\0') {
		if (find_group(&gid, group, err) == -1)
			return -1;
		if (chown(path, (uid_t)-1, gid) == -1)
			return err_set(err, ERR_IO, "%s: to group \"%s\": %s%s", path, group, strerror(errno),
			    errno == EPERM ? "; hamletd's user must be in that group" : "");
	}
	if (chmod(path, mode) == -1)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	return 0;
}

static int
open_service(struct listen *l, const struct engine_paths *paths, const struct config *config, struct err *err)
{
	int fd;

	if (unix_listen(&fd, paths->service_socket, err) == -1 || add(l, fd, HTTP_SERVICE, -1, err) == -1)
		return -1;
	l->remove[0] = strdup(paths->service_socket);
	return give(paths->service_socket, config->socket_group, (mode_t)config->socket_mode, err);
}

bool
listen_shut_in(const struct listen *l, const struct engine_paths *paths, const struct config *config)
{
	struct stat st;
	gid_t gid;

	if (*config->socket_group == '\0' || l->remove[0] == NULL ||
	    peer_group(&gid, config->socket_group) == -1 || stat(paths->dir, &st) == -1)
		return false;
	return (st.st_mode & (st.st_gid == gid ? S_IXGRP : S_IXOTH)) == 0;
}

/* The admin socket is for the owner, and for the group hamlet-admin where there is one that we can give it
 * to. */
static int
open_admin(struct listen *l, const struct engine_paths *paths, struct err *err)
{
	gid_t gid;
	int fd;

	if (unix_listen(&fd, paths->admin_socket, err) == -1 || add(l, fd, HTTP_ADMIN, -1, err) == -1)
		return -1;
	l->remove[1] = strdup(paths->admin_socket);
	if (peer_group(&gid, PEER_ADMIN_GROUP) == 0 && chown(paths->admin_socket, (uid_t)-1, gid) == 0 &&
	    chmod(paths->admin_socket, 0660) == -1)
		return err_set(err, ERR_IO, "%s: %s", paths->admin_socket, strerror(errno));
	return 0;
}

/* -- TCP -- */

/* Split "ADDR:PORT" or "[ADDR]:PORT" and look it up; the caller frees *OUT. */
static int
resolve(struct addrinfo **out, const char *text, struct err *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	const char *colon = strrchr(text, ':'), *start = text + (*text == '[');
	char *host;
	int rc;

	host = colon == NULL ? NULL : strndup(start, (size_t)(colon - start) - (*text == '['));
	if (host == NULL)
		return err_set(err, ERR_INPUT, "%s: not ADDR:PORT", text);
	rc = getaddrinfo(strcmp(host, "*") == 0 ? NULL : host, colon + 1, &hints, out);
	free(host);
	if (rc != 0)
		return err_set(err, ERR_INPUT, "%s: %s", text, gai_strerror(rc));
	return 0;
}

static int
tcp_listen(int *fd, const char *text, const struct sockaddr *address, socklen_t n, struct err *err)
{
	int one = 1;

	*fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd == -1)
		return err_set(err, ERR_IO, "%s: %s", text, strerror(errno));
	setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(*fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	if (address->sa_family == AF_INET6)
		setsockopt(*fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(*fd, address, n) == 0 && listen(*fd, BACKLOG) == 0)
		return 0;
	err_set(err, ERR_IO, "%s: %s", text, strerror(errno));
	close(*fd);
	return -1;
}

/* Note the address of FD, with its real port, as long as there is room. */
static void
note_address(struct listen *l, const struct sockaddr *address, socklen_t n)
{
	char host[48] = "?", port[8] = "?";
	char *text;

	if (l->naddress == LISTEN_ADDRESSES_MAX)
		return;
	text = l->address[l->naddress++];
	getnameinfo(address, n, host, sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(
	    text, sizeof(l->address[0]), address->sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

/* Fail if another process listens where ADDRESS says: with SO_REUSEPORT the kernel would share it between us.
 */
static int
taken(const char *text, const struct sockaddr *address, socklen_t n, struct err *err)
{
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1, rc;

	if (fd == -1)
		return err_set(err, ERR_IO, "%s: %s", text, strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (address->sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	rc = bind(fd, address, n);
	if (rc == -1)
		err_set(err, ERR_IO, "%s: %s", text, strerror(errno));
	close(fd);
	return rc;
}

static int
open_tcp(struct listen *l, const char *text, enum http_socket socket, size_t workers, struct err *err)
{
	struct sockaddr_storage address;
	struct addrinfo *ai;
	socklen_t n;
	int fd, rc = 0;

	if (resolve(&ai, text, err) == -1)
		return -1;
	n = ai->ai_addrlen;
	memcpy(&address, ai->ai_addr, n);
	freeaddrinfo(ai);
	if (taken(text, (const struct sockaddr *)&address, n, err) == -1)
		return -1;
	for (size_t i = 0; i < workers && rc == 0; i++) {
		rc = tcp_listen(&fd, text, (const struct sockaddr *)&address, n, err);
		if (rc == -1)
			return -1;
		getsockname(
		    fd, (struct sockaddr *)&address, &n); /* port 0 became a real one: the same for all */
		rc = add(l, fd, socket, (int)i, err);
	}
	if (rc == 0)
		note_address(l, (const struct sockaddr *)&address, n);
	return rc;
}

/* -- From systemd -- */

/* Take over FD; tell by its address what it is for. */
static int
adopt(struct listen *l, int fd, bool have[2], struct err *err)
{
	struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
	const struct sockaddr_un *sun = (const struct sockaddr_un *)&address;
	socklen_t n = sizeof(address);
	bool admin;
	size_t len;

	if (getsockname(fd, (struct sockaddr *)&address, &n) == -1 ||
	    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == -1)
		return err_set(err, ERR_IO, "socket activation: %s", strerror(errno));
	if (address.ss_family == AF_INET || address.ss_family == AF_INET6) {
		note_address(l, (const struct sockaddr *)&address, n);
		return add(l, fd, HTTP_TCP, -1, err);
	}
	if (address.ss_family != AF_UNIX)
		return err_set(err, ERR_INPUT, "socket activation: a socket that is neither Unix nor TCP");
	len = strnlen(sun->sun_path, sizeof(sun->sun_path));
	admin = len >= 10 && memcmp(sun->sun_path + len - 10, "admin.sock", 10) == 0;
	have[admin ? 1 : 0] = true;
	return add(l, fd, admin ? HTTP_ADMIN : HTTP_SERVICE, -1, err);
}

int
listen_open(struct listen *l, const struct engine_paths *paths, const struct config *config, size_t workers,
    struct err *err)
{
	int fds[SYSTEMD_FDS_MAX], n;
	bool have[2] = { false, false };
	int rc = 0;

	*l = (struct listen){ .n = 0 };
	n = systemd_sockets(fds, err);
	if (n == -1)
		return -1;
	for (int i = 0; i < n && rc == 0; i++)
		rc = adopt(l, fds[i], have, err);
	if (rc == 0 && !have[0])
		rc = open_service(l, paths, config, err);
	if (rc == 0 && !have[1])
		rc = open_admin(l, paths, err);
	for (size_t i = 0; i < config->listen.n && rc == 0; i++)
		rc = open_tcp(l, config->listen.item[i], HTTP_TCP, workers, err);
	for (size_t i = 0; i < config->blogspam_listen.n && rc == 0; i++)
		rc = open_tcp(l, config->blogspam_listen.item[i], HTTP_BLOGSPAM, workers, err);
	for (size_t i = 0; i < config->metrics_listen.n && rc == 0; i++)
		rc = open_tcp(l, config->metrics_listen.item[i], HTTP_METRICS, workers, err);
	if (rc == -1)
		listen_close(l);
	return rc;
}

void
listen_close(struct listen *l)
{
	for (size_t i = 0; i < l->n; i++)
		close(l->v[i].fd);
	l->n = 0;
	for (size_t i = 0; i < 2; i++) {
		if (l->remove[i] != NULL)
			unlink(l->remove[i]);
		free(l->remove[i]);
		l->remove[i] = NULL;
	}
}
