/* Profiles: keys and their values, files, look-up, and that what is shipped can be used. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "providers/profile.h"

static char folder[] = "/tmp/postproof-profiles-XXXXXX";

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static char *shipped_folder(void)
{
	char *path = NULL;
	assert_true(asprintf(&path, "%s/providers/profiles", getenv("top_srcdir") ? getenv("top_srcdir") : ".") > 0);
	return path;
}

/* A key as it would be written. */
static void assert_text(const struct profile *p, const char *key, const char *expected)
{
	struct buf text = BUF_INIT(65536);
	assert_int_equal(setting_add_text(setting_find(&profile_settings_table, key), p, &text), 0);
	ROW_ASSERT_STRING(key, buf_str(&text), expected);
	buf_fini(&text);
}

static int set_key(struct profile *p, const char *key, const char *value, struct error *err)
{
	return profile_set(p, key, value, "conf", err);
}

static void new_profile_has_the_defaults(void **state)
{
	_cleanup_(profile_free_p) struct profile *p = NULL;
	struct error err = ERROR_INIT;
	assert_int_equal(profile_new("acme", &p, &err), 0);
	assert_string_equal(p->name, "acme");
	assert_string_equal(p->host, "");
	assert_int_equal(p->port, 993);
	assert_int_equal(p->security, IMAP_TLS);
	assert_int_equal(p->user_form, PROFILE_USER_ADDRESS);
	assert_int_equal(p->auth, PROFILE_AUTH_PASSWORD);
	assert_null(p->inbox[0]);
	assert_null(p->spam[0]);
	assert_null(p->authserv_ids[0]);
	assert_null(p->received_by[0]);
	assert_int_equal(p->connections, 2);
	assert_true(p->idle);
	assert_false(p->no_authserv_id);
	assert_int_equal(p->idle_limit_ms, 28 * 60 * 1000);
	assert_int_equal(p->scan_interval_ms, 10000);
	assert_int_equal(p->reports, AUTH_METHODS_ALL);
	assert_string_equal(p->mend_auth, "");
	for (size_t i = 0; i < profile_settings_table.count; i++) {
		const struct setting_key *key = &profile_settings_table.keys[i];
		assert_text(p, key->name, key->fallback ? key->fallback : "");
		assert_ptr_equal(setting_find(&profile_settings_table, key->name), key);
	}
	assert_int_equal(p->changed, 0);
	assert_null(p->ca_file);
	assert_int_equal(profile_check(p, &err), -1);
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_int_equal(set_key(p, "host", "imap.acme.test", &err), 0);
	assert_int_equal(profile_check(p, &err), 0);
}

static const struct bad_row {
	const char *key, *value, *says;
} bad[] = {
	{ "hots", "x", "there is no key \"hots\": did you mean \"host\"?" },
	{ "zzzzzzzzzz", "x", "there is no key \"zzzzzzzzzz\"" },
	{ "host", "imap.test port 1",
	  "\"imap.test port 1\" cannot be used: write the name or the address of a server, without a port" },
	{ "host", "https://imap.test",
	  "\"https://imap.test\" cannot be used: write the name or the address of a server, without a port" },
	{ "port", "0", "\"0\" cannot be used: a whole number from 1 to 65535 is accepted" },
	{ "port", "65536", "\"65536\" cannot be used: a whole number from 1 to 65535 is accepted" },
	{ "port", "imaps", "\"imaps\" cannot be used: a whole number from 1 to 65535 is accepted" },
	{ "security", "ssl", "\"ssl\" cannot be used: write tls, starttls or none" },
	{ "user", "local", "\"local\" cannot be used: write address or local-part" },
	{ "auth", "xoauth2", "\"xoauth2\" cannot be used: write password or oauth2" },
	{ "spam", "Junk,,Spam", "\"Junk,,Spam\" cannot be used: an entry is empty" },
	{ "spam", "Junk,", "\"Junk,\" cannot be used: an entry is empty" },
	{ "connections", "0", "\"0\" cannot be used: a whole number from 1 to 15 is accepted" },
	{ "connections", "16", "\"16\" cannot be used: a whole number from 1 to 15 is accepted" },
	{ "connections", "", "has no value: give it one, or take the line out" },
	{ "idle", "on", "\"on\" cannot be used: write yes or no" },
	{ "idle_limit", "30m", "\"30m\" is out of range: 1s to 29m is accepted" },
	{ "idle_limit", "10",
	  "\"10\" is not a duration: write a whole number and a unit, such as 500ms, 30s, 10m, 2h or 1d" },
	{ "scan_interval", "0", "\"0\" is out of range: 1s to 1h is accepted" },
	{ "reports", "spf dkim", "\"spf dkim\" cannot be used: write some of spf, dkim, dmarc, separated by commas" },
	{ "reports", "spf, arc", "\"spf, arc\" cannot be used: write some of spf, dkim, dmarc, separated by commas" },
	{ "mend_auth", "\xff", "the value is not UTF-8" },
};

static void bad_values_are_refused_and_change_nothing(void **state)
{
	_cleanup_(profile_free_p) struct profile *p = NULL;
	struct error err = ERROR_INIT;
	assert_int_equal(profile_new("acme", &p, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		ROW_ASSERT(bad[i].value, set_key(p, bad[i].key, bad[i].value, &err) == -1);
		ROW_ASSERT(bad[i].value, err.kind == ERROR_CONFIG);
		ROW_ASSERT_STRING(bad[i].value, err.text, bad[i].says);
		ROW_ASSERT(bad[i].value, p->changed == 0);
		const struct setting_key *key = setting_find(&profile_settings_table, bad[i].key);
		if (key)
			assert_text(p, key->name, key->fallback);
	}
}

static void set(struct profile *p, const char *key, const char *value)
{
	struct error err = ERROR_INIT;
	if (set_key(p, key, value, &err) < 0)
		fail_msg("%s = %s: %s", key, value, err.text);
}

static void values_are_read(void **state)
{
	_cleanup_(profile_free_p) struct profile *p = NULL;
	struct error err = ERROR_INIT;
	assert_int_equal(profile_new("acme", &p, &err), 0);
	set(p, "host", "2001:db8::1");
	assert_string_equal(p->host, "2001:db8::1");
	set(p, "spam", " Junk , [Gmail]/Spam,Pourriel");
	assert_string_equal(p->spam[0], "Junk");
	assert_string_equal(p->spam[1], "[Gmail]/Spam");
	assert_string_equal(p->spam[2], "Pourriel");
	assert_null(p->spam[3]);
	set(p, "spam", "");
	assert_null(p->spam[0]);
	set(p, "reports", "dmarc,SPF");
	assert_int_equal(p->reports, 1u << METHOD_SPF | 1u << METHOD_DMARC);
	set(p, "reports", "");
	assert_int_equal(p->reports, 0);
	set(p, "idle", "no");
	assert_false(p->idle);
	set(p, "no_authserv_id", "yes");
	assert_true(p->no_authserv_id);
	set(p, "idle_limit", " 9m ");
	assert_int_equal(p->idle_limit_ms, 9 * 60 * 1000);
	assert_text(p, "idle_limit", "9m");
	assert_true(p->changed >> (setting_find(&profile_settings_table, "idle_limit") - profile_settings_table.keys) &
		    1);
	assert_false(
	    p->changed >> (setting_find(&profile_settings_table, "scan_interval") - profile_settings_table.keys) & 1);
	assert_text(p, "spam", "");
	set(p, "spam", "a,b , c");
	assert_text(p, "spam", "a, b, c");
	set(p, "ca_file", "ca.pem");
	assert_string_equal(p->ca_file, "conf/ca.pem");
	set(p, "connections", "1");
	assert_int_equal(p->connections, 1);
	set(p, "auth", "oauth2");
	assert_int_equal(p->auth, PROFILE_AUTH_OAUTH2);
}

static void port_follows_security_unless_it_is_given(void **state)
{
	_cleanup_(profile_free_p) struct profile *p = NULL;
	struct error err = ERROR_INIT;
	assert_int_equal(profile_new("acme", &p, &err), 0);
	set(p, "security", "starttls");
	assert_int_equal(p->port, 143);
	set(p, "port", "1143");
	assert_int_equal(p->port, 1143);
	set(p, "security", "tls");
	assert_int_equal(p->port, 1143);
	set(p, "port", "");
	assert_int_equal(p->port, 993);
	set(p, "security", "none");
	assert_int_equal(p->port, 143);
}

static void login_name_is_made_from_the_address(void **state)
{
	_cleanup_(profile_free_p) struct profile *p = NULL;
	struct error err = ERROR_INIT;
	assert_int_equal(profile_new("acme", &p, &err), 0);
	static const struct {
		const char *form, *user, *expected;
	} rows[] = { { "address", NULL, "ana@acme.test" },
		     { "local-part", NULL, "ana" },
		     { "local-part", "other", "other" } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		set(p, "user", rows[i].form);
		_cleanup_(free_p) char *user = profile_user(p, "ana@acme.test", rows[i].user);
		ROW_ASSERT_STRING(rows[i].form, user, rows[i].expected);
	}
}

static const struct file_row {
	const char *label, *text, *says; /* NULL: it can be read */
} files[] = {
	{ "good", "[provider]\nhost = imap.acme.test\n", NULL },
	{ "without a host", "[provider]\nport = 143\n", NULL },
	{ "unknown key", "[provider]\nhost = a.test\nspan = Junk\n",
	  "acme.ini:3: there is no key \"span\": did you mean \"spam\"?" },
	{ "bad value", "[provider]\n\nport = x\n", "acme.ini:3: port: " },
	{ "another section", "[provider]\nhost = a.test\n[other]\nx = y\n",
	  "acme.ini:4: [other]: a profile has one section" },
	{ "no section", "host = a.test\n", "acme.ini:1: " },
	{ "key twice", "[provider]\nhost = a.test\nhost = b.test\n", "acme.ini:3: " },
	{ "no INI", "what is this\n", "acme.ini:1: " },
};

static void files_are_read_and_mistakes_have_a_line(void **state)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/acme.ini", folder);
	setenv("POSTPROOF_PROFILES", folder, 1);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		_cleanup_(profile_free_p) struct profile *p = NULL;
		struct error err = ERROR_INIT;
		write_file(path, files[i].text);
		int found = profile_find("acme", &p, &err);
		ROW_ASSERT(files[i].label, found == (files[i].says ? -1 : 1));
		if (files[i].says && !strstr(err.text, files[i].says))
			fail_msg("%s: \"%s\" does not say \"%s\"", files[i].label, err.text, files[i].says);
		ROW_ASSERT(files[i].label, !p || p->changed == 0);
	}
	unlink(path);
}

static void first_folder_wins_and_names_stay_in_their_folder(void **state)
{
	_cleanup_(free_p) char *shipped = shipped_folder(), *folders = NULL;
	struct error err = ERROR_INIT;
	struct profile *p = NULL;
	char path[128];
	static const char *const strange[] = {
		"../profiles/gmail", "", ".", "no-such-provider", "gmail/", "gmail.ini"
	};
	assert_true(asprintf(&folders, "%s:/nonexistent:%s", folder, shipped) > 0);
	setenv("POSTPROOF_PROFILES", folders, 1);
	for (size_t i = 0; i < ARRAY_LEN(strange); i++)
		ROW_ASSERT(strange[i], profile_find(strange[i], &p, &err) == 0);
	assert_int_equal(profile_find("gmail", &p, &err), 1);
	assert_string_equal(p->host, "imap.gmail.com");
	profile_free(p);
	snprintf(path, sizeof(path), "%s/gmail.ini", folder);
	write_file(path, "[provider]\nhost = imap.acme.test\n");
	assert_int_equal(profile_find("gmail", &p, &err), 1);
	assert_string_equal(p->host, "imap.acme.test");
	profile_free(p);
	unlink(path);

	char **names;
	assert_int_equal(profile_names(&names, &err), 0);
	size_t count = 0;
	bool sorted = true;
	for (; names[count]; count++)
		sorted = sorted && (count == 0 || strcmp(names[count - 1], names[count]) < 0);
	assert_true(sorted);
	assert_true(count >= 20);
	profile_names_free(names);
	setenv("POSTPROOF_PROFILES", "/nonexistent", 1);
	assert_int_equal(profile_names(&names, &err), 0);
	assert_null(names[0]);
	profile_names_free(names);
}

/* What the table of the issue asks for; and each shipped profile must be of use as it is. */
static void every_shipped_profile_can_be_used(void **state)
{
	static const char *const wanted[] = {
		"aol",      "bt",          "fastmail",     "generic",   "gmail",   "gmx",    "google-workspace",
		"icloud",   "mailru",      "microsoft365", "orange-fr", "outlook", "proton", "sky",
		"t-online", "virginmedia", "webde",        "yahoo",     "yandex",  "zoho",   "zoho-eu",
	};
	_cleanup_(free_p) char *shipped = shipped_folder();
	setenv("POSTPROOF_PROFILES", shipped, 1);
	char **names;
	struct error err = ERROR_INIT;
	assert_int_equal(profile_names(&names, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		ROW_ASSERT(wanted[i], names[i] != NULL);
		ROW_ASSERT_STRING("shipped profile", names[i], wanted[i]);
		_cleanup_(profile_free_p) struct profile *p = NULL;
		if (profile_find(names[i], &p, &err) != 1)
			fail_msg("%s: %s", names[i], err.text);
		ROW_ASSERT(names[i], strcmp(names[i], "generic") == 0 || profile_check(p, &err) == 0);
		ROW_ASSERT(names[i], p->mend_auth[0] != '\0');
		/* Results are trusted by id and by hop together; what cannot be read must not be judged. */
		ROW_ASSERT(names[i], (p->authserv_ids[0] || p->no_authserv_id) == (p->received_by[0] != NULL));
		ROW_ASSERT(names[i],
			   strcmp(names[i], "generic") == 0 || (p->received_by[0] != NULL) == (p->reports != 0));
	}
	assert_null(names[ARRAY_LEN(wanted)]);
	profile_names_free(names);
}

static int make_folder(void **state)
{
	return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state)
{
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_profile_has_the_defaults),
		cmocka_unit_test(bad_values_are_refused_and_change_nothing),
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(port_follows_security_unless_it_is_given),
		cmocka_unit_test(login_name_is_made_from_the_address),
		cmocka_unit_test(files_are_read_and_mistakes_have_a_line),
		cmocka_unit_test(first_folder_wins_and_names_stay_in_their_folder),
		cmocka_unit_test(every_shipped_profile_can_be_used),
	};
	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
