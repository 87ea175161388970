/* One policy for certificates: the same table for IMAP, for SMTP, for HTTPS and for servers that are looked at only. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "harness/net/http.h"
#include "harness/net/smtp_client.h"
#include "harness/send/smtp.h"
#include "providers/imap_session.h"
#include "tests/unit/peer.h"

enum { GOOD = -1 };

static const struct policy_row {
	const char *label;
	struct test_cert cert;
	int cause; /* enum tls_cause, or GOOD */
	const char *says;
} rows[] = {
	{ "good", { .names = "DNS:localhost" }, GOOD, "" },
	{ "good, for servers", { .names = "DNS:localhost", .usage = "serverAuth" }, GOOD, "" },
	{ "good, for both", { .names = "DNS:localhost", .usage = "clientAuth,serverAuth" }, GOOD, "" },
	{ "good, RSA", { .names = "DNS:localhost", .rsa_bits = 2048 }, GOOD, "" },
	{ "good, one name of several", { .names = "DNS:other.test,DNS:LocalHost" }, GOOD, "" },
	{ "good, with its intermediate", { .names = "DNS:localhost", .chain = TEST_CHAIN_SENT }, GOOD, "" },
	{ "CN only", { .common_name = "localhost" }, TLS_WRONG_NAME, "it is for no host at all" },
	{ "CN fits, SAN does not",
	  { .common_name = "localhost", .names = "DNS:other.test" },
	  TLS_WRONG_NAME,
	  "it is for other.test" },
	{ "CN fits, SAN is an address",
	  { .common_name = "localhost", .names = "IP:127.0.0.1" },
	  TLS_WRONG_NAME,
	  "it is for 127.0.0.1" },
	{ "CN fits, SAN is a mailbox",
	  { .common_name = "localhost", .names = "email:a@localhost" },
	  TLS_WRONG_NAME,
	  "no host at all" },
	{ "another name", { .names = "DNS:other.test" }, TLS_WRONG_NAME, "it is for other.test" },
	{ "a name below", { .names = "DNS:*.localhost" }, TLS_WRONG_NAME, "it is for *.localhost" },
	{ "part of a label", { .names = "DNS:local*" }, TLS_WRONG_NAME, "it is for local*" },
	{ "any top level domain", { .names = "DNS:*" }, TLS_WRONG_NAME, "it is for *" },
	{ "for clients only", { .names = "DNS:localhost", .usage = "clientAuth" }, TLS_CERTIFICATE, "" },
	{ "for signing code", { .names = "DNS:localhost", .usage = "codeSigning" }, TLS_CERTIFICATE, "" },
	{ "RSA of 1,024 bits", { .names = "DNS:localhost", .rsa_bits = 1024 }, TLS_CERTIFICATE, "key too weak" },
	{ "RSA of 1,536 bits", { .names = "DNS:localhost", .rsa_bits = 1536 }, TLS_CERTIFICATE, "key too weak" },
	{ "SHA-1", { .names = "DNS:localhost", .sha1 = true }, TLS_CERTIFICATE, "too weak" },
	{ "SHA-1 and RSA", { .names = "DNS:localhost", .sha1 = true, .rsa_bits = 2048 }, TLS_CERTIFICATE, "too weak" },
	{ "expired",
	  { .names = "DNS:localhost", .from_s = -172800, .to_s = -86400 },
	  TLS_EXPIRED,
	  "the certificate of localhost expired on 20" },
	{ "not yet valid",
	  { .names = "DNS:localhost", .from_s = 86400, .to_s = 172800 },
	  TLS_NOT_YET,
	  "is not valid before 20" },
	{ "self-signed", { .names = "DNS:localhost", .self_signed = true }, TLS_UNKNOWN_CA, "ca_file must name" },
	{ "intermediate is missing",
	  { .names = "DNS:localhost", .chain = TEST_CHAIN_MISSING },
	  TLS_UNKNOWN_CA,
	  "CN=Test intermediate: either the server does not send the intermediate certificate" },
	{ "intermediate of 1,024 bits",
	  { .names = "DNS:localhost", .chain = TEST_CHAIN_WEAK },
	  TLS_CERTIFICATE,
	  "key too weak" },
	{ "intermediate is no authority",
	  { .names = "DNS:localhost", .chain = TEST_CHAIN_NO_CA },
	  TLS_CERTIFICATE,
	  "" },
};

static struct test_ca *ca;

/* --- the four ways ---------------------------------------------------------------------------------------------- */

struct server {
	SSL_CTX *tls;
	bool asked; /* something was heard after the handshake */
	uint16_t port;
};

static void speak_imap(struct test_peer *peer)
{
	struct server *server = peer->user;
	char line[200];
	if (!peer_start_tls(peer, server->tls) || !peer_send(peer, "* OK [CAPABILITY IMAP4rev1] ready\r\n"))
		return;
	server->asked = peer_read_line(peer, line, sizeof(line));
}

static int look_imap(struct server *server, struct error *err)
{
	const struct imap_params params = { .host = "localhost",
					    .port = server->port,
					    .security = IMAP_TLS,
					    .ca_file = test_ca_file(ca),
					    .login_timeout_ms = 10000,
					    .command_timeout_ms = 10000,
					    .cancel_fd = -1 };
	struct imap_session *session = NULL;
	int result = imap_session_open(&session, &params, err);
	imap_session_free(session);
	return result;
}

static void speak_smtp(struct test_peer *peer)
{
	struct server *server = peer->user;
	char line[200];
	if (!peer_start_tls(peer, server->tls) || !peer_send(peer, "220 localhost\r\n"))
		return;
	while (peer_read_line(peer, line, sizeof(line))) {
		/* EHLO is said by libcurl, before we can look. */
		server->asked = server->asked || strncmp(line, "EHLO", 4) != 0;
		peer_send(peer, "250-localhost\r\n250 AUTH PLAIN\r\n");
	}
}

static int add_password(void *context, struct buf *secret, struct error *err)
{
	return buf_add_str(secret, "correct horse");
}

static int look_smtp(struct server *server, struct error *err)
{
	char url[64];
	snprintf(url, sizeof(url), "smtps://localhost:%u", server->port);
	const struct smtp_params params = { .url = url,
					    .helo = "client.test",
					    .user = "service",
					    .password = add_password,
					    .ca_file = test_ca_file(ca),
					    .cancel_fd = -1 };
	struct smtp *smtp = NULL;
	if (smtp_new(&params, &(struct smtp_events){ 0 }, &smtp, err) < 0)
		return -1;
	int result = smtp_check(smtp, deadline_in(10000), err);
	smtp_free(smtp);
	return result;
}

static void speak_http(struct test_peer *peer)
{
	struct server *server = peer->user;
	char line[200];
	if (!peer_start_tls(peer, server->tls))
		return;
	while (peer_read_line(peer, line, sizeof(line)) && line[0])
		server->asked = true;
	peer_send(peer, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
}

static int look_http(struct server *server, struct error *err)
{
	char url[64];
	static const char *const loopback[] = { "127.0.0.1" };
	snprintf(url, sizeof(url), "https://localhost:%u/", server->port);
	const struct http_request request = { .url = url,
					      .addresses = loopback,
					      .address_count = 1,
					      .ca_file = test_ca_file(ca),
					      .max_octets = 100,
					      .deadline = deadline_in(10000) };
	struct http_response response = { 0 };
	int result = http_send(&request, &response, err);
	http_response_fini(&response);
	return result;
}

static void speak_mx(struct test_peer *peer)
{
	struct server *server = peer->user;
	char line[200];
	if (peer_send(peer, "220 localhost\r\n") && peer_read_line(peer, line, sizeof(line)) &&
	    peer_send(peer, "220 go\r\n") && peer_start_tls(peer, server->tls))
		peer_wait_for_end(peer);
}

/* As `check` looks at an MX host: its own expiry is told by the date. */
static int look_mx(struct server *server, struct error *err)
{
	const struct smtp_client_params params = { .address = "127.0.0.1",
						   .port = server->port,
						   .host = "localhost",
						   .ca_file = test_ca_file(ca),
						   .helo = "client.test",
						   .deadline = deadline_in(10000),
						   .cancel_fd = -1 };
	struct tls_inspection seen = { 0 };
	struct smtp_client *client = NULL;
	struct smtp_reply reply;
	smtp_reply_init(&reply);
	int result = smtp_client_new(&params, &client, &reply, err);
	if (result == 0 && smtp_client_inspect_tls(client, &seen, &reply, err) < 0)
		result = -1;
	if (result == 0 && seen.refusal.kind != ERROR_NONE) {
		*err = seen.refusal;
		result = -1;
	} else if (result == 0 && seen.facts.not_after_ms < clock_wall_ms()) {
		result = error_set(err, ERROR_TLS, RETRY_NEVER, TLS_EXPIRED, "%s",
				   "the certificate of localhost expired on 20.., by its date");
	}
	tls_inspection_fini(&seen);
	smtp_client_free(client);
	smtp_reply_fini(&reply);
	return result;
}

/* --- the table -------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	test_script *speak;
	int (*look)(struct server *server, struct error *err);
} ways[] = {
	{ "IMAP", speak_imap, look_imap },
	{ "SMTP", speak_smtp, look_smtp },
	{ "HTTPS", speak_http, look_http },
	{ "check", speak_mx, look_mx },
};

static void check_row(const struct policy_row *row, size_t way)
{
	char label[100];
	struct server state = { .tls = test_ca_context(ca, &row->cert, 0) };
	struct test_server *server = test_server_new(false, ways[way].speak, &state);
	struct error err = ERROR_INIT;
	snprintf(label, sizeof(label), "%s, %s", row->label, ways[way].name);
	state.port = test_server_port(server);
	int result = ways[way].look(&state, &err);
	test_server_free(server);
	if ((result < 0) != (row->cause != GOOD) || (result < 0 && (err.kind != ERROR_TLS || err.code != row->cause)) ||
	    !strstr(err.text, row->says))
		fail_msg("%s: %d, %s, code %d: \"%s\"", label, result, error_kind_name(err.kind), err.code, err.text);
	ROW_ASSERT(label, row->cause == GOOD || !state.asked);
	SSL_CTX_free(state.tls);
}

static void certificates_are_judged_alike_by_all(void **state)
{
	for (size_t way = 0; way < ARRAY_LEN(ways); way++)
		for (size_t i = 0; i < ARRAY_LEN(rows); i++)
			check_row(&rows[i], way);
}

static int make_ca(void **state)
{
	ca = test_ca_new();
	return 0;
}

static int drop_ca(void **state)
{
	test_ca_free(ca);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_are_judged_alike_by_all),
	};
	return cmocka_run_group_tests(tests, make_ca, drop_ca);
}
