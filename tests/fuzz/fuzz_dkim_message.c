/* Whole verification: the first line is the key record, the rest the message. Every signature has a result with a
 * reason, and both forms of the body are those of a second, octet by octet canonicalisation. */
#include <string.h>

#include "harness/auth/dkim.h"
#include "harness/auth/dkim_canon.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/line_resolver.h"
#include "tests/unit/dkim_signer.h"

static void check_canon(enum dkim_canon canon, struct span body)
{
	static struct dkim_hash hash;
	_cleanup_(buf_fini) struct buf crlf = BUF_INIT(2 * body.len + 1), naive = BUF_INIT(2 * body.len + 2);
	unsigned char one[DKIM_DIGEST_LEN], two[DKIM_DIGEST_LEN];
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < body.len; i++) {
		if (body.p[i] == '\n' && (i == 0 || body.p[i - 1] != '\r'))
			buf_add_char(&crlf, '\r');
		buf_add_char(&crlf, body.p[i]);
	}
	naive_body(canon, buf_span(&crlf), &naive);
	CHECK(!crlf.failed && !naive.failed);
	CHECK(hash.md || dkim_hash_init(&hash, &err) == 0);
	dkim_hash_start(&hash, UINT64_MAX);
	dkim_canon_body(&hash, canon, body);
	CHECK(dkim_hash_finish(&hash, one, &err) == 0);
	dkim_hash_start(&hash, UINT64_MAX);
	dkim_hash_add(&hash, buf_span(&naive));
	CHECK(dkim_hash_finish(&hash, two, &err) == 0);
	CHECK(memcmp(one, two, sizeof(one)) == 0);
}

static void check_evaluation(const struct auth_message *message, struct resolver *resolver)
{
	struct error err = ERROR_INIT;
	struct dkim_evaluation e;
	CHECK(dkim_evaluate(message, 1700000000000, resolver, NULL, &e, &err) == 0);
	CHECK(e.count <= DKIM_SIGNATURES_MAX && (e.count > 0) == (e.result != AUTH_NONE));
	for (size_t i = 0; i < e.count; i++) {
		const struct dkim_signature *s = &e.signatures[i];
		CHECK(s->reason && s->result != AUTH_NOT_REPORTED && s->result != AUTH_NONE);
		CHECK(s->result != AUTH_PASS || (s->domain && s->key_bits > 0 && e.result == AUTH_PASS));
	}
	dkim_evaluation_fini(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct line_resolver resolver;
	struct error err = ERROR_INIT;
	struct header h;
	struct span octets = line_resolver_init(&resolver, span_make((const char *)data, size));
	CHECK(header_parse(&h, octets, &err) == 0);
	struct auth_message message = { &h, span_sub(octets, h.body_offset, SIZE_MAX), false };
	check_evaluation(&message, &resolver.base);
	message.truncated = true;
	check_evaluation(&message, &resolver.base);
	check_canon(DKIM_SIMPLE, message.body);
	check_canon(DKIM_RELAXED, message.body);
	header_fini(&h);
	return 0;
}
