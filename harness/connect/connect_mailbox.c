/* Signs in to mailboxes. A password lives no longer than the sign-in. */
#include "harness/connect/connect_mailbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/profile.h"

/* --- settings --------------------------------------------------------------------------------------------------- */

static struct connect_mailbox connect_mailbox_at(const struct connect_context *context, const char *name,
						 const char *host, uint64_t port, enum imap_security security,
						 const char *ca_file, enum sasl_mechanism mechanism)
{
	const struct run_settings *run = &context->config->run;
	return (struct connect_mailbox){ .name = name,
					 .imap = { .host = host,
						   .port = (uint16_t)port,
						   .security = security,
						   .mechanism = mechanism,
						   .ca_file = ca_file,
						   .login_timeout_ms = run->login_timeout_ms,
						   .command_timeout_ms = run->command_timeout_ms,
						   .cancel_fd = context->cancel_fd },
					 .log = context->log };
}

/* Hands the mailbox out, with the name that one signs in by, which it takes over. */
static int connect_mailbox_ready(struct connect_mailbox mailbox, char *user, struct connect_mailbox *ret,
				 struct error *err)
{
	if (!user)
		return error_memory(err);
	mailbox.user = user;
	*ret = mailbox;
	return 0;
}

int connect_mailbox_seed(const struct connect_context *context, const struct seed *seed, struct connect_mailbox *ret,
			 struct error *err)
{
	const struct config_provider *provider = config_provider(context->config, seed->provider);
	const struct profile *profile = provider->profile;
	struct connect_mailbox mailbox = connect_mailbox_at(context, seed->address, profile->host, profile->port,
							    profile->security, profile->ca_file,
							    seed->mechanism ? seed->mechanism : profile->mechanism);
	mailbox.profile = profile;
	mailbox.password = seed->password;
	return connect_mailbox_ready(mailbox, profile_user(profile, seed->address, seed->user), ret, err);
}

int connect_mailbox_bounces(const struct connect_context *context, struct connect_mailbox *ret, struct error *err)
{
	const struct bounces_settings *b = &context->config->bounces;
	struct connect_mailbox mailbox = connect_mailbox_at(context, "bounces", b->host, b->port, b->security,
							    b->ca_file, b->mechanism);
	mailbox.password = b->password;
	return connect_mailbox_ready(mailbox, strdup(b->user), ret, err);
}

int connect_mailbox_inbound(const struct connect_context *context, struct connect_mailbox *ret, struct error *err)
{
	const struct inbound_settings *in = &context->config->inbound;
	struct connect_mailbox mailbox = connect_mailbox_at(context, in->address, in->host, in->port, in->security,
							    in->ca_file, in->mechanism);
	mailbox.password = in->password;
	return connect_mailbox_ready(mailbox, strdup(in->user), ret, err);
}

void connect_mailbox_fini(struct connect_mailbox *mailbox)
{
	if (mailbox)
		free(mailbox->user);
}

/* --- connection ------------------------------------------------------------------------------------------------- */

static void connect_mailbox_transcript(void *user, char direction, struct span octets)
{
	const struct connect_mailbox *mailbox = user;
	char who[320];
	snprintf(who, sizeof(who), "imap %s", mailbox->name);
	log_transcript(mailbox->log, who, direction, octets);
}

static int connect_mailbox_password(const struct connect_mailbox *mailbox, struct deadline deadline,
				    struct secret **ret, struct error *err)
{
	if (mailbox->profile && mailbox->profile->auth != PROFILE_AUTH_PASSWORD)
		return error_set(err, ERROR_UNSUPPORTED, RETRY_NEVER, IMAP_CAUSE_OAUTH,
				 "the provider signs in by OAuth 2 only, which this release does not do");
	if (!mailbox->password)
		return error_set(err, ERROR_UNSUPPORTED, RETRY_NEVER, IMAP_CAUSE_OAUTH, "%s has no password",
				 mailbox->name);
	return secret_resolve(mailbox->password, deadline, ret, err) < 0 ? error_prefix(err, "password") : 0;
}

static void connect_mailbox_log(const struct connect_mailbox *mailbox, const struct imap_session *session)
{
	const struct tls_facts *tls = imap_session_facts(session);
	log_event(mailbox->log, "imap %s: logged in to %s port %u as %s, %s", mailbox->name, mailbox->imap.host,
		  mailbox->imap.port, mailbox->user, tls && tls->version[0] ? tls->version : "no TLS");
}

int connect_mailbox_open(const struct connect_mailbox *mailbox, struct deadline deadline, struct imap_session **ret,
			 struct error *err)
{
	_cleanup_(secret_free_p) struct secret *password = NULL;
	struct imap_params params = mailbox->imap;
	struct imap_session *session = NULL;
	if (log_wants(mailbox->log, LOG_LEVEL_TRANSCRIPTS)) {
		params.transcript = connect_mailbox_transcript;
		params.transcript_user = (void *)(uintptr_t)mailbox;
	}
	if (connect_mailbox_password(mailbox, deadline, &password, err) < 0)
		return -1;
	if (params.login_timeout_ms > deadline_left_ms(deadline))
		params.login_timeout_ms = deadline_left_ms(deadline);
	if (imap_session_open(&session, &params, err) < 0)
		return -1;
	imap_session_set_limit(session, deadline);
	if (imap_session_login(session, mailbox->user, password, err) < 0) {
		imap_session_logout(session);
		imap_session_free(session);
		return -1;
	}
	connect_mailbox_log(mailbox, session);
	*ret = session;
	return 0;
}
