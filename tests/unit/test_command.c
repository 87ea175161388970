/* The command line. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/file.h"
#include "harness/cmd/command.h"
#include "harness/cmd/command_line.h"
#include "tests/unit/shipped.h"

enum { ARGS_MAX = 8, OUTPUT_MAX = 1024 * 1024 };

/* Points a descriptor at a new file without a name and returns what it was. */
static int redirect(int fd, FILE *file)
{
	int saved = dup(fd);
	assert_true(saved >= 0 && dup2(fileno(file), fd) == fd);
	return saved;
}

static void restore(int fd, int saved, FILE *file, struct buf *out)
{
	struct error err = ERROR_INIT;
	dup2(saved, fd);
	close(saved);
	rewind(file);
	buf_clear(out);
	assert_int_equal(file_read_fd(fileno(file), "output", out, &err), 0);
	fclose(file);
}

/* Runs the program with these arguments; what it prints goes into two buffers. */
static int run(const char *const *args, struct buf *out, struct buf *errors)
{
	char *argv[ARGS_MAX + 2] = { strdup("postproof") };
	int argc = 1;
	for (; args[argc - 1]; argc++)
		argv[argc] = strdup(args[argc - 1]);
	char *owned[ARGS_MAX + 2];
	memcpy(owned, argv, sizeof(owned));
	FILE *out_file = tmpfile(), *error_file = tmpfile();
	fflush(stdout);
	fflush(stderr);
	int saved_out = redirect(STDOUT_FILENO, out_file), saved_errors = redirect(STDERR_FILENO, error_file);
	int code = command_main(argc, argv);
	fflush(stdout);
	fflush(stderr);
	restore(STDOUT_FILENO, saved_out, out_file, out);
	restore(STDERR_FILENO, saved_errors, error_file, errors);
	for (int i = 0; i < argc; i++)
		free(owned[i]);
	return code;
}

static int leave_all_configurations(void **state)
{
	use_shipped_data(state);
	setenv("HOME", "/nowhere", 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_STATE_HOME");
	unsetenv("POSTPROOF_CONFIG");
	return chdir("/");
}

static void what_is_wrong_is_told_with_the_nearest_name(void **state)
{
	static const struct {
		const char *args[ARGS_MAX];
		const char *errors;
	} rows[] = {
		{ { NULL }, "postproof: say which command\nsee `postproof --help`\n" },
		{ { "confg" },
		  "postproof: there is no command \"confg\": did you mean \"config\"?\nsee `postproof --help`\n" },
		{ { "elephant" }, "postproof: there is no command \"elephant\"\nsee `postproof --help`\n" },
		{ { "--stroe=x" },
		  "postproof: there is no option --stroe: did you mean --store?\nsee `postproof --help`\n" },
		{ { "-z" }, "postproof: there is no option -z\nsee `postproof --help`\n" },
		{ { "--store" }, "postproof: --store needs a value\nsee `postproof --help`\n" },
		{ { "--version=3" }, "postproof: --version takes no value\nsee `postproof --help`\n" },
		{ { "config" }, "postproof: config: check|show is missing\nsee `postproof config --help`\n" },
		{ { "config", "chekc" },
		  "postproof: config: \"chekc\" is neither check nor show\nsee `postproof config --help`\n" },
		{ { "config", "check", "it" },
		  "postproof: config: \"it\" is too much: check|show\nsee `postproof config --help`\n" },
		{ { "config", "check", "--elephant" },
		  "postproof: config: there is no option --elephant\nsee `postproof config --help`\n" },
		{ { "config", "\x1b[2J" },
		  "postproof: config: \"\\x1b[2J\" is neither check nor show\nsee `postproof config --help`\n" },
		{ { "config", "check" }, "postproof: config: no configuration was found: name one by -c FILE\n" },
		{ { "-c", "/nowhere/x.ini", "config", "check" },
		  "postproof: config: cannot open /nowhere/x.ini: No such file or directory\n" },
		{ { "config", "check", "-c", "/nowhere/x.ini" },
		  "postproof: config: cannot open /nowhere/x.ini: No such file or directory\n" },
	};
	struct buf out = BUF_INIT(OUTPUT_MAX), errors = BUF_INIT(OUTPUT_MAX);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int code = run(rows[i].args, &out, &errors);
		ROW_ASSERT_STRING(rows[i].errors, buf_str(&errors), rows[i].errors);
		ROW_ASSERT(rows[i].errors, code == EXIT_USAGE);
		ROW_ASSERT_STRING(rows[i].errors, buf_str(&out), "");
	}
	buf_fini(&out);
	buf_fini(&errors);
}

static void help_is_printed_where_it_is_asked_for(void **state)
{
	static const struct {
		const char *args[ARGS_MAX];
		const char *begin, *holds;
	} rows[] = {
		{ { "--help" }, "usage: postproof ", "\n  config " },
		{ { "-h" }, "usage: postproof ", "--help-config" },
		{ { "config", "--help" }, "usage: postproof config [OPTION]... check|show\n", "-c, --config FILE" },
		{ { "--version" }, "postproof ", PACKAGE_VERSION "\n" },
		{ { "config", "-V" }, "postproof ", PACKAGE_VERSION "\n" },
		{ { "--help-config" }, "[service]\n", "\n[run]\n" },
	};
	struct buf out = BUF_INIT(OUTPUT_MAX), errors = BUF_INIT(OUTPUT_MAX);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ROW_ASSERT(rows[i].holds, run(rows[i].args, &out, &errors) == EXIT_PASS);
		ROW_ASSERT(rows[i].holds, strncmp(buf_str(&out), rows[i].begin, strlen(rows[i].begin)) == 0);
		ROW_ASSERT(rows[i].holds, strstr(buf_str(&out), rows[i].holds));
		ROW_ASSERT_STRING(rows[i].holds, buf_str(&errors), "");
	}
	buf_fini(&out);
	buf_fini(&errors);
}

static void config_check_and_show_end_as_documented(void **state)
{
	static const char mistaken[] = "[run]\nwait = soon\n";
	static const char good[] = "[service]\nfrom = a@shop.example\n[smtp]\nurl = smtp://h.example\nuser = u\n"
				   "password = hunter2\n[message m]\ntemplate = m.eml\n[provider p]\nhost = h.example\n"
				   "[seed a@p.example]\nprovider = p\npassword = env:POSTPROOF_TEST_PASSWORD\n";
	char folder[] = "/tmp/postproof-test-XXXXXX", ini[128], template[128];
	struct buf out = BUF_INIT(OUTPUT_MAX), errors = BUF_INIT(OUTPUT_MAX);
	assert_non_null(mkdtemp(folder));
	snprintf(ini, sizeof(ini), "%s/pp.ini", folder);
	snprintf(template, sizeof(template), "%s/m.eml", folder);
	const char *check[] = { "-c", ini, "config", "check", NULL },
		   *show[] = { "config", "show", "--config", ini, NULL };
	FILE *f = fopen(ini, "w");
	fputs(mistaken, f);
	fclose(f);
	assert_int_equal(run(check, &out, &errors), EXIT_FAIL);
	assert_non_null(strstr(buf_str(&errors), "pp.ini:2: [run] wait: \"soon\" is not a duration"));
	assert_non_null(strstr(buf_str(&out), "pp.ini: 5 to mend\n"));
	assert_int_equal(run(show, &out, &errors), EXIT_USAGE);
	assert_string_equal(buf_str(&out), "");
	f = fopen(ini, "w");
	fputs(good, f);
	fclose(f);
	f = fopen(template, "w");
	fputs("To: {{to}}\nSubject: Hello\n\nHello.\n", f);
	fclose(f);
	setenv("POSTPROOF_TEST_PASSWORD", "x", 1);
	assert_int_equal(run(check, &out, &errors), EXIT_PASS);
	assert_non_null(strstr(buf_str(&errors), "pp.ini:6: warning: [smtp] password: the secret itself stands"));
	assert_non_null(strstr(buf_str(&out), "pp.ini: all well: 1 message to 1 seed at 1 provider\n"));
	unsetenv("POSTPROOF_TEST_PASSWORD");
	assert_int_equal(run(check, &out, &errors), EXIT_FAIL);
	assert_int_equal(run(show, &out, &errors), EXIT_PASS);
	assert_non_null(strstr(buf_str(&out), "[smtp]\nurl = smtp://h.example\nstarttls = required  ; default\n"));
	assert_non_null(strstr(buf_str(&out), "password = (inline, hidden)\n"));
	assert_null(strstr(buf_str(&out), "hunter2"));
	unlink(ini);
	unlink(template);
	rmdir(folder);
	buf_fini(&out);
	buf_fini(&errors);
}

/* A file in the folder. */
static const char *write_file(const char *folder, const char *name, const char *text, char path[128])
{
	snprintf(path, 128, "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return path;
}

#define HEAD "$ORIGIN shop.example.\n@ 60 IN SOA ns h 1 2 3 4 5\n"

static void check_ends_as_rules_and_waivers_say(void **state)
{
	static const char rule[] = "[rule own.%s]\ntext = T\nsince = 2024-02-01\nseverity = fail\nsource = S\n"
				   "findings = %s\n";
	static const char config[] =
	    "[service]\nfrom = a@shop.example\n[smtp]\nurl = smtp://h.example\n[message m]\ntemplate = m.eml\n"
	    "[provider p]\nhost = h.example\nreceived_by = h\n[seed a@p.example]\nprovider = p\npassword = env:X\n"
	    "[check]\nrules = ./own.ini\ntimeout = 2s\n%s[dns]\nservers = 127.0.0.1:1\ntimeout = 200ms\n";
	static const char waiver[] = "waive = own.mail until 9999-12-31 because nobody writes\n";
	static const struct {
		const char *label, *rule, *finding, *zone, *check;
		int code;
		const char *says;
	} rows[] = {
		{ "a finding that a rule demands is bad", "mail", "from.takes-mail", HEAD "@ 60 IN MX 0 .\n", "",
		  EXIT_FAIL, "a null MX record" },
		{ "a waiver makes a warning of it", "mail", "from.takes-mail", HEAD "@ 60 IN MX 0 .\n", waiver,
		  EXIT_PASS, "own.mail is waived until 9999-12-31: nobody writes" },
		{ "it is good", "mail", "from.takes-mail", HEAD "@ 60 IN A 127.0.0.1\n", "", EXIT_PASS,
		  "MX records: 0, address records: 1" },
		{ "what a rule demands could not be tested", "reply", "reply.confirmed", HEAD, "", EXIT_UNTESTED,
		  "no code was sent there yet" },
	};
	char folder[] = "/tmp/postproof-test-XXXXXX", ini[128], pack[128], zone[128], template[128], text[2048];
	struct buf out = BUF_INIT(OUTPUT_MAX), errors = BUF_INIT(OUTPUT_MAX);
	assert_non_null(mkdtemp(folder));
	write_file(folder, "m.eml", "To: {{to}}\nSubject: Hello\n\nHello.\n", template);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(text, sizeof(text), rule, rows[i].rule, rows[i].finding);
		write_file(folder, "own.ini", text, pack);
		snprintf(text, sizeof(text), config, rows[i].check);
		write_file(folder, "pp.ini", text, ini);
		write_file(folder, "new.zone", rows[i].zone, zone);
		const char *args[] = { "-c",     ini,  "--store", "/nowhere/s.sqlite", "check", "--rules", pack,
				       "--zone", zone, NULL };
		ROW_ASSERT(rows[i].label, run(args, &out, &errors) == rows[i].code);
		ROW_ASSERT_STRING(rows[i].label, buf_str(&errors), "");
		ROW_ASSERT(rows[i].label, strstr(buf_str(&out), rows[i].says));
	}
	unlink(pack);
	unlink(ini);
	unlink(zone);
	unlink(template);
	rmdir(folder);
	buf_fini(&out);
	buf_fini(&errors);
}

static void errors_have_their_exit_codes(void **state)
{
	static const struct {
		enum error_kind kind;
		enum exit_code code;
	} rows[] = {
		{ ERROR_USAGE, EXIT_USAGE },       { ERROR_CONFIG, EXIT_USAGE },
		{ ERROR_STORE, EXIT_ENVIRONMENT }, { ERROR_NETWORK, EXIT_ENVIRONMENT },
		{ ERROR_BUG, EXIT_ENVIRONMENT },   { ERROR_INTERRUPTED, EXIT_INTERRUPTED },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = { .kind = rows[i].kind };
		ROW_ASSERT(error_kind_name(rows[i].kind), exit_code_of(&err) == rows[i].code);
	}
}

static void values_of_options_are_looked_up(void **state)
{
	static const struct command_option options[] = { { "seed", "ADDRESS", "x", 0, true },
							 { "label", "TEXT", "x", 0, false },
							 { "dry-run", NULL, "x", 0, false },
							 { NULL } };
	static const struct command command = { .options = options };
	const char *values[] = { "a", "", "b" };
	size_t of[] = { 0, 2, 0 };
	struct command_args args = { .command = &command, .values = values, .value_options = of, .value_count = 3 };
	assert_string_equal(args_value(&args, "seed", NULL), "b");
	assert_string_equal(args_value_at(&args, "seed", 0), "a");
	assert_string_equal(args_value_at(&args, "seed", 1), "b");
	assert_null(args_value_at(&args, "seed", 2));
	assert_string_equal(args_value(&args, "label", "none"), "none");
	assert_true(args_has(&args, "dry-run"));
	assert_false(args_has(&args, "label"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_is_told_with_the_nearest_name),
		cmocka_unit_test(help_is_printed_where_it_is_asked_for),
		cmocka_unit_test(config_check_and_show_end_as_documented),
		cmocka_unit_test(check_ends_as_rules_and_waivers_say),
		cmocka_unit_test(errors_have_their_exit_codes),
		cmocka_unit_test(values_of_options_are_looked_up),
	};
	return cmocka_run_group_tests(tests, leave_all_configurations, NULL);
}
