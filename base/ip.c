#include "config.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/ip.h"

_Static_assert(IP_TEXT_BYTES == INET6_ADDRSTRLEN, "inet_ntop() needs that much room");

static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

int
ip_parse(unsigned char out[static IP_BYTES], struct slice text)
{
	char s[IP_TEXT_BYTES];

	if (text.n == 0 || text.n >= sizeof(s) || memchr(text.p, '\0', text.n) != NULL)
		return -1;
	memcpy(s, text.p, text.n);
	s[text.n] = '\0';
	if (inet_pton(AF_INET6, s, out) == 1)
		return 0;
	memcpy(out, mapped, sizeof(mapped));
	return inet_pton(AF_INET, s, out + sizeof(mapped)) == 1 ? 0 : -1;
}

struct slice
ip_canonical(struct slice text, char room[static IP_TEXT_BYTES])
{
	unsigned char b[IP_BYTES];
	const char *s;

	/* there is only one way to write an IPv4 address */
	if (text.n == 0 || memchr(text.p, ':', text.n) == NULL || ip_parse(b, text) == -1)
		return text;
	if (memcmp(b, mapped, sizeof(mapped)) == 0)
		s = inet_ntop(AF_INET, b + sizeof(mapped), room, IP_TEXT_BYTES);
	else
		s = inet_ntop(AF_INET6, b, room, IP_TEXT_BYTES);
	return s == NULL || slice_is(text, s) ? text : slice_of(s);
}
