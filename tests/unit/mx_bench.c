/* A bench for checks of servers. */
#include "tests/unit/mx_bench.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/posture/engine/check.h"
#include "harness/base/buf.h"
#include "harness/dns/resolver_zone.h"
#include "harness/posture/mx/tlsa.h"
#include "tests/unit/dns_words.h"
#include "tests/unit/unit.h"

enum { ZONE_MAX = 1 << 16, TIMEOUT_MS = 20000, TRIES = 50, FILLERS = 4, DAY_MS = 86400000, GRACE_MS = 1500 };

static const char zone_text[] = "example.test. 300 IN MX 10 mx1.example.test.\n"
				"example.test. 300 IN MX 20 mx2.example.test.\n"
				"mx1.example.test. 300 IN A 127.0.0.1\n"
				"mx1.example.test. 300 IN AAAA ::1\n"
				"mx2.example.test. 300 IN A 127.0.0.2\n"
				"mx2.example.test. 300 IN AAAA ::1\n"
				"_25._tcp.mx1.example.test. 300 IN TLSA %s\n"
				"_25._tcp.mx2.example.test. 300 IN TLSA %s\n"
				"_mta-sts.example.test. 300 IN TXT \"v=STSv1; id=20261126\"\n"
				"mta-sts.example.test. 300 IN A 127.0.0.1\n"
				"_smtp._tls.example.test. 300 IN TXT \"v=TLSRPTv1; rua=mailto:tls@example.test\"\n"
				"other.test. 300 IN MX 10 mx2.example.test.\n";

static const struct test_cert good_cert = { .names = "DNS:mx1.example.test,DNS:mx2.example.test",
					    .from_s = -86400,
					    .to_s = 60L * 86400 };
static const struct test_cert good_policy_cert = { .names = "DNS:mta-sts.example.test" };
static const char good_response[] = MX_POLICY_HEADER("200 OK", "text/plain") MX_POLICY;

/* --- the DNS ----------------------------------------------------------------------------------------------------- */

struct bench_dns {
	struct resolver base;
	struct resolver *zone;
	const struct mx_fault *fault;
	int delay_ms;
};

static bool is(const char *name, const struct dns_question *question)
{
	return name && strcmp(question->name, name) == 0;
}

static void behave(const struct mx_fault *fault, const struct dns_question *question, struct dns_answer *answer)
{
	bool bogus = is(fault->bogus, question);
	if (is(fault->failed, question) || bogus) {
		dns_answer_fini(answer);
		*answer = (struct dns_answer){ .state = DNS_FAILED, .detail = strdup("no server answered in time") };
		assert_non_null(answer->detail);
		answer->security = bogus ? DNS_BOGUS : DNS_INSECURE;
		return;
	}
	answer->at_ms = 1;
	if (!fault->blind && !is(fault->unsigned_name, question))
		answer->security = DNS_SECURE;
}

static int ask(struct resolver *self, const struct dns_question *questions, size_t count,
	       struct dns_answer *ret_answers, struct error *err)
{
	const struct bench_dns *dns = (struct bench_dns *)self;
	poll(NULL, 0, dns->delay_ms);
	if (resolver_ask_many(dns->zone, questions, count, ret_answers, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		behave(dns->fault, &questions[i], &ret_answers[i]);
	return 0;
}

static void make_zone(const struct mx_fault *fault, const char *tlsa, struct buf *out)
{
	_cleanup_(buf_fini) struct buf all = BUF_INIT(ZONE_MAX);
	bool found = !fault->out;
	buf_addf(&all, zone_text, tlsa, tlsa);
	struct span rest = buf_span(&all), line;
	while (span_next(&rest, '\n', &line)) {
		bool taken_out = fault->out && span_starts(line, span_of(fault->out));
		found = found || taken_out;
		if (!taken_out)
			buf_addf(out, "%.*s\n", SPAN_ARG(line));
	}
	if (!found)
		fail_msg("%s: no line begins with %s", fault->label, fault->out);
	buf_addf(out, "%s\n", fault->in ? fault->in : "");
	assert_false(out->failed);
}

/* --- servers ------------------------------------------------------------------------------------------------------ */

struct policy_host {
	SSL_CTX *tls;
	const char *response;
	bool drips;
};

static void serve_policy(struct test_peer *peer)
{
	const struct policy_host *host = peer->user;
	char line[300];
	if (!peer_start_tls(peer, host->tls))
		return;
	while (peer_read_line(peer, line, sizeof(line)) && line[0])
		continue;
	for (size_t i = 0; host->drips && peer_send_octets(peer, &host->response[i % 10], 1); i++)
		usleep(100000);
	peer_send(peer, host->response);
	SSL_shutdown(peer->ssl);
}

/* A port on which connections are never answered: its queue is full. */
struct blackhole {
	int listener, fillers[FILLERS];
};

static void blackhole_open(struct blackhole *hole, uint16_t port)
{
	const struct sockaddr_in address = { .sin_family = AF_INET,
					     .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
					     .sin_port = htons(port) };
	hole->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(hole->listener, (const void *)&address, sizeof(address)), 0);
	assert_int_equal(listen(hole->listener, 0), 0);
	for (size_t i = 0; i < FILLERS; i++) {
		hole->fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		connect(hole->fillers[i], (const void *)&address, sizeof(address));
	}
	poll(NULL, 0, 20);
}

static void blackhole_close(struct blackhole *hole)
{
	for (size_t i = 0; i < FILLERS; i++)
		close(hole->fillers[i]);
	close(hole->listener);
}

struct scene {
	const struct mx_fault *fault;
	struct test_ca *ca;
	SSL_CTX *tls, *faulty;
	struct smtp_server *mx1, *mx2, *both; /* at 127.0.0.1, 127.0.0.2, ::1 */
	struct blackhole hole;
	struct policy_host policy;
	struct test_server *policy_server;
	int port;
	char tlsa[200], faulty_tlsa[200]; /* records of both certificates */
};

static bool start_others(struct scene *s, int delay_ms)
{
	struct smtp_server_params params = { .tls = s->tls, .no_auth = true, .port = s->port, .delay_ms = delay_ms };
	if (s->fault->everywhere)
		memcpy(params.rules, s->fault->rules, sizeof(s->fault->rules));
	params.address = "127.0.0.2";
	s->mx2 = smtp_server_start(&params);
	params.address = NULL;
	params.ipv6 = true;
	s->both = s->mx2 ? smtp_server_start(&params) : NULL;
	if (s->mx2 && !s->both)
		smtp_server_stop(s->mx2);
	return s->both;
}

static void start_servers(struct scene *s, int delay_ms)
{
	const struct mx_fault *f = s->fault;
	struct smtp_server_params params = { .tls = f->no_tls ? NULL : s->faulty,
					     .no_auth = true,
					     .delay_ms = delay_ms };
	memcpy(params.rules, f->rules, sizeof(f->rules));
	for (int i = 0; i < TRIES; i++) {
		s->mx1 = smtp_server_start(&params);
		s->port = smtp_server_port(s->mx1);
		if (start_others(s, delay_ms))
			break;
		smtp_server_stop(s->mx1);
		s->mx1 = NULL;
	}
	if (!s->mx1)
		fail_msg("no port is free on every address");
	if (f->down || f->blackhole)
		smtp_server_stop(s->mx1);
	if (f->down && f->everywhere) {
		smtp_server_stop(s->mx2);
		smtp_server_stop(s->both);
	}
	if (f->blackhole)
		blackhole_open(&s->hole, (uint16_t)s->port);
}

static void make_record(SSL_CTX *of, char *out, size_t size)
{
	struct tls_certificate certificate = { 0 };
	struct buf record = BUF_INIT(size);
	certificate.len = (size_t)i2d_X509(SSL_CTX_get0_certificate(of), &certificate.der);
	assert_true(tlsa_add_record(&certificate, &record));
	snprintf(out, size, "%s", buf_str(&record));
	buf_fini(&record);
	OPENSSL_free(certificate.der);
}

static void scene_begin(struct scene *s, const struct mx_fault *fault, int delay_ms)
{
	*s = (struct scene){ .fault = fault, .ca = test_ca_new() };
	s->tls = test_ca_context(s->ca, &good_cert, 0);
	s->faulty = s->tls;
	if (fault->cert || fault->max_version)
		s->faulty = test_ca_context(s->ca, fault->cert ? fault->cert : &good_cert, fault->max_version);
	make_record(s->tls, s->tlsa, sizeof(s->tlsa));
	make_record(s->faulty, s->faulty_tlsa, sizeof(s->faulty_tlsa));
	s->policy = (struct policy_host){ .tls = test_ca_context(
					      s->ca, fault->policy_cert ? fault->policy_cert : &good_policy_cert, 0),
					  .response = fault->response ? fault->response : good_response,
					  .drips = fault->drips };
	s->policy_server = test_server_new(false, serve_policy, &s->policy);
	start_servers(s, delay_ms);
}

static void scene_end(struct scene *s)
{
	if (s->fault->blackhole)
		blackhole_close(&s->hole);
	else if (!s->fault->down)
		smtp_server_stop(s->mx1);
	if (!s->fault->down || !s->fault->everywhere) {
		smtp_server_stop(s->mx2);
		smtp_server_stop(s->both);
	}
	test_server_free(s->policy_server);
	if (s->faulty != s->tls)
		SSL_CTX_free(s->faulty);
	SSL_CTX_free(s->tls);
	SSL_CTX_free(s->policy.tls);
	test_ca_free(s->ca);
}

/* --- looking ------------------------------------------------------------------------------------------------------ */

static void look(const struct mx_fault *fault, int delay_ms, struct findings *ret, struct posture_cost *ret_cost)
{
	static const struct resolver_ops ops = { ask, NULL };
	struct bench_dns dns = { .base = { &ops }, .fault = fault, .delay_ms = delay_ms };
	_cleanup_(buf_fini) struct buf text = BUF_INIT(ZONE_MAX);
	struct error err = ERROR_INIT;
	struct scene s;
	scene_begin(&s, fault, delay_ms);
	make_zone(fault, s.tlsa, &text);
	/* What is wrong with the certificate is nothing to DANE. */
	if (s.faulty != s.tls)
		buf_addf(&text, "_25._tcp.mx1.example.test. 300 IN TLSA %s\n", s.faulty_tlsa);
	struct zone *zone = zone_of(buf_str(&text));
	assert_int_equal(resolver_zone_new(zone, NULL, &dns.zone, &err), 0);
	char id[] = "mta-sts.id", subject[] = "example.test", mend[] = "";
	struct finding before = { id,
				  subject,
				  FINDING_GOOD,
				  (char *)(uintptr_t)fault->previous,
				  mend,
				  1,
				  (char *)(uintptr_t)fault->seen_version,
				  (char *)(uintptr_t)fault->seen_sha256 };
	const struct findings previous = { &before, 1, 1 };
	const struct posture_params params = { .domain = "example.test",
					       .from_address = fault->from_address ? fault->from_address
										   : "hello@example.test",
					       .reply_to = fault->reply_to ? fault->reply_to : "replies@example.test",
					       .ca_file = test_ca_file(s.ca),
					       .helo = "probe.test",
					       .mx_port = (uint16_t)s.port,
					       .policy_port = test_server_port(s.policy_server),
					       .resolver = &dns.base,
					       .now_ms = clock_wall_ms() + (int64_t)fault->days * DAY_MS,
					       .timeout_ms = fault->timeout_ms ? fault->timeout_ms : TIMEOUT_MS,
					       .previous = fault->previous ? &previous : NULL };
	if (check_run(check_entries, check_entry_count, &params, ret, ret_cost, &err) < 0)
		fail_msg("%s: %s", fault->label, err.text);
	resolver_free(dns.zone);
	zone_free(zone);
	scene_end(&s);
}

static const struct finding *find(const struct findings *findings, const struct finding *as)
{
	for (size_t i = 0; i < findings->count; i++)
		if (strcmp(findings->v[i].id, as->id) == 0 && strcmp(findings->v[i].subject, as->subject) == 0)
			return &findings->v[i];
	return NULL;
}

static void add_change(struct buf *out, const struct finding *f, const char *how)
{
	buf_addf(out, "%s%s %s %s", out->len ? ", " : "", f->id, f->subject, how);
}

/* What is not good now, then what is not there any more; *ret_first is the first of the first. */
static void compare(const struct findings *good, const struct findings *now, struct buf *out,
		    const struct finding **ret_first)
{
	for (size_t i = 0; i < now->count; i++)
		if (now->v[i].state != FINDING_GOOD) {
			*ret_first = *ret_first ? *ret_first : &now->v[i];
			add_change(out, &now->v[i], finding_state_name(now->v[i].state));
		}
	for (size_t i = 0; i < good->count; i++)
		if (!find(now, &good->v[i]))
			add_change(out, &good->v[i], "gone");
}

/* Adds what is not as it should be. */
static void judge(const struct mx_fault *fault, const struct findings *good, const struct findings *now,
		  struct buf *wrong)
{
	_cleanup_(buf_fini) struct buf changed = BUF_INIT(ZONE_MAX);
	const struct finding *first = NULL;
	compare(good, now, &changed, &first);
	if (strcmp(buf_str(&changed), fault->changed) != 0)
		buf_addf(wrong, "%s: \"%s\" instead of \"%s\"\n", fault->label, buf_str(&changed), fault->changed);
	if (first && fault->evidence && !strstr(first->evidence, fault->evidence))
		buf_addf(wrong, "%s: evidence is \"%s\"\n", fault->label, first->evidence);
	if (first && fault->mend && !strstr(first->mend, fault->mend))
		buf_addf(wrong, "%s: mend is \"%s\"\n", fault->label, first->mend);
	for (size_t i = 0; i < now->count; i++)
		if (now->v[i].state == (now->v[i].mend[0] ? FINDING_GOOD : FINDING_BAD))
			buf_addf(wrong, "%s: mend of %s is \"%s\"\n", fault->label, now->v[i].id, now->v[i].mend);
}

static void try_fault(const struct mx_fault *fault, const struct findings *good, struct buf *wrong)
{
	int64_t timeout_ms = fault->timeout_ms ? fault->timeout_ms : TIMEOUT_MS;
	struct posture_cost cost;
	struct findings now = { 0 };
	look(fault, 0, &now, &cost);
	judge(fault, good, &now, wrong);
	if (cost.took_ms > timeout_ms + GRACE_MS)
		buf_addf(wrong, "%s: took %lld ms\n", fault->label, (long long)cost.took_ms);
	findings_fini(&now);
}

bool mx_bench_possible(void)
{
	struct test_server *server = test_server_new(true, peer_wait_for_end, NULL);
	if (server)
		test_server_free(server);
	return server != NULL;
}

void mx_bench_good(struct findings *ret, struct posture_cost *ret_cost, int delay_ms)
{
	static const struct mx_fault none = { .label = "good" };
	look(&none, delay_ms, ret, ret_cost);
	for (size_t i = 0; i < ret->count; i++)
		if (ret->v[i].state != FINDING_GOOD)
			fail_msg("%s %s: %s", ret->v[i].id, ret->v[i].subject, ret->v[i].evidence);
}

void mx_bench_faults(const struct mx_fault *faults, size_t count)
{
	struct findings good = { 0 };
	struct posture_cost cost;
	mx_bench_good(&good, &cost, 0);
	_cleanup_(buf_fini) struct buf wrong = BUF_INIT(ZONE_MAX);
	for (size_t i = 0; i < count; i++)
		try_fault(&faults[i], &good, &wrong);
	findings_fini(&good);
	fputs(buf_str(&wrong), stdout); /* print_message cuts */
	assert_int_equal(wrong.len, 0);
}
