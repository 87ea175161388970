/* Advice. Says what to do, never again what happened: that stands in the error. */
#include "providers/imap_mend.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/net/tls_stream.h"
#include "providers/imap_session.h"
#include "providers/profile.h"

/* Where the settings of the mailbox stand. */
struct imap_mend_place {
	char section[120];             /* of the server */
	char login[280];               /* of user and password */
	const struct profile *profile; /* NULL for the bounce mailbox */
	char *out;
};

static const char *say(const struct imap_mend_place *place, const char *fmt, ...) ATTR_PRINTF(2, 3);

static const char *say(const struct imap_mend_place *place, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(place->out, IMAP_MEND_MAX, fmt, args);
	va_end(args);
	return place->out;
}

static const char *mend_sign_in(const struct imap_mend_place *place, const struct error *err)
{
	const char *own = place->profile ? place->profile->mend_auth : "";
	switch ((enum imap_cause)err->code) {
	case IMAP_CAUSE_EXPIRED:
		return say(place,
			   "Sign in to the webmail, set a new password and put it where password in %s takes it from.",
			   place->login);
	case IMAP_CAUSE_WEBLOGIN:
		return say(place,
			   "Sign in to the webmail once with a browser, confirm that it was you, and try again.");
	case IMAP_CAUSE_PRIVACY:
		return say(place, "The server takes no password without TLS: set security = tls or starttls in %s.",
			   place->section);
	case IMAP_CAUSE_OAUTH:
		return say(place,
			   "This provider wants OAuth 2, which is not supported yet: its seeds are not tested.%s%s",
			   own[0] ? " " : "", own);
	case IMAP_CAUSE_NO_MECHANISM:
		return say(
		    place,
		    "Take mechanism out of %s if it is set, or have one of the mechanisms that are named enabled "
		    "on the server.",
		    place->section);
	case IMAP_CAUSE_DISABLED:
		return say(place, "Switch IMAP on for this mailbox in the settings of the webmail.%s%s",
			   own[0] ? " " : "", own);
	default:
		return say(place, "Check user and password in %s. %s", place->login,
			   own[0] ? own : "The server may want an app password for IMAP.");
	}
}

static const char *mend_refusal(const struct imap_mend_place *place, const struct error *err)
{
	switch ((enum imap_cause)err->code) {
	case IMAP_CAUSE_THROTTLED:
		if (place->profile)
			return say(
			    place,
			    "Wait, close other mail programs of this mailbox, or set connections = 1 and a longer "
			    "scan_interval in %s.",
			    place->section);
		return say(place, "Wait, and close other mail programs of this mailbox.");
	case IMAP_CAUSE_NO_FOLDER:
		if (place->profile)
			return say(place, "Check in the webmail that the folder is there and is open to this user.");
		return say(place, "Set folder in [bounces] to one that is there and is open to this user.");
	case IMAP_CAUSE_NO_STARTTLS:
		return say(place,
			   "Set security = tls in %s, if the server has a TLS port, or have STARTTLS enabled on it.",
			   place->section);
	default:
		return err->retry == RETRY_NEVER ? say(place, "Look up what the server says, in its documentation.")
						 : say(place, "This is the server's own trouble: try again later.");
	}
}

static const char *mend_tls(const struct imap_mend_place *place, const struct error *err)
{
	switch ((enum tls_cause)err->code) {
	case TLS_EXPIRED:
		return say(place, "Whoever runs the server must renew its certificate.");
	case TLS_NOT_YET:
		return say(place, "Check the clock of this machine.");
	case TLS_WRONG_NAME:
		return say(place, "Set host in %s to one of the names that the certificate is for.", place->section);
	case TLS_UNKNOWN_CA:
		return say(place,
			   "If the server has an authority of its own, name its certificate as ca_file in %s; if not, "
			   "whoever runs the server must let it send the intermediate certificate as well, or somebody "
			   "stands between it and this machine.",
			   place->section);
	case TLS_CERTIFICATE:
		return say(place, "Whoever runs the server must replace its certificate.");
	case TLS_HANDSHAKE:
	case TLS_PLAINTEXT:
		break;
	}
	return say(place, "Check port and security in %s: 993 is for tls, 143 for starttls.", place->section);
}

static const char *mend_network(const struct imap_mend_place *place, const struct error *err)
{
	if (err->code < 0)
		return say(place, "Check host in %s, and the name servers of this machine.", place->section);
	switch (err->code) {
	case ECONNREFUSED:
		return say(place, "Check host and port in %s, and whether the server runs.", place->section);
	case ENETUNREACH:
	case EHOSTUNREACH:
	case ENETDOWN:
		return say(place, "Check the network of this machine, and its firewall.");
	default:
		return say(place,
			   "Try again later; if it goes on, ask whoever runs the server why it closes connections.");
	}
}

const char *imap_mend(const struct error *err, const struct profile *profile, const char *seed, char out[IMAP_MEND_MAX])
{
	struct imap_mend_place place = { .profile = profile, .out = out };
	if (profile)
		snprintf(place.section, sizeof(place.section), "[provider %s]", profile->name);
	else
		snprintf(place.section, sizeof(place.section), "[bounces]");
	snprintf(place.login, sizeof(place.login), seed[0] ? "[seed %s]" : "[bounces]", seed);
	out[0] = '\0';
	switch (err->kind) {
	case ERROR_AUTH:
		return mend_sign_in(&place, err);
	case ERROR_UNSUPPORTED:
		return err->code == IMAP_CAUSE_NO_STARTTLS ? mend_refusal(&place, err) : mend_sign_in(&place, err);
	case ERROR_REFUSED:
		return mend_refusal(&place, err);
	case ERROR_TLS:
		return mend_tls(&place, err);
	case ERROR_NETWORK:
		return mend_network(&place, err);
	case ERROR_TIMEOUT:
		if (err->code == IMAP_CAUSE_SILENCE)
			return say(
			    &place,
			    "Check host, port and security in %s: a port that speaks TLS from the first octet, as "
			    "993, wants security = tls.",
			    place.section);
		return say(&place,
			   "Check host and port in %s and the firewall; a slow server needs a longer login_timeout "
			   "or command_timeout in [run].",
			   place.section);
	case ERROR_PROTOCOL:
		if (err->code == IMAP_CAUSE_INJECTION)
			return say(&place,
				   "Somebody may stand between the server and this machine: set security = tls in %s.",
				   place.section);
		return say(&place, "Check that host and port in %s are those of an IMAP server.", place.section);
	case ERROR_LIMIT:
		return say(&place, "No mail server answers like this: check host and port in %s.", place.section);
	default:
		return out;
	}
}
