/* HTTP against scripted servers: what is asked, what comes back, what ends where. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/net/http.h"
#include "harness/net/tls_stream.h"
#include "tests/unit/peer.h"

enum { BODY_MAX = 100 };

static struct test_ca *ca;

struct scene {
	SSL_CTX *tls; /* NULL: plain HTTP */
	const char *response;
	bool drips;
	char heard[1000]; /* lines of the request's header */
	char body[100];
};

static void read_request(struct test_peer *peer, struct scene *scene)
{
	char line[300];
	size_t length = 0;
	while (peer_read_line(peer, line, sizeof(line)) && line[0]) {
		size_t len = strlen(scene->heard);
		snprintf(scene->heard + len, sizeof(scene->heard) - len, "%s\n", line);
		if (strncmp(line, "Content-Length: ", 16) == 0)
			length = (size_t)strtoul(line + 16, NULL, 10);
	}
	if (length > 0)
		peer_read_line(peer, scene->body, sizeof(scene->body));
}

static void play(struct test_peer *peer)
{
	struct scene *scene = peer->user;
	if (scene->tls && !peer_start_tls(peer, scene->tls))
		return;
	read_request(peer, scene);
	if (!scene->drips) {
		peer_send(peer, scene->response);
		if (peer->ssl)
			SSL_shutdown(peer->ssl);
		return;
	}
	for (size_t i = 0; i < 10000 && peer_send_octets(peer, &scene->response[i % strlen(scene->response)], 1); i++)
		usleep(20000);
}

static int request(struct scene *scene, const char *scheme, const char *host, const struct http_request *more,
		   struct http_response *ret, struct error *err)
{
	static const char *const loopback[] = { "127.0.0.1" };
	struct test_server *server = test_server_new(false, play, scene);
	char url[200];
	snprintf(url, sizeof(url), "%s://%s:%u/.well-known/mta-sts.txt", scheme, host, test_server_port(server));
	struct http_request r = *more;
	r.url = url;
	r.addresses = loopback;
	r.address_count = 1;
	r.ca_file = test_ca_file(ca);
	r.max_octets = BODY_MAX;
	int result = http_send(&r, ret, err);
	test_server_free(server);
	return result;
}

#define TEN(text)              text text text text text text text text text text
#define HEADER(status, fields) "HTTP/1.1 " status "\r\n" fields "Connection: close\r\n\r\n"

static const struct {
	const char *label, *response;
	bool drips;
	int status; /* 0: an error */
	const char *content_type, *body;
	enum error_kind kind;
} responses[] = {
	{ "good", HEADER("200 OK", "Content-Type: text/plain; charset=utf-8\r\n") "version: STSv1\n", false, 200,
	  "text/plain; charset=utf-8", "version: STSv1\n" },
	{ "no content type", HEADER("200 OK", "") "x", false, 200, "", "x" },
	{ "not there", HEADER("404 Not Found", "Content-Type: text/html\r\n") "gone", false, 404, "text/html", "gone" },
	{ "a redirect is not followed", HEADER("301 Moved", "Location: http://127.0.0.1:1/\r\n"), false, 301, "", "" },
	{ "as long as allowed", HEADER("200 OK", "") TEN("0123456789"), false, 200, "", TEN("0123456789") },
	{ "one octet too long", HEADER("200 OK", "") TEN("0123456789") "0", .kind = ERROR_LIMIT },
	{ "control characters in the type", HEADER("200 OK", "Content-Type: a\x1b[31m\r\n"), false, 200, "a\\x1b[31m",
	  "" },
	{ "cut short", HEADER("200 OK", "Content-Length: 50\r\n") "x", .kind = ERROR_NETWORK },
	{ "nothing", "", .kind = ERROR_NETWORK },
	{ "no HTTP", "220 mx.test ESMTP\r\n", .kind = ERROR_PROTOCOL },
	{ "header without end", TEN(TEN(TEN(TEN("HTTP/1.1 100 Continue\r\n\r\n")))), .kind = ERROR_LIMIT },
	{ "drips for ever", "HTTP/1.1 200 OK\r\n\r\n", true, .kind = ERROR_TIMEOUT },
};

static void every_response_comes_to_something(void **state)
{
	const struct test_cert cert = { .names = "DNS:mta-sts.test" };
	SSL_CTX *context = test_ca_context(ca, &cert, 0);
	for (size_t i = 0; i < 2 * ARRAY_LEN(responses); i++) {
		const char *label = responses[i / 2].label;
		struct scene scene = { .tls = i % 2 ? context : NULL,
				       .response = responses[i / 2].response,
				       .drips = responses[i / 2].drips };
		const struct http_request more = { .deadline = deadline_in(scene.drips ? 400 : 10000) };
		struct http_response response = { 0 };
		struct error err = ERROR_INIT;
		int64_t begun_ms = clock_mono_ms();
		int result = request(&scene, scene.tls ? "https" : "http", "mta-sts.test", &more, &response, &err);
		ROW_ASSERT(label, clock_mono_ms() - begun_ms < 5000);
		ROW_ASSERT(label, strstr(scene.heard, "GET /.well-known/mta-sts.txt HTTP/1.1\nHost: mta-sts.test:"));
		if ((result == 0) != (responses[i / 2].status > 0))
			fail_msg("%s: %s", label, err.text);
		if (result == 0) {
			ROW_ASSERT(label, response.status == responses[i / 2].status);
			ROW_ASSERT_STRING(label, response.content_type, responses[i / 2].content_type);
			ROW_ASSERT_STRING(label, buf_str(&response.body), responses[i / 2].body);
		} else if (err.kind != responses[i / 2].kind) {
			fail_msg("%s: %s: %s", label, error_kind_name(err.kind), err.text);
		}
		http_response_fini(&response);
	}
	SSL_CTX_free(context);
}

static const struct {
	const char *label;
	struct test_cert cert;
	int max_version;
	int cause;
	const char *says;
} certificates[] = {
	{ "wrong name", { .names = "DNS:other.test" }, 0, TLS_WRONG_NAME, "it is for other.test" },
	{ "expired",
	  { .names = "DNS:mta-sts.test", .from_s = -172800, .to_s = -86400 },
	  0,
	  TLS_EXPIRED,
	  "the certificate of mta-sts.test expired on" },
	{ "self-signed", { .names = "DNS:mta-sts.test", .self_signed = true }, 0, TLS_UNKNOWN_CA, "not trusted" },
	{ "TLS 1.1", { .names = "DNS:mta-sts.test" }, TLS1_1_VERSION, TLS_HANDSHAKE, "no TLS with mta-sts.test" },
};

static void certificate_must_hold_and_its_fault_is_told(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(certificates); i++) {
		SSL_CTX *context = test_ca_context(ca, &certificates[i].cert, certificates[i].max_version);
		struct scene scene = { .tls = context, .response = HEADER("200 OK", "") "x" };
		const struct http_request more = { .deadline = deadline_in(10000) };
		struct http_response response = { 0 };
		struct error err = ERROR_INIT;
		ROW_ASSERT(certificates[i].label,
			   request(&scene, "https", "mta-sts.test", &more, &response, &err) == -1);
		if (err.kind != ERROR_TLS || err.code != certificates[i].cause ||
		    !strstr(err.text, certificates[i].says))
			fail_msg("%s: %s", certificates[i].label, err.text);
		ROW_ASSERT_STRING(certificates[i].label, scene.heard, "");
		SSL_CTX_free(context);
	}
}

static void body_is_posted(void **state)
{
	struct scene scene = { .response = HEADER("200 OK", "") "{}" };
	const struct http_request more = { .content_type = "message/rfc822",
					   .body = SPAN_LIT("Subject: x\n"),
					   .body_field = "User: postproof",
					   .deadline = deadline_in(10000) };
	struct http_response response = { 0 };
	struct error err = ERROR_INIT;
	assert_int_equal(request(&scene, "http", "127.0.0.1", &more, &response, &err), 0);
	assert_non_null(strstr(scene.heard, "POST "));
	assert_non_null(strstr(scene.heard, "Content-Type: message/rfc822\n"));
	assert_non_null(strstr(scene.heard, "User: postproof\n"));
	assert_null(strstr(scene.heard, "Expect"));
	assert_string_equal(scene.body, "Subject: x");
	assert_string_equal(buf_str(&response.body), "{}");
	http_response_fini(&response);
}

static void head_has_no_body_and_a_redirect_says_where_to(void **state)
{
	struct scene scene = { .response = HEADER("302 Found", "Content-Length: 50\r\nLocation: /x?y\r\n") };
	const struct http_request more = { .head = true, .deadline = deadline_in(10000) };
	struct http_response response = { 0 };
	struct error err = ERROR_INIT;
	assert_int_equal(request(&scene, "http", "127.0.0.1", &more, &response, &err), 0);
	assert_non_null(strstr(scene.heard, "HEAD /.well-known"));
	assert_int_equal(response.status, 302);
	assert_int_equal(response.body.len, 0);
	if (strncmp(response.location, "http://127.0.0.1:", 17) != 0 || !strstr(response.location, "/x?y"))
		fail_msg("%s", response.location);
	http_response_fini(&response);
}

static void what_cannot_be_asked_says_why(void **state)
{
	char closed[100];
	snprintf(closed, sizeof(closed), "http://127.0.0.1:%u/", test_closed_port());
	const struct {
		const char *url;
		enum error_kind kind;
		int code;
	} rows[] = {
		{ closed, ERROR_NETWORK, ECONNREFUSED },
		{ "ftp://127.0.0.1:1/", ERROR_CONFIG, 0 },
		{ "http://127.0.0.1:99999/", ERROR_CONFIG, 0 },
		{ "", ERROR_CONFIG, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct http_request r = { .url = rows[i].url,
						.max_octets = BODY_MAX,
						.deadline = deadline_in(5000) };
		struct http_response response = { 0 };
		struct error err = ERROR_INIT;
		ROW_ASSERT(rows[i].url, http_send(&r, &response, &err) == -1);
		if (err.kind != rows[i].kind || err.code != rows[i].code)
			fail_msg("%s: %d: %s", rows[i].url, err.code, err.text);
	}
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
		cmocka_unit_test(every_response_comes_to_something),
		cmocka_unit_test(certificate_must_hold_and_its_fault_is_told),
		cmocka_unit_test(body_is_posted),
		cmocka_unit_test(head_has_no_body_and_a_redirect_says_where_to),
		cmocka_unit_test(what_cannot_be_asked_says_why),
	};
	return cmocka_run_group_tests(tests, make_ca, drop_ca);
}
