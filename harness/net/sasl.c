/* Mechanisms by libgsasl; the choice among them, and the limits, are ours. Must never answer a challenge after the
 * password has been proved, nor count for a server as long as it likes, nor leave a password behind in memory. */
#include "harness/net/sasl.h"

#include <gsasl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/base64.h"
#include "harness/base/text.h"

enum { CHALLENGE_MAX = 16 * 1024, ROUNDS_MAX = 8, OFFERED_SHOWN_MAX = 300, HIDDEN_MIN = 8 };

struct sasl {
	enum sasl_mechanism mechanism;
	Gsasl_session *session;
	struct buf initial;    /* response, base64; kept until the first challenge */
	bool initial_was_said; /* with the command */
	bool complete;         /* all is said, and proved */
	int rounds;
};

/* --- the choice ------------------------------------------------------------------------------------------------- */

static bool sasl_is_offered(struct span offered, enum sasl_mechanism mechanism)
{
	struct span word;
	while (span_next(&offered, ' ', &word))
		if (span_is_nocase(word, sasl_mechanism_name(mechanism)))
			return true;
	return false;
}

static int sasl_nothing_in_common(struct span offered, enum sasl_mechanism wanted, struct error *err)
{
	_cleanup_(buf_fini) struct buf shown = BUF_INIT(4 * OFFERED_SHOWN_MAX), ours = BUF_INIT(OFFERED_SHOWN_MAX);
	offered = span_trim(offered);
	text_add_escaped(&shown, span_sub(offered, 0, OFFERED_SHOWN_MAX));
	if (!offered.len)
		return error_set(err, ERROR_UNSUPPORTED, RETRY_NEVER, 0, "the server offers no authentication");
	if (wanted != SASL_AUTO)
		return error_set(err, ERROR_UNSUPPORTED, RETRY_NEVER, 0,
				 "mechanism = %s is set, but the server does not take %s: it offers %s",
				 sasl_mechanism_words[wanted], sasl_mechanism_name(wanted), buf_str(&shown));
	for (enum sasl_mechanism m = SASL_AUTO + 1; m < SASL_MECHANISM_COUNT; m++)
		buf_addf(&ours, "%s%s", ours.len ? ", " : "", sasl_mechanism_name(m));
	return error_set(err, ERROR_UNSUPPORTED, RETRY_NEVER, 0,
			 "the server offers no authentication that can be used with a password here: it offers %s; one "
			 "of %s is needed",
			 buf_str(&shown), buf_str(&ours));
}

int sasl_choose(struct span offered, enum sasl_mechanism wanted, unsigned refused, enum sasl_mechanism *ret,
		struct error *err)
{
	for (enum sasl_mechanism m = SASL_AUTO + 1; m < SASL_MECHANISM_COUNT; m++) {
		if ((wanted != SASL_AUTO && wanted != m) || (refused & 1u << m) || !sasl_is_offered(offered, m))
			continue;
		*ret = m;
		return 0;
	}
	return sasl_nothing_in_common(offered, wanted, err);
}

/* --- the exchange ----------------------------------------------------------------------------------------------- */

/* One for the process, since it lists mechanisms; constant from then on. */
static Gsasl *library;

static void sasl_start_library(void)
{
	if (gsasl_init(&library) != GSASL_OK)
		library = NULL;
}

int sasl_new(enum sasl_mechanism mechanism, const char *user, const char *password, struct sasl **ret,
	     struct error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	_cleanup_(sasl_free_p) struct sasl *s = calloc(1, sizeof(*s));
	if (!s)
		return error_memory(err);
	*s = (struct sasl){ .mechanism = mechanism, .initial = BUF_INIT(SASL_LINE_MAX) };
	pthread_once(&once, sasl_start_library);
	int code = library ? gsasl_client_start(library, sasl_mechanism_name(mechanism), &s->session)
			   : GSASL_MALLOC_ERROR;
	if (code == GSASL_UNKNOWN_MECHANISM)
		return error_set(err, ERROR_ENVIRONMENT, RETRY_NEVER, code, "libgsasl has no mechanism %s",
				 sasl_mechanism_name(mechanism));
	if (code != GSASL_OK || gsasl_property_set(s->session, GSASL_AUTHID, user) != GSASL_OK ||
	    gsasl_property_set(s->session, GSASL_PASSWORD, password) != GSASL_OK)
		return error_memory(err);
	*ret = s;
	s = NULL;
	return 0;
}

/* The library frees its copies as they are. */
static void sasl_wipe_property(Gsasl_session *session, Gsasl_property property)
{
	const char *copy = gsasl_property_fast(session, property);
	if (copy)
		explicit_bzero((char *)(uintptr_t)copy, strlen(copy));
}

void sasl_free(struct sasl *s)
{
	if (!s)
		return;
	if (s->session) {
		sasl_wipe_property(s->session, GSASL_PASSWORD);
		sasl_wipe_property(s->session, GSASL_SCRAM_SALTED_PASSWORD);
		gsasl_finish(s->session);
	}
	buf_wipe(&s->initial);
	free(s);
}

void sasl_free_p(struct sasl **s)
{
	sasl_free(*s);
	*s = NULL;
}

static bool sasl_client_speaks_first(const struct sasl *s)
{
	return s->mechanism != SASL_LOGIN && s->mechanism != SASL_CRAM_MD5;
}

static bool sasl_is_scram(const struct sasl *s)
{
	return s->mechanism == SASL_SCRAM_SHA_256 || s->mechanism == SASL_SCRAM_SHA_1;
}

static int sasl_unreadable(const struct sasl *s, struct error *err)
{
	return error_set(err, ERROR_PROTOCOL, RETRY_LATER, 0, "the server's challenge of %s cannot be read",
			 sasl_mechanism_name(s->mechanism));
}

static int sasl_failed(const struct sasl *s, int code, struct error *err)
{
	switch (code) {
	case GSASL_MALLOC_ERROR:
		return error_memory(err);
	case GSASL_SASLPREP_ERROR:
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, code,
				 "user or password has characters that %s cannot take",
				 sasl_mechanism_name(s->mechanism));
	case GSASL_AUTHENTICATION_ERROR:
		return error_set(err, ERROR_PROTOCOL, RETRY_NEVER, code,
				 "the server does not know the password: it failed to prove it in %s",
				 sasl_mechanism_name(s->mechanism));
	default:
		return sasl_unreadable(s, err);
	}
}

/* Lets the library answer; adds base64. */
static int sasl_answer(struct sasl *s, struct span challenge, struct buf *out, struct error *err)
{
	char *octets = NULL;
	size_t len = 0;
	int code = gsasl_step(s->session, challenge.p, challenge.len, &octets, &len);
	if (code == GSASL_OK || code == GSASL_NEEDS_MORE)
		base64_add_encoded(out, span_make(octets, len));
	if (octets)
		explicit_bzero(octets, len);
	gsasl_free(octets);
	if (code != GSASL_OK && code != GSASL_NEEDS_MORE)
		return sasl_failed(s, code, err);
	s->complete = code == GSASL_OK;
	return buf_check(out, "the response to the server's challenge", err);
}

/* RFC 5802 section 7: `r=NONCE,s=SALT,i=COUNT`, and `e=REASON` in place of the server's proof. */
static int sasl_check_scram(const struct sasl *s, struct span challenge, struct error *err)
{
	struct span word;
	while (span_next(&challenge, ',', &word)) {
		uint64_t count;
		if (span_starts(word, SPAN_LIT("e=")))
			return error_set(err, ERROR_AUTH, RETRY_NEVER, 0, "the server refuses: %.*s",
					 SPAN_ARG(span_sub(word, 2, 80)));
		if (span_starts(word, SPAN_LIT("i=")) &&
		    !span_to_u64(span_sub(word, 2, word.len), SASL_ITERATIONS_MAX, &count))
			return error_set(err, ERROR_PROTOCOL, RETRY_NEVER, 0,
					 "the server wants more than %d iterations of %s", SASL_ITERATIONS_MAX,
					 sasl_mechanism_name(s->mechanism));
	}
	return 0;
}

int sasl_begin(struct sasl *s, const char *verb, size_t line_max, struct buf *line, struct error *err)
{
	const char *name = sasl_mechanism_name(s->mechanism);
	buf_addf(line, "%s %s", verb, name);
	if (sasl_client_speaks_first(s)) {
		if (sasl_answer(s, SPAN_LIT(""), &s->initial, err) < 0)
			return -1;
		s->initial_was_said = line->len + strlen(" \r\n") + s->initial.len <= line_max;
		if (s->initial_was_said) {
			buf_add_char(line, ' ');
			buf_add_buf(line, &s->initial);
		}
	}
	return buf_check(line, "the command that signs in", err);
}

int sasl_step(struct sasl *s, struct span challenge, struct buf *response, struct error *err)
{
	unsigned char octets[CHALLENGE_MAX];
	size_t len = 0;
	challenge = span_trim(challenge);
	/* An empty one asks for the initial response; servers of old pass over what stands in the command. */
	if (s->initial.len && s->rounds++ == 0 && (!s->initial_was_said || !challenge.len)) {
		buf_add_buf(response, &s->initial);
		buf_wipe(&s->initial);
		return buf_check(response, "the first response", err);
	}
	if (s->complete || ++s->rounds > ROUNDS_MAX)
		return error_set(err, ERROR_PROTOCOL, RETRY_LATER, 0, "the server asks for more than %s has",
				 sasl_mechanism_name(s->mechanism));
	/* What LOGIN asks is a word for people, not always in base64. */
	if (s->mechanism != SASL_LOGIN && !base64_decode(challenge, BASE64_TAG, octets, sizeof(octets), &len))
		return sasl_unreadable(s, err);
	struct span plain = span_make((const char *)octets, len);
	if (sasl_is_scram(s) && sasl_check_scram(s, plain, err) < 0)
		return -1;
	return sasl_answer(s, plain, response, err);
}

int sasl_check_success(const struct sasl *s, struct error *err)
{
	if (s->complete || !sasl_is_scram(s))
		return 0;
	return error_set(err, ERROR_PROTOCOL, RETRY_NEVER, 0,
			 "the server lets us in without having proved in %s that it knows the password",
			 sasl_mechanism_name(s->mechanism));
}

void sasl_hide(struct span secret, struct buf *text)
{
	ptrdiff_t at = 0;
	while (secret.len >= HIDDEN_MIN && (at = span_find(buf_span(text), secret, (size_t)at)) >= 0) {
		char *p = text->p + at;
		size_t behind = text->len - (size_t)at - secret.len;
		memset(p, '*', HIDDEN_MIN);
		memmove(p + HIDDEN_MIN, p + secret.len, behind + 1); /* with the NUL */
		text->len -= secret.len - HIDDEN_MIN;
		at += HIDDEN_MIN;
	}
}
