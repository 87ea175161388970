/* Notifications that are written for people. */
#include "harness/mail/dsn_text.h"

#include "tests/unit/unit.h"

#define DAEMON "From: Mail Delivery System <MAILER-DAEMON@mx.test>\r\n"

static const struct row {
	const char *label, *message;
	const char *expected; /* `action status <recipient> diagnostic`; NULL where it is no notification */
} rows[] = {
	{ "qmail",
	  "Subject: failure notice\r\n\r\nHi. This is the qmail-send program at mx.test.\r\nI gave up.\r\n\r\n"
	  "<u1@seed.test>:\r\n192.0.2.7 does not like recipient.\r\nRemote host said: 550 5.1.1 no such user\r\n"
	  "Giving up on 192.0.2.7.\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n"
	  "Received: from x\r\nSubject: 452 4.2.2\r\n",
	  "failed 5.1.1 <u1@seed.test> 550 5.1.1 no such user Giving up on 192.0.2.7." },
	{ "qmail that was told to wait, and has given up",
	  "\r\nHi. This is the qmail-send program.\r\n\r\n<u1@seed.test>:\r\nRemote host said: 450 4.2.2 full\r\n"
	  "I'm not going to try again; this message has been in the queue too long.\r\n",
	  "failed 4.2.2 <u1@seed.test> 450 4.2.2 full I'm not going to try again; this message has been in the queue "
	  "too long." },
	{ "Exim",
	  "X-Failed-Recipients: u1@seed.test\r\nAuto-Submitted: auto-replied\r\n\r\nA message that you sent could not "
	  "be\r\ndelivered to one or more of its recipients.\r\n\r\n  u1@seed.test\r\n    host mx.test [192.0.2.7]: "
	  "550 no user\r\n\r\n------ This is a copy of the message ------\r\n",
	  "failed  <u1@seed.test> 550 no user" },
	{ "Exim without the field",
	  "\r\nA message that you sent could not be delivered to one or more of its recipients.\r\n\r\n  "
	  "u1@seed.test\r\n"
	  "    SMTP error after RCPT TO:<u1@seed.test> SIZE=5500: host mx.test [192.0.2.7]: 552 5.2.2 full\r\n",
	  "failed 5.2.2 <u1@seed.test> 552 5.2.2 full" },
	{ "Exim's warning",
	  DAEMON "Subject: Warning: message 1 delayed 24 hours\r\n\r\nA message that you sent has not yet been "
		 "delivered to one or more recipients.\r\n\r\n u1@seed.test\r\n  450 4.7.1 later\r\n\r\nNo action is "
		 "required on your part.\r\n",
	  "delayed 4.7.1 <u1@seed.test> 450 4.7.1 later" },
	{ "dma",
	  "From: MAILER-DAEMON <>\r\n\r\nThis is the DragonFly Mail Agent.\r\n\r\nThere was an error delivering your "
	  "mail to <u1@seed.test>.\r\n\r\nmx.test [192.0.2.7] did not like our RCPT TO:\r\n550 5.1.1 unknown\r\n\r\n"
	  "Message headers follow.\r\n",
	  "failed 5.1.1 <u1@seed.test> 550 5.1.1 unknown" },
	{ "dma without a reply",
	  "\r\nThere was an error delivering your mail to <u1@seed.test>.\r\n\r\nGiving up after a week.\r\n",
	  "failed  <u1@seed.test> u1@seed.test>. Giving up after a week." },
	{ "Gmail of old",
	  "\r\nDelivery to the following recipient failed permanently:\r\n\r\n     u1@seed.test\r\n\r\nThe error "
	  "was:\r\n"
	  "550 550-5.7.1 [192.0.2.7] not allowed\r\n550 5.7.1 end (state 13)\r\n\r\n----- Original message -----\r\n",
	  "failed 5.7.1 <u1@seed.test> 550 550-5.7.1 [192.0.2.7] not allowed 550 5.7.1 end (state 13)" },
	{ "Gmail waits",
	  "\r\nTHIS IS A WARNING MESSAGE ONLY.\r\n\r\nDelivery to the following recipient has been delayed:\r\n\r\n"
	  "  u1@seed.test\r\n\r\nMessage will be retried for 2 more day(s)\r\n",
	  "delayed  <u1@seed.test> u1@seed.test Message will be retried for 2 more day(s)" },
	{ "Yahoo",
	  "\r\nSorry, we were unable to deliver your message to the following "
	  "address.\r\n\r\n<u1@seed.test>:\r\nRemote "
	  "host said:\r\n554 [TSS04] deferred [RCPT_TO]\r\n",
	  "failed  <u1@seed.test> 554 [TSS04] deferred [RCPT_TO]" },
	{ "mail.ru, by its field alone",
	  "X-Failed-Recipients: u1@seed.test, u2@seed.test\r\n\r\n\xd0\x9f\xd0\xb8\xd1\x81\xd1\x8c\xd0\xbc\xd0\xbe\r\n",
	  "failed  <u1@seed.test> \xd0\x9f\xd0\xb8\xd1\x81\xd1\x8c\xd0\xbc\xd0\xbe" },
	{ "GMX, a status without a reply code",
	  "\r\nA message that you sent could not be delivered to one or more of\r\nits recipients.\r\n\r\n"
	  "\"u1@seed.test\":\r\nhost: mx.test\r\n5.2.2 <u1@seed.test>... full\r\n\r\n--- The header of the original "
	  "message is following. ---\r\n",
	  "failed 5.2.2 <u1@seed.test> 5.2.2 <u1@seed.test>... full" },
	{ "Zoho",
	  "\r\nThis is a permanent error.\r\n\r\nu1@seed.test Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 "
	  "no\r\n",
	  "failed 5.1.1 <u1@seed.test> 550, ERROR_CODE :5.1.1 no" },
	{ "Google Groups",
	  "X-Failed-Recipients: g@seed.test\r\n\r\nHello,\r\n\r\nWe write to say that the group you tried to contact "
	  "(g) may not exist.\r\n",
	  "failed  <g@seed.test> the group you tried to contact (g) may not exist." },
	{ "Sendmail of old",
	  "\r\n   ----- Transcript of session follows -----\r\n>>> RCPT To:<u1@seed.test>\r\n<<< 550 no\r\n\r\n"
	  "   ----- Unsent message follows -----\r\n",
	  "failed  <u1@seed.test> 550 no" },
	{ "OpenSMTPD of old",
	  "\r\nAn error has occurred while attempting to deliver a message for\r\nthe following list of "
	  "recipients:\r\n\r\n"
	  "u1@seed.test: 550 5.1.1 no\r\n\r\n    Below is a copy of the original message:\r\n",
	  "failed 5.1.1 <u1@seed.test> 550 5.1.1 no" },
	{ "Exchange of old",
	  "\r\nYour message\r\n\r\n  Subject: x\r\n\r\ndid not reach the following recipient(s):\r\n\r\nu1@seed.test "
	  "on "
	  "Thu\r\n    The recipient name is not recognized\r\n",
	  "failed  <u1@seed.test> u1@seed.test on Thu The recipient name is not recognized" },
	{ "Domino",
	  "\r\nYour message\r\n\r\n  Subject: x\r\n\r\nwas not delivered to:\r\n\r\n  "
	  "u1@seed.test\r\n\r\nbecause:\r\n\r\n"
	  "User not listed\r\n",
	  "failed  <u1@seed.test> u1@seed.test because:" },
	{ "Postfix without a report; the postmaster is not the recipient",
	  "\r\nI'm sorry to have to inform you that it could not be delivered.\r\nPlease contact <help@mx.test>\r\n\r\n"
	  "<u1@seed.test>: host mx.test[192.0.2.7] said: 550-5.1.1 no\r\n    550 5.1.1 user\r\n",
	  "failed 5.1.1 <u1@seed.test> 550-5.1.1 no 550 5.1.1 user" },
	{ "subject of a mail system", DAEMON "Subject: =?utf-8?Q?Undelivered?= Mail\r\n\r\nNon.\r\n",
	  "failed  <> Non." },
	{ "reply that a mail system quotes", DAEMON "Subject: x\r\n\r\n<u1@seed.test>: 554 5.7.1 no\r\n",
	  "failed 5.7.1 <u1@seed.test> 554 5.7.1 no" },
	{ "recipient that a mail system names", DAEMON "Subject: x\r\n\r\n<u1@seed.test>:\r\n\xb2\xbb\r\n",
	  "failed  <u1@seed.test> u1@seed.test>: \xb2\xbb" },
	{ "report without a status part",
	  "Content-Type: multipart/report; report-type=delivery-status\r\n\r\nA message "
	  "could not be delivered to:\r\nu1@seed.test\r\n",
	  "failed  <u1@seed.test> u1@seed.test" },
	{ "null sender as author", "From: <>\r\nSubject: failure notice\r\n\r\nu1@seed.test 550 no\r\n",
	  "failed  <u1@seed.test> 550 no" },
	{ "delay by the subject of a mail system", DAEMON "Subject: Delivery Status Notification (Delay)\r\n\r\nx\r\n",
	  "delayed  <> x" },
	{ "an address is no status",
	  DAEMON "Subject: failure notice\r\n\r\n<u1@seed.test>: host 5.10.20.30 (version 4.99.1b) is down\r\n",
	  "failed  <u1@seed.test> u1@seed.test>: host 5.10.20.30 (version 4.99.1b) is down" },
	{ "a number in a name is no reply",
	  DAEMON "Subject: failure notice\r\n\r\n<u550@seed.test>: mx-500.test_450 4500 463 no answer\r\n",
	  "failed  <u550@seed.test> u550@seed.test>: mx-500.test_450 4500 463 no answer" },
	{ "a person who quotes a reply", "From: Ana <ana@seed.test>\r\nSubject: help\r\n\r\nI see 550 5.1.1 here.\r\n",
	  NULL },
	{ "a person whose subject is like one", "From: Ana <ana@seed.test>\r\nSubject: Undelivered mail?\r\n\r\nHi\r\n",
	  NULL },
	{ "a mail system that says nothing", DAEMON "Subject: Welcome\r\n\r\nYour quota is 500 MB.\r\n", NULL },
	{ "a person who speaks of delivery",
	  "From: Ana <ana@seed.test>\r\n\r\nYour message was not delivered to me in time; my parcel has been "
	  "delayed.\r\n",
	  NULL },
	{ "a person who promises",
	  "From: Ana <ana@seed.test>\r\n\r\nWe will keep trying, no action is required on your "
	  "part.\r\n",
	  NULL },
	{ "an absent person",
	  "From: Ana <ana@seed.test>\r\nAuto-Submitted: auto-replied\r\n\r\nYour message could not be "
	  "delivered: I am away until 5.10. Call 0550 4711.\r\n",
	  NULL },
	{ "the same words of a server that quotes a reply",
	  "From: no-reply@gateway.test\r\n\r\nYour message could not be delivered: 550 5.1.1 no\r\n",
	  "failed 5.1.1 <> 550 5.1.1 no" },
	{ "an answer", "From: a@seed.test\r\nSubject: Re: x\r\n\r\nThank you.\r\n", NULL },
	{ "the phrases in the returned message alone",
	  "From: a@seed.test\r\n\r\nSee below.\r\n\r\nReceived: from x\r\n\r\nThis is the qmail-send program\r\n",
	  NULL },
	{ "nothing", "\r\n", NULL },
};

static void forms_of_mail_systems_are_read(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct header header;
		struct dsn_text r;
		char *octets = NULL;
		_cleanup_(buf_fini) struct buf seen = BUF_INIT(4096);
		struct span message = span_of(rows[i].message);
		assert_int_equal(header_parse(&header, message, &err), 0);
		int rc = dsn_text_read(&header, dsn_text_cut(span_sub(message, header.body_offset, SIZE_MAX)), &r,
				       &octets, &err);
		if (rc > 0)
			buf_addf(&seen, "%s %.*s <%.*s> %.*s", r.delayed ? "delayed" : "failed", SPAN_ARG(r.status),
				 SPAN_ARG(r.recipient), SPAN_ARG(r.diagnostic));
		ROW_ASSERT(rows[i].label, rc == (rows[i].expected != NULL));
		if (rc > 0)
			ROW_ASSERT_STRING(rows[i].label, buf_str(&seen), rows[i].expected);
		free(octets);
		header_fini(&header);
	}
}

static void phrases_are_found_whatever_their_case(void **state)
{
	struct error err = ERROR_INIT;
	struct header header = { 0 };
	struct dsn_text r;
	char *octets = NULL;
	assert_int_equal(
	    dsn_text_read(&header, SPAN_LIT("THIS IS THE QMAIL-SEND\r\n  Program at X"), &r, &octets, &err), 1);
	free(octets);
}

static void a_text_of_any_length_is_read_to_the_cap(void **state)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(1 << 20);
	struct header header = { 0 };
	struct error err = ERROR_INIT;
	struct dsn_text r;
	char *octets = NULL;
	buf_add_str(&text, "This is the qmail-send program. 550 5.1.1 ");
	for (int i = 0; i < 40000; i++)
		buf_add_str(&text, "a@b.c ");
	assert_int_equal(dsn_text_read(&header, buf_span(&text), &r, &octets, &err), 1);
	assert_int_equal(r.diagnostic.len, DSN_TEXT_DIAGNOSTIC_MAX);
	free(octets);
	buf_clear(&text);
	for (int i = 0; i < DSN_TEXT_MAX; i++)
		buf_add_char(&text, 'a');
	buf_add_str(&text, " This is the qmail-send program.");
	assert_int_equal(dsn_text_read(&header, buf_span(&text), &r, &octets, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_of_mail_systems_are_read),
		cmocka_unit_test(phrases_are_found_whatever_their_case),
		cmocka_unit_test(a_text_of_any_length_is_read_to_the_cap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
