/* The tag of a probe: 128 random bits as 32 lower-case hexadecimal digits. It travels in a header field of our own, in
 * Message-ID, and, where configured, in the subject and in the envelope sender. */
#ifndef MAIL_TAG_H
#define MAIL_TAG_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/mail/header.h"

/* The header field that carries the bare tag. */
#define TAG_FIELD "X-Postproof-Tag"

/* Message-ID is `<pp.TAG@domain>`, the subject may hold `[pp:TAG]`, a pattern holds `{tag}`. */
#define TAG_ID_PREFIX      "pp."
#define TAG_SUBJECT_PREFIX "[pp:"
#define TAG_PLACEHOLDER    "{tag}"

enum { TAG_LEN = 32, TAG_SIZE = TAG_LEN + 1 };

/* A new tag from the system's random source. Errors: ERROR_ENVIRONMENT. Any thread. */
int tag_new(char out[TAG_SIZE], struct error *err);

/* Exactly 32 hexadecimal digits, either case. */
bool tag_valid(struct span s);

/* Adds `pp.TAG@domain`, without angle brackets. Returns as buf_add. */
int tag_add_message_id(struct buf *out, const char *tag, struct span domain);

/* Adds `[pp:TAG]`. Returns as buf_add. */
int tag_add_subject(struct buf *out, const char *tag);

/* A pattern is an address with exactly one `{tag}` in it, and no other brace: `b+{tag}@bounces.example`. */
bool tag_pattern_valid(struct span pattern);

/* Adds the pattern with the tag in place of `{tag}`. Returns as buf_add. */
int tag_add_pattern(struct buf *out, struct span pattern, const char *tag);

/* Each looks for a tag in one place and writes it in lower case. False where there is none; out is left alone then.
 * from_message_id: the first `pp.TAG@` in the text, with or without angle brackets and other ids around it.
 * from_subject: the first `[pp:TAG]`. */
bool tag_from_message_id(struct span text, char out[TAG_SIZE]);
bool tag_from_subject(struct span text, char out[TAG_SIZE]);

/* Every place where a tag may stand: 32 hexadecimal digits at or after offset *at, whatever is around them, so that a
 * forwarder's rewriting (SRS, BATV, percent signs) hides none. Written in lower case; *at moves behind their first
 * digit. False where there is none left. Whether it is a tag is for the caller to look up: 128 random bits cannot be
 * met by chance. */
bool tag_next(struct span text, size_t *at, char out[TAG_SIZE]);

/* The tag of a message: its own header field, else Message-ID, else Subject. */
bool tag_from_header(const struct header *h, char out[TAG_SIZE]);

/* The tag of a message that is a probe: as tag_from_header, but the subject alone is believed only of a message that
 * `from` (`address` or `Name <address>`) has written itself, since replies, automatic answers and notices of a
 * quarantine quote the subject of what they are about. */
bool tag_of_probe(const struct header *h, struct span from, char out[TAG_SIZE]);

#endif
