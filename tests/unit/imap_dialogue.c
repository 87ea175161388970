/* Plays a table to one client after the other. */
#include "tests/unit/unit.h"

#include "tests/unit/imap_dialogue.h"

static bool answer(struct test_peer *peer, const char *text, const char *tag)
{
	bool sent = true;
	while (sent && *text) {
		size_t len = strcspn(text, "@");
		sent = peer_send_octets(peer, text, len);
		text += len;
		if (sent && *text == '@') {
			sent = peer_send(peer, tag);
			text++;
		}
	}
	return sent;
}

/* False where the client has gone or asks for something else. */
static bool expect(struct test_peer *peer, const char *asked, char tag[16])
{
	char line[32 * 1024];
	if (!peer_read_line(peer, line, sizeof(line)))
		return false;
	if (asked[0] == '>')
		return strncmp(line, asked + 1, strlen(asked + 1)) == 0;
	struct span rest = span_of(line), first = SPAN_LIT("");
	span_next(&rest, ' ', &first);
	span_copy(first, tag, 16);
	if (span_starts_nocase(rest, span_of(asked)))
		return true;
	peer_sendf(peer, "%s BAD not expected: %.*s\r\n", tag, SPAN_ARG(rest));
	return false;
}

void dialogue_play(struct test_peer *peer)
{
	const struct dialogue *d = peer->user;
	char tag[16] = "*";
	if (d->tls && !peer_start_tls(peer, d->tls))
		return;
	if (!peer_send(peer, d->greeting))
		return;
	for (const struct dialogue_step *step = d->steps; step->asked || step->answer; step++) {
		if (step->asked && step->answer && !expect(peer, step->asked, tag))
			return;
		if (!step->answer) {
			peer_wait_for_end(peer);
			return;
		}
		if (!answer(peer, step->answer, tag))
			return;
		if (step->starttls && !peer_start_tls(peer, step->starttls))
			return;
	}
}

struct imap_params dialogue_params(uint16_t port)
{
	return (struct imap_params){ .host = "127.0.0.1",
				     .port = port,
				     .security = IMAP_PLAIN,
				     .login_timeout_ms = 5000,
				     .command_timeout_ms = 5000,
				     .cancel_fd = -1 };
}

struct imap_session *dialogue_sign_in(const struct imap_params *params)
{
	struct error err = ERROR_INIT;
	struct imap_session *session = NULL;
	struct secret *password = NULL;
	assert_int_equal(secret_new(SPAN_LIT("pass word"), &password, &err), 0);
	if (imap_session_open(&session, params, &err) < 0 || imap_session_login(session, "ana", password, &err) < 0)
		fail_msg("%s", err.text);
	secret_free(password);
	return session;
}

struct imap_session *dialogue_examine(const struct imap_params *params)
{
	struct error err = ERROR_INIT;
	struct imap_folder_state folder;
	struct imap_session *session = dialogue_sign_in(params);
	if (imap_session_examine(session, "INBOX", &folder, &err) < 0)
		fail_msg("%s", err.text);
	return session;
}
