/* SMTP TLS reporting (RFC 8460): the record. Pure. */
#ifndef RECORDS_TLS_RPT_H
#define RECORDS_TLS_RPT_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/span.h"

#define TLS_RPT_VERSION "v=TLSRPTv1"

struct tls_rpt_record {
	size_t uris;     /* report addresses */
	size_t usable;   /* those with a scheme that reports are sent by: mailto, https */
	const char *why; /* of a record that is not in the grammar, in words */
};

/* Reads the joined strings of a TXT record of `_smtp._tls` (section 3). False where it is not in the grammar. */
bool tls_rpt_record_parse(struct span text, struct tls_rpt_record *ret);

#endif
