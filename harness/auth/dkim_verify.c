/* DKIM verification (RFC 6376 section 6). Results are those of RFC 8601 section 2.7.1: `permerror` where nothing can be
 * verified with the key that is published, `policy` where it could and must not, `fail` where message and signature do
 * not match. */
#include "harness/auth/dkim_verify.h"

#include <stdlib.h>
#include <string.h>

#include "harness/auth/dkim_explain.h"
#include "harness/dns/rdata.h"

/* A selector should have one record (RFC 6376 section 3.6.2.2): of more, so many are tried. */
enum { RECORDS_TRIED_MAX = 8, RECORD_OCTETS_MAX = 65536 };

#define SECTION_KEY "RFC 6376 section 6.1.2"

size_t dkim_lookup_add(struct dkim_lookup *lookup, const char *key_name)
{
	size_t i = 0;
	while (i < lookup->count && strcmp(lookup->questions[i].name, key_name) != 0)
		i++;
	if (i == lookup->count)
		lookup->questions[lookup->count++] = (struct dns_question){ key_name, DNS_TXT };
	return i;
}

static int note_answer(struct trail *trail, const struct dns_question *question, const struct dns_answer *answer,
		       struct error *err)
{
	_cleanup_(buf_fini) struct buf what = BUF_INIT(DNS_NAME_TEXT_MAX + 64);
	char words[ERROR_TEXT_MAX];
	struct trail_step *step;
	const char *end = strstr(question->name, "._domainkey.");
	size_t len = end ? (size_t)(end - question->name) : strlen(question->name);
	buf_addf(&what, "key of selector %.*s", (int)len, question->name);
	if (buf_check(&what, "the name of a key", err) < 0 ||
	    trail_add(trail, 0, buf_str(&what), question, answer, &step, err) < 0)
		return -1;
	return trail_outcome(step, err, "%s", dns_answer_words(answer, words, sizeof(words)));
}

int dkim_lookup_ask(struct dkim_lookup *lookup, struct resolver *resolver, struct trail *trail, struct error *err)
{
	if (lookup->count == 0)
		return 0;
	if (resolver_ask_many(resolver, lookup->questions, lookup->count, lookup->answers, err) < 0)
		return -1;
	lookup->asked = true;
	for (size_t i = 0; i < lookup->count; i++)
		if (note_answer(trail, &lookup->questions[i], &lookup->answers[i], err) < 0)
			return -1;
	return 0;
}

void dkim_lookup_fini(struct dkim_lookup *lookup)
{
	for (size_t i = 0; lookup->asked && i < lookup->count; i++)
		dns_answer_fini(&lookup->answers[i]);
	lookup->count = 0;
	lookup->asked = false;
}

/* Whether the answer has records: 1, or 0 with the result set, -1 for memory. */
static int check_answer(const struct dns_answer *answer, struct dkim_signature *s, struct error *err)
{
	char words[ERROR_TEXT_MAX];
	dns_answer_words(answer, words, sizeof(words));
	s->key_ttl = answer->ttl;
	if (answer->state == DNS_FAILED)
		return dkim_decide(s, AUTH_TEMPERROR, SECTION_KEY, err, "the key of selector %s could not be had: %s",
				   s->selector, words);
	if (answer->state == DNS_MISSED)
		return dkim_decide(s, AUTH_UNKNOWN, NULL, err, "the key of selector %s is not known: %s", s->selector,
				   words);
	if (answer->count == 0)
		return dkim_decide(s, AUTH_PERMERROR, SECTION_KEY, err, "selector %s has no key record", s->selector);
	return 1;
}

/* With t=s the identity has the very domain of d= (RFC 6376 section 3.6.1). */
static bool is_exact_identity(const struct dkim_signature *s)
{
	char domain[DNS_NAME_TEXT_MAX];
	const char *at = s->identity ? strrchr(s->identity, '@') : NULL;
	return !at || (dns_name_make(span_of(at + 1), domain) && strcmp(domain, s->domain) == 0);
}

/* Whether the key may verify this signature: 1, or 0 with the result set, -1 for memory. */
static int check_key(const struct dkim_key *key, const struct dkim_field *f, struct dkim_signature *s,
		     struct error *err)
{
	bool too_short = key->bits > 0 && key->bits < DKIM_KEY_BITS_MIN;
	s->key_bits = key->bits;
	s->testing = key->testing;
	s->weak_key = !key->ed25519 && key->bits > 0 && key->bits < DKIM_KEY_BITS_STRONG;
	if (key->problem[0] != '\0')
		return dkim_decide(s,
				   key->unread ? AUTH_UNKNOWN
				   : too_short ? AUTH_POLICY
					       : AUTH_PERMERROR,
				   key->section, err, "%s", key->problem);
	if (key->ed25519 != f->ed25519)
		return dkim_decide(s, AUTH_PERMERROR, SECTION_KEY, err, "the key is of type %s, the signature is %s",
				   key->ed25519 ? "ed25519" : "rsa", s->algorithm);
	if (!key->sha256)
		return dkim_decide(s, AUTH_PERMERROR, SECTION_KEY, err, "the key does not allow SHA-256 (h=)");
	if (!key->email)
		return dkim_decide(s, AUTH_PERMERROR, SECTION_KEY, err, "the key is not for mail (s=)");
	if (key->strict && !is_exact_identity(s))
		return dkim_decide(s, AUTH_PERMERROR, SECTION_KEY, err,
				   "the key allows no subdomain of d= in i= (t=s)");
	return 1;
}

/* What the records say of the digest. */
struct keys_tried {
	struct dkim_key *usable; /* the last that may verify it; NULL: none, and the result is set */
	bool verified;
};

static int try_keys(struct dkim_message *m, const struct dkim_field *f, const struct dns_answer *answer,
		    const unsigned char *digest, struct keys_tried *ret, struct dkim_signature *s, struct error *err)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(RECORD_OCTETS_MAX);
	struct span signature = span_make((const char *)f->signature, f->signature_len);
	*ret = (struct keys_tried){ 0 };
	size_t i = 0;
	for (; i < answer->count && i < RECORDS_TRIED_MAX && !ret->verified; i++) {
		struct dkim_key *key;
		buf_clear(&text);
		rdata_txt(&answer->records[i], &text, NULL);
		if (buf_check_memory(&text, err) < 0 || dkim_keys_read(m->keys, buf_span(&text), &key, err) < 0)
			return -1;
		/* A slot that another record took: the older key is gone. */
		if (ret->usable == key)
			ret->usable = NULL;
		int rc = check_key(key, f, s, err);
		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		ret->usable = key;
		ret->verified = dkim_key_verifies(key, digest, signature);
	}
	if (ret->verified || i == answer->count)
		return 0;
	ret->usable = NULL;
	return dkim_decide(s, AUTH_UNKNOWN, NULL, err, "selector %s has %zu records, of which %d were tried",
			   s->selector, answer->count, RECORDS_TRIED_MAX);
}

/* `pass`, with what a reader should know of it. */
static int accept(const struct dkim_message *m, const struct dkim_field *f, const struct dkim_body *body,
		  int64_t now_ms, struct dkim_signature *s, struct error *err)
{
	size_t from_count = dkim_message_count(m, "From");
	if (f->kind != DKIM_SIGNATURE)
		return dkim_decide(s, AUTH_PASS, NULL, err, "the signature verifies");
	if (from_count == 0)
		return dkim_decide(s, AUTH_PERMERROR, "RFC 6376 section 6.1.1", err, "the message has no From field");
	if (from_count > dkim_field_takes(f, "From"))
		return dkim_decide(s, AUTH_POLICY, "RFC 6376 section 8.15", err,
				   "the message has %zu From fields, of which the signature covers %zu", from_count,
				   dkim_field_takes(f, "From"));
	if (body->goes_on)
		return dkim_decide(
		    s, AUTH_PASS, "RFC 6376 section 8.2", err,
		    "the signature verifies; the body goes on behind the %lld octets that it covers (l=)",
		    (long long)s->body_length);
	if (s->timestamp > now_ms / 1000)
		return dkim_decide(
		    s, AUTH_PASS, "RFC 6376 section 3.5", err,
		    "the signature verifies; it says that it is made %lld seconds after the evaluation (t=)",
		    (long long)(s->timestamp - now_ms / 1000));
	return dkim_decide(s, AUTH_PASS, NULL, err, "the signature verifies%s",
			   s->testing ? "; the key is being tested (t=y)" : "");
}

int dkim_verify_field(struct dkim_message *m, const struct dkim_field *f, const struct dns_answer *answer,
		      const unsigned char *seal, int64_t now_ms, struct dkim_signature *s, struct error *err)
{
	unsigned char digest[DKIM_DIGEST_LEN];
	struct dkim_body body = { .known = true };
	struct keys_tried tried;
	/* What it covers may be missing, and a further From field would not be seen. */
	if (m->message->header->capped)
		return dkim_decide(s, AUTH_UNKNOWN, NULL, err,
				   "not evaluated: the message has more than %d header fields", HEADER_FIELDS_MAX);
	int rc = check_answer(answer, s, err);
	if (rc <= 0)
		return rc;
	if (seal)
		memcpy(digest, seal, sizeof(digest));
	else if (dkim_message_header(m, f, s->header_canon, digest, err) < 0)
		return -1;
	if (try_keys(m, f, answer, digest, &tried, s, err) < 0)
		return -1;
	if (!tried.usable)
		return 0;
	if (seal)
		return tried.verified
			   ? accept(m, f, &body, now_ms, s, err)
			   : dkim_decide(s, AUTH_FAIL, "RFC 8617 section 5.2", err, "the signature does not verify");
	if (dkim_message_body(m, s->body_canon, s->body_length, &body, err) < 0)
		return -1;
	if (body.known && (body.too_short || memcmp(body.digest, f->body_hash, DKIM_DIGEST_LEN) != 0))
		return dkim_explain_body(m, f, s, err);
	if (!tried.verified)
		return dkim_explain_header(m, f, tried.usable, s, err);
	if (!body.known)
		return dkim_decide(
		    s, AUTH_UNKNOWN, NULL, err,
		    "the header is as it was signed; the body hash is not known, since the stored body is cut");
	return accept(m, f, &body, now_ms, s, err);
}

/* The signatures of one message on their way. */
struct batch {
	struct dkim_field *fields;
	size_t *answers; /* index in the lookup; SIZE_MAX: decided without */
	struct dkim_lookup lookup;
};

static void batch_fini(struct batch *b)
{
	free(b->fields);
	free(b->answers);
	dkim_lookup_fini(&b->lookup);
}

static int batch_init(struct batch *b, const struct header *h, struct dkim_evaluation *e, struct error *err)
{
	size_t count = 0;
	ptrdiff_t at = header_find(h, "DKIM-Signature", 0);
	for (; at >= 0 && count < DKIM_SIGNATURES_MAX; count++)
		at = header_find(h, "DKIM-Signature", (size_t)at + 1);
	if (h->capped)
		e->unread = "the message has more header fields than are read";
	else if (at >= 0)
		e->unread = "the message has more signatures than are verified";
	b->lookup.count = 0;
	b->lookup.asked = false;
	b->fields = calloc(count + 1, sizeof(*b->fields));
	b->answers = calloc(count + 1, sizeof(*b->answers));
	e->signatures = calloc(count + 1, sizeof(*e->signatures));
	if (!b->fields || !b->answers || !e->signatures)
		return error_memory(err);
	e->count = count;
	return 0;
}

static int read_all(struct batch *b, const struct header *h, int64_t now_ms, struct dkim_evaluation *e,
		    struct error *err)
{
	ptrdiff_t at = -1;
	for (size_t i = 0; i < e->count; i++) {
		at = header_find(h, "DKIM-Signature", (size_t)(at + 1));
		int rc = dkim_signature_read(DKIM_SIGNATURE, &h->fields[at], now_ms, &b->fields[i], &e->signatures[i],
					     err);
		if (rc < 0)
			return -1;
		b->answers[i] = rc > 0 ? dkim_lookup_add(&b->lookup, b->fields[i].key_name) : SIZE_MAX;
	}
	return 0;
}

/* The best of them; what is not known, or was not read, comes behind a pass only. */
static enum auth_result best_result(const struct dkim_evaluation *e)
{
	static const enum auth_result order[] = { AUTH_PASS,   AUTH_UNKNOWN, AUTH_TEMPERROR, AUTH_FAIL,
						  AUTH_POLICY, AUTH_NEUTRAL, AUTH_PERMERROR };
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		for (size_t j = 0; j < e->count; j++)
			if (e->signatures[j].result == order[i])
				return e->unread && order[i] != AUTH_PASS ? AUTH_UNKNOWN : order[i];
	return AUTH_NONE;
}

static int evaluate(struct dkim_message *m, struct batch *b, int64_t now_ms, struct resolver *resolver,
		    struct dkim_evaluation *e, struct error *err)
{
	if (read_all(b, m->message->header, now_ms, e, err) < 0 ||
	    dkim_lookup_ask(&b->lookup, resolver, &e->trail, err) < 0)
		return -1;
	for (size_t i = 0; i < e->count; i++)
		if (b->answers[i] != SIZE_MAX && dkim_verify_field(m, &b->fields[i], &b->lookup.answers[b->answers[i]],
								   NULL, now_ms, &e->signatures[i], err) < 0)
			return -1;
	e->result = best_result(e);
	return 0;
}

int dkim_evaluate(const struct auth_message *message, int64_t now_ms, struct resolver *resolver, struct dkim_keys *keys,
		  struct dkim_evaluation *ret, struct error *err)
{
	_cleanup_(batch_fini) struct batch b;
	struct dkim_evaluation e = { 0 };
	struct dkim_message m;
	int rc = batch_init(&b, message->header, &e, err);
	if (rc == 0 && e.count > 0 && (rc = dkim_message_init(&m, message, keys, err)) == 0) {
		rc = evaluate(&m, &b, now_ms, resolver, &e, err);
		dkim_message_fini(&m);
	}
	if (rc < 0) {
		dkim_evaluation_fini(&e);
		return -1;
	}
	if (e.count == 0)
		e.result = e.unread ? AUTH_UNKNOWN : AUTH_NONE;
	*ret = e;
	return 0;
}
