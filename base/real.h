#ifndef HAMLET_BASE_REAL_H
#define HAMLET_BASE_REAL_H

/*
 * Logarithm and exponential that are the same, to the last bit, on every machine with IEEE 754 doubles: made
 * of sums, products and quotients only, in a fixed order.  The C library's may differ from one version or
 * processor to the next, and a verdict must be computable again elsewhere.  Off by about one unit in the last
 * place at most.
 */
double real_log(double x); /* natural; NaN for x < 0, -infinity for 0 */
double real_exp(double x);

#endif
