/* By which mechanism of SASL one signs in. */
#include "harness/model/sasl_mechanism.h"

#include <stddef.h>

const char *const sasl_mechanism_words[] = {
	"auto", "plain", "login", "scram-sha-256", "scram-sha-1", "cram-md5", NULL
};

const char *sasl_mechanism_name(enum sasl_mechanism mechanism)
{
	static const char *const names[SASL_MECHANISM_COUNT] = {
		[SASL_PLAIN] = "PLAIN",
		[SASL_LOGIN] = "LOGIN",
		[SASL_SCRAM_SHA_256] = "SCRAM-SHA-256",
		[SASL_SCRAM_SHA_1] = "SCRAM-SHA-1",
		[SASL_CRAM_MD5] = "CRAM-MD5",
	};
	return names[mechanism];
}
