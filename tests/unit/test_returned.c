/* What came back and is no notification. */
#include "harness/mail/returned.h"

#include "tests/unit/unit.h"

#define REPORT(type)                                                                                                   \
	"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: " type              \
	"\r\n\r\nx: y\r\n--b--\r\n"

static void what_came_back_has_a_name(void **state)
{
	static const struct {
		const char *label, *message;
		enum returned_kind expected;
	} rows[] = {
		{ "abuse report", REPORT("message/feedback-report"), RETURNED_COMPLAINT },
		{ "abuse report in capitals", REPORT("Message/Feedback-Report"), RETURNED_COMPLAINT },
		{ "read receipt", REPORT("message/disposition-notification"), RETURNED_RECEIPT },
		{ "read receipt that came by itself",
		  "Auto-Submitted: auto-replied\r\n" REPORT("message/disposition-notification"), RETURNED_RECEIPT },
		{ "RFC 3834", "Auto-Submitted: auto-replied\r\n\r\nI am away.\r\n", RETURNED_AUTO_REPLY },
		{ "RFC 3834 with parameters", "Auto-Submitted: auto-replied; owner-email=a@b\r\n\r\nx\r\n",
		  RETURNED_AUTO_REPLY },
		{ "generated", "Auto-Submitted: auto-generated\r\n\r\nx\r\n", RETURNED_AUTO_REPLY },
		{ "no automatic mail", "Auto-Submitted: no\r\n\r\nx\r\n", RETURNED_MESSAGE },
		{ "Exchange", "X-Auto-Response-Suppress: All\r\n\r\nx\r\n", RETURNED_AUTO_REPLY },
		{ "a field of its own", "X-Autoreply: yes\r\n\r\nx\r\n", RETURNED_AUTO_REPLY },
		{ "precedence", "Precedence: auto_reply\r\n\r\nx\r\n", RETURNED_AUTO_REPLY },
		{ "bulk mail", "Precedence: bulk\r\n\r\nx\r\n", RETURNED_MESSAGE },
		{ "subject", "Subject: Out of Office: your application\r\n\r\nx\r\n", RETURNED_AUTO_REPLY },
		{ "subject of Outlook", "Subject: Automatic reply: your application\r\n\r\nx\r\n",
		  RETURNED_AUTO_REPLY },
		{ "German subject", "Subject: Abwesenheitsnotiz: Ihr Antrag\r\n\r\nx\r\n", RETURNED_AUTO_REPLY },
		{ "encoded French subject", "Subject: =?utf-8?Q?R=C3=A9ponse_automatique?= : x\r\n\r\nx\r\n",
		  RETURNED_AUTO_REPLY },
		{ "the words within a subject", "Subject: I am out of office supplies\r\n\r\nx\r\n", RETURNED_MESSAGE },
		{ "challenge in the subject", "Subject: Please confirm your mail to a@b\r\n\r\nx\r\n",
		  RETURNED_CHALLENGE },
		{ "challenge in the text",
		  "Subject: Re: x\r\nAuto-Submitted: auto-replied\r\n\r\nYour mail is waiting for your "
		  "confirmation.\r\n",
		  RETURNED_CHALLENGE },
		{ "challenge over two lines, encoded",
		  "Content-Transfer-Encoding: quoted-printable\r\n\r\nClick to be added to the "
		  "recipient's\r\nall=\r\nowed list.\r\n",
		  RETURNED_CHALLENGE },
		{ "an answer", "Subject: Re: your application\r\n\r\nThank you.\r\n", RETURNED_MESSAGE },
		{ "nothing", "", RETURNED_MESSAGE },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct header header;
		enum returned_kind kind = RETURNED_KIND_COUNT;
		assert_int_equal(header_parse(&header, span_of(rows[i].message), &err), 0);
		assert_int_equal(returned_kind_of(&header, span_of(rows[i].message), &kind, &err), 0);
		header_fini(&header);
		ROW_ASSERT_STRING(rows[i].label, returned_kind_name(kind), returned_kind_name(rows[i].expected));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_back_has_a_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
