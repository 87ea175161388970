/* Seed accounts: the mailboxes that probes are sent to, as configured, and the choice of some of them on the command
 * line. Pure data; logging in is the business of providers/. */
#ifndef SEEDS_SEED_H
#define SEEDS_SEED_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/error.h"
#include "harness/base/secret.h"
#include "harness/base/setting.h"
#include "harness/base/span.h"
#include "harness/model/sasl_mechanism.h"

struct seed {
	char *address;                 /* local part as written, domain in lower case */
	char *provider;                /* name of its provider profile */
	char *user;                    /* login name; NULL: as the provider's user form makes it from the address */
	struct secret_ref *password;   /* NULL only where the provider signs in without one */
	enum sasl_mechanism mechanism; /* SASL_AUTO: that of the provider */
	unsigned line;                 /* of its section in the configuration, for messages */
};

extern const struct setting_table seed_settings_table; /* [seed ADDRESS] */

struct seed_list {
	struct seed *seeds; /* in the order of the configuration */
	size_t count;
	size_t cap;
};

enum { SEED_ADDRESS_MAX = 254 }; /* octets; RFC 5321 section 4.5.3.1.3 without the angle brackets */

/* 0 when `text` can be a mailbox address that is sent to and logged in with: one unquoted local part, `@`, a domain, no
 * blanks, controls or brackets, SEED_ADDRESS_MAX. Non-ASCII letters are allowed (RFC 6531). Errors: ERROR_CONFIG. */
int seed_address_check(struct span text, struct error *err);

/* Adds a seed with this address, all else empty, and lends it out until the next addition. Whether the address is there
 * already is not looked at: see seed_list_twin. Errors: as seed_address_check, memory. */
int seed_list_add(struct seed_list *list, struct span address, unsigned line, struct seed **ret, struct error *err);

/* The seed of this address (the domain in any case), or NULL. Borrowed. */
const struct seed *seed_list_find(const struct seed_list *list, struct span address);

/* Marks twins: twin_of[i] becomes the index of the first seed with the same address as seed i, or i itself. twin_of has
 * room for list->count. n log n. Errors: memory. */
int seed_list_twins(const struct seed_list *list, size_t *twin_of, struct error *err);

/* What --seed and --provider choose: seeds that are named by any of `addresses` (all, where there are none) and that
 * are at any of `providers` (all, where there are none). */
struct seed_filter {
	const char *const *addresses;
	size_t address_count;
	const char *const *providers;
	size_t provider_count;
};

/* chosen[i] becomes whether seed i is chosen. chosen has room for list->count. Errors: ERROR_USAGE when an address or a
 * provider of the filter is that of no seed (the text names the nearest one), or when nothing is left. */
int seed_list_choose(const struct seed_list *list, const struct seed_filter *filter, bool *chosen, struct error *err);

void seed_list_fini(struct seed_list *list); /* NULL is allowed */

#endif
