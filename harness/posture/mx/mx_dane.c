/* DANE for SMTP (RFC 7672): which MX hosts have TLSA records, and whether the servers are who the records say. */
#include "harness/posture/mx/mx_report.h"
#include "harness/posture/mx/tlsa.h"

#include "harness/dns/rdata.h"

enum { EVIDENCE_MAX = 3000, RECORD_SHOWN = 24, RECORD_MAX = 200 };

/* The record that the host needs now, of the first certificate that was seen; false where none was. */
static bool add_needed(const struct mx_visits *visits, const struct mx_host *host, struct buf *out)
{
	for (size_t i = 0; i < visits->count; i++) {
		const struct mx_visit *visit = &visits->v[i];
		_cleanup_(buf_fini) struct buf record = BUF_INIT(RECORD_MAX);
		if (visit->host != host || visit->tls.chain_count == 0 ||
		    !tlsa_add_record(&visit->tls.chain[0], &record))
			continue;
		buf_addf(out, "_25._tcp.%s. 3600 IN TLSA %s", host->name, buf_str(&record));
		return true;
	}
	return false;
}

static void report_absent(const struct mx_visits *visits, const struct mx_host *host)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(EVIDENCE_MAX);
	buf_add_str(&mend, "publish, in a zone that is signed with DNSSEC: ");
	if (!add_needed(visits, host, &mend))
		buf_addf(&mend, "_25._tcp.%s. 3600 IN TLSA 3 1 1 and the SHA-256 hash of the server's public key",
			 host->name);
	check_bad(visits->check, "dane.present", host->name, check_text(visits->check, &mend),
		  "no TLSA record at _25._tcp.%s", host->name);
}

/* RFC 7672 sections 2.1 and 2.2: every answer on the way to the records must be secure. */
static enum finding_state find_unsigned(const struct mx_visits *visits, const struct mx_host *host,
					const char **ret_what, const char **ret_words)
{
	*ret_what = "the MX record is";
	enum finding_state state = mx_route_signed(visits->route, &visits->route->mx, ret_words);
	if (state != FINDING_GOOD)
		return state;
	*ret_what = "the address of the host is";
	state = mx_host_signed(visits->route, host, ret_words);
	if (state != FINDING_GOOD)
		return state;
	*ret_what = "the TLSA record is";
	return mx_route_signed(visits->route, &host->tlsa, ret_words);
}

/* Whether there are records that senders will look at. */
static bool report_present(const struct mx_visits *visits, const struct mx_host *host)
{
	const struct dns_answer *tlsa = &host->tlsa;
	const char *what, *words;
	char why[200];
	if (tlsa->state == DNS_ANSWERED && tlsa->count == 0) {
		report_absent(visits, host);
		return false;
	}
	if (tlsa->state != DNS_ANSWERED && tlsa->security != DNS_BOGUS) {
		check_open(visits->check, "dane.present", host->name, "TLSA: %s",
			   dns_answer_words(tlsa, why, sizeof(why)));
		check_open(visits->check, "dane.tlsa", host->name, "the TLSA records are not known");
		return false;
	}
	enum finding_state state = find_unsigned(visits, host, &what, &words);
	if (state == FINDING_OPEN) {
		check_open_until(visits->check, "dane.present", host->name, mx_route_signed_mend(visits->route, tlsa),
				 "TLSA records: %zu, but %s %s", tlsa->count, what, words);
		return true;
	}
	check_that(visits->check, state == FINDING_GOOD, "dane.present", host->name,
		   "sign with DNSSEC the zones of the domain, of the host and of its TLSA records: senders pass over "
		   "what is not signed, and hold back mail where a signature does not hold",
		   "TLSA records: %zu; %s %s", tlsa->count, what, words);
	return state == FINDING_GOOD;
}

static const char *result_words(enum tlsa_result result)
{
	switch (result) {
	case TLSA_MATCHES:
		return "matches";
	case TLSA_OTHER:
		return "is of another certificate: one that has been, or is to come";
	case TLSA_UNTRUSTED:
		return "is of an authority in the chain, but the chain does not hold or is not for this host";
	case TLSA_UNUSABLE:
		break;
	}
	return "is of a sort that senders pass over";
}

static enum tlsa_result match(const struct mx_visits *visits, const struct mx_visit *visit,
			      const struct dns_record *record)
{
	const struct tlsa_server server = { .chain = visit->tls.chain,
					    .chain_count = visit->tls.chain_count,
					    .host = visit->host->name,
					    .domain = visits->route->domain,
					    .now_ms = check_params(visits->check)->now_ms };
	struct tlsa tlsa;
	return tlsa_parse(record, &tlsa) ? tlsa_match(&tlsa, &server) : TLSA_UNUSABLE;
}

/* One record that matches is enough: others are there for a roll-over (RFC 7671 section 8.1). */
static enum mx_seen test_tlsa(const struct mx_visits *visits, const struct mx_visit *visit, struct buf *words)
{
	const struct dns_answer *tlsa = &visit->host->tlsa;
	bool matches = false;
	if (!visit->handshake)
		return MX_NOTHING;
	for (size_t i = 0; i < tlsa->count; i++) {
		enum tlsa_result result = match(visits, visit, &tlsa->records[i]);
		_cleanup_(buf_fini) struct buf text = BUF_INIT(2 * 65535 + 100);
		rdata_add_text(DNS_TLSA, &tlsa->records[i], &text);
		buf_addf(words, "%s%.*s... %s", i ? ", " : "", RECORD_SHOWN, buf_str(&text), result_words(result));
		matches = matches || result == TLSA_MATCHES;
	}
	return matches ? MX_GOOD : MX_BAD;
}

static void report_tlsa(const struct mx_visits *visits, const struct mx_host *host)
{
	_cleanup_(buf_fini) struct buf evidence = BUF_INIT(EVIDENCE_MAX), mend = BUF_INIT(EVIDENCE_MAX);
	_cleanup_(buf_fini) struct buf starttls = BUF_INIT(EVIDENCE_MAX);
	enum mx_seen seen = mx_see(visits, host, test_tlsa, &evidence);
	buf_add_str(&mend, "add, and take the other out once the server no longer uses its certificate: ");
	add_needed(visits, host, &mend);
	if (seen != MX_NOTHING) {
		mx_report(visits, host, "dane.tlsa", seen, buf_str(&mend), &evidence);
	} else if (mx_see(visits, host, mx_test_starttls, &starttls) != MX_BAD) {
		buf_add_str(&evidence, "no certificate was seen");
		mx_report(visits, host, "dane.tlsa", MX_OPEN, NULL, &evidence);
	}
}

void mx_report_dane(const struct mx_visits *visits)
{
	for (size_t i = 0; i < visits->route->host_count; i++) {
		const struct mx_host *host = &visits->route->hosts[i];
		if (!mx_host_is_absent(host) && report_present(visits, host) && !mx_nobody_there(visits, host))
			report_tlsa(visits, host);
	}
}
