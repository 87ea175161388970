/* Checks what the user says of the server. It must never let an octet pass that would end a command or a URL early. */
#include "harness/send/smtp_params.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/utf8.h"

enum { PATH_MAX_OCTETS = 254, CONNECTIONS_MAX = 100 };

/* Where the host and port end, or 0 when this is no address of an SMTP server. */
static size_t host_end(struct span url)
{
	size_t start = span_starts_nocase(url, SPAN_LIT("smtp://"))    ? strlen("smtp://")
		       : span_starts_nocase(url, SPAN_LIT("smtps://")) ? strlen("smtps://")
								       : 0;
	size_t end = url.len;
	if (end && url.p[end - 1] == '/')
		end--;
	if (!start || end <= start)
		return 0;
	for (size_t i = start; i < end; i++)
		if ((unsigned char)url.p[i] <= ' ' || url.p[i] == 0x7f || strchr("/?#@\\", url.p[i]))
			return 0;
	return end;
}

static int smtp_params_check(const struct smtp_params *given, struct error *err)
{
	if (!host_end(span_of(given->url)))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "\"%s\" is no address of an SMTP server: write smtp://HOST:PORT or smtps://HOST:PORT",
				 given->url ? given->url : "");
	struct span helo = span_of(given->helo);
	for (size_t i = 0; i < helo.len; i++)
		if (!ascii_is_alnum(helo.p[i]) && (!helo.p[i] || !strchr("-._[]:", helo.p[i])))
			return error_set(
			    err, ERROR_CONFIG, RETRY_NEVER, 0,
			    "\"%s\" cannot be said in EHLO: write a host name, or an address as [192.0.2.1]",
			    given->helo);
	struct span user = span_of(given->user);
	for (size_t i = 0; i < user.len; i++)
		if ((unsigned char)user.p[i] < ' ' || user.p[i] == 0x7f)
			return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "the SMTP user holds a control character");
	if (given->connections > CONNECTIONS_MAX)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "%d connections to the SMTP server are more than %d", given->connections,
				 CONNECTIONS_MAX);
	return 0;
}

static bool dup_string(char const **string)
{
	if (*string)
		*string = span_dup(span_of(*string));
	return *string != NULL;
}

static void or_default(int64_t *value, int64_t standard)
{
	if (*value <= 0)
		*value = standard;
}

int smtp_params_init(struct smtp_params *ret, const struct smtp_params *given, struct error *err)
{
	if (smtp_params_check(given, err) < 0)
		return -1;
	struct smtp_params s = *given;
	bool ok = dup_string(&s.url);
	ok &= dup_string(&s.helo) || !given->helo;
	ok &= dup_string(&s.user) || !given->user;
	ok &= dup_string(&s.ca_file) || !given->ca_file;
	if (!ok) {
		smtp_params_fini(&s);
		return error_memory(err);
	}
	if (s.connections <= 0)
		s.connections = 4;
	or_default(&s.connect_ms, 30 * 1000);
	or_default(&s.command_ms, 60 * 1000);
	or_default(&s.data_ms, 10 * 60 * 1000);
	or_default(&s.message_ms, 5 * 60 * 1000);
	or_default(&s.retry_ms, 5 * 1000);
	or_default(&s.retry_max_ms, 2 * 60 * 1000);
	or_default(&s.unreachable_ms, 30 * 1000);
	or_default(&s.grace_ms, 10 * 1000);
	*ret = s;
	return 0;
}

void smtp_params_fini(struct smtp_params *settings)
{
	const char *owned[] = { settings->url, settings->helo, settings->user, settings->ca_file };
	for (size_t i = 0; i < ARRAY_LEN(owned); i++)
		free((void *)(uintptr_t)owned[i]);
	*settings = (struct smtp_params){ .cancel_fd = -1 };
}

bool smtp_params_is_tls(const struct smtp_params *settings)
{
	return span_starts_nocase(span_of(settings->url), SPAN_LIT("smtps://"));
}

bool smtp_params_wants_tls(const struct smtp_params *settings)
{
	return smtp_params_is_tls(settings) || settings->starttls == SMTP_STARTTLS_REQUIRED;
}

char *smtp_params_curl_url(const struct smtp_params *settings)
{
	struct span url = span_of(settings->url), helo = span_of(settings->helo);
	struct buf b = BUF_INIT(url.len + helo.len + 1);
	buf_add_span(&b, span_sub(url, 0, host_end(url)));
	if (helo.len) {
		buf_add_char(&b, '/');
		buf_add_span(&b, helo);
	}
	return buf_take(&b);
}

bool smtp_path_valid(struct span address)
{
	if (address.len > PATH_MAX_OCTETS || !utf8_valid(address))
		return false;
	for (size_t i = 0; i < address.len; i++)
		if ((unsigned char)address.p[i] <= ' ' || address.p[i] == 0x7f || address.p[i] == '<' ||
		    address.p[i] == '>')
			return false;
	return true;
}
