/* How an IMAP server is reached, and why it refuses: plain data. */
#ifndef PROVIDERS_IMAP_PARAMS_H
#define PROVIDERS_IMAP_PARAMS_H

#include <stdint.h>

#include "harness/base/span.h"
#include "harness/model/imap_security.h"
#include "harness/model/sasl_mechanism.h"

/* A piece of the dialogue as one line without its line end: '>' sent, '<' received, '*' a remark. Names and passwords
 * of LOGIN and AUTHENTICATE never come; lines are cut, octets of messages left out. */
typedef void imap_transcript_fn(void *user, char direction, struct span line);

struct imap_params {
	const char *host; /* copied */
	uint16_t port;
	enum imap_security security;
	enum sasl_mechanism mechanism;  /* by which one signs in; SASL_AUTO: the first that both have */
	const char *ca_file;            /* as tls_stream_start; not used by IMAP_PLAIN. Copied */
	int64_t login_timeout_ms;       /* for imap_session_open, and again for imap_session_login */
	int64_t command_timeout_ms;     /* for each command after that */
	int cancel_fd;                  /* ends every wait when readable; -1: none */
	imap_transcript_fn *transcript; /* NULL for none; called by the thread that has the session */
	void *transcript_user;
};

/* What err->code says of errors of kind ERROR_AUTH, ERROR_REFUSED, ERROR_UNSUPPORTED, ERROR_PROTOCOL and ERROR_LIMIT.
 */
enum imap_cause {
	IMAP_CAUSE_NONE,
	IMAP_CAUSE_CREDENTIALS,  /* user or password is wrong, or is not enough (app password wanted) */
	IMAP_CAUSE_EXPIRED,      /* RFC 5530 EXPIRED: the password must be changed */
	IMAP_CAUSE_OAUTH,        /* passwords are not taken here: OAuth 2 only */
	IMAP_CAUSE_DISABLED,     /* IMAP, or the account, is switched off */
	IMAP_CAUSE_WEBLOGIN,     /* the provider wants a sign-in in a browser first */
	IMAP_CAUSE_PRIVACY,      /* RFC 5530 PRIVACYREQUIRED, LOGINDISABLED: not without TLS */
	IMAP_CAUSE_THROTTLED,    /* too many connections or requests; RFC 5530 LIMIT, INUSE */
	IMAP_CAUSE_UNAVAILABLE,  /* temporary, at the server: RFC 5530 UNAVAILABLE, SERVERBUG */
	IMAP_CAUSE_NO_FOLDER,    /* RFC 5530 NONEXISTENT, TRYCREATE, NOPERM: this folder cannot be opened */
	IMAP_CAUSE_NO_STARTTLS,  /* the server does not offer it */
	IMAP_CAUSE_SILENCE,      /* of kind ERROR_TIMEOUT: not one octet in plaintext; it may wait for TLS */
	IMAP_CAUSE_NO_MECHANISM, /* no way to sign in that both sides have */
	IMAP_CAUSE_INJECTION,    /* octets behind the answer to STARTTLS */
};

#endif
