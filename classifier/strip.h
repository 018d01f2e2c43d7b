#ifndef HAMLET_CLASSIFIER_STRIP_H
#define HAMLET_CLASSIFIER_STRIP_H

#include <stddef.h>

/* Sums of many rows, a strip of some columns at a time: those stay in registers, and each sum is made in the
 * order of the rows, so that how many the processor adds at once changes no bit of it. */
#define STRIP 16

/* As many as one register of the plainest processors holds: what is wider is kept in memory there. */
typedef double strip_part
    __attribute__((vector_size(2 * sizeof(double)), aligned(sizeof(double)), may_alias));

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
	strip_part *s = (strip_part *)(void *)sum;
	strip_part a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];

	for (size_t i = 0; i < n; i++) {
		const strip_part *r = (const strip_part *)(const void *)(row + i * stride);
		const strip_part by = { factor[i], factor[i] };

		a += by * r[0];
		b += by * r[1];
		c += by * r[2];
		d += by * r[3];
		e += by * r[4];
		f += by * r[5];
		g += by * r[6];
		h += by * r[7];
	}
	s[0] = a;
	s[1] = b;
	s[2] = c;
	s[3] = d;
	s[4] = e;
	s[5] = f;
	s[6] = g;
	s[7] = h;
}

#endif
