/* IP addresses as numbers: reading, writing, comparing under a prefix. */
#ifndef BASE_IP_H
#define BASE_IP_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/span.h"

struct ip {
	bool v6;
	unsigned char octets[16]; /* network order; the first four of IPv4, the rest zero */
};

enum { IP_TEXT_MAX = 48 };

/* Reads `192.0.2.1` or `2001:db8::1`, without brackets, zone or port. An IPv4-mapped address (`::ffff:192.0.2.1`) is
 * read as the IPv4 address that it stands for (RFC 7208 section 5). False where it is none; *ret is left alone then. */
bool ip_parse(struct span text, struct ip *ret);

/* The canonical text (RFC 5952). Returns out. */
const char *ip_format(const struct ip *ip, char out[IP_TEXT_MAX]);

/* Whether both are of one family and their first `bits` bits are equal. bits is at most ip_bits(). */
bool ip_in_prefix(const struct ip *ip, const struct ip *network, unsigned bits);

/* 32 or 128. */
unsigned ip_bits(const struct ip *ip);

/* The name under which the address has its PTR records, without a final dot: `1.2.0.192.in-addr.arpa`, 32 nibbles and
 * `ip6.arpa`. Returns out. */
enum { IP_REVERSE_MAX = 80 };
const char *ip_reverse(const struct ip *ip, char out[IP_REVERSE_MAX]);

#endif
