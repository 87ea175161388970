/* Between the files of a zone: its records (zone.c), the text of master files (zone_token.c, zone_rdata.c) and what it
 * says (zone_parse.c). */
#ifndef DNS_ZONE_INTERNAL_H
#define DNS_ZONE_INTERNAL_H

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/dns/name.h"
#include "harness/model/dns.h"

struct zone; /* zone.h, as the next */
struct zone_record;

/* Copies a string into the zone's keeping, for as long as the zone lives. Errors: memory. */
int zone_keep(struct zone *zone, const char *string, const char **ret, struct error *err);

/* As zone_add; the name is in the form of harness/model/dns.h, key and order are not read. `file` is kept
 * by the zone already. */
int zone_add_record(struct zone *zone, const struct zone_record *record, struct error *err);

/* A word of a master file, its escapes not read yet. */
struct zone_token {
	struct span text; /* of a quoted one, without the quotes */
	bool quoted;
	unsigned line;
};

/* One entry: what stands on a line, or on several within parentheses. Zero it at first. */
struct zone_entry {
	struct zone_token *tokens;
	size_t count, cap;
	bool blank_owner;
};

/* Where reading stands. `line` begins with 1; after an error, it is the line that is wrong. */
struct zone_text {
	struct span rest;
	unsigned line;
	unsigned open_line; /* of the outermost parenthesis */
};

void zone_entry_fini(struct zone_entry *entry);

/* The next entry that is not empty: 1, 0 at the end, -1. Errors: ERROR_CONFIG without file and line, memory. */
int zone_entry_next(struct zone_text *text, struct zone_entry *entry, struct error *err);

/* The values of single tokens. Errors: ERROR_CONFIG without file and line, which says what is wanted. */
int zone_token_octets(const struct zone_token *token, struct buf *out, struct error *err);
int zone_token_name(const struct zone_token *token, const char *origin, char out[DNS_NAME_TEXT_MAX],
		    struct error *err);                                               /* origin may be NULL */
bool zone_token_seconds(const struct zone_token *token, uint32_t max, uint32_t *ret); /* also as `1h30m` */

/* Adds the rdata that the tokens write, in wire form. *ret_line is the line of the last token that was looked at.
 * Errors: ERROR_CONFIG without file and line, memory. */
int zone_rdata_read(const struct zone_token *tokens, size_t count, enum dns_type type, const char *origin,
		    struct buf *out, unsigned *ret_line, struct error *err);

#endif
