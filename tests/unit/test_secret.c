/* Secrets and where they come from. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/secret.h"

static char folder[] = "/tmp/postproof-test-XXXXXX";

static int make_folder(void **state)
{
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	return rmdir(folder);
}

/* Resolves a reference; "!text" for an error. */
static const char *resolved(const char *reference, int64_t ms, struct buf *out)
{
	struct error err = ERROR_INIT;
	struct secret_ref *ref = NULL;
	_cleanup_(secret_free_p) struct secret *secret = NULL;
	buf_clear(out);
	if (secret_ref_new(span_of(reference), folder, &ref, &err) < 0 ||
	    secret_resolve(ref, deadline_in(ms), -1, &secret, &err) < 0) {
		buf_addf(out, "!%s", err.text);
		assert_int_equal(err.kind, ERROR_CONFIG);
		assert_int_equal(err.retry, RETRY_NEVER);
	} else {
		buf_add_str(out, secret_reveal(secret));
	}
	secret_ref_free(ref);
	return buf_str(out);
}

static void references_lead_to_secrets(void **state)
{
	static const struct {
		const char *reference, *secret;
	} rows[] = {
		{ "env:POSTPROOF_TEST", "from env" },
		{ "env: POSTPROOF_TEST ", "from env" },
		{ "env:POSTPROOF_NOT_SET",
		  "!env:POSTPROOF_NOT_SET: the variable is not set: export it before the start" },
		{ "env:POSTPROOF_EMPTY", "!env:POSTPROOF_EMPTY: the variable is empty: export it before the start" },
		{ "env:", "!\"env:\" needs the name of an environment variable behind it" },
		{ "file:", "!\"file:\" needs the path of a file behind it" },
		{ "cmd:", "!\"cmd:\" needs a shell command behind it" },
		{ "", "!is empty" },
		{ "cmd:echo one; echo two", "one" },
		{ "cmd:printf 'a\\r\\nb'", "a" },
		{ "cmd:printf none", "none" },
		{ "cmd:exit 7", "!cmd:exit 7: the command ended with status 7: run it by hand to see why" },
		{ "cmd:echo", "!cmd:echo: the command wrote nothing in its first line: run it by hand to see why" },
		{ "cmd:true", "!cmd:true: the command wrote nothing in its first line: run it by hand to see why" },
		{ "hunter2", "hunter2" },
		{ "ENV:X", "ENV:X" },
	};
	struct buf out = BUF_INIT(2000);
	setenv("POSTPROOF_TEST", "from env", 1);
	setenv("POSTPROOF_EMPTY", "", 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ROW_ASSERT_STRING(rows[i].reference, resolved(rows[i].reference, 20000, &out), rows[i].secret);
	buf_fini(&out);
}

static void a_command_has_until_the_deadline(void **state)
{
	struct buf out = BUF_INIT(2000);
	assert_string_equal(resolved("cmd:sleep 60", 100, &out), "!cmd:sleep 60: the command did not end in time");
	buf_fini(&out);
}

static void a_command_gets_no_secret_of_others(void **state)
{
	static const struct {
		const char *label, *command, *secret;
	} rows[] = {
		{ "a variable that a reference names", "cmd:echo \"<$POSTPROOF_TEST>\"", "<>" },
		{ "another one", "cmd:echo \"<$POSTPROOF_OTHER>\"", "<>" },
		{ "one whose name begins the same", "cmd:echo \"<$POSTPROOF_TEST_2>\"", "<kept>" },
		{ "one that no reference names", "cmd:echo \"<$POSTPROOF_FREE>\"", "<free>" },
		{ "the usual ones", "cmd:test -n \"$PATH\" && echo there", "there" },
	};
	struct buf out = BUF_INIT(2000);
	setenv("POSTPROOF_TEST", "from env", 1);
	setenv("POSTPROOF_OTHER", "other", 1);
	setenv("POSTPROOF_TEST_2", "kept", 1);
	setenv("POSTPROOF_FREE", "free", 1);
	assert_string_equal(resolved("env:POSTPROOF_TEST", 0, &out), "from env");
	assert_string_equal(resolved("env:POSTPROOF_OTHER", 0, &out), "other");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ROW_ASSERT_STRING(rows[i].label, resolved(rows[i].command, 20000, &out), rows[i].secret);
	assert_string_equal(resolved("env:POSTPROOF_TEST", 0, &out), "from env"); /* ours is as it was */
	buf_fini(&out);
}

/* A FIFO that nobody writes to would be waited for, by open(), for ever. */
static void what_is_no_regular_file_is_refused(void **state)
{
	struct buf out = BUF_INIT(2000);
	char path[128];
	snprintf(path, sizeof(path), "%s/fifo", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_non_null(strstr(resolved("file:fifo", 0, &out), "not a regular file"));
	assert_non_null(strstr(resolved("file:/dev/tty", 0, &out), "!file:/dev/tty: cannot open /dev/tty"));
	assert_non_null(strstr(resolved("file:/dev/zero", 0, &out), "not a regular file"));
	assert_non_null(strstr(resolved("file:/dev/stdin/x", 0, &out), "cannot open"));
	assert_non_null(strstr(resolved("file:.", 0, &out), "Is a directory"));
	unlink(path);
	buf_fini(&out);
}

static void a_file_must_be_closed_to_others(void **state)
{
	static const struct {
		const char *content;
		mode_t mode;
		const char *secret;
	} rows[] = {
		{ "s3cret\n", 0600, "s3cret" },
		{ "s3cret\r\n", 0400, "s3cret" },
		{ "s3cret", 0700, "s3cret" },
		{ " two words ", 0600, " two words " },
		{ "", 0600, "!file:secret: is empty" },
		{ "\n", 0600, "!file:secret: is empty" },
		{ "one\ntwo\n", 0600, "!file:secret: has more than one line, or a NUL in it" },
		{ "s3cret\n", 0640, "mode 0640" },
		{ "s3cret\n", 0604, "mode 0604" },
		{ "s3cret\n", 0620, "mode 0620" },
		{ "s3cret\n", 0602, "mode 0602" },
	};
	struct buf out = BUF_INIT(2000);
	char path[128], mend[160];
	snprintf(path, sizeof(path), "%s/secret", folder);
	snprintf(mend, sizeof(mend), "run `chmod 600 %s`", path);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		assert_int_equal(write(fd, rows[i].content, strlen(rows[i].content)), strlen(rows[i].content));
		assert_int_equal(fchmod(fd, rows[i].mode), 0);
		close(fd);
		const char *got = resolved("file:secret", 0, &out);
		if (strncmp(rows[i].secret, "mode", 4) == 0)
			ROW_ASSERT(rows[i].secret, strstr(got, rows[i].secret) && strstr(got, mend));
		else
			ROW_ASSERT_STRING(rows[i].content, got, rows[i].secret);
		ROW_ASSERT(rows[i].secret, got[0] != '!' || !strstr(got, "s3cret\n"));
		unlink(path);
	}
	assert_non_null(strstr(resolved("file:secret", 0, &out), "No such file"));
	buf_fini(&out);
}

static void what_is_shown_of_a_reference_is_no_secret(void **state)
{
	static const struct {
		const char *reference, *text;
		enum secret_kind kind;
	} rows[] = {
		{ "env:NAME", "env:NAME", SECRET_ENV },
		{ "file:a/b", "file:a/b", SECRET_FILE },
		{ "cmd:pass show x", "cmd:pass show x", SECRET_CMD },
		{ "hunter2", "(inline, hidden)", SECRET_INLINE },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct secret_ref *ref;
		assert_int_equal(secret_ref_new(span_of(rows[i].reference), ".", &ref, &err), 0);
		ROW_ASSERT_STRING(rows[i].reference, secret_ref_text(ref), rows[i].text);
		ROW_ASSERT(rows[i].reference, secret_ref_kind(ref) == rows[i].kind);
		ROW_ASSERT(rows[i].reference,
			   secret_ref_is_hidden(secret_ref_text(ref)) == (rows[i].kind == SECRET_INLINE));
		secret_ref_free(ref);
	}
}

static void secrets_have_a_cap(void **state)
{
	char text[SECRET_MAX + 1];
	struct error err = ERROR_INIT;
	struct secret *secret;
	memset(text, 'x', sizeof(text));
	assert_int_equal(secret_new(span_make(text, SECRET_MAX), &secret, &err), 0);
	assert_int_equal(strlen(secret_reveal(secret)), SECRET_MAX);
	secret_free(secret);
	assert_int_equal(secret_new(span_make(text, SECRET_MAX + 1), &secret, &err), -1);
	assert_int_equal(err.kind, ERROR_CONFIG);
	secret_free(NULL);
	secret_ref_free(NULL);
}

static void a_protected_process_leaves_no_core(void **state)
{
	struct rlimit limit;
	secret_protect_process();
	assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
	assert_int_equal(limit.rlim_cur, 0);
	assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references_lead_to_secrets),
		cmocka_unit_test(a_command_has_until_the_deadline),
		cmocka_unit_test(a_command_gets_no_secret_of_others),
		cmocka_unit_test(what_is_no_regular_file_is_refused),
		cmocka_unit_test(a_file_must_be_closed_to_others),
		cmocka_unit_test(what_is_shown_of_a_reference_is_no_secret),
		cmocka_unit_test(secrets_have_a_cap),
		cmocka_unit_test(a_protected_process_leaves_no_core),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
