/* One value of the expectations: a list of accepted words, or a duration. For expect.c alone. */
#ifndef JUDGE_EXPECT_VALUE_H
#define JUDGE_EXPECT_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/judge/expect_key.h"
#include "harness/model/words.h"

struct expect_word {
	int value;  /* of the enumeration of its key; for tls the least hop_tls that fits */
	char *name; /* of a category or folder; NULL for `*` and for every other word */
	bool warn;
};

struct expect_value {
	enum expect_key key;
	bool any;
	int64_t within_ms; /* of `within`; INT64_MAX for `any` */
	struct expect_word *words;
	size_t count;
	size_t cap;
	char *text; /* canonical */
};

/* Reads the value of a key. Errors: ERROR_CONFIG as expectations_set says, ERROR_LIMIT, memory. */
int expect_value_parse(enum expect_key key, struct span text, struct expect_value **ret, struct error *err);
void expect_value_free(struct expect_value *v); /* NULL is allowed */
void expect_value_free_p(struct expect_value **v);

/* The best verdict of the words that fit, FAIL where none does. `value` is of the enumeration of the key, `name` that
 * of a category or folder, else NULL. */
enum verdict expect_value_judge(const struct expect_value *v, int value, const char *name);

/* Whether one of the words demands a TLS version. */
bool expect_value_wants_version(const struct expect_value *v);

/* As expectation_add_phrase. */
int expect_value_add_phrase(const struct expect_value *v, struct buf *b);

#endif
