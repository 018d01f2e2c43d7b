#include "config.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/peer.h"

#define LOOKUP_BYTES 65536
#define GROUPS_MAX 256

int
peer_group(gid_t *gid, const char *name)
{
	struct group group, *found = NULL;
	char *text = malloc(LOOKUP_BYTES);
	int rc = -1;

	if (text != NULL && getgrnam_r(name, &group, text, LOOKUP_BYTES, &found) == 0 && found != NULL) {
		*gid = group.gr_gid;
		rc = 0;
	}
	free(text);
	return rc;
}

/* Return whether USER belongs to GID, as the user database has it. */
static bool
user_in_group(uid_t user, gid_t gid)
{
	struct passwd pw, *found = NULL;
	char *text = malloc(LOOKUP_BYTES);
	gid_t groups[GROUPS_MAX];
	int n = GROUPS_MAX;
	bool in = false;

	if (text != NULL && getpwuid_r(user, &pw, text, LOOKUP_BYTES, &found) == 0 && found != NULL &&
	    getgrouplist(pw.pw_name, pw.pw_gid, groups, &n) != -1) {
		for (int i = 0; i < n && !in; i++)
			in = groups[i] == gid;
	}
	free(text);
	return in;
}

bool
peer_is_admin(int fd)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);
	gid_t gid;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == -1)
		return false;
	if (peer.uid == 0 || peer.uid == geteuid())
		return true;
	if (peer_group(&gid, PEER_ADMIN_GROUP) == -1)
		return false;
	return peer.gid == gid || user_in_group(peer.uid, gid);
}
