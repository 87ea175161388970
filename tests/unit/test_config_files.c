/* What is found out from the files that a configuration names, and from its own. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/config/config_load.h"
#include "tests/unit/shipped.h"

#define SERVICE  "[service]\nfrom = Ana Lima <ana@shop.example>\n"
#define SMTP     "[smtp]\nurl = smtp://mail.shop.example:587\n"
#define MESSAGE  "[message welcome]\ntemplate = welcome.eml\n"
#define PROVIDER "[provider alpha]\nhost = imap.alpha.example\nreceived_by = mx.alpha.example\n"
#define SEED     "[seed ana@alpha.example]\nprovider = alpha\npassword = env:X\n"
#define COMPLETE SERVICE SMTP MESSAGE PROVIDER SEED

static char folder[] = "/tmp/postproof-test-XXXXXX";

static int make_folder(void **state)
{
	return use_shipped_data(state) < 0 || !mkdtemp(folder) ? -1 : 0;
}

static int remove_folder(void **state)
{
	return rmdir(folder);
}

static const char *in_folder(const char *name)
{
	static char path[256];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC, mode);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

/* Loads pp.ini of the folder. The problems come as those of parse(). */
static void load_file(struct buf *ret)
{
	struct error err = ERROR_INIT;
	struct config_problems problems = { 0 };
	struct config *c = NULL;
	assert_int_equal(config_load(in_folder("pp.ini"), &c, &problems, &err), 0);
	buf_clear(ret);
	for (size_t i = 0; i < problems.count; i++)
		buf_addf(ret, "%u: %s|", problems.list[i].line, problems.list[i].text);
	config_problems_fini(&problems);
	config_free(c);
}

/* In pp.ini the template stands in line 7, the envelope sender in line 3. */
static void what_a_run_would_refuse_is_refused_beforehand(void **state)
{
	static const char x100[] =
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	static const struct {
		const char *label, *sender, *header, *setting, *line, *says;
	} rows[] = {
		{ "nothing", "b+{tag}@shop.example", "", "", "", "" },
		{ "From of the service", "b@shop.example", "From: ANA <ana@SHOP.example>\n", "", "", "" },
		{ "From as a variable", "b@shop.example", "From: {{from}}\n", "", "", "" },
		{ "another From", "b@shop.example", "From: news@other.example\n", "",
		  "7: ", "From is news@other.example" },
		{ "another local part", "b@shop.example", "From: Ana@shop.example\n", "", "7: ", "From is Ana@shop" },
		{ "From without address", "b@shop.example", "From: Ana\n", "", "7: ", "From" },
		{ "two From fields", "b@shop.example", "From: ana@shop.example\nFrom: ana@shop.example\n", "",
		  "7: ", "a second From" },
		{ "two addresses", "b@shop.example", "From: ana@shop.example, b@shop.example\n", "",
		  "7: ", "2 addresses where one is wanted" },
		{ "an empty From", "b@shop.example", "From:\n", "", "7: ", "From" },
		{ "a From that a variable spoils", "b@shop.example", "From: {{name}}\n", "var.name = a@b, c@d",
		  "7: ", "2 addresses where one is wanted" },
		{ "a word above 998 octets", "b@shop.example", "X-Long: {{name}}\n", "var.name = LONG", "7: ", "998" },
		{ "such a word in a field of MIME", "b@shop.example", "Content-Description: LONG\n", "", "7: ", "998" },
		{ "such a word in the subject", "b@shop.example", "Subject: {{name}}\n", "var.name = LONG",
		  "7: ", "998" },
		{ "encoded words and UTF-8", "b@shop.example", "Subject: =?UTF-8?Q?a?= {{name}}\n",
		  "var.name = \xc3\xa9", "7: ", "mixes encoded words" },
		{ "two braces", "b+{{tag}}@shop.example", "", "", "3: ", "{tag}" },
		{ "three braces", "b+{{{tag}}}@shop.example", "", "", "3: ", "{tag}" },
		{ "a brace too many", "b+{tag}}@shop.example", "", "", "3: ", "{tag}" },
		{ "braces without a tag", "b+{name}@shop.example", "", "", "3: ", "{tag}" },
		{ "a closing brace alone", "b+tag}@shop.example", "", "", "3: ", "{tag}" },
		{ "a tag twice", "b+{tag}{tag}@shop.example", "", "", "3: ", "{tag}" },
		{ "a blank in the sender", "\"a b\"@shop.example", "", "", "3: ", "envelope_sender" },
		{ "a sender that its tag makes too long", "LONGSENDER", "", "", "3: ", "envelope_sender" },
	};
	struct buf long_word = BUF_INIT(2000), text = BUF_INIT(20000), problems = BUF_INIT(20000),
		   sender = BUF_INIT(2000);
	for (int i = 0; i < 10; i++)
		buf_add_str(&long_word, x100);
	buf_addf(&sender, "{tag}@%.60s.%.60s.%.60s.%.42s.example", x100, x100, x100, x100);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool is_long = strstr(rows[i].setting, "LONG");
		buf_clear(&text);
		buf_addf(&text, SERVICE "envelope_sender = %s\n" SMTP MESSAGE "%s%s\n" PROVIDER SEED,
			 strcmp(rows[i].sender, "LONGSENDER") == 0 ? buf_str(&sender) : rows[i].sender,
			 is_long ? "var.name = " : rows[i].setting, is_long ? buf_str(&long_word) : "");
		write_file("pp.ini", buf_str(&text), 0600);
		buf_clear(&text);
		if (strstr(rows[i].header, "LONG"))
			buf_addf(&text, "Content-Description: %s\n", buf_str(&long_word));
		else
			buf_add_str(&text, rows[i].header);
		buf_add_str(&text, "To: {{to}}\n\nHello.\n");
		write_file("welcome.eml", buf_str(&text), 0600);
		load_file(&problems);
		bool refused = rows[i].line[0];
		ROW_ASSERT(buf_str(&problems), refused || problems.len == 0);
		ROW_ASSERT(rows[i].label, strncmp(buf_str(&problems), rows[i].line, strlen(rows[i].line)) == 0);
		ROW_ASSERT(rows[i].label, strstr(buf_str(&problems), rows[i].says));
	}
	unlink(in_folder("pp.ini"));
	unlink(in_folder("welcome.eml"));
	buf_fini(&long_word);
	buf_fini(&text);
	buf_fini(&problems);
	buf_fini(&sender);
}

static void a_mailbox_stands_there_once(void **state)
{
	static const struct {
		const char *label, *address;
		bool twice;
	} rows[] = {
		{ "the same", "ana@alpha.example", true },
		{ "the domain in capitals", "ana@ALPHA.example", true },
		{ "the local part in capitals", "ANA@alpha.example", true },
		{ "both", "Ana@Alpha.Example", true },
		{ "one letter", "anA@alpha.example", true },
		{ "another mailbox", "anna@alpha.example", false },
		{ "another domain", "ana@alpha.example.com", false },
	};
	struct buf text = BUF_INIT(20000), problems = BUF_INIT(20000);
	write_file("welcome.eml", "To: {{to}}\n\nHello.\n", 0600);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		buf_clear(&text);
		buf_addf(&text, COMPLETE "[seed %s]\nprovider = alpha\npassword = env:X\n", rows[i].address);
		write_file("pp.ini", buf_str(&text), 0600);
		load_file(&problems);
		ROW_ASSERT(rows[i].label, (problems.len > 0) == rows[i].twice);
		ROW_ASSERT(rows[i].label, !rows[i].twice || strncmp(buf_str(&problems), "13: ", 4) == 0);
	}
	unlink(in_folder("pp.ini"));
	unlink(in_folder("welcome.eml"));
	buf_fini(&text);
	buf_fini(&problems);
}

/* Whoever can write a configuration can have anything run. */
static void commands_are_not_taken_from_a_file_of_others(void **state)
{
	static const struct {
		const char *label, *password;
		mode_t mode;
		uid_t owner;
		bool refused;
	} rows[] = {
		{ "ours", "cmd:pass", 0600, 0, false },
		{ "ours, for all to read", "cmd:pass", 0644, 0, false },
		{ "written by its group", "cmd:pass", 0664, 0, true },
		{ "written by others", "cmd:pass", 0646, 0, true },
		{ "written by all", "cmd:pass", 0666, 0, true },
		{ "written by all, without a command", "env:X", 0666, 0, false },
		{ "written by all, a file", "file:x", 0666, 0, false },
		{ "of another user", "cmd:pass", 0644, 12345, true },
		{ "of another user, without a command", "env:X", 0644, 12345, false },
	};
	struct buf text = BUF_INIT(20000), problems = BUF_INIT(20000);
	write_file("welcome.eml", "To: {{to}}\nSubject: Hello\n\nHello.\n", 0600);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].owner && geteuid() != 0)
			continue; /* only root can give a file away */
		buf_clear(&text);
		buf_addf(&text,
			 SERVICE SMTP MESSAGE PROVIDER "[seed ana@alpha.example]\nprovider = alpha\npassword = %s\n",
			 rows[i].password);
		write_file("pp.ini", buf_str(&text), rows[i].mode);
		if (rows[i].owner)
			assert_int_equal(chown(in_folder("pp.ini"), rows[i].owner, (gid_t)-1), 0);
		load_file(&problems);
		ROW_ASSERT(rows[i].label, (problems.len > 0) == rows[i].refused);
		ROW_ASSERT(rows[i].label,
			   !rows[i].refused || (strncmp(buf_str(&problems), "12: ", 4) == 0 &&
						strstr(buf_str(&problems), "cmd: is not run from a configuration")));
		unlink(in_folder("pp.ini"));
	}
	unlink(in_folder("welcome.eml"));
	buf_fini(&text);
	buf_fini(&problems);
}

/* Somebody who opens a FIFO waits for a writer, and no signal ends that. */
static void fifos_are_refused_and_not_waited_for(void **state)
{
	static const struct {
		const char *label, *lines, *says;
	} rows[] = {
		{ "a template", "[message other]\ntemplate = pipe\n", "14: [message other] template: cannot open " },
		{ "a CA file of a provider", "[provider beta]\nca_file = pipe\nhost = h\nreceived_by = r\n",
		  "14: [provider beta] ca_file: cannot open " },
		{ "a CA file of [check]", "[check]\nca_file = pipe\n", "14: [check] ca_file: cannot open " },
		{ "a CA file of [inbound]",
		  "[inbound]\naddress = in@shop.example\nhost = h\nuser = u\npassword = env:X\nca_file = pipe\n",
		  "18: [inbound] ca_file: cannot open " },
		{ "a trust anchor", "[dns]\ntrust_anchor = pipe\n", "14: [dns] trust_anchor: cannot open " },
		{ "a rule pack", "[check]\nrules = ./pipe\n", "14: [check] rules: " },
	};
	struct buf text = BUF_INIT(20000), problems = BUF_INIT(20000);
	write_file("welcome.eml", "To: {{to}}\n\nHello.\n", 0600);
	assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		buf_clear(&text);
		buf_addf(&text, COMPLETE "%s", rows[i].lines);
		write_file("pp.ini", buf_str(&text), 0600);
		load_file(&problems);
		ROW_ASSERT(buf_str(&problems), strstr(buf_str(&problems), rows[i].says));
		ROW_ASSERT(rows[i].label, strstr(buf_str(&problems), "not a regular file"));
	}
	unlink(in_folder("pp.ini"));
	struct error err = ERROR_INIT;
	struct config *c = NULL;
	struct config_problems none = { 0 };
	assert_int_equal(mkfifo(in_folder("pp.ini"), 0600), 0);
	assert_int_equal(config_load(in_folder("pp.ini"), &c, &none, &err), -1);
	assert_non_null(strstr(err.text, "not a regular file"));
	unlink(in_folder("pp.ini"));
	unlink(in_folder("pipe"));
	unlink(in_folder("welcome.eml"));
	buf_fini(&text);
	buf_fini(&problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_run_would_refuse_is_refused_beforehand),
		cmocka_unit_test(a_mailbox_stands_there_once),
		cmocka_unit_test(commands_are_not_taken_from_a_file_of_others),
		cmocka_unit_test(fifos_are_refused_and_not_waited_for),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
