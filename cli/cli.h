#ifndef HAMLET_CLI_CLI_H
#define HAMLET_CLI_CLI_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/ulid.h"
#include "cli/opts.h"
#include "cli/output.h"
#include "engine/engine.h"

/* Exit codes of `hamlet`, fixed by the contract. */
enum cli_exit {
	CLI_DONE = 0,
	CLI_NO = 1, /* the answer is "no", or the work failed */
	CLI_USAGE = 2, /* asked in a wrong way */
	CLI_UNREACHABLE = 3, /* the daemon can't be reached */
	CLI_DAMAGED = 4 /* the state directory is damaged */
};

struct cli;

/* A verb.  run() gets options that are known and arguments that are as many as they may be; it returns an
 * exit code. */
struct verb {
	const char *name;
	const char *usage; /* what follows "hamlet NAME " */
	const char *summary; /* one sentence */
	const struct opt *options; /* ended by a NULL name */
	size_t min_arguments, max_arguments;
	int (*run)(struct cli *cli, const struct opts *o);
};

#define CLI_ANY_NUMBER ((size_t)-1)

/* One run of the tool. */
struct cli {
	const struct verb *verb;
	char *dir; /* the state directory */
	bool json; /* --json */
	struct out out;
};

/* How long a verb waits for another process's lock on the database. */
#define CLI_BUSY_MS 10000

/* Run the tool with the arguments of main(); return its exit code. */
int cli_main(int argc, char **argv);

/* Report ERR as "hamlet: WHAT: WHY" on standard error and return the exit code it stands for. */
int cli_fail(const struct err *err);

/* Report that the verb was asked in a wrong way, with its usage; return CLI_USAGE. */
int cli_usage(const struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Write "hamlet: " and the formatted text, made harmless, to standard error. */
void cli_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Open the state directory; who is to write there looks whether a daemon has to be given way to. */
int cli_engine(const struct cli *cli, enum store_mode mode, struct engine **e, struct err *err);

/* Tell a running daemon that models, examples or sites have changed.  One that isn't there is fine: it will
 * look itself. */
void cli_tell_daemon(const struct engine *e);

/* Write the name of the user who runs the tool to WHO, for the record. */
void cli_who(char *who, size_t bytes);

/* Copy TEXT to ID in the form in which verdicts' ids are recorded; ERR_NOT_FOUND when it can't be one. */
int cli_verdict_id(char id[ULID_CHARS + 1], const char *text, struct err *err);

/* Set *ID to the site called NAME, in use or not; ERR_NOT_FOUND. */
int cli_site(struct store *st, const char *name, int64_t *id, struct err *err);

/* Write the JSON text TEXT to standard output as one line, made harmless for a terminal.  0, or -1 with
 * ERR_NOMEM, ERR_IO. */
int cli_put_json_text(const struct cli *cli, struct slice text, struct err *err);

/* The same with what B holds, which is emptied. */
int cli_put_json(const struct cli *cli, struct buf *b, struct err *err);

/* Send off what was written to standard output; return NULL, or why not all of it arrived. */
const char *cli_flush(void);

/* Append KEY and the time MS as JSON; null unless it is after 1970. */
void cli_add_time(struct buf *b, const char *key, int64_t ms);

#endif
