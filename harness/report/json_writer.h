/* Building JSON values that are valid UTF-8 whatever octets they are made of. For the JSON reports alone. */
#ifndef REPORT_JSON_WRITER_H
#define REPORT_JSON_WRITER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"

/* A failure to make or to add any value is remembered, so that it is checked once. */
struct writer {
	bool failed;
};

/* Adds a member, or an element of an array for key NULL; the value is taken. */
void writer_put(struct writer *w, json_t *to, const char *key, json_t *value);

/* Values. text: escaped (\xNN, \u{NNNN}), null for NULL; word: null for "" as well; time: RFC 3339, null for 0. */
json_t *writer_text(const char *string);
json_t *writer_word(const char *string);
json_t *writer_time(int64_t ms);
json_t *writer_integer(bool there, int64_t value);

/* Adds the value as JSON with a line feed, and takes it. Errors: memory; ERROR_LIMIT naming `what` when `out` cannot
 * hold it, which may then hold a part. */
int writer_end(struct writer *w, json_t *root, const char *what, struct buf *out, struct error *err);

#endif
