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

#define THROTTLED   IMAP_CAUSE_THROTTLED, ERROR_REFUSED, RETRY_LATER
#define UNAVAILABLE IMAP_CAUSE_UNAVAILABLE, ERROR_REFUSED, RETRY_LATER
#define CREDENTIALS IMAP_CAUSE_CREDENTIALS, ERROR_AUTH, RETRY_NEVER
#define EXPIRED     IMAP_CAUSE_EXPIRED, ERROR_AUTH, RETRY_NEVER
#define WEBLOGIN    IMAP_CAUSE_WEBLOGIN, ERROR_AUTH, RETRY_NEVER
#define PRIVACY     IMAP_CAUSE_PRIVACY, ERROR_AUTH, RETRY_NEVER
#define DISABLED    IMAP_CAUSE_DISABLED, ERROR_AUTH, RETRY_NEVER
#define OAUTH       IMAP_CAUSE_OAUTH, ERROR_UNSUPPORTED, RETRY_NEVER

/* Families of words that outrank every code, since providers put them behind AUTHENTICATIONFAILED or behind no code;
 * the first that is found counts. Lower case. */
static const struct meaning words[] = {
	{ "too many", THROTTLED },
	{ "maximum number of connections", THROTTLED },
	{ "connection limit", THROTTLED },
	{ "connections limit", THROTTLED },
	{ "connections exceeded", THROTTLED },
	{ "throttl", THROTTLED },
	{ "backoff", THROTTLED },
	{ "rate limit", THROTTLED },
	{ "frequency", THROTTLED },
	{ "frequently", THROTTLED },
	{ "command or bandwidth", THROTTLED },
	{ "temporar", UNAVAILABLE },
	{ "again later", UNAVAILABLE },
	{ "try later", UNAVAILABLE },
	{ "retry later", UNAVAILABLE },
	{ "unavailable", UNAVAILABLE },
	{ "busy", UNAVAILABLE },
	{ "overload", UNAVAILABLE },
	{ "maintenance", UNAVAILABLE },
	{ "backend", UNAVAILABLE },
	{ "system error", UNAVAILABLE },
	{ "server error", UNAVAILABLE },
	{ "internal error", UNAVAILABLE },
	{ "internal server", UNAVAILABLE },
	{ "timed out", UNAVAILABLE },
	{ "goodbye", UNAVAILABLE },
};

/* The same for signing in. */
static const struct meaning login_words[] = {
	{ "web login", WEBLOGIN },
	{ "browser", WEBLOGIN },
	{ "verify your identity", WEBLOGIN },
	{ "application-specific", CREDENTIALS },
	{ "app-specific", CREDENTIALS },
	{ "app password", CREDENTIALS },
	{ "application password", CREDENTIALS },
	{ "authorized code", CREDENTIALS },
	{ "authorization code", CREDENTIALS },
	{ "basicauthblocked", OAUTH },
	{ "basic authentication is", OAUTH },
	{ "oauth", OAUTH },
	{ "authenticated but not connected", OAUTH },
	{ "under a layer", PRIVACY },
	{ "starttls", PRIVACY },
	{ "plaintext auth", PRIVACY },
	{ "cleartext auth", PRIVACY },
	{ "encrypted connection", PRIVACY },
	{ "secure connection", PRIVACY },
	{ "password expired", EXPIRED },
	{ "password has expired", EXPIRED },
	{ "expired password", EXPIRED },
	{ "invalid credentials", CREDENTIALS },
	{ "enable imap", DISABLED },
	{ "imap is disabled", DISABLED },
	{ "imap access is disabled", DISABLED },
	{ "imap access disabled", DISABLED },
	{ "imap disabled", DISABLED },
	{ "imap is not enabled", DISABLED },
	{ "imap not enabled", DISABLED },
	{ "imap access is not enabled", DISABLED },
	{ "not enabled for imap", DISABLED },
	{ "account is disabled", DISABLED },
	{ "account disabled", DISABLED },
	{ "suspended", DISABLED },
	{ "invalid user", CREDENTIALS },
	{ "invalid login", CREDENTIALS },
	{ "invalid password", CREDENTIALS },
	{ "incorrect", CREDENTIALS },
	{ "wrong password", CREDENTIALS },
	{ "bad password", CREDENTIALS },
	{ "password error", CREDENTIALS },
	{ "no such user", CREDENTIALS },
	{ "unknown user", CREDENTIALS },
};

/* Said of passing troubles and of wrong passwords alike: they count where nothing else does. */
static const struct meaning weak_words[] = {
	{ "try again", UNAVAILABLE },
};

/* Response codes, whatever was asked. */
static const struct meaning codes[] = {
	{ "UNAVAILABLE", UNAVAILABLE },
	{ "SERVERBUG", UNAVAILABLE },
	{ "LIMIT", THROTTLED },
	{ "INUSE", THROTTLED },
	{ "THROTTLED", THROTTLED },
	{ "WEBALERT", WEBLOGIN },
	{ "AUTHENTICATIONFAILED", CREDENTIALS },
	{ "AUTHORIZATIONFAILED", CREDENTIALS },
	{ "EXPIRED", EXPIRED },
	{ "PRIVACYREQUIRED", PRIVACY },
	{ "CONTACTADMIN", DISABLED },
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
		return (struct meaning){ "", CREDENTIALS };
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
	if (!found)
		found = by_words(weak_words, ARRAY_LEN(weak_words), text);
	if (found)
		meaning = *found;
	if (answer == IMAP_ANSWER_BYE)
		return error_set(err, meaning.kind, meaning.retry, (int)meaning.cause,
				 "the server ended the session: %s%.*s", text.len ? "" : "it gave no reason",
				 SPAN_ARG(text));
	return error_set(err, meaning.kind, meaning.retry, (int)meaning.cause, "the server refused %s: %s%s%.*s", what,
			 names[answer], text.len ? " " : "", SPAN_ARG(text));
}

bool imap_status_passes(struct span text)
{
	return by_words(words, ARRAY_LEN(words), text) || by_words(weak_words, ARRAY_LEN(weak_words), text);
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
