/* Challenges of a hostile server: the first octet chooses the mechanism and whether it begins at once, each line is a
 * challenge. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/net/sasl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(sasl_free_p) struct sasl *sasl = NULL;
	_cleanup_(buf_wipe) struct buf line = BUF_INIT(SASL_LINE_MAX);
	struct error err = ERROR_INIT;
	enum sasl_mechanism mechanism;
	if (!size)
		return 0;
	struct span rest = span_make((const char *)data + 1, size - 1), challenge;
	if (sasl_choose(rest, SASL_AUTO, 0, &mechanism, &err) == 0 && !sasl_mechanism_name(mechanism))
		abort();
	mechanism = SASL_PLAIN + data[0] % (SASL_MECHANISM_COUNT - SASL_PLAIN);
	if (sasl_new(mechanism, "user", "pencil", &sasl, &err) < 0 ||
	    sasl_begin(sasl, "AUTH", data[0] & 0x80 ? 512 : 0, &line, &err) < 0)
		abort();
	while (span_next(&rest, '\n', &challenge)) {
		buf_clear(&line);
		if (sasl_step(sasl, challenge, &line, &err) < 0)
			break;
		if (line.len && strchr(line.p, '\n'))
			abort();
	}
	/* Whoever did not know the nonce cannot have proved anything. */
	if ((mechanism == SASL_SCRAM_SHA_1 || mechanism == SASL_SCRAM_SHA_256) && sasl_check_success(sasl, &err) == 0)
		abort();
	return 0;
}
