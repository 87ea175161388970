/* A TLSA record and a chain: an octet for the length of the record, the record, then two certificates of equal length.
 */
#include "harness/posture/mx/tlsa.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	size_t len = data[0] < size - 1 ? data[0] : size - 1, half = (size - 1 - len) / 2;
	unsigned char *octets = malloc(size);
	struct tlsa tlsa;
	CHECK(octets);
	for (size_t i = 1; i < size; i++)
		octets[i - 1] = data[i];
	const struct dns_record record = { octets, len };
	const struct tls_certificate chain[] = { { octets + len, half }, { octets + len + half, half } };
	const struct tlsa_server server = { chain, 2, "mx.example.org", "example.org", 1700000000000 };
	struct buf out = BUF_INIT(200);
	if (tlsa_parse(&record, &tlsa)) {
		CHECK(tlsa.data > octets && tlsa.data + tlsa.len == octets + len);
		CHECK(tlsa_match(&tlsa, &server) <= TLSA_UNUSABLE);
	}
	CHECK(tlsa_add_record(&chain[0], &out) == (out.len == 6 + 64));
	buf_fini(&out);
	free(octets);
	return 0;
}
