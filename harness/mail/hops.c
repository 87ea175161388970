/* Hops and the trust boundary. Pure. When in doubt, a hop took the message from outside: then a field of the provider's
 * goes unheard, but never one of the sender's is believed. */
#include "harness/mail/hops.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "harness/base/vec.h"

int hops_parse(struct hops *hops, const struct header *h, struct error *err)
{
	struct hops made = { 0 };
	size_t cap = 0;
	for (ptrdiff_t i = header_find(h, "Received", 0); i >= 0; i = header_find(h, "Received", (size_t)i + 1)) {
		if (made.count == HOPS_MAX) {
			made.capped = true;
			break;
		}
		if (vec_grow(&made.v, made.count, &cap, sizeof(*made.v), err) < 0) {
			hops_fini(&made);
			return -1;
		}
		struct hop *hop = &made.v[made.count++];
		hop->field = (size_t)i;
		received_parse(&hop->received, h->fields[i].value);
	}
	for (size_t i = 0; i + 1 < made.count; i++) {
		struct hop *hop = &made.v[i];
		const struct received *older = &made.v[i + 1].received;
		hop->has_delay = hop->received.has_time && older->has_time;
		hop->delay_ms = hop->has_delay ? hop->received.time_ms - older->time_ms : 0;
	}
	*hops = made;
	return 0;
}

void hops_fini(struct hops *hops)
{
	free(hops->v);
	*hops = (struct hops){ 0 };
}

static bool glob(struct span text, const char *pattern)
{
	size_t at = 0, retry_at = 0;
	const char *retry = NULL;
	while (at < text.len) {
		if (*pattern == '*') {
			retry = ++pattern;
			retry_at = at;
		} else if (*pattern && (*pattern == '?' || ascii_lower(*pattern) == ascii_lower(text.p[at]))) {
			pattern++;
			at++;
		} else if (retry) {
			/* The last star takes one octet more. */
			pattern = retry;
			at = ++retry_at;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

bool hops_match(struct span text, const char *const *patterns)
{
	if (text.len > 0 && text.p[text.len - 1] == '.')
		text.len--;
	if (text.len == 0 || text.len > HOPS_HOST_MAX)
		return false;
	for (; patterns && *patterns; patterns++)
		if (glob(text, *patterns))
			return true;
	return false;
}

enum reach { REACH_NONE, REACH_LOOPBACK, REACH_PRIVATE, REACH_PUBLIC };

static enum reach reach_of_v4(uint32_t a)
{
	if (a >> 24 == 127)
		return REACH_LOOPBACK;
	/* RFC 1918, RFC 3927, RFC 6598 */
	bool private = a >> 24 == 10 || a >> 20 == 0xac1 || a >> 16 == 0xc0a8 || a >> 16 == 0xa9fe || a >> 22 == 0x191;
	return private ? REACH_PRIVATE : REACH_PUBLIC;
}

static enum reach reach_of(struct span ip)
{
	char text[INET6_ADDRSTRLEN];
	struct in_addr four;
	struct in6_addr six;
	if (ip.len == 0 || !span_copy(ip, text, sizeof(text)))
		return REACH_NONE;
	if (inet_pton(AF_INET, text, &four) == 1)
		return reach_of_v4(ntohl(four.s_addr));
	if (inet_pton(AF_INET6, text, &six) != 1)
		return REACH_NONE;
	if (IN6_IS_ADDR_LOOPBACK(&six))
		return REACH_LOOPBACK;
	/* RFC 4193, RFC 4291 section 2.5.6 */
	bool private = (six.s6_addr[0] & 0xfe) == 0xfc || IN6_IS_ADDR_LINKLOCAL(&six);
	return private ? REACH_PRIVATE : REACH_PUBLIC;
}

static bool is_exchange(struct span with)
{
	return span_starts_nocase(with, SPAN_LIT("Microsoft SMTP")) || span_is_nocase(with, "HTTPS") ||
	       span_is_nocase(with, "mapi");
}

bool hops_from_inside(const struct received *r, const char *const *own)
{
	enum reach reach = reach_of(r->from_ip);
	if (!r->has_from || reach == REACH_LOOPBACK)
		return true;
	if (r->from_unclear)
		return false;
	if (r->from_name.len > 0) {
		if (span_is_nocase(r->from_name, "localhost"))
			return reach != REACH_PUBLIC;
		return !r->name_forged && hops_match(r->from_name, own);
	}
	if (reach == REACH_PRIVATE)
		return true;
	if (reach == REACH_NONE)
		return span_is_nocase(r->from_helo, "localhost") || hops_match(r->from_helo, own);
	return is_exchange(r->with) && hops_match(r->from_helo, own);
}

ptrdiff_t hops_boundary(const struct hops *hops, const char *const *own, size_t end, bool *ret_outside)
{
	size_t i = 0;
	*ret_outside = false;
	while (i < hops->count && hops->v[i].field < end && hops_match(hops->v[i].received.by, own)) {
		*ret_outside = !hops_from_inside(&hops->v[i++].received, own);
		if (*ret_outside)
			break;
	}
	return (ptrdiff_t)i - 1;
}

bool hops_trusted(const struct hops *hops, ptrdiff_t boundary, size_t field)
{
	return boundary >= 0 && field < hops->v[boundary].field;
}
