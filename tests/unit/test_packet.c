/* Whole messages of the DNS: what stands in them, and what does not end the reading. */
#include "tests/unit/unit.h"

#include <string.h>

#include "harness/base/buf.h"
#include "harness/dns/packet.h"

/* Header with so many questions, answers and authority records. */
#define HEAD(questions, answers, authority) "\0\1\x81\x80\0" questions "\0" answers "\0" authority "\0\0"
#define QUESTION                            "\3one\4test\0\0\20\0\1" /* one.test TXT; the name at 12, test at 16 */
#define FIXED(type, len)                    "\0" type "\0\1\0\0\0\74\0" len
#define SIGNED(type)                        "\0" type "\10\2\0\0\0\74\0\0\0\0\0\0\0\0\0\1" /* 18 octets before the signer */
#define PACKET(octets)                                                                                                 \
	{                                                                                                              \
		octets, sizeof(octets) - 1                                                                             \
	}

static void add_records(struct span packet, struct buf *out)
{
	static const char *const sections[] = { "answer", "authority" };
	struct packet_reader reader;
	struct packet_record record;
	char word[DNS_TYPE_TEXT_MAX];
	buf_clear(out);
	if (!packet_open(&reader, packet)) {
		buf_add_str(out, "none");
		return;
	}
	while (packet_next(&reader, &record)) {
		buf_addf(out, "%s%s %s %s", out->len ? ", " : "", sections[record.section], record.owner,
			 dns_type_name(record.type, word));
		if (record.is_signature)
			buf_addf(out, " by %s", record.signer);
	}
}

static void records_are_read_to_the_end_or_to_the_first_that_is_none(void **state)
{
	static const struct {
		const char *label;
		struct span packet;
		const char *records;
	} rows[] = {
		{ "no record", PACKET(HEAD("\1", "\0", "\0") QUESTION), "" },
		{ "a compressed owner", PACKET(HEAD("\1", "\1", "\0") QUESTION "\xc0\14" FIXED("\20", "\2") "\1a"),
		  "answer one.test TXT" },
		{ "an owner that is compressed in part",
		  PACKET(HEAD("\1", "\1", "\0") QUESTION "\3TWO\xc0\20" FIXED("\1", "\4") "abcd"),
		  "answer two.test A" },
		{ "a pointer to a pointer",
		  PACKET(HEAD("\1", "\2", "\0") QUESTION
			 "\1a\xc0\14" FIXED("\1", "\4") "abcd\1b\xc0\32" FIXED("\1", "\4") "abcd"),
		  "answer a.one.test A, answer b.a.one.test A" },
		{ "a signature",
		  PACKET(HEAD("\1", "\1", "\0") QUESTION "\xc0\14" FIXED("\56", "\31") SIGNED("\20") "\4test\0"
												     "x"),
		  "answer one.test TXT by test" },
		{ "a signature of the root",
		  PACKET(HEAD("\1", "\0", "\1") QUESTION "\0" FIXED("\56", "\24") SIGNED("\57") "\0"
												"x"),
		  "authority . TYPE47 by ." },
		{ "both sections",
		  PACKET(HEAD("\1", "\1", "\1") QUESTION
			 "\xc0\14" FIXED("\1", "\4") "abcd\xc0\20" FIXED("\6", "\1") "x"),
		  "answer one.test A, authority test SOA" },
		{ "what follows the authority section", PACKET(HEAD("\1", "\0", "\0") QUESTION "rest"), "" },
		{ "nothing", PACKET(""), "none" },
		{ "a header that is cut", PACKET("\0\1\x81\x80\0\1\0\0\0\0\0"), "none" },
		{ "no question", PACKET(HEAD("\0", "\0", "\0")), "none" },
		{ "two questions", PACKET(HEAD("\2", "\0", "\0") QUESTION QUESTION), "none" },
		{ "a question that is cut", PACKET(HEAD("\1", "\0", "\0") "\3one\4test\0\0\20\0"), "none" },
		{ "a question that points to itself", PACKET(HEAD("\1", "\0", "\0") "\xc0\14\0\20\0\1"), "none" },
		{ "a pointer into the header", PACKET(HEAD("\1", "\1", "\0") QUESTION "\xc0\2" FIXED("\1", "\0")), "" },
		{ "a pointer forward", PACKET(HEAD("\1", "\1", "\0") QUESTION "\xc0\60" FIXED("\1", "\0") "\1a\0"),
		  "" },
		{ "a pointer that is cut", PACKET(HEAD("\1", "\1", "\0") QUESTION "\xc0"), "" },
		{ "pointers in a circle", PACKET(HEAD("\1", "\1", "\0") QUESTION "\1a\xc0\32" FIXED("\1", "\0")), "" },
		{ "a label of a reserved kind",
		  PACKET(HEAD("\1", "\1", "\0") QUESTION "\x80"
							 "a\0" FIXED("\1", "\0")),
		  "" },
		{ "rdata that is longer than the packet",
		  PACKET(HEAD("\1", "\1", "\0") QUESTION "\xc0\14" FIXED("\1", "\5") "abcd"), "" },
		{ "fewer records than are counted",
		  PACKET(HEAD("\1", "\3", "\1") QUESTION "\xc0\14" FIXED("\1", "\4") "abcd"), "answer one.test A" },
		{ "a signature without a signer",
		  PACKET(HEAD("\1", "\1", "\0") QUESTION "\xc0\14" FIXED("\56", "\22") SIGNED("\20")), "" },
		{ "a signer that is longer than its record",
		  PACKET(HEAD("\1", "\1", "\0") QUESTION "\xc0\14" FIXED("\56", "\24") SIGNED("\20") "\4test\0"), "" },
	};
	_cleanup_(buf_fini) struct buf words = BUF_INIT(4096);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		add_records(rows[i].packet, &words);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&words), rows[i].records);
	}
}

/* 255 octets are a name, 256 are none. */
static void a_name_has_255_octets_at_most(void **state)
{
	for (size_t last = 60; last <= 63; last++) {
		_cleanup_(buf_fini) struct buf packet = BUF_INIT(1024);
		static const char head[] = HEAD("\1", "\0", "\0");
		struct packet_reader reader;
		buf_add_span(&packet, span_make(head, sizeof(head) - 1));
		for (size_t label = 0; label < 4; label++) {
			size_t len = label < 3 ? 63 : last;
			buf_add_char(&packet, (char)len);
			for (size_t k = 0; k < len; k++)
				buf_add_char(&packet, 'a');
		}
		buf_add_span(&packet, SPAN_LIT("\0\0\1\0\1"));
		assert_int_equal(packet_open(&reader, buf_span(&packet)), 3 * 64 + 1 + last + 1 <= 255);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read_to_the_end_or_to_the_first_that_is_none),
		cmocka_unit_test(a_name_has_255_octets_at_most),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
