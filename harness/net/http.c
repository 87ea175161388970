/* HTTP by libcurl. It must never follow, trust or wait beyond what the request allows. */
#include "harness/net/http.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/escape.h"
#include "harness/net/curl_peer.h"

enum { PIN_MAX = 4096, HOST_MAX = 256, HEADERS_MAX = 64 * 1024 };

struct transfer {
	const struct http_request *request;
	char host[HOST_MAX]; /* of the URL, without brackets */
	uint16_t port;
	CURL *easy;
	struct curl_slist *pin, *headers;
	struct buf body;
	size_t header_octets; /* of the response */
	char why[CURL_ERROR_SIZE];
	bool secure;          /* https */
	struct error refusal; /* of the server, once connected */
};

static CURLcode started;

static void start_curl(void)
{
	started = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void transfer_fini(struct transfer *t)
{
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->pin);
	curl_slist_free_all(t->headers);
	buf_fini(&t->body);
}

/* --- where to --------------------------------------------------------------------------------------------------- */

static int read_url(struct transfer *t, struct error *err)
{
	CURLU *url = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL;
	uint64_t number = 0;
	bool well = url && curl_url_set(url, CURLUPART_URL, t->request->url, 0) == CURLUE_OK &&
		    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		    (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) &&
		    curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		    curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
		    span_to_u64(span_of(port), UINT16_MAX, &number);
	t->secure = well && strcmp(scheme, "https") == 0;
	struct span name = span_of(host);
	if (name.len > 2 && name.p[0] == '[')
		name = span_sub(name, 1, name.len - 2);
	well = well && span_copy(name, t->host, sizeof(t->host));
	t->port = (uint16_t)number;
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(url);
	if (!well)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "%s is no URL of HTTP", t->request->url);
	return 0;
}

/* Names are left to libcurl, where no addresses are given. */
static int pin_addresses(struct transfer *t, struct error *err)
{
	_cleanup_(buf_fini) struct buf pin = BUF_INIT(PIN_MAX);
	if (t->request->address_count == 0)
		return 0;
	buf_addf(&pin, "%s:%u:", t->host, (unsigned)t->port);
	for (size_t i = 0; i < t->request->address_count; i++) {
		const char *address = t->request->addresses[i];
		buf_addf(&pin, strchr(address, ':') ? "%s[%s]" : "%s%s", i ? "," : "", address);
	}
	if (buf_check(&pin, "the list of addresses", err) < 0)
		return -1;
	t->pin = curl_slist_append(NULL, buf_str(&pin));
	return t->pin ? 0 : error_memory(err);
}

/* --- what and how ----------------------------------------------------------------------------------------------- */

/* Before the request leaves. */
static int on_connected(void *context, char *peer, char *own, int peer_port, int own_port)
{
	struct transfer *t = context;
	bool well = !t->secure || curl_peer_verify(t->easy, t->request->ca_file, &t->refusal) == 0;
	return well ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static size_t on_body(char *octets, size_t size, size_t count, void *context)
{
	struct transfer *t = context;
	return buf_add(&t->body, octets, size * count) < 0 ? 0 : size * count;
}

/* libcurl 7.88 keeps every field, however many come (CVE-2023-38039). */
static size_t on_header(char *octets, size_t size, size_t count, void *context)
{
	struct transfer *t = context;
	t->header_octets += size * count;
	return t->header_octets > HEADERS_MAX ? 0 : size * count;
}

static int add_body(struct transfer *t, struct error *err)
{
	_cleanup_(buf_fini) struct buf type = BUF_INIT(PIN_MAX);
	buf_addf(&type, "Content-Type: %s", t->request->content_type);
	if (buf_check(&type, "the content type", err) < 0)
		return -1;
	t->headers = curl_slist_append(NULL, buf_str(&type));
	/* libcurl would wait for a second to hear `100 Continue`. */
	struct curl_slist *all = t->headers ? curl_slist_append(t->headers, "Expect:") : NULL;
	if (all && t->request->body_field)
		all = curl_slist_append(t->headers, t->request->body_field);
	if (!all)
		return error_memory(err);
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->request->body.len);
	curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, t->request->body.p ? t->request->body.p : "");
	return 0;
}

/* The first option that fails is remembered; setting goes on. */
#define SET(option, value)                                                                                             \
	do {                                                                                                           \
		CURLcode code_ = curl_easy_setopt(t->easy, option, value);                                             \
		if (code_ != CURLE_OK && code == CURLE_OK)                                                             \
			code = code_;                                                                                  \
	} while (0)

static int set_options(struct transfer *t, struct error *err)
{
	CURLcode code = CURLE_OK;
	int64_t left_ms = deadline_left_ms(t->request->deadline);
	SET(CURLOPT_URL, t->request->url);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_PROXY, ""); /* the environment must not change the path */
	SET(CURLOPT_RESOLVE, t->pin);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NOBODY, t->request->head ? 1L : 0L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_QUICK_EXIT, 1L); /* a name look-up that hangs must not outlast the deadline */
	SET(CURLOPT_TIMEOUT_MS, (long)(left_ms > 0 ? left_ms : 1)); /* 0 would be no limit at all */
	SET(CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
	SET(CURLOPT_PREREQFUNCTION, on_connected);
	SET(CURLOPT_PREREQDATA, t);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, t);
	SET(CURLOPT_ERRORBUFFER, t->why);
	if (code == CURLE_OK)
		code = curl_peer_demand(t->easy, t->request->ca_file);
	if (code != CURLE_OK)
		return error_set(err, ERROR_ENVIRONMENT, RETRY_NEVER, (int)code, "libcurl: %s",
				 curl_easy_strerror(code));
	return t->request->content_type ? add_body(t, err) : 0;
}

/* --- what came of it -------------------------------------------------------------------------------------------- */

static int failed(struct transfer *t, CURLcode code, struct error *err)
{
	const char *why = t->why[0] ? t->why : curl_easy_strerror(code);
	long system = 0;
	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
		return error_set(err, ERROR_TIMEOUT, RETRY_LATER, 0, "%s did not answer in time", t->host);
	case CURLE_COULDNT_CONNECT:
		curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &system);
		return error_set(err, ERROR_NETWORK, RETRY_LATER, (int)system, "%s", why);
	case CURLE_COULDNT_RESOLVE_HOST:
		return error_set(err, ERROR_NETWORK, RETRY_LATER, 0, "%s", why);
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CONNECT_ERROR:
		return curl_peer_refuse(t->easy, code, why, t->request->ca_file, err);
	case CURLE_ABORTED_BY_CALLBACK:
		*err = t->refusal;
		return -1;
	case CURLE_WRITE_ERROR:
		return error_set(err, ERROR_LIMIT, RETRY_LATER, 0, "the response of %s is too long", t->host);
	case CURLE_OUT_OF_MEMORY:
		return error_memory(err);
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_PARTIAL_FILE:
		return error_set(err, ERROR_NETWORK, RETRY_LATER, 0, "%s: %s", t->host, why);
	default:
		return error_set(err, ERROR_PROTOCOL, RETRY_LATER, 0, "%s: %s", t->host, why);
	}
}

static int perform(struct transfer *t, struct http_response *ret, struct error *err)
{
	const char *type = NULL, *location = NULL;
	long status = 0;
	CURLcode code = curl_easy_perform(t->easy);
	if (code != CURLE_OK)
		return failed(t, code, err);
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type);
	curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &location);
	ret->status = (int)status;
	escape_text(ret->location, sizeof(ret->location), span_of(location));
	escape_text(ret->content_type, sizeof(ret->content_type), span_of(type));
	ret->body = t->body;
	t->body = (struct buf)BUF_INIT(0);
	return 0;
}

int http_send(const struct http_request *request, struct http_response *ret, struct error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	_cleanup_(transfer_fini) struct transfer t = { .request = request, .body = BUF_INIT(request->max_octets) };
	pthread_once(&once, start_curl);
	t.easy = started == CURLE_OK ? curl_easy_init() : NULL;
	if (!t.easy)
		return error_set(err, ERROR_ENVIRONMENT, RETRY_NEVER, 0, "libcurl cannot start");
	if (read_url(&t, err) < 0 || pin_addresses(&t, err) < 0 || set_options(&t, err) < 0)
		return -1;
	return perform(&t, ret, err);
}

void http_response_fini(struct http_response *response)
{
	buf_fini(&response->body);
}
