/* DKIM verification by libopendkim, which reads the key anew for every message. */
#include <opendkim/dkim.h>
#include <string.h>

#include "tests/bench/dkim/rate.h"

static struct rate_input input;

static DKIM_CBSTAT look_up(DKIM *dkim, DKIM_SIGINFO *sig, unsigned char *buf, size_t size)
{
	if (input.record_len >= size)
		return DKIM_CBSTAT_ERROR;
	memcpy(buf, input.record, input.record_len + 1);
	return DKIM_CBSTAT_CONTINUE;
}

static bool verify(void *context)
{
	DKIM_LIB *lib = context;
	DKIM_STAT status;
	DKIM *dkim = dkim_verify(lib, (const unsigned char *)"bench", NULL, &status);
	bool good = dkim && dkim_chunk(dkim, (unsigned char *)input.message, input.message_len) == DKIM_STAT_OK &&
		    dkim_chunk(dkim, NULL, 0) == DKIM_STAT_OK && dkim_eom(dkim, NULL) == DKIM_STAT_OK;
	if (dkim)
		dkim_free(dkim);
	return good;
}

int main(int argc, char **argv)
{
	DKIM_LIB *lib = dkim_init(NULL, NULL);
	input = rate_arguments(argc, argv);
	if (!lib || dkim_set_key_lookup(lib, look_up) != DKIM_STAT_OK)
		return 1;
	return rate_measure(verify, lib, input.seconds);
}
