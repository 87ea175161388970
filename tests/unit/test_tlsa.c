/* TLSA records against chains that the test makes. */
#include "tests/unit/unit.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "harness/posture/mx/tlsa.h"
#include "tests/unit/peer.h"

enum { DAY_MS = 86400000 };

/* The two certificates of a chain. */
enum which { LEAF, AUTHORITY, OTHER };

static struct tls_certificate certificates[3];
static X509 *parsed[3];

static const struct {
	const char *label;
	unsigned usage, selector, matching;
	enum which of; /* whose data the record has */
	size_t sent;   /* certificates of the chain */
	const char *host, *domain;
	int days; /* from now */
	enum tlsa_result expected;
} rows[] = {
	{ "3 1 1", 3, 1, 1, LEAF, 2, "mx.test", "test", 0, TLSA_MATCHES },
	{ "3 1 2", 3, 1, 2, LEAF, 2, "mx.test", "test", 0, TLSA_MATCHES },
	{ "3 1 0", 3, 1, 0, LEAF, 2, "mx.test", "test", 0, TLSA_MATCHES },
	{ "3 0 1", 3, 0, 1, LEAF, 1, "mx.test", "test", 0, TLSA_MATCHES },
	{ "3 0 2", 3, 0, 2, LEAF, 1, "mx.test", "test", 0, TLSA_MATCHES },
	{ "3 0 0", 3, 0, 0, LEAF, 1, "mx.test", "test", 0, TLSA_MATCHES },
	{ "3 needs no name", 3, 1, 1, LEAF, 1, "mx.other", "other", 0, TLSA_MATCHES },
	{ "3 needs no date", 3, 1, 1, LEAF, 1, "mx.test", "test", 400, TLSA_MATCHES },
	{ "3 of the authority", 3, 1, 1, AUTHORITY, 2, "mx.test", "test", 0, TLSA_OTHER },
	{ "3 of another", 3, 1, 1, OTHER, 2, "mx.test", "test", 0, TLSA_OTHER },
	{ "3 of another, whole", 3, 0, 0, OTHER, 2, "mx.test", "test", 0, TLSA_OTHER },
	{ "3 and nothing sent", 3, 1, 1, LEAF, 0, "mx.test", "test", 0, TLSA_OTHER },
	{ "2 0 1", 2, 0, 1, AUTHORITY, 2, "mx.test", "test", 0, TLSA_MATCHES },
	{ "2 1 1", 2, 1, 1, AUTHORITY, 2, "mx.test", "test", 0, TLSA_MATCHES },
	{ "2 1 2", 2, 1, 2, AUTHORITY, 2, "mx.test", "test", 0, TLSA_MATCHES },
	{ "2 for the domain", 2, 1, 1, AUTHORITY, 2, "mx.other", "mx.test", 0, TLSA_MATCHES },
	{ "2 for another name", 2, 1, 1, AUTHORITY, 2, "mx.other", "other", 0, TLSA_UNTRUSTED },
	{ "2 out of date", 2, 1, 1, AUTHORITY, 2, "mx.test", "test", 2, TLSA_UNTRUSTED },
	{ "2 and authority not sent", 2, 1, 1, AUTHORITY, 1, "mx.test", "test", 0, TLSA_OTHER },
	{ "2 0 0 and authority not sent", 2, 0, 0, AUTHORITY, 1, "mx.test", "test", 0, TLSA_MATCHES },
	{ "2 0 0 of another authority", 2, 0, 0, OTHER, 2, "mx.test", "test", 0, TLSA_UNTRUSTED },
	{ "2 1 1 of another authority", 2, 1, 1, OTHER, 2, "mx.test", "test", 0, TLSA_OTHER },
	{ "0 is not for SMTP", 0, 1, 1, AUTHORITY, 2, "mx.test", "test", 0, TLSA_UNUSABLE },
	{ "1 is not for SMTP", 1, 1, 1, LEAF, 2, "mx.test", "test", 0, TLSA_UNUSABLE },
	{ "unknown selector", 3, 2, 1, LEAF, 2, "mx.test", "test", 0, TLSA_UNUSABLE },
	{ "unknown matching type", 3, 1, 3, LEAF, 2, "mx.test", "test", 0, TLSA_UNUSABLE },
};

static size_t make_rdata(size_t row, unsigned char *out, size_t size)
{
	X509 *of = parsed[rows[row].of];
	unsigned char *part = NULL;
	unsigned digest_len = 0;
	int len = rows[row].selector == 0 ? i2d_X509(of, &part) : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(of), &part);
	assert_true(len > 0 && (size_t)len + 3 + EVP_MAX_MD_SIZE < size);
	out[0] = (unsigned char)rows[row].usage;
	out[1] = (unsigned char)rows[row].selector;
	out[2] = (unsigned char)rows[row].matching;
	if (rows[row].matching == 0) {
		memcpy(out + 3, part, (size_t)len);
		digest_len = (unsigned)len;
	} else {
		const EVP_MD *hash = rows[row].matching == 2 ? EVP_sha512() : EVP_sha256();
		assert_int_equal(EVP_Digest(part, (size_t)len, out + 3, &digest_len, hash, NULL), 1);
	}
	OPENSSL_free(part);
	return digest_len + 3;
}

static void record_matches_whom_it_names(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		unsigned char rdata[4000];
		struct tlsa tlsa;
		const struct dns_record record = { rdata, make_rdata(i, rdata, sizeof(rdata)) };
		const struct tlsa_server server = { certificates, rows[i].sent, rows[i].host, rows[i].domain,
						    clock_wall_ms() + (int64_t)rows[i].days * DAY_MS };
		ROW_ASSERT(rows[i].label, tlsa_parse(&record, &tlsa));
		ROW_ASSERT(rows[i].label, tlsa_match(&tlsa, &server) == rows[i].expected);
		/* One octet less is never the same. */
		tlsa.len--;
		enum tlsa_result cut = tlsa_match(&tlsa, &server);
		ROW_ASSERT(rows[i].label, cut == TLSA_UNUSABLE || (rows[i].matching == 0 && cut == TLSA_OTHER));
	}
}

static void short_record_is_none(void **state)
{
	unsigned char rdata[] = { 3, 1, 1, 0 };
	struct tlsa tlsa;
	for (size_t len = 0; len <= 3; len++)
		assert_false(tlsa_parse(&(struct dns_record){ rdata, len }, &tlsa));
	assert_true(tlsa_parse(&(struct dns_record){ rdata, 4 }, &tlsa));
}

static void record_to_publish_is_one_that_matches(void **state)
{
	unsigned char rdata[64] = { 3, 1, 1 };
	struct buf out = BUF_INIT(100);
	struct tlsa tlsa;
	assert_true(tlsa_add_record(&certificates[LEAF], &out));
	assert_true(span_starts(buf_span(&out), SPAN_LIT("3 1 1 ")));
	assert_int_equal(out.len, 6 + 64);
	for (size_t i = 0; i < 32; i++) {
		unsigned octet;
		assert_int_equal(sscanf(buf_str(&out) + 6 + 2 * i, "%2x", &octet), 1);
		rdata[3 + i] = (unsigned char)octet;
	}
	assert_true(tlsa_parse(&(struct dns_record){ rdata, 35 }, &tlsa));
	const struct tlsa_server server = { certificates, 1, "mx.test", "test", clock_wall_ms() };
	assert_int_equal(tlsa_match(&tlsa, &server), TLSA_MATCHES);
	buf_clear(&out);
	const struct tls_certificate none = { rdata, 35 };
	assert_false(tlsa_add_record(&none, &out));
	buf_fini(&out);
}

static void keep(enum which which, X509 *certificate)
{
	parsed[which] = certificate;
	certificates[which].len = (size_t)i2d_X509(certificate, &certificates[which].der);
}

static X509 *read_pem(const char *path)
{
	FILE *in = fopen(path, "r");
	X509 *certificate = in ? PEM_read_X509(in, NULL, NULL, NULL) : NULL;
	if (in)
		fclose(in);
	return certificate;
}

static int make_chain(void **state)
{
	struct test_ca *ca = test_ca_new(), *other = test_ca_new();
	const struct test_cert cert = { .names = "DNS:mx.test" };
	SSL_CTX *context = test_ca_context(ca, &cert, 0);
	X509 *leaf = SSL_CTX_get0_certificate(context);
	X509_up_ref(leaf);
	keep(LEAF, leaf);
	keep(AUTHORITY, read_pem(test_ca_file(ca)));
	keep(OTHER, read_pem(test_ca_file(other)));
	SSL_CTX_free(context);
	test_ca_free(ca);
	test_ca_free(other);
	return 0;
}

static int drop_chain(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(parsed); i++) {
		X509_free(parsed[i]);
		OPENSSL_free(certificates[i].der);
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(record_matches_whom_it_names),
		cmocka_unit_test(short_record_is_none),
		cmocka_unit_test(record_to_publish_is_one_that_matches),
	};
	return cmocka_run_group_tests(tests, make_chain, drop_chain);
}
