/* From a [message] section to its template. */
#ifndef SEND_MESSAGE_TEMPLATE_H
#define SEND_MESSAGE_TEMPLATE_H

#include "harness/base/error.h"
#include "harness/send/send_settings.h"
#include "harness/send/template.h"

/* Reads the template of the message, with its variables. Errors: as template_load. The caller frees *ret. */
int message_template_load(const struct message_settings *message, struct template **ret, struct error *err);

#endif
