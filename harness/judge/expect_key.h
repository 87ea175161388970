/* The keys of expectations. */
#ifndef JUDGE_EXPECT_KEY_H
#define JUDGE_EXPECT_KEY_H

#include <stdbool.h>

#include "harness/base/span.h"

/* The keys of a section, and the cells of a judgement, in the order of the matrix. */
enum expect_key {
	EXPECT_OUTCOME,
	EXPECT_PLACEMENT,
	EXPECT_SPF,
	EXPECT_DKIM,
	EXPECT_DMARC,
	EXPECT_TLS,
	EXPECT_WITHIN,
	EXPECT_KEY_COUNT
};

const char *expect_key_name(enum expect_key key);
bool expect_key_from(struct span word, enum expect_key *ret);

/* The built-in default as it would be written in the configuration. */
const char *expect_key_default(enum expect_key key);

/* The accepted words in short, for help and messages: `pass, fail, ... or any`. */
const char *expect_key_words(enum expect_key key);

/* What the key demands, a sentence. */
const char *expect_key_help(enum expect_key key);

#endif
