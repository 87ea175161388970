/* DKIM verification (RFC 6376, 8301, 8463, 8616). Pure: no clock, no network but through the resolver. */
#ifndef AUTH_DKIM_H
#define AUTH_DKIM_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/dns/resolver.h"
#include "harness/mail/header.h"
#include "harness/model/evaluation.h"

/* A message as it is evaluated: borrowed, never copied. A line end is LF with or without CR before it; a message that
 * has only bare LF is hashed as if every line ended in CRLF, as it did on its way. */
struct auth_message {
	const struct header *header;
	struct span body;
	bool truncated; /* the body is cut: what depends on the rest of it is AUTH_UNKNOWN */
};

/* Public keys that were read once: reading one costs more than a verification with it. One thread at a time. */
struct dkim_keys;
int dkim_keys_new(struct dkim_keys **ret, struct error *err);
void dkim_keys_free(struct dkim_keys *keys); /* NULL is allowed */

/* Verifies every DKIM-Signature field. Whatever message and key say is a result, never an error; -1 only for memory or
 * a bug. now_ms: wall clock of the evaluation (x=). keys: NULL, or a memory of keys for many messages. Free with
 * dkim_evaluation_fini. Any thread. */
int dkim_evaluate(const struct auth_message *message, int64_t now_ms, struct resolver *resolver, struct dkim_keys *keys,
		  struct dkim_evaluation *ret, struct error *err);

#endif
