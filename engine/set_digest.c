#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/set_digest.h"

#define PARTS 4
#define PART_HEX 16

static void
add_number(struct digest_state *st, uint64_t n)
{
	unsigned char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(n >> 8 * i);
	digest_add(st, bytes, sizeof(bytes));
}

/* Return whether training sees the field F.  Addresses are erased earlier than what it does see. */
static bool
is_seen(int f)
{
	return f != COMMENT_IP && f != COMMENT_USER_AGENT && f != COMMENT_REFERRER;
}

/* Fill *OUT with the digest of one example: all that training sees of it. */
static int
digest_example(struct set_digest *out, const struct comment *comment, enum label label,
    const struct origin *from, struct err *err)
{
	struct digest_state *st = digest_begin();
	struct digest d;

	if (st == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	add_number(st, (uint64_t)label);
	add_number(st, from->source);
	add_number(st, from->site);
	add_number(st, from->shared);
	for (int f = 0; f < COMMENT_FIELDS; f++) {
		const struct slice *s = &comment->field[f];

		if (!is_seen(f))
			continue;
		add_number(st, s->p == NULL ? UINT64_MAX : s->n);
		if (s->n > 0)
			digest_add(st, s->p, s->n);
	}
	digest_end(st, &d);
	for (int i = 0; i < PARTS; i++) {
		out->part[i] = 0;
		for (int k = 7; k >= 0; k--)
			out->part[i] = out->part[i] << 8 | d.bytes[8 * i + k];
	}
	return 0;
}

/* Turn *D into what undoes it. */
static void
negate(struct set_digest *d)
{
	uint64_t carry = 1;

	for (int i = 0; i < PARTS; i++) {
		d->part[i] = ~d->part[i] + carry;
		carry = carry == 1 && d->part[i] == 0;
	}
}

void
set_digest_join(struct set_digest *d, const struct set_digest *other)
{
	uint64_t carry = 0, sum;

	for (int i = 0; i < PARTS; i++) {
		sum = d->part[i] + other->part[i];
		d->part[i] = sum + carry;
		carry = sum < other->part[i] || d->part[i] < sum;
	}
}

int
set_digest_add(struct set_digest *d, const struct comment *comment, enum label label,
    const struct origin *from, bool take_back, struct err *err)
{
	struct set_digest one;

	if (digest_example(&one, comment, label, from, err) == -1)
		return -1;
	if (take_back)
		negate(&one);
	set_digest_join(d, &one);
	return 0;
}

void
set_digest_text(const struct set_digest *d, char out[SET_DIGEST_HEX])
{
	for (int i = 0; i < PARTS; i++)
		snprintf(out + PART_HEX * i, PART_HEX + 1, "%016" PRIx64, d->part[PARTS - 1 - i]);
}

int
set_digest_parse(struct set_digest *d, const char *text)
{
	if (strlen(text) != SET_DIGEST_HEX - 1 || strspn(text, "0123456789abcdef") != SET_DIGEST_HEX - 1)
		return -1;
	for (int i = 0; i < PARTS; i++) {
		if (sscanf(text + PART_HEX * i, "%16" SCNx64, &d->part[PARTS - 1 - i]) != 1)
			return -1;
	}
	return 0;
}
