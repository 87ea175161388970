/* What servers send of messages and folders, and the plain form of it. */
#include "tests/unit/unit.h"

#include "providers/imap_plain.h"

struct row {
	const char *label, *says, *plain;
};

static const struct row fetches[] = {
	{ "ordinary", "* 1 FETCH (UID 5 INTERNALDATE \"30-Nov-2026 17:00:00 +0100\" RFC822.SIZE 91)\r\n",
	  "* 1 FETCH (UID 5 INTERNALDATE \"30-Nov-2026 16:00:00 +0000\" RFC822.SIZE 91)\r\n" },
	{ "small letters, in another order", "* 2 fetch (rfc822.size 7 uid 6)\r\n",
	  "* 2 FETCH (UID 6 RFC822.SIZE 7)\r\n" },
	{ "blanks", "*  3  FETCH  ( UID  5  RFC822.SIZE 7 ) \r\n", "* 3 FETCH (UID 5 RFC822.SIZE 7)\r\n" },
	{ "header fields", "* 1 FETCH (UID 5 BODY[HEADER.FIELDS (A \"B\")] {6}\r\nA: b\r\n)\r\n",
	  "* 1 FETCH (UID 5 BODY[HEADER] {6}\r\nA: b\r\n)\r\n" },
	{ "a part of the body", "* 1 FETCH (UID 5 BODY[]<1024> {3}\r\na)b)\r\n",
	  "* 1 FETCH (UID 5 BODY[]<1024> {3}\r\na)b)\r\n" },
	{ "an origin as it was asked for", "* 1 FETCH (UID 5 BODY[]<0.4194304> {1}\r\na)\r\n",
	  "* 1 FETCH (UID 5 BODY[] {1}\r\na)\r\n" },
	{ "items behind the body", "* 1 FETCH (BODY[] {4}\r\n\")(\\ UID 5)\r\n",
	  "* 1 FETCH (UID 5 BODY[] {4}\r\n\")(\\)\r\n" },
	{ "a body in quotes", "* 1 FETCH (UID 5 BODY[] \"a b\")\r\n", "* 1 FETCH (UID 5 BODY[] {3}\r\na b)\r\n" },
	{ "an empty body", "* 1 FETCH (UID 5 BODY[] \"\")\r\n", "* 1 FETCH (UID 5 BODY[] {0}\r\n)\r\n" },
	{ "no body", "* 1 FETCH (UID 5 BODY[] NIL)\r\n", "* 1 FETCH (UID 5)\r\n" },
	{ "dates: NIL", "* 1 FETCH (INTERNALDATE NIL UID 5)\r\n", "* 1 FETCH (UID 5)\r\n" },
	{ "dates: empty", "* 1 FETCH (INTERNALDATE \"\" UID 5)\r\n", "* 1 FETCH (UID 5)\r\n" },
	{ "dates: RFC 5322", "* 1 FETCH (INTERNALDATE \"Mon, 30 Nov 2026 17:00:00 +0000\" UID 5)\r\n",
	  "* 1 FETCH (UID 5 INTERNALDATE \"30-Nov-2026 17:00:00 +0000\")\r\n" },
	{ "dates: RFC 5322 without the day's name", "* 1 FETCH (INTERNALDATE \"30 Nov 2026 17:00 GMT\" UID 5)\r\n",
	  "* 1 FETCH (UID 5 INTERNALDATE \"30-Nov-2026 17:00:00 +0000\")\r\n" },
	{ "dates: colon in the zone", "* 1 FETCH (INTERNALDATE \"30-Nov-2026 17:00:00 +01:00\" UID 5)\r\n",
	  "* 1 FETCH (UID 5 INTERNALDATE \"30-Nov-2026 16:00:00 +0000\")\r\n" },
	{ "dates: no seconds", "* 1 FETCH (INTERNALDATE \"30-Nov-2026 17:00 +0000\" UID 5)\r\n",
	  "* 1 FETCH (UID 5 INTERNALDATE \"30-Nov-2026 17:00:00 +0000\")\r\n" },
	{ "dates: no date", "* 1 FETCH (INTERNALDATE \"yesterday\" UID 5)\r\n", "* 1 FETCH (UID 5)\r\n" },
	{ "dates: no string", "* 1 FETCH (INTERNALDATE 30-Nov-2026 UID 5)\r\n", "* 1 FETCH (UID 5)\r\n" },
	{ "items that nobody knows",
	  "* 1 FETCH (X-GM-LABELS (\"\\\\Inbox\" \"a)b\" (c {2}\r\n)) ) d) MODSEQ (5) X {1}\r\n) UID 5)\r\n",
	  "* 1 FETCH (UID 5)\r\n" },
	{ "ENVELOPE", "* 1 FETCH (ENVELOPE (NIL \"x\" ((NIL NIL \"a\" \"b\")) NIL) UID 5)\r\n",
	  "* 1 FETCH (UID 5)\r\n" },
	{ "an item without a value at the end", "* 1 FETCH (UID 5 X)\r\n", "* 1 FETCH (UID 5)\r\n" },
	{ "a size above 32 bits", "* 1 FETCH (RFC822.SIZE 5368709120 UID 5)\r\n", "* 1 FETCH (UID 5)\r\n" },
	{ "a size that is none", "* 1 FETCH (RFC822.SIZE NIL UID 5)\r\n", "* 1 FETCH (UID 5)\r\n" },
	{ "a string that does not end is a word", "* 1 FETCH (UID 5 X \"a RFC822.SIZE 7)\r\n",
	  "* 1 FETCH (UID 5 RFC822.SIZE 7)\r\n" },
	{ "no UID", "* 1 FETCH (RFC822.SIZE 7)\r\n", "" },
	{ "UID 0", "* 1 FETCH (UID 0 RFC822.SIZE 7)\r\n", "" },
	{ "UID above 32 bits", "* 1 FETCH (UID 4294967296)\r\n", "" },
	{ "message 0", "* 0 FETCH (UID 5)\r\n", "" },
	{ "no items", "* 1 FETCH\r\n", "" },
	{ "no list", "* 1 FETCH UID 5\r\n", "" },
	{ "a literal larger than what is there", "* 1 FETCH (UID 5 BODY[] {9}\r\nab)\r\n", "* 1 FETCH (UID 5)\r\n" },
	{ "another response", "* 1 EXPUNGE\r\n", "" },
};

static const struct row lists[] = {
	{ "ordinary", "* LIST (\\HasNoChildren \\Junk) \"/\" \"Junk E-Mail\"\r\n",
	  "* LIST (\\HasNoChildren \\Junk) \"/\" {11}\r\nJunk E-Mail\r\n" },
	{ "an atom", "* list () NIL INBOX\r\n", "* LIST () NIL {5}\r\nINBOX\r\n" },
	{ "a literal", "* LIST () \".\" {7}\r\nHell\"oh\r\n", "* LIST () \".\" {7}\r\nHell\"oh\r\n" },
	{ "escapes", "* LIST () \"\\\\\" \"a\\\\b \\\"c\\\"\"\r\n", "* LIST () \"\\\\\" {7}\r\na\\b \"c\"\r\n" },
	{ "blanks", "*  LIST ( )  \"/\"  \"a b\" \r\n", "* LIST () \"/\" {3}\r\na b\r\n" },
	{ "blanks without quotes", "* LIST () \"/\" Public Folders\r\n", "* LIST () \"/\" {14}\r\nPublic Folders\r\n" },
	{ "tabs without quotes", "* LIST () \"/\" INBOX/Da\tRe\t\r\n", "* LIST () \"/\" {12}\r\nINBOX/Da\tRe\t\r\n" },
	{ "a tab in quotes", "* LIST () \"/\" \"A\tB\"\r\n", "* LIST () \"/\" {3}\r\nA\tB\r\n" },
	{ "quotes within quotes", "* LIST () \"/\" \"a \"b\" c\"\r\n", "* LIST () \"/\" {7}\r\na \"b\" c\r\n" },
	{ "parentheses", "* LIST () \"/\" Junk (old)\r\n", "* LIST () \"/\" {10}\r\nJunk (old)\r\n" },
	{ "parentheses in quotes", "* LIST () \"/\" \"Junk (\\\"a\\\")\"\r\n",
	  "* LIST () \"/\" {10}\r\nJunk (\"a\")\r\n" },
	{ "extended data", "* LIST () \"/\" Junk (\"OLDNAME\" (\"Spam\"))\r\n", "* LIST () \"/\" {4}\r\nJunk\r\n" },
	{ "extended data behind quotes", "* LIST () \"/\" \"J k\" (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n",
	  "* LIST () \"/\" {3}\r\nJ k\r\n" },
	{ "an empty delimiter", "* LIST () \"\" INBOX\r\n", "* LIST () NIL {5}\r\nINBOX\r\n" },
	{ "a quoted NIL", "* LIST () \"NIL\" INBOX\r\n", "* LIST () NIL {5}\r\nINBOX\r\n" },
	{ "a folder that is called NIL", "* LIST () \"/\" NIL\r\n", "* LIST () \"/\" {3}\r\nNIL\r\n" },
	{ "octets above 127", "* LIST () \"/\" \303\211t\303\251\r\n", "* LIST () \"/\" {5}\r\n\303\211t\303\251\r\n" },
	{ "like a size in quotes", "* LIST () \"/\" \"Junk {2}\"\r\n", "* LIST () \"/\" {8}\r\nJunk {2}\r\n" },
	{ "attributes that libetpan takes once",
	  "* LIST (\\Marked \\NoInferiors \\Unmarked \\Noselect \\noselect) \"/\" a\r\n",
	  "* LIST (\\Noselect) \"/\" {1}\r\na\r\n" },
	{ "attributes that are none", "* LIST (Junk \\ \\a\"b \\Junk) \"/\" a\r\n",
	  "* LIST (\\Junk) \"/\" {1}\r\na\r\n" },
	{ "no name", "* LIST () \"/\" \r\n", "" },
	{ "an empty name", "* LIST (\\Noselect) \"/\" \"\"\r\n", "" },
	{ "no attributes", "* LIST \"/\" a\r\n", "" },
	{ "nothing", "* LIST\r\n", "" },
	{ "LSUB", "* LSUB () \"/\" a\r\n", "" },
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct buf out = BUF_INIT(1000);
		imap_plain_add(&out, span_of(rows[i].says));
		ROW_ASSERT_STRING(rows[i].label, buf_str(&out), rows[i].plain);
		buf_fini(&out);
	}
}

static void messages_are_made_plain(void **state)
{
	check(fetches, ARRAY_LEN(fetches));
}

static void folders_are_made_plain(void **state)
{
	check(lists, ARRAY_LEN(lists));
}

/* Cut anywhere, nothing is read beyond the end. */
static void responses_that_end_early_are_borne(void **state)
{
	const struct row *const tables[] = { fetches, lists };
	const size_t counts[] = { ARRAY_LEN(fetches), ARRAY_LEN(lists) };
	for (size_t t = 0; t < ARRAY_LEN(tables); t++)
		for (size_t i = 0; i < counts[t]; i++)
			for (size_t len = 0; len < strlen(tables[t][i].says); len++) {
				struct buf out = BUF_INIT(1000);
				char *cut = span_dup(span_make(tables[t][i].says, len));
				imap_plain_add(&out, span_make(cut, len));
				ROW_ASSERT(tables[t][i].label,
					   out.len == 0 || span_ends_nocase(buf_span(&out), SPAN_LIT("\r\n")));
				free(cut);
				buf_fini(&out);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_made_plain),
		cmocka_unit_test(folders_are_made_plain),
		cmocka_unit_test(responses_that_end_early_are_borne),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
