/* Zone files: every text is read or refused with its file and line; what was read can be asked, and what is answered
 * can be written and read back. */
#include "harness/base/compiler.h"
#include "harness/dns/name.h"
#include "harness/dns/rdata.h"
#include "harness/dns/resolver_zone.h"
#include "tests/fuzz/fuzz.h"

static void check_record(enum dns_type type, const struct dns_record *record)
{
	struct error err = ERROR_INIT;
	char word[DNS_TYPE_TEXT_MAX];
	_cleanup_(zone_free_p) struct zone *again = NULL;
	_cleanup_(buf_fini) struct buf text = BUF_INIT(1 << 20);
	size_t count = 0;
	buf_addf(&text, "a. 1 %s ", dns_type_name(type, word));
	CHECK(rdata_add_text(type, record, &text) == 0);
	CHECK(zone_new(&again, &err) == 0);
	CHECK(zone_parse(again, buf_span(&text), "again", &err) == 0 && zone_seal(again, &err) == 0);
	const struct zone_record *found = zone_find(again, "a", type, &count);
	CHECK(count == 1 && found->data.len == record->len);
}

static void ask(struct resolver *resolver, const char *name, enum dns_type type)
{
	struct error err = ERROR_INIT;
	struct dns_answer answer;
	CHECK(resolver_ask(resolver, name, type, &answer, &err) == 0);
	CHECK(answer.state != DNS_MISSED && (answer.count == 0 || answer.rcode == DNS_NOERROR));
	for (size_t i = 0; i < answer.count; i++)
		check_record(type, &answer.records[i]);
	dns_answer_fini(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum dns_type types[] = {
		DNS_A,    DNS_NS,  DNS_CNAME, DNS_SOA,  DNS_PTR, DNS_MX,  DNS_TXT,
		DNS_AAAA, DNS_SRV, DNS_DS,    DNS_TLSA, DNS_SPF, DNS_CAA, (enum dns_type)65280
	};
	struct error err = ERROR_INIT;
	_cleanup_(zone_free_p) struct zone *zone = NULL;
	_cleanup_(resolver_free_p) struct resolver *resolver = NULL;
	const struct span text = span_make((const char *)data, size);
	char name[DNS_NAME_TEXT_MAX];
	CHECK(zone_new(&zone, &err) == 0);
	if (zone_parse(zone, text, "file", &err) < 0) {
		CHECK(err.kind == ERROR_CONFIG || err.kind == ERROR_LIMIT);
		CHECK(strncmp(err.text, "file:", 5) == 0 && err.text[5] >= '1' && err.text[5] <= '9');
	}
	if (resolver_zone_new(zone, NULL, &resolver, &err) < 0) {
		CHECK(err.kind == ERROR_CONFIG);
		return 0;
	}
	ptrdiff_t blank = span_find_char(text, ' ', 0);
	if (!dns_name_make(span_sub(text, 0, blank < 0 ? size : (size_t)blank), name))
		memcpy(name, "a", 2);
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		ask(resolver, name, types[i]);
		ask(resolver, "a", types[i]);
		ask(resolver, "x.a.example", types[i]);
		ask(resolver, ".", types[i]);
	}
	return 0;
}
