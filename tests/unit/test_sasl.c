/* Choosing a mechanism, and each of them against a server's side that is worked out here. */
#include "tests/unit/unit.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/base64.h"
#include "harness/net/sasl.h"

/* --- the choice ------------------------------------------------------------------------------------------------- */

#define BIT(mechanism) (1u << (mechanism))

static const struct {
	const char *label, *offered;
	enum sasl_mechanism wanted;
	unsigned refused;
	enum sasl_mechanism chosen; /* SASL_AUTO: none */
	const char *says;
} choices[] = {
	{ "one", "PLAIN", SASL_AUTO, 0, SASL_PLAIN, "" },
	{ "Exchange", "GSSAPI NTLM LOGIN", SASL_AUTO, 0, SASL_LOGIN, "" },
	{ "Gmail", "LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH", SASL_AUTO, 0, SASL_PLAIN, "" },
	{ "lower case", "cram-md5 login", SASL_AUTO, 0, SASL_LOGIN, "" },
	{ "blanks", "  LOGIN   PLAIN ", SASL_AUTO, 0, SASL_PLAIN, "" },
	{ "CRAM-MD5 is last", "CRAM-MD5 SCRAM-SHA-1", SASL_AUTO, 0, SASL_SCRAM_SHA_1, "" },
	{ "the longer hash first", "SCRAM-SHA-1 SCRAM-SHA-256", SASL_AUTO, 0, SASL_SCRAM_SHA_256, "" },
	{ "only CRAM-MD5", "DIGEST-MD5 CRAM-MD5", SASL_AUTO, 0, SASL_CRAM_MD5, "" },
	{ "as is set", "PLAIN LOGIN CRAM-MD5", SASL_CRAM_MD5, 0, SASL_CRAM_MD5, "" },
	{ "set and not offered", "PLAIN LOGIN", SASL_SCRAM_SHA_256, 0, SASL_AUTO,
	  "mechanism = scram-sha-256 is set, but the server does not take SCRAM-SHA-256: it offers PLAIN LOGIN" },
	{ "refused", "PLAIN LOGIN", SASL_AUTO, BIT(SASL_PLAIN), SASL_LOGIN, "" },
	{ "all refused", "PLAIN", SASL_AUTO, BIT(SASL_PLAIN), SASL_AUTO, "it offers PLAIN" },
	{ "never GSSAPI, NTLM, EXTERNAL, ANONYMOUS", "GSSAPI NTLM EXTERNAL ANONYMOUS SCRAM-SHA-256-PLUS", SASL_AUTO, 0,
	  SASL_AUTO,
	  "it offers GSSAPI NTLM EXTERNAL ANONYMOUS SCRAM-SHA-256-PLUS; one of PLAIN, LOGIN, SCRAM-SHA-256, "
	  "SCRAM-SHA-1, CRAM-MD5 is needed" },
	{ "a beginning is not the name", "PLAIN-CLIENTTOKEN PLAINX LOGI", SASL_AUTO, 0, SASL_AUTO, "PLAINX" },
	{ "nothing", " ", SASL_AUTO, 0, SASL_AUTO, "offers no authentication" },
	{ "hostile names", "\x1b[2J\n", SASL_AUTO, 0, SASL_AUTO, "\\x1b" },
};

static void mechanism_is_the_first_that_both_have(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
		enum sasl_mechanism got = SASL_AUTO;
		struct error err = ERROR_INIT;
		int result = sasl_choose(span_of(choices[i].offered), choices[i].wanted, choices[i].refused, &got,
					 &err);
		ROW_ASSERT(choices[i].label, (result == 0) == (choices[i].chosen != SASL_AUTO));
		ROW_ASSERT(choices[i].label, got == choices[i].chosen);
		ROW_ASSERT(choices[i].label, result == 0 || err.kind == ERROR_UNSUPPORTED);
		if (!strstr(err.text, choices[i].says))
			fail_msg("%s: \"%s\"", choices[i].label, err.text);
	}
}

/* --- lines ------------------------------------------------------------------------------------------------------ */

static struct sasl *sasl_for(enum sasl_mechanism mechanism, const char *user, const char *password)
{
	struct sasl *sasl = NULL;
	struct error err = ERROR_INIT;
	if (sasl_new(mechanism, user, password, &sasl, &err) < 0)
		fail_msg("%s", err.text);
	return sasl;
}

static const struct line_row {
	const char *label;
	enum sasl_mechanism mechanism;
	const char *user, *password;
	size_t line_max;
	const char *first;         /* line */
	const char *challenges[3]; /* base64 */
	const char *responses[3];
} lines[] = {
	/* RFC 4616 section 4, without an authorization identity */
	{ "PLAIN at once",
	  SASL_PLAIN,
	  "tim",
	  "tanstaaftanstaaf",
	  512,
	  "AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm",
	  { NULL },
	  { NULL } },
	{ "PLAIN when asked",
	  SASL_PLAIN,
	  "tim",
	  "tanstaaftanstaaf",
	  0,
	  "AUTH PLAIN",
	  { "" },
	  { "AHRpbQB0YW5zdGFhZnRhbnN0YWFm" } },
	{ "PLAIN, passed over",
	  SASL_PLAIN,
	  "tim",
	  "tanstaaftanstaaf",
	  512,
	  "AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm",
	  { "" },
	  { "AHRpbQB0YW5zdGFhZnRhbnN0YWFm" } },
	{ "PLAIN fits exactly",
	  SASL_PLAIN,
	  "tim",
	  "tanstaaftanstaaf",
	  41,
	  "AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm",
	  { NULL },
	  { NULL } },
	{ "PLAIN is one octet too long",
	  SASL_PLAIN,
	  "tim",
	  "tanstaaftanstaaf",
	  40,
	  "AUTH PLAIN",
	  { "" },
	  { "AHRpbQB0YW5zdGFhZnRhbnN0YWFm" } },
	{ "PLAIN in UTF-8 as it is",
	  SASL_PLAIN,
	  "t\xc3\xa9",
	  "\xe2\x82\xac",
	  512,
	  "AUTH PLAIN AHTDqQDigqw=",
	  { NULL },
	  { NULL } },
	{ "LOGIN",
	  SASL_LOGIN,
	  "tim",
	  "tanstaaf",
	  512,
	  "AUTH LOGIN",
	  { "VXNlcm5hbWU6", "UGFzc3dvcmQ6" },
	  { "dGlt", "dGFuc3RhYWY=" } },
	{ "LOGIN, asked in words",
	  SASL_LOGIN,
	  "tim",
	  "tanstaaf",
	  512,
	  "AUTH LOGIN",
	  { "User Name", "" },
	  { "dGlt", "dGFuc3RhYWY=" } },
	/* RFC 2195 section 2 */
	{ "CRAM-MD5",
	  SASL_CRAM_MD5,
	  "tim",
	  "tanstaaftanstaaf",
	  512,
	  "AUTH CRAM-MD5",
	  { "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+" },
	  { "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw" } },
};

static void lines_are_those_of_the_mechanism(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		const struct line_row *row = &lines[i];
		_cleanup_(sasl_free_p) struct sasl *sasl = sasl_for(row->mechanism, row->user, row->password);
		_cleanup_(buf_wipe) struct buf line = BUF_INIT(SASL_LINE_MAX);
		struct error err = ERROR_INIT;
		ROW_ASSERT(row->label, sasl_begin(sasl, "AUTH", row->line_max, &line, &err) == 0);
		ROW_ASSERT_STRING(row->label, buf_str(&line), row->first);
		for (size_t c = 0; c < ARRAY_LEN(row->challenges) && row->challenges[c]; c++) {
			buf_clear(&line);
			if (sasl_step(sasl, span_of(row->challenges[c]), &line, &err) < 0)
				fail_msg("%s: %s", row->label, err.text);
			ROW_ASSERT_STRING(row->label, buf_str(&line), row->responses[c]);
		}
		ROW_ASSERT(row->label, sasl_check_success(sasl, &err) == 0);
		/* All is said: whoever asks again gets nothing. */
		buf_clear(&line);
		ROW_ASSERT(row->label, sasl_step(sasl, SPAN_LIT("eA=="), &line, &err) < 0 && line.len == 0);
		ROW_ASSERT(row->label, err.kind == ERROR_PROTOCOL && !strstr(err.text, row->password));
	}
}

static void secrets_of_16_KiB_are_taken(void **state)
{
	static const enum sasl_mechanism all[] = { SASL_PLAIN, SASL_LOGIN, SASL_CRAM_MD5, SASL_SCRAM_SHA_256 };
	char *password = malloc(16 * 1024 + 1);
	memset(password, 'p', 16 * 1024);
	password[16 * 1024] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		const char *label = sasl_mechanism_name(all[i]);
		_cleanup_(sasl_free_p) struct sasl *sasl = sasl_for(all[i], "tim", password);
		_cleanup_(buf_wipe) struct buf line = BUF_INIT(SASL_LINE_MAX);
		struct error err = ERROR_INIT;
		ROW_ASSERT(label, sasl_begin(sasl, "AUTH", 512, &line, &err) == 0 && line.len < 510);
		if (all[i] == SASL_SCRAM_SHA_256)
			continue;
		for (int c = all[i] == SASL_LOGIN ? 2 : 1; c; c--) {
			buf_clear(&line);
			ROW_ASSERT(label, sasl_step(sasl, SPAN_LIT("PDE+"), &line, &err) == 0);
		}
		ROW_ASSERT(label, line.len > (all[i] == SASL_CRAM_MD5 ? 10 : 16 * 1024));
	}
	free(password);
}

/* --- SCRAM ------------------------------------------------------------------------------------------------------ */

/* The server's knowledge of a password: RFC 5802 section 3. */
struct scram_keys {
	const EVP_MD *hash;
	unsigned char salted[EVP_MAX_MD_SIZE], proof[EVP_MAX_MD_SIZE], signature[EVP_MAX_MD_SIZE];
	int len;
};

static void scram_hmac(const struct scram_keys *k, const void *key, const char *text, unsigned char *out)
{
	assert_non_null(HMAC(k->hash, key, k->len, (const unsigned char *)text, strlen(text), out, NULL));
}

static void scram_work_out(struct scram_keys *k, const char *password, struct span salt, int iterations,
			   const char *auth_message)
{
	unsigned char client[EVP_MAX_MD_SIZE], stored[EVP_MAX_MD_SIZE], server[EVP_MAX_MD_SIZE];
	k->len = EVP_MD_get_size(k->hash);
	assert_int_equal(PKCS5_PBKDF2_HMAC(password, -1, (const unsigned char *)salt.p, (int)salt.len, iterations,
					   k->hash, k->len, k->salted),
			 1);
	scram_hmac(k, k->salted, "Client Key", client);
	assert_int_equal(EVP_Digest(client, (size_t)k->len, stored, NULL, k->hash, NULL), 1);
	scram_hmac(k, stored, auth_message, k->proof);
	for (int i = 0; i < k->len; i++)
		k->proof[i] ^= client[i];
	scram_hmac(k, k->salted, "Server Key", server);
	scram_hmac(k, server, auth_message, k->signature);
}

static const struct {
	const char *label, *hash, *salt, *message, *proof, *signature;
} vectors[] = {
	{ "RFC 5802 section 5", "SHA1", "QSXCR+Q6sek8bf92",
	  "n=user,r=fyko+d2lbbFgONRv9qkxdawL,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096,"
	  "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j",
	  "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "rmF9pqV8S7suAoZWja4dJRkFsKQ=" },
	{ "RFC 7677 section 3", "SHA256", "W22ZaJ0SNY7soEsUEjb6gQ==",
	  "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	  "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
	  "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=" },
};

static size_t decode(const char *base64, char *out, size_t max)
{
	size_t len = 0;
	assert_true(base64_decode(span_of(base64), BASE64_TAG, (unsigned char *)out, max, &len));
	return len;
}

/* The server's side that the clients below are held against is that of the RFCs. */
static void the_other_side_is_right(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		struct scram_keys k = { .hash = EVP_get_digestbyname(vectors[i].hash) };
		char salt[64], text[BASE64_SIZE(EVP_MAX_MD_SIZE)];
		size_t len = decode(vectors[i].salt, salt, sizeof(salt));
		scram_work_out(&k, "pencil", span_make(salt, len), 4096, vectors[i].message);
		base64_encode(span_make((char *)k.proof, (size_t)k.len), text);
		ROW_ASSERT_STRING(vectors[i].label, text, vectors[i].proof);
		base64_encode(span_make((char *)k.signature, (size_t)k.len), text);
		ROW_ASSERT_STRING(vectors[i].label, text, vectors[i].signature);
	}
}

enum twist { TWIST_NONE, TWIST_SIGNATURE, TWIST_NONCE, TWIST_ERROR, TWIST_NO_PROOF, TWIST_ITERATIONS, TWIST_BASE64 };

static const struct scram_row {
	const char *label;
	enum sasl_mechanism mechanism;
	const char *hash;
	bool at_once;
	enum twist twist;
	enum error_kind kind;
	const char *says;
} scrams[] = {
	{ "SHA-256", SASL_SCRAM_SHA_256, "SHA256", true, TWIST_NONE, ERROR_NONE, "" },
	{ "SHA-256, when asked", SASL_SCRAM_SHA_256, "SHA256", false, TWIST_NONE, ERROR_NONE, "" },
	{ "SHA-1", SASL_SCRAM_SHA_1, "SHA1", true, TWIST_NONE, ERROR_NONE, "" },
	{ "wrong proof", SASL_SCRAM_SHA_256, "SHA256", true, TWIST_SIGNATURE, ERROR_PROTOCOL,
	  "does not know the password" },
	{ "wrong proof, SHA-1", SASL_SCRAM_SHA_1, "SHA1", true, TWIST_SIGNATURE, ERROR_PROTOCOL,
	  "does not know the password" },
	{ "another's nonce", SASL_SCRAM_SHA_256, "SHA256", true, TWIST_NONCE, ERROR_PROTOCOL, "" },
	{ "refused", SASL_SCRAM_SHA_256, "SHA256", true, TWIST_ERROR, ERROR_AUTH, "invalid-proof" },
	{ "success without proof", SASL_SCRAM_SHA_256, "SHA256", true, TWIST_NO_PROOF, ERROR_PROTOCOL,
	  "without having proved" },
	{ "work without end", SASL_SCRAM_SHA_256, "SHA256", true, TWIST_ITERATIONS, ERROR_PROTOCOL, "iterations" },
	{ "no base64", SASL_SCRAM_SHA_256, "SHA256", true, TWIST_BASE64, ERROR_PROTOCOL, "cannot be read" },
};

static int step(struct sasl *sasl, const char *plain, struct buf *response, struct error *err)
{
	char challenge[1024];
	base64_encode(span_of(plain), challenge);
	buf_clear(response);
	return sasl_step(sasl, span_of(challenge), response, err);
}

/* The whole exchange; -1 where the client ends it. */
static int scram_play(const struct scram_row *row, struct sasl *sasl, struct error *err)
{
	_cleanup_(buf_wipe) struct buf line = BUF_INIT(SASL_LINE_MAX);
	char first[512] = "", server[600], final[512] = "", message[1600], expected[128], verdict[256];
	struct scram_keys k = { .hash = EVP_get_digestbyname(row->hash) };
	assert_int_equal(sasl_begin(sasl, "AUTH", row->at_once ? 512 : 0, &line, err), 0);
	size_t at = strlen("AUTH ") + strlen(sasl_mechanism_name(row->mechanism));
	if (!row->at_once) {
		assert_int_equal(line.len, at);
		buf_clear(&line);
		assert_int_equal(sasl_step(sasl, SPAN_LIT(""), &line, err), 0);
	}
	decode(buf_str(&line) + (row->at_once ? at + 1 : 0), first, sizeof(first) - 1);
	ROW_ASSERT(row->label, strncmp(first, "n,,n=user,r=", 12) == 0);
	const char *nonce = row->twist == TWIST_NONCE ? "stranger" : first + 12;
	snprintf(server, sizeof(server), "r=%sxyz,s=QSXCR+Q6sek8bf92,i=%s", nonce,
		 row->twist == TWIST_ITERATIONS ? "4294967295" : "4096");
	if (row->twist == TWIST_BASE64)
		return sasl_step(sasl, SPAN_LIT("!"), &line, err);
	if (step(sasl, server, &line, err) < 0)
		return -1;
	decode(buf_str(&line), final, sizeof(final) - 1);
	char *proof = strstr(final, ",p=");
	assert_non_null(proof);
	snprintf(message, sizeof(message), "%s,%s,%.*s", first + 3, server, (int)(proof - final), final);
	scram_work_out(&k, "pencil", span_make("\x41\x25\xc2\x47\xe4\x3a\xb1\xe9\x3c\x6d\xff\x76", 12), 4096, message);
	base64_encode(span_make((char *)k.proof, (size_t)k.len), expected);
	ROW_ASSERT_STRING(row->label, proof + 3, expected);
	if (row->twist == TWIST_NO_PROOF)
		return sasl_check_success(sasl, err);
	k.signature[0] ^= row->twist == TWIST_SIGNATURE;
	base64_encode(span_make((char *)k.signature, (size_t)k.len), expected);
	snprintf(verdict, sizeof(verdict), "%s%s",
		 row->twist == TWIST_ERROR ? "e=invalid-proof" : "v=", row->twist == TWIST_ERROR ? "" : expected);
	if (step(sasl, verdict, &line, err) < 0)
		return -1;
	ROW_ASSERT_STRING(row->label, buf_str(&line), "");
	return sasl_check_success(sasl, err);
}

static void both_sides_prove_the_password(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(scrams); i++) {
		const struct scram_row *row = &scrams[i];
		_cleanup_(sasl_free_p) struct sasl *sasl = sasl_for(row->mechanism, "user", "pencil");
		struct error err = ERROR_INIT;
		int result = scram_play(row, sasl, &err);
		if ((result < 0) != (row->kind != ERROR_NONE) || err.kind != row->kind || !strstr(err.text, row->says))
			fail_msg("%s: %d, %s: \"%s\"", row->label, result, error_kind_name(err.kind), err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mechanism_is_the_first_that_both_have),
		cmocka_unit_test(lines_are_those_of_the_mechanism),
		cmocka_unit_test(secrets_of_16_KiB_are_taken),
		cmocka_unit_test(the_other_side_is_right),
		cmocka_unit_test(both_sides_prove_the_password),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
