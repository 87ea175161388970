/* SpamAssassin over its own protocol: one request, one response, both with their length. */
#include "harness/posture/content/spamd.h"

#include <stdlib.h>
#include <string.h>

#include "harness/net/dial.h"
#include "harness/net/tls_stream.h"
#include "harness/net/url.h"

enum { SPAMD_PORT = 783, REQUEST_HEAD_MAX = 200, RESPONSE_MAX = 256 * 1024, ADDRESS_MAX = 300, NUMBER_MAX = 32 };

/* --- the response ----------------------------------------------------------------------------------------------- */

static int not_spamd(struct error *err, struct span what)
{
	return error_set(err, ERROR_PROTOCOL, RETRY_LATER, 0, "this is no response of spamd: %.*s",
			 SPAN_ARG(span_sub(what, 0, 100)));
}

static bool spamd_next_line(struct span *rest, struct span *ret)
{
	if (!span_next(rest, '\n', ret))
		return false;
	if (ret->len > 0 && ret->p[ret->len - 1] == '\r')
		ret->len--;
	return true;
}

static bool spamd_next_word(struct span *rest, struct span *ret)
{
	*rest = span_trim(*rest);
	size_t len = 0;
	while (len < rest->len && !ascii_is_space(rest->p[len]))
		len++;
	*ret = span_sub(*rest, 0, len);
	*rest = span_sub(*rest, len, SIZE_MAX);
	return len > 0;
}

/* `-1.5`. */
static bool spamd_read_number(struct span word, double *ret)
{
	char text[NUMBER_MAX], *end;
	if (word.len == 0 || !span_copy(word, text, sizeof(text)) || strspn(text, "0123456789.-") != word.len)
		return false;
	*ret = strtod(text, &end);
	return *end == '\0';
}

/* `SPAMD/1.1 0 EX_OK`: version, exit code of sysexits.h, its name. */
static int read_status(struct span line, struct error *err)
{
	struct span all = line, version, code;
	if (!spamd_next_word(&line, &version) || !span_starts(version, SPAN_LIT("SPAMD/")) ||
	    !spamd_next_word(&line, &code))
		return not_spamd(err, all);
	if (!span_is(code, "0"))
		return error_set(err, ERROR_REFUSED, RETRY_LATER, 0, "spamd says %.*s", SPAN_ARG(all));
	return 0;
}

/* `True ; 15.2 / 5.0`. */
static bool read_verdict(struct span value, struct spam_score *ret)
{
	struct span verdict, semicolon, score, slash, threshold;
	if (!spamd_next_word(&value, &verdict) || !spamd_next_word(&value, &semicolon) ||
	    !spamd_next_word(&value, &score) || !spamd_next_word(&value, &slash) ||
	    !spamd_next_word(&value, &threshold))
		return false;
	ret->is_spam = span_is_nocase(verdict, "True") || span_is_nocase(verdict, "Yes");
	return span_is(semicolon, ";") && span_is(slash, "/") && spamd_read_number(score, &ret->score) &&
	       spamd_read_number(threshold, &ret->threshold);
}

/* A line of the report's table: ` 1.4 MISSING_DATE  Missing Date: header`. */
static void read_rule(struct span line, struct buf *rules)
{
	struct span points, name;
	double number;
	if (!spamd_next_word(&line, &points) || !spamd_read_number(points, &number) || !spamd_next_word(&line, &name))
		return;
	for (size_t i = 0; i < name.len; i++)
		if (!ascii_is_alnum(name.p[i]) && name.p[i] != '_')
			return;
	buf_addf(rules, "%s%.*s %.*s", rules->len > 0 ? ", " : "", SPAN_ARG(name), SPAN_ARG(points));
}

/* The table begins below a line of dashes. */
static void read_report(struct span report, struct buf *rules)
{
	struct span line;
	bool begun = false;
	while (spamd_next_line(&report, &line)) {
		if (begun)
			read_rule(line, rules);
		begun |= span_starts(span_trim(line), SPAN_LIT("----"));
	}
}

int spamd_read(struct span response, struct spam_score *ret, struct error *err)
{
	struct spam_score made = { .rules = BUF_INIT(SPAM_RULES_MAX) };
	struct span all = response, line, name;
	bool has_verdict = false;
	if (!spamd_next_line(&response, &line))
		return not_spamd(err, all);
	if (read_status(line, err) < 0)
		return -1;
	while (spamd_next_line(&response, &line) && line.len > 0)
		if (span_next(&line, ':', &name) && span_is_nocase(name, "Spam") && read_verdict(line, &made))
			has_verdict = true;
	if (!has_verdict)
		return not_spamd(err, all);
	read_report(response, &made.rules);
	*ret = made;
	return 0;
}

/* --- the dialogue ----------------------------------------------------------------------------------------------- */

static int spamd_connect_to(const char *address, struct deadline deadline, struct tls_stream **ret, struct error *err)
{
	char text[ADDRESS_MAX], peer[DIAL_PEER_MAX];
	struct url url;
	int fd, rc;
	snprintf(text, sizeof(text), "spamd://%s", address);
	rc = url_read(span_of(text), &url, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "\"%s\" is no HOST:PORT", address);
	rc = dial(url.host, url.port ? url.port : SPAMD_PORT, deadline, -1, &fd, peer, err);
	url_fini(&url);
	return rc < 0 ? -1 : tls_stream_new(ret, fd, -1, err);
}

/* Whether all of the response is there: the header, and as much as Content-length says. */
static bool is_whole(struct span response)
{
	struct span line, name;
	uint64_t length = 0;
	while (spamd_next_line(&response, &line) && response.p) {
		if (line.len == 0)
			return response.len >= length;
		if (span_next(&line, ':', &name) && span_is_nocase(name, "Content-length"))
			span_to_u64(span_trim(line), RESPONSE_MAX, &length);
	}
	return false;
}

/* spamd closes behind its response, and behind an error that has no header. */
static int receive(struct tls_stream *stream, struct buf *response, struct error *err)
{
	char octets[4096];
	while (!is_whole(buf_span(response))) {
		ssize_t n = tls_stream_read(stream, octets, sizeof(octets), err);
		if (n < 0 && err->kind == ERROR_NETWORK && response->len > 0)
			return 0;
		if (n < 0)
			return -1;
		buf_add(response, octets, (size_t)n);
		if (buf_check(response, "the response of spamd", err) < 0)
			return -1;
	}
	return 0;
}

static int converse(struct tls_stream *stream, struct span message, struct spam_score *ret, struct error *err)
{
	_cleanup_(buf_fini) struct buf response = BUF_INIT(RESPONSE_MAX);
	char head[REQUEST_HEAD_MAX];
	snprintf(head, sizeof(head), "REPORT SPAMC/1.5\r\nContent-length: %zu\r\n\r\n", message.len);
	if (tls_stream_write(stream, head, strlen(head), err) < 0 ||
	    tls_stream_write(stream, message.p, message.len, err) < 0 || receive(stream, &response, err) < 0)
		return -1;
	return spamd_read(buf_span(&response), ret, err);
}

int spamd_ask(const char *address, struct span message, struct deadline deadline, struct spam_score *ret,
	      struct error *err)
{
	struct tls_stream *stream = NULL;
	if (spamd_connect_to(address, deadline, &stream, err) < 0)
		return -1;
	tls_stream_set_deadline(stream, deadline);
	int rc = converse(stream, message, ret, err);
	tls_stream_free(stream);
	return rc;
}
