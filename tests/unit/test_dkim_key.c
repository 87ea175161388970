/* Key records. */
#include "harness/auth/dkim_key.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/dkim_signer.h"
#include "tests/unit/unit.h"

/* The template with the key in place of @KEY. */
static void record_of(const char *template, enum signer_kind kind, struct buf *out)
{
	const char *at = strstr(template, "@KEY");
	if (!at)
		buf_add_str(out, template);
	else
		buf_addf(out, "%.*s%s%s", (int)(at - template), template, signer_public(kind), at + 4);
}

static void records_are_read_strictly(void **state)
{
	static const struct {
		const char *label, *record;
		enum signer_kind kind;
		const char *problem; /* "": usable */
	} rows[] = {
		{ "plain", "v=DKIM1; k=rsa; p=@KEY", SIGNER_RSA_2048, "" },
		{ "p alone", "p=@KEY", SIGNER_RSA_2048, "" },
		{ "final semicolon", "p=@KEY;", SIGNER_RSA_2048, "" },
		{ "RFC 8463", "v=DKIM1; k=ed25519; p=@KEY", SIGNER_ED25519, "" },
		{ "1,024 bits", "p=@KEY", SIGNER_RSA_1024, "" },
		{ "unknown tags and flags", "v=DKIM1; x=1; t=z:y; s=other:*; h=md5:sha256; n=note; p=@KEY",
		  SIGNER_RSA_2048, "" },
		{ "revoked", "v=DKIM1; p=", SIGNER_RSA_2048, "the key is revoked (p= is empty)" },
		{ "512 bits", "p=@KEY", SIGNER_RSA_512, "the RSA key is too short: 512 bits" },
		{ "no p", "v=DKIM1; k=rsa", SIGNER_RSA_2048, "the key record has no p=" },
		{ "version last", "p=@KEY; v=DKIM1", SIGNER_RSA_2048,
		  "the first tag of the key record is not v=DKIM1" },
		{ "version of other case", "v=dkim1; p=@KEY", SIGNER_RSA_2048,
		  "the first tag of the key record is not v=DKIM1" },
		{ "SPF of a wildcard", "v=spf1 -all", SIGNER_RSA_2048,
		  "the first tag of the key record is not v=DKIM1" },
		{ "no list", "hello", SIGNER_RSA_2048, "bad key record: no equals sign behind tag hello" },
		{ "nothing", "", SIGNER_RSA_2048, "bad key record: empty tag" },
		{ "two p", "p=@KEY; p=", SIGNER_RSA_2048, "bad key record: more than one tag p" },
		{ "white space behind", "p=@KEY; ", SIGNER_RSA_2048, "" },
		{ "unknown type", "k=dsa; p=@KEY", SIGNER_RSA_2048, "unknown type of key (k=)" },
		{ "no base64", "p=a-b", SIGNER_RSA_2048, "p= of the key record is not base64" },
		{ "no key", "p=YWJj", SIGNER_RSA_2048, "p= of the key record is no RSA key" },
		{ "Ed25519 key said to be RSA", "k=rsa; p=@KEY", SIGNER_ED25519, "p= of the key record is no RSA key" },
		{ "RSA key said to be Ed25519", "k=ed25519; p=@KEY", SIGNER_RSA_1024,
		  "p= of the key record is no Ed25519 key of 32 octets" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf record = BUF_INIT(10000);
		struct error err = ERROR_INIT;
		struct dkim_key key;
		record_of(rows[i].record, rows[i].kind, &record);
		assert_int_equal(dkim_key_read(&key, buf_span(&record), &err), 0);
		ROW_ASSERT_STRING(rows[i].label, key.problem, rows[i].problem);
		ROW_ASSERT(rows[i].label, (key.pkey != NULL) == (rows[i].problem[0] == '\0'));
		ROW_ASSERT(rows[i].label, (key.section != NULL) == (rows[i].problem[0] != '\0'));
		ROW_ASSERT(rows[i].label, key.revoked == (strstr(rows[i].problem, "revoked") != NULL));
		dkim_key_fini(&key);
	}
}

static void flags_are_read(void **state)
{
	static const struct {
		const char *label, *record;
		bool testing, strict, email, sha256;
	} rows[] = {
		{ "none", "p=@KEY", false, false, true, true },
		{ "t=y", "t=y; p=@KEY", true, false, true, true },
		{ "t=s", "t=s; p=@KEY", false, true, true, true },
		{ "both", "t= y : s ; p=@KEY", true, true, true, true },
		{ "s=*", "s=*; p=@KEY", false, false, true, true },
		{ "s=email", "s=tlsrpt:email; p=@KEY", false, false, true, true },
		{ "s=tlsrpt", "s=tlsrpt; p=@KEY", false, false, false, true },
		{ "h=sha1", "h=sha1; p=@KEY", false, false, true, false },
		{ "h=sha1:sha256", "h=sha1 : SHA256; p=@KEY", false, false, true, true },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_(buf_fini) struct buf record = BUF_INIT(10000);
		struct error err = ERROR_INIT;
		struct dkim_key key;
		record_of(rows[i].record, SIGNER_RSA_1024, &record);
		assert_int_equal(dkim_key_read(&key, buf_span(&record), &err), 0);
		ROW_ASSERT_STRING(rows[i].label, key.problem, "");
		ROW_ASSERT(rows[i].label, key.bits == 1024 && !key.ed25519);
		ROW_ASSERT(rows[i].label, key.testing == rows[i].testing && key.strict == rows[i].strict);
		ROW_ASSERT(rows[i].label, key.email == rows[i].email && key.sha256 == rows[i].sha256);
		dkim_key_fini(&key);
	}
}

static void both_forms_of_an_rsa_key_are_read(void **state)
{
	_cleanup_(buf_fini) struct buf record = BUF_INIT(10000);
	struct error err = ERROR_INIT;
	struct dkim_key key;
	buf_addf(&record, "v=DKIM1; p=%s", signer_public_pkcs1(SIGNER_RSA_2048));
	assert_int_equal(dkim_key_read(&key, buf_span(&record), &err), 0);
	assert_string_equal(key.problem, "");
	assert_int_equal(key.bits, 2048);
	dkim_key_fini(&key);
}

static void octets_behind_a_key_are_refused(void **state)
{
	_cleanup_(buf_fini) struct buf record = BUF_INIT(10000);
	struct error err = ERROR_INIT;
	struct dkim_key key;
	/* The DER of such a key has 162 octets, a multiple of three: what is added is decoded behind it. */
	buf_addf(&record, "p=%sAAAA", signer_public(SIGNER_RSA_1024));
	assert_int_equal(dkim_key_read(&key, buf_span(&record), &err), 0);
	assert_string_equal(key.problem, "p= of the key record is no RSA key");
	dkim_key_fini(&key);
}

static void a_key_that_was_read_is_kept(void **state)
{
	_cleanup_(buf_fini) struct buf record = BUF_INIT(10000);
	struct error err = ERROR_INIT;
	struct dkim_keys *keys;
	struct dkim_key *first, *again;
	assert_int_equal(dkim_keys_new(&keys, &err), 0);
	record_of("p=@KEY", SIGNER_RSA_2048, &record);
	assert_int_equal(dkim_keys_read(keys, buf_span(&record), &first, &err), 0);
	struct evp_pkey_st *pkey = first->pkey;
	assert_non_null(pkey);
	assert_int_equal(dkim_keys_read(keys, buf_span(&record), &again, &err), 0);
	assert_ptr_equal(again, first);
	assert_ptr_equal(again->pkey, pkey);
	/* Another record in its slot takes its place, and is not taken for it. */
	for (int i = 0; i < 2000; i++) {
		char other[64];
		snprintf(other, sizeof(other), "n=%d; p=", i);
		assert_int_equal(dkim_keys_read(keys, span_of(other), &again, &err), 0);
		assert_true(again->revoked);
	}
	assert_int_equal(dkim_keys_read(keys, buf_span(&record), &again, &err), 0);
	assert_false(again->revoked);
	assert_int_equal(again->bits, 2048);
	dkim_keys_free(keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read_strictly),         cmocka_unit_test(flags_are_read),
		cmocka_unit_test(both_forms_of_an_rsa_key_are_read), cmocka_unit_test(octets_behind_a_key_are_refused),
		cmocka_unit_test(a_key_that_was_read_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
