/* The transaction as a state machine, and the commands it puts on the wire. */
#include "tests/unit/unit.h"

#include <string.h>

#include "harness/send/smtp_dialogue.h"

enum { ON = -1 /* not settled */ };

static const struct {
	enum smtp_state state;
	int code;
	enum smtp_state next;
	int settled; /* ON, or a class */
} steps[] = {
	{ SMTP_MAIL, 250, SMTP_RCPT, ON },
	{ SMTP_MAIL, 451, SMTP_RSET, SMTP_TEMPORARY },
	{ SMTP_MAIL, 421, SMTP_CLOSED, SMTP_TEMPORARY },
	{ SMTP_MAIL, 550, SMTP_RSET, SMTP_PERMANENT },
	{ SMTP_MAIL, 354, SMTP_CLOSED, SMTP_NOT_SENT },
	{ SMTP_RCPT, 250, SMTP_DATA, ON },
	{ SMTP_RCPT, 251, SMTP_DATA, ON },
	{ SMTP_RCPT, 252, SMTP_DATA, ON },
	{ SMTP_RCPT, 450, SMTP_RSET, SMTP_TEMPORARY },
	{ SMTP_RCPT, 421, SMTP_CLOSED, SMTP_TEMPORARY },
	{ SMTP_RCPT, 550, SMTP_RSET, SMTP_PERMANENT },
	{ SMTP_DATA, 354, SMTP_CONTENT, ON },
	{ SMTP_DATA, 250, SMTP_CLOSED, SMTP_NOT_SENT },
	{ SMTP_DATA, 451, SMTP_RSET, SMTP_TEMPORARY },
	{ SMTP_DATA, 554, SMTP_RSET, SMTP_PERMANENT },
	{ SMTP_CONTENT, 250, SMTP_CLOSED, SMTP_NOT_SENT },
	{ SMTP_CONTENT, 452, SMTP_CLOSED, SMTP_TEMPORARY },
	{ SMTP_CONTENT, 552, SMTP_CLOSED, SMTP_PERMANENT },
	{ SMTP_END, 250, SMTP_IDLE, SMTP_ACCEPTED },
	{ SMTP_END, 451, SMTP_RSET, SMTP_TEMPORARY },
	{ SMTP_END, 421, SMTP_CLOSED, SMTP_TEMPORARY },
	{ SMTP_END, 550, SMTP_RSET, SMTP_PERMANENT },
	{ SMTP_END, 354, SMTP_CLOSED, SMTP_IN_DOUBT },
	{ SMTP_RSET, 250, SMTP_IDLE, ON },
	{ SMTP_RSET, 500, SMTP_CLOSED, ON },
	{ SMTP_IDLE, 421, SMTP_CLOSED, ON },
	{ SMTP_QUIT, 221, SMTP_CLOSED, ON },
	{ SMTP_AUTH, 334, SMTP_AUTH, ON },
	{ SMTP_AUTH, 235, SMTP_IDLE, ON },
	{ SMTP_AUTH, 535, SMTP_CLOSED, ON },
	{ SMTP_AUTH, 454, SMTP_CLOSED, ON },
};

static void every_reply_leads_somewhere(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct smtp_move move = smtp_dialogue_step(steps[i].state, steps[i].code);
		if (move.next != steps[i].next || move.settled != (steps[i].settled != ON) ||
		    (move.settled && (int)move.class != steps[i].settled))
			fail_msg("state %d code %d: next %d settled %d class %d", steps[i].state, steps[i].code,
				 move.next, move.settled, move.class);
	}
}

/* What may be tried again must not have been handed over, unless the server itself says that it did not take it. */
static void only_the_server_takes_a_message_out_of_doubt(void **state)
{
	for (int s = 0; s < SMTP_STATE_COUNT; s++) {
		for (int code = 200; code < 600; code++) {
			struct smtp_move move = smtp_dialogue_step((enum smtp_state)s, code);
			if (move.settled && s == SMTP_END)
				assert_int_not_equal(move.class, SMTP_NOT_SENT);
			if (move.settled && s != SMTP_END) {
				assert_int_not_equal(move.class, SMTP_ACCEPTED);
				assert_int_not_equal(move.class, SMTP_IN_DOUBT);
			}
		}
	}
}

static const struct {
	const char *label;
	enum smtp_state state;
	struct smtp_job job;
	struct smtp_extensions extensions;
	const char *command;
} commands[] = {
	{ "MAIL", SMTP_MAIL, { .mail_from = "a@b", .rcpt = "c@d" }, {}, "MAIL FROM:<a@b>\r\n" },
	{ "null sender", SMTP_MAIL, { .mail_from = "", .rcpt = "c@d" }, {}, "MAIL FROM:<>\r\n" },
	{ "SIZE",
	  SMTP_MAIL,
	  { .mail_from = "a@b", .rcpt = "c@d", .message = { "hello", 5 } },
	  { .size = true },
	  "MAIL FROM:<a@b> SIZE=5\r\n" },
	{ "SMTPUTF8 offered, not needed",
	  SMTP_MAIL,
	  { .mail_from = "a@b", .rcpt = "c@d" },
	  { .smtputf8 = true },
	  "MAIL FROM:<a@b>\r\n" },
	{ "UTF-8 header",
	  SMTP_MAIL,
	  { .mail_from = "a@b", .rcpt = "c@d", .smtputf8 = true },
	  { .smtputf8 = true },
	  "MAIL FROM:<a@b> SMTPUTF8\r\n" },
	{ "UTF-8 sender",
	  SMTP_MAIL,
	  { .mail_from = "\xc3\xa9@b", .rcpt = "c@d" },
	  { .smtputf8 = true },
	  "MAIL FROM:<\xc3\xa9@b> SMTPUTF8\r\n" },
	{ "UTF-8 recipient",
	  SMTP_MAIL,
	  { .mail_from = "a@b", .rcpt = "\xc3\xa9@d" },
	  { .smtputf8 = true },
	  "MAIL FROM:<a@b> SMTPUTF8\r\n" },
	{ "RCPT", SMTP_RCPT, { .mail_from = "a@b", .rcpt = "c@d" }, {}, "RCPT TO:<c@d>\r\n" },
	{ "DATA", SMTP_DATA, {}, {}, "DATA\r\n" },
	{ "content", SMTP_CONTENT, {}, {}, "" },
	{ "end of data", SMTP_END, {}, {}, ".\r\n" },
	{ "RSET", SMTP_RSET, {}, {}, "RSET\r\n" },
	{ "QUIT", SMTP_QUIT, {}, {}, "QUIT\r\n" },
};

static void state_is_entered_with_its_command(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		struct buf out = BUF_INIT(1000);
		smtp_dialogue_command(commands[i].state, &commands[i].job, &commands[i].extensions, &out);
		ROW_ASSERT_STRING(commands[i].label, buf_str(&out), commands[i].command);
		buf_fini(&out);
	}
}

static void extensions_are_read_from_ehlo(void **state)
{
	static const struct {
		const char *line;
		struct smtp_extensions expected;
	} lines[] = {
		{ "SIZE", { .size = true } },
		{ "size 1000", { .size = true } },
		{ "SMTPUTF8", { .smtputf8 = true } },
		{ "AUTH PLAIN LOGIN", { .auth = "PLAIN LOGIN" } },
		{ "auth  PLAIN   LOGIN ", { .auth = "PLAIN LOGIN" } },
		{ "AUTH=LOGIN", { .auth = "LOGIN" } },
		{ "AUTH=LOGIN PLAIN", { .auth = "LOGIN PLAIN" } },
		{ "AUTH", { .auth = "" } },
		{ "AUTH=", { .auth = "" } },
		{ "SIZES", { .auth = "" } },
		{ "X-AUTH PLAIN", { .auth = "" } },
		{ "", { .auth = "" } },
	};
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct smtp_extensions e = { 0 };
		smtp_extensions_read(&e, span_of(lines[i].line));
		ROW_ASSERT(lines[i].line, e.size == lines[i].expected.size &&
					      e.smtputf8 == lines[i].expected.smtputf8 &&
					      strcmp(e.auth, lines[i].expected.auth) == 0);
	}
}

static void mechanisms_of_several_lines_are_added_and_capped(void **state)
{
	struct smtp_extensions e = { 0 };
	char line[2 * SMTP_AUTH_NAMES_MAX] = "AUTH ";
	smtp_extensions_read(&e, SPAN_LIT("AUTH LOGIN"));
	smtp_extensions_read(&e, SPAN_LIT("AUTH=PLAIN"));
	assert_string_equal(e.auth, "LOGIN PLAIN");
	memset(line + 5, 'X', sizeof(line) - 10);
	smtp_extensions_read(&e, span_of(line));
	assert_string_equal(e.auth, "LOGIN PLAIN");
	for (int i = 0; i < 200; i++)
		smtp_extensions_read(&e, SPAN_LIT("AUTH ABC"));
	assert_true(strlen(e.auth) < sizeof(e.auth) && strlen(e.auth) > sizeof(e.auth) - 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reply_leads_somewhere),
		cmocka_unit_test(only_the_server_takes_a_message_out_of_doubt),
		cmocka_unit_test(state_is_entered_with_its_command),
		cmocka_unit_test(extensions_are_read_from_ehlo),
		cmocka_unit_test(mechanisms_of_several_lines_are_added_and_capped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
