/* Delivery status notifications. */
#include "tests/unit/unit.h"

#include "harness/base/buf.h"
#include "harness/mail/dsn.h"
#include "tests/unit/unit.h"

#define HEAD(subtype) "Subject: Undelivered\r\nContent-Type: multipart/" subtype "; boundary=\"B/1\"\r\n\r\n"
#define TEXT          "--B/1\r\nContent-Type: text/plain\r\n\r\nIt did not work.\r\n\r\n"
#define STATUS        "--B/1\r\nContent-Type: message/delivery-status\r\n\r\n"
#define END           "--B/1--\r\n"
#define POSTFIX                                                                                                        \
	"Reporting-MTA: dns; mail.s.example\r\nOriginal-Envelope-Id: env1\r\nX-Postfix-Queue-ID: 1\r\n\r\n"            \
	"Final-Recipient: rfc822; u1@echo.test\r\nOriginal-Recipient: rfc822;u+1@echo.test\r\nAction: failed\r\n"      \
	"Status: 5.1.1\r\nRemote-MTA: dns; mx.echo.test\r\nDiagnostic-Code: smtp; 550 5.1.1 no\r\n    such; "          \
	"user\r\n\r\n"

static void describe(const struct dsn *d, struct buf *out)
{
	buf_addf(out, "%.*s/%.*s", SPAN_ARG(d->reporting_mta), SPAN_ARG(d->envelope_id));
	for (size_t i = 0; i < d->recipient_count; i++) {
		const struct dsn_recipient *r = &d->recipients[i];
		buf_addf(out, " {%.*s %.*s %.*s %.*s [%.*s] %.*s}", SPAN_ARG(r->final_recipient),
			 SPAN_ARG(r->original_recipient), SPAN_ARG(r->action), SPAN_ARG(r->status),
			 SPAN_ARG(r->remote_mta), SPAN_ARG(r->diagnostic));
	}
}

static void notifications_are_read(void **state)
{
	static const struct {
		const char *label, *message;
		const char *expected; /* NULL where it is no notification */
	} rows[] = {
		{ "Postfix",
		  HEAD("report; report-type=delivery-status") TEXT STATUS POSTFIX
		  "--B/1\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <1@s.example>\r\nTo: x\r\n\r\n" END,
		  "mail.s.example/env1 {u1@echo.test u+1@echo.test failed 5.1.1 [mx.echo.test] 550 5.1.1 no such; "
		  "user}" },
		{ "Exim, fields in another order, whole message",
		  HEAD("report") STATUS
		  "Reporting-MTA: dns; mx\r\n\r\nAction: failed\r\nFinal-Recipient: rfc822;a@b\r\n"
		  "Status: 5.0.0\r\n\r\n--B/1\r\nContent-type: message/rfc822\r\n\r\n"
		  "Message-ID: <2@s>\r\n\r\nbody\r\n" END,
		  "mx/ {a@b  failed 5.0.0 [] }" },
		{ "OpenSMTPD says mixed",
		  HEAD("mixed") STATUS
		  "Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; a@b\r\nAction: delayed\r\n"
		  "Status: 4.0.0\r\n\r\n" END,
		  "mx/ {a@b  delayed 4.0.0 [] }" },
		{ "several recipients",
		  HEAD("report") STATUS
		  "Reporting-MTA: dns;mx\r\n\r\nFinal-Recipient: rfc822; a@b\r\nAction: failed\r\n\r\n\r\n"
		  "Final-Recipient: rfc822; c@d\r\nAction: relayed (x)\r\nStatus: 2.0.0 (fine)\r\n" END,
		  "mx/ {a@b  failed  [] } {c@d  relayed 2.0.0 [] }" },
		{ "no group of the message", HEAD("report") STATUS "Final-Recipient: a@b\r\nAction: failed\r\n" END,
		  "/ {a@b  failed  [] }" },
		{ "angle brackets",
		  HEAD("report") STATUS "Final-Recipient: rfc822; <a@b>\r\nAction: failed\r\n\r\n" END,
		  "/ {a@b  failed  [] }" },
		{ "a status alone", HEAD("report") STATUS "Status: 5.1.1\r\n\r\n" END, "/ {   5.1.1 [] }" },
		{ "internationalised",
		  HEAD("report") "--B/1\r\nContent-Type: message/global-delivery-status\r\n\r\nReporting-MTA: dns; "
				 "mx\r\n\r\n"
				 "Final-Recipient: utf-8; j\xc3\xbc@x\r\nAction: failed\r\nStatus: 5.6.7\r\n\r\n"
				 "--B/1\r\nContent-Type: message/global-headers\r\n\r\nMessage-ID: <3@s>\r\n" END,
		  "mx/ {j\xc3\xbc@x  failed 5.6.7 [] }" },
		{ "base64",
		  HEAD("report") "--B/1\r\nContent-Type: message/delivery-status\r\nContent-Transfer-Encoding: "
				 "base64\r\n\r\n"
				 "RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFAYg0KQWN0aW9uOiBmYWlsZWQNCg==\r\n" END,
		  "/ {a@b  failed  [] }" },
		{ "within another multipart",
		  "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n" HEAD("report") STATUS
		  "Action: failed\r\n\r\n" END "--o\r\n\r\nfooter\r\n--o--\r\n",
		  "/ {  failed  [] }" },
		{ "bare LF",
		  "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
		  "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; a@b\nAction: failed\n\n--b--\n",
		  "mx/ {a@b  failed  [] }" },
		{ "cut off",
		  HEAD("report") STATUS
		  "Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; a@b\r\nStatus: 5.1.1\r\nAct",
		  "mx/ {a@b   5.1.1 [] }" },
		{ "cut off before it says anything",
		  HEAD("report") STATUS "Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; a@b\r\nAct", NULL },
		{ "no recipient", HEAD("report") STATUS "Reporting-MTA: dns; mx\r\n\r\n" END, NULL },
		{ "no status part", HEAD("report") TEXT END, NULL },
		{ "ordinary message", "Subject: x\r\n\r\nAction: failed\r\n", NULL },
		{ "status part alone", "Content-Type: message/delivery-status\r\n\r\nAction: failed\r\n",
		  "/ {  failed  [] }" },
		{ "fields of a status part in the text",
		  "Subject: x\r\n\r\nIt failed.\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; a@b\r\n"
		  "Action: failed\r\nStatus: 5.1.1\r\n\r\n",
		  "mx/ {a@b  failed 5.1.1 [] }" },
		{ "a status part that says nothing, and a text that does",
		  HEAD("report") "--B/1\r\n\r\nDelivery to the following recipient failed permanently:\r\n\r\n"
				 "  a@b\r\n\r\n550 5.1.1 no\r\n" STATUS "Reporting-MTA: dns; mx\r\n\r\n" END,
		  "/ {a@b  failed 5.1.1 [] 550 5.1.1 no}" },
		{ "abuse report",
		  HEAD("report") TEXT "--B/1\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: "
				      "abuse\r\n" STATUS "Action: failed\r\n\r\n" END,
		  NULL },
		{ "notification within a forwarded message",
		  "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n" HEAD(
		      "report") STATUS "Action: failed\r\n\r\n" END "--o--\r\n",
		  NULL },
		{ "nothing", "", NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct dsn d;
		_cleanup_(buf_fini) struct buf seen = BUF_INIT(4096);
		int rc = dsn_parse(&d, span_of(rows[i].message), &err);
		if (rc > 0) {
			describe(&d, &seen);
			dsn_fini(&d);
		}
		if (rc != (rows[i].expected != NULL) || (rc && strcmp(buf_str(&seen), rows[i].expected)))
			fail_msg("%s: %d %s", rows[i].label, rc, buf_str(&seen));
	}
}

static void recipients_beyond_the_cap_are_left_out(void **state)
{
	_cleanup_(buf_fini) struct buf m = BUF_INIT(1 << 20);
	struct error err = ERROR_INIT;
	struct dsn d;
	buf_add_str(&m, HEAD("report") STATUS);
	for (int i = 0; i < DSN_RECIPIENTS_MAX + 5; i++)
		buf_addf(&m, "Final-Recipient: rfc822; u%d@x\r\nAction: failed\r\n\r\n", i);
	assert_int_equal(dsn_parse(&d, buf_span(&m), &err), 1);
	assert_int_equal(d.recipient_count, DSN_RECIPIENTS_MAX);
	assert_true(span_is(d.recipients[DSN_RECIPIENTS_MAX - 1].final_recipient, "u999@x"));
	dsn_fini(&d);
}

static void the_action_is_a_word_or_the_class_of_a_code(void **state)
{
	static const struct {
		const char *label, *action, *status, *diagnostic;
		enum dsn_action expected;
	} rows[] = {
		{ "word", "failed", "", "", DSN_FAILED },
		{ "capitals", "DELAYED", "5.1.1", "", DSN_DELAYED },
		{ "relayed", "relayed", "", "", DSN_RELAYED },
		{ "expanded", "Expanded", "", "", DSN_EXPANDED },
		{ "delivered", "delivered", "5.0.0", "", DSN_DELIVERED },
		{ "failure", "failure", "", "", DSN_FAILED },
		{ "error", "error", "", "", DSN_FAILED },
		{ "deferred", "deferred", "", "", DSN_DELAYED },
		{ "no word, class 5", "", "5.1.1", "", DSN_FAILED },
		{ "no word, class 4", "", "4.4.1", "", DSN_DELAYED },
		{ "no word, class 2", "", "2.0.0", "", DSN_DELIVERED },
		{ "a word of nobody", "banana", "5.1.1", "", DSN_FAILED },
		{ "a word of nobody, reply", "banana", "", "450 4.2.2 full", DSN_DELAYED },
		{ "nothing", "", "", "", DSN_UNKNOWN },
		{ "a class that is none", "", "9.1.1", "", DSN_UNKNOWN },
		{ "words alone", "", "", "no such user", DSN_UNKNOWN },
		{ "a reply within words", "", "", "host mx.test said: 550 5.1.1 no such user", DSN_FAILED },
		{ "a class alone", "", "5", "", DSN_FAILED },
		{ "a success", "", "", "250 2.0.0 queued", DSN_UNKNOWN },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct dsn_recipient r = { .action = span_of(rows[i].action),
						 .status = span_of(rows[i].status),
						 .diagnostic = span_of(rows[i].diagnostic) };
		ROW_ASSERT(rows[i].label, dsn_action_of(&r) == rows[i].expected);
	}
	assert_string_equal(dsn_action_name(DSN_FAILED), "failed");
	assert_string_equal(dsn_action_name(DSN_EXPANDED), "expanded");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notifications_are_read),
		cmocka_unit_test(the_action_is_a_word_or_the_class_of_a_code),
		cmocka_unit_test(recipients_beyond_the_cap_are_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
