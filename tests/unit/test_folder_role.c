/* Roles of folders, for lists as servers send them. */
#include "tests/unit/unit.h"

#include "providers/folder_names.h"
#include "providers/folder_role.h"
#include "providers/profile.h"

enum { FOLDERS_MAX = 8 };

struct listed {
	char name[64], raw[32];
	char delimiter;
	bool selectable;
	enum folder_role use;
};

static const struct row {
	const char *label;
	struct listed folders[FOLDERS_MAX];
	const char *profile_inbox, *profile_spam; /* NULL: no profile at all */
	const char *inbox, *spam;                 /* names; "" for none */
} rows[] = {
	{ "attribute outranks every name",
	  { { "INBOX", "INBOX", '/', true },
	    { "Spam", "Spam", '/', true },
	    { "Müll", "M&APw-ll", '/', true, FOLDER_SPAM } },
	  "",
	  "Spam",
	  "INBOX",
	  "Müll" },
	{ "two attributes",
	  { { "INBOX", "INBOX", '/', true },
	    { "A", "A", '/', true, FOLDER_SPAM },
	    { "B", "B", '/', true, FOLDER_SPAM } },
	  "",
	  "",
	  "INBOX",
	  "A, B" },
	{ "two common names",
	  { { "INBOX", "INBOX", '.', true },
	    { "INBOX.spam", "INBOX.spam", '.', true },
	    { "INBOX.Junk", "INBOX.Junk", '.', true },
	    { "INBOX.Old.Spam", "x", '.', true } },
	  "",
	  "",
	  "INBOX",
	  "INBOX.spam, INBOX.Junk" },
	{ "a common name in two languages",
	  { { "Archiv/Junk", "x", '/', true }, { "Spam", "Spam", '/', true }, { "스팸편지함", "x", '/', true } },
	  "",
	  "",
	  "",
	  "Spam, 스팸편지함" },
	{ "a name beside an attribute",
	  { { "Junk", "Junk", '/', true }, { "Bulk", "Bulk", '/', true, FOLDER_SPAM } },
	  "",
	  "",
	  "",
	  "Bulk" },
	{ "a delimiter in front",
	  { { "INBOX", "INBOX", '/', true }, { "/Sent", "/Sent", '/', true }, { "/Junk", "/Junk", '/', true } },
	  "",
	  "",
	  "INBOX",
	  "/Junk" },
	{ "attribute of what cannot be opened",
	  { { "INBOX", "INBOX", '/', true }, { "X", "X", '/', false, FOLDER_SPAM }, { "Junk", "Junk", '/', true } },
	  "",
	  "",
	  "INBOX",
	  "Junk" },
	{ "list of the profile before the common one",
	  { { "INBOX", "INBOX", '/', true }, { "Junk", "Junk", '/', true }, { "Bulk", "Bulk", '/', true } },
	  "",
	  "Nothing, Bulk",
	  "INBOX",
	  "Bulk" },
	{ "common names where the profile's are not there",
	  { { "INBOX", "INBOX", '/', true }, { "Junk", "Junk", '/', true } },
	  "",
	  "Bulk",
	  "INBOX",
	  "Junk" },
	{ "no profile",
	  { { "INBOX", "INBOX", '/', true }, { "Junk", "Junk", '/', true } },
	  NULL,
	  NULL,
	  "INBOX",
	  "Junk" },
	{ "inbox in any case", { { "inbox", "Inbox", '/', true } }, "", "", "inbox", "" },
	{ "inbox of another name",
	  { { "Posteingang", "Posteingang", '/', true } },
	  "Eingang, Posteingang",
	  "",
	  "Posteingang",
	  "" },
	{ "a folder below the inbox is not it",
	  { { "Work.INBOX", "Work.INBOX", '.', true }, { "INBOX", "INBOX", '.', true } },
	  "",
	  "",
	  "INBOX",
	  "" },
	{ "Courier's namespace",
	  { { "INBOX", "INBOX", '.', true },
	    { "INBOX.Trash", "INBOX.Trash", '.', true },
	    { "INBOX.Junk", "INBOX.Junk", '.', true } },
	  "",
	  "",
	  "INBOX",
	  "INBOX.Junk" },
	{ "Gmail",
	  { { "INBOX", "INBOX", '/', true },
	    { "[Gmail]", "[Gmail]", '/', false },
	    { "[Gmail]/Alle Nachrichten", "[Gmail]/Alle Nachrichten", '/', true, FOLDER_ALL },
	    { "[Gmail]/Spam", "[Gmail]/Spam", '/', true, FOLDER_SPAM } },
	  "",
	  "[Gmail]/Spam",
	  "INBOX",
	  "[Gmail]/Spam" },
	{ "whole path in the profile",
	  { { "INBOX", "INBOX", '/', true },
	    { "Spam", "Spam", '/', true },
	    { "[Gmail]/Spam", "[Gmail]/Spam", '/', true } },
	  "",
	  "[Gmail]/Spam",
	  "INBOX",
	  "[Gmail]/Spam" },
	{ "nearest to the top",
	  { { "INBOX", "INBOX", '/', true },
	    { "Archive/2020/Spam", "Archive/2020/Spam", '/', true },
	    { "Spam", "Spam", '/', true } },
	  "",
	  "",
	  "INBOX",
	  "Spam" },
	{ "other languages and capitals",
	  { { "INBOX", "INBOX", '/', true }, { "СПАМ", "x", '/', true } },
	  "",
	  "",
	  "INBOX",
	  "СПАМ" },
	{ "accents and capitals",
	  { { "INBOX", "INBOX", '.', true }, { "INBOX.COURRIER INDÉSIRABLE", "x", '.', true } },
	  "",
	  "",
	  "INBOX",
	  "INBOX.COURRIER INDÉSIRABLE" },
	{ "Czech and Polish",
	  { { "INBOX", "INBOX", '/', true }, { "NEVYŽÁDANÁ POŠTA", "x", '/', true } },
	  "",
	  "",
	  "INBOX",
	  "NEVYŽÁDANÁ POŠTA" },
	{ "Greek and capitals",
	  { { "INBOX", "INBOX", '/', true }, { "ΑΝΕΠΙΘΎΜΗΤΑ", "x", '/', true } },
	  "",
	  "",
	  "INBOX",
	  "ΑΝΕΠΙΘΎΜΗΤΑ" },
	{ "Turkish capital",
	  { { "INBOX", "INBOX", '/', true }, { "istenmeyen", "x", '/', true } },
	  "",
	  "",
	  "INBOX",
	  "istenmeyen" },
	{ "Turkish small letters for a capital with a dot",
	  { { "INBOX", "INBOX", '/', true }, { "istenmeyen e-posta", "x", '/', true } },
	  "",
	  "",
	  "INBOX",
	  "istenmeyen e-posta" },
	{ "accent as a character of its own",
	  { { "INBOX", "INBOX", '/', true }, { "Courrier indésirable", "x", '/', true } },
	  "",
	  "",
	  "INBOX",
	  "Courrier indésirable" },
	{ "accents and capitals of Latvian",
	  { { "INBOX", "INBOX", '/', true }, { "SUROGĀTPASTS", "x", '/', true } },
	  "",
	  "",
	  "INBOX",
	  "SUROGĀTPASTS" },
	{ "Armenian capitals of the profile's name",
	  { { "INBOX", "INBOX", '/', true }, { "ՍՊԱՄ", "x", '/', true } },
	  "",
	  "սպամ",
	  "INBOX",
	  "ՍՊԱՄ" },
	{ "Georgian capitals of the profile's name",
	  { { "INBOX", "INBOX", '/', true }, { "ᲡᲞᲐᲛᲘ", "x", '/', true } },
	  "",
	  "სპამი",
	  "INBOX",
	  "ᲡᲞᲐᲛᲘ" },
	{ "sharp s and its capitals",
	  { { "INBOX", "INBOX", '/', true }, { "MASSE", "x", '/', true } },
	  "",
	  "Maße",
	  "INBOX",
	  "MASSE" },
	{ "sigma at the end of a word",
	  { { "INBOX", "INBOX", '/', true }, { "ΦΑΚΕΛΟΣ", "x", '/', true } },
	  "",
	  "φακελος",
	  "INBOX",
	  "ΦΑΚΕΛΟΣ" },
	{ "Ukrainian letter with an upturn",
	  { { "INBOX", "INBOX", '/', true }, { "ҐРУНТ", "x", '/', true } },
	  "",
	  "ґрунт",
	  "INBOX",
	  "ҐРУНТ" },
	{ "full width letters",
	  { { "INBOX", "INBOX", '/', true }, { "ＳＰＡＭ", "x", '/', true } },
	  "",
	  "ｓｐａｍ",
	  "INBOX",
	  "ＳＰＡＭ" },
	{ "a letter is not the one with an accent",
	  { { "INBOX", "INBOX", '/', true }, { "Courrier indesirable", "x", '/', true } },
	  "",
	  "",
	  "INBOX",
	  "" },
	{ "delimiter that is a letter",
	  { { "INBOX", "INBOX", 'J', true }, { "workJJUNK", "x", 'J', true }, { "ToJSpam", "x", 'J', true } },
	  "",
	  "",
	  "INBOX",
	  "ToJSpam" },
	{ "no delimiter", { { "INBOX", "INBOX", 0, true }, { "Junk", "Junk", 0, true } }, "", "", "INBOX", "Junk" },
	{ "waste bin called Junk",
	  { { "INBOX", "INBOX", '/', true }, { "Junk", "Junk", '/', true, FOLDER_TRASH } },
	  "",
	  "",
	  "INBOX",
	  "" },
	{ "a part of a name is not a name",
	  { { "INBOX", "INBOX", '/', true }, { "Spam reports", "x", '/', true }, { "No Spam", "x", '/', true } },
	  "",
	  "",
	  "INBOX",
	  "" },
	{ "name that is not UTF-8",
	  { { "INBOX", "INBOX", '/', true }, { "Spa\xff", "x", '/', true } },
	  "",
	  "",
	  "INBOX",
	  "" },
	{ "delimiter at the end",
	  { { "INBOX", "INBOX", '/', true }, { "Junk/", "Junk/", '/', true } },
	  "",
	  "",
	  "INBOX",
	  "" },
	{ "nothing listed", { { "" } }, "", "", "", "" },
};

/* The names of all that have the role. */
static const char *names_with(const struct imap_folder_list *list, enum folder_role role)
{
	static char names[1000];
	names[0] = '\0';
	for (size_t i = 0; i < list->count; i++)
		if (list->folders[i].role == role)
			snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s", names[0] ? ", " : "",
				 list->folders[i].name);
	return names;
}

static void roles_are_found(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];
		_cleanup_(profile_free_p) struct profile *profile = NULL;
		struct listed listed[FOLDERS_MAX];
		struct imap_folder folders[FOLDERS_MAX];
		struct imap_folder_list list = { folders, 0 };
		struct error err = ERROR_INIT;
		memcpy(listed, row->folders, sizeof(listed));
		for (; list.count < FOLDERS_MAX && listed[list.count].name[0]; list.count++) {
			struct listed *l = &listed[list.count];
			/* Whatever role was there before does not count. */
			folders[list.count] = (struct imap_folder){ .name = l->name,
								    .raw = l->raw,
								    .delimiter = l->delimiter,
								    .selectable = l->selectable,
								    .use = l->use,
								    .role = FOLDER_SENT };
		}
		if (row->profile_spam) {
			assert_int_equal(profile_new("acme", &profile, &err), 0);
			assert_int_equal(profile_set(profile, "inbox", row->profile_inbox, ".", &err), 0);
			assert_int_equal(profile_set(profile, "spam", row->profile_spam, ".", &err), 0);
		}
		ROW_ASSERT(row->label, folder_roles(&list, profile, &err) == 0);
		ROW_ASSERT_STRING(row->label, names_with(&list, FOLDER_INBOX), row->inbox);
		ROW_ASSERT_STRING(row->label, names_with(&list, FOLDER_SPAM), row->spam);
		ROW_ASSERT_STRING(row->label, names_with(&list, FOLDER_SENT), "");
	}
}

static void each_common_name_is_found_and_stands_once(void **state)
{
	for (size_t i = 0; folder_names_spam[i]; i++) {
		char name[200], inbox[] = "INBOX";
		struct imap_folder folders[] = { { inbox, inbox, '/', true }, { name, name, '/', true } };
		struct imap_folder_list list = { folders, 2 };
		struct error err = ERROR_INIT;
		snprintf(name, sizeof(name), "Mail/%s", folder_names_spam[i]);
		ROW_ASSERT(name, folder_roles(&list, NULL, &err) == 0);
		ROW_ASSERT_STRING(name, names_with(&list, FOLDER_SPAM), name);
		for (size_t k = 0; k < i; k++)
			ROW_ASSERT(name, strcmp(folder_names_spam[i], folder_names_spam[k]) != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roles_are_found),
		cmocka_unit_test(each_common_name_is_found_and_stands_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
