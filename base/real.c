#include "config.h"

#include <math.h>

#include "base/real.h"

/* ln 2 in two parts: the first has so few bits that its product with an exponent is exact. */
#define LN2_HIGH 0x1.62e42fee00000p-1
#define LN2_LOW 0x1.a39ef35793c76p-33

#define LOG_TERMS 13
#define EXP_TERMS 14
#define EXP_MAX 709.782712893384
#define EXP_MIN (-745.2)

/* log m = 2 artanh((m - 1) / (m + 1)), by its series, for m within sqrt(1/2) and sqrt(2). */
double
real_log(double x)
{
	double m, s, s2, sum = 0;
	int e;

	if (isnan(x) || x <= 0 || isinf(x))
		return x == 0 ? -INFINITY : x > 0 ? x : NAN;
	m = frexp(x, &e);
	if (m < M_SQRT1_2) {
		m *= 2;
		e--;
	}
	s = (m - 1) / (m + 1);
	s2 = s * s;
	for (int k = LOG_TERMS; k > 0; k--)
		sum = (sum + 1.0 / (2 * k + 1)) * s2;
	return e * LN2_HIGH + (e * LN2_LOW + 2 * s * sum + 2 * s);
}

/* exp x = 2^k exp r with |r| <= ln 2 / 2, by Taylor's series. */
double
real_exp(double x)
{
	double k, r, sum = 1;

	if (isnan(x))
		return x;
	if (x > EXP_MAX || x < EXP_MIN)
		return x > 0 ? INFINITY : 0;
	k = floor(x / M_LN2 + 0.5);
	r = (x - k * LN2_HIGH) - k * LN2_LOW;
	for (int i = EXP_TERMS; i > 0; i--)
		sum = 1 + sum * r / i;
	return ldexp(sum, (int)k);
}
