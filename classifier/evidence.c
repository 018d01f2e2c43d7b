#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "classifier/evidence.h"
#include "classifier/token.h"

#define WEIGHT_DIGITS 12
#define HEAD_BYTES 11 /* of a piece: all but the name */
#define NAME_MAX_BYTES 65535
#define NOT_EVIDENCE "evidence that was not recorded so"
#define TEXT_FIRST '[' /* what was recorded before it was packed is a JSON list */
_Static_assert(FIELD_COUNT <= TEXT_FIRST && EVIDENCE_OTHER != TEXT_FIRST, "no field has this number");

/* -- Packing -- */

static unsigned char
field_number(const char *name)
{
	unsigned char f = 0;

	while (f < FIELD_COUNT && field_name((enum field)f) != name) /* static strings */
		f++;
	return f < FIELD_COUNT ? f : EVIDENCE_OTHER;
}

static void
put_number(unsigned char *to, uint64_t n, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++, n >>= 8)
		to[i] = (unsigned char)n;
}

static uint64_t
get_number(const unsigned char *from, size_t bytes)
{
	uint64_t n = 0;

	for (size_t i = bytes; i > 0; i--)
		n = n << 8 | from[i - 1];
	return n;
}

static void
pack_one(const struct classifier *c, const struct evidence *e, struct buf *b)
{
	unsigned char head[HEAD_BYTES] = { field_number(e->field) };
	size_t at = b->n, name_n;
	uint64_t bits;

	memcpy(&bits, &e->weight, sizeof(bits));
	put_number(head + 1, bits, 8);
	buf_add(b, head, sizeof(head));
	if (head[0] == EVIDENCE_OTHER)
		buf_add(b, e->field, strlen(e->field) + 1);
	classifier_token_name(c, e, b);
	if (!buf_ok(b))
		return;
	name_n = b->n - at - HEAD_BYTES;
	if (name_n > NAME_MAX_BYTES)
		name_n = NAME_MAX_BYTES;
	b->n = at + HEAD_BYTES + name_n;
	put_number((unsigned char *)b->p + at + 9, name_n, 2);
}

void
evidence_pack(const struct classifier *c, struct judgement *j, size_t max, struct buf *b)
{
	size_t n = judgement_rank(j, max);

	for (size_t i = 0; i < n; i++)
		pack_one(c, &j->evidence[i], b);
}

/* -- As JSON -- */

static void
put_piece(struct buf *b, const char *field, struct slice name, double weight)
{
	json_open(b, '{');
	json_key_plain(b, "field");
	json_put_str(b, field);
	json_key_plain(b, "token");
	json_put_slice(b, name);
	json_key_plain(b, "weight");
	json_put_double(b, weight, WEIGHT_DIGITS);
	json_close(b, '}');
}

void
evidence_list(const struct classifier *c, struct judgement *j, size_t max, struct buf *b)
{
	size_t n = judgement_rank(j, max);
	struct buf name;

	buf_init(&name, BUF_NO_LIMIT);
	json_open(b, '[');
	for (size_t i = 0; i < n; i++) {
		buf_clear(&name);
		classifier_token_name(c, &j->evidence[i], &name);
		b->failed = b->failed || !buf_ok(&name);
		put_piece(b, j->evidence[i].field, buf_slice(&name), j->evidence[i].weight);
	}
	json_close(b, ']');
	buf_fini(&name);
}

/* Cut what stands before the name of *PIECE: the name of its field.  -1 when there is none. */
static int
take_field(struct evidence_piece *piece)
{
	const char *end = piece->name.n == 0 ? NULL : memchr(piece->name.p, '\0', piece->name.n);
	size_t n;

	if (end == NULL)
		return -1;
	n = (size_t)(end - piece->name.p) + 1;
	piece->field = piece->name.p;
	piece->name = (struct slice){ piece->name.p + n, piece->name.n - n };
	return 0;
}

int
evidence_take(struct slice *packed, struct evidence_piece *piece)
{
	const unsigned char *p = (const unsigned char *)packed->p;
	size_t whole;
	uint64_t bits;

	if (packed->n == 0)
		return 0;
	if (packed->n < HEAD_BYTES || (p[0] >= FIELD_COUNT && p[0] != EVIDENCE_OTHER))
		return -1;
	bits = get_number(p + 1, 8);
	memcpy(&piece->weight, &bits, sizeof(piece->weight));
	piece->name = (struct slice){ packed->p + HEAD_BYTES, (size_t)get_number(p + 9, 2) };
	whole = HEAD_BYTES + piece->name.n;
	if (packed->n < whole)
		return -1;
	if (p[0] == EVIDENCE_OTHER && take_field(piece) == -1)
		return -1;
	if (p[0] != EVIDENCE_OTHER)
		piece->field = field_name((enum field)p[0]);
	packed->p += whole;
	packed->n -= whole;
	return 1;
}

/* Append TEXT, a JSON list by its first byte, if it is one. */
static int
copy_text(struct slice text, struct buf *b, struct err *err)
{
	struct json *list;

	if (json_parse(&list, text.p, text.n, err) == -1)
		return err->code == ERR_NOMEM ? -1 : err_set(err, ERR_DAMAGED, NOT_EVIDENCE);
	json_free(list);
	json_put_raw(b, text);
	return 0;
}

int
evidence_json(struct slice packed, struct buf *b, struct err *err)
{
	struct evidence_piece e;
	int rc;

	if (packed.n > 0 && packed.p[0] == TEXT_FIRST)
		return copy_text(packed, b, err);
	json_open(b, '[');
	while ((rc = evidence_take(&packed, &e)) == 1)
		put_piece(b, e.field, e.name, e.weight);
	json_close(b, ']');
	return rc == 0 ? 0 : err_set(err, ERR_DAMAGED, NOT_EVIDENCE);
}
