/* Dates in messages and in IMAP. Pure: the clock is never read. */
#ifndef MAIL_DATE_H
#define MAIL_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/span.h"

/* Reads a date-time of RFC 5322 section 3.3 with its obsolete forms (section 4.3: two-digit years, zone names, comments
 * anywhere) and two slips that servers make: the form of asctime (`Sun Nov 13 14:50:12 2005`, the zone in front of the
 * year or behind it) and a zone that touches the seconds. Without a zone, and with an unknown zone name, the time
 * counts as UTC. *ret_wall_ms: milliseconds since 1970-01-01T00:00:00Z; may be negative. What follows the zone is
 * ignored. False where text is no date or a field is out of its range. */
bool date_parse(struct span text, int64_t *ret_wall_ms);

/* As date_parse, and besides in what servers write into Received fields: fractions of seconds, `9:00:00 PM`, hyphens
 * (`30-Nov-2026`), zones as `+01:00`, `+100`, `GMT+0100`, the forms of JavaScript (`Mon Nov 30 2026 09:00:00
 * GMT+0100`) and ISO 8601 (`2026-11-30T09:00:00Z`, `2026-11-30 09:00:00.5 +0100`). */
bool date_parse_received(struct span text, int64_t *ret_wall_ms);

/* Reads IMAP's date-time (RFC 9051 section 9): `17-Jul-1996 02:44:25 -0700`, day padded by a space or not, with or
 * without the quotes, and with what servers do to it: no seconds, a zone by name, with a colon, without its sign (east
 * of UTC) or none (UTC). */
bool date_parse_imap(struct span text, int64_t *ret_wall_ms);

#endif
