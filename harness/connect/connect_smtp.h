/* The one way to the service's SMTP server: from [smtp] to a client that signs in on each of its connections. */
#ifndef CONNECT_CONNECT_SMTP_H
#define CONNECT_CONNECT_SMTP_H

#include "harness/base/clock.h"
#include "harness/base/error.h"
#include "harness/connect/connect.h"
#include "harness/send/smtp.h"

/* Makes a client of the server; nothing is opened before smtp_run. The context is borrowed until smtp_free. Errors: as
 * smtp_new. The client's own: ERROR_CONFIG of the secret. */
int connect_smtp(const struct connect_context *context, const struct smtp_events *events, struct smtp **ret,
		 struct error *err);

/* Tries the server once, before anything is planned: connection, STARTTLS, certificate, authentication. Errors: as
 * smtp_check, with the setting that they are about. */
int connect_smtp_check(const struct connect_context *context, struct error *err);

/* Sends one message, on the thread that calls. 0 when the server took it. Errors: what it said, or what kept it from
 * being asked, as smtp_run and smtp_result say. */
int connect_smtp_send(const struct connect_context *context, const struct smtp_job *job, struct deadline deadline,
		      struct error *err);

#endif
