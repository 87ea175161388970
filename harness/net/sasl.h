/* Signing in by SASL (RFC 4422), for IMAP and SMTP alike: which mechanism, and what is said in it. Lines in, lines out:
 * nothing here knows of a connection. One thread at a time for each struct sasl.
 *
 * A mechanism that is to come (tokens of OAuth) is a row of sasl_mechanism.h and what its steps need. */
#ifndef NET_SASL_H
#define NET_SASL_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/model/sasl_mechanism.h"

enum {
	SASL_LINE_MAX = 64 * 1024,     /* octets of a line that is said */
	SASL_ITERATIONS_MAX = 1000000, /* of SCRAM, which the server chooses: about a second */
};

/* Chooses a mechanism. `offered`: names as the server lists them, separated by blanks, in any case. `wanted`: the only
 * one that is allowed, or SASL_AUTO. `refused`: bits (1u << mechanism) of those that the server did not take although
 * it offers them. Errors: ERROR_UNSUPPORTED, which says what is offered and what is missing. */
int sasl_choose(struct span offered, enum sasl_mechanism wanted, unsigned refused, enum sasl_mechanism *ret,
		struct error *err);

struct sasl;

/* Begins to sign in. The strings are copied, and overwritten by sasl_free. Errors: memory; ERROR_ENVIRONMENT where the
 * library has no such mechanism. */
int sasl_new(enum sasl_mechanism mechanism, const char *user, const char *password, struct sasl **ret,
	     struct error *err);
void sasl_free(struct sasl *sasl);    /* NULL is allowed */
void sasl_free_p(struct sasl **sasl); /* for _cleanup_ */

/* Adds the first line, without its line end: verb and mechanism, and the initial response where there is one and the
 * line with its line end has no more than line_max octets then (0: never). To be called once, first. Errors: as
 * sasl_step. */
int sasl_begin(struct sasl *sasl, const char *verb, size_t line_max, struct buf *line, struct error *err);

/* Adds the response (base64, without a line end) to a challenge (what stands behind `334 ` or `+ `). Errors, after
 * which the exchange is to be cancelled: ERROR_PROTOCOL (the challenge cannot be read, asks for more than there is, or
 * comes from a server that does not know the password), ERROR_AUTH (SCRAM: the server refuses), ERROR_CONFIG (user or
 * password cannot be used with this mechanism), memory. */
int sasl_step(struct sasl *sasl, struct span challenge, struct buf *response, struct error *err);

/* To be asked when the server says that one is signed in: 0, or ERROR_PROTOCOL where it has not proved that it knows
 * the password itself (SCRAM, RFC 5802 section 3). */
int sasl_check_success(const struct sasl *sasl, struct error *err);

/* Puts asterisks in place of `secret`, which we have sent, in what the other side says: some servers repeat what they
 * do not understand. Words of less than eight octets, which anybody may say, stay. */
void sasl_hide(struct span secret, struct buf *text);

#endif
