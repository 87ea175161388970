/* The parameters of a struct smtp, copied, checked and with every default filled in. */
#ifndef SEND_SMTP_PARAMS_H
#define SEND_SMTP_PARAMS_H

#include "harness/send/smtp.h"

/* Errors as smtp_new. The caller finishes *ret. */
int smtp_params_init(struct smtp_params *ret, const struct smtp_params *given, struct error *err);
void smtp_params_fini(struct smtp_params *settings);

/* The url with helo as its path, which is how libcurl is told the name for EHLO. A heap string; NULL: no memory. */
char *smtp_params_curl_url(const struct smtp_params *settings);

/* Whether the address may stand between the angle brackets of MAIL or RCPT: no control characters, spaces or angle
 * brackets, UTF-8, at most 254 octets (RFC 5321 section 4.5.3.1.3). */
bool smtp_path_valid(struct span address);

#endif
