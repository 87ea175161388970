/* DKIM verification by postproof: dkim_postproof SECONDS MESSAGE KEY-RECORD. The header block is read anew for every
 * message, the key is in memory. */
#include "harness/auth/dkim.h"
#include "tests/bench/peers/rate.h"
#include "tests/unit/fake_dns.h"

struct context {
	struct span message;
	struct resolver *resolver;
	struct dkim_keys *keys;
};

static bool verify(void *context)
{
	const struct context *c = context;
	struct error err = ERROR_INIT;
	struct dkim_evaluation e;
	struct header h;
	if (header_parse(&h, c->message, &err) < 0)
		return false;
	const struct auth_message message = { &h, span_sub(c->message, h.body_offset, SIZE_MAX), false };
	if (dkim_evaluate(&message, 1700000000000, c->resolver, c->keys, &e, &err) < 0)
		return false;
	bool good = e.result == AUTH_PASS;
	dkim_evaluation_fini(&e);
	header_fini(&h);
	return good;
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	struct fake_dns *dns = fake_dns_new();
	struct context c = { .resolver = &dns->base };
	size_t len;
	if (argc != 4 || dkim_keys_new(&c.keys, &err) < 0)
		return 3;
	c.message.p = rate_file(argv[2], &c.message.len);
	const char *record = rate_file(argv[3], &len);
	fake_dns_add(dns, SPAN_LIT("bench._domainkey.example.org"), DNS_TXT, span_make(record, len));
	return rate_measure(verify, &c, strtod(argv[1], NULL));
}
