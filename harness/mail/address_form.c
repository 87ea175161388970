/* Hosts, domains and mailboxes in settings. Resolves no name. */
#include "harness/mail/address_form.h"

#include <arpa/inet.h>

#include "harness/mail/address.h"

static bool address_is_ip(struct span text)
{
	char copy[INET6_ADDRSTRLEN];
	unsigned char octets[16];
	return span_copy(text, copy, sizeof(copy)) &&
	       (inet_pton(AF_INET, copy, octets) == 1 || inet_pton(AF_INET6, copy, octets) == 1);
}

static bool address_is_host(struct span text)
{
	return address_domain_valid(text) || address_is_ip(text);
}

bool address_is_host_port(struct span text)
{
	struct span host = text, port = { NULL, 0 };
	ptrdiff_t at;
	uint64_t number;
	if (text.len > 0 && text.p[0] == '[') {
		at = span_find_char(text, ']', 0);
		if (at < 0 || !address_is_ip(span_sub(text, 1, (size_t)at - 1)))
			return false;
		port = span_sub(text, (size_t)at + 1, text.len);
		host = (struct span){ NULL, 0 };
	} else {
		at = span_find_char(text, ':', 0);
		if (at >= 0) {
			host = span_sub(text, 0, (size_t)at);
			port = span_sub(text, (size_t)at, text.len);
		}
		if (!address_is_host(host))
			return false;
	}
	return port.len == 0 ||
	       (port.p[0] == ':' && span_to_u64(span_sub(port, 1, port.len), 65535, &number) && number > 0);
}

static int address_check_mailbox(struct span text, struct error *err)
{
	return address_check(text, &(struct address){ 0 }, err);
}

static int address_check_domain(struct span text, struct error *err)
{
	return address_domain_valid(text) ? 0 : setting_refuse(err, text, "write a domain name, as in example.org");
}

static int address_check_host(struct span text, struct error *err)
{
	return address_is_host(text) ? 0 : setting_refuse(err, text, "write a domain name or an IP address");
}

static int address_check_peer(struct span text, struct error *err)
{
	ptrdiff_t bracket = span_find_char(text, ']', 0);
	bool has_port = span_find_char(text, ':', bracket < 0 ? 0 : (size_t)bracket) >= 0;
	return has_port && address_is_host_port(text)
		   ? 0
		   : setting_refuse(err, text, "write HOST:PORT, an IPv6 address in brackets");
}

static int address_check_http(struct span text, struct error *err)
{
	struct span rest = text;
	if (span_starts_nocase(text, SPAN_LIT("http://")))
		rest = span_sub(text, 7, text.len);
	else if (span_starts_nocase(text, SPAN_LIT("https://")))
		rest = span_sub(text, 8, text.len);
	else
		return setting_refuse(err, text, "begin with http:// or https://");
	return address_is_host_port(rest) ? 0 : setting_refuse(err, text, "write http://HOST or http://HOST:PORT");
}

const struct setting_form address_form_mailbox = { "a mail address", address_check_mailbox };
const struct setting_form address_form_domain = { "a domain name", address_check_domain };
const struct setting_form address_form_host = { "a domain name or an IP address", address_check_host };
const struct setting_form address_form_peer = { "HOST:PORT", address_check_peer };
const struct setting_form address_form_http = { "http://HOST[:PORT] or https://HOST[:PORT]", address_check_http };
