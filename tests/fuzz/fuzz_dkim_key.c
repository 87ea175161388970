/* A key record is a key or has a problem, never both; whatever is signed, a signature of zeros is not its. */
#include "harness/auth/dkim_key.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char zeros[256];
	static const unsigned char digest[DKIM_DIGEST_LEN];
	struct error err = ERROR_INIT;
	struct dkim_key key;
	CHECK(dkim_key_read(&key, span_make((const char *)data, size), &err) == 0);
	CHECK((key.pkey != NULL) == (key.problem[0] == '\0'));
	CHECK((key.section != NULL) == (key.problem[0] != '\0'));
	if (key.pkey) {
		CHECK(key.bits >= (key.ed25519 ? 256 : DKIM_KEY_BITS_MIN));
		dkim_key_verifies(&key, digest, span_make(zeros, key.ed25519 ? 64 : 256));
		dkim_key_made(&key, span_make(zeros, 256));
	}
	dkim_key_fini(&key);
	return 0;
}
