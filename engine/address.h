#ifndef HAMLET_ENGINE_ADDRESS_H
#define HAMLET_ENGINE_ADDRESS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/ip.h"
#include "base/slice.h"

/* Internet addresses and ranges of them.  IPv4 ones are held as IPv4-mapped IPv6 (::ffff:192.0.2.1), so that
 * both ways of writing one are the same. */
struct address {
	unsigned char b[IP_BYTES];
};

struct address_range {
	struct address first;
	unsigned bits; /* how many leading bits count, 0 to 128 */
};

/* Set *OUT from TEXT and return 0, or -1 if it isn't an address. */
int address_parse(struct address *out, struct slice text);

/*
 * Write *IP, from a comment that is to be judged or learnt from, in the form that records have (base/ip.h),
 * in A; what isn't an address stays.  -1: memory ran out.
 */
int address_tidy(struct slice *ip, struct arena *a);

/* Set *OUT from "192.0.2.0/24", "2001:db8::/32" or a single address; ERR_INPUT, also for bits past the
 * length.
 */
int address_range_parse(struct address_range *out, struct slice text, struct err *err);

/* The same from "192.0.2.0" and "24" (absent: a single address); with HOST_BITS those past the length are
 * allowed, and don't count. */
int address_range_make(
    struct address_range *out, struct slice address, struct slice length, bool host_bits, struct err *err);

bool address_within(const struct address *a, const struct address_range *range);

/* Return whether A belongs to somebody: it isn't loopback, private, shared by a carrier, link-local,
 * multicast or unspecified (RFC 6890). */
bool address_is_public(const struct address *a);

/* Set what identifies the customer who has A: all of an IPv4 address, the first 64 bits of an IPv6 one. */
struct address address_customer(const struct address *a);

#endif
