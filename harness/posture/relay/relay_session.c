/* The dialogue about recipients. It must never take the end of a session for a refusal, and never send anything to a
 * recipient that was not accepted in the same transaction. */
#include "harness/posture/relay/relay_session.h"

#include <errno.h>
#include <string.h>

#include "harness/base/escape.h"
#include "harness/net/smtp_client.h"

struct session {
	struct check *check;
	const struct relay_server *server;
	struct smtp_client *client;
	struct smtp_reply reply;
	const char *sender; /* of the transaction that is open; NULL: none is */
	bool secured;
};

static int say(struct session *s, struct error *err, const char *verb, const char *path)
{
	if (smtp_client_command(s->client, &s->reply, err, "%s%s", verb, path) < 0)
		return -1;
	if (s->reply.code == 421) /* RFC 5321 section 3.8: the server closes, whatever was asked */
		return error_set(err, ERROR_REFUSED, RETRY_LATER, 421, "421 %s", buf_str(&s->reply.text));
	return 0;
}

static enum relay_state state_of(const struct smtp_reply *reply)
{
	/* Postfix refuses to relay by this code where its safety net defer_unauth_destination holds: no later attempt
	 * is answered otherwise. */
	if (reply->code == 454 && strcmp(reply->enhanced, "4.7.1") == 0)
		return RELAY_REFUSED;
	return reply->code >= 500 ? RELAY_REFUSED : reply->code >= 400 ? RELAY_DEFERRED : RELAY_ACCEPTED;
}

static void relay_session_note(struct session *s, struct relay_probe *probe, enum relay_state state, const char *stage)
{
	char text[4 * RELAY_REPLY_MAX];
	const struct smtp_reply *r = &s->reply;
	snprintf(text, sizeof(text), "%s%d %s%s%s", stage, r->code, r->enhanced, r->enhanced[0] ? " " : "",
		 buf_str(&r->text));
	probe->state = state;
	escape_text(probe->reply, sizeof(probe->reply), span_of(text));
}

static int secure(struct session *s, struct error *err)
{
	struct tls_inspection inspection = { 0 };
	s->secured = true;
	if (smtp_client_inspect_tls(s->client, &inspection, &s->reply, err) < 0)
		return -1;
	tls_inspection_fini(&inspection);
	return s->reply.code == 220 ? smtp_client_hello(s->client, &s->reply, err) : 0;
}

/* MAIL, under TLS where the server takes no mail without it (RFC 3207 section 4: 530). */
static int open_transaction(struct session *s, const char *sender, struct error *err)
{
	if (s->sender && say(s, err, "RSET", "") < 0)
		return -1;
	s->sender = NULL;
	if (say(s, err, "MAIL FROM:", sender) < 0)
		return -1;
	if (s->reply.code == 530 && !s->secured && smtp_client_offers(s->client, "STARTTLS") &&
	    (secure(s, err) < 0 || say(s, err, "MAIL FROM:", sender) < 0))
		return -1;
	if (s->reply.code < 300)
		s->sender = sender;
	return 0;
}

static int send_content(struct session *s, struct relay_probe *probe, struct error *err)
{
	const struct posture_params *p = check_params(s->check);
	_cleanup_(buf_fini) struct buf content = BUF_INIT(16 * 1024);
	char date[TIME_TEXT_MAX];
	buf_addf(&content,
		 "From: <postmaster@%s>\r\nTo: <%s>\r\nSubject: Relay test of %s: %s\r\nDate: %s\r\n"
		 "Message-ID: <" TAG_ID_PREFIX "%s@%s>\r\n" TAG_FIELD ": %s\r\nAuto-Submitted: auto-generated\r\n"
		 "\r\nThis message is a test by postproof of %s, which its owner asked for.\r\n"
		 "That it has arrived means that the host relays mail of strangers.\r\n",
		 s->server->host, s->server->probe_to, s->server->host, probe->name,
		 time_rfc5322(clock_wall_ms(), date), probe->token, p->helo, probe->token, s->server->host);
	if (buf_check(&content, "the test message", err) < 0 ||
	    smtp_client_data(s->client, buf_span(&content), &s->reply, err) < 0)
		return -1;
	s->sender = NULL;
	enum relay_state state = state_of(&s->reply);
	relay_session_note(s, probe, state == RELAY_ACCEPTED ? RELAY_SENT : state, "DATA: ");
	return 0;
}

static int ask_for(struct session *s, struct relay_probe *probe, struct error *err)
{
	bool shared = s->sender && strcmp(s->sender, probe->sender) == 0;
	if (!shared && open_transaction(s, probe->sender, err) < 0)
		return -1;
	if (!s->sender) {
		relay_session_note(s, probe, state_of(&s->reply), "MAIL: ");
		return 0;
	}
	if (say(s, err, "RCPT TO:", probe->recipient) < 0)
		return -1;
	if (shared && s->reply.code == 503) { /* the refusal before has ended the transaction at this server */
		s->sender = NULL;
		return ask_for(s, probe, err);
	}
	relay_session_note(s, probe, state_of(&s->reply), "");
	if (probe->state != RELAY_ACCEPTED)
		return 0;
	if (probe->token[0])
		return send_content(s, probe, err);
	s->sender = NULL;
	return say(s, err, "RSET", "");
}

/* What is true of every recipient that is left: the server takes no mail at all, or cannot be talked to. */
static size_t note_all(struct relay_probe *probes, size_t count, enum relay_state state, const char *why)
{
	for (size_t i = 0; i < count; i++) {
		probes[i].state = state;
		escape_text(probes[i].reply, sizeof(probes[i].reply), span_of(why));
	}
	return count;
}

/* Connects and says who we are. 1: go on; 0: the server wants no mail, s->reply says so; -1. */
static int relay_session_open_session(struct session *s, struct error *err)
{
	const struct posture_params *p = check_params(s->check);
	const struct smtp_client_params params = { .address = s->server->address,
						   .port = s->server->port,
						   .helo = p->helo,
						   .deadline = check_deadline(s->check),
						   .cancel_fd = -1 };
	check_connected(s->check);
	if (smtp_client_new(&params, &s->client, &s->reply, err) < 0)
		return -1;
	if (s->reply.code == 220 && smtp_client_hello(s->client, &s->reply, err) < 0)
		return -1;
	return s->reply.code < 300;
}

/* One connection. Returns how many of the recipients are settled; what is not is for another connection. */
static size_t ask_in_session(struct session *s, struct relay_probe *probes, size_t count, struct error *err)
{
	size_t done = 0;
	struct relay_probe last = { 0 };
	int open = relay_session_open_session(s, err);
	if (open < 0 && err->code == ECONNREFUSED)
		return note_all(probes, count, RELAY_REFUSED, "connection refused");
	if (open == 0) {
		relay_session_note(s, &last, state_of(&s->reply), "");
		return note_all(probes, count, last.state == RELAY_REFUSED ? RELAY_REFUSED : RELAY_UNTESTED,
				last.reply);
	}
	while (open > 0 && done < count && ask_for(s, &probes[done], err) == 0)
		done++;
	if (done == count)
		smtp_client_command(s->client, &s->reply, err, "QUIT");
	return done;
}

bool relay_ask(struct check *check, const struct relay_server *server, struct relay_probe *probes, size_t count)
{
	bool routed = true;
	for (size_t done = 0; done < count;) {
		struct error err = ERROR_INIT;
		struct session s = { .check = check, .server = server };
		smtp_reply_init(&s.reply);
		size_t settled = ask_in_session(&s, probes + done, count - done, &err);
		smtp_client_free(s.client);
		smtp_reply_fini(&s.reply);
		done += settled;
		routed = routed && err.code != ENETUNREACH && err.code != EADDRNOTAVAIL;
		if (settled == 0)
			done += note_all(probes + done, count - done, RELAY_UNTESTED, err.text);
	}
	return routed;
}
