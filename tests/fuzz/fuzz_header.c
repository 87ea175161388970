/* The index of a header block points into the block, in order, whatever it is made of. */
#include "harness/mail/header.h"
#include "harness/mail/tag.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span message = { (const char *)data, size };
	struct error err = ERROR_INIT;
	struct header h;
	char tag[TAG_SIZE];
	const char *at = message.p;
	CHECK(header_parse(&h, message, &err) == 0);
	CHECK(h.body_offset <= size);
	for (size_t i = 0; i < h.count; i++) {
		const struct header_field *f = &h.fields[i];
		_cleanup_(buf_fini) struct buf text = BUF_INIT(f->value.len);
		CHECK(f->raw.p >= at && f->name.p == f->raw.p && f->name.len > 0);
		CHECK(f->value.p > f->name.p && f->value.p + f->value.len <= f->raw.p + f->raw.len);
		at = f->raw.p + f->raw.len;
		CHECK(at <= message.p + h.body_offset);
		CHECK(header_unfold(f->value, &text) == 0);
		CHECK(text.len == 0 || !memchr(text.p, '\n', text.len));
	}
	if (tag_from_header(&h, tag))
		CHECK(tag_valid(span_of(tag)));
	header_fini(&h);
	return 0;
}
