/* HTML and charsets: the first line names the charset, the rest is the document. */
#include <string.h>

#include "harness/mail/charset.h"
#include "harness/base/utf8.h"
#include "harness/mail/html.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(1 << 20), field = BUF_INIT(1 << 20);
	struct span rest = span_make((const char *)data, size), charset = { 0 };
	struct error err = ERROR_INIT;
	struct html html;
	span_next(&rest, '\n', &charset);
	charset_add_field(&field, charset);
	charset_add_utf8(&text, rest, charset);
	CHECK(utf8_valid(buf_span(&text)));
	CHECK(html_read(&html, buf_span(&text), &err) == 0);
	for (size_t i = 0; i < html.link_count; i++)
		CHECK(html.links[i].href && html.links[i].text && strlen(html.links[i].text) <= html.text.len);
	for (size_t i = 0; i < html.image_count; i++)
		CHECK(html.images[i].src && html.images[i].width >= -1);
	html_fini(&html);
	return 0;
}
