/* Octets of an SMTP server, cut where the first octet says. */
#include <stddef.h>
#include <stdint.h>

#include "harness/net/smtp_reply.h"

#include "harness/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smtp_reader reader;
	struct smtp_reply reply;
	struct error err = ERROR_INIT;
	if (!size)
		return 0;
	struct span in = span_make((const char *)data + 1, size - 1);
	size_t step = (size_t)data[0] + 1;
	smtp_reader_init(&reader);
	smtp_reply_init(&reply);
	int rc = 0;
	for (size_t at = 0; at < in.len && rc >= 0; at += step) {
		rc = smtp_reader_feed(&reader, span_sub(in, at, step), &err);
		while (rc >= 0 && (rc = smtp_reader_next(&reader, &reply, &err)) > 0)
			if (reply.code < 200 || reply.code > 599 || !utf8_valid(buf_span(&reply.text)))
				abort();
	}
	smtp_reader_fini(&reader);
	smtp_reply_fini(&reply);
	return 0;
}
