/* The settings of [bounces]. */
#ifndef WATCH_BOUNCES_SETTINGS_H
#define WATCH_BOUNCES_SETTINGS_H

#include <stdint.h>

#include "harness/base/secret.h"
#include "harness/base/setting.h"
#include "harness/model/imap_security.h"
#include "harness/model/sasl_mechanism.h"

/* The mailbox where bounces arrive; host NULL: there is none. */
struct bounces_settings {
	char *host;
	uint64_t port; /* never 0 */
	enum imap_security security;
	char *user;
	struct secret_ref *password;
	enum sasl_mechanism mechanism;
	char *ca_file; /* NULL: the system's */
	char *folder;
};

extern const struct setting_table bounces_settings_table;

#endif
