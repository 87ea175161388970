/* The provider's word on a message. Pure. Believes nothing that stands outside of the provider's two parts. */
#include "harness/mail/theirs.h"

#include <stdlib.h>

#include "harness/base/vec.h"
#include "harness/mail/address.h"
#include "harness/mail/theirs_part.h"

static struct span strip_angles(struct span s)
{
	s = span_trim(s);
	return s.len >= 2 && s.p[0] == '<' && s.p[s.len - 1] == '>' ? span_sub(s, 1, s.len - 2) : s;
}

static int read_from(struct theirs *t, const struct header *h, struct error *err)
{
	struct address_list list;
	struct error why = ERROR_INIT, deviation;
	if (address_list_read(&list, header_value(h, "From"), &deviation, &why) < 0) {
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

bool theirs_wrote(const struct theirs *t, size_t field)
{
	if (hops_trusted(&t->hops, t->boundary, field))
		return true;
	return field < t->block_end && field > t->hops.v[t->boundary].field;
}

static bool theirs_is_named(const struct authres *results, const struct theirs_profile *profile)
{
	if (!results->authserv_id.p)
		return profile->no_authserv_id;
	return hops_match(results->authserv_id, profile->authserv_ids);
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
		th->trusted = !arc && theirs_wrote(t, i) && theirs_is_named(&th->results, profile);
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

/* What a field can speak of, as a mask: what is judged, and iprev, which shows the client. */
static unsigned theirs_method_bit(const struct authres_method *m)
{
	static const char *const names[] = { "spf", "dkim", "dmarc", "iprev" };
	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (span_is_nocase(m->method, names[i]))
			return 1u << i;
	return 0;
}

bool theirs_believes(const struct theirs_header *th, const struct authres_method *m)
{
	return th->trusted && !(th->taken & theirs_method_bit(m));
}

enum { THEIRS_BIT_DKIM = 1u << 1 };

static const struct authres_method *theirs_find_dkim(const struct authres *a, size_t *count)
{
	const struct authres_method *found = NULL;
	*count = 0;
	for (size_t k = 0; k < a->method_count; k++)
		if (theirs_method_bit(&a->methods[k]) == THEIRS_BIT_DKIM && (*count)++ == 0)
			found = &a->methods[k];
	return found;
}

/* Whether a result of it may be of the signature whose b= begins with `b`: verifiers write its first octets, more or
 * fewer, or none. */
static bool theirs_speaks_of(const struct theirs_header *th, struct span b)
{
	for (size_t k = 0; k < th->results.method_count; k++) {
		const struct authres_method *m = &th->results.methods[k];
		struct span other = authres_property_get(m, "header", "b");
		if (theirs_method_bit(m) == THEIRS_BIT_DKIM && (span_starts(other, b) || span_starts(b, other)))
			return true;
	}
	return false;
}

/* iCloud writes a field for each signature. A further one counts where it speaks of a signature that is there, and none
 * above it has: so a sender can at most speak of what the provider passed over. */
static bool theirs_adds_signature(const struct theirs *t, size_t i, const struct header *h)
{
	size_t count;
	const struct authres_method *m = theirs_find_dkim(&t->headers[i].results, &count);
	struct span b = m ? authres_property_get(m, "header", "b") : (struct span){ 0 };
	if (count != 1 || !theirs_has_signature(h, b))
		return false;
	for (size_t k = 0; k < i; k++)
		if (t->headers[k].trusted && theirs_speaks_of(&t->headers[k], b))
			return false;
	return true;
}

/* Below the boundary hop the first field counts: what a sender adds stands lower. */
static void theirs_mark_taken(struct theirs *t, const struct header *h)
{
	unsigned taken = 0;
	for (size_t i = 0; i < t->header_count; i++) {
		struct theirs_header *th = &t->headers[i];
		unsigned said = 0;
		for (size_t k = 0; th->trusted && k < th->results.method_count; k++)
			said |= theirs_method_bit(&th->results.methods[k]);
		if (th->trusted && !hops_trusted(&t->hops, t->boundary, th->field)) {
			th->taken = taken;
			if ((taken & THEIRS_BIT_DKIM) && theirs_adds_signature(t, i, h))
				th->taken &= ~(unsigned)THEIRS_BIT_DKIM;
			th->trusted = said == 0 || (said & ~th->taken);
		}
		taken |= said;
	}
}

static void theirs_consider(struct theirs *t, const struct authres_method *m)
{
	if (span_is_nocase(m->method, "dkim"))
		consider_dkim(t, m);
	else if (span_is_nocase(m->method, "spf"))
		consider_spf(t, m);
	else if (span_is_nocase(m->method, "dmarc") && !t->dmarc_method)
		t->dmarc_method = m;
}

static void theirs_settle(struct theirs *t)
{
	t->spf = t->spf_method ? t->spf_method->result : AUTH_NOT_REPORTED;
	t->dkim = t->dkim_method ? t->dkim_method->result : AUTH_NOT_REPORTED;
	t->dmarc = t->dmarc_method ? t->dmarc_method->result : AUTH_NOT_REPORTED;
}

static void choose_methods(struct theirs *t, const struct header *h)
{
	theirs_mark_taken(t, h);
	for (size_t i = 0; i < t->header_count; i++) {
		const struct authres *a = &t->headers[i].results;
		for (size_t k = 0; k < a->method_count; k++)
			if (theirs_believes(&t->headers[i], &a->methods[k]))
				theirs_consider(t, &a->methods[k]);
	}
	theirs_settle(t);
}

/* The first Received-SPF field for the envelope sender that is the provider's and has a result (RFC 7208 section 9.1:
 * its first word), or -1. Below the boundary hop there is only a first one. */
static ptrdiff_t theirs_find_received_spf(const struct theirs *t, const struct header *h, enum auth_result *ret)
{
	static const char name[] = "Received-SPF";
	bool below = false;
	for (ptrdiff_t i = header_find(h, name, 0); i >= 0 && !below; i = header_find(h, name, (size_t)i + 1)) {
		struct span value = span_trim(h->fields[i].value);
		if (!theirs_wrote(t, (size_t)i) || span_find_nocase(value, SPAN_LIT("identity=helo"), 0) >= 0)
			continue;
		below = !hops_trusted(&t->hops, t->boundary, (size_t)i);
		size_t n = 0;
		while (n < value.len && ascii_is_alpha(value.p[n]))
			n++;
		*ret = authres_result(SPAN_LIT("spf"), span_sub(value, 0, n));
		if (*ret != AUTH_NOT_REPORTED)
			return i;
	}
	return -1;
}

/* Whether the entry for SPF stands below the boundary hop and below that field: then the field has spoken first. */
static bool theirs_spoke_before(const struct theirs *t, size_t field)
{
	for (size_t i = 0; i < t->header_count; i++) {
		const struct authres *a = &t->headers[i].results;
		if (a->method_count > 0 && t->spf_method >= a->methods && t->spf_method < a->methods + a->method_count)
			return t->headers[i].field > field && !hops_trusted(&t->hops, t->boundary, t->headers[i].field);
	}
	return true;
}

/* Received-SPF stands in where no results speak of SPF, or where those that do stand lower and say something else. */
static void theirs_read_received_spf(struct theirs *t, const struct header *h)
{
	enum auth_result result;
	ptrdiff_t i = theirs_find_received_spf(t, h, &result);
	if (i < 0 || (t->spf_method && (result == t->spf || !theirs_spoke_before(t, (size_t)i))))
		return;
	t->spf_method = NULL;
	t->spf = result;
	t->received_spf = i;
}

static void theirs_set_trouble(struct theirs *t, enum theirs_trouble trouble, struct span with)
{
	t->trouble = trouble;
	t->trouble_with = with;
}

static struct span theirs_host_of(const struct theirs *t, size_t hop)
{
	return t->hops.v[hop].received.by;
}

static void theirs_diagnose_hops(struct theirs *t, const struct theirs_profile *profile)
{
	size_t next = (size_t)(t->boundary + 1);
	bool more = next < t->hops.count;
	if (!profile->own_hops || !profile->own_hops[0])
		theirs_set_trouble(t, THEIRS_NO_PATTERNS, (struct span){ 0 });
	else if (t->boundary < 0 && !more)
		theirs_set_trouble(t, THEIRS_NO_RECEIVED, (struct span){ 0 });
	else if (t->boundary < 0)
		theirs_set_trouble(t, THEIRS_NO_OWN_HOP, theirs_host_of(t, next));
	else if (more)
		theirs_set_trouble(t, THEIRS_ENDS_INSIDE, theirs_host_of(t, next));
	else
		theirs_set_trouble(t, THEIRS_ONLY_INSIDE, theirs_host_of(t, (size_t)t->boundary));
}

/* Results that would be the provider's if the profile knew of them; none is believed that the profile names. */
static void theirs_diagnose_results(struct theirs *t, const struct theirs_profile *profile)
{
	for (size_t i = 0; i < t->header_count && t->trouble == THEIRS_NO_TROUBLE; i++) {
		const struct theirs_header *th = &t->headers[i];
		struct span id = th->results.authserv_id;
		if (th->results.arc || th->field >= t->below_end)
			continue;
		bool named = id.p ? hops_match(id, profile->authserv_ids) : profile->no_authserv_id;
		if (!named && theirs_wrote(t, th->field))
			theirs_set_trouble(t, id.p ? THEIRS_OTHER_ID : THEIRS_WITHOUT_ID, id);
		else if (named && profile->above_only)
			theirs_set_trouble(t, THEIRS_RESULTS_BELOW, id);
	}
}

/* Sets t->trouble once everything else is read. */
static void theirs_diagnose(struct theirs *t, const struct theirs_profile *profile)
{
	if (!t->outside) {
		theirs_diagnose_hops(t, profile);
		return;
	}
	for (size_t i = 0; i < t->header_count; i++)
		if (t->headers[i].trusted)
			return;
	theirs_diagnose_results(t, profile);
}

static int theirs_read_all(struct theirs *t, const struct header *h, const struct theirs_profile *profile,
			   const struct header *sent, struct error *err)
{
	if (hops_parse(&t->hops, h, err) < 0)
		return -1;
	t->sent_at = theirs_first_sent(h, sent);
	t->boundary = hops_boundary(&t->hops, profile->own_hops, theirs_hops_end(h, sent), &t->outside);
	if (t->outside)
		t->below_end = theirs_below_end(h, sent, t->hops.v[t->boundary].field + 1);
	t->block_end = profile->above_only ? 0 : t->below_end;
	if (read_from(t, h, err) < 0 || read_headers(t, h, profile, err) < 0)
		return -1;
	choose_methods(t, h);
	theirs_read_received_spf(t, h);
	if (t->outside)
		t->tls = t->hops.v[t->boundary].received.tls;
	t->return_path = address_of_path(header_value(h, "Return-Path"));
	t->message_id = strip_angles(header_value(h, "Message-ID"));
	theirs_diagnose(t, profile);
	return 0;
}

int theirs_read(struct theirs *ret, const struct header *h, const struct theirs_profile *profile,
		const struct header *sent, struct error *err)
{
	struct theirs t = { .boundary = -1, .received_spf = -1, .sealed = -1 };
	if (theirs_read_all(&t, h, profile, sent, err) < 0) {
		theirs_fini(&t);
		return -1;
	}
	*ret = t;
	return 0;
}

/* Whether the field stands where only the provider can have sealed it: in its parts, or, where no hop is known to be
 * its own, above what is known to be the sender's. */
static bool theirs_can_be_sealed(const struct theirs *t, size_t field)
{
	return t->boundary < 0 ? field < t->sent_at : theirs_wrote(t, field);
}

bool theirs_take_sealed(struct theirs *t, unsigned instance)
{
	struct theirs alone = { .from_domain = t->from_domain };
	size_t i = 0;
	while (i < t->header_count && !(t->headers[i].results.arc && t->headers[i].results.instance == instance &&
					theirs_can_be_sealed(t, t->headers[i].field)))
		i++;
	if (instance == 0 || i == t->header_count)
		return false;
	const struct authres *a = &t->headers[i].results;
	for (size_t k = 0; k < a->method_count; k++)
		theirs_consider(&alone, &a->methods[k]);
	theirs_settle(&alone);
	t->headers[i].trusted = true;
	t->sealed = (ptrdiff_t)i;
	t->sealed_results[METHOD_SPF] = alone.spf;
	t->sealed_results[METHOD_DKIM] = alone.dkim;
	t->sealed_results[METHOD_DMARC] = alone.dmarc;
	if (!t->dkim_method) {
		t->dkim_method = alone.dkim_method;
		t->dkim_aligned = alone.dkim_aligned;
	}
	if (!t->dmarc_method)
		t->dmarc_method = alone.dmarc_method;
	enum auth_result received_spf = t->spf;
	if (!t->spf_method && t->received_spf < 0)
		t->spf_method = alone.spf_method;
	theirs_settle(t);
	if (t->received_spf >= 0)
		t->spf = received_spf;
	return true;
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
