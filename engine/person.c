#include "config.h"

#include <strings.h>
#include <string.h>

#include "base/ip.h"
#include "engine/person_impl.h"

#define STEPS 20
#define STEP_LEAST 50000 /* verdicts: each step goes through the examples, too */
#define LISTS_MAX ((size_t)1 << 30) /* bytes */

/* A walk that fills *FOUND. */
struct finding {
	struct person_found *found;
	size_t verdicts_cap, examples_cap, emails_cap, ips_cap;
	void (*progress)(double share, void *arg);
	void *arg;
	struct err err;
};

/* Make room in A for one more of the N items of SIZE bytes at *ITEMS. */
static int
grow(struct arena *a, void **items, size_t n, size_t *cap, size_t size, struct err *err)
{
	size_t more = *cap == 0 ? 64 : 2 * *cap;
	void *p;

	if (n < *cap)
		return 0;
	p = arena_alloc(a, more * size);
	if (p == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for what is held");
	if (n > 0)
		memcpy(p, *items, n * size);
	*items = p;
	*cap = more;
	return 0;
}

static bool
same_nocase(const char *known, struct slice s)
{
	return strlen(known) == s.n && strncasecmp(known, s.p, s.n) == 0;
}

/* Trim S as trim() of SQL does, which found it. */
static struct slice
trimmed(struct slice s)
{
	while (s.n > 0 && *s.p == ' ') {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && s.p[s.n - 1] == ' ')
		s.n--;
	return s;
}

/* Count EMAIL, which may be absent, among those of the records. */
static int
note_email(struct finding *f, struct slice email)
{
	struct person_found *found = f->found;
	void *list = found->emails;
	char *copy;

	email = email.p == NULL ? slice_of("") : trimmed(email);
	for (size_t i = 0; i < found->nemails; i++) {
		if (same_nocase(found->emails[i].text, email)) {
			found->emails[i].records++;
			return 0;
		}
	}
	if (grow(found->arena, &list, found->nemails, &f->emails_cap, sizeof(*found->emails), &f->err) == -1)
		return -1;
	found->emails = list;
	copy = arena_copy(found->arena, email.p, email.n);
	if (copy == NULL)
		return err_set(&f->err, ERR_NOMEM, "out of memory for what is held");
	for (char *p = copy; *p != '\0'; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 'a' - 'A');
	}
	found->emails[found->nemails++] = (struct person_email){ copy, 1 };
	return 0;
}

/* Return whether the way in which IP is written is known already. */
static bool
has_ip(const struct person_found *found, struct slice ip)
{
	for (size_t i = 0; i < found->nips; i++) {
		if (same_nocase(found->ips[i], ip))
			return true;
	}
	return same_nocase(found->who.ip, ip);
}

/* Note how IP, if it is what is looked for, is written: all of that shall be gone from the files. */
static int
note_ip(struct finding *f, struct slice ip)
{
	struct person_found *found = f->found;
	char room[2][IP_TEXT_BYTES];
	void *list = found->ips;
	struct slice wanted;

	if (ip.p == NULL || found->who.ip == NULL)
		return 0;
	ip = trimmed(ip);
	wanted = ip_canonical(slice_of(found->who.ip), room[0]);
	if (has_ip(found, ip) || !slice_equal(ip_canonical(ip, room[1]), wanted))
		return 0;
	if (grow(found->arena, &list, found->nips, &f->ips_cap, sizeof(*found->ips), &f->err) == -1)
		return -1;
	found->ips = list;
	found->ips[found->nips] = arena_copy(found->arena, ip.p, ip.n);
	if (found->ips[found->nips] == NULL)
		return err_set(&f->err, ERR_NOMEM, "out of memory for what is held");
	found->nips++;
	return 0;
}

/* Note what a record says of who wrote COMMENT. */
static int
note_person(struct finding *f, const struct comment *comment, unsigned gone)
{
	if (note_ip(f, comment->field[COMMENT_IP]) == -1)
		return -1;
	return (gone & PART_SET(PART_PERSON)) != 0 ? 0 : note_email(f, comment->field[COMMENT_EMAIL]);
}

static int
take_verdict(const struct verdict_row *row, void *arg)
{
	struct finding *f = arg;
	struct person_found *found = f->found;
	void *list = found->verdicts;

	if (grow(found->arena, &list, found->nverdicts, &f->verdicts_cap, sizeof(*found->verdicts),
		&f->err) == -1)
		return -1;
	found->verdicts = list;
	found->verdicts[found->nverdicts++] = row->seq;
	found->nempty += row->gone == PARTS_PERSONAL;
	return note_person(f, &row->comment, row->gone);
}

static int
take_example(const struct example_row *row, void *arg)
{
	struct finding *f = arg;
	struct person_found *found = f->found;
	void *list = found->examples;

	if (grow(found->arena, &list, found->nexamples, &f->examples_cap, sizeof(*found->examples),
		&f->err) == -1)
		return -1;
	found->examples = list;
	found->examples[found->nexamples++] = (struct person_example){ row->seq, row->label != LABEL_NONE,
		{ row->seq, row->seq } };
	return note_person(f, &row->comment, row->gone);
}

/* Look up until when each example counted. */
static int
find_ranges(struct engine *e, struct person_found *found, struct err *err)
{
	int64_t by;

	for (size_t i = 0; i < found->nexamples; i++) {
		struct person_example *x = &found->examples[i];

		if (store_example_replacement(e->store, x->seq, &by, err) == -1)
			return -1;
		if (!x->in_force) /* it never counted */
			continue;
		x->in_force = by == 0;
		x->counted.to = x->in_force ? INT64_MAX : by;
		found->in_force += x->in_force;
	}
	return 0;
}

/* Return the ranges of all examples found, in the arena; NULL when memory ran out. */
struct forget_range *
person_ranges(const struct person_found *found)
{
	struct forget_range *ranges = arena_alloc(found->arena, (found->nexamples + 1) * sizeof(*ranges));

	for (size_t i = 0; i < found->nexamples && ranges != NULL; i++)
		ranges[i] = found->examples[i].counted;
	return ranges;
}

static int
note_seq(const struct verdict_row *row, void *arg)
{
	*(int64_t *)arg = row->seq;
	return 0;
}

/* Go through the verdicts in some twenty steps, to tell how far it has come: nearly all of the time goes
 * there, half of it again into looking for examples. */
static int
find_verdicts(struct engine *e, struct finding *f, struct err *err)
{
	const struct verdict_filter newest = { .verdict = -1, .newest_first = true, .limit = 1 };
	int64_t last = 0, step;

	if (store_verdict_walk(e->store, &newest, note_seq, &last, err) == -1)
		return -1;
	step = last / STEPS > STEP_LEAST ? last / STEPS : STEP_LEAST;
	for (int64_t at = 0; at <= last && f->err.code == ERR_NONE; at += step) {
		if (store_person_verdicts(e->store, &f->found->who, at,
			last - at < step ? INT64_MAX : at + step - 1, take_verdict, f, err) == -1)
			return -1;
		if (f->progress != NULL && last > 0)
			f->progress((double)at / (double)last / 2, f->arg);
	}
	return 0;
}

/* The records of the address may be empty already, and what a file has left of them be in the usual form. */
static int
note_canonical(struct finding *f)
{
	char room[IP_TEXT_BYTES];

	return f->found->who.ip == NULL ? 0 : note_ip(f, ip_canonical(slice_of(f->found->who.ip), room));
}

static int
find(struct engine *e, struct finding *f, struct err *err)
{
	struct person_found *found = f->found;
	struct forget_range *ranges;

	if (note_canonical(f) == 0 && find_verdicts(e, f, err) == -1)
		return -1;
	if (f->err.code == ERR_NONE &&
	    store_person_examples(e->store, &found->who, take_example, f, err) == -1)
		return -1;
	if (f->err.code != ERR_NONE)
		return err_set(err, f->err.code, "%s", f->err.text);
	if (find_ranges(e, found, err) == -1)
		return -1;
	ranges = person_ranges(found);
	if (ranges == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for what is held");
	return forget_count(e, ranges, found->nexamples, &found->models, err);
}

int
person_find(struct engine *e, const struct person *who, void (*progress)(double share, void *arg), void *arg,
    struct person_found *found, struct err *err)
{
	struct finding f = { .found = found, .progress = progress, .arg = arg };

	*found = (struct person_found){ .arena = arena_new(LISTS_MAX), .who = *who };
	if (found->arena == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	return find(e, &f, err);
}

void
person_found_fini(struct person_found *found)
{
	arena_free(found->arena);
	*found = (struct person_found){ .arena = NULL };
}

bool
person_is_ambiguous(const struct person_found *found)
{
	return found->who.email == NULL && found->nemails > 1;
}

bool
person_has_email(const struct person_found *found, const char *text)
{
	for (size_t i = 0; i < found->nemails; i++) {
		if (strcmp(found->emails[i].text, text) == 0)
			return true;
	}
	return false;
}

int
person_add_emails(struct person_found *found, const struct person_found *more, struct err *err)
{
	struct person_email *all = arena_alloc(
	    found->arena, (found->nemails + more->nemails + 1) * sizeof(*all));
	size_t n = found->nemails;

	if (all == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for what is held");
	if (n > 0)
		memcpy(all, found->emails, n * sizeof(*all));
	for (size_t i = 0; i < more->nemails; i++) {
		struct person_email *email = &all[n];

		if (person_has_email(found, more->emails[i].text))
			continue;
		*email = more->emails[i];
		email->text = arena_copy(found->arena, email->text, strlen(email->text));
		if (email->text == NULL)
			return err_set(err, ERR_NOMEM, "out of memory for what is held");
		n++;
	}
	found->emails = all;
	found->nemails = n;
	return 0;
}

int
person_add_ips(struct person_found *found, const struct person_found *more, struct err *err)
{
	const char **all = arena_alloc(found->arena, (found->nips + more->nips + 1) * sizeof(*all));
	size_t n = found->nips;

	if (all == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for what is held");
	if (n > 0)
		memcpy(all, found->ips, n * sizeof(*all));
	for (size_t i = 0; i < more->nips; i++) {
		if (has_ip(found, slice_of(more->ips[i])))
			continue;
		all[n] = arena_copy(found->arena, more->ips[i], strlen(more->ips[i]));
		if (all[n] == NULL)
			return err_set(err, ERR_NOMEM, "out of memory for what is held");
		n++;
	}
	found->ips = all;
	found->nips = n;
	return 0;
}
