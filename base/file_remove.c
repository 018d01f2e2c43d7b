#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/background.h"
#include "base/file.h"

#define STEP_BYTES ((off_t)4 << 20)
#define PAUSE_US 5000

/*
 * Return whether FD is all that is left of its file, of SIZE bytes: it has no name any more, and nobody else
 * has it open or mapped, whom it would be cut off under.  The kernel grants a lease for writing only then,
 * which isn't kept: to break it would be a signal.
 */
static bool
is_ours_alone(int fd, off_t *size)
{
	struct stat st;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) || st.st_nlink > 0)
		return false;
	*size = st.st_size;
	return fcntl(fd, F_SETLEASE, F_WRLCK) == 0 && fcntl(fd, F_SETLEASE, F_UNLCK) == 0;
}

/* Give back the blocks of FD, whose name is gone, from the end on; what is left goes when it is closed. */
static void
shrink(int fd)
{
	off_t size;

	if (!is_ours_alone(fd, &size))
		return;
	for (; size > STEP_BYTES; size -= STEP_BYTES) {
		if (ftruncate(fd, size - STEP_BYTES) == -1)
			return;
		usleep(PAUSE_US);
	}
}

int
file_remove(const char *path, struct err *err)
{
	int fd = background_here() ? open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1, rc = 0;

	if (unlink(path) == -1 && errno != ENOENT)
		rc = err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	if (fd == -1)
		return rc;
	if (rc == 0)
		shrink(fd);
	close(fd);
	return rc;
}
