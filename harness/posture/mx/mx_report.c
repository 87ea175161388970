/* Findings about MX hosts as servers: reachable, TLS, certificate. */
#include "harness/posture/mx/mx_report.h"

#include <errno.h>

enum { EVIDENCE_MAX = 3000, DAY_MS = 24 * 3600 * 1000, EXPIRY_DAYS = 14 };

/* --- several visits to one finding ------------------------------------------------------------------------------ */

static void add_evidence(struct buf *evidence, const struct mx_visit *visit, const char *words)
{
	char address[IP_TEXT_MAX];
	check_enumerate(evidence, "; ", "%s: %s", ip_format(visit->ip, address), words);
}

enum mx_seen mx_see(const struct mx_visits *visits, const struct mx_host *host, mx_test *test, struct buf *evidence)
{
	enum mx_seen worst = MX_NOTHING;
	for (size_t i = 0; i < visits->count; i++) {
		const struct mx_visit *visit = &visits->v[i];
		_cleanup_(buf_fini) struct buf words = BUF_INIT(EVIDENCE_MAX);
		enum mx_seen seen = visit->host == host ? test(visits, visit, &words) : MX_NOTHING;
		if (seen == MX_NOTHING || seen < worst)
			continue;
		if (seen > worst)
			buf_clear(evidence);
		worst = seen;
		add_evidence(evidence, visit, buf_str(&words));
	}
	return worst;
}

void mx_add_errors(const struct mx_visits *visits, const struct mx_host *host, struct buf *evidence)
{
	for (size_t i = 0; i < visits->count; i++) {
		const struct mx_visit *visit = &visits->v[i];
		const struct error *why = visit->error.kind != ERROR_NONE ? &visit->error : &visit->tls_error;
		if (visit->host == host && why->kind != ERROR_NONE)
			add_evidence(evidence, visit, why->text);
	}
	if (host->address_count == 0)
		buf_add_str(evidence, "no address is known");
}

void mx_report(const struct mx_visits *visits, const struct mx_host *host, const char *id, enum mx_seen seen,
	       const char *mend, const struct buf *evidence)
{
	if (seen == MX_OPEN)
		check_open(visits->check, id, host->name, "%s", check_text(visits->check, evidence));
	else if (seen != MX_NOTHING)
		check_that(visits->check, seen == MX_GOOD, id, host->name, mend, "%s",
			   check_text(visits->check, evidence));
}

/* --- reachable -------------------------------------------------------------------------------------------------- */

/* Only an answer that says no by itself is bad. Silence, and no way to there, may be a matter of this machine and of
 * its network, many of which let nobody out on port 25; and so may a greeting that is a refusal. */
static enum mx_seen test_reachable(const struct mx_visits *visits, const struct mx_visit *visit, struct buf *words)
{
	buf_add_str(words, visit->greeting.code ? visit->greeting.text : visit->error.text);
	if (visit->greeting.code)
		return visit->greeting.code == 220 ? MX_GOOD : MX_OPEN;
	bool refused = visit->error.kind == ERROR_NETWORK && visit->error.code == ECONNREFUSED;
	return refused || visit->error.kind == ERROR_PROTOCOL ? MX_BAD : MX_OPEN;
}

bool mx_nobody_there(const struct mx_visits *visits, const struct mx_host *host)
{
	size_t found = 0;
	for (size_t i = 0; i < visits->count; i++) {
		_cleanup_(buf_fini) struct buf words = BUF_INIT(EVIDENCE_MAX);
		if (visits->v[i].host != host)
			continue;
		if (test_reachable(visits, &visits->v[i], &words) != MX_BAD)
			return false;
		found++;
	}
	return found > 0;
}

static enum mx_seen test_ipv4(const struct mx_visits *visits, const struct mx_visit *visit, struct buf *words)
{
	return visit->ip->v6 ? MX_NOTHING : test_reachable(visits, visit, words);
}

static enum mx_seen test_ipv6(const struct mx_visits *visits, const struct mx_visit *visit, struct buf *words)
{
	return visit->ip->v6 ? test_reachable(visits, visit, words) : MX_NOTHING;
}

static void report_family(const struct mx_visits *visits, const struct mx_host *host, const char *id, mx_test *test,
			  const char *type, const struct dns_answer *answer)
{
	_cleanup_(buf_fini) struct buf evidence = BUF_INIT(EVIDENCE_MAX), mend = BUF_INIT(EVIDENCE_MAX);
	char why[200];
	if (answer->state != DNS_ANSWERED) {
		check_open(visits->check, id, host->name, "%s: %s", type, dns_answer_words(answer, why, sizeof(why)));
	} else if (answer->count == 0) {
		buf_addf(&mend, "give the server such an address and publish it: %s. 3600 IN %s ADDRESS", host->name,
			 type);
		check_bad(visits->check, id, host->name, check_text(visits->check, &mend), "no %s record", type);
	} else {
		enum mx_seen seen = mx_see(visits, host, test, &evidence);
		mx_report(
		    visits, host, id, seen,
		    "let an SMTP server listen on port 25 of every address of the host, or take the address out of "
		    "the DNS",
		    &evidence);
	}
}

/* --- TLS -------------------------------------------------------------------------------------------------------- */

enum mx_seen mx_test_starttls(const struct mx_visits *visits, const struct mx_visit *visit, struct buf *words)
{
	if (!visit->hello)
		return MX_NOTHING;
	if (visit->handshake) {
		buf_addf(words, "%s, %s", visit->tls.facts.version, visit->tls.facts.cipher);
		return MX_GOOD;
	}
	if (!visit->offers_starttls) {
		buf_add_str(words, "the server does not offer STARTTLS");
		return MX_BAD;
	}
	if (visit->tls_error.kind != ERROR_NONE) {
		buf_addf(words, "STARTTLS is offered, but %s", visit->tls_error.text);
		return visit->tls_error.kind == ERROR_TLS || visit->tls_error.kind == ERROR_PROTOCOL ? MX_BAD : MX_OPEN;
	}
	buf_addf(words, "STARTTLS is offered, but answered by %s", visit->starttls.text);
	return visit->starttls.code >= 500 ? MX_BAD : MX_OPEN;
}

static enum mx_seen test_version(const struct mx_visits *visits, const struct mx_visit *visit, struct buf *words)
{
	const char *version = visit->tls.facts.version;
	if (!visit->handshake)
		return MX_NOTHING;
	buf_add_str(words, version);
	return span_is(span_of(version), "TLSv1.2") || span_is(span_of(version), "TLSv1.3") ? MX_GOOD : MX_BAD;
}

static enum mx_seen test_certificate(const struct mx_visits *visits, const struct mx_visit *visit, struct buf *words)
{
	const struct tls_inspection *tls = &visit->tls;
	if (!visit->handshake)
		return MX_NOTHING;
	if (tls->refusal.kind != ERROR_NONE) {
		buf_add_str(words, tls->refusal.text);
		return MX_BAD;
	}
	buf_addf(words, "for %s, issued by %s", tls->names, tls->facts.issuer);
	return MX_GOOD;
}

static enum mx_seen test_expiry(const struct mx_visits *visits, const struct mx_visit *visit, struct buf *words)
{
	int64_t not_after_ms = visit->tls.facts.not_after_ms;
	int64_t left_ms = not_after_ms - check_params(visits->check)->now_ms;
	char time[TIME_TEXT_MAX];
	if (!visit->handshake)
		return MX_NOTHING;
	time_rfc3339(not_after_ms, time);
	buf_addf(words, left_ms < 0 ? "expired on %.10s" : "valid until %.10s, for %lld days", time,
		 (long long)(left_ms / DAY_MS));
	return left_ms >= (int64_t)EXPIRY_DAYS * DAY_MS ? MX_GOOD : MX_BAD;
}

static const struct {
	const char *id;
	mx_test *test;
	const char *mend;
} matters[] = {
	{ "mx.tls12", test_version, "allow TLS 1.2 and 1.3 on the server, and nothing older" },
	{ "mx.certificate", test_certificate,
	  "give the server a certificate for this very host name, with every certificate between it and the authority, "
	  "from an authority that is publicly trusted" },
	{ "mx.certificate-expiry", test_expiry,
	  "renew the certificate, and let it be renewed by itself a month before its end" },
};

static void report_tls(const struct mx_visits *visits, const struct mx_host *host)
{
	_cleanup_(buf_fini) struct buf evidence = BUF_INIT(EVIDENCE_MAX), errors = BUF_INIT(EVIDENCE_MAX);
	enum mx_seen starttls = mx_see(visits, host, mx_test_starttls, &evidence);
	mx_add_errors(visits, host, &errors);
	mx_report(visits, host, "mx.starttls", starttls != MX_NOTHING ? starttls : MX_OPEN,
		  "configure STARTTLS on the server (RFC 3207), with a certificate and TLS 1.2 and 1.3",
		  starttls != MX_NOTHING ? &evidence : &errors);
	for (size_t i = 0; i < ARRAY_LEN(matters); i++) {
		buf_clear(&evidence);
		enum mx_seen seen = mx_see(visits, host, matters[i].test, &evidence);
		if (seen != MX_NOTHING)
			mx_report(visits, host, matters[i].id, seen, matters[i].mend, &evidence);
		else if (starttls != MX_BAD) /* which is a finding of its own */
			mx_report(visits, host, matters[i].id, MX_OPEN, NULL, &errors);
	}
}

void mx_report_servers(const struct mx_visits *visits)
{
	for (size_t i = 0; i < visits->route->host_count; i++) {
		const struct mx_host *host = &visits->route->hosts[i];
		if (mx_host_is_absent(host))
			continue; /* which is a finding of its own */
		report_family(visits, host, "mx.ipv4", test_ipv4, "A", &host->a);
		report_family(visits, host, "mx.ipv6", test_ipv6, "AAAA", &host->aaaa);
		if (!mx_nobody_there(visits, host))
			report_tls(visits, host);
	}
}
