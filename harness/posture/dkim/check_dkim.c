/* The DKIM keys of every selector that is known (RFC 6376 section 3.6, RFC 8301, RFC 8463). */
#include "harness/posture/dkim/check_dkim.h"

#include <stdlib.h>
#include <string.h>

#include "harness/posture/engine/ask.h"
#include "harness/posture/engine/authority.h"
#include "harness/posture/dkim/checks.h"
#include "harness/posture/engine/publish.h"

enum { WORDS_MAX = 256 };

/* 300 s correlates with temporary errors at Microsoft that are none. */
enum { TTL_WANTED = 3600 };

/* --- one key ---------------------------------------------------------------------------------------------------- */

static void check_dkim_check_syntax(struct dkim_posture *posture)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(FINDING_TEXT_MAX);
	buf_add_str(&mend, "publish the key as it was made: ");
	dkim_posture_template(posture, &mend);
	if (dkim_posture_readable(posture))
		check_good(posture->check, "dkim.syntax", posture->subject, "no fault");
	else
		check_bad(posture->check, "dkim.syntax", posture->subject, check_text(posture->check, &mend), "%s: %s",
			  posture->key.problem, check_text(posture->check, &posture->text));
}

static void check_type(struct dkim_posture *posture)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(FINDING_TEXT_MAX);
	const struct dkim_key *key = &posture->key;
	bool known = !posture->unknown_type;
	buf_add_str(&mend, "publish a key for mail, of type rsa, and allow sha256: ");
	dkim_posture_publish(posture, "k,s,h", &mend);
	check_that(posture->check, known && key->email && key->sha256, "dkim.type", posture->subject,
		   check_text(posture->check, &mend),
		   !known         ? "k=%s: not rsa or ed25519"
		   : !key->email  ? "%s, but s= does not allow it for mail"
		   : !key->sha256 ? "%s, but h= does not allow sha256"
				  : "%s",
		   !known         ? posture->type
		   : key->ed25519 ? "ed25519"
				  : "rsa");
}

static void check_length(struct dkim_posture *posture)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(FINDING_TEXT_MAX);
	const struct dkim_key *key = &posture->key;
	const char *type = key->ed25519 ? "Ed25519" : "RSA";
	buf_add_str(&mend, "sign with a new RSA key of 2,048 bits, under a selector of its own, published like ");
	dkim_posture_template(posture, &mend);
	check_that(posture->check, key->ed25519 || key->bits >= DKIM_KEY_BITS_MIN, "dkim.key-1024", posture->subject,
		   check_text(posture->check, &mend), "%s, %u bits", type, key->bits);
	check_that(posture->check, key->ed25519 || key->bits >= DKIM_KEY_BITS_STRONG, "dkim.key-2048", posture->subject,
		   check_text(posture->check, &mend), "%s, %u bits", type, key->bits);
}

static void check_testing(struct dkim_posture *posture)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(FINDING_TEXT_MAX);
	buf_add_str(&mend, "end the test: publish ");
	dkim_posture_publish(posture, "t", &mend);
	check_that(posture->check, !posture->key.testing, "dkim.testing", posture->subject,
		   check_text(posture->check, &mend), "%s",
		   posture->key.testing ? "t=y: receivers are to treat its signatures as absent" : "no t=y");
}

/* The published TTL. What a cache has left of it says nothing, unless that is enough already. */
static void check_ttl(struct dkim_posture *posture)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(FINDING_TEXT_MAX);
	_cleanup_(dns_answer_fini) struct dns_answer answer = { 0 };
	const struct dns_question question = { posture->name, DNS_TXT };
	struct error err = ERROR_INIT;
	if (dns_answer_copy(posture->answer, &answer, &err) < 0) {
		check_memory(posture->check);
		return;
	}
	if (answer.ttl_remaining && answer.ttl < TTL_WANTED)
		authority_ask(posture->check, &question, &answer);
	buf_addf(&mend, "publish it with a TTL of %d seconds: ", TTL_WANTED);
	publish_buf(&mend, answer.canonical ? answer.canonical : posture->name, &posture->text);
	if (answer.ttl_remaining && answer.ttl < TTL_WANTED)
		check_open(posture->check, "dkim.ttl", posture->subject,
			   "a cache has %u seconds left, and no authoritative server says of how many", answer.ttl);
	else
		check_that(posture->check, answer.ttl >= TTL_WANTED, "dkim.ttl", posture->subject,
			   check_text(posture->check, &mend), "%s%u seconds", answer.ttl_remaining ? "at least " : "",
			   answer.ttl);
}

static void check_strings(struct dkim_posture *posture)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(FINDING_TEXT_MAX);
	buf_add_str(&mend, "publish one TXT record: ");
	publish_buf(&mend, posture->name, &posture->text);
	check_that(posture->check, posture->answer->count == 1 && !posture->pasted, "dkim.txt", posture->subject,
		   check_text(posture->check, &mend), "%zu TXT record%s%s", posture->answer->count,
		   posture->answer->count == 1 ? "" : "s", posture->pasted ? ", with quotes or backslashes in it" : "");
}

static void check_dkim_report(struct dkim_posture *posture)
{
	check_strings(posture);
	check_ttl(posture);
	if (posture->key.revoked)
		return;
	check_dkim_check_syntax(posture);
	if (!dkim_posture_readable(posture))
		return;
	check_type(posture);
	check_testing(posture);
	if (!posture->unknown_type)
		check_length(posture);
	posture->usable = !posture->key.problem[0] && posture->key.email && posture->key.sha256;
}

static void check_key(struct check *check, void *argument)
{
	static const char *const ids[] = { "dkim.key",      "dkim.syntax",  "dkim.type", "dkim.key-1024",
					   "dkim.key-2048", "dkim.testing", "dkim.txt",  "dkim.ttl" };
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(FINDING_TEXT_MAX);
	struct dkim_posture *posture = argument;
	char words[WORDS_MAX];
	bool present = posture->answer->count > 0 && !posture->key.revoked;
	posture->known = posture->answer->state == DNS_ANSWERED;
	dns_answer_words(posture->answer, words, sizeof(words));
	for (size_t i = 0; i < ARRAY_LEN(ids) && !posture->known; i++)
		check_open(check, ids[i], posture->subject, "TXT of %s: %s", posture->name, words);
	if (!posture->known)
		return;
	buf_add_str(&mend, "publish the key that mail is signed with, or sign with another selector: ");
	dkim_posture_template(posture, &mend);
	check_that(check, present, "dkim.key", posture->subject, check_text(check, &mend), "%s%s",
		   posture->key.revoked ? "the key is revoked (p= is empty): " : "TXT: ",
		   posture->answer->count == 0 ? words : check_text(check, &posture->text));
	if (posture->answer->count > 0)
		check_dkim_report(posture);
}

/* --- all of them ------------------------------------------------------------------------------------------------ */

static bool related(const char *a, const char *b)
{
	return dns_name_under(a, b) || dns_name_under(b, a);
}

/* The domain that signs with the selector: as it was seen last, else the service's. */
static void find_domain(const struct posture_params *p, const char *selector, char out[DNS_NAME_TEXT_MAX])
{
	for (size_t i = 0; i < p->evaluation_count; i++) {
		const struct dkim_evaluation *dkim = &p->evaluations[i]->dkim;
		for (size_t n = 0; n < dkim->count; n++) {
			const struct dkim_signature *s = &dkim->signatures[n];
			if (s->selector && s->domain && strcmp(s->selector, selector) == 0 &&
			    dns_name_make(span_of(s->domain), out) && related(out, p->domain))
				return;
		}
	}
	span_copy(span_of(p->domain), out, DNS_NAME_TEXT_MAX);
}

static void check_any(struct check *check, const struct dkim_posture *postures, size_t count)
{
	static const char mend[] = "sign, and publish the key of at least one selector";
	const char *domain = check_params(check)->domain;
	size_t usable = 0, unknown = 0;
	for (size_t i = 0; i < count; i++) {
		usable += postures[i].usable;
		unknown += !postures[i].known;
	}
	if (count == 0)
		check_open_until(check, "dkim.any", domain,
				 "name the selectors that sign (s= of DKIM-Signature in a message of the service) in a "
				 "configuration: [check] selectors = NAME, NAME",
				 "no selector is known: neither the configuration nor a stored run names one");
	else if (usable == 0 && unknown > 0)
		check_open(check, "dkim.any", domain, "%zu of %zu selectors have no answer, no other is usable",
			   unknown, count);
	else
		check_that(check, usable > 0, "dkim.any", domain, mend, "%zu of %zu selectors have a usable key",
			   usable, count);
}

static void examine_all(struct check *check, struct dkim_posture *postures, size_t count)
{
	_cleanup_(free_p) struct dns_question *questions = calloc(count + 1, sizeof(*questions));
	_cleanup_(free_p) struct dns_answer *answers = calloc(count + 1, sizeof(*answers));
	_cleanup_(free_p) void **arguments = calloc(count + 1, sizeof(*arguments));
	if (!questions || !answers || !arguments) {
		check_memory(check);
		return;
	}
	for (size_t i = 0; i < count; i++)
		questions[i] = (struct dns_question){ postures[i].name, DNS_TXT };
	if (count > 0 && check_ask(check, questions, count, answers) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		arguments[i] = &postures[i];
		dkim_posture_read(&postures[i], &answers[i]);
	}
	check_each(check, check_key, arguments, count);
	check_any(check, postures, count);
	for (size_t i = 0; i < count; i++) {
		dkim_posture_fini(&postures[i]);
		dns_answer_fini(&answers[i]);
	}
}

void check_dkim(struct check *check, void *argument)
{
	const struct posture_params *p = check_params(check);
	size_t count = p->selector_count;
	_cleanup_(free_p) struct dkim_posture *postures = calloc(count + 1, sizeof(*postures));
	if (!postures) {
		check_memory(check);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct dkim_posture *posture = &postures[i];
		posture->check = check;
		posture->selector = p->selectors[i];
		find_domain(p, posture->selector, posture->domain);
		snprintf(posture->name, sizeof(posture->name), "%s._domainkey.%s", posture->selector, posture->domain);
		snprintf(posture->subject, sizeof(posture->subject), "%s of %s", posture->selector, posture->domain);
	}
	examine_all(check, postures, count);
}
