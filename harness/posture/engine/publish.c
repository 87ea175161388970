/* Lines of a zone file. */
#include "harness/posture/engine/publish.h"

#include "harness/dns/rdata.h"

enum { STRING_MAX = 255, RDATA_MAX = 65535 };

void publish(struct buf *out, const char *name, const char *type, const char *data)
{
	buf_addf(out, "%s. %d IN %s %s", name, PUBLISH_TTL, type, data);
}

void publish_txt(struct buf *out, const char *name, struct span text)
{
	_cleanup_(buf_fini) struct buf rdata = BUF_INIT(RDATA_MAX), data = BUF_INIT(5 * RDATA_MAX);
	do {
		struct span string = span_sub(text, 0, STRING_MAX);
		buf_add_char(&rdata, (char)string.len);
		buf_add_span(&rdata, string);
		text = span_sub(text, string.len, SIZE_MAX);
	} while (text.len > 0);
	const struct dns_record record = { (unsigned char *)rdata.p, rdata.len };
	if (buf_result(&rdata) < 0 || rdata_add_text(DNS_TXT, &record, &data) < 0)
		buf_add_buf(out, rdata.failed ? &rdata : &data);
	else
		publish(out, name, "TXT", buf_str(&data));
}

void publish_buf(struct buf *out, const char *name, const struct buf *text)
{
	if (buf_result(text) < 0)
		buf_add_buf(out, text);
	else
		publish_txt(out, name, buf_span(text));
}
