/* Tokens that were sent to the service's own address, and the word of a person that one was read. */
#ifndef STORE_REPLY_H
#define STORE_REPLY_H

#include "harness/base/error.h"
#include "harness/model/facts.h"
#include "store/store.h"

/* Notes that a token was sent: code, address and sent_ms of the fact. */
int store_reply_sent(struct store *store, const struct reply_fact *token, struct error *err);

/* Notes that a person confirmed a token (its id): confirmed_ms, until_ms and who of the fact. Errors: ERROR_STORE, also
 * where it was confirmed already. */
int store_reply_confirmed(struct store *store, const struct reply_fact *token, struct error *err);

/* The token of that code. 1 found, 0 there is none, -1 error. Free with reply_fact_fini. */
int store_reply_find(struct store *store, const char *code, struct reply_fact *ret, struct error *err);

/* What is known of an address: the token whose confirmation counts longest, else the newest. Returns as above. */
int store_reply_of(struct store *store, const char *address, struct reply_fact *ret, struct error *err);

#endif
