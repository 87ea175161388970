/* How an SPF record is published: its strings, and the size of the answer that it comes in. */
#include "harness/posture/spf/check_spf.h"

#include "harness/dns/name.h"
#include "harness/posture/engine/publish.h"
#include "harness/posture/spf/spf_strings.h"

enum {
	TEXT_MAX = 65535,
	SIZE_SMALL = 512, /* octets: of any answer by UDP (RFC 7208 section 3.4) */
	SIZE_EDNS = 1232, /* that pass every network unfragmented */
	HEADER = 12,      /* of a message, as the rest (RFC 1035 section 4.1, RFC 6891 section 6.1.2) */
	QUESTION = 4,     /* besides the name */
	RECORD_HEAD = 12, /* with a compressed name */
	OPT_RECORD = 11,
};

static void check_strings(const struct spf_posture *posture)
{
	const struct dns_answer *answer = &posture->tree.answer;
	_cleanup_(buf_fini) struct buf text = BUF_INIT(TEXT_MAX), mend = BUF_INIT(SPF_WORDS_MAX);
	int missing = 0;
	for (size_t i = 0; i < answer->count; i++) {
		buf_clear(&text);
		missing = spf_strings_join(&answer->records[i], &text);
		check_buf(posture->check, &text);
		if (missing >= 0 && spf_record_is(buf_span(&text)))
			break;
	}
	buf_add_str(&mend, "strings are joined without a space: publish ");
	publish_buf(&mend, posture->domain, &text);
	check_that(posture->check, missing == 0, "spf.strings", posture->domain, check_text(posture->check, &mend),
		   missing ? "%d strings run into the one before: a space is missing"
			   : "%d strings run into the one before",
		   missing);
}

/* Octets of the answer with all TXT records of the name. */
static size_t answer_size(const struct spf_posture *posture)
{
	_cleanup_(buf_fini) struct buf name = BUF_INIT(DNS_NAME_TEXT_MAX);
	dns_name_to_wire(posture->domain, &name);
	check_buf(posture->check, &name);
	size_t size = HEADER + name.len + QUESTION + OPT_RECORD;
	for (size_t i = 0; i < posture->tree.answer.count; i++)
		size += RECORD_HEAD + posture->tree.answer.records[i].len;
	return size;
}

void spf_posture_strings(const struct spf_posture *posture)
{
	static const char mend[] = "publish fewer or shorter TXT records at this name: other ones can move, "
				   "networks can go into an include";
	size_t size = answer_size(posture), count = posture->tree.answer.count;
	check_strings(posture);
	check_that(posture->check, size <= SIZE_SMALL, "spf.size-512", posture->domain, mend,
		   "%zu octets in %zu TXT record%s, %d fit into an answer without EDNS", size, count,
		   count == 1 ? "" : "s", SIZE_SMALL);
	check_that(posture->check, size <= SIZE_EDNS, "spf.size", posture->domain, mend,
		   "%zu octets in %zu TXT record%s, %d fit into one packet everywhere", size, count,
		   count == 1 ? "" : "s", SIZE_EDNS);
}
