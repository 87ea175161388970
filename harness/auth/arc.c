/* ARC chain validation (RFC 8617 section 5.2). The seals' digests are made in one pass, since each covers the sets
 * below it again. */
#include "harness/auth/arc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/auth/arc_chain.h"
#include "harness/auth/dkim_canon.h"
#include "harness/auth/dkim_verify.h"

/* A message signature or seal on its way. */
struct link {
	struct dkim_field field;
	struct dkim_signature signature;
	size_t answer;                         /* index in the lookup; SIZE_MAX: decided without */
	unsigned char digest[DKIM_DIGEST_LEN]; /* of a seal */
};

struct validation {
	struct arc_chain chain;
	struct link *links[2]; /* message signatures, seals; [0] is instance 1 */
	struct dkim_lookup lookup;
	struct dkim_message *m;
	int64_t now_ms;
};

static void validation_fini(struct validation *v)
{
	for (int kind = 0; kind < 2; kind++) {
		for (unsigned i = 0; v->links[kind] && i < v->chain.count; i++)
			dkim_signature_fini(&v->links[kind][i].signature);
		free(v->links[kind]);
	}
	dkim_lookup_fini(&v->lookup);
}

static int conclude(struct arc_evaluation *e, enum auth_result result, const char *section, struct error *err,
		    const char *fmt, ...) ATTR_PRINTF(5, 6);

static int conclude(struct arc_evaluation *e, enum auth_result result, const char *section, struct error *err,
		    const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	free(e->reason);
	e->reason = strdup(text);
	e->result = result;
	e->section = section;
	return e->reason ? 0 : error_memory(err);
}

static int read_links(struct validation *v, struct error *err)
{
	static const enum dkim_kind kinds[] = { ARC_MESSAGE_SIGNATURE, ARC_SEAL };
	static const enum arc_part parts[] = { ARC_PART_MESSAGE, ARC_PART_SEAL };
	for (int kind = 0; kind < 2; kind++) {
		v->links[kind] = calloc(v->chain.count, sizeof(*v->links[kind]));
		if (!v->links[kind])
			return error_memory(err);
		for (unsigned i = 0; i < v->chain.count; i++) {
			struct link *link = &v->links[kind][i];
			int rc = dkim_signature_read(kinds[kind], v->chain.sets[i][parts[kind]], v->now_ms,
						     &link->field, &link->signature, err);
			if (rc < 0)
				return -1;
			link->answer = rc > 0 ? dkim_lookup_add(&v->lookup, link->field.key_name) : SIZE_MAX;
		}
	}
	return 0;
}

/* What each seal signs (section 5.1.1): the sets up to its own in relaxed form, results before message signature before
 * seal, its own without the value of b=. */
static int hash_seals(struct validation *v, struct error *err)
{
	struct dkim_hash *hash = v->m->hash;
	dkim_hash_start(hash, UINT64_MAX);
	for (unsigned i = 0; i < v->chain.count; i++) {
		struct link *seal = &v->links[1][i];
		const struct header_field *const *set = v->chain.sets[i];
		dkim_canon_field(hash, DKIM_RELAXED, set[ARC_PART_RESULTS]);
		dkim_canon_field(hash, DKIM_RELAXED, set[ARC_PART_MESSAGE]);
		if (dkim_hash_save(hash, err) < 0)
			return -1;
		if (seal->answer != SIZE_MAX) {
			dkim_canon_signature(hash, DKIM_RELAXED, set[ARC_PART_SEAL], seal->field.cut);
			if (dkim_hash_finish(hash, seal->digest, err) < 0 || dkim_hash_restore(hash, err) < 0)
				return -1;
		}
		dkim_canon_field(hash, DKIM_RELAXED, set[ARC_PART_SEAL]);
	}
	return 0;
}

static int verify_link(struct validation *v, struct link *link, const unsigned char *seal, struct error *err)
{
	if (link->answer == SIZE_MAX)
		return 0;
	return dkim_verify_field(v->m, &link->field, &v->lookup.answers[link->answer], seal, v->now_ms,
				 &link->signature, err);
}

/* Without c= it is the simple form by RFC 6376 section 3.5, and the relaxed one by the signers of the ARC drafts. */
static int verify_message(struct validation *v, struct link *link, struct error *err)
{
	struct dkim_signature *s = &link->signature;
	if (verify_link(v, link, NULL, err) < 0)
		return -1;
	if (s->result != AUTH_FAIL || tag_list_find(&link->field.tags, "c"))
		return 0;
	s->header_canon = s->body_canon = DKIM_RELAXED;
	return verify_link(v, link, NULL, err);
}

/* Takes a link into account that must verify: 1 where it does not, and *e says so; else 0, -1 for memory. What is
 * certain comes before what is not known. */
static int count_link(struct arc_evaluation *e, const struct link *link, enum arc_part part, unsigned instance,
		      struct error *err)
{
	const struct dkim_signature *s = &link->signature;
	bool certain = s->result != AUTH_UNKNOWN && s->result != AUTH_TEMPERROR;
	if (s->result == AUTH_PASS || (!certain && e->result != AUTH_PASS))
		return 0;
	if (conclude(e, certain ? AUTH_FAIL : s->result, s->section, err, "%s i=%u: %s", arc_part_name(part), instance,
		     s->reason) < 0)
		return -1;
	return certain;
}

/* Steps 4 to 6: the newest message signature, then every seal, newest first. Returns as count_link. */
static int verify_chain(struct validation *v, struct arc_evaluation *e, struct error *err)
{
	unsigned count = v->chain.count;
	struct link *newest = &v->links[0][count - 1];
	if (verify_message(v, newest, err) < 0)
		return -1;
	int rc = count_link(e, newest, ARC_PART_MESSAGE, count, err);
	if (rc != 0 || (rc = hash_seals(v, err)) < 0)
		return rc;
	for (unsigned i = count; i > 0 && rc == 0; i--) {
		struct link *seal = &v->links[1][i - 1];
		if (verify_link(v, seal, seal->digest, err) < 0)
			return -1;
		rc = count_link(e, seal, ARC_PART_SEAL, i, err);
	}
	return rc;
}

/* Since which instance the message is unchanged: older message signatures may break, they are information. */
static int find_oldest_pass(struct validation *v, struct arc_evaluation *e, struct error *err)
{
	for (unsigned i = v->chain.count - 1; i > 0; i--) {
		struct link *link = &v->links[0][i - 1];
		if (verify_message(v, link, err) < 0)
			return -1;
		if (link->signature.result != AUTH_PASS) {
			e->oldest_pass = i + 1;
			return 0;
		}
	}
	return 0;
}

static int validate(struct validation *v, struct resolver *resolver, struct arc_evaluation *e, struct error *err)
{
	e->instances = v->chain.count;
	if (v->chain.capped)
		return conclude(
		    e, AUTH_UNKNOWN, NULL, err,
		    "not evaluated: the message has more than %d header fields, or a set of it more than %d tags",
		    HEADER_FIELDS_MAX, TAG_LIST_MAX);
	if (v->chain.problem[0] != '\0')
		return conclude(e, AUTH_FAIL, v->chain.section, err, "%s", v->chain.problem);
	if (v->chain.count == 0)
		return conclude(e, AUTH_NONE, NULL, err, "the message has no ARC set");
	if (read_links(v, err) < 0 || dkim_lookup_ask(&v->lookup, resolver, &e->trail, err) < 0)
		return -1;
	e->result = AUTH_PASS;
	int rc = verify_chain(v, e, err);
	if (rc < 0 || e->result != AUTH_PASS)
		return rc < 0 ? -1 : 0;
	e->sealed_by = strdup(v->links[1][v->chain.count - 1].signature.domain);
	if (!e->sealed_by)
		return error_memory(err);
	if (find_oldest_pass(v, e, err) < 0)
		return -1;
	if (e->oldest_pass > 0)
		return conclude(e, AUTH_PASS, NULL, err,
				"every seal verifies; the message is unchanged since instance %u of %u", e->oldest_pass,
				v->chain.count);
	return conclude(e, AUTH_PASS, NULL, err, "every seal verifies, and every message signature");
}

int arc_evaluate(const struct auth_message *message, int64_t now_ms, struct resolver *resolver, struct dkim_keys *keys,
		 struct arc_evaluation *ret, struct error *err)
{
	_cleanup_(validation_fini) struct validation v = { .now_ms = now_ms };
	struct arc_evaluation e = { 0 };
	struct dkim_message m;
	if (dkim_message_init(&m, message, keys, err) < 0)
		return -1;
	v.m = &m;
	arc_chain_read(message->header, &v.chain);
	int rc = validate(&v, resolver, &e, err);
	dkim_message_fini(&m);
	if (rc < 0) {
		arc_evaluation_fini(&e);
		return -1;
	}
	*ret = e;
	return 0;
}
