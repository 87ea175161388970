/* Advice: each kind of trouble has its own, and it names the setting to change. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "harness/net/tls_stream.h"
#include "providers/imap_mend.h"
#include "providers/imap_session.h"
#include "providers/profile.h"

static const struct row {
	const char *label;
	enum error_kind kind;
	int code;
	const char *says; /* NULL: there is nothing to be said */
} rows[] = {
	{ "wrong password", ERROR_AUTH, IMAP_CAUSE_CREDENTIALS,
	  "Check user and password in [seed ana@acme.test]. Take an app password." },
	{ "expired password", ERROR_AUTH, IMAP_CAUSE_EXPIRED, "password in [seed ana@acme.test]" },
	{ "sign in with a browser", ERROR_AUTH, IMAP_CAUSE_WEBLOGIN, "with a browser" },
	{ "no password without TLS", ERROR_AUTH, IMAP_CAUSE_PRIVACY, "security = tls or starttls in [provider acme]" },
	{ "IMAP is off", ERROR_AUTH, IMAP_CAUSE_DISABLED, "Switch IMAP on" },
	{ "OAuth", ERROR_UNSUPPORTED, IMAP_CAUSE_OAUTH, "OAuth 2, which is not supported yet" },
	{ "no STARTTLS", ERROR_UNSUPPORTED, IMAP_CAUSE_NO_STARTTLS, "Set security = tls in [provider acme]" },
	{ "no mechanism in common", ERROR_UNSUPPORTED, IMAP_CAUSE_NO_MECHANISM, "mechanism out of [provider acme]" },
	{ "TLS that is not there", ERROR_TLS, TLS_PLAINTEXT, "port and security in [provider acme]" },
	{ "not a word", ERROR_TIMEOUT, IMAP_CAUSE_SILENCE, "port and security in [provider acme]" },
	{ "throttled", ERROR_REFUSED, IMAP_CAUSE_THROTTLED, "connections = 1" },
	{ "unavailable", ERROR_REFUSED, IMAP_CAUSE_UNAVAILABLE, "try again later" },
	{ "no folder", ERROR_REFUSED, IMAP_CAUSE_NO_FOLDER, "the folder is there" },
	{ "certificate expired", ERROR_TLS, TLS_EXPIRED, "renew its certificate" },
	{ "certificate not yet valid", ERROR_TLS, TLS_NOT_YET, "clock" },
	{ "certificate for another name", ERROR_TLS, TLS_WRONG_NAME, "host in [provider acme]" },
	{ "certificate of an unknown authority", ERROR_TLS, TLS_UNKNOWN_CA, "ca_file in [provider acme]" },
	{ "certificate refused", ERROR_TLS, TLS_CERTIFICATE, "replace its certificate" },
	{ "handshake", ERROR_TLS, TLS_HANDSHAKE, "port and security in [provider acme]" },
	{ "no such name", ERROR_NETWORK, -2, "host in [provider acme], and the name servers" },
	{ "connection refused", ERROR_NETWORK, ECONNREFUSED, "host and port in [provider acme]" },
	{ "no route", ERROR_NETWORK, EHOSTUNREACH, "firewall" },
	{ "server closes", ERROR_NETWORK, 0, "closes connections" },
	{ "timeout", ERROR_TIMEOUT, 0, "login_timeout or command_timeout in [run]" },
	{ "injection", ERROR_PROTOCOL, IMAP_CAUSE_INJECTION, "security = tls in [provider acme]" },
	{ "no IMAP", ERROR_PROTOCOL, 0, "an IMAP server" },
	{ "over a limit", ERROR_LIMIT, 0, "No mail server answers like this" },
	{ "interrupted", ERROR_INTERRUPTED, 0, NULL },
	{ "secret", ERROR_CONFIG, 0, NULL },
};

static void every_trouble_has_its_advice(void **state)
{
	_cleanup_(profile_free_p) struct profile *profile = NULL;
	struct error err = ERROR_INIT;
	assert_int_equal(profile_new("acme", &profile, &err), 0);
	assert_int_equal(profile_set(profile, "mend_auth", "Take an app password.", ".", &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char out[IMAP_MEND_MAX];
		struct error trouble = { .kind = rows[i].kind, .code = rows[i].code, .retry = RETRY_LATER };
		ROW_ASSERT(rows[i].label, imap_mend(&trouble, profile, "ana@acme.test", out) == out);
		if (!rows[i].says)
			ROW_ASSERT_STRING(rows[i].label, out, "");
		else if (!strstr(out, rows[i].says))
			fail_msg("%s: \"%s\" does not say \"%s\"", rows[i].label, out, rows[i].says);
		/* The bounce mailbox has no profile: its own section, no words of a provider. */
		imap_mend(&trouble, NULL, "", out);
		ROW_ASSERT(rows[i].label, !strstr(out, "acme") && !strstr(out, "Take an app password."));
		if (rows[i].code == IMAP_CAUSE_NO_FOLDER && rows[i].kind == ERROR_REFUSED)
			ROW_ASSERT(rows[i].label, strstr(out, "Set folder in [bounces]") != NULL);
		if (rows[i].says && (strstr(rows[i].says, "[provider") || strstr(rows[i].says, "[seed")))
			ROW_ASSERT(rows[i].label, strstr(out, "[bounces]") != NULL);
	}
}

static void long_advice_of_a_provider_is_cut(void **state)
{
	_cleanup_(profile_free_p) struct profile *profile = NULL;
	struct error err = ERROR_INIT, trouble = { .kind = ERROR_AUTH, .code = IMAP_CAUSE_CREDENTIALS };
	char advice[2 * IMAP_MEND_MAX], out[IMAP_MEND_MAX];
	memset(advice, 'x', sizeof(advice) - 1);
	advice[sizeof(advice) - 1] = '\0';
	assert_int_equal(profile_new("acme", &profile, &err), 0);
	assert_int_equal(profile_set(profile, "mend_auth", advice, ".", &err), 0);
	imap_mend(&trouble, profile, "ana@acme.test", out);
	assert_int_equal(strlen(out), IMAP_MEND_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_trouble_has_its_advice),
		cmocka_unit_test(long_advice_of_a_provider_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
