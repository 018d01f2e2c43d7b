#include "config.h"

#include <sys/socket.h>
#include <unistd.h>

#include "daemon/http_impl.h"

#define SEEN_MAX 16384 /* of a request that is refused here */

void
http_refuse_unheard(int fd)
{
	static const char full[] =
	    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\n"
	    "Connection: close\r\n\r\n";
	ssize_t n = send(fd, full, sizeof(full) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);

	(void)n; /* a courtesy */
	close(fd);
}

bool
http_refuse_heard(int fd, const struct http_limits *limits)
{
	char in[SEEN_MAX];
	struct http_parser ps;
	ssize_t got = recv(fd, in, sizeof(in), MSG_PEEK | MSG_DONTWAIT);
	size_t n = got < 0 ? 0 : (size_t)got;

	http_parser_init(&ps, limits);
	if (n == 0 || n == sizeof(in) || http_parse(&ps, in, &n) != HTTP_COMPLETE)
		return false;
	got = recv(
	    fd, in, sizeof(in), MSG_DONTWAIT); /* closing with bytes unread would reset the connection */
	(void)got;
	http_refuse_unheard(fd);
	return true;
}
