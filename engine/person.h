#ifndef HAMLET_ENGINE_PERSON_H
#define HAMLET_ENGINE_PERSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "engine/engine.h"
#include "engine/forget.h"
#include "store/person.h"

/*
 * What is held of one person: finding it, handing it out, erasing it.  Erasing takes the person's examples
 * back as unlearning does, so that the counts are those of a model that never saw them, removes the snapshots
 * that did, and empties the person's fields; that something was erased, and how much, is recorded.
 */
struct person_example {
	int64_t seq;
	bool in_force;
	struct forget_range counted; /* by which models; in force: with no end yet */
};

/* One of the e-mail addresses that the records found give. */
struct person_email {
	const char *text; /* lower-case; "": none was given */
	size_t records;
};

struct person_found {
	struct arena *arena; /* holds the lists */
	struct person who;
	int64_t *verdicts; /* seqs */
	size_t nverdicts;
	size_t nempty; /* of them: erased already, and found by what an example still says */
	struct person_example *examples;
	size_t nexamples, in_force;
	struct person_email *emails;
	size_t nemails;
	const char **ips; /* how else than in WHO the address looked for is, or may be, written */
	size_t nips;
	size_t models; /* snapshots that count the examples */
};

/*
 * Find what is held of WHO (borrowed: must outlive *FOUND).  Finding nothing is no error. person_found_fini()
 * gives *FOUND back, in either case.  PROGRESS (NULL is allowed) is called with the share done, 0 to 1.
 */
int person_find(struct engine *e, const struct person *who, void (*progress)(double share, void *arg),
    void *arg, struct person_found *found, struct err *err);
void person_found_fini(struct person_found *found);

/* Return whether the records found are of several persons by their e-mail addresses, though found by
 * something else. */
bool person_is_ambiguous(const struct person_found *found);

/* Append all of it to B as one JSON object, and record that it was handed out to BY. */
int person_export(
    struct engine *e, const struct person_found *found, const char *by, struct buf *b, struct err *err);

struct person_erased {
	size_t verdicts, examples, unlearnt, models;
};

struct erase_options {
	const char *by; /* in whose name */
	bool several; /* others of the same name or address are meant too, though they come up meanwhile */
	void (*progress)(double share, void *arg); /* as above; from 0 again in every round */
	void *arg;
};

/*
 * Erase what was found, and what came up meanwhile: afterwards it is looked for again, until nothing is held.
 * ERR_REFUSED when a model that was chosen by hand (engine_use) counts one of the examples, or when what came
 * up may be somebody else's; ERR_BUSY when there is no end of it.  With nothing done, or else the text says
 * so; what was done is whole, and doing it again goes on.  *FOUND becomes what was erased first, with the
 * e-mail addresses of all, and the ways in which the address was written.  The daemon is not told.
 */
int person_erase(struct engine *e, struct person_found *found, const struct erase_options *options,
    struct person_erased *out, struct err *err);

#endif
