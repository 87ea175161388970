/* Scenes of DKIM and ARC. */
#include "tests/unit/dkim_scene.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/unit.h"

void scene_init(struct scene *s)
{
	s->dns = fake_dns_new();
	buf_init(&s->message, 64 << 20);
	s->truncated = false;
	s->now_ms = SCENE_NOW_MS;
}

void scene_fini(struct scene *s)
{
	resolver_free(&s->dns->base);
	buf_fini(&s->message);
}

void scene_key(struct scene *s, const char *selector, const char *tags, enum signer_kind kind)
{
	_cleanup_(buf_fini) struct buf record = BUF_INIT(10000);
	char name[256];
	snprintf(name, sizeof(name), "%s._domainkey.example.org", selector);
	buf_addf(&record, "%sp=%s", tags, signer_public(kind));
	fake_dns_add(s->dns, span_of(name), DNS_TXT, buf_span(&record));
}

void scene_change(struct scene *s, const char *old, const char *new)
{
	_cleanup_(buf_fini) struct buf before = s->message;
	ptrdiff_t at = span_find(buf_span(&before), span_of(old), 0);
	assert_true(at >= 0);
	buf_init(&s->message, before.max);
	buf_add_span(&s->message, span_sub(buf_span(&before), 0, (size_t)at));
	buf_add_str(&s->message, new);
	buf_add_span(&s->message, span_sub(buf_span(&before), (size_t)at + strlen(old), SIZE_MAX));
}

void scene_dkim(struct scene *s, struct dkim_evaluation *ret)
{
	struct error err = ERROR_INIT;
	struct header h;
	assert_int_equal(header_parse(&h, buf_span(&s->message), &err), 0);
	const struct auth_message message = { &h, span_sub(buf_span(&s->message), h.body_offset, SIZE_MAX),
					      s->truncated };
	assert_int_equal(dkim_evaluate(&message, s->now_ms, &s->dns->base, NULL, ret, &err), 0);
	header_fini(&h);
}

void scene_arc(struct scene *s, struct arc_evaluation *ret)
{
	struct error err = ERROR_INIT;
	struct header h;
	assert_int_equal(header_parse(&h, buf_span(&s->message), &err), 0);
	const struct auth_message message = { &h, span_sub(buf_span(&s->message), h.body_offset, SIZE_MAX),
					      s->truncated };
	assert_int_equal(arc_evaluate(&message, s->now_ms, &s->dns->base, NULL, ret, &err), 0);
	header_fini(&h);
}

void scene_words(struct scene *s, struct buf *out)
{
	_cleanup_(dkim_evaluation_fini) struct dkim_evaluation e = { 0 };
	scene_dkim(s, &e);
	for (size_t i = 0; i < e.count; i++)
		buf_addf(out, "%s%s: %s", i ? "\n" : "", auth_result_name(e.signatures[i].result),
			 e.signatures[i].reason);
}
