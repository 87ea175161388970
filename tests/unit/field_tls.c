/* What servers do with TLS, and whether one is told what to change: tls.json. */
#include <stdio.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/send/smtp.h"
#include "providers/imap_mend.h"
#include "providers/imap_session.h"
#include "tests/unit/peer.h"
#include "tests/unit/suites.h"

static const char *text_of(json_t *row, const char *key)
{
	return json_string_value(json_object_get(row, key));
}

/* A handshake, or without a context the greeting of an SMTP server. */
static void speak(struct test_peer *peer)
{
	if (peer->user && !peer_start_tls(peer, peer->user))
		return;
	peer_send(peer, peer->user ? "* OK ready\r\n" : "220 localhost ESMTP\r\n");
	peer_wait_for_end(peer);
}

static int look_imap(const struct test_server *server, enum imap_security security, const char *ca_file,
		     struct error *err)
{
	/* Who waits for TLS says nothing: that is waited out. */
	int64_t timeout_ms = security == IMAP_TLS ? 10000 : 500;
	const struct imap_params params = { .host = "localhost",
					    .port = test_server_port(server),
					    .security = security,
					    .ca_file = ca_file,
					    .login_timeout_ms = timeout_ms,
					    .command_timeout_ms = timeout_ms,
					    .cancel_fd = -1 };
	struct imap_session *session = NULL;
	int result = imap_session_open(&session, &params, err);
	imap_session_free(session);
	return result;
}

static int look_smtp(const struct test_server *server, struct error *err)
{
	char url[64];
	snprintf(url, sizeof(url), "smtps://localhost:%u", test_server_port(server));
	const struct smtp_params params = { .url = url, .helo = "client.test", .connect_ms = 5000, .cancel_fd = -1 };
	struct smtp *smtp = NULL;
	int result = smtp_new(&params, &(struct smtp_events){ 0 }, &smtp, err);
	if (result == 0)
		result = smtp_check(smtp, deadline_in(5000), err);
	smtp_free(smtp);
	return result;
}

static bool is_right(struct test_ca *ca, json_t *row)
{
	const char *id = text_of(row, "id"), *how = text_of(row, "server");
	bool smtp = strcmp(text_of(row, "service"), "smtp") == 0, unknown = strstr(id, "unknown-ca");
	const struct test_cert cert = { .names = "DNS:localhost",
					.chain = strstr(how, "intermediate") ? TEST_CHAIN_MISSING : TEST_CHAIN_DIRECT };
	SSL_CTX *tls = smtp ? NULL : test_ca_context(ca, &cert, 0);
	struct test_server *server = test_server_new(false, speak, tls);
	struct error err = ERROR_INIT;
	char advice[IMAP_MEND_MAX] = "";
	enum imap_security security = strstr(how, "security = starttls") ? IMAP_STARTTLS
				      : strstr(how, "security = none")   ? IMAP_PLAIN
									 : IMAP_TLS;
	bool right = (smtp ? look_smtp(server, &err)
			   : look_imap(server, security, unknown ? NULL : test_ca_file(ca), &err)) < 0;
	if (!smtp)
		imap_mend(&err, NULL, "", advice);
	json_t *word;
	size_t i;
	json_array_foreach(json_object_get(row, "says"), i, word)
	{
		struct span said = span_of(json_string_value(word));
		right = right && (span_find_nocase(span_of(err.text), said, 0) >= 0 ||
				  span_find_nocase(span_of(advice), said, 0) >= 0);
	}
	if (!right)
		printf("wrong: %s: %s / %s\n", id, err.text, advice);
	test_server_free(server);
	SSL_CTX_free(tls);
	return right;
}

void field_tls(struct suite *suite)
{
	json_t *rows = suite_load(suite, "tls.json"), *row;
	struct test_ca *ca = test_ca_new();
	size_t i;
	json_array_foreach(rows, i, row) suite_count(suite, is_right(ca, row), NULL);
	test_ca_free(ca);
	json_decref(rows);
}
