/* The stream: plain and TLS, what it refuses and how it says so, deadlines. */
#include "tests/unit/unit.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "harness/net/dial.h"
#include "harness/net/tls_stream.h"
#include "tests/unit/peer.h"

static struct test_ca *ca;

static int connect_to(struct test_server *server, struct tls_stream **ret, int64_t ms, int cancel_fd)
{
	struct error err = ERROR_INIT;
	char peer[DIAL_PEER_MAX];
	int fd;
	assert_int_equal(dial("127.0.0.1", test_server_port(server), deadline_in(10000), -1, &fd, peer, &err), 0);
	assert_int_equal(tls_stream_new(ret, fd, cancel_fd, &err), 0);
	tls_stream_set_deadline(*ret, deadline_in(ms));
	return fd;
}

static void echo_over_tls(struct test_peer *peer)
{
	char line[64];
	if (!peer_start_tls(peer, peer->user))
		return;
	while (peer_read_line(peer, line, sizeof(line)))
		peer_sendf(peer, "%s\r\n", line);
}

static const struct certificate_row {
	const char *label;
	struct test_cert cert;
	int max_version;
	const char *host;
	int cause; /* enum tls_cause, or -1 where the handshake succeeds */
	const char *says;
} certificates[] = {
	{ "good", { .names = "DNS:imap.test" }, 0, "imap.test", -1, NULL },
	{ "good, TLS 1.2", { .names = "DNS:imap.test" }, TLS1_2_VERSION, "imap.test", -1, NULL },
	{ "TLS 1.1 is too old",
	  { .names = "DNS:imap.test" },
	  TLS1_1_VERSION,
	  "imap.test",
	  TLS_HANDSHAKE,
	  "no TLS with" },
	{ "wildcard", { .names = "DNS:*.mail.test" }, 0, "imap.mail.test", -1, NULL },
	{ "wildcard is one label",
	  { .names = "DNS:*.mail.test" },
	  0,
	  "a.b.mail.test",
	  TLS_WRONG_NAME,
	  "it is for *.mail.test" },
	{ "partial wildcard is none",
	  { .names = "DNS:i*.mail.test" },
	  0,
	  "imap.mail.test",
	  TLS_WRONG_NAME,
	  "it is for i*.mail.test" },
	{ "address", { .names = "IP:127.0.0.1" }, 0, "127.0.0.1", -1, NULL },
	{ "address is no name", { .names = "DNS:127.0.0.1" }, 0, "127.0.0.1", TLS_WRONG_NAME, "it is for 127.0.0.1" },
	{ "wrong name",
	  { .names = "DNS:mail.test,DNS:smtp.test,IP:192.0.2.1" },
	  0,
	  "imap.test",
	  TLS_WRONG_NAME,
	  "the certificate is not for imap.test: it is for mail.test, smtp.test, 192.0.2.1" },
	{ "expired",
	  { .names = "DNS:imap.test", .from_s = -172800, .to_s = -86400 },
	  0,
	  "imap.test",
	  TLS_EXPIRED,
	  "expired on 20" },
	{ "expired, TLS 1.2",
	  { .names = "DNS:imap.test", .from_s = -172800, .to_s = -86400 },
	  TLS1_2_VERSION,
	  "imap.test",
	  TLS_EXPIRED,
	  "the certificate of imap.test expired on 20" },
	{ "not yet valid",
	  { .names = "DNS:imap.test", .from_s = 86400, .to_s = 172800 },
	  0,
	  "imap.test",
	  TLS_NOT_YET,
	  "is not valid before 20" },
	{ "self-signed",
	  { .names = "DNS:imap.test", .self_signed = true },
	  0,
	  "imap.test",
	  TLS_UNKNOWN_CA,
	  "not trusted here" },
};

static void certificates_are_verified_and_refusals_say_why(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(certificates); i++) {
		const struct certificate_row *row = &certificates[i];
		SSL_CTX *context = test_ca_context(ca, &row->cert, row->max_version);
		struct test_server *server = test_server_new(false, echo_over_tls, context);
		struct error err = ERROR_INIT;
		struct tls_stream *stream;
		connect_to(server, &stream, 10000, -1);
		int result = tls_stream_start(stream, row->host, test_ca_file(ca), &err);
		ROW_ASSERT(row->label, result == (row->cause < 0 ? 0 : -1));
		if (result < 0) {
			ROW_ASSERT(row->label, err.kind == ERROR_TLS && err.code == row->cause);
			if (!strstr(err.text, row->says))
				fail_msg("%s: \"%s\" does not say \"%s\"", row->label, err.text, row->says);
		}
		tls_stream_free(stream);
		test_server_free(server);
		SSL_CTX_free(context);
	}
}

/* The rows again: nothing of them ends the handshake, and each is told. */
static void certificates_are_inspected_whatever_they_are(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(certificates); i++) {
		const struct certificate_row *row = &certificates[i];
		SSL_CTX *context = test_ca_context(ca, &row->cert, row->max_version);
		struct test_server *server = test_server_new(false, echo_over_tls, context);
		struct error err = ERROR_INIT;
		struct tls_stream *stream;
		struct tls_inspection seen;
		char got[8];
		connect_to(server, &stream, 10000, -1);
		if (tls_stream_inspect(stream, row->host, test_ca_file(ca), &seen, &err) < 0)
			fail_msg("%s: %s", row->label, err.text);
		bool old = row->max_version == TLS1_1_VERSION, expired = row->cause == TLS_EXPIRED;
		ROW_ASSERT(row->label, old == (strcmp(seen.facts.version, "TLSv1.1") == 0));
		ROW_ASSERT(row->label, expired == (seen.facts.not_after_ms < clock_wall_ms()));
		if (row->cause < 0 || old || expired) {
			ROW_ASSERT_STRING(row->label, seen.refusal.text, "");
			ROW_ASSERT(row->label, seen.refusal.kind == ERROR_NONE);
		} else {
			ROW_ASSERT(row->label, seen.refusal.kind == ERROR_TLS && seen.refusal.code == row->cause);
			ROW_ASSERT(row->label, strstr(seen.refusal.text, row->says));
		}
		ROW_ASSERT(row->label, seen.chain_count == 1 && seen.chain[0].len > 100);
		ROW_ASSERT(row->label, seen.chain[0].der[0] == 0x30);
		assert_int_equal(tls_stream_write(stream, "hello\r\n", 7, &err), 0);
		assert_int_equal(tls_stream_read(stream, got, sizeof(got), &err), 7);
		tls_inspection_fini(&seen);
		tls_stream_free(stream);
		test_server_free(server);
		SSL_CTX_free(context);
	}
}

static void several_faults_are_told_by_the_first_and_the_date(void **state)
{
	const struct test_cert cert = {
		.names = "DNS:mx.test,DNS:*.mx.test", .from_s = -172800, .to_s = -86400, .self_signed = true
	};
	SSL_CTX *context = test_ca_context(ca, &cert, 0);
	struct test_server *server = test_server_new(false, echo_over_tls, context);
	struct error err = ERROR_INIT;
	struct tls_stream *stream;
	struct tls_inspection seen;
	connect_to(server, &stream, 10000, -1);
	assert_int_equal(tls_stream_inspect(stream, "other.test", test_ca_file(ca), &seen, &err), 0);
	assert_int_equal(seen.refusal.code, TLS_UNKNOWN_CA);
	assert_true(seen.facts.not_after_ms < clock_wall_ms());
	assert_string_equal(seen.names, "mx.test, *.mx.test");
	tls_inspection_fini(&seen);
	tls_stream_free(stream);
	test_server_free(server);
	SSL_CTX_free(context);
}

static void unknown_authority_is_refused(void **state)
{
	const struct test_cert cert = { .names = "DNS:imap.test" };
	SSL_CTX *context = test_ca_context(ca, &cert, 0);
	struct test_server *server = test_server_new(false, echo_over_tls, context);
	struct error err = ERROR_INIT;
	struct tls_stream *stream;
	connect_to(server, &stream, 10000, -1);
	assert_int_equal(tls_stream_start(stream, "imap.test", NULL, &err), -1);
	assert_int_equal(err.kind, ERROR_TLS);
	assert_int_equal(err.code, TLS_UNKNOWN_CA);
	assert_int_equal(err.retry, RETRY_NEVER);
	tls_stream_free(stream);
	test_server_free(server);
	SSL_CTX_free(context);
}

static void ca_file_must_hold_certificates(void **state)
{
	static const char *const files[] = { "/nonexistent/ca.pem", "/dev/null" };
	static const char *const says[] = { "cannot be read: No such file or directory", "PEM form" };
	struct test_server *server = test_server_new(false, peer_wait_for_end, NULL);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct error err = ERROR_INIT;
		struct tls_stream *stream;
		connect_to(server, &stream, 10000, -1);
		ROW_ASSERT(files[i], tls_stream_start(stream, "imap.test", files[i], &err) == -1);
		ROW_ASSERT(files[i], err.kind == ERROR_CONFIG && strstr(err.text, files[i]));
		ROW_ASSERT(files[i], strstr(err.text, says[i]) != NULL);
		tls_stream_free(stream);
	}
	test_server_free(server);
}

static void evidence_is_kept_and_octets_pass(void **state)
{
	const struct test_cert cert = { .names = "DNS:imap.test" };
	SSL_CTX *context = test_ca_context(ca, &cert, 0);
	struct test_server *server = test_server_new(false, echo_over_tls, context);
	struct error err = ERROR_INIT;
	struct tls_stream *stream;
	char got[16];
	connect_to(server, &stream, 10000, -1);
	assert_null(tls_stream_facts(stream));
	assert_int_equal(tls_stream_start(stream, "imap.test", test_ca_file(ca), &err), 0);
	const struct tls_facts *facts = tls_stream_facts(stream);
	assert_string_equal(facts->version, "TLSv1.3");
	assert_true(strlen(facts->cipher) > 0);
	assert_string_equal(facts->subject, "CN=Test server");
	assert_string_equal(facts->issuer, "CN=Test authority");
	assert_true(facts->not_after_ms > clock_wall_ms());
	assert_true(facts->not_after_ms < clock_wall_ms() + 2 * 3600 * 1000);
	assert_int_equal(tls_stream_write(stream, "hello\r\n", 7, &err), 0);
	/* A record of which a part was read waits inside of OpenSSL, where poll(2) does not see it. */
	assert_int_equal(tls_stream_read(stream, got, 2, &err), 2);
	assert_int_equal(tls_stream_pending(stream), 5);
	assert_true(tls_stream_readable(stream));
	assert_int_equal(tls_stream_read(stream, got + 2, sizeof(got) - 2, &err), 5);
	assert_memory_equal(got, "hello\r\n", 7);
	assert_int_equal(tls_stream_pending(stream), 0);
	assert_int_equal(tls_stream_received(stream), 7);
	tls_stream_free(stream);
	test_server_free(server);
	SSL_CTX_free(context);
}

static void send_plaintext(struct test_peer *peer)
{
	peer_send(peer, "* OK ready\r\n");
	peer_wait_for_end(peer);
}

static void server_that_speaks_plaintext_is_told_apart(void **state)
{
	struct test_server *server = test_server_new(false, send_plaintext, NULL);
	struct error err = ERROR_INIT;
	struct tls_stream *stream;
	connect_to(server, &stream, 10000, -1);
	assert_int_equal(tls_stream_start(stream, "imap.test", NULL, &err), -1);
	assert_int_equal(err.kind, ERROR_TLS);
	assert_int_equal(err.code, TLS_PLAINTEXT);
	assert_non_null(strstr(err.text, "does not answer in TLS"));
	tls_stream_free(stream);
	test_server_free(server);
}

static void silence_and_cancel_end_every_wait(void **state)
{
	struct test_server *server = test_server_new(false, peer_wait_for_end, NULL);
	for (int cancelled = 0; cancelled < 2; cancelled++) {
		int cancel = cancelled ? eventfd(1, EFD_CLOEXEC) : -1;
		int64_t ms = cancelled ? 60000 : 200;
		enum error_kind expected = cancelled ? ERROR_INTERRUPTED : ERROR_TIMEOUT;
		struct error err = ERROR_INIT;
		struct tls_stream *stream;
		char got[8];
		connect_to(server, &stream, ms, cancel);
		assert_int_equal(tls_stream_read(stream, got, sizeof(got), &err), -1);
		assert_int_equal(err.kind, expected);
		tls_stream_set_deadline(stream, deadline_in(ms));
		assert_int_equal(tls_stream_start(stream, "imap.test", NULL, &err), -1);
		assert_int_equal(err.kind, expected);
		tls_stream_free(stream);
		close_p(&cancel);
	}
	test_server_free(server);
}

static void read_nothing(struct test_peer *peer)
{
	char c[8];
	peer_read_line(peer, c, sizeof(c)); /* one line, then no more until the client goes */
	while (peer_send(peer, "x"))
		usleep(20000);
}

/* Also a server that always has an octet, or never takes one, is left at the deadline. */
static void drip_and_full_socket_end_at_the_deadline(void **state)
{
	static char big[8 * 1024 * 1024];
	struct test_server *server = test_server_new(false, read_nothing, NULL);
	struct error err = ERROR_INIT;
	struct tls_stream *stream;
	char got[8];
	ssize_t n;
	connect_to(server, &stream, 300, -1);
	assert_int_equal(tls_stream_write(stream, "\n", 1, &err), 0);
	while ((n = tls_stream_read(stream, got, sizeof(got), &err)) > 0)
		continue;
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	tls_stream_set_deadline(stream, deadline_in(300));
	assert_int_equal(tls_stream_write(stream, big, sizeof(big), &err), -1);
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	tls_stream_free(stream);
	test_server_free(server);
}

static void hang_up(struct test_peer *peer)
{
	if (peer->user && peer_start_tls(peer, peer->user))
		SSL_shutdown(peer->ssl);
}

static void end_of_stream_is_an_error(void **state)
{
	const struct test_cert cert = { .names = "DNS:imap.test" };
	SSL_CTX *context = test_ca_context(ca, &cert, 0);
	for (int tls = 0; tls < 2; tls++) {
		struct test_server *server = test_server_new(false, hang_up, tls ? context : NULL);
		struct error err = ERROR_INIT;
		struct tls_stream *stream;
		char got[8];
		connect_to(server, &stream, 10000, -1);
		if (tls)
			assert_int_equal(tls_stream_start(stream, "imap.test", test_ca_file(ca), &err), 0);
		assert_int_equal(tls_stream_read(stream, got, sizeof(got), &err), -1);
		assert_int_equal(err.kind, ERROR_NETWORK);
		assert_string_equal(err.text, "the server closed the connection");
		/* Writing to who has gone fails, or is lost, and raises no signal. */
		for (int i = 0; i < 100 && tls_stream_write(stream, "x", 1, &err) == 0; i++)
			usleep(1000);
		assert_int_equal(err.kind, ERROR_NETWORK);
		tls_stream_free(stream);
		test_server_free(server);
	}
	SSL_CTX_free(context);
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
		cmocka_unit_test(certificates_are_verified_and_refusals_say_why),
		cmocka_unit_test(certificates_are_inspected_whatever_they_are),
		cmocka_unit_test(several_faults_are_told_by_the_first_and_the_date),
		cmocka_unit_test(unknown_authority_is_refused),
		cmocka_unit_test(ca_file_must_hold_certificates),
		cmocka_unit_test(evidence_is_kept_and_octets_pass),
		cmocka_unit_test(server_that_speaks_plaintext_is_told_apart),
		cmocka_unit_test(silence_and_cancel_end_every_wait),
		cmocka_unit_test(drip_and_full_socket_end_at_the_deadline),
		cmocka_unit_test(end_of_stream_is_an_error),
	};
	return cmocka_run_group_tests(tests, make_ca, drop_ca);
}
