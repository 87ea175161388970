/* What a person can do about an error of an IMAP session. Pure. */
#ifndef PROVIDERS_IMAP_MEND_H
#define PROVIDERS_IMAP_MEND_H

#include "harness/base/error.h"

struct profile;

enum { IMAP_MEND_MAX = 400 };

/* Writes one sentence that says what to do, and returns out; "" where there is nothing to be done about it. `profile`
 * is that of the provider of `seed` (its address): both give the configuration section to change, and the profile its
 * own words on credentials. NULL and "" for the bounce mailbox. */
const char *imap_mend(const struct error *err, const struct profile *profile, const char *seed,
		      char out[IMAP_MEND_MAX]);

#endif
