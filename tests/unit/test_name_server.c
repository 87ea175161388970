/* Addresses of DNS servers, and what sort of server they are. */
#include "tests/unit/unit.h"

#include "harness/dns/name_server.h"
#include "tests/unit/dns_server.h"
#include "tests/unit/dns_words.h"

static void addresses_are_read_as_people_write_them(void **state)
{
	static const struct {
		const char *text, *server; /* NULL: none */
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1@53" },
		{ "192.0.2.1:5353", "192.0.2.1@5353" },
		{ "192.0.2.1@5353", "192.0.2.1@5353" },
		{ "2001:DB8::1", "2001:db8::1@53" },
		{ "[2001:db8::1]", "2001:db8::1@53" },
		{ "[2001:db8::1]:5353", "2001:db8::1@5353" },
		{ "2001:db8::1@5353", "2001:db8::1@5353" },
		{ "", NULL },
		{ "ns.example", NULL },
		{ "192.0.2.1:", NULL },
		{ "192.0.2.1:0", NULL },
		{ "192.0.2.1:65536", NULL },
		{ "192.0.2.1@x", NULL },
		{ "[2001:db8::1", NULL },
		{ "[2001:db8::1]5353", NULL },
		{ "[]", NULL },
		{ "@53", NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct name_server server;
		char text[NAME_SERVER_TEXT_MAX];
		int result = name_server_parse(span_of(rows[i].text), &server, &err);
		ROW_ASSERT(rows[i].text, (result == 0) == (rows[i].server != NULL));
		if (result == 0)
			ROW_ASSERT_STRING(rows[i].text, name_server_format(&server, text), rows[i].server);
		else
			ROW_ASSERT(rows[i].text, err.kind == ERROR_CONFIG);
	}
}

static void a_server_without_recursion_is_authoritative(void **state)
{
	struct error err = ERROR_INIT;
	struct name_server address;
	_cleanup_(zone_free_p) struct zone *zone = zone_of("one.test. SOA ns. root. 1 2 3 4 5");
	struct dns_server *server = dns_server_new(zone);
	assert_int_equal(name_server_parse(span_of(dns_server_address(server)), &address, &err), 0);
	assert_true(name_server_is_authoritative(&address, deadline_in(10000)));
	dns_server_conduct(server, (struct dns_conduct){ .resolver = true });
	assert_false(name_server_is_authoritative(&address, deadline_in(10000)));
	dns_server_conduct(server, (struct dns_conduct){ .silent = true });
	int64_t start = clock_mono_ms();
	unsigned before = dns_server_udp(server);
	assert_false(name_server_is_authoritative(&address, deadline_in(700)));
	assert_true(clock_mono_ms() - start >= 690);
	assert_true(clock_mono_ms() - start < 5000);
	assert_true(dns_server_udp(server) - before >= 2);
	dns_server_free(server);
	assert_false(name_server_is_authoritative(&address, deadline_in(300)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_as_people_write_them),
		cmocka_unit_test(a_server_without_recursion_is_authoritative),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
