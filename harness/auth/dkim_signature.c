/* Reading of signature fields, as strictly as RFC 6376 section 6.1.1 asks: whatever is not as it must be ends the
 * verification with a reason. The results are those of RFC 8601 section 2.7.1: `neutral` for errors of syntax. */
#include "harness/auth/dkim_signature.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/base64.h"
#include "harness/base/escape.h"

#define SECTION_TAGS "RFC 6376 section 3.5"

/* Octets of an identity that are looked at: a local part of 64, a domain of 255, each maybe as =XX. */
enum { IDENTITY_MAX = 2000 };

struct dkim_signature_reading {
	enum dkim_kind kind;
	struct dkim_field *f;
	struct dkim_signature *s;
	struct error *err;
};

/* A step of the reading: 1 to go on, 0 where the result is set, -1 for memory. */
typedef int step_fn(struct dkim_signature_reading *r);

static int memory_or(struct dkim_signature_reading *r, const void *p)
{
	return p ? 1 : error_memory(r->err);
}

int dkim_decide(struct dkim_signature *s, enum auth_result result, const char *section, struct error *err,
		const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX], escaped[ERROR_TEXT_MAX];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	free(s->reason);
	s->reason = strdup(escape_text(escaped, sizeof(escaped), span_of(text)));
	s->result = result;
	s->section = section;
	return s->reason ? 0 : error_memory(err);
}

static int dkim_signature_refuse(struct dkim_signature_reading *r, const char *section, const char *what)
{
	return dkim_decide(r->s, AUTH_NEUTRAL, section, r->err, "%s", what);
}

static struct span dkim_signature_value_of(const struct dkim_signature_reading *r, const char *name)
{
	const struct tag *tag = tag_list_find(&r->f->tags, name);
	return tag ? tag->value : (struct span){ 0 };
}

static char *dup_lower(struct span s)
{
	char *copy = span_dup(s);
	for (size_t i = 0; copy && i < s.len; i++)
		copy[i] = ascii_lower(copy[i]);
	return copy;
}

/* Without white space. */
static char *dup_packed(struct span s)
{
	char *copy = span_dup(s);
	size_t len = 0;
	for (size_t i = 0; copy && i < s.len; i++)
		if (!ascii_is_space(s.p[i]))
			copy[len++] = s.p[i];
	if (copy)
		copy[len] = '\0';
	return copy;
}

/* RFC 5321 sub-domains with U-labels (RFC 8616); underscores are met in selectors, and harm nobody. */
static bool is_labels(struct span s, bool underscores)
{
	struct span label;
	while (span_next(&s, '.', &label)) {
		for (size_t i = 0; i < label.len; i++)
			if (!ascii_is_alnum(label.p[i]) && label.p[i] != '-' && (unsigned char)label.p[i] < 128 &&
			    !(underscores && label.p[i] == '_'))
				return false;
		if (label.len == 0 || label.p[0] == '-' || label.p[label.len - 1] == '-')
			return false;
	}
	return true;
}

/* Who signed, and how; read first, so that a signature which is refused for something else still says it. */
static int read_names(struct dkim_signature_reading *r)
{
	struct span d = dkim_signature_value_of(r, "d"), s = dkim_signature_value_of(r, "s"),
		    a = dkim_signature_value_of(r, "a");
	char domain[DNS_NAME_TEXT_MAX];
	if (d.len > 0 && is_labels(d, false) && span_find_char(d, '.', 0) > 0 && dns_name_make(d, domain)) {
		r->s->domain = strdup(domain);
		if (!r->s->domain)
			return error_memory(r->err);
	}
	if (s.len > 0 && is_labels(s, true)) {
		r->s->selector = span_dup(s);
		if (!r->s->selector)
			return error_memory(r->err);
	}
	r->s->algorithm = a.len > 0 ? dup_lower(a) : NULL;
	return a.len > 0 ? memory_or(r, r->s->algorithm) : 1;
}

static int check_list(struct dkim_signature_reading *r)
{
	static const char *const required[][8] = {
		[DKIM_SIGNATURE] = { "v", "a", "b", "bh", "d", "h", "s" },
		[ARC_MESSAGE_SIGNATURE] = { "a", "b", "bh", "d", "s" },
		[ARC_SEAL] = { "a", "b", "d", "s" },
	};
	if (r->f->tags.capped)
		return dkim_decide(r->s, AUTH_UNKNOWN, NULL, r->err, "not evaluated: the field has more than %d tags",
				   TAG_LIST_MAX);
	if (r->f->tags.problem[0] != '\0')
		return dkim_decide(r->s, AUTH_NEUTRAL, "RFC 6376 section 3.2", r->err, "the field is no tag list: %s",
				   r->f->tags.problem);
	for (size_t i = 0; required[r->kind][i]; i++)
		if (dkim_signature_value_of(r, required[r->kind][i]).len == 0)
			return dkim_decide(r->s, AUTH_NEUTRAL, SECTION_TAGS, r->err, "the tag %s= is missing or empty",
					   required[r->kind][i]);
	if (r->kind == DKIM_SIGNATURE && !span_is(dkim_signature_value_of(r, "v"), "1"))
		return dkim_signature_refuse(r, SECTION_TAGS, "the version is not 1 (v=)");
	if (!r->s->domain)
		return dkim_signature_refuse(r, SECTION_TAGS, "d= is no domain");
	if (!r->s->selector)
		return dkim_signature_refuse(r, SECTION_TAGS, "s= is no selector");
	return 1;
}

static int read_algorithm(struct dkim_signature_reading *r)
{
	if (strcmp(r->s->algorithm, "rsa-sha256") == 0)
		return 1;
	r->f->ed25519 = strcmp(r->s->algorithm, "ed25519-sha256") == 0;
	if (r->f->ed25519 || strcmp(r->s->algorithm, "rsa-sha1") == 0)
		return 1;
	return dkim_decide(r->s, AUTH_NEUTRAL, SECTION_TAGS, r->err, "unknown algorithm %.40s", r->s->algorithm);
}

static int read_hashes(struct dkim_signature_reading *r)
{
	size_t len = 0, wanted = strcmp(r->s->algorithm, "rsa-sha1") == 0 ? 20 : DKIM_DIGEST_LEN;
	const struct tag *b = tag_list_find(&r->f->tags, "b");
	if (!base64_decode(b->value, BASE64_TAG, r->f->signature, sizeof(r->f->signature), &r->f->signature_len) ||
	    r->f->signature_len == 0)
		return dkim_signature_refuse(r, SECTION_TAGS, "b= is not base64");
	r->f->cut = b->raw;
	if (r->kind == ARC_SEAL)
		return 1;
	if (!base64_decode(dkim_signature_value_of(r, "bh"), BASE64_TAG, r->f->body_hash, sizeof(r->f->body_hash),
			   &len) ||
	    len != wanted)
		return dkim_signature_refuse(r, SECTION_TAGS, "bh= is not a hash of the algorithm in base64");
	return 1;
}

static bool canon_from(struct span word, enum dkim_canon *ret)
{
	*ret = span_is_nocase(word, "relaxed") ? DKIM_RELAXED : DKIM_SIMPLE;
	return *ret == DKIM_RELAXED || span_is_nocase(word, "simple");
}

static int read_canon(struct dkim_signature_reading *r)
{
	struct span rest = dkim_signature_value_of(r, "c"), header, body;
	if (!tag_list_find(&r->f->tags, "c"))
		return 1;
	span_next(&rest, '/', &header);
	body = rest.p ? rest : SPAN_LIT("simple");
	if (!canon_from(header, &r->s->header_canon) || !canon_from(body, &r->s->body_canon))
		return dkim_signature_refuse(r, SECTION_TAGS, "unknown canonicalisation (c=)");
	return 1;
}

/* ftext of RFC 5322 section 3.6.8, without the semicolon that cannot stand here. */
static bool is_field_name(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= 32 || s.p[i] >= 127)
			return false;
	return s.len > 0;
}

static int read_fields(struct dkim_signature_reading *r)
{
	struct span rest = dkim_signature_value_of(r, "h"), part;
	r->f->h = rest;
	r->s->signed_fields = dup_packed(rest);
	if (!r->s->signed_fields)
		return error_memory(r->err);
	while (tag_next_part(&rest, &part))
		if (!is_field_name(part))
			return dkim_signature_refuse(r, SECTION_TAGS, "h= is no list of field names");
	if (!tag_has_part(r->f->h, "From"))
		return dkim_decide(r->s, AUTH_PERMERROR, "RFC 6376 section 6.1.1", r->err, "From is not signed (h=)");
	return 1;
}

/* Sealers leave names out, and receivers take it (doc/deviations.md): an empty one takes no field. */
static int read_arc_fields(struct dkim_signature_reading *r)
{
	const struct tag *h = tag_list_find(&r->f->tags, "h");
	if (!h)
		return dkim_signature_refuse(r, SECTION_TAGS, "the tag h= is missing");
	r->f->h = h->value;
	r->s->signed_fields = dup_packed(h->value);
	if (!r->s->signed_fields)
		return error_memory(r->err);
	if (tag_has_part(h->value, "ARC-Seal"))
		return dkim_signature_refuse(r, "RFC 8617 section 4.1.2", "ARC-Seal is in h=");
	return 1;
}

/* A number of digits; one that does not fit is as good as the greatest. False where it is none. */
static bool dkim_signature_read_number(struct span value, int64_t *ret)
{
	uint64_t number = 0;
	for (size_t i = 0; i < value.len; i++)
		if (!ascii_is_digit(value.p[i]))
			return false;
	*ret = span_to_u64(value, INT64_MAX / 1000, &number) ? (int64_t)number : INT64_MAX / 1000;
	return value.len > 0;
}

static int read_numbers(struct dkim_signature_reading *r)
{
	const struct {
		const char *name, *problem;
		int64_t *to;
	} rows[] = { { "l", "l= is no number", &r->s->body_length },
		     { "t", "t= is no number", &r->s->timestamp },
		     { "x", "x= is no number", &r->s->expiry } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (tag_list_find(&r->f->tags, rows[i].name) &&
		    !dkim_signature_read_number(dkim_signature_value_of(r, rows[i].name), rows[i].to))
			return dkim_signature_refuse(r, SECTION_TAGS, rows[i].problem);
	if (r->s->expiry >= 0 && r->s->timestamp >= r->s->expiry)
		return dkim_signature_refuse(r, SECTION_TAGS, "the signature expires before it is made (x=, t=)");
	return 1;
}

int dkim_unquote(struct span value, struct buf *out)
{
	static const char digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < value.len; i++) {
		const char *high, *low;
		if (ascii_is_space(value.p[i]))
			continue;
		if (value.p[i] == '=' && i + 2 < value.len && value.p[i + 1] && value.p[i + 2] &&
		    (high = strchr(digits, value.p[i + 1])) && (low = strchr(digits, value.p[i + 2]))) {
			buf_add_char(out, (char)((high - digits) << 4 | (low - digits)));
			i += 2;
		} else {
			buf_add_char(out, value.p[i]);
		}
	}
	return buf_result(out);
}

/* Verifiers take every local part (doc/deviations.md); a control character would cut what is shown of it. */
static bool dkim_signature_has_control(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < 32 || s.p[i] == 127)
			return true;
	return false;
}

/* i=: who is answerable, of the signing domain or below it. */
static int read_identity(struct dkim_signature_reading *r)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(IDENTITY_MAX);
	const struct tag *i = tag_list_find(&r->f->tags, "i");
	char domain[DNS_NAME_TEXT_MAX];
	if (!i) {
		buf_addf(&text, "@%s", r->s->domain);
		r->s->identity = buf_take(&text);
		return memory_or(r, r->s->identity);
	}
	if (dkim_unquote(i->value, &text) < 0 && buf_check_memory(&text, r->err) < 0)
		return -1;
	if (text.failed)
		return dkim_signature_refuse(r, SECTION_TAGS, "i= is too long");
	struct span whole = buf_span(&text);
	const char *at = whole.p ? memrchr(whole.p, '@', whole.len) : NULL;
	struct span local = span_sub(whole, 0, at ? (size_t)(at - whole.p) : 0);
	if (!at || dkim_signature_has_control(local) || !is_labels(span_sub(whole, local.len + 1, SIZE_MAX), false) ||
	    !dns_name_make(span_sub(whole, local.len + 1, SIZE_MAX), domain))
		return dkim_signature_refuse(r, SECTION_TAGS, "i= is no identity");
	r->s->identity = buf_take(&text);
	if (!r->s->identity)
		return error_memory(r->err);
	if (!dns_name_under(domain, r->s->domain))
		return dkim_signature_refuse(r, "RFC 6376 section 6.1.1", "i= is not within the domain of d=");
	return 1;
}

static int read_rest(struct dkim_signature_reading *r)
{
	const struct tag *q = tag_list_find(&r->f->tags, "q"), *z = tag_list_find(&r->f->tags, "z");
	if (z) {
		r->s->copied_fields = dup_packed(z->value);
		if (!r->s->copied_fields)
			return error_memory(r->err);
	}
	if (q && !tag_has_part(q->value, "dns/txt"))
		return dkim_signature_refuse(r, SECTION_TAGS, "no known way to ask for the key (q=)");
	return 1;
}

/* What is well written and refused all the same; a key is not asked for then. */
static int check_terms(struct dkim_signature_reading *r, int64_t now_ms)
{
	_cleanup_(buf_fini) struct buf name = BUF_INIT(DNS_NAME_TEXT_MAX);
	buf_addf(&name, "%s._domainkey.%s", r->s->selector, r->s->domain);
	if (buf_check_memory(&name, r->err) < 0)
		return -1;
	if (name.failed || !dns_name_make(buf_span(&name), r->f->key_name))
		return dkim_signature_refuse(r, SECTION_TAGS, "selector and domain make no name");
	r->s->key_name = strdup(r->f->key_name);
	if (!r->s->key_name)
		return error_memory(r->err);
	if (strcmp(r->s->algorithm, "rsa-sha1") == 0)
		return dkim_decide(r->s, AUTH_PERMERROR, "RFC 8301 section 3.1", r->err,
				   "rsa-sha1 is no longer a valid algorithm");
	if (r->s->expiry >= 0 && now_ms / 1000 > r->s->expiry)
		return dkim_decide(r->s, AUTH_POLICY, SECTION_TAGS, r->err,
				   "the signature expired %lld seconds before the evaluation (x=)",
				   (long long)(now_ms / 1000 - r->s->expiry));
	return 1;
}

int dkim_signature_read(enum dkim_kind kind, const struct header_field *field, int64_t now_ms, struct dkim_field *out,
			struct dkim_signature *ret, struct error *err)
{
	static step_fn *const dkim[] = { read_names,  check_list,   read_algorithm, read_hashes, read_canon,
					 read_fields, read_numbers, read_identity,  read_rest,   NULL };
	/* i= of an ARC field is its instance, and a seal signs fields that are fixed, in relaxed form. */
	static step_fn *const message[] = { read_names, check_list,      read_algorithm, read_hashes,
					    read_canon, read_arc_fields, read_numbers,   NULL };
	static step_fn *const seal[] = { read_names, check_list, read_algorithm, read_hashes, read_numbers, NULL };
	static step_fn *const *const steps[] = { dkim, message, seal };
	struct dkim_signature_reading r = { kind, out, ret, err };
	int rc = 1;
	*ret = (struct dkim_signature){ .body_length = -1, .timestamp = -1, .expiry = -1 };
	out->kind = kind;
	out->field = field;
	out->ed25519 = false;
	out->cut = out->h = (struct span){ 0 };
	out->signature_len = 0;
	tag_list_parse(&out->tags, field->value);
	for (step_fn *const *step = steps[kind]; rc == 1 && *step; step++)
		rc = (*step)(&r);
	return rc == 1 ? check_terms(&r, now_ms) : rc;
}
