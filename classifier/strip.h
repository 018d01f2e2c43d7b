#ifndef HAMLET_CLASSIFIER_STRIP_H
#define HAMLET_CLASSIFIER_STRIP_H

#include <stddef.h>

/* Sums of many rows, a strip of some columns at a time: those stay in registers, and each sum is made in the
 * order of the rows, so that how many the processor adds at once changes no bit of it. */
#define STRIP 16

typedef double strip_part
    __attribute__((vector_size(4 * sizeof(double)), aligned(sizeof(double)), may_alias));

/* Return the least multiple of STRIP that is at least N. */
static inline size_t
strip_whole(size_t n)
{
	return (n + STRIP - 1) / STRIP * STRIP;
}

/* Add to the STRIP numbers at SUM those of each of N rows, of which the first begins at ROW and each other
 * one STRIDE after the one before, multiplied with the row's FACTOR. */
static inline void
strip_add(double *sum, const double *row, size_t stride, const double *factor, size_t n)
{
	strip_part *s = (strip_part *)(void *)sum, a = s[0], b = s[1], c = s[2], d = s[3];

	for (size_t i = 0; i < n; i++) {
		const strip_part *r = (const strip_part *)(const void *)(row + i * stride);

		a += factor[i] * r[0];
		b += factor[i] * r[1];
		c += factor[i] * r[2];
		d += factor[i] * r[3];
	}
	s[0] = a;
	s[1] = b;
	s[2] = c;
	s[3] = d;
}

#endif
