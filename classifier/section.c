#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "classifier/section.h"

#ifndef SECTION_BYTES /* fuzzing has little */
#define SECTION_BYTES ((size_t)256 << 10)
#endif
_Static_assert(SECTION_BYTES >= SECTION_PIECE_MAX, "a piece has room");

void
section_in_memory(struct section *s, const void *p, uint64_t n)
{
	*s = (struct section){ .next = p, .fd = -1 };
	s->end = s->next + n;
}

int
section_in_file(struct section *s, int fd, uint64_t at, uint64_t n, struct err *err)
{
	*s = (struct section){ .room = malloc(SECTION_BYTES), .fd = fd, .at = at, .left = n };
	s->next = s->end = s->room;
	return s->room != NULL ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

/* Read on behind what is at hand, which has been moved to the front. */
static void
read_on(struct section *s)
{
	size_t kept = (size_t)(s->end - s->next), n = SECTION_BYTES - kept;
	ssize_t got;

	n = n < s->left ? n : (size_t)s->left;
	do
		got = pread(s->fd, s->room + kept, n, (off_t)s->at);
	while (got == -1 && errno == EINTR);
	if (got <= 0) {
		s->failed = got == -1 ? errno : -1;
		return;
	}
	s->end += got;
	s->at += (uint64_t)got;
	s->left -= (uint64_t)got;
}

bool
section_more(struct section *s, size_t n)
{
	size_t kept = (size_t)(s->end - s->next);

	if (s->left > 0) {
		memmove(s->room, s->next, kept);
		s->next = s->room;
		s->end = s->room + kept;
	}
	while ((size_t)(s->end - s->next) < n && s->left > 0 && s->failed == 0)
		read_on(s);
	if ((size_t)(s->end - s->next) >= n)
		return true;
	if (s->failed == 0 && s->next != s->end)
		s->failed = -1;
	return false;
}

int
section_end(struct section *s, struct err *err)
{
	bool left = s->next != s->end || s->left > 0;
	int failed = s->failed;

	free(s->room);
	*s = (struct section){ .fd = -1 };
	if (failed > 0)
		return err_set(err, ERR_IO, "%s", strerror(failed));
	if (failed == -1 || left)
		return err_set(err, ERR_DAMAGED, "its sections aren't as long as its header says");
	return 0;
}
