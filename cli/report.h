#ifndef HAMLET_CLI_REPORT_H
#define HAMLET_CLI_REPORT_H

#include "base/err.h"
#include "base/json.h"
#include "base/slice.h"
#include "cli/output.h"

/* What several verbs show in the same way. */

/* Write the figures of engine/evaluate.h, given as their JSON object, as a small table: blocked ham first. */
int report_figures(const struct out *out, const struct json *figures, struct err *err);

/* Write the strongest MAX entries of EVIDENCE, a list of {"field","token","weight"}, as a table. */
int report_evidence(const struct out *out, const struct json *evidence, size_t max, struct err *err);

/* Write the verdict, coloured, and its probability: "spam, probability 0.9987". */
void report_verdict(const struct out *out, const char *verdict, double probability);

/* How many digits of a model's id people are shown. */
#define REPORT_ID_DIGITS 12

#endif
