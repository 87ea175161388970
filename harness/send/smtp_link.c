/* libcurl as the one who connects and greets. It must never let an unverified certificate or a missing STARTTLS pass.
 */
#include "harness/send/smtp_link.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/escape.h"
#include "harness/net/curl_peer.h"
#include "harness/net/tls_facts.h"

enum { WORD_MAX = 96, LINE_MAX_SHOWN = 512 };

struct smtp_links {
	const struct smtp_params *params;
	CURLM *multi;
	struct smtp_link *first;
	char *url; /* with the name for EHLO as its path, as libcurl wants it */
};

struct smtp_link {
	struct smtp_links *links;
	struct smtp_link *next;
	int number;
	CURL *easy;
	enum smtp_link_state state;
	struct error error;
	curl_socket_t socket;
	bool want_write, paused;
	struct smtp_link_facts facts;
	char tls_version[WORD_MAX], tls_cipher[WORD_MAX], peer[WORD_MAX];

	/* Of the dialogue that libcurl leads. */
	bool in_ehlo;               /* the replies that come answer EHLO */
	char reply[LINE_MAX_SHOWN]; /* the last reply of the server, its lines behind one another, escaped */
	bool reply_goes_on;         /* that was not its last line */
	char curl_error[CURL_ERROR_SIZE];
};

void smtp_link_trace(struct smtp_link *link, char direction, struct span line)
{
	const struct smtp_params *p = link->links->params;
	if (!p->transcript)
		return;
	char shown[LINE_MAX_SHOWN], text[LINE_MAX_SHOWN + 4];
	escape_text(shown, sizeof(shown), span_trim(line));
	snprintf(text, sizeof(text), "%c: %s", direction, shown);
	p->transcript(p->transcript_user, link->number, text);
}

/* Keeps the whole of a reply of several lines: the first ones say what is wrong. */
static void note_reply(struct smtp_link *link, struct span line)
{
	size_t len = link->reply_goes_on ? strlen(link->reply) : 0;
	struct span shown = link->reply_goes_on ? span_sub(line, 4, line.len) : line;
	if (len && len + 1 < sizeof(link->reply))
		link->reply[len++] = ' ';
	escape_text(link->reply + len, sizeof(link->reply) - len, shown);
	link->reply_goes_on = line.len > 3 && line.p[3] == '-';
}

static void heard(struct smtp_link *link, struct span line)
{
	line = span_trim(line);
	smtp_link_trace(link, 'S', line);
	note_reply(link, line);
	if (link->in_ehlo && span_starts(line, SPAN_LIT("250")))
		smtp_extensions_read(&link->facts.extensions, span_sub(line, 4, line.len));
}

static void said(struct smtp_link *link, struct span line)
{
	line = span_trim(line);
	link->in_ehlo = span_starts_nocase(line, SPAN_LIT("EHLO"));
	if (link->in_ehlo)
		link->facts.extensions = (struct smtp_extensions){ 0 };
	smtp_link_trace(link, 'C', line);
}

/* The one spelling of a version: GnuTLS says `TLS1.3` where OpenSSL, and all the rest of postproof, says `TLSv1.3`. */
static void note_version(struct smtp_link *link, struct span version)
{
	const struct span name = SPAN_LIT("TLS");
	bool bare = span_starts(version, name) && version.len > name.len && ascii_is_digit(version.p[name.len]);
	char word[WORD_MAX];
	snprintf(word, sizeof(word), "%s%.*s", bare ? "TLSv" : "",
		 SPAN_ARG(span_sub(version, bare ? name.len : 0, sizeof(word))));
	escape_text(link->tls_version, sizeof(link->tls_version), span_of(word));
	link->facts.tls_version = link->tls_version[0] ? link->tls_version : NULL;
}

/* `SSL connection using TLS1.3 / ECDHE_RSA_AES_256_GCM_SHA384`: the GnuTLS and OpenSSL flavours write it alike; newer
 * ones put further words behind another slash. */
static void noted(struct smtp_link *link, struct span text)
{
	const struct span before = SPAN_LIT("SSL connection using ");
	text = span_trim(text);
	if (!span_starts(text, before))
		return;
	struct span rest = span_sub(text, before.len, text.len), version = { 0 }, cipher = { 0 };
	span_next(&rest, '/', &version);
	span_next(&rest, '/', &cipher);
	note_version(link, span_trim(version));
	escape_text(link->tls_cipher, sizeof(link->tls_cipher), span_trim(cipher));
	link->facts.tls_cipher = link->tls_cipher[0] ? link->tls_cipher : NULL;
	smtp_link_trace(link, '*', text);
}

static int on_debug(CURL *easy, curl_infotype type, char *octets, size_t len, void *context)
{
	struct smtp_link *link = context;
	struct span s = span_make(octets, len);
	if (type == CURLINFO_HEADER_IN)
		heard(link, s);
	else if (type == CURLINFO_HEADER_OUT)
		said(link, s);
	else if (type == CURLINFO_TEXT)
		noted(link, s);
	return 0;
}

/* libcurl hands reply lines here too; without a function it would print them. */
static size_t on_header(char *octets, size_t size, size_t count, void *context)
{
	return size * count;
}

int smtp_links_new(const struct smtp_params *params, struct smtp_links **ret, struct error *err)
{
	struct smtp_links *links = calloc(1, sizeof(*links));
	if (!links)
		return error_memory(err);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(links);
		return error_set(err, ERROR_ENVIRONMENT, RETRY_NEVER, 0, "libcurl cannot start");
	}
	*links =
	    (struct smtp_links){ .params = params, .url = smtp_params_curl_url(params), .multi = curl_multi_init() };
	if (!links->multi || !links->url) {
		smtp_links_free(links);
		return error_memory(err);
	}
	/* An idle connection is ours, not the cache's: none may be closed to make room. */
	curl_multi_setopt(links->multi, CURLMOPT_MAXCONNECTS, (long)params->connections + 1);
	*ret = links;
	return 0;
}

void smtp_links_free(struct smtp_links *links)
{
	if (!links)
		return;
	while (links->first)
		smtp_link_close(links->first);
	curl_multi_cleanup(links->multi);
	curl_global_cleanup();
	free(links->url);
	free(links);
}

/* The first option that fails is remembered; setting goes on. */
#define SET(option, value)                                                                                             \
	do {                                                                                                           \
		CURLcode code_ = curl_easy_setopt(link->easy, option, value);                                          \
		if (code_ != CURLE_OK && code == CURLE_OK)                                                             \
			code = code_;                                                                                  \
	} while (0)

static CURLcode set_transport(struct smtp_link *link)
{
	const struct smtp_params *p = link->links->params;
	CURLcode code = CURLE_OK;
	SET(CURLOPT_URL, link->links->url);
	SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	SET(CURLOPT_PROXY, ""); /* the environment must not change the path of the mail */
	SET(CURLOPT_CONNECT_ONLY, 1L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_QUICK_EXIT, 1L); /* a hanging name lookup must not hold up the closing */
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)p->connect_ms);
	SET(CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)((p->connect_ms + 999) / 1000));
	SET(CURLOPT_VERBOSE, 1L);
	SET(CURLOPT_DEBUGFUNCTION, on_debug);
	SET(CURLOPT_DEBUGDATA, link);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_ERRORBUFFER, link->curl_error);
	SET(CURLOPT_PRIVATE, link);
	return code;
}

static CURLcode set_tls(struct smtp_link *link)
{
	const struct smtp_params *p = link->links->params;
	CURLcode code = CURLE_OK;
	SET(CURLOPT_USE_SSL, (long)(p->starttls == SMTP_STARTTLS_NONE ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	return code == CURLE_OK ? curl_peer_demand(link->easy, p->ca_file) : code;
}

int smtp_link_open(struct smtp_links *links, int number, struct smtp_link **ret, struct error *err)
{
	struct smtp_link *link = calloc(1, sizeof(*link));
	if (!link)
		return error_memory(err);
	*link = (struct smtp_link){ .links = links, .next = links->first, .number = number, .socket = CURL_SOCKET_BAD };
	links->first = link;
	link->easy = curl_easy_init();
	if (!link->easy || set_transport(link) != CURLE_OK || set_tls(link) != CURLE_OK) {
		smtp_link_close(link);
		return error_memory(err);
	}
	if (curl_multi_add_handle(links->multi, link->easy) != CURLM_OK) {
		smtp_link_close(link);
		return error_memory(err);
	}
	*ret = link;
	return 0;
}

void smtp_link_close(struct smtp_link *link)
{
	if (!link)
		return;
	for (struct smtp_link **at = &link->links->first; *at; at = &(*at)->next) {
		if (*at == link) {
			*at = link->next;
			break;
		}
	}
	if (link->easy) {
		curl_multi_remove_handle(link->links->multi, link->easy);
		curl_easy_cleanup(link->easy);
	}
	free(link);
}

/* A reply that ended the connecting: greeting, EHLO or STARTTLS. */
static int failed_by_reply(struct smtp_link *link, CURLcode code, int reply, struct error *err)
{
	enum error_retry retry = reply >= 500 ? RETRY_NEVER : RETRY_LATER;
	if (code == CURLE_USE_SSL_FAILED)
		return error_set(err, ERROR_TLS, retry, reply, "the server refuses STARTTLS: %s", link->reply);
	return error_set(err, ERROR_REFUSED, retry, reply, "the server refuses the connection: %s", link->reply);
}

static bool heard_no_reply(const struct smtp_link *link)
{
	return link->reply[0] &&
	       !(ascii_is_digit(link->reply[0]) && ascii_is_digit(link->reply[1]) && ascii_is_digit(link->reply[2]));
}

/* A server that waits for a handshake says nothing to who waits for its greeting. */
static const char SILENCE[] = "; the server has said nothing: where its port speaks TLS from the first octet, as 465 "
			      "does, write smtps:// in url";

static bool is_silent_plaintext(const struct smtp_link *link)
{
	return !link->reply[0] && !smtp_params_is_tls(link->links->params);
}

static int failed_handshake(struct smtp_link *link, CURLcode code, const char *text, struct error *err)
{
	const struct smtp_params *p = link->links->params;
	curl_peer_refuse(link->easy, code, text, p->ca_file, err);
	if (err->kind == ERROR_TLS && err->code == TLS_PLAINTEXT && smtp_params_is_tls(p))
		return error_set(err, ERROR_TLS, RETRY_LATER, TLS_PLAINTEXT,
				 "the server does not speak TLS at this port from the first octet: write smtp:// in "
				 "url, for STARTTLS, or the port that has TLS, as 465 (%s)",
				 text);
	return -1;
}

static int failed(struct smtp_link *link, CURLcode code, struct error *err)
{
	const char *text = link->curl_error[0] ? link->curl_error : curl_easy_strerror(code);
	long reply = 0;
	curl_easy_getinfo(link->easy, CURLINFO_RESPONSE_CODE, &reply);
	switch (code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		return curl_peer_refuse(link->easy, code, text, link->links->params->ca_file, err);
	case CURLE_USE_SSL_FAILED:
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_REMOTE_ACCESS_DENIED:
		if (reply >= 400 && reply < 600)
			return failed_by_reply(link, code, (int)reply, err);
		break;
	default:
		break;
	}
	if (heard_no_reply(link))
		return error_set(err, ERROR_PROTOCOL, RETRY_LATER, (int)code, "the server does not speak SMTP: %s",
				 link->reply);
	switch (code) {
	case CURLE_USE_SSL_FAILED:
		return error_set(err, ERROR_TLS, RETRY_NEVER, (int)code, "the server does not offer STARTTLS");
	case CURLE_SSL_CONNECT_ERROR:
		return failed_handshake(link, code, text, err);
	case CURLE_OPERATION_TIMEDOUT:
		return error_set(err, ERROR_TIMEOUT, RETRY_LATER, (int)code, "%s%s", text,
				 is_silent_plaintext(link) ? SILENCE : "");
	case CURLE_WEIRD_SERVER_REPLY:
		return error_set(err, ERROR_PROTOCOL, RETRY_LATER, (int)code, "the server does not speak SMTP: %s",
				 link->reply[0] ? link->reply : text);
	case CURLE_OUT_OF_MEMORY:
		return error_memory(err);
	default:
		return error_set(err, ERROR_NETWORK, RETRY_LATER, (int)code, "%s", text);
	}
}

static void learn_peer(struct smtp_link *link)
{
	char *ip = NULL;
	long port = 0;
	curl_easy_getinfo(link->easy, CURLINFO_PRIMARY_IP, &ip);
	curl_easy_getinfo(link->easy, CURLINFO_PRIMARY_PORT, &port);
	if (!ip || !*ip)
		return;
	snprintf(link->peer, sizeof(link->peer), strchr(ip, ':') ? "[%s]:%ld" : "%s:%ld", ip, port);
	link->facts.peer = link->peer;
}

static void smtp_link_settle(struct smtp_link *link, CURLcode code)
{
	learn_peer(link);
	link->state = SMTP_LINK_FAILED;
	if (code != CURLE_OK)
		failed(link, code, &link->error);
	else if (curl_easy_getinfo(link->easy, CURLINFO_ACTIVESOCKET, &link->socket) != CURLE_OK ||
		 link->socket == CURL_SOCKET_BAD)
		error_set(&link->error, ERROR_NETWORK, RETRY_LATER, 0, "the connection is gone");
	else if (smtp_params_wants_tls(link->links->params) &&
		 curl_peer_verify(link->easy, link->links->params->ca_file, &link->error) < 0)
		; /* the error says it */
	else
		link->state = SMTP_LINK_OPEN;
	if (link->state == SMTP_LINK_FAILED)
		smtp_link_trace(link, '*', span_of(link->error.text));
}

int smtp_links_work(struct smtp_links *links, struct error *err)
{
	int running, left;
	CURLMcode code = curl_multi_perform(links->multi, &running);
	if (code != CURLM_OK)
		return error_set(err, ERROR_ENVIRONMENT, RETRY_NEVER, (int)code, "%s", curl_multi_strerror(code));
	for (CURLMsg *message; (message = curl_multi_info_read(links->multi, &left));) {
		struct smtp_link *link = NULL;
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &link);
		if (link)
			smtp_link_settle(link, message->data.result);
	}
	return 0;
}

int smtp_links_wait(struct smtp_links *links, int64_t timeout_ms, int cancel_fd, struct error *err)
{
	size_t count = 0;
	for (struct smtp_link *l = links->first; l; l = l->next)
		count++;
	struct curl_waitfd *fds = calloc(count + 1, sizeof(*fds));
	if (!fds)
		return error_memory(err);
	unsigned n = 0;
	for (struct smtp_link *l = links->first; l; l = l->next)
		if (l->state == SMTP_LINK_OPEN && !l->paused)
			fds[n++] = (struct curl_waitfd){ .fd = l->socket,
							 .events = (short)(CURL_WAIT_POLLIN |
									   (l->want_write ? CURL_WAIT_POLLOUT : 0)) };
	if (cancel_fd >= 0)
		fds[n++] = (struct curl_waitfd){ .fd = cancel_fd, .events = CURL_WAIT_POLLIN };
	if (timeout_ms < 0)
		timeout_ms = 0;
	CURLMcode code = curl_multi_poll(links->multi, fds, n, timeout_ms > 60000 ? 60000 : (int)timeout_ms, NULL);
	free(fds);
	if (code != CURLM_OK)
		return error_set(err, ERROR_ENVIRONMENT, RETRY_NEVER, (int)code, "%s", curl_multi_strerror(code));
	return 0;
}

void smtp_links_wake(struct smtp_links *links)
{
	curl_multi_wakeup(links->multi);
}

enum smtp_link_state smtp_link_state(const struct smtp_link *link)
{
	return link->state;
}

const struct error *smtp_link_error(const struct smtp_link *link)
{
	return &link->error;
}

const struct smtp_link_facts *smtp_link_facts(const struct smtp_link *link)
{
	return &link->facts;
}

void smtp_link_pause(struct smtp_link *link, bool paused)
{
	link->paused = paused;
}

void smtp_link_want_write(struct smtp_link *link, bool want)
{
	link->want_write = want;
}

static int lost(CURLcode code, struct error *err)
{
	return error_set(err, ERROR_NETWORK, RETRY_LATER, (int)code, "connection lost: %s", curl_easy_strerror(code));
}

int smtp_link_send(struct smtp_link *link, struct span octets, size_t *ret_sent, struct error *err)
{
	size_t sent = 0;
	CURLcode code = curl_easy_send(link->easy, octets.p, octets.len, &sent);
	if (code == CURLE_AGAIN || (code == CURLE_OK && sent == 0))
		return 0;
	if (code != CURLE_OK)
		return lost(code, err);
	*ret_sent = sent;
	return 1;
}

int smtp_link_recv(struct smtp_link *link, char *octets, size_t size, size_t *ret_len, struct error *err)
{
	size_t len = 0;
	CURLcode code = curl_easy_recv(link->easy, octets, size, &len);
	if (code == CURLE_AGAIN)
		return 0;
	if (code != CURLE_OK)
		return lost(code, err);
	if (len == 0)
		return error_set(err, ERROR_NETWORK, RETRY_LATER, 0, "the server closed the connection");
	*ret_len = len;
	return 1;
}
