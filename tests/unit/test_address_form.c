/* What settings must look like that name a host, a domain or a mailbox. */
#include "tests/unit/unit.h"

#include "harness/mail/address_form.h"

#define MAILBOX (&address_form_mailbox)
#define DOMAIN  (&address_form_domain)
#define HOST    (&address_form_host)
#define PEER    (&address_form_peer)
#define HTTP    (&address_form_http)

static void texts_of_a_form_are_accepted(void **state)
{
	static const struct {
		const struct setting_form *form;
		const char *text;
	} rows[] = {
		{ MAILBOX, "ana@shop.example" },
		{ MAILBOX, "\"a b\"@shop.example" },
		{ MAILBOX, "ana@[192.0.2.1]" },
		{ MAILBOX, "ana@b\xc3\xbc"
			   "cher.example" },
		{ DOMAIN, "shop.example" },
		{ DOMAIN, "localhost" },
		{ DOMAIN, "b\xc3\xbc"
			  "cher.example" },
		{ HOST, "mail.shop.example" },
		{ HOST, "192.0.2.1" },
		{ HOST, "2001:db8::1" },
		{ HOST, "::1" },
		{ PEER, "localhost:783" },
		{ PEER, "192.0.2.1:1" },
		{ PEER, "[2001:db8::1]:65535" },
		{ PEER, "[::1]:783" },
		{ HTTP, "http://localhost" },
		{ HTTP, "HTTPS://rspamd.example:11334" },
		{ HTTP, "http://[::1]:11334" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		if (rows[i].form->check(span_of(rows[i].text), &err) < 0)
			fail_msg("%s: %s", rows[i].text, err.text);
	}
}

static void other_texts_are_refused_with_what_is_accepted(void **state)
{
	static const struct {
		const struct setting_form *form;
		const char *text, *says;
	} rows[] = {
		{ MAILBOX, "ana", "no @" },
		{ MAILBOX, "Ana <ana@shop.example>", "is not an address" },
		{ MAILBOX, "ana@shop..example", "no domain" },
		{ MAILBOX, "ana@shop.example\nb", "is not an address" },
		{ DOMAIN, "shop..example", "write a domain name, as in example.org" },
		{ DOMAIN, ".example", "write a domain name" },
		{ DOMAIN, "shop example", "write a domain name" },
		{ DOMAIN, "http://shop.example", "write a domain name" },
		{ DOMAIN, "shop.example:25", "write a domain name" },
		{ HOST, "a b", "write a domain name or an IP address" },
		{ HOST, "mail.example:25", "write a domain name or an IP address" },
		{ HOST, "[::1]", "write a domain name or an IP address" },
		{ HOST, "2001:db8::1::2", "write a domain name or an IP address" },
		{ HOST, "mail.example\r\nQUIT", "write a domain name or an IP address" },
		{ PEER, "localhost", "write HOST:PORT, an IPv6 address in brackets" },
		{ PEER, "localhost:", "write HOST:PORT" },
		{ PEER, "localhost:0", "write HOST:PORT" },
		{ PEER, "localhost:65536", "write HOST:PORT" },
		{ PEER, "::1:783", "write HOST:PORT" },
		{ PEER, "[::1]", "write HOST:PORT" },
		{ PEER, "[::1]783", "write HOST:PORT" },
		{ PEER, "[localhost]:783", "write HOST:PORT" },
		{ PEER, "[::1:783", "write HOST:PORT" },
		{ PEER, "localhost:78x", "write HOST:PORT" },
		{ HTTP, "localhost:11334", "begin with http:// or https://" },
		{ HTTP, "ftp://localhost", "begin with http:// or https://" },
		{ HTTP, "http://", "write http://HOST or http://HOST:PORT" },
		{ HTTP, "http://a.example/checkv2", "write http://HOST or http://HOST:PORT" },
		{ HTTP, "http://u:p@a.example", "write http://HOST or http://HOST:PORT" },
		{ HTTP, "https://a.example:99999", "write http://HOST or http://HOST:PORT" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		ROW_ASSERT(rows[i].text, rows[i].form->check(span_of(rows[i].text), &err) == -1);
		ROW_ASSERT(rows[i].text, err.kind == ERROR_CONFIG);
		if (!strstr(err.text, rows[i].says))
			fail_msg("%s: \"%s\" does not say \"%s\"", rows[i].text, err.text, rows[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_of_a_form_are_accepted),
		cmocka_unit_test(other_texts_are_refused_with_what_is_accepted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
