/* The settings of [dns], and what settings must look like that are of the DNS. */
#ifndef DNS_DNS_SETTINGS_H
#define DNS_DNS_SETTINGS_H

#include <stdint.h>

#include "harness/base/setting.h"

/* Where our own evaluation asks the DNS. */
struct dns_settings {
	char *servers;      /* `ADDR[:PORT]`, separated by commas; NULL: those of this machine */
	char *trust_anchor; /* file; NULL: DNSSEC is not validated here */
	int64_t timeout_ms; /* of each question */
};

extern const struct setting_table dns_settings_table;

extern const struct setting_form dns_form_servers; /* as name_server_parse, separated by commas */
extern const struct setting_form dns_form_names;   /* names of the DNS, separated by commas */

#endif
