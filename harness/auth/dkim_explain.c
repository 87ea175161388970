/* Explanations of failures: other canonicalisations, octets appended to the body, fields that differ from their copies
 * in z=, a key that is not the signer's. */
#include "harness/auth/dkim_explain.h"

#include <string.h>

#include "harness/auth/dkim_canon.h"

#define SECTION "RFC 6376 section 6.1.3"

static const char *canon_name(enum dkim_canon canon)
{
	return canon == DKIM_RELAXED ? "relaxed" : "simple";
}

static bool is_hash(const struct dkim_field *f, const unsigned char digest[DKIM_DIGEST_LEN])
{
	return memcmp(f->body_hash, digest, DKIM_DIGEST_LEN) == 0;
}

/* Whether the body was hashed right where it is ended earlier: 1 and the octets behind that end, 0, -1 for memory. Ends
 * are tried behind every line that is not empty, in one pass. */
static int find_appended(struct dkim_message *m, const struct dkim_field *f, enum dkim_canon canon, size_t *ret,
			 struct error *err)
{
	struct span body = m->message->body;
	unsigned char digest[DKIM_DIGEST_LEN];
	struct span nothing = { body.p, 0 };
	size_t at = 0;
	dkim_hash_start(m->hash, UINT64_MAX);
	dkim_canon_body(m->hash, canon, nothing);
	if (dkim_hash_finish(m->hash, digest, err) < 0)
		return -1;
	*ret = body.len;
	if (is_hash(f, digest))
		return 1;
	dkim_hash_start(m->hash, UINT64_MAX);
	for (size_t tries = 0; at < body.len && tries < DKIM_EXPLAIN_LINES_MAX; tries++) {
		ptrdiff_t lf = span_find_char(body, '\n', at);
		if (lf < 0)
			return 0;
		struct span line = span_sub(body, at, (size_t)lf + 1 - at);
		at += line.len;
		dkim_canon_lines(m->hash, canon, line);
		if (dkim_canon_trim(canon, line).len == 0)
			continue;
		if (dkim_hash_peek(m->hash, digest, err) < 0)
			return -1;
		*ret = body.len - at;
		if (is_hash(f, digest))
			return 1;
	}
	return 0;
}

static int explain_length(struct dkim_signature *s, const struct dkim_body *body, struct error *err)
{
	return dkim_decide(s, AUTH_FAIL, SECTION, err,
			   "body hash differs: the body has %llu octets, and %lld were signed (l=)",
			   (unsigned long long)body->octets, (long long)s->body_length);
}

int dkim_explain_body(struct dkim_message *m, const struct dkim_field *f, struct dkim_signature *s, struct error *err)
{
	enum dkim_canon other = s->body_canon == DKIM_RELAXED ? DKIM_SIMPLE : DKIM_RELAXED;
	struct dkim_body body;
	size_t appended = 0;
	if (dkim_message_body(m, s->body_canon, s->body_length, &body, err) < 0)
		return -1;
	if (body.too_short)
		return explain_length(s, &body, err);
	if (m->explained++ >= DKIM_EXPLAINED_MAX)
		return dkim_decide(s, AUTH_FAIL, SECTION, err, "body hash differs");
	if (dkim_message_body(m, other, s->body_length, &body, err) < 0)
		return -1;
	if (body.known && !body.too_short && is_hash(f, body.digest))
		return dkim_decide(
		    s, AUTH_FAIL, SECTION, err,
		    "body hash differs: it is that of the %s form, white space was changed or c= is wrong",
		    canon_name(other));
	const enum dkim_canon canons[] = { s->body_canon, other };
	for (size_t i = 0; i < ARRAY_LEN(canons) && s->body_length < 0; i++) {
		int rc = find_appended(m, f, canons[i], &appended, err);
		if (rc < 0)
			return -1;
		if (rc > 0)
			return dkim_decide(s, AUTH_FAIL, SECTION, err,
					   "body hash differs: %zu octet%s appended after the signed body%s", appended,
					   appended == 1 ? "" : "s",
					   i > 0 ? ", and white space was changed or c= is wrong" : "");
	}
	return dkim_decide(s, AUTH_FAIL, SECTION, err, "body hash differs: the body was changed");
}

/* The field in relaxed form, which z= is compared in. */
static int hash_relaxed(struct dkim_message *m, struct span name, struct span value, unsigned char out[DKIM_DIGEST_LEN],
			struct error *err)
{
	const struct header_field field = { .name = name, .value = value };
	dkim_hash_start(m->hash, UINT64_MAX);
	dkim_canon_field(m->hash, DKIM_RELAXED, &field);
	return dkim_hash_finish(m->hash, out, err);
}

/* Whether the message has a field as it was copied. 1, 0, -1 for memory. */
static int has_copied(struct dkim_message *m, struct span name, struct span value, struct error *err)
{
	unsigned char copied[DKIM_DIGEST_LEN], present[DKIM_DIGEST_LEN];
	const struct header *h = m->message->header;
	if (hash_relaxed(m, name, value, copied, err) < 0)
		return -1;
	for (size_t i = 0; i < h->count; i++) {
		if (!span_eq_nocase(h->fields[i].name, name))
			continue;
		if (hash_relaxed(m, name, h->fields[i].value, present, err) < 0)
			return -1;
		if (memcmp(copied, present, DKIM_DIGEST_LEN) == 0)
			return 1;
	}
	return 0;
}

/* The first field of z= that the message does not have as it was copied. 1 and its name, 0, -1 for memory. */
static int find_changed(struct dkim_message *m, const struct dkim_field *f, struct span *ret, struct error *err)
{
	enum { COPIES_MAX = 100, COPY_OCTETS_MAX = 65536 };
	const struct tag *z = tag_list_find(&f->tags, "z");
	struct span rest = z ? z->value : (struct span){ 0 }, copy;
	for (int i = 0; i < COPIES_MAX && span_next(&rest, '|', &copy); i++) {
		_cleanup_(buf_fini) struct buf value = BUF_INIT(COPY_OCTETS_MAX);
		ptrdiff_t colon = span_find_char(copy, ':', 0);
		struct span name = span_trim(span_sub(copy, 0, colon < 0 ? 0 : (size_t)colon));
		bool read = name.len > 0 && dkim_unquote(span_sub(copy, (size_t)colon + 1, SIZE_MAX), &value) == 0;
		if (buf_check_memory(&value, err) < 0)
			return -1;
		if (!read)
			continue;
		int rc = has_copied(m, name, buf_span(&value), err);
		*ret = name;
		if (rc <= 0)
			return rc < 0 ? -1 : 1;
	}
	return 0;
}

int dkim_explain_header(struct dkim_message *m, const struct dkim_field *f, struct dkim_key *key,
			struct dkim_signature *s, struct error *err)
{
	enum dkim_canon other = s->header_canon == DKIM_RELAXED ? DKIM_SIMPLE : DKIM_RELAXED;
	struct span signature = span_make((const char *)f->signature, f->signature_len), changed;
	unsigned char digest[DKIM_DIGEST_LEN];
	int made = dkim_key_made(key, signature);
	if (made == 0)
		return dkim_decide(s, AUTH_FAIL, SECTION, err,
				   "the signature was not made with the key of selector %s, or was damaged",
				   s->selector);
	if (dkim_message_header(m, f, other, digest, err) < 0)
		return -1;
	if (dkim_key_verifies(key, digest, signature))
		return dkim_decide(
		    s, AUTH_FAIL, SECTION, err,
		    "the signature is over the %s form of the header: white space was changed or c= is wrong",
		    canon_name(other));
	int rc = find_changed(m, f, &changed, err);
	if (rc < 0)
		return -1;
	if (rc > 0)
		return dkim_decide(s, AUTH_FAIL, SECTION, err,
				   "signed fields were changed: %.*s is not as it was when signed (z=)",
				   SPAN_ARG(span_sub(changed, 0, 60)));
	return dkim_decide(s, AUTH_FAIL, SECTION, err,
			   made > 0 ? "signed fields were changed, added or removed: %s"
				    : "signed fields were changed, added or removed, or the key is another: %s",
			   s->signed_fields);
}
