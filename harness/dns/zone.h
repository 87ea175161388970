/* What a zone file says, in memory: records, and of which zones they are.
 *
 * The zones of a file are those whose SOA record stands in it. A record that lies under none of them makes a zone by
 * itself, whose apex is its owner (of a wildcard, the name above). So a file of few records without SOA is not
 * taken for all that there is under its $ORIGIN. */
#ifndef DNS_ZONE_H
#define DNS_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/model/dns.h"

struct zone;

struct zone_record {
	const char *name; /* of its owner, in the form of harness/model/dns.h */
	enum dns_type type;
	uint32_t ttl; /* seconds */
	struct dns_record data;
	const char *key;  /* by which owners are sorted; see zone.c */
	size_t order;     /* in which they were added */
	const char *file; /* where it stands; NULL: added by a program */
	unsigned line;
};

/* Errors: memory. */
int zone_new(struct zone **ret, struct error *err);
void zone_free(struct zone *zone);
void zone_free_p(struct zone **zone); /* for _cleanup_ */

/* Adds a record. The name is in presentation form and absolute, with or without final dot; rdata is in wire form, names
 * in it not compressed, and is not looked at. Errors: ERROR_CONFIG for a bad name or more than 65,535 octets, ERROR_BUG
 * when the zone is sealed, memory. */
int zone_add(struct zone *zone, const char *name, enum dns_type type, uint32_t ttl, const void *rdata, size_t len,
	     struct error *err);

/* Adds the records of a master file (RFC 1035 section 5, $TTL of RFC 2308, TTLs with units as `1h30m`, unknown types
 * and rdata as RFC 3597 writes them: octets given by `\#` are taken as they are). Names in UTF-8 become A-labels. A
 * record without a TTL has that of $TTL, else the last one stated, else the minimum of the last SOA, else an hour. A
 * relative name without $ORIGIN is an error, $INCLUDE and $GENERATE are refused. `file` is for messages. Errors:
 * ERROR_CONFIG `file:line: ...` for the first line that is wrong, ERROR_LIMIT for a text of more than 16 MiB, as
 * zone_add; what stands above it was added. */
int zone_parse(struct zone *zone, struct span text, const char *file, struct error *err);

/* The same of a file. Errors: also as file_read. */
int zone_read(struct zone *zone, const char *path, struct error *err);

/* Makes the zone ready to be asked; nothing can be added after. Records that are there twice count once (RFC 2181
 * section 5.2). May be called again, not from two threads at once. Errors: ERROR_CONFIG for a CNAME beside other
 * records of its name or a second one (RFC 2181 section 10.1), memory. */
int zone_seal(struct zone *zone, struct error *err);

/* Of a sealed zone; any thread. Names are in the form of harness/model/dns.h. */

/* The records of this owner and type in the order in which they were added, *ret_count of them. Borrowed. */
const struct zone_record *zone_find(const struct zone *zone, const char *name, enum dns_type type, size_t *ret_count);

/* All records, those of one name and type side by side. Borrowed. */
const struct zone_record *zone_records(const struct zone *zone, size_t *ret_count);

/* Whether the name has records of any type, or names with records under it (RFC 8020). */
bool zone_exists(const struct zone *zone, const char *name);

/* The apex of the innermost zone that the name lies in, NULL where it is in none. Points into name or is ".". */
const char *zone_apex(const struct zone *zone, const char *name);

#endif
