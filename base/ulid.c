#include "config.h"

#include <string.h>

#include "base/crypto.h"
#include "base/ulid.h"

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Add one to the 80 random bits; the top bit starts clear, so they cannot overflow in practice. */
static void
increment(unsigned char random[ULID_RANDOM])
{
	for (int i = 9; i >= 0 && ++random[i] == 0; i--)
		;
}

static void
encode(char *out, uint64_t ms, const unsigned char random[ULID_RANDOM])
{
	uint64_t high = 0, low = 0;

	for (int i = 9; i >= 0; i--, ms >>= 5)
		out[i] = alphabet[ms & 31];
	for (int i = 0; i < 5; i++) {
		high = high << 8 | random[i];
		low = low << 8 | random[5 + i];
	}
	for (int i = 7; i >= 0; i--, high >>= 5, low >>= 5) {
		out[10 + i] = alphabet[high & 31];
		out[18 + i] = alphabet[low & 31];
	}
	out[ULID_CHARS] = '\0';
}

void
ulid_not_before(struct ulid_source *src, uint64_t ms)
{
	if (ms <= src->last_ms)
		return;
	src->last_ms = ms;
	if (src->left == 0) {
		crypto_random(src->ahead, sizeof(src->ahead));
		src->left = sizeof(src->ahead) / sizeof(src->ahead[0]);
	}
	memcpy(src->last, src->ahead[--src->left], sizeof(src->last));
	src->last[0] &= 0x7f;
}

void
ulid_next(struct ulid_source *src, uint64_t now_ms, char out[ULID_CHARS + 1])
{
	if (now_ms > src->last_ms)
		ulid_not_before(src, now_ms);
	else
		increment(src->last);
	encode(out, src->last_ms, src->last);
}

void
ulid_start_after(struct ulid_source *src, const char *id)
{
	uint64_t ms = 0;

	if (*id == '\0')
		return;
	for (int i = 0; i < 10; i++)
		ms = ms << 5 | (uint64_t)(strchr(alphabet, id[i]) - alphabet);
	ulid_not_before(src, ms + 1);
}

bool
ulid_valid(const char *s, unsigned long n)
{
	if (n != ULID_CHARS || s[0] > '7')
		return false;
	for (unsigned long i = 0; i < n; i++) {
		if (s[i] == '\0' || strchr(alphabet, s[i]) == NULL)
			return false;
	}
	return true;
}
