#ifndef HAMLET_CLI_REVIEW_H
#define HAMLET_CLI_REVIEW_H

#include "cli/cli.h"
#include "engine/review.h"

/* Ask for the label of each entry of R on the terminal, one key each, and record it in E at once. */
int review_ask(struct cli *cli, struct engine *e, const struct review *r, struct err *err);

#endif
