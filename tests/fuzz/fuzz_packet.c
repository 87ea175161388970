/* Whole messages of the DNS: the walk ends inside the octets, and gives names. */
#include <string.h>

#include "harness/dns/packet.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet_reader reader;
	struct packet_record record;
	char again[DNS_NAME_TEXT_MAX];
	size_t at = 0;
	if (!packet_open(&reader, span_make((const char *)data, size)))
		return 0;
	while (packet_next(&reader, &record)) {
		CHECK(reader.at > at && reader.at <= size);
		at = reader.at;
		CHECK(dns_name_normal(record.owner, again) && strcmp(record.owner, again) == 0);
		CHECK(!record.is_signature || (dns_name_normal(record.signer, again) && !strcmp(record.signer, again)));
	}
	return 0;
}
