/* Macro strings of SPF: tokens are the string, and what is well expands. The first line is the local part, the second
 * the domain, the rest the string. */
#include "harness/auth/spf_macro.h"
#include "tests/fuzz/fuzz.h"

enum { EXPANDED_MAX = 1 << 20, NAME_MAX_OCTETS = 253 };

/* Whether the syntax is right. */
static bool check_tokens(struct span text, enum spf_macro_place place)
{
	struct spf_macro macro;
	struct span rest = text;
	size_t len = 0;
	const char *what = NULL;
	int found;
	while ((found = spf_macro_next(&rest, place, &macro, &what)) > 0) {
		CHECK(macro.text.p == text.p + len && macro.text.len > 0);
		CHECK(macro.letter == 0 || macro.text.p[0] == '%');
		len += macro.text.len;
	}
	CHECK(found == 0 ? len == text.len : what && rest.len <= text.len - len);
	return found == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	_cleanup_(buf_fini) struct buf out = BUF_INIT(EXPANDED_MAX);
	struct spf_macro_values values = { .client = { .v6 = size & 1 },
					   .helo = SPAN_LIT("mail.example.org"),
					   .validated = SPAN_LIT("unknown"),
					   .receiver = SPAN_LIT("mx.example.org") };
	if (!span_next(&text, '\n', &values.local_part) || !span_next(&text, '\n', &values.domain) || !text.p)
		return 0;
	values.sender_domain = values.domain;
	if (check_tokens(text, SPF_MACRO_EXPLANATION))
		CHECK(spf_macro_expand(text, SPF_MACRO_EXPLANATION, &values, &out) == 0 || out.failed);
	if (check_tokens(text, SPF_MACRO_TERM)) {
		CHECK(spf_macro_expand_name(text, &values, &out) == 0 || out.failed);
		CHECK(out.failed || out.len <= NAME_MAX_OCTETS || span_find_char(buf_span(&out), '.', 0) < 0);
	}
	return 0;
}
