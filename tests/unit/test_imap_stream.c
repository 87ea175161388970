/* What libetpan gets to read, what is kept of errors, what stands in the transcript. */
#include "tests/unit/unit.h"

#include <libetpan/mailstream.h>
#include <libetpan/mailstream_helper.h>
#include <libetpan/mmapstring.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "providers/imap_stream.h"

static const struct imap_limits LIMITS = { .octets = 1000, .literal = 500, .line = 600, .depth = 5, .responses = 20 };

struct fixture {
	int peer;
	struct imap_stream *stream;
	mailstream *mail;
	MMAPString *line;
	struct buf transcript;
};

static void note(void *user, char direction, struct span line)
{
	struct fixture *f = user;
	buf_addf(&f->transcript, "%c%.*s|", direction, SPAN_ARG(line));
}

static void say(struct fixture *f, const char *text)
{
	assert_int_equal(send(f->peer, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void hang_up(struct fixture *f)
{
	close(f->peer);
	f->peer = -1;
}

static const char *line(struct fixture *f)
{
	return mailstream_read_line_remove_eol(f->mail, f->line);
}

static int set_up(void **state)
{
	static struct fixture f;
	int fds[2];
	struct tls_stream *tls = NULL;
	struct error err = ERROR_INIT;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	f = (struct fixture){ .peer = fds[1], .transcript = BUF_INIT(10000), .line = mmap_string_new("") };
	assert_int_equal(tls_stream_new(&tls, fds[0], -1, &err), 0);
	assert_int_equal(imap_stream_new(tls, note, &f, &f.stream, &err), 0);
	f.mail = imap_stream_mail(f.stream);
	assert_non_null(f.mail);
	imap_stream_begin(f.stream, deadline_in(200), &LIMITS, NULL);
	say(&f, "* OK [CAPABILITY IMAP4rev1 IDLE] hello\r\n");
	assert_string_equal(line(&f), "* OK x");
	buf_clear(&f.transcript);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	mailstream_close(f->mail);
	imap_stream_free(f->stream);
	mmap_string_free(f->line);
	buf_fini(&f->transcript);
	if (f->peer >= 0)
		close(f->peer);
	return 0;
}

static void only_data_and_ends_of_commands_pass(void **state)
{
	struct fixture *f = *state;
	say(f, "* 7 EXISTS\r\n* FLAGS (\\Seen)\r\n* OK [UIDNEXT 5] next\r\n* XYZZY \"(\r\n* XYZZY {5}\r\n* BYE x\r\n* "
	       "LIST () \"/\" a\r\n"
	       "* 1 FETCH (BODY[] {8}\r\n* 2 BYE\n UID 9)\r\n* STATUS {3}\r\na\r\n (MESSAGES 1)\r\n+ go on\r\n12 no "
	       "[ALERT]\r\n");
	assert_string_equal(line(f), "* LIST () \"/\" {1}");
	assert_string_equal(line(f), "a");
	assert_true(imap_stream_pending(f->stream));
	assert_string_equal(line(f), "* 1 FETCH (UID 9 BODY[] {8}");
	assert_string_equal(line(f), "* 2 BYE");
	assert_string_equal(line(f), ")");
	assert_string_equal(line(f), "12 NO x");
	assert_false(imap_stream_pending(f->stream));
	const struct imap_sieve *said = imap_stream_said(f->stream);
	assert_int_equal(said->heard.exists, 7);
	assert_int_equal(said->heard.uidnext, 5);
	assert_int_equal(said->heard.status.messages, 1);
	assert_int_equal(said->heard.condition, CONDITION_NO);
	assert_string_equal(said->heard.text, "[ALERT]");
	assert_string_equal(said->capabilities, "IMAP4rev1 IDLE");
	assert_int_equal(imap_stream_error(f->stream)->kind, ERROR_NONE);
}

static void what_is_written_leaves(void **state)
{
	struct fixture *f = *state;
	char got[100] = "";
	assert_int_equal(mailstream_write(f->mail, "1 NOOP\r\n", 8), 8);
	assert_int_equal(mailstream_flush(f->mail), 0);
	assert_int_equal(read(f->peer, got, sizeof(got)), 8);
	assert_string_equal(got, "1 NOOP\r\n");
	assert_string_equal(buf_str(&f->transcript), ">1 NOOP|");
}

static void commands_of_our_own_drop_data(void **state)
{
	struct fixture *f = *state;
	say(f, "* 1 FETCH (FLAGS ())\r\n* 8 EXISTS\r\n+ idling\r\n* 2 FETCH (BODY[] {9}\r\n3 OK done");
	assert_int_equal(imap_stream_hear(f->stream, 3), 1);
	assert_int_equal(imap_stream_said(f->stream)->heard.exists, 8);
	imap_stream_begin(f->stream, deadline_in(200), &LIMITS, NULL);
	say(f, ")\r\n* 9 EXISTS\r\n3 OK done\r\n* LIST () NIL b\r\n");
	assert_int_equal(imap_stream_hear(f->stream, 3), 0);
	assert_int_equal(imap_stream_said(f->stream)->heard.exists, 9);
	imap_stream_begin(f->stream, deadline_in(200), &LIMITS, NULL);
	say(f, "* LIST () NIL a\r\n4 OK\r\n");
	assert_string_equal(line(f), "* LIST () NIL {1}");
	assert_string_equal(line(f), "a");
	assert_string_equal(line(f), "4 OK x");
}

static void response_that_began_before_our_own_command_is_dropped_whole(void **state)
{
	struct fixture *f = *state;
	say(f, "1 OK\r\n* 1 FETCH (BODY[] {10}\r\nab");
	assert_string_equal(line(f), "1 OK x");
	imap_stream_begin(f->stream, deadline_in(200), &LIMITS, NULL);
	say(f, "cdefghij)\r\n2 OK\r\n");
	assert_int_equal(imap_stream_hear(f->stream, 2), 0);
	assert_false(imap_stream_pending(f->stream));
	assert_int_equal(imap_stream_error(f->stream)->kind, ERROR_NONE);
}

static void answer_to_another_command_is_an_error(void **state)
{
	struct fixture *f = *state;
	say(f, "7 OK\r\n");
	assert_int_equal(imap_stream_hear(f->stream, 3), -1);
	assert_int_equal(imap_stream_error(f->stream)->kind, ERROR_PROTOCOL);
}

static void end_of_stream_is_an_error_that_stays(void **state)
{
	struct fixture *f = *state;
	char octet;
	say(f, "* 1 FETCH (UID 9)\r\n* 2 FETCH (UID 10 BODY[] {100}\r\nabc");
	hang_up(f);
	assert_string_equal(line(f), "* 1 FETCH (UID 9)");
	assert_int_equal(mailstream_read(f->mail, &octet, 1), -1);
	assert_int_equal(imap_stream_error(f->stream)->kind, ERROR_NETWORK);
	assert_int_equal(imap_stream_error(f->stream)->retry, RETRY_LATER);
	imap_stream_begin(f->stream, deadline_in(200), &LIMITS, NULL);
	assert_int_equal(mailstream_read(f->mail, &octet, 1), -1);
	assert_int_equal(mailstream_write(f->mail, "1 NOOP\r\n", 8), 8);
	assert_int_equal(mailstream_flush(f->mail), -1);
}

static void silence_ends_at_the_deadline(void **state)
{
	struct fixture *f = *state;
	int64_t before = clock_mono_ms();
	say(f, "1 OK half");
	assert_null(line(f));
	assert_int_equal(imap_stream_error(f->stream)->kind, ERROR_TIMEOUT);
	assert_in_range(clock_mono_ms() - before, 150, 5000);
}

static void crossing_a_limit_hides_what_crossed_it(void **state)
{
	struct fixture *f = *state;
	say(f, "* 1 FETCH ((((((\r\n");
	assert_null(line(f));
	assert_int_equal(imap_stream_error(f->stream)->kind, ERROR_LIMIT);
	assert_null(line(f));
}

static void bye_ends_the_stream_with_its_reason(void **state)
{
	struct fixture *f = *state;
	say(f, "* bye Autologout; idle for too long\r\n");
	assert_null(line(f));
	assert_non_null(strstr(imap_stream_error(f->stream)->text, "Autologout; idle for too long"));
	assert_int_equal(imap_stream_error(f->stream)->kind, ERROR_NETWORK);
}

static void literals_and_long_lines_are_cut_from_the_transcript(void **state)
{
	struct fixture *f = *state;
	char longline[550];
	memset(longline, 'x', sizeof(longline));
	memcpy(longline, "* OK ", 5);
	memcpy(longline + 547, "\r\n", 3);
	say(f, "* 1 FETCH (UID 9 BODY[] {6}\r\nse\nret)\r\n");
	assert_non_null(line(f));
	assert_non_null(line(f));
	assert_non_null(line(f));
	assert_string_equal(buf_str(&f->transcript), "<* 1 FETCH (UID 9 BODY[] {6}|<)|");
	buf_clear(&f->transcript);
	say(f, longline);
	say(f, "1 OK\r\n");
	assert_non_null(line(f));
	assert_in_range(f->transcript.len, 400, 420);
	assert_non_null(strstr(buf_str(&f->transcript), "xxx...|"));
}

static void secrets_do_not_reach_the_transcript(void **state)
{
	struct fixture *f = *state;
	imap_stream_begin(f->stream, deadline_in(200), &LIMITS, "LOGIN ...");
	mailstream_write(f->mail, "1 LOGIN ana ", 12);
	mailstream_flush(f->mail);
	mailstream_write(f->mail, "hunter2\r\n", 9);
	mailstream_flush(f->mail);
	imap_stream_begin(f->stream, deadline_in(200), &LIMITS, NULL);
	mailstream_write(f->mail, "2 NOOP\r\n", 8);
	mailstream_flush(f->mail);
	assert_string_equal(buf_str(&f->transcript), ">LOGIN ...|>2 NOOP|");
}

static void plaintext_ahead_of_tls_is_refused(void **state)
{

	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	say(f, "1 OK begin\r\n* LIST () NIL injected\r\n");
	assert_non_null(line(f));
	assert_int_equal(imap_stream_start_tls(f->stream, "imap.test", NULL, &err), -1);
	assert_int_equal(err.kind, ERROR_PROTOCOL);
	assert_int_equal(err.code, IMAP_CAUSE_INJECTION);
	assert_null(line(f));
}

static void plaintext_in_the_socket_is_refused(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	say(f, "1 OK begin\r\n");
	assert_non_null(line(f));
	say(f, "* OK injected\r\n");
	assert_int_equal(imap_stream_start_tls(f->stream, "imap.test", NULL, &err), -1);
	assert_int_equal(err.kind, ERROR_PROTOCOL);
	assert_int_equal(err.code, IMAP_CAUSE_INJECTION);
}

static void status_line_ahead_of_tls_is_refused(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	say(f, "1 OK begin\r\n* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] injected\r\n");
	assert_non_null(line(f));
	assert_int_equal(imap_stream_start_tls(f->stream, "imap.test", NULL, &err), -1);
	assert_int_equal(err.code, IMAP_CAUSE_INJECTION);
}

static void half_a_line_ahead_of_tls_is_refused(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	say(f, "1 OK begin\r\n* OK inj");
	assert_non_null(line(f));
	assert_int_equal(imap_stream_start_tls(f->stream, "imap.test", NULL, &err), -1);
	assert_int_equal(err.code, IMAP_CAUSE_INJECTION);
}

static void first_reason_stands(void **state)
{
	struct fixture *f = *state;
	struct error first = ERROR_INIT, second = ERROR_INIT;
	error_set(&first, ERROR_PROTOCOL, RETRY_LATER, 0, "first");
	error_set(&second, ERROR_LIMIT, RETRY_LATER, 0, "second");
	imap_stream_fail(f->stream, &first);
	imap_stream_fail(f->stream, &second);
	assert_string_equal(imap_stream_error(f->stream)->text, "first");
	assert_null(line(f));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_data_and_ends_of_commands_pass),
		TEST(what_is_written_leaves),
		TEST(commands_of_our_own_drop_data),
		TEST(response_that_began_before_our_own_command_is_dropped_whole),
		TEST(answer_to_another_command_is_an_error),
		TEST(end_of_stream_is_an_error_that_stays),
		TEST(silence_ends_at_the_deadline),
		TEST(crossing_a_limit_hides_what_crossed_it),
		TEST(bye_ends_the_stream_with_its_reason),
		TEST(literals_and_long_lines_are_cut_from_the_transcript),
		TEST(secrets_do_not_reach_the_transcript),
		TEST(plaintext_ahead_of_tls_is_refused),
		TEST(plaintext_in_the_socket_is_refused),
		TEST(status_line_ahead_of_tls_is_refused),
		TEST(half_a_line_ahead_of_tls_is_refused),
		TEST(first_reason_stands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
