/* The parameters of a struct smtp: how the server is reached, and how long each step may take. */
#ifndef SEND_SMTP_PARAMS_H
#define SEND_SMTP_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/send/send_settings.h"

/* All strings are copied. Zero takes the default that is named. */
struct smtp_params {
	const char *url;  /* smtp://HOST[:PORT] (default port 25) or smtps://HOST[:PORT] (465); IPv6 as [::1] */
	const char *helo; /* our name in EHLO; NULL: the name of this machine */
	enum smtp_starttls starttls;
	const char *user; /* NULL: no authentication */

	enum sasl_mechanism mechanism; /* by which the user signs in; SASL_AUTO: the first that both have */

	/* Adds the password to `secret`, which is wiped after use; called once per connection that signs in. 0, or -1
	 * with *err, which ends the run where it is RETRY_NEVER. */
	int (*password)(void *context, struct buf *secret, struct error *err);
	void *password_context;

	const char *ca_file;    /* PEM; NULL: the system's */
	int connections;        /* most at once; default 4 */
	int64_t pace_ms;        /* least time between two MAIL commands for one provider; 0: none */
	int64_t connect_ms;     /* name, TCP, TLS, EHLO and AUTH together; default 30 s */
	int64_t command_ms;     /* until the reply to a command, end of data left out; default 60 s */
	int64_t data_ms;        /* until the reply to the end of data (RFC 5321 section 4.5.3.2.6); default 10 min */
	int64_t message_ms;     /* one attempt without that last wait; default 5 min */
	int64_t retry_ms;       /* first wait after a temporary failure, then three times the last; default 5 s */
	int64_t retry_max_ms;   /* most that wait grows to; default 2 min */
	int64_t unreachable_ms; /* without any connection for that long: the server is unreachable; default 30 s */
	int64_t grace_ms;       /* after cancel or deadline: wait for replies to messages handed over; default 10 s */
	int cancel_fd;          /* stops in order when readable (never read from); -1: none. 0 is descriptor 0 */

	/* One line of the dialogue, escaped: `C: MAIL FROM:<a@b>`, `S: 250 ok`, `*: TLS1.3 ...`. Credentials are
	 * hidden, of a message only its size is said. NULL: not wanted. */
	void (*transcript)(void *user, int connection, const char *line);
	void *transcript_user;
};

/* A copy of the parameters, checked and with every default filled in. Errors as smtp_new. The caller finishes *ret. */
int smtp_params_init(struct smtp_params *ret, const struct smtp_params *given, struct error *err);
void smtp_params_fini(struct smtp_params *settings);

/* Whether the url asks for TLS from the first octet; whether it, or starttls, asks for TLS at all. */
bool smtp_params_is_tls(const struct smtp_params *settings);
bool smtp_params_wants_tls(const struct smtp_params *settings);

/* The url with helo as its path, which is how libcurl is told the name for EHLO. A heap string; NULL: no memory. */
char *smtp_params_curl_url(const struct smtp_params *settings);

/* Whether the address may stand between the angle brackets of MAIL or RCPT: no control characters, spaces or angle
 * brackets, UTF-8, at most 254 octets (RFC 5321 section 4.5.3.1.3). */
bool smtp_path_valid(struct span address);

#endif
