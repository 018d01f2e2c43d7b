#include "config.h"

#include "known_model.h"

#include <inttypes.h>

#include "base/crypto.h"
#include "classifier/model_impl.h"
#include "classifier/train.h"

/*
 * The input is a model snapshot: its bytes, when it begins as one, else lines that say what to change in a
 * valid one.
 *
 *   KEY N               a number of the header, by its name in struct snapshot_header
 *   place I TAG S H     a place of the token table
 *   swap I J            two places change places
 *   large I HASH S H    large counts, in the bytes where there can be some
 *   half I N            the upper half of a hash
 *   real I X            the I-th number of the weights; after them come the thresholds and the budget
 *   byte AT N           a byte of the file
 *   name AT N           a byte of the names
 *   size N              the size of the file
 *
 * It is tried as it is and, if that makes another of it, with its digest made right, so that everything
 * behind the digest's check is reached.
 */
#define SIZE_MAX_BYTES 16384
#define LINE_BYTES 128

struct draft {
	unsigned char p[SIZE_MAX_BYTES] __attribute__((aligned(16)));
	size_t n;
};

static const struct {
	const char *key;
	size_t at, bytes;
} numbers[] = {
	{ "version", offsetof(struct snapshot_header, version), 4 },
	{ "header_bytes", offsetof(struct snapshot_header, header_bytes), 4 },
	{ "tokens", offsetof(struct snapshot_header, tokens), 8 },
	{ "homes", offsetof(struct snapshot_header, homes), 8 },
	{ "table_at", offsetof(struct snapshot_header, section[SNAPSHOT_TABLE].at), 8 },
	{ "table_bytes", offsetof(struct snapshot_header, section[SNAPSHOT_TABLE].bytes), 8 },
	{ "large_at", offsetof(struct snapshot_header, section[SNAPSHOT_LARGE].at), 8 },
	{ "large_bytes", offsetof(struct snapshot_header, section[SNAPSHOT_LARGE].bytes), 8 },
	{ "halves_at", offsetof(struct snapshot_header, section[SNAPSHOT_HALVES].at), 8 },
	{ "halves_bytes", offsetof(struct snapshot_header, section[SNAPSHOT_HALVES].bytes), 8 },
	{ "names_at", offsetof(struct snapshot_header, section[SNAPSHOT_NAMES].at), 8 },
	{ "names_bytes", offsetof(struct snapshot_header, section[SNAPSHOT_NAMES].bytes), 8 },
	{ "digest_at", offsetof(struct snapshot_header, digest_at), 8 },
	{ "spam", offsetof(struct snapshot_header, spam), 8 },
	{ "ham", offsetof(struct snapshot_header, ham), 8 },
	{ "position", offsetof(struct snapshot_header, position), 8 },
};

static void
put(struct draft *d, size_t at, const void *p, size_t n)
{
	if (at <= d->n && n <= d->n - at)
		memcpy(d->p + at, p, n);
}

/* Return where the valid snapshot has PART. */
static size_t
part_at(enum snapshot_part part)
{
	return model_header(fuzz_small_model())->section[part].at;
}

/* A place, with its tag. */
struct tagged_place {
	uint32_t tag;
	struct lookup_place counts;
};

/* Return the bucket of place I in D, and which it is there in *WAY. */
static struct lookup_bucket *
bucket_of(struct draft *d, uint64_t i, unsigned *way)
{
	const uint64_t places = model_header(fuzz_small_model())->section[SNAPSHOT_TABLE].bytes /
	    sizeof(struct lookup_bucket) * LOOKUP_WAYS;

	*way = (unsigned)(i % LOOKUP_WAYS);
	return (struct lookup_bucket *)(void *)(d->p + part_at(SNAPSHOT_TABLE)) + i % places / LOOKUP_WAYS;
}

static struct tagged_place
get_place(struct draft *d, uint64_t i)
{
	unsigned way;
	const struct lookup_bucket *b = bucket_of(d, i, &way);

	return (struct tagged_place){ b->tag[way], b->place[way] };
}

static void
set_place(struct draft *d, uint64_t i, struct tagged_place place)
{
	unsigned way;
	struct lookup_bucket *b = bucket_of(d, i, &way);

	b->tag[way] = place.tag;
	b->place[way] = place.counts;
}

static void
swap_places(struct draft *d, uint64_t i, uint64_t k)
{
	struct tagged_place first = get_place(d, i);

	set_place(d, i, get_place(d, k));
	set_place(d, k, first);
}

static void
set_number(struct draft *d, const char *key, uint64_t n)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strcmp(numbers[i].key, key) == 0)
			put(d, numbers[i].at, &n, numbers[i].bytes);
	}
}

static void
set_real(struct draft *d, size_t i, double x)
{
	size_t at = offsetof(struct snapshot_header, weights);

	put(d, at + i % ((sizeof(struct snapshot_header) - at) / sizeof(x)) * sizeof(x), &x, sizeof(x));
}

/* As change(), for a line that is about a section's content; false if it isn't. */
static bool
change_section(struct draft *d, const char *line)
{
	uint64_t i, a, spam, ham;
	struct lookup_large large;
	uint32_t half;

	if (sscanf(line, "place %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64, &i, &a, &spam, &ham) == 4) {
		set_place(d, i, (struct tagged_place){ (uint32_t)a, { (uint16_t)spam, (uint16_t)ham } });
	} else if (sscanf(line, "large %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64, &i, &a, &spam, &ham) ==
	    4) {
		large = (struct lookup_large){ a, { (uint32_t)spam, (uint32_t)ham } };
		put(d, part_at(SNAPSHOT_LARGE) + i % 64 * sizeof(large), &large, sizeof(large));
	} else if (sscanf(line, "half %" SCNu64 " %" SCNu64, &i, &a) == 2) {
		half = (uint32_t)a;
		put(d, part_at(SNAPSHOT_HALVES) + i % 1024 * sizeof(half), &half, sizeof(half));
	} else {
		return false;
	}
	return true;
}

static void
change(struct draft *d, const char *line)
{
	unsigned char byte;
	char key[16];
	uint64_t a, b;
	double x;

	if (change_section(d, line))
		return;
	if (sscanf(line, "swap %" SCNu64 " %" SCNu64, &a, &b) == 2) {
		swap_places(d, a, b);
	} else if (sscanf(line, "real %" SCNu64 " %lf", &a, &x) == 2) {
		set_real(d, a, x);
	} else if (sscanf(line, "byte %" SCNu64 " %" SCNu64, &a, &b) == 2) {
		byte = (unsigned char)b;
		put(d, a, &byte, 1);
	} else if (sscanf(line, "name %" SCNu64 " %" SCNu64, &a, &b) == 2) {
		byte = (unsigned char)b;
		put(d, a > d->n ? d->n : part_at(SNAPSHOT_NAMES) + a, &byte, 1);
	} else if (sscanf(line, "size %" SCNu64, &a) == 1) {
		d->n = a < SIZE_MAX_BYTES ? a : SIZE_MAX_BYTES;
	} else if (sscanf(line, "%15[a-z_] %" SCNu64, key, &a) == 2) {
		set_number(d, key, a);
	}
}

/* Fill D from INPUT; what follows its size is zero. */
static void
make_draft(struct draft *d, struct slice input)
{
	size_t magic = sizeof(((struct snapshot_header *)NULL)->magic);
	struct slice base = model_bytes(fuzz_small_model()), part;
	char line[LINE_BYTES];

	CHECK(base.n < SIZE_MAX_BYTES);
	if (input.n >= magic && memcmp(input.p, SNAPSHOT_MAGIC, magic) == 0)
		base = input;
	d->n = base.n < SIZE_MAX_BYTES ? base.n : SIZE_MAX_BYTES;
	memcpy(d->p, base.p, d->n);
	memset(d->p + d->n, 0, SIZE_MAX_BYTES - d->n);
	while (base.p != input.p && input.n > 0) {
		part = fuzz_cut(&input, '\n');
		snprintf(line, sizeof(line), "%.*s", part.n < LINE_BYTES ? (int)part.n : LINE_BYTES, part.p);
		change(d, line);
	}
}

/* Make D's digests right, if it has room for them; return whether that changed it. */
static bool
seal(struct draft *d)
{
	struct snapshot_header *h = (struct snapshot_header *)(void *)d->p, before = *h;
	struct digest at_end;
	struct err err;

	if (d->n < sizeof(*h) + DIGEST_BYTES || snapshot_check_layout(h, d->n, &err) == -1)
		return false;
	memcpy(&at_end, d->p + h->digest_at, sizeof(at_end));
	CHECK(snapshot_seal(d->p, &err) == 0);
	return memcmp(&before, h, sizeof(before)) != 0 ||
	    memcmp(&at_end, d->p + h->digest_at, sizeof(at_end)) != 0;
}

/*
 * The comment that every model is tried on.  It is read once, and what is to be learnt of it made once: both
 * are the same whatever the model, and take longer than to judge and to learn.
 */
static const struct delta *
known_delta(void)
{
	static struct comment comment;
	static struct delta *d;
	struct err err;

	if (d != NULL)
		return d;
	comment.field[COMMENT_AUTHOR] = slice_of("Ada");
	comment.field[COMMENT_CONTENT] = slice_of("Buy cheap pills");
	CHECK(delta_new(&d, FIELDS_ALL, &err) == 0);
	CHECK(delta_add(d, &comment, LABEL_SPAM, NULL, false, &err) == 0);
	CHECK(classifier_read(fuzz_classifier(), &comment, FIELDS_ALL, &err) == 0);
	return d;
}

/* A model that was accepted must be fit to judge by, and to learn from. */
static void
use(const struct model *model)
{
	const struct delta *delta = known_delta();
	struct model *next;
	struct err err;

	fuzz_judge_again(model);
	if (delta_apply(delta, model, model_info(model)->id, 1, false, &next, &err) == 0) {
		fuzz_judge_again(next);
		model_unref(next);
	} else {
		CHECK(err.code == ERR_DAMAGED);
	}
}

/* Learning from the file at PATH is to give what learning from MODEL, the same in memory, does.  The file of
 * a model that isn't sound otherwise (NULL) may be learnt from if its digests are right. */
static void
learn_from_file(const char *path, const struct model *model)
{
	struct model *file, *next, *wanted;
	struct err err, of_wanted;

	if (model_open_to_learn(&file, path, &err) == -1) {
		CHECK(model == NULL && err.code == ERR_DAMAGED && strncmp(err.text, path, strlen(path)) == 0);
		return;
	}
	if (delta_apply(known_delta(), file, model_info(file)->id, 1, true, &next, &err) == -1)
		next = NULL;
	if (model != NULL &&
	    delta_apply(known_delta(), model, model_info(model)->id, 1, false, &wanted, &of_wanted) == -1)
		CHECK(next == NULL && err.code == of_wanted.code);
	else if (model != NULL) {
		CHECK(next != NULL && strcmp(model_info(next)->id, model_info(wanted)->id) == 0);
		model_unref(wanted);
	}
	model_unref(next);
	model_unref(file);
}

/*
 * Read from a file it is MODEL, what it is in memory (NULL: damaged); with JUDGES_ONLY it may be judged by,
 * too, whatever its names are.
 */
static void
try_file(const struct draft *d, const struct model *model, bool judges_only)
{
	char path[FUZZ_PATH_BYTES];
	struct model *m;
	struct err err;

	fuzz_file((struct slice){ (const char *)d->p, d->n }, path);
	learn_from_file(path, model);
	if (model_open_copy(&m, path, judges_only, &err) == -1) {
		CHECK(model == NULL && err.code == ERR_DAMAGED && strncmp(err.text, path, strlen(path)) == 0);
		return;
	}
	if (judges_only) {
		fuzz_judge_again(m);
	} else {
		CHECK(model != NULL && slice_equal(model_bytes(m), model_bytes(model)));
		CHECK(strcmp(model_info(m)->id, model_info(model)->id) == 0);
	}
	model_unref(m);
}

static void
try(const struct draft *d, bool judges_only)
{
	struct model *m = NULL;
	struct err err;

	if (model_open_memory(&m, fuzz_copy((struct slice){ (const char *)d->p, d->n }), d->n, &err) == -1) {
		CHECK(err.code == ERR_DAMAGED && *err.text != '\0');
		m = NULL;
	} else {
		CHECK(model_info(m)->bytes == d->n);
		use(m);
	}
	try_file(d, m, judges_only);
	model_unref(m);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct draft d;

	known_delta();
	make_draft(&d, fuzz_slice(data, size));
	try(&d, size % 2 == 1);
	if (seal(&d))
		try(&d, size % 2 == 1);
	return 0;
}
