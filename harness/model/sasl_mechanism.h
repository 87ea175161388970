/* By which mechanism of SASL (RFC 4422) one signs in. */
#ifndef MODEL_SASL_MECHANISM_H
#define MODEL_SASL_MECHANISM_H

enum sasl_mechanism {
	SASL_AUTO, /* the first of those below that the server has */
	SASL_PLAIN,
	SASL_LOGIN, /* in IMAP the command of that name as well */
	SASL_SCRAM_SHA_256,
	SASL_SCRAM_SHA_1,
	SASL_CRAM_MD5,
	SASL_MECHANISM_COUNT
};

/* The words of a configuration for it, in the order of the enumeration, up to a NULL. */
extern const char *const sasl_mechanism_words[];

/* What stands behind the key in a manual, for every table that has it. */
#define SASL_MECHANISM_HELP                                                                                            \
	"How the password is shown to the server. auto: by the first of the others that the server offers; another "   \
	"is only needed where a server offers what does not work."

/* Its name in a protocol: `SCRAM-SHA-256`; NULL for SASL_AUTO. */
const char *sasl_mechanism_name(enum sasl_mechanism mechanism);

#endif
