#include "config.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/decimal.h"

#define DIGITS_MAX 17
#define LEAST 1e-4
#define BELOW 1e15
#define LEAST_POWER (-4)
#define MANTISSA_BITS 52
#define EXPONENT_BIAS 1075 /* of the mantissa's last bit */

static const uint64_t ten[DIGITS_MAX + 1] = {
	1u,
	10u,
	100u,
	1000u,
	10000u,
	100000u,
	1000000u,
	10000000u,
	100000000u,
	1000000000u,
	10000000000u,
	100000000000u,
	1000000000000u,
	10000000000000u,
	100000000000000u,
	1000000000000000u,
	10000000000000000u,
	100000000000000000u,
};

/* Return the power of ten that X, at least LEAST, begins with. */
static int
first_power(double x)
{
	static const double below_one[] = { 1e-4, 1e-3, 1e-2, 1e-1 };
	int power = LEAST_POWER;

	while (power < -1 && x >= below_one[power + 1 - LEAST_POWER])
		power++;
	if (x >= 1)
		power++;
	while (power >= 0 && x >= (double)ten[power + 1])
		power++;
	return power;
}

/*
 * Return X * 10^PLACES, rounded to a whole number as printf() does, half to even.  X is a mantissa M of 53
 * bits over 2^SHIFT; M * 10^PLACES is below 2^120 for PLACES up to 20, so all of it is exact.
 */
static uint64_t
scaled(double x, int places)
{
	uint64_t bits, m;
	unsigned __int128 product, rest, half;
	int shift;

	memcpy(&bits, &x, sizeof(bits));
	shift = EXPONENT_BIAS - (int)(bits >> MANTISSA_BITS);
	m = (bits & (((uint64_t)1 << MANTISSA_BITS) - 1)) | (uint64_t)1 << MANTISSA_BITS;
	product = (unsigned __int128)m * ten[places / 2] * ten[places - places / 2];
	half = (unsigned __int128)1 << (shift - 1);
	rest = product & (2 * half - 1);
	product >>= shift;
	if (rest > half || (rest == half && product % 2 == 1))
		product++;
	return (uint64_t)product;
}

/* Write N / 10^PLACES before END, without zeros at the end of its fraction; return where it begins. */
static char *
put_before(char *end, uint64_t n, int places)
{
	for (; places > 0 && n % 10 == 0; places--)
		n /= 10;
	for (int i = 0; i < places; i++, n /= 10)
		*--end = (char)('0' + n % 10);
	if (places > 0)
		*--end = '.';
	do {
		*--end = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	return end;
}

struct slice
decimal_text(char space[DECIMAL_BYTES], double x, int digits)
{
	char *end = space + DECIMAL_BYTES, *p;
	double size = fabs(x);
	uint64_t n;
	int places;

	if (!(size >= LEAST && size < BELOW) || digits < 1 || digits > DIGITS_MAX)
		return (struct slice){ NULL, 0 };
	places = digits - 1 - first_power(size);
	n = places < 0 ? 0 : scaled(size, places);
	if (n < ten[digits - 1] || n >= ten[digits]) /* an exponent, or rounded up to another digit */
		return (struct slice){ NULL, 0 };
	p = put_before(end, n, places);
	if (x < 0)
		*--p = '-';
	return (struct slice){ p, (size_t)(end - p) };
}
