/* Zones and answers in words, for the tests of resolvers. */
#ifndef TESTS_DNS_WORDS_H
#define TESTS_DNS_WORDS_H

#include "harness/base/buf.h"
#include "harness/dns/resolver.h"
#include "harness/dns/zone.h"

/* The zone of a text, whatever is wrong ends the test program. */
struct zone *zone_of(const char *text);

/* Asks `NAME TYPE` and says what came, as `NOERROR 300 10 mx.example.`: rcode, state where it is not "answered", TTL
 * ("remaining" behind it where so), canonical name behind `->`, records parted by ` | `, security where it is not
 * "insecure", `: detail`. Ends the test program where the question is an error. Returns out. */
const char *ask_words(struct resolver *resolver, const char *question, struct buf *out);

/* What an answer says, in the same form, added. */
void answer_words(const struct dns_answer *answer, enum dns_type type, struct buf *out);

#endif
