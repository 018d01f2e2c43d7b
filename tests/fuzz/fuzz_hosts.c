#include "config.h"

#include "fuzz.h"

#include "base/buf.h"
#include "engine/address.h"
#include "engine/hosts.h"

/* The input is a text with links, a web address, and an internet address or a range of them. */

static void
check_hosts(const struct buf *b, size_t text)
{
	struct slice list = buf_slice(b), host;
	size_t n = 0;

	CHECK(buf_ok(b));
	for (; hosts_next(&list, &host); n++) {
		CHECK(host.n >= 1 && host.n <= HOST_BYTES_MAX && host_within(host, host));
		for (size_t i = 0; i < host.n; i++)
			CHECK((unsigned char)host.p[i] > ' ' && !(host.p[i] >= 'A' && host.p[i] <= 'Z'));
		while (host_parent(&host))
			;
	}
	CHECK(b->n <= text + n && list.n == 0); /* no place of the text is in two of them */
}

/* Another way to write it is the same address, and the last one. */
static void
check_form(struct slice text)
{
	char room[IP_TEXT_BYTES], again[IP_TEXT_BYTES];
	struct slice form = ip_canonical(text, room);
	struct address a, b;

	CHECK(ip_canonical(form, again).p == form.p);
	CHECK(form.p == text.p ||
	    (address_parse(&a, text) == 0 && address_parse(&b, form) == 0 &&
		memcmp(a.b, b.b, sizeof(a.b)) == 0));
}

static void
check_address(struct slice text)
{
	struct address_range range;
	struct address a, customer;
	struct err err;

	if (address_range_parse(&range, text, &err) == 0)
		CHECK(range.bits <= 128 && address_within(&range.first, &range));
	else
		CHECK(err.code == ERR_INPUT);
	check_form(text);
	if (address_parse(&a, text) == 0) {
		customer = address_customer(&a);
		CHECK(memcmp(a.b, customer.b, 8) == 0);
		CHECK(address_range_parse(&range, text, &err) == 0 && address_within(&a, &range));
		address_is_public(&a);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(fuzz_slice(data, size));
	struct slice s = { copy, size };
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	hosts_find(&b, s);
	check_hosts(&b, size);
	buf_clear(&b);
	hosts_of_url(&b, s);
	check_hosts(&b, 2 * size);
	buf_fini(&b);
	check_address(s);
	free(copy);
	return 0;
}
