/* Notifications: which are worth a look, and which settle a probe of this run. */
#include "harness/watch/notices.h"

#include <string.h>

#include "harness/mail/tag.h"
#include "tests/unit/run_bench.h"
#include "tests/unit/unit.h"

#define VERP    "b+{tag}@bounces.test"
#define FOREIGN "0123456789abcdef0123456789abcdef"

static void only_what_may_be_a_notification_is_fetched(void **state)
{
	static const struct {
		const char *label, *header, *verp;
		bool likely;
	} rows[] = {
		{ "report", "Content-Type: multipart/report; report-type=delivery-status\r\n\r\n", VERP, true },
		{ "report in capitals", "Content-Type:  MULTIPART/REPORT\r\n\r\n", VERP, true },
		{ "text to nobody of ours", "Content-Type: text/plain\r\nTo: b@bounces.test\r\n\r\n", VERP, false },
		{ "text to a tag", "Content-Type: text/plain\r\nTo: <b+" FOREIGN "@bounces.test>\r\n\r\n", VERP, true },
		{ "delivered to a tag", "Delivered-To: b+" FOREIGN "@bounces.test\r\n\r\n", VERP, true },
		{ "the second of the field", "Delivered-To: x@y\r\nDelivered-To: b+" FOREIGN "@bounces.test\r\n\r\n",
		  VERP, true },
		{ "what is half a tag", "To: b+0123@bounces.test\r\n\r\n", VERP, false },
		{ "another domain", "To: b+" FOREIGN "@bounces.example\r\n\r\n", VERP, false },
		{ "no pattern in the sender", "To: b+" FOREIGN "@bounces.test\r\n\r\n", "b@bounces.test", false },
		{ "no sender", "To: b+" FOREIGN "@bounces.test\r\n\r\n", NULL, false },
		{ "nothing", "\r\n", VERP, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct header header;
		struct error err = ERROR_INIT;
		assert_int_equal(header_parse(&header, span_of(rows[i].header), &err), 0);
		ROW_ASSERT(rows[i].label, notice_likely(&header, rows[i].verp) == rows[i].likely);
		header_fini(&header);
	}
}

#define STATUS(text)                                                                                                   \
	"--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\n" text "\r\n"
#define RETURNED "--x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <pp.{tag}@service.test>\r\n\r\n"
#define TO_TAG   "To: b+{tag}@bounces.test\r\n"
#define REPORT   "Content-Type: multipart/report; boundary=x\r\n\r\n"
#define FAILED   "Final-Recipient: rfc822; a@b\r\nAction: failed\r\nStatus: 5.7.1\r\n"
#define DELAYED  "Final-Recipient: rfc822; a@c\r\nAction: Delayed\r\nStatus: 4.4.1\r\n"

static void put_tag(char out[BENCH_MESSAGE_MAX], const char *text, const char *tag)
{
	const char *place = strstr(text, TAG_PLACEHOLDER);
	snprintf(out, BENCH_MESSAGE_MAX, "%.*s%s%s", place ? (int)(place - text) : 0, text, place ? tag : "",
		 place ? place + strlen(TAG_PLACEHOLDER) : text);
}

static void only_a_notification_with_a_tag_of_this_run_settles(void **state)
{
	static const struct {
		const char *label, *message; /* with `{tag}` where the tag stands */
		bool foreign;
		const char *action, *status; /* of the bounce that is stored; NULL: none */
	} rows[] = {
		{ "to the tag", TO_TAG REPORT STATUS(FAILED) "--x--\r\n", false, "failed", "5.7.1" },
		{ "returned header", REPORT STATUS(FAILED) RETURNED "--x--\r\n", false, "failed", "5.7.1" },
		{ "delay", TO_TAG REPORT STATUS(DELAYED) "--x--\r\n", false, "delayed", "4.4.1" },
		{ "the failure weighs more than the delay", TO_TAG REPORT STATUS(DELAYED "\r\n" FAILED) "--x--\r\n",
		  false, "failed", "5.7.1" },
		{ "another run", TO_TAG REPORT STATUS(FAILED) "--x--\r\n", true, NULL, NULL },
		{ "another run, in the returned header", REPORT STATUS(FAILED) RETURNED "--x--\r\n", true, NULL, NULL },
		{ "no tag", "To: b@bounces.test\r\n" REPORT STATUS(FAILED) "--x--\r\n", false, NULL, NULL },
		{ "no notification", TO_TAG "Content-Type: text/plain\r\n\r\n550 no such user\r\n", false, NULL, NULL },
		{ "no recipient", TO_TAG REPORT STATUS("") "--x--\r\n", false, NULL, NULL },
		{ "the tag in the text alone",
		  REPORT "--x\r\n\r\nMessage-ID: <pp.{tag}@service.test>\r\n" STATUS(FAILED) "--x--\r\n", false, NULL,
		  NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct run_bench bench;
		struct error err = ERROR_INIT;
		char message[BENCH_MESSAGE_MAX];
		bench_start(&bench, &(struct run_bench_seed){ .port = 1 }, 1, 0);
		bench_sent(&bench, 0);
		put_tag(message, rows[i].message, rows[i].foreign ? FOREIGN : bench.facts.probes[0].tag);
		for (int twice = 0; twice < 2; twice++)
			ROW_ASSERT(rows[i].label, notice_keep(bench.ledger, VERP, span_of(message), 5000, &err) == 0);
		bench_reload(&bench);
		const struct probe *p = &bench.facts.probes[0];
		ROW_ASSERT(rows[i].label, p->bounce_count == (rows[i].action ? 1 : 0));
		if (rows[i].action) {
			ROW_ASSERT_STRING(rows[i].label, p->bounces[0].action, rows[i].action);
			ROW_ASSERT_STRING(rows[i].label, p->bounces[0].status, rows[i].status);
			ROW_ASSERT_STRING(rows[i].label, p->bounces[0].reporting_mta, "mx.test");
			ROW_ASSERT(rows[i].label, p->bounces[0].raw_len == strlen(message));
			ROW_ASSERT(rows[i].label, p->bounces[0].remote_mta == NULL);
		}
		bench_end(&bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_may_be_a_notification_is_fetched),
		cmocka_unit_test(only_a_notification_with_a_tag_of_this_run_settles),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
