/* Mail addresses (RFC 5322 section 3.4, RFC 6532 for UTF-8): lists of mailboxes in header fields, and the plain
 * `local@domain` of configuration and SMTP. Control characters, CR and LF never pass. */
#ifndef MAIL_ADDRESS_H
#define MAIL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/base/span.h"

/* A list holds at most this many mailboxes. */
enum { ADDRESS_LIST_MAX = 1000 };

struct address {
	struct span display; /* display name, unquoted, words joined by one space; empty where there is none */
	struct span local;   /* unquoted: `"a b"@x` gives `a b` */
	struct span
	    domain; /* as written, without comments: a name, or a literal with its brackets `[IPv6:2001:db8::1]` */
};

struct address_list {
	struct address *v; /* in order; members of groups stand among the others */
	size_t count;
	char *octets; /* what the spans point into */
};

/* Reads a mailbox-list or address-list (From, To, Reply-To...). Groups, comments, folds, empty elements and the
 * obsolete route are tolerated. Encoded words are left as they are. Errors: ERROR_PROTOCOL saying where the syntax
 * breaks, ERROR_LIMIT. An empty list (`undisclosed-recipients:;`) is a success of count 0. Free with address_list_fini.
 */
int address_list_parse(struct address_list *list, struct span value, struct error *err);
void address_list_fini(struct address_list *list);

/* The same of a field that somebody else wrote, as receivers read it: where it is not as RFC 5322 has it, the addresses
 * are what stands in angle brackets (the innermost, closed or not), the elements between commas that are one word with
 * an @, or else the words with an @; outside of quoted strings and comments, without display names. So a comma, an @ or
 * brackets in a display name without quotes, dots in a row in a local part or one behind the domain do no harm.
 * The local part is then as written, quotes and octets that are no UTF-8 included.
 * *ret_deviation: what is wrong with the field, ERROR_NONE where nothing is. Errors: those of address_list_parse, where
 * no address is found either. Free with address_list_fini. */
int address_list_read(struct address_list *list, struct span value, struct error *ret_deviation, struct error *err);

/* The mailbox of a reverse-path (RFC 5321 section 4.1.2): without white space around it, angle brackets, what stands
 * behind them, and the obsolete source route (`<@relay.example:a@example.org>`). Points into text; .p stays NULL where
 * that is. */
struct span address_of_path(struct span text);

/* Checks a plain `local@domain` as it may stand in a configuration or an SMTP envelope (RFC 5321 section 4.1.2): no
 * display name, comment or white space around it; local part a dot-atom or quoted string of at most 64 octets; domain a
 * name with labels of at most 63 octets, in all 255, or an address literal. UTF-8 is allowed in both (RFC 6531). The
 * spans of *ret point into text; a quoted local part keeps its quotes. Errors: ERROR_CONFIG, the text says what is
 * wrong. */
int address_check(struct span text, struct address *ret, struct error *err);

/* The domain of such an address; empty where it has none. */
struct span address_domain(const char *address);

/* Whether text is a domain name that address_check accepts behind the `@` (no literal). */
bool address_domain_valid(struct span text);

/* Adds `local@domain`, the local part quoted where it must be. Returns as buf_add. */
int address_add_spec(struct buf *out, const struct address *a);

#endif
