/* Answers as sets of texts. */
#include "harness/dns/answer_compare.h"

#include "harness/base/compiler.h"
#include "harness/dns/rdata.h"

void answer_record_text(enum dns_type type, const struct dns_record *record, struct buf *out)
{
	buf_clear(out);
	if (type == DNS_TXT && rdata_txt(record, out, NULL))
		return;
	buf_clear(out);
	rdata_add_text(type, record, out);
}

bool answer_has_record(const struct dns_answer *answer, enum dns_type type, struct span text)
{
	_cleanup_(buf_fini) struct buf other = BUF_INIT(ANSWER_RECORD_TEXT_MAX);
	for (size_t i = 0; i < answer->count; i++) {
		answer_record_text(type, &answer->records[i], &other);
		if (span_eq(buf_span(&other), text))
			return true;
	}
	return false;
}

bool answer_same(enum dns_type type, const struct dns_answer *a, const struct dns_answer *b)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(ANSWER_RECORD_TEXT_MAX);
	if (a->state != DNS_ANSWERED || b->state != DNS_ANSWERED || a->count != b->count ||
	    a->count > ANSWER_RECORDS_MAX)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		answer_record_text(type, &a->records[i], &text);
		if (!answer_has_record(b, type, buf_span(&text)))
			return false;
	}
	return true;
}
