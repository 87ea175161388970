/* Zones and answers in words. */
#include "tests/unit/dns_words.h"

#include <stdlib.h>

#include "harness/dns/rdata.h"

static void must(bool well, const struct error *err)
{
	if (well)
		return;
	fprintf(stderr, "%s\n", err->text);
	abort();
}

struct zone *zone_of(const char *text)
{
	struct error err = ERROR_INIT;
	struct zone *zone = NULL;
	must(zone_new(&zone, &err) == 0, &err);
	must(zone_parse(zone, span_of(text), "zone", &err) == 0, &err);
	return zone;
}

void answer_words(const struct dns_answer *answer, enum dns_type type, struct buf *out)
{
	static const char *const rcodes[] = { [DNS_NOERROR] = "NOERROR",
					      [DNS_SERVFAIL] = "SERVFAIL",
					      [DNS_NXDOMAIN] = "NXDOMAIN",
					      [DNS_REFUSED] = "REFUSED" };
	buf_add_str(out, rcodes[answer->rcode]);
	if (answer->state != DNS_ANSWERED)
		buf_addf(out, " %s", dns_state_name(answer->state));
	buf_addf(out, " %u%s", answer->ttl, answer->ttl_remaining ? " remaining" : "");
	if (answer->canonical)
		buf_addf(out, " -> %s", answer->canonical);
	for (size_t i = 0; i < answer->count; i++) {
		buf_add_str(out, i ? " | " : " ");
		rdata_add_text(type, &answer->records[i], out);
	}
	if (answer->security != DNS_INSECURE)
		buf_addf(out, " %s", dns_security_name(answer->security));
	if (answer->detail)
		buf_addf(out, ": %s", answer->detail);
}

const char *ask_words(struct resolver *resolver, const char *question, struct buf *out)
{
	struct error err = ERROR_INIT;
	struct dns_answer answer = { 0 };
	enum dns_type type = 0;
	char name[DNS_NAME_TEXT_MAX + 1];
	const char *space = strrchr(question, ' ');
	must(space && dns_type_from(span_of(space + 1), &type), &err);
	span_copy(span_make(question, (size_t)(space - question)), name, sizeof(name));
	must(resolver_ask(resolver, name, type, &answer, &err) == 0, &err);
	buf_clear(out);
	answer_words(&answer, type, out);
	dns_answer_fini(&answer);
	return buf_str(out);
}
