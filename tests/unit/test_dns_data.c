/* DNS questions and answers as data. */
#include "tests/unit/unit.h"

#include "harness/model/dns.h"

static void types_have_names_and_numbers(void **state)
{
	static const struct {
		const char *word;
		unsigned number; /* 0: no type */
		const char *name;
	} rows[] = { { "txt", 16, "TXT" },     { "AAAA", 28, "AAAA" },
		     { "TYPE16", 16, "TXT" },  { "type65280", 65280, "TYPE65280" },
		     { "TYPE65536", 0, NULL }, { "TYPE", 0, NULL },
		     { "", 0, NULL },          { "TXTT", 0, NULL } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		enum dns_type type = 0;
		char text[DNS_TYPE_TEXT_MAX];
		ROW_ASSERT(rows[i].word, dns_type_from(span_of(rows[i].word), &type) == (rows[i].number != 0));
		ROW_ASSERT(rows[i].word, (unsigned)type == rows[i].number);
		if (rows[i].number)
			ROW_ASSERT_STRING(rows[i].word, dns_type_name(type, text), rows[i].name);
	}
}

static void states_are_written_and_read_back(void **state)
{
	for (enum dns_state v = DNS_ANSWERED; v <= DNS_MISSED; v++) {
		enum dns_state back;
		assert_true(dns_state_from(span_of(dns_state_name(v)), &back) && back == v);
	}
	for (enum dns_security v = DNS_INSECURE; v <= DNS_BOGUS; v++) {
		enum dns_security back;
		assert_true(dns_security_from(span_of(dns_security_name(v)), &back) && back == v);
	}
	enum dns_state none = DNS_MISSED;
	assert_false(dns_state_from(SPAN_LIT("unknown"), &none));
	assert_int_equal(none, DNS_MISSED);
}

static void a_copy_shares_nothing(void **state)
{
	struct error err = ERROR_INIT;
	struct dns_answer answer = { .state = DNS_ANSWERED, .ttl = 300, .canonical = strdup("b.example") }, copy;
	size_t cap = 0;
	assert_int_equal(dns_answer_add(&answer, &cap, "\3abc", 4, &err), 0);
	assert_int_equal(dns_answer_add(&answer, &cap, NULL, 0, &err), 0);
	assert_int_equal(dns_answer_set_packet(&answer, "\0\1packet", 8, &err), 0);
	assert_int_equal(dns_answer_copy(&answer, &copy, &err), 0);
	dns_answer_fini(&answer);
	assert_int_equal(answer.count, 0);
	assert_int_equal(copy.count, 2);
	assert_memory_equal(copy.records[0].rdata, "\3abc", 4);
	assert_int_equal(copy.records[1].len, 0);
	assert_int_equal(copy.ttl, 300);
	assert_string_equal(copy.canonical, "b.example");
	assert_int_equal(copy.packet_len, 8);
	assert_memory_equal(copy.packet, "\0\1packet", 8);
	dns_answer_fini(&copy);
	assert_null(copy.packet);
	assert_int_equal(dns_answer_set_packet(&copy, NULL, 0, &err), 0);
	assert_null(copy.packet);
	dns_answer_fini(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_have_names_and_numbers),
		cmocka_unit_test(states_are_written_and_read_back),
		cmocka_unit_test(a_copy_shares_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
