#include "config.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "classifier/rx.h"

#define MATCH_LIMIT 200000 /* at each place where a match may begin */
#define DEPTH_LIMIT 2000
#define STEPS_MAX 200000 /* in all, */
#define STEPS_A_BYTE 8 /* and so many more for each byte of the text */

/* What rx_occurs() may remember of the places that it can go back to.  PCRE2's own code takes 5 to 16 bytes a
 * step, so that the steps of 64 kB of text find room; its interpreter takes some 90. */
#define JIT_STACK_MIN ((size_t)32 << 10)
#define JIT_STACK_MAX ((size_t)16 << 20)
#define HEAP_KB_MAX (64 << 10)

struct rx {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
	bool refers; /* back to what it has captured */
};

static int
compile(struct rx **out, const char *pattern, size_t n, uint32_t options, struct err *err)
{
	struct rx *rx = calloc(1, sizeof(*rx));
	PCRE2_UCHAR text[128];
	PCRE2_SIZE at;
	int why;

	if (rx == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rx->code = pcre2_compile(
	    (PCRE2_SPTR)pattern, n, options | PCRE2_UTF | PCRE2_UCP | PCRE2_NO_UTF_CHECK, &why, &at, NULL);
	if (rx->code == NULL) {
		pcre2_get_error_message(why, text, sizeof(text));
		free(rx);
		return err_set(err, ERR_INPUT, "character %zu: %s", at + 1, (const char *)text);
	}
	pcre2_jit_compile(
	    rx->code, PCRE2_JIT_COMPLETE); /* without it, on odd hardware, the interpreter does the same */
	rx->data = pcre2_match_data_create_from_pattern(rx->code, NULL);
	rx->context = pcre2_match_context_create(NULL);
	if (rx->data == NULL || rx->context == NULL) {
		rx_free(rx);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	pcre2_set_match_limit(rx->context, MATCH_LIMIT);
	pcre2_set_depth_limit(rx->context, DEPTH_LIMIT);
	*out = rx;
	return 0;
}

int
rx_compile(struct rx **out, const char *pattern, struct err *err)
{
	return compile(out, pattern, PCRE2_ZERO_TERMINATED, 0, err);
}

int
rx_compile_any_case(struct rx **out, const char *pattern, size_t n, struct err *err)
{
	uint32_t reference = 0;

	/* \C takes characters apart, and what is matched after it is no longer UTF-8; callouts count steps */
	if (compile(out, pattern, n, PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT, err) ==
	    -1)
		return -1;
	/* PCRE2's own limits count less than a step does, or what no step takes: ours are enough */
	pcre2_set_match_limit((*out)->context, UINT32_MAX);
	pcre2_set_depth_limit((*out)->context, UINT32_MAX);
	pcre2_set_heap_limit((*out)->context, HEAP_KB_MAX);
	pcre2_pattern_info((*out)->code, PCRE2_INFO_BACKREFMAX, &reference);
	(*out)->refers = reference > 0;
	return 0;
}

void
rx_free(struct rx *rx)
{
	if (rx == NULL)
		return;
	pcre2_match_context_free(rx->context);
	pcre2_match_data_free(rx->data);
	pcre2_code_free(rx->code);
	free(rx);
}

int
rx_next(struct rx *rx, struct slice s, size_t from, struct rx_match *m)
{
	const PCRE2_SIZE *ends;
	int rc;

	if (from > s.n)
		return 0;
	rc = pcre2_match(rx->code, (PCRE2_SPTR)(s.p == NULL ? "" : s.p), s.n, from, PCRE2_NO_UTF_CHECK,
	    rx->data, rx->context);
	if (rc < 1)
		return 0;
	ends = pcre2_get_ovector_pointer(rx->data);
	*m = (struct rx_match){ ends[0], ends[1], rc - 1 };
	return 1;
}

/* How far a search has gone: an item of the pattern tried is a step, and so is a byte gone over by it. */
struct search {
	size_t steps, most, at;
	bool refers; /* see struct rx */
};

#define REFERRED_BYTES 16 /* that are compared in the time of a step */

/* Return how many steps it may take to compare what was captured with the text, of which PCRE2 tells nothing
 * where they differ: at most what the longest takes. */
static size_t
steps_to_compare(const pcre2_callout_block *b)
{
	size_t longest = 0;

	for (uint32_t i = 1; i < b->capture_top; i++) {
		size_t from = b->offset_vector[2 * i], to = b->offset_vector[2 * i + 1];

		if (from != PCRE2_UNSET && to != PCRE2_UNSET && to > from && to - from > longest)
			longest = to - from;
	}
	return longest / REFERRED_BYTES;
}

/*
 * PCRE2 limits what it does from one place on, and begins anew at the next: without this, "a.*b.*c" takes a
 * time that grows with the cube of the text.
 */
static int
count_step(pcre2_callout_block *b, void *arg)
{
	struct search *s = arg;
	size_t at = b->current_position;

	s->steps += 1 + (at > s->at ? at - s->at : s->at - at) + (s->refers ? steps_to_compare(b) : 0);
	s->at = at;
	return s->steps > s->most ? PCRE2_ERROR_MATCHLIMIT : 0;
}

/*
 * Search S again, with a stack of its own in place of the 32 kB that are on the thread's: "(\w+\s+)+" fills
 * those with a thousand words.  Pages of it that aren't needed are never touched.
 */
static int
search_with_stack(const struct rx *rx, struct slice s, pcre2_match_data *data, pcre2_match_context *context)
{
	pcre2_jit_stack *stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
	int rc;

	if (stack == NULL)
		return PCRE2_ERROR_NOMEMORY;
	pcre2_jit_stack_assign(context, NULL, stack);
	rc = pcre2_match(rx->code, (PCRE2_SPTR)s.p, s.n, 0, PCRE2_NO_UTF_CHECK, data, context);
	pcre2_jit_stack_free(stack);
	return rc;
}

static int
search(const struct rx *rx, struct slice s, struct search *how)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	pcre2_match_context *context = pcre2_match_context_copy(rx->context);
	const struct search anew = *how;
	int rc = PCRE2_ERROR_NOMEMORY;

	if (data != NULL && context != NULL) {
		pcre2_set_callout(context, count_step, how);
		rc = pcre2_match(rx->code, (PCRE2_SPTR)s.p, s.n, 0, PCRE2_NO_UTF_CHECK, data, context);
		if (rc == PCRE2_ERROR_JIT_STACKLIMIT) {
			*how = anew;
			rc = search_with_stack(rx, s, data, context);
		}
	}
	pcre2_match_context_free(context);
	pcre2_match_data_free(data);
	return rc;
}

int
rx_occurs(const struct rx *rx, struct slice s, size_t *steps)
{
	struct search how = { .most = STEPS_MAX + STEPS_A_BYTE * s.n, .refers = rx->refers };
	int rc = search(rx, s.p == NULL ? slice_of("") : s, &how);

	if (steps != NULL)
		*steps = how.steps;
	return rc >= 0 ? 1 : rc == PCRE2_ERROR_NOMATCH ? 0 : -1;
}
