/* Checks of records over a hostile zone: the input has one record a line, `name text`, whose text is a TXT record with
 * strings parted by `|`, an address after `@`, or `?` for an answer that fails. The domain is example.org. */
#include "harness/posture/engine/check.h"
#include "harness/base/buf.h"
#include "harness/dns/name.h"
#include "harness/posture/dkim/checks.h"
#include "harness/posture/dmarc/checks.h"
#include "harness/posture/records/checks.h"
#include "harness/posture/senders/checks.h"
#include "harness/posture/spf/checks.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/fake_dns.h"

enum { RECORDS_MAX = 24, STRINGS_MAX = 16, TEXT_MAX = 4000, QUESTIONS_MAX = 5000, TIMEOUT_MS = 60000 };

static const struct check_entry check_entries[] = {
	{ "spf", check_spf },   { "dkim", check_dkim }, { "dmarc", check_dmarc },
	{ "bimi", check_bimi }, { "ptr", check_ptr },   { "blocklist", check_blocklist },
};
static const size_t check_entry_count = ARRAY_LEN(check_entries);

static void add_txt(struct fake_dns *dns, struct span name, struct span text)
{
	struct span strings[STRINGS_MAX];
	size_t count = 0;
	while (count < STRINGS_MAX && span_next(&text, '|', &strings[count]))
		count++;
	fake_dns_add_txt(dns, name, strings, count);
}

static void add_record(struct fake_dns *dns, struct span name, struct span text)
{
	char made[DNS_NAME_TEXT_MAX];
	struct ip ip;
	if (!dns_name_make(name, made) || text.len > TEXT_MAX)
		return;
	if (span_is(text, "?"))
		fake_dns_state(dns, name, DNS_FAILED);
	else if (text.len > 0 && text.p[0] == '@' && ip_parse(span_sub(text, 1, SIZE_MAX), &ip))
		fake_dns_add(dns, name, ip.v6 ? DNS_AAAA : DNS_A, span_sub(text, 1, SIZE_MAX));
	else
		add_txt(dns, name, text);
}

static void check_findings(const struct findings *findings)
{
	CHECK(findings->count > 0);
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *f = &findings->v[i];
		CHECK(f->evidence[0]);
		CHECK((f->state == FINDING_BAD) == (f->mend[0] != '\0'));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const selectors[] = { "s1" }, *const lists[] = { "list.test" };
	static const struct posture_sender sender = { .ip = { .octets = { 192, 0, 2, 1 } }, .helo = "example.org" };
	struct span rest = span_make((const char *)data, size), line, name;
	struct fake_dns *dns = fake_dns_new();
	struct findings findings = { 0 };
	struct posture_cost cost;
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < RECORDS_MAX && span_next(&rest, '\n', &line); i++)
		if (span_next(&line, ' ', &name) && line.p)
			add_record(dns, name, line);
	const struct posture_params params = { .domain = "example.org",
					       .from_address = "a@example.org",
					       .envelope_domain = "bounce.example.org",
					       .selectors = selectors,
					       .selector_count = 1,
					       .senders = &sender,
					       .sender_count = 1,
					       .address_blocklists = lists,
					       .address_blocklist_count = 1,
					       .domain_blocklists = lists,
					       .domain_blocklist_count = 1,
					       .resolver = &dns->base,
					       .timeout_ms = TIMEOUT_MS };
	CHECK(check_run(check_entries, check_entry_count, &params, &findings, &cost, &err) == 0);
	check_findings(&findings);
	CHECK(cost.questions < QUESTIONS_MAX);
	findings_fini(&findings);
	resolver_free(&dns->base);
	return 0;
}
