/* Text to wire: header fields (RFC 2047, folding) and bodies (RFC 2045). What is written contains CRLF line ends only,
 * and, addresses of internationalised mail aside, ASCII only. */
#ifndef MAIL_ENCODE_H
#define MAIL_ENCODE_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/base/span.h"

/* Lines of a header are folded to 78 octets where white space allows; no line ever exceeds 998 (RFC 5322 section
 * 2.1.1), both without CRLF. */
enum { ENCODE_LINE_SOFT = 78, ENCODE_LINE_HARD = 998 };

enum transfer_encoding { TRANSFER_7BIT, TRANSFER_QUOTED_PRINTABLE, TRANSFER_BASE64 };

/* The word of Content-Transfer-Encoding: `7bit`, `quoted-printable`, `base64`. */
const char *transfer_encoding_name(enum transfer_encoding v);

/* Adds `Name: value CRLF`, folded. `value` is UTF-8 as a person writes it: folds in it are undone first.
 * In the address fields (From, Sender, Reply-To, To, Cc, Bcc and their Resent- forms) display names are encoded, the
 * addresses stay; in every other field the words that are not ASCII become encoded words (B or Q, whichever is shorter,
 * at most 75 octets each, never splitting a character). What is ASCII and fits is left as it is.
 * Errors: ERROR_CONFIG for a bad field name, control characters, invalid UTF-8, an address field that is no address
 * list, an ASCII word that cannot be brought below 998 octets; ERROR_LIMIT when out is full. `out` is then undefined.
 */
int encode_field(struct buf *out, struct span name, struct span value, struct error *err);

/* The shortest encoding that is safe for a text body: 7bit where it is ASCII without NUL or bare CR and no line exceeds
 * 998 octets, else quoted-printable or base64, whichever is shorter. */
enum transfer_encoding encode_choose(struct span text);

/* Adds the body in that encoding. Text: CR, LF and CRLF all count as line ends and come out as CRLF (TRANSFER_BASE64
 * encodes them as CRLF too). Returns as buf_add. */
int encode_text(struct buf *out, struct span text, enum transfer_encoding encoding);

/* Adds the octets as base64 in lines of 76, each ended by CRLF. Binary: nothing is normalised. Returns as buf_add. */
int encode_base64(struct buf *out, struct span octets);

/* Adds the text with every line end (CRLF, bare CR, bare LF) as CRLF. Returns as buf_add. */
int encode_crlf(struct buf *out, struct span text);

#endif
