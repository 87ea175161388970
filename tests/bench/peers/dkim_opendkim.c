/* DKIM verification by libopendkim, which reads the key anew for every message: dkim_opendkim SECONDS MESSAGE
 * KEY-RECORD. */
#include <opendkim/dkim.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/peers/rate.h"

static char *message, *record;
static size_t message_len, record_len;

static DKIM_CBSTAT look_up(DKIM *dkim, DKIM_SIGINFO *sig, unsigned char *buf, size_t size)
{
	if (record_len >= size)
		return DKIM_CBSTAT_ERROR;
	memcpy(buf, record, record_len + 1);
	return DKIM_CBSTAT_CONTINUE;
}

static bool verify(void *context)
{
	DKIM_LIB *lib = context;
	DKIM_STAT status;
	DKIM *dkim = dkim_verify(lib, (const unsigned char *)"bench", NULL, &status);
	bool good = dkim && dkim_chunk(dkim, (unsigned char *)message, message_len) == DKIM_STAT_OK &&
		    dkim_chunk(dkim, NULL, 0) == DKIM_STAT_OK && dkim_eom(dkim, NULL) == DKIM_STAT_OK;
	if (dkim)
		dkim_free(dkim);
	return good;
}

int main(int argc, char **argv)
{
	DKIM_LIB *lib = dkim_init(NULL, NULL);
	if (argc != 4 || !lib || dkim_set_key_lookup(lib, look_up) != DKIM_STAT_OK)
		return 3;
	message = rate_file(argv[2], &message_len);
	record = rate_file(argv[3], &record_len);
	return rate_measure(verify, lib, strtod(argv[1], NULL));
}
