#ifndef HAMLET_DAEMON_PEER_H
#define HAMLET_DAEMON_PEER_H

#include <stdbool.h>
#include <sys/types.h>

/* The group whose members may use the admin socket. */
#define PEER_ADMIN_GROUP "hamlet-admin"

/* Set *GID to the group called NAME and return 0, or -1 if there is none. */
int peer_group(gid_t *gid, const char *name);

/* Return whether the peer of the Unix socket FD may do what admins do: root, our own user, a member of
 * hamlet-admin. */
bool peer_is_admin(int fd);

#endif
