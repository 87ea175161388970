/* Refusals of IMAP servers. Must never take a temporary trouble for wrong credentials: a seed that is given up is a
 * seed that is not tested. */
#include "providers/imap_status.h"

#include <stdbool.h>

#include "providers/imap_params.h"

struct meaning {
	const char *sign;
	enum imap_cause cause;
	enum error_kind kind;
	enum error_retry retry;
};

/* Words that outrank every code, since providers put them behind AUTHENTICATIONFAILED or behind no code; the first that
 * is found counts. Lower case. */
static const struct meaning words[] = {
	{ "too many simultaneous", IMAP_CAUSE_THROTTLED, ERROR_REFUSED, RETRY_LATER },
	{ "too many connections", IMAP_CAUSE_THROTTLED, ERROR_REFUSED, RETRY_LATER },
	{ "maximum number of connections", IMAP_CAUSE_THROTTLED, ERROR_REFUSED, RETRY_LATER },
	{ "connection limit", IMAP_CAUSE_THROTTLED, ERROR_REFUSED, RETRY_LATER },
	{ "throttle", IMAP_CAUSE_THROTTLED, ERROR_REFUSED, RETRY_LATER },
	{ "backoff time", IMAP_CAUSE_THROTTLED, ERROR_REFUSED, RETRY_LATER },
	{ "rate limit", IMAP_CAUSE_THROTTLED, ERROR_REFUSED, RETRY_LATER },
	{ "too many login", IMAP_CAUSE_THROTTLED, ERROR_REFUSED, RETRY_LATER },
	{ "too many auth", IMAP_CAUSE_THROTTLED, ERROR_REFUSED, RETRY_LATER },
	{ "too many failed", IMAP_CAUSE_THROTTLED, ERROR_REFUSED, RETRY_LATER },
	{ "account exceeded command or bandwidth", IMAP_CAUSE_THROTTLED, ERROR_REFUSED, RETRY_LATER },
	{ "temporar", IMAP_CAUSE_UNAVAILABLE, ERROR_REFUSED, RETRY_LATER },
	{ "try again", IMAP_CAUSE_UNAVAILABLE, ERROR_REFUSED, RETRY_LATER },
	{ "try later", IMAP_CAUSE_UNAVAILABLE, ERROR_REFUSED, RETRY_LATER },
	{ "server busy", IMAP_CAUSE_UNAVAILABLE, ERROR_REFUSED, RETRY_LATER },
	{ "backend error", IMAP_CAUSE_UNAVAILABLE, ERROR_REFUSED, RETRY_LATER },
	{ "system error", IMAP_CAUSE_UNAVAILABLE, ERROR_REFUSED, RETRY_LATER },
	{ "internal error", IMAP_CAUSE_UNAVAILABLE, ERROR_REFUSED, RETRY_LATER },
};

/* The same for signing in. */
static const struct meaning login_words[] = {
	{ "web login required", IMAP_CAUSE_WEBLOGIN, ERROR_AUTH, RETRY_NEVER },
	{ "web browser", IMAP_CAUSE_WEBLOGIN, ERROR_AUTH, RETRY_NEVER },
	{ "application-specific password", IMAP_CAUSE_CREDENTIALS, ERROR_AUTH, RETRY_NEVER },
	{ "app password", IMAP_CAUSE_CREDENTIALS, ERROR_AUTH, RETRY_NEVER },
	{ "basicauthblocked", IMAP_CAUSE_OAUTH, ERROR_UNSUPPORTED, RETRY_NEVER },
	{ "basic authentication is", IMAP_CAUSE_OAUTH, ERROR_UNSUPPORTED, RETRY_NEVER },
	{ "oauth", IMAP_CAUSE_OAUTH, ERROR_UNSUPPORTED, RETRY_NEVER },
	{ "authenticated but not connected", IMAP_CAUSE_OAUTH, ERROR_UNSUPPORTED, RETRY_NEVER },
	{ "invalid credentials", IMAP_CAUSE_CREDENTIALS, ERROR_AUTH, RETRY_NEVER },
	{ "enable imap", IMAP_CAUSE_DISABLED, ERROR_AUTH, RETRY_NEVER },
	{ "imap is disabled", IMAP_CAUSE_DISABLED, ERROR_AUTH, RETRY_NEVER },
	{ "imap access is disabled", IMAP_CAUSE_DISABLED, ERROR_AUTH, RETRY_NEVER },
	{ "imap access disabled", IMAP_CAUSE_DISABLED, ERROR_AUTH, RETRY_NEVER },
	{ "imap is not enabled", IMAP_CAUSE_DISABLED, ERROR_AUTH, RETRY_NEVER },
	{ "not enabled for imap", IMAP_CAUSE_DISABLED, ERROR_AUTH, RETRY_NEVER },
	{ "account is disabled", IMAP_CAUSE_DISABLED, ERROR_AUTH, RETRY_NEVER },
	{ "account disabled", IMAP_CAUSE_DISABLED, ERROR_AUTH, RETRY_NEVER },
};

/* Response codes, whatever was asked. */
static const struct meaning codes[] = {
	{ "UNAVAILABLE", IMAP_CAUSE_UNAVAILABLE, ERROR_REFUSED, RETRY_LATER },
	{ "SERVERBUG", IMAP_CAUSE_UNAVAILABLE, ERROR_REFUSED, RETRY_LATER },
	{ "LIMIT", IMAP_CAUSE_THROTTLED, ERROR_REFUSED, RETRY_LATER },
	{ "INUSE", IMAP_CAUSE_THROTTLED, ERROR_REFUSED, RETRY_LATER },
	{ "THROTTLED", IMAP_CAUSE_THROTTLED, ERROR_REFUSED, RETRY_LATER },
	{ "WEBALERT", IMAP_CAUSE_WEBLOGIN, ERROR_AUTH, RETRY_NEVER },
	{ "AUTHENTICATIONFAILED", IMAP_CAUSE_CREDENTIALS, ERROR_AUTH, RETRY_NEVER },
	{ "AUTHORIZATIONFAILED", IMAP_CAUSE_CREDENTIALS, ERROR_AUTH, RETRY_NEVER },
	{ "EXPIRED", IMAP_CAUSE_EXPIRED, ERROR_AUTH, RETRY_NEVER },
	{ "PRIVACYREQUIRED", IMAP_CAUSE_PRIVACY, ERROR_AUTH, RETRY_NEVER },
	{ "CONTACTADMIN", IMAP_CAUSE_DISABLED, ERROR_AUTH, RETRY_NEVER },
	{ "NONEXISTENT", IMAP_CAUSE_NO_FOLDER, ERROR_REFUSED, RETRY_NEVER },
	{ "TRYCREATE", IMAP_CAUSE_NO_FOLDER, ERROR_REFUSED, RETRY_NEVER },
	{ "NOPERM", IMAP_CAUSE_NO_FOLDER, ERROR_REFUSED, RETRY_NEVER },
};

static const struct meaning *by_words(const struct meaning *table, size_t count, struct span text)
{
	for (size_t i = 0; i < count; i++)
		if (span_find_nocase(text, span_of(table[i].sign), 0) >= 0)
			return &table[i];
	return NULL;
}

static const struct meaning *by_code(struct span text)
{
	if (text.len == 0 || text.p[0] != '[')
		return NULL;
	size_t end = 1;
	while (end < text.len && text.p[end] != ']' && text.p[end] != ' ')
		end++;
	struct span code = span_sub(text, 1, end - 1);
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (span_is_nocase(code, codes[i].sign))
			return &codes[i];
	return NULL;
}

/* What an answer without any sign means. */
static struct meaning by_answer(enum imap_answer answer, enum imap_asked asked)
{
	if (answer == IMAP_ANSWER_BYE)
		return asked == IMAP_ASKED_GREETING
			   ? (struct meaning){ "", IMAP_CAUSE_UNAVAILABLE, ERROR_REFUSED, RETRY_LATER }
			   : (struct meaning){ "", IMAP_CAUSE_NONE, ERROR_NETWORK, RETRY_LATER };
	if (asked == IMAP_ASKED_LOGIN && answer == IMAP_ANSWER_NO)
		return (struct meaning){ "", IMAP_CAUSE_CREDENTIALS, ERROR_AUTH, RETRY_NEVER };
	if (asked == IMAP_ASKED_FOLDER && answer == IMAP_ANSWER_NO)
		return (struct meaning){ "", IMAP_CAUSE_NO_FOLDER, ERROR_REFUSED, RETRY_NEVER };
	return (struct meaning){ "", IMAP_CAUSE_NONE, ERROR_REFUSED,
				 answer == IMAP_ANSWER_BAD ? RETRY_NEVER : RETRY_LATER };
}

int imap_status_error(enum imap_answer answer, enum imap_asked asked, struct span text, const char *what,
		      struct error *err)
{
	static const char *const names[] = { "NO", "BAD", "BYE" };
	struct meaning meaning = by_answer(answer, asked);
	text = span_trim(text);
	const struct meaning *found = by_words(words, ARRAY_LEN(words), text);
	if (!found && asked == IMAP_ASKED_LOGIN)
		found = by_words(login_words, ARRAY_LEN(login_words), text);
	if (!found)
		found = by_code(text);
	if (found)
		meaning = *found;
	if (answer == IMAP_ANSWER_BYE)
		return error_set(err, meaning.kind, meaning.retry, (int)meaning.cause,
				 "the server ended the session: %s%.*s", text.len ? "" : "it gave no reason",
				 SPAN_ARG(text));
	return error_set(err, meaning.kind, meaning.retry, (int)meaning.cause, "the server refused %s: %s%s%.*s", what,
			 names[answer], text.len ? " " : "", SPAN_ARG(text));
}

bool imap_status_refuses_mechanism(enum imap_answer answer, struct span text)
{
	static const char *const signs[] = { "[cannot]",
					     "mechanism not supported",
					     "unsupported authentication mechanism",
					     "unsupported mechanism",
					     "unknown mechanism",
					     "mechanism is not supported",
					     "unknown authentication mechanism",
					     "mechanism is disabled",
					     "authentication method not supported",
					     "unsupported authentication method" };
	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (span_find_nocase(text, span_of(signs[i]), 0) >= 0)
			return true;
	/* A word of the first two tables is about something else. */
	return answer == IMAP_ANSWER_BAD && !by_words(words, ARRAY_LEN(words), text) &&
	       !by_words(login_words, ARRAY_LEN(login_words), text) && !by_code(text);
}
