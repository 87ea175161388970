/* What settings must look like that name a host, a domain or a mailbox. */
#ifndef MAIL_ADDRESS_FORM_H
#define MAIL_ADDRESS_FORM_H

#include <stdbool.h>

#include "harness/base/setting.h"
#include "harness/base/span.h"

extern const struct setting_form address_form_mailbox; /* `local@domain` */
extern const struct setting_form address_form_domain;  /* a domain name */
extern const struct setting_form address_form_host;    /* a domain name or an IP address */
extern const struct setting_form address_form_peer;    /* HOST:PORT, an IPv6 address in brackets */
extern const struct setting_form address_form_http;    /* http:// or https://, host, port */

/* Whether the text is HOST[:PORT] or [IPv6][:PORT]. */
bool address_is_host_port(struct span text);

#endif
