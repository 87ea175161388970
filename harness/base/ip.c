/* IP addresses. No sockets, no look-ups. */
#include "harness/base/ip.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

bool ip_parse(struct span text, struct ip *ret)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	char copy[INET6_ADDRSTRLEN];
	struct ip ip = { 0 };
	if (text.len == 0 || memchr(text.p, '\0', text.len) || !span_copy(text, copy, sizeof(copy)))
		return false;
	if (inet_pton(AF_INET, copy, ip.octets) != 1) {
		if (inet_pton(AF_INET6, copy, ip.octets) != 1)
			return false;
		ip.v6 = memcmp(ip.octets, mapped, sizeof(mapped)) != 0;
		if (!ip.v6) {
			memmove(ip.octets, ip.octets + sizeof(mapped), 4);
			memset(ip.octets + 4, 0, sizeof(mapped));
		}
	}
	*ret = ip;
	return true;
}

const char *ip_format(const struct ip *ip, char out[IP_TEXT_MAX])
{
	return inet_ntop(ip->v6 ? AF_INET6 : AF_INET, ip->octets, out, IP_TEXT_MAX);
}

unsigned ip_bits(const struct ip *ip)
{
	return ip->v6 ? 128 : 32;
}

bool ip_in_prefix(const struct ip *ip, const struct ip *network, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	if (ip->v6 != network->v6 || memcmp(ip->octets, network->octets, whole) != 0)
		return false;
	return rest == 0 || ((ip->octets[whole] ^ network->octets[whole]) >> (8 - rest)) == 0;
}

const char *ip_reverse(const struct ip *ip, char out[IP_REVERSE_MAX])
{
	static const char digits[] = "0123456789abcdef";
	size_t at = 0;
	if (!ip->v6) {
		snprintf(out, IP_REVERSE_MAX, "%u.%u.%u.%u.in-addr.arpa", ip->octets[3], ip->octets[2], ip->octets[1],
			 ip->octets[0]);
		return out;
	}
	for (int i = 15; i >= 0; i--) {
		out[at++] = digits[ip->octets[i] & 15];
		out[at++] = '.';
		out[at++] = digits[ip->octets[i] >> 4];
		out[at++] = '.';
	}
	snprintf(out + at, IP_REVERSE_MAX - at, "ip6.arpa");
	return out;
}
