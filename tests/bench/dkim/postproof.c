/* DKIM verification by postproof: the header block is read anew for every message, the key is in memory. */
#include "harness/auth/dkim.h"
#include "tests/bench/dkim/rate.h"
#include "tests/unit/txt_resolver.h"

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
	struct rate_input in = rate_arguments(argc, argv);
	struct txt_resolver resolver;
	struct error err = ERROR_INIT;
	struct context c = { .message = { in.message, in.message_len }, .resolver = &resolver.base };
	txt_resolver_init(&resolver);
	txt_resolver_add(&resolver, "bench._domainkey.example.org", in.record);
	if (dkim_keys_new(&c.keys, &err) < 0)
		return 1;
	return rate_measure(verify, &c, in.seconds);
}
