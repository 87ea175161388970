/* The provider's word on a message. Pure. Believes nothing that stands below the trust boundary. */
#include "harness/mail/theirs.h"

#include <stdlib.h>

#include "harness/base/vec.h"
#include "harness/mail/address.h"

static struct span strip_angles(struct span s)
{
	s = span_trim(s);
	return s.len >= 2 && s.p[0] == '<' && s.p[s.len - 1] == '>' ? span_sub(s, 1, s.len - 2) : s;
}

static int read_from(struct theirs *t, const struct header *h, struct error *err)
{
	struct address_list list;
	struct error why = ERROR_INIT;
	if (address_list_parse(&list, header_value(h, "From"), &why) < 0) {
		/* What cannot be read has no domain; only memory is an error. */
		if (why.kind != ERROR_ENVIRONMENT)
			return 0;
		*err = why;
		return -1;
	}
	if (list.count > 0)
		t->from_domain = list.v[0].domain;
	t->octets = list.octets;
	free(list.v);
	return 0;
}

/* Whether the message is one of RFC 6532, as far as its addresses show. */
static bool is_internationalised(const struct header *h)
{
	static const char *const names[] = { "From", "To", "Return-Path" };
	for (size_t n = 0; n < ARRAY_LEN(names); n++) {
		struct span value = header_value(h, names[n]);
		for (size_t i = 0; i < value.len; i++)
			if ((unsigned char)value.p[i] > 127)
				return true;
	}
	return false;
}

static bool is_trusted(const struct theirs *t, const struct theirs_header *th, const struct theirs_profile *profile)
{
	if (th->results.arc || !hops_trusted(&t->hops, t->boundary, th->field))
		return false;
	if (!th->results.authserv_id.p)
		return profile->no_authserv_id;
	return hops_match(th->results.authserv_id, profile->authserv_ids);
}

static int read_headers(struct theirs *t, const struct header *h, const struct theirs_profile *profile,
			struct error *err)
{
	bool internationalised = is_internationalised(h);
	size_t cap = 0;
	for (size_t i = 0; i < h->count && t->header_count < THEIRS_HEADERS_MAX; i++) {
		bool arc = span_is_nocase(h->fields[i].name, "ARC-Authentication-Results");
		if (!arc && !span_is_nocase(h->fields[i].name, "Authentication-Results"))
			continue;
		if (vec_grow(&t->headers, t->header_count, &cap, sizeof(*t->headers), err) < 0)
			return -1;
		struct theirs_header *th = &t->headers[t->header_count];
		if (authres_parse(&th->results, h->fields[i].value, arc, internationalised, err) < 0)
			return -1;
		th->field = i;
		th->trusted = is_trusted(t, th, profile);
		t->header_count++;
	}
	return 0;
}

bool theirs_aligned(struct span a, struct span b)
{
	struct span parent = a.len < b.len ? a : b, child = a.len < b.len ? b : a;
	if (parent.len == 0 || !span_ends_nocase(child, parent))
		return false;
	return child.len == parent.len || child.p[child.len - parent.len - 1] == '.';
}

static bool is_aligned(const struct authres_method *m, struct span from_domain)
{
	struct span i = authres_property_get(m, "header", "i");
	for (ptrdiff_t at; (at = span_find_char(i, '@', 0)) >= 0;)
		i = span_sub(i, (size_t)at + 1, SIZE_MAX);
	return theirs_aligned(authres_property_get(m, "header", "d"), from_domain) || theirs_aligned(i, from_domain);
}

int theirs_rank(enum auth_result v)
{
	static const int ranks[AUTH_COUNT] = {
		[AUTH_PASS] = 8,     [AUTH_POLICY] = 7,    [AUTH_NEUTRAL] = 6, [AUTH_TEMPERROR] = 5,   [AUTH_FAIL] = 4,
		[AUTH_SOFTFAIL] = 3, [AUTH_PERMERROR] = 2, [AUTH_NONE] = 1,    [AUTH_NOT_REPORTED] = 0
	};
	return ranks[v];
}

static void consider_dkim(struct theirs *t, const struct authres_method *m)
{
	bool aligned = is_aligned(m, t->from_domain);
	if (t->dkim_method && t->dkim_aligned && !aligned)
		return;
	if (t->dkim_method && t->dkim_aligned == aligned &&
	    theirs_rank(m->result) <= theirs_rank(t->dkim_method->result))
		return;
	t->dkim_method = m;
	t->dkim_aligned = aligned;
}

/* A result for the HELO name only stands in where there is none for the envelope sender. */
static bool is_helo_only(const struct authres_method *m)
{
	return authres_property_get(m, "smtp", "helo").p && !authres_property_get(m, "smtp", "mailfrom").p;
}

static void consider_spf(struct theirs *t, const struct authres_method *m)
{
	if (!t->spf_method || (is_helo_only(t->spf_method) && !is_helo_only(m)))
		t->spf_method = m;
}

static void choose_methods(struct theirs *t)
{
	for (size_t i = 0; i < t->header_count; i++) {
		const struct authres *a = &t->headers[i].results;
		for (size_t k = 0; t->headers[i].trusted && k < a->method_count; k++) {
			const struct authres_method *m = &a->methods[k];
			if (span_is_nocase(m->method, "dkim"))
				consider_dkim(t, m);
			else if (span_is_nocase(m->method, "spf"))
				consider_spf(t, m);
			else if (span_is_nocase(m->method, "dmarc") && !t->dmarc_method)
				t->dmarc_method = m;
		}
	}
	t->spf = t->spf_method ? t->spf_method->result : AUTH_NOT_REPORTED;
	t->dkim = t->dkim_method ? t->dkim_method->result : AUTH_NOT_REPORTED;
	t->dmarc = t->dmarc_method ? t->dmarc_method->result : AUTH_NOT_REPORTED;
}

/* RFC 7208 section 9.1: the result is the first word. */
static void read_received_spf(struct theirs *t, const struct header *h)
{
	static const char name[] = "Received-SPF";
	for (ptrdiff_t i = header_find(h, name, 0); i >= 0; i = header_find(h, name, (size_t)i + 1)) {
		struct span value = span_trim(h->fields[i].value);
		size_t n = 0;
		while (n < value.len && ascii_is_alpha(value.p[n]))
			n++;
		enum auth_result result = authres_result(SPAN_LIT("spf"), span_sub(value, 0, n));
		if (!hops_trusted(&t->hops, t->boundary, (size_t)i) || result == AUTH_NOT_REPORTED ||
		    span_find_nocase(value, SPAN_LIT("identity=helo"), 0) >= 0)
			continue;
		t->spf = result;
		t->received_spf = i;
		return;
	}
}

int theirs_read(struct theirs *ret, const struct header *h, const struct theirs_profile *profile, struct error *err)
{
	struct theirs t = { .boundary = -1, .received_spf = -1 };
	int rc = hops_parse(&t.hops, h, err);
	if (rc == 0) {
		t.boundary = hops_boundary(&t.hops, profile->own_hops);
		rc = read_from(&t, h, err);
	}
	if (rc == 0)
		rc = read_headers(&t, h, profile, err);
	if (rc < 0) {
		theirs_fini(&t);
		return -1;
	}
	choose_methods(&t);
	if (!t.spf_method)
		read_received_spf(&t, h);
	if (t.boundary >= 0)
		t.tls = t.hops.v[t.boundary].received.tls;
	t.return_path = strip_angles(header_value(h, "Return-Path"));
	t.message_id = strip_angles(header_value(h, "Message-ID"));
	*ret = t;
	return 0;
}

void theirs_fini(struct theirs *t)
{
	for (size_t i = 0; i < t->header_count; i++)
		authres_fini(&t->headers[i].results);
	free(t->headers);
	free(t->octets);
	hops_fini(&t->hops);
	*t = (struct theirs){ 0 };
}
