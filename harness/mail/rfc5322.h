/* The lexical tokens that the parsers of structured fields share (RFC 5322 section 3.2, RFC 2045 section 5.1, with the
 * UTF-8 of RFC 6532). Works on raw field values: the line ends of folds are white space. Never recurses; every step
 * moves forward, so that a whole parse is linear. */
#ifndef MAIL_RFC5322_H
#define MAIL_RFC5322_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/span.h"

struct lexer {
	struct span in;
	size_t at; /* offset of the next octet */
};

/* The next octet, or -1 at the end. */
int lexer_peek(const struct lexer *l);

/* Skips white space and line ends. Returns whether there were any. */
bool lexer_fws(struct lexer *l);

/* A comment with all that is nested in it: 1 and what stands between the outer parentheses, 0 where none begins here,
 * -1 where it does not end (the lexer stays in front of it). */
int lexer_comment(struct lexer *l, struct span *ret_inner);

/* Skips comments and white space. False where a comment does not end. */
bool lexer_cfws(struct lexer *l);

/* A quoted string: 1 and what stands between the quotes, quoted pairs still in it; 0 where none begins; -1 where it
 * does not end or holds a control character (the lexer stays in front of it). */
int lexer_quoted(struct lexer *l, struct span *ret_inner);

/* The longest run (maybe empty) of octets that pass. */
struct span lexer_run(struct lexer *l, bool (*pass)(char c));

/* One octet, if it is the next. */
bool lexer_char(struct lexer *l, char c);

/* Octet classes. Octets above 127 count as text in all of them: whether they are valid UTF-8 is for the caller. */
bool is_atext(char c);     /* RFC 5322 atext */
bool is_dot_atext(char c); /* atext and the dot */
bool is_token(char c);     /* RFC 2045 token */
bool is_not_space(char c); /* anything but white space and line ends */

/* Whether s is a dot-atom: atoms with single dots between them, none at either end. */
bool is_dot_atom(struct span s);

/* Adds the inside of a quoted string or comment without the backslashes of quoted pairs and without line ends. Returns
 * as buf_add. */
int lexer_add_unquoted(struct buf *out, struct span inner);

#endif
