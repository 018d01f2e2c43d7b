#ifndef HAMLET_TESTS_FUZZ_KNOWN_MODEL_H
#define HAMLET_TESTS_FUZZ_KNOWN_MODEL_H

#include "fuzz.h"

#include "classifier/classify.h"
#include "classifier/comment.h"
#include "classifier/model.h"

/* A small trained model, made once; borrowed. */
const struct model *fuzz_model(void);

/* A model of two words of spam and two of ham: some tens of tokens. */
const struct model *fuzz_small_model(void);

/* The working memory to judge with, made once; borrowed. */
struct classifier *fuzz_classifier(void);

/* Return the comment that INPUT is: its fields, the content first, with a byte 0xff between two. */
struct comment fuzz_comment(struct slice input);

/* Judge COMMENT by MODEL and check what must hold of every judgement. */
void fuzz_judge(const struct model *model, const struct comment *comment, enum fields fields);

/* The same with the comment that fuzz_classifier() has read last. */
void fuzz_judge_again(const struct model *model);

#endif
