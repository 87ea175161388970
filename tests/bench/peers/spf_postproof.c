/* SPF evaluation by postproof: spf_postproof SECONDS ZONE. The zone has lines `name TYPE value`. */
#include "harness/auth/spf.h"
#include "tests/bench/peers/rate.h"
#include "tests/unit/fake_dns.h"

struct context {
	struct spf_request request;
	struct resolver *resolver;
};

static bool evaluate(void *context)
{
	const struct context *c = context;
	struct error err = ERROR_INIT;
	struct spf_evaluation e;
	if (spf_evaluate(&c->request, c->resolver, &e, &err) < 0)
		return false;
	bool good = e.result == AUTH_PASS;
	spf_evaluation_fini(&e);
	return good;
}

int main(int argc, char **argv)
{
	struct fake_dns *dns = fake_dns_new();
	struct context c = { .request = { .helo = SPAN_LIT("mail.example.org"),
					  .mail_from = SPAN_LIT("sender@example.org"),
					  .now_ms = 1700000000000 },
			     .resolver = &dns->base };
	size_t len;
	if (argc != 3 || !ip_parse(SPAN_LIT("192.0.2.10"), &c.request.client))
		return 3;
	fake_dns_add_lines(dns, rate_file(argv[2], &len));
	return rate_measure(evaluate, &c, strtod(argv[1], NULL));
}
