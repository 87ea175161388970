/* What an HTML mail shows. */
#include "tests/unit/unit.h"

#include <string.h>

#include "harness/mail/html.h"

/* `text | [href](text) | {src alt WxH}` */
static void describe(const struct html *html, struct buf *out)
{
	buf_add_span(out, span_trim(buf_span(&html->text)));
	for (size_t i = 0; i < html->link_count; i++)
		buf_addf(out, " [%s](%s)", html->links[i].href, html->links[i].text);
	for (size_t i = 0; i < html->image_count; i++)
		buf_addf(out, " {%s %s %dx%d}", html->images[i].src, html->images[i].alt ? html->images[i].alt : "-",
			 html->images[i].width, html->images[i].height);
}

static void a_document_is_read(void **state)
{
	static const struct {
		const char *label, *text, *expected;
	} rows[] = {
		{ "nothing", "", "" },
		{ "text", "<p>One <b>t</b>wo&nbsp; three</p>\n<p>four</p>", "One two three four" },
		{ "words in cells", "<table><tr><td>a<td>b</table>", "a b" },
		{ "entities", "&lt;caf&eacute;&gt; &#8364; & &unknown;", "<caf\xc3\xa9> \xe2\x82\xac & &unknown;" },
		{ "what is not shown",
		  "<html><head><title>t</title><style>p { }</style></head><body><!-- c --><script>x<b>y</script>z",
		  "z" },
		{ "conditional comments", "<!--[if mso]><p>old</p><![endif]-->new", "new" },
		{ "link", "<A HREF=' https://a.test/?x=1&amp;y=2 '>go <i>there</i></A> now",
		  "go there now [https://a.test/?x=1&y=2](go there)" },
		{ "link of an image", "<a href=x><img src=y alt=\"a b\" width=1 height='2px'></a>",
		  "[x]() {y a b 1x2}" },
		{ "link that is not closed", "<a href=x>one<a href=y>two", "onetwo [x](one) [y](two)" },
		{ "anchor", "<a name=x>one</a><a href>two</a>", "onetwo [](two)" },
		{ "area", "<map><area href=x></map>y", "y [x]()" },
		{ "image without", "<img>", "{ - -1x-1}" },
		{ "empty alt", "<img src=x alt><img src=y alt=''>", "{x  -1x-1} {y  -1x-1}" },
		{ "size of the style", "<img src=x style='max-width: 9px; WIDTH:1px;height: 2em'>", "{x - 1x2}" },
		{ "size in percent", "<img src=x width='1%' height=big>", "{x - -1x-1}" },
		{ "charset of the document is ignored", "<meta charset=latin1>caf\xc3\xa9", "caf\xc3\xa9" },
		{ "cut", "text<a href=\"x", "text [x]()" },
		{ "NUL and broken UTF-8 end nothing of ours", "a<b\xff>", "a" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf seen = BUF_INIT(1000);
		struct error err = ERROR_INIT;
		struct html html;
		assert_int_equal(html_read(&html, span_of(rows[i].text), &err), 0);
		describe(&html, &seen);
		ROW_ASSERT_STRING(rows[i].label,
				  span_trim(buf_span(&seen)).p ? buf_str(&seen) + strspn(buf_str(&seen), " ") : "",
				  rows[i].expected);
		ROW_ASSERT(rows[i].label, !html.cut);
		html_fini(&html);
	}
}

static void what_is_too_much_is_cut(void **state)
{
	static const struct {
		const char *label, *unit;
		size_t count;
		bool cut;
	} rows[] = {
		{ "octets", "<p>words</p>", 30000, true },
		{ "depth", "<div>", HTML_DEPTH_MAX + 1, true },
		{ "not so deep", "<div>", HTML_DEPTH_MAX - 10, false },
		{ "attributes", "<p a=b c=d>", 1000, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf text = BUF_INIT(1 << 20);
		struct error err = ERROR_INIT;
		struct html html;
		for (size_t k = 0; k < rows[i].count; k++)
			buf_add_str(&text, rows[i].unit);
		assert_int_equal(html_read(&html, buf_span(&text), &err), 0);
		ROW_ASSERT(rows[i].label, html.cut == rows[i].cut);
		html_fini(&html);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_is_read),
		cmocka_unit_test(what_is_too_much_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
