#ifndef HAMLET_BASE_REAL_H
#define HAMLET_BASE_REAL_H

#include <float.h>

/* Sums of other than 64 bits, or in another order than written, would come out differently elsewhere. */
#if defined(__FAST_MATH__)
#error "not to be compiled with -ffast-math: a verdict must be computable again, to the last bit"
#endif
_Static_assert(FLT_EVAL_METHOD == 0 || FLT_EVAL_METHOD == 16, "doubles must be reckoned with as doubles");

/*
 * Logarithm and exponential that are the same, to the last bit, on every machine with IEEE 754 doubles: made
 * of sums, products and quotients only, in a fixed order.  The C library's may differ from one version or
 * processor to the next, and a verdict must be computable again elsewhere.  Off by about one unit in the last
 * place at most.
 */
double real_log(double x); /* natural; NaN for x < 0, -infinity for 0 */
double real_exp(double x);

#endif
