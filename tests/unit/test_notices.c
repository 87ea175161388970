/* Notifications: which are worth a look, and which settle a probe of this run. */
#include "harness/watch/notices.h"

#include <string.h>

#include "harness/mail/tag.h"
#include "tests/unit/run_bench.h"
#include "tests/unit/unit.h"

#define FOREIGN "0123456789abcdef0123456789abcdef"

static void put_tag(char out[BENCH_MESSAGE_MAX], const char *text, const char *tag)
{
	struct buf b = BUF_INIT(BENCH_MESSAGE_MAX);
	for (const char *place; (place = strstr(text, TAG_PLACEHOLDER)); text = place + strlen(TAG_PLACEHOLDER)) {
		buf_add(&b, text, (size_t)(place - text));
		buf_add_str(&b, tag);
	}
	buf_add_str(&b, text);
	snprintf(out, BENCH_MESSAGE_MAX, "%s", buf_str(&b));
	buf_fini(&b);
}

static void only_what_may_concern_this_run_is_fetched(void **state)
{
	static const struct {
		const char *label, *header;
		bool likely;
	} rows[] = {
		{ "report", "Content-Type: multipart/report; report-type=delivery-status\r\n\r\n", true },
		{ "report in capitals", "Content-Type:  MULTIPART/REPORT\r\n\r\n", true },
		{ "status part alone", "Content-Type: message/delivery-status\r\n\r\n", true },
		{ "mail system", "From: MAILER-DAEMON@mx.test\r\n\r\n", true },
		{ "Exim's field", "X-Failed-Recipients: a@b\r\n\r\n", true },
		{ "automatic", "Auto-Submitted: auto-replied\r\n\r\n", true },
		{ "text to nobody of ours", "Content-Type: text/plain\r\nTo: b@bounces.test\r\n\r\n", false },
		{ "text to a tag", "To: <b+{tag}@bounces.test>\r\n\r\n", true },
		{ "with a display name", "To: \"Service, the\" <b+{tag}@bounces.test>\r\n\r\n", true },
		{ "with a comment", "To: b+{tag}@bounces.test (Service)\r\n\r\n", true },
		{ "percent sign", "To: b%2B{tag}@bounces.test\r\n\r\n", true },
		{ "rewritten by a forwarder", "To: SRS0=aB=cD=bounces.test=b+{tag}@fwd.test\r\n\r\n", true },
		{ "delivered to a tag", "Delivered-To: b+{tag}@bounces.test\r\n\r\n", true },
		{ "prefix of a virtual domain", "Delivered-To: svc-b+{tag}@bounces.test\r\n\r\n", true },
		{ "X-Envelope-To", "X-Envelope-To: b+{tag}@bounces.test\r\n\r\n", true },
		{ "the second of the field", "Delivered-To: x@y\r\nDelivered-To: b+{tag}@bounces.test\r\n\r\n", true },
		{ "answer", "In-Reply-To: <pp.{tag}@service.test>\r\n\r\n", true },
		{ "thread", "References: <a@b>\r\n <pp.{tag}@service.test>\r\n\r\n", true },
		{ "what is half a tag", "To: b+0123@bounces.test\r\n\r\n", false },
		{ "another run", "To: b+" FOREIGN "@bounces.test\r\n\r\n", false },
		{ "nothing", "\r\n", false },
	};
	struct run_bench bench;
	bench_start(&bench, &(struct run_bench_seed){ .port = 1 }, 1, 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct header header;
		struct error err = ERROR_INIT;
		char text[BENCH_MESSAGE_MAX];
		put_tag(text, rows[i].header, bench.facts.probes[0].tag);
		assert_int_equal(header_parse(&header, span_of(text), &err), 0);
		ROW_ASSERT(rows[i].label, notice_likely(bench.ledger, &header) == rows[i].likely);
		header_fini(&header);
	}
	bench_end(&bench);
}

#define STATUS(text)                                                                                                   \
	"--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\n" text "\r\n"
#define RETURNED "--x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <pp.{tag}@service.test>\r\n\r\n"
#define TO_TAG   "To: b+{tag}@bounces.test\r\n"
#define REPORT   "Content-Type: multipart/report; boundary=x\r\n\r\n"
#define FAILED   "Final-Recipient: rfc822; a@b\r\nAction: failed\r\nStatus: 5.7.1\r\n"
#define DELAYED  "Final-Recipient: rfc822; a@c\r\nAction: Delayed\r\nStatus: 4.4.1\r\n"

#define SEED "s0@provider0.test"
#define GROUP(recipient, action, status)                                                                               \
	"Final-Recipient: rfc822; " recipient "\r\nAction: " action "\r\nStatus: " status "\r\n\r\n"
#define QMAIL "\r\nHi. This is the qmail-send program.\r\n\r\n<" SEED ">:\r\n550 5.1.1 no\r\n\r\n"

struct notice_row {
	const char *label, *message; /* with `{tag}` where the tag stands */
	const char *tag;             /* FOREIGN: that of another run */
	const char *expected;        /* `action status recipient reporter` of what is stored; NULL: nothing */
};

static void run_row(const struct notice_row *row)
{
	struct run_bench bench;
	struct error err = ERROR_INIT;
	char message[BENCH_MESSAGE_MAX], seen[512];
	bench_start(&bench, &(struct run_bench_seed){ .port = 1 }, 1, 0);
	bench_sent(&bench, 0);
	put_tag(message, row->message, row->tag ? row->tag : bench.facts.probes[0].tag);
	for (int twice = 0; twice < 2; twice++)
		ROW_ASSERT(row->label, notice_keep(bench.ledger, span_of(message), 5000, &err) == 0);
	bench_reload(&bench);
	const struct probe *p = &bench.facts.probes[0];
	ROW_ASSERT(row->label, p->bounce_count == (row->expected ? 1 : 0));
	if (row->expected) {
		const struct bounce *b = &p->bounces[0];
		snprintf(seen, sizeof(seen), "%s %s %s %s", b->action, b->status ? b->status : "-",
			 b->recipient ? b->recipient : "-", b->reporting_mta ? b->reporting_mta : "-");
		ROW_ASSERT_STRING(row->label, seen, row->expected);
		ROW_ASSERT(row->label, b->raw_len == strlen(message) && b->remote_mta == NULL);
	}
	bench_end(&bench);
}

static void what_carries_a_tag_of_this_run_is_kept_once(void **state)
{
	static const struct notice_row rows[] = {
		{ "to the tag", TO_TAG REPORT STATUS(FAILED) "--x--\r\n", NULL, "failed 5.7.1 a@b mx.test" },
		{ "returned header", REPORT STATUS(FAILED) RETURNED "--x--\r\n", NULL, "failed 5.7.1 a@b mx.test" },
		{ "returned header in base64",
		  REPORT STATUS(FAILED) "--x\r\nContent-Type: text/rfc822-headers\r\nContent-Transfer-Encoding: "
					"quoted-printable\r\n\r\nMessage-ID: <pp.{tag}=40service.test>\r\n--x--\r\n",
		  NULL, "failed 5.7.1 a@b mx.test" },
		{ "answer", "In-Reply-To: <pp.{tag}@service.test>\r\n" REPORT STATUS(FAILED) "--x--\r\n", NULL,
		  "failed 5.7.1 a@b mx.test" },
		{ "the tag in the text",
		  REPORT "--x\r\n\r\nMessage-ID: <pp.{tag}@service.test>\r\n" STATUS(FAILED) "--x--\r\n", NULL,
		  "failed 5.7.1 a@b mx.test" },
		{ "delay", TO_TAG REPORT STATUS(DELAYED) "--x--\r\n", NULL, "delayed 4.4.1 a@c mx.test" },
		{ "the failure weighs more than the delay", TO_TAG REPORT STATUS(DELAYED "\r\n" FAILED) "--x--\r\n",
		  NULL, "failed 5.7.1 a@b mx.test" },
		{ "the seed weighs more than another",
		  TO_TAG REPORT STATUS(GROUP("x@y", "failed", "5.1.1") GROUP(SEED, "delayed", "4.2.2")) "--x--\r\n",
		  NULL, "delayed 4.2.2 " SEED " mx.test" },
		{ "a failure of another weighs more than a delivery",
		  TO_TAG REPORT STATUS(GROUP(SEED, "relayed", "2.0.0") GROUP("x@y", "failed", "5.1.1")) "--x--\r\n",
		  NULL, "failed 5.1.1 x@y mx.test" },
		{ "the seed was rewritten",
		  TO_TAG REPORT STATUS(
		      "Original-Recipient: rfc822;S0@Provider0.test\r\n" GROUP("x@y", "failed", "5.1.1")) "--x--\r\n",
		  NULL, "failed 5.1.1 " SEED " mx.test" },
		{ "original recipient alone",
		  TO_TAG REPORT STATUS("Original-Recipient: <a@b>\r\nAction: failed\r\n") "--x--\r\n", NULL,
		  "failed - a@b mx.test" },
		{ "qmail", TO_TAG QMAIL, NULL, "failed 5.1.1 " SEED " -" },
		{ "qmail to nobody, with the message", QMAIL "Received: x\r\nMessage-ID: <pp.{tag}@s>\r\n", NULL,
		  "failed 5.1.1 " SEED " -" },
		{ "another run", TO_TAG REPORT STATUS(FAILED) "--x--\r\n", FOREIGN, NULL },
		{ "another run, in the returned header", REPORT STATUS(FAILED) RETURNED "--x--\r\n", FOREIGN, NULL },
		{ "no tag", "To: b@bounces.test\r\n" REPORT STATUS(FAILED) "--x--\r\n", NULL, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		run_row(&rows[i]);
}

static void what_is_no_notification_is_told_and_settles_nothing(void **state)
{
	static const struct notice_row rows[] = {
		{ "words of a person", TO_TAG "Content-Type: text/plain\r\n\r\n550 no such user\r\n", NULL,
		  "message - - -" },
		{ "a report without a recipient", TO_TAG REPORT STATUS("") "--x--\r\n", NULL, "message - - -" },
		{ "out of office", TO_TAG "Auto-Submitted: auto-replied\r\n\r\nI am away.\r\n", NULL,
		  "auto-reply - - -" },
		{ "out of office with the message", "Auto-Submitted: auto-replied\r\n\r\n> [pp:{tag}]\r\n", NULL,
		  "auto-reply - - -" },
		{ "read receipt",
		  TO_TAG REPORT "--x\r\nContent-Type: message/disposition-notification\r\n\r\nFinal-Recipient: "
				"rfc822; a@b\r\nDisposition: automatic-action; deleted\r\n--x--\r\n",
		  NULL, "read-receipt - - -" },
		{ "abuse report",
		  REPORT "--x\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\r\n" RETURNED
			 "--x--\r\n",
		  NULL, "complaint - - -" },
		{ "challenge", TO_TAG "Subject: Please confirm your mail\r\n\r\nClick.\r\n", NULL, "challenge - - -" },
		{ "delivered", TO_TAG REPORT STATUS(GROUP(SEED, "delivered", "2.0.0")) "--x--\r\n", NULL,
		  "delivered 2.0.0 " SEED " mx.test" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		run_row(&rows[i]);
}

static void sender_and_subject_are_kept_decoded(void **state)
{
	struct run_bench bench;
	struct error err = ERROR_INIT;
	char message[BENCH_MESSAGE_MAX];
	bench_start(&bench, &(struct run_bench_seed){ .port = 1 }, 1, 0);
	bench_sent(&bench, 0);
	put_tag(message,
		TO_TAG "From: =?utf-8?Q?J=C3=BCrgen?= <j@x.test>\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\r\nx",
		bench.facts.probes[0].tag);
	assert_int_equal(notice_keep(bench.ledger, span_of(message), 5000, &err), 0);
	assert_int_equal(bench_told(&bench, PROGRESS_RETURNED), 1);
	assert_string_equal(bench.last_text[PROGRESS_RETURNED], "Gr\xc3\xbc\xc3\x9f"
								"e");
	bench_reload(&bench);
	assert_string_equal(bench.facts.probes[0].bounces[0].sender, "J\xc3\xbcrgen <j@x.test>");
	assert_string_equal(bench.facts.probes[0].bounces[0].subject, "Gr\xc3\xbc\xc3\x9f"
								      "e");
	bench_end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_may_concern_this_run_is_fetched),
		cmocka_unit_test(what_carries_a_tag_of_this_run_is_kept_once),
		cmocka_unit_test(what_is_no_notification_is_told_and_settles_nothing),
		cmocka_unit_test(sender_and_subject_are_kept_decoded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
