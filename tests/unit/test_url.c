/* URLs as they will be fetched. */
#include "tests/unit/unit.h"

#include <string.h>

#include "harness/base/buf.h"
#include "harness/net/url.h"

static void a_url_has_parts(void **state)
{
	static const struct {
		const char *text, *expected; /* scheme host port query whole; "" for none */
	} rows[] = {
		{ "https://www.Example.org/a?b=c&d#e",
		  "https www.example.org 443 b=c&d https://www.Example.org/a?b=c&d" },
		{ "HTTP://example.org", "http example.org 80  http://example.org/" },
		{ "http://example.org:8080/", "http example.org 8080  http://example.org:8080/" },
		{ "https://[2001:db8::1]:444/x", "https 2001:db8::1 444  https://[2001:db8::1]:444/x" },
		{ "https://user:pw@example.org/", "https example.org 443  https://user:pw@example.org/" },
		{ "https://example.org/a b", "https example.org 443  https://example.org/a%20b" },
		{ "mailto:a@example.org", "" },
		{ "tel:+44", "" },
		{ "cid:x", "" },
		{ "#top", "" },
		{ "/path", "" },
		{ "//example.org/", "" },
		{ "example.org", "" },
		{ "https://", "" },
		{ "https:///path", "https path 443  https://path/" }, /* as browsers do */
		{ "https://exa mple.org/", "" },
		{ "https://example.org:99999/", "" },
		{ "", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct url url = { 0 };
		char seen[300] = "";
		int rc = url_read(span_of(rows[i].text), &url, &err);
		if (rc > 0)
			snprintf(seen, sizeof(seen), "%s %s %u %s %s", url.scheme, url.host, url.port, url.query,
				 url.whole);
		ROW_ASSERT_STRING(rows[i].text, seen, rows[i].expected);
		ROW_ASSERT(rows[i].text, rc >= 0);
		url_fini(&url);
	}
}

static void what_is_no_text_is_no_url(void **state)
{
	_cleanup_(buf_fini) struct buf long_one = BUF_INIT(20000);
	struct error err = ERROR_INIT;
	struct url url;
	assert_int_equal(url_read(SPAN_LIT("https://a.test/\0b"), &url, &err), 0);
	assert_int_equal(url_read((struct span){ 0 }, &url, &err), 0);
	buf_add_str(&long_one, "https://a.test/");
	for (int i = 0; i < 10000; i++)
		buf_add_char(&long_one, 'a');
	assert_int_equal(url_read(buf_span(&long_one), &url, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_url_has_parts),
		cmocka_unit_test(what_is_no_text_is_no_url),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
