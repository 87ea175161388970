/* From a [message] section to its template. */
#ifndef CONFIG_MESSAGE_TEMPLATE_H
#define CONFIG_MESSAGE_TEMPLATE_H

#include "harness/base/error.h"
#include "harness/config/config.h"
#include "harness/send/template.h"

/* Reads the template of the message, with its variables. Errors: as template_load. The caller frees *ret. */
int message_template_load(const struct message_settings *message, struct template **ret, struct error *err);

#endif
