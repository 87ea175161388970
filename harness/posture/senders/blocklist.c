/* Answers of blocklists. */
#include "harness/posture/senders/blocklist.h"

#include <string.h>

#include "harness/dns/rdata.h"

enum { LOOPBACK = 127, REFUSED = 255 };

static enum blocklist_answer read_address(const struct ip *ip)
{
	if (ip->v6 || ip->octets[0] != LOOPBACK)
		return BLOCKLIST_FOREIGN;
	return ip->octets[1] == REFUSED && ip->octets[2] == REFUSED ? BLOCKLIST_REFUSED : BLOCKLIST_YES;
}

enum blocklist_answer blocklist_read(const struct dns_answer *answer)
{
	enum blocklist_answer worst = BLOCKLIST_NO;
	if (answer->state != DNS_ANSWERED)
		return BLOCKLIST_UNKNOWN;
	for (size_t i = 0; i < answer->count; i++) {
		struct ip ip;
		enum blocklist_answer one = rdata_address(&answer->records[i], &ip) ? read_address(&ip)
										    : BLOCKLIST_FOREIGN;
		if (one > worst)
			worst = one;
	}
	return worst;
}

const char *blocklist_address_name(const struct ip *ip, const char *zone, char out[BLOCKLIST_NAME_MAX])
{
	char reverse[IP_REVERSE_MAX];
	ip_reverse(ip, reverse);
	size_t len = strlen(reverse) - strlen(ip->v6 ? ".ip6.arpa" : ".in-addr.arpa");
	snprintf(out, BLOCKLIST_NAME_MAX, "%.*s.%s", (int)len, reverse, zone);
	return out;
}

const char *blocklist_fault(const struct dns_answer *listed, const struct dns_answer *not_listed)
{
	static const char *const faults[] = {
		[BLOCKLIST_NO] = "it does not list its own test entry: it is empty, or no blocklist",
		[BLOCKLIST_YES] = NULL,
		[BLOCKLIST_REFUSED] =
		    "it refuses to answer this resolver (127.255.255.x): ask it through a resolver of your own",
		[BLOCKLIST_FOREIGN] = "it answers with addresses that are no listing: it is no blocklist any longer",
		[BLOCKLIST_UNKNOWN] = "its test entry has no answer",
	};
	enum blocklist_answer positive = blocklist_read(listed), negative = blocklist_read(not_listed);
	if (faults[positive])
		return faults[positive];
	if (negative == BLOCKLIST_NO)
		return NULL;
	return negative == BLOCKLIST_YES ? "it lists what no list may list: it is broken, and lists everything"
					 : faults[negative];
}
