/* Folders: lists as servers send them, states, opening, names that must not break a command. */
#include "tests/unit/unit.h"

#include <inttypes.h>
#include <sys/socket.h>

#include "tests/unit/imap_box.h"

enum { PATIENCE_MS = 20000 };

/* What the box says to LIST, STATUS or EXAMINE: %s is the tag. */
struct script {
	const char *verb, *says;
};

static bool answer_by_script(struct imap_box *box, struct test_peer *peer, const char *tag, const char *command)
{
	const struct script *script = box->user;
	if (strncmp(command, script->verb, strlen(script->verb)) != 0)
		return false;
	const char *place = strstr(script->says, "%s");
	peer_send_octets(peer, script->says, place ? (size_t)(place - script->says) : strlen(script->says));
	if (place)
		peer_sendf(peer, "%s%s", tag, place + 2);
	return true;
}

static struct imap_box box;
static struct script script;
static struct test_server *server;

static struct imap_session *connect_with(const char *capabilities, const char *verb, const char *says)
{
	script = (struct script){ verb, says };
	box = (struct imap_box){ .messages = 7,
				 .uidvalidity = 42,
				 .answer = answer_by_script,
				 .user = &script,
				 .capabilities = capabilities };
	server = imap_box_start(&box);
	return imap_box_connect(server, PATIENCE_MS);
}

static void end(struct imap_session *session)
{
	imap_session_free(session);
	test_server_free(server);
}

static const struct list_row {
	const char *label, *says;
	const char *expected; /* name|raw|delimiter|selectable|use, one line each; NULL for an error */
	enum error_kind kind;
	bool dead;
} lists[] = {
	{ "ordinary",
	  "* LIST (\\HasNoChildren) \"/\" INBOX\r\n* LIST (\\HasNoChildren \\Junk) \"/\" \"Junk E-Mail\"\r\n%s OK\r\n",
	  "INBOX|INBOX|/|yes|other\nJunk E-Mail|Junk E-Mail|/|yes|spam\n", 0, false },
	{ "every use",
	  "* LIST (\\All) \"/\" a\r\n* LIST (\\Archive) \"/\" b\r\n* LIST (\\Drafts) \"/\" c\r\n* LIST (\\Sent) \"/\" "
	  "d\r\n"
	  "* LIST (\\Trash) \"/\" e\r\n* LIST (\\Flagged) \"/\" f\r\n* LIST (\\Noinferiors \\jUNK) \"/\" g\r\n"
	  "* LIST (\\HasNoChildren \\Important) \"/\" h\r\n%s OK\r\n",
	  "a|a|/|yes|all\nb|b|/|yes|archive\nc|c|/|yes|drafts\nd|d|/|yes|sent\ne|e|/|yes|trash\nf|f|/"
	  "|yes|flagged\ng|g|/"
	  "|yes|spam\nh|h|/|yes|important\n",
	  0, false },
	{ "not to be opened",
	  "* LIST (\\Noselect \\HasChildren) \"/\" \"[Gmail]\"\r\n* LIST (\\NonExistent) \"/\" x\r\n* LIST () \"/\" "
	  "y\r\n%s OK\r\n",
	  "[Gmail]|[Gmail]|/|no|other\nx|x|/|no|other\ny|y|/|yes|other\n", 0, false },
	{ "other letters",
	  "* LIST () \".\" \"Entw&APw-rfe\"\r\n* LIST () \".\" &BCEEPwQwBDw-\r\n* LIST () \".\" \"Caf\xc3\xa9\"\r\n%s "
	  "OK\r\n",
	  "Entwürfe|Entw&APw-rfe|.|yes|other\nСпам|&BCEEPwQwBDw-|.|yes|other\nCafé|Caf\xc3\xa9|.|yes|other\n", 0,
	  false },
	{ "quotes and backslashes", "* LIST () \"\\\\\" \"a\\\\b \\\"c\\\"\"\r\n%s OK\r\n",
	  "a\\b \"c\"|a\\b \"c\"|\\|yes|other\n", 0, false },
	{ "name as a literal", "* LIST () \"/\" {5}\r\nJu nk\r\n%s OK\r\n", "Ju nk|Ju nk|/|yes|other\n", 0, false },
	{ "no hierarchy", "* LIST () NIL flat\r\n%s OK\r\n", "flat|flat|-|yes|other\n", 0, false },
	{ "twice", "* LIST () \"/\" a\r\n* LIST (\\Junk) \"/\" a\r\n%s OK\r\n", "a|a|/|yes|other\n", 0, false },
	{ "nothing", "%s OK\r\n", "", 0, false },
	{ "what else a server says",
	  "* 9 EXISTS\r\n* OK [ALERT]\r\n* LIST () \"/\" a\r\n* XYZZY\r\n* FLAGS ()\r\n%s OK\r\n", "a|a|/|yes|other\n",
	  0, false },
	{ "escape sequences in a name", "* LIST () \"/\" \"&ABs-[31mred\"\r\n%s OK\r\n",
	  "\\x1b[31mred|&ABs-[31mred|/|yes|other\n", 0, false },
	{ "line end in a name", "* LIST () \"/\" {6}\r\na\r\nb c\r\n* LIST () \"/\" a\r\n%s OK\r\n",
	  "a\\x0d\\x0ab c|a\r\nb c|/|no|other\na|a|/|yes|other\n", 0, false },
	{ "nothing for a name", "* LIST (\\Noselect) \"/\" \"\"\r\n* LIST () \"/\" a\r\n%s OK\r\n", "a|a|/|yes|other\n",
	  0, false },
	{ "a line that is no list", "* LIST what\r\n* LIST () \"/\" a\r\n%s OK\r\n", "a|a|/|yes|other\n", 0, false },
	{ "blanks, tabs and quotes",
	  "* LIST () \"/\" Public Folders\r\n* LIST () \"/\" \"A\tB\"\r\n* LIST () \"/\" \"a \"b\" c\"\r\n%s OK\r\n",
	  "Public Folders|Public Folders|/|yes|other\nA\\x09B|A\tB|/|yes|other\na \"b\" c|a \"b\" c|/|yes|other\n", 0,
	  false },
	{ "name of 4 GB", "* LIST () \"/\" {4294967295}\r\n", NULL, ERROR_LIMIT, true },
	{ "refused", "%s NO [NOPERM] not you\r\n", NULL, ERROR_REFUSED, false },
};

static void lists_are_read(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const struct list_row *row = &lists[i];
		struct imap_session *session = connect_with(NULL, "LIST", row->says);
		struct imap_folder_list list = { 0 };
		struct buf got = BUF_INIT(10000);
		struct error err = ERROR_INIT;
		int result = imap_session_list(session, &list, &err);
		for (size_t k = 0; k < list.count; k++) {
			const struct imap_folder *f = &list.folders[k];
			buf_addf(&got, "%s|%s|%c|%s|%s\n", f->name, f->raw, f->delimiter ? f->delimiter : '-',
				 f->selectable ? "yes" : "no", folder_role_name(f->use));
		}
		if ((result == 0) != (row->expected != NULL))
			fail_msg("%s: %s", row->label, err.text);
		ROW_ASSERT_STRING(row->label, buf_str(&got), row->expected ? row->expected : "");
		if (!row->expected)
			ROW_ASSERT(row->label, err.kind == row->kind);
		ROW_ASSERT(row->label, imap_session_dead(session) == row->dead);
		imap_folder_list_fini(&list);
		buf_fini(&got);
		end(session);
	}
}

static void attributes_are_asked_for_where_that_can_be_done(void **state)
{
	static const struct {
		const char *capabilities, *says, *expected;
		size_t lists;
	} rows[] = {
		{ "IMAP4rev1 SPECIAL-USE LIST-EXTENDED", "* LIST () \"/\" a\r\n%s OK\r\n",
		  "LIST \"\" \"*\" RETURN (SPECIAL-USE)", 1 },
		{ "IMAP4rev1 SPECIAL-USE", "* LIST () \"/\" a\r\n%s OK\r\n", "LIST \"\" \"*\"", 1 },
		{ "IMAP4rev1 SPECIAL-USE LIST-EXTENDED", "%s BAD what?\r\n", "LIST \"\" \"*\"", 2 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct imap_session *session = connect_with(rows[i].capabilities, "LIST", rows[i].says);
		struct imap_folder_list list = { 0 };
		struct error err = ERROR_INIT;
		size_t before = box.command_count;
		imap_session_list(session, &list, &err);
		ROW_ASSERT_STRING(rows[i].capabilities, imap_box_command(&box, 0), rows[i].expected);
		ROW_ASSERT(rows[i].capabilities, box.command_count - before == rows[i].lists);
		imap_folder_list_fini(&list);
		end(session);
	}
}

static bool answer_with_many(struct imap_box *of, struct test_peer *peer, const char *tag, const char *command)
{
	if (strncmp(command, "LIST", 4) != 0)
		return false;
	for (size_t i = 0; i < *(size_t *)of->user; i++)
		peer_sendf(peer, "* LIST () \"/\" folder%zu\r\n", i);
	return false;
}

static void number_of_folders_is_limited(void **state)
{
	static const size_t counts[] = { IMAP_FOLDERS_MAX, IMAP_FOLDERS_MAX + 1, 20 * IMAP_FOLDERS_MAX };
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		size_t count = counts[i];
		struct imap_folder_list list = { 0 };
		struct error err = ERROR_INIT;
		box = (struct imap_box){ .answer = answer_with_many, .user = &count };
		server = imap_box_start(&box);
		struct imap_session *session = imap_box_connect(server, PATIENCE_MS);
		int result = imap_session_list(session, &list, &err);
		assert_int_equal(result, count <= IMAP_FOLDERS_MAX ? 0 : -1);
		assert_int_equal(list.count, result == 0 ? count : 0);
		if (result < 0)
			assert_int_equal(err.kind, ERROR_LIMIT);
		imap_folder_list_fini(&list);
		end(session);
	}
}

static const struct state_row {
	const char *label, *verb, *says;
	bool examine;
	int result;
	struct imap_folder_state state;
	enum error_kind kind;
	enum imap_cause cause;
	bool dead;
} states[] = {
	{ "status", "-", "", false, 0, { 42, 8, 7 }, 0, 0, false },
	{ "status with what was not asked for",
	  "STATUS",
	  "* STATUS \"In box\" (UIDVALIDITY 3 MESSAGES 1 X-NEW 5 UIDNEXT 2)\r\n%s OK\r\n",
	  false,
	  0,
	  { 3, 2, 1 },
	  ERROR_NONE,
	  0,
	  false },
	{ "status of what is asked only",
	  "STATUS",
	  "* STATUS x (UIDVALIDITY 3 UIDNEXT 2 MESSAGES 4294967295)\r\n%s OK\r\n",
	  false,
	  0,
	  { 3, 2, 4294967295u },
	  0,
	  0,
	  false },
	{ "status without UIDNEXT",
	  "STATUS",
	  "* STATUS x (UIDVALIDITY 3 MESSAGES 1)\r\n%s OK\r\n",
	  false,
	  0,
	  { 3, 0, 1 },
	  0,
	  0,
	  false },
	{ "status not given", "STATUS", "%s OK\r\n", false, -1, { 0 }, ERROR_REFUSED, 0, false },
	{ "status refused",
	  "STATUS",
	  "%s NO [NONEXISTENT] no such folder\r\n",
	  false,
	  -1,
	  { 0 },
	  ERROR_REFUSED,
	  IMAP_CAUSE_NO_FOLDER,
	  false },
	{ "examine", "-", "", true, 0, { 42, 8, 7 }, 0, 0, false },
	{ "examine without UIDNEXT",
	  "EXAMINE",
	  "* 7 EXISTS\r\n* OK [UIDVALIDITY 42]\r\n%s OK [READ-ONLY]\r\n",
	  true,
	  0,
	  { 42, 8, 7 },
	  0,
	  0,
	  false },
	{ "codes in other letters",
	  "EXAMINE",
	  "* 7 exists\r\n* ok [uidvalidity 42] x\r\n* OK [UidNext 9] y\r\n%s ok [read-only]\r\n",
	  true,
	  0,
	  { 42, 9, 7 },
	  0,
	  0,
	  false },
	{ "UIDNOTSTICKY and other codes",
	  "EXAMINE",
	  "* FLAGS (\\Answered $Junk)\r\n* OK [PERMANENTFLAGS ()] none\r\n* 7 EXISTS\r\n* OK [UNSEEN 3] x\r\n* OK "
	  "[HIGHESTMODSEQ 18446744073709551615] x\r\n"
	  "* OK [BADCHARSET (a b)] x\r\n* OK [BADCHARSET (c)] x\r\n* OK [ALERT]\r\n* OK [PARSE]\r\n* OK\r\n"
	  "* OK [UIDVALIDITY 42] x\r\n* OK [UIDNEXT 8] x\r\n* NO [UIDNOTSTICKY] x\r\n%s OK\r\n",
	  true,
	  0,
	  { 42, 8, 7 },
	  0,
	  0,
	  false },
	{ "deleted",
	  "EXAMINE",
	  "%s NO Mailbox does not exist\r\n",
	  true,
	  -1,
	  { 0 },
	  ERROR_REFUSED,
	  IMAP_CAUSE_NO_FOLDER,
	  false },
	{ "busy", "EXAMINE", "%s NO [INUSE] locked\r\n", true, -1, { 0 }, ERROR_REFUSED, IMAP_CAUSE_THROTTLED, false },
	{ "throttled",
	  "EXAMINE",
	  "%s BAD Request is throttled. Suggested Backoff Time: 1000 milliseconds\r\n",
	  true,
	  -1,
	  { 0 },
	  ERROR_REFUSED,
	  IMAP_CAUSE_THROTTLED,
	  false },
};

static void states_are_read(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		const struct state_row *row = &states[i];
		struct imap_session *session = connect_with(NULL, row->verb, row->says);
		struct imap_folder_state got = { 0 };
		struct error err = ERROR_INIT;
		int result = row->examine ? imap_session_examine(session, "INBOX", &got, &err)
					  : imap_session_status(session, "INBOX", &got, &err);
		if (result != row->result)
			fail_msg("%s: %d %s", row->label, result, err.text);
		ROW_ASSERT(row->label, got.uidvalidity == row->state.uidvalidity);
		ROW_ASSERT(row->label, got.uidnext == row->state.uidnext);
		ROW_ASSERT(row->label, got.messages == row->state.messages);
		ROW_ASSERT(row->label,
			   err.kind == row->kind && (result == 0 || row->dead || err.code == (int)row->cause));
		ROW_ASSERT(row->label, imap_session_dead(session) == row->dead);
		if (!row->dead)
			ROW_ASSERT(row->label, imap_session_noop(session, &err) == 0);
		end(session);
	}
}

static const struct name_row {
	const char *label, *raw;
	const char *sent; /* NULL: refused before anything is sent */
} names[] = {
	{ "plain", "Junk", "EXAMINE \"Junk\"" },
	{ "blanks", "Junk E-Mail", "EXAMINE \"Junk E-Mail\"" },
	{ "quotes and backslashes", "a\\b \"c\"", "EXAMINE \"a\\\\b \\\"c\\\"\"" },
	{ "modified UTF-7", "Entw&APw-rfe", "EXAMINE \"Entw&APw-rfe\"" },
	{ "like a literal", "{5}", "EXAMINE \"{5}\"" },
	{ "a second command", "x\"\r\n9 DELETE \"INBOX", NULL },
	{ "empty", "", NULL },
	{ "a tab", "a\tb", "EXAMINE \"a\tb\"" },
	{ "control", "a\ab", NULL },
};

static void names_cannot_break_a_command(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct imap_session *session = connect_with(NULL, "-", "");
		struct imap_folder_state got;
		struct error err = ERROR_INIT;
		size_t before = box.command_count;
		int result = imap_session_examine(session, names[i].raw, &got, &err);
		ROW_ASSERT(names[i].label, result == (names[i].sent ? 0 : -1));
		if (names[i].sent)
			ROW_ASSERT_STRING(names[i].label, imap_box_command(&box, 0), names[i].sent);
		else
			ROW_ASSERT(names[i].label, box.command_count == before && err.kind == ERROR_CONFIG);
		ROW_ASSERT(names[i].label, !imap_session_dead(session));
		end(session);
	}
}

/* The folder is deleted, or made anew, while it is watched. */
static void folder_that_changes_under_way_is_noticed(void **state)
{
	struct imap_session *session = connect_with(NULL, "-", "");
	struct imap_folder_state got;
	struct error err = ERROR_INIT;
	assert_int_equal(imap_session_examine(session, "INBOX", &got, &err), 0);
	assert_int_equal(got.uidvalidity, 42);
	end(session);
	session = connect_with(NULL, "-", "");
	box.uidvalidity = 43;
	assert_int_equal(imap_session_examine(session, "INBOX", &got, &err), 0);
	assert_int_equal(got.uidvalidity, 43);
	script = (struct script){ "EXAMINE", "%s NO [NONEXISTENT] deleted\r\n" };
	assert_int_equal(imap_session_examine(session, "INBOX", &got, &err), -1);
	assert_int_equal(err.kind, ERROR_REFUSED);
	assert_int_equal(err.code, IMAP_CAUSE_NO_FOLDER);
	assert_false(imap_session_dead(session));
	end(session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read),
		cmocka_unit_test(attributes_are_asked_for_where_that_can_be_done),
		cmocka_unit_test(number_of_folders_is_limited),
		cmocka_unit_test(states_are_read),
		cmocka_unit_test(names_cannot_break_a_command),
		cmocka_unit_test(folder_that_changes_under_way_is_noticed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
