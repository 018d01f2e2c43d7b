#include "config.h"

#include "daemon/percent.h"

int
percent_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
percent_decode(char *p, size_t *n, bool plus)
{
	const size_t size = *n; /* read once: for all the compiler knows it is among the bytes */
	size_t to = 0;
	int high, low;

	for (size_t i = 0; i < size; i++) {
		if (p[i] == '%') {
			high = i + 2 < size ? percent_hex(p[i + 1]) : -1;
			low = i + 2 < size ? percent_hex(p[i + 2]) : -1;
			if (high == -1 || low == -1)
				return -1;
			p[to++] = (char)(high << 4 | low);
			i += 2;
		} else {
			p[to++] = plus && p[i] == '+' ? ' ' : p[i];
		}
	}
	*n = to;
	return 0;
}
