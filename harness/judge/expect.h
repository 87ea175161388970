/* Expectations: what the user demands of a probe, in layers. Built-in defaults, then `[expect]`, `[expect PROVIDER]`,
 * `[expect PROVIDER MESSAGE]`; of each key the most specific layer that sets it counts.
 *
 * A value is a comma-separated list of accepted words. A word followed by `(warn)` is accepted with a warning; where
 * several words fit, the better one counts. `any`, alone, demands nothing.
 *
 *	outcome     delivered, delayed, deferred, rejected, bounced, missing          default delivered
 *	placement   inbox, spam, category:NAME, category:*, other:FOLDER, other:*     default inbox
 *	spf, dkim, dmarc   the result words of RFC 8601 section 2.7, not-reported     default pass
 *	tls         yes (any TLS), 1.2 (that or later), 1.3, none                     default 1.2
 *	within      one duration: arrived later than that is `delayed`                default 5m
 */
#ifndef JUDGE_EXPECT_H
#define JUDGE_EXPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/error.h"
#include "harness/base/span.h"
#include "harness/judge/expect_key.h"
#include "harness/model/words.h"

struct expectations;

/* Nothing but the built-in defaults. Errors: memory. */
int expectations_new(struct expectations **ret, struct error *err);
void expectations_free(struct expectations *e); /* NULL is allowed */
void expectations_free_p(struct expectations **e);

/* Sets one key of the layer [expect] (provider and message NULL), [expect PROVIDER] (message NULL) or
 * [expect PROVIDER MESSAGE], in place of what that layer said of it before. Errors: ERROR_CONFIG for an unknown key, or
 * a bad value: the text names the bad word, the nearest good one and the accepted ones, without section and key;
 * memory.
 */
int expectations_set(struct expectations *e, const char *provider, const char *message, const char *key,
		     const char *value, struct error *err);

/* One key that was set. provider and message are NULL as in expectations_set; value in its canonical form. Borrowed for
 * the call. Returns 0 to go on, anything else ends the walk. */
typedef int expectations_fn(void *argument, const char *provider, const char *message, enum expect_key key,
			    const char *value);

/* Hands out what was set, layer by layer in the order in which each layer was first set, keys in the order of the
 * enumeration. Returns what the function returned last, 0 where nothing is set. */
int expectations_each(const struct expectations *e, expectations_fn *fn, void *argument);

struct expect_value; /* one parsed value */

/* What is demanded of one probe. Borrows from the expectations: valid until they are changed or freed. */
struct expectation {
	const struct expect_value *values[EXPECT_KEY_COUNT];
};

/* The effective expectation for a message at a provider. `reports` is the mask of the methods (1u << METHOD_SPF, ...)
 * that the provider is known to report: for any other the built-in default is `any`; what was set stays. */
struct expectation expectations_get(const struct expectations *e, const char *provider, const char *message,
				    unsigned reports);

/* The canonical text of one value: `pass, softfail(warn)`. Borrowed as above. */
const char *expectation_text(const struct expectation *x, enum expect_key key);

/* Whether the key is `any`. */
bool expectation_any(const struct expectation *x, enum expect_key key);

/* Adds the value for a sentence behind "expected": `pass or neutral, or softfail with a warning`. Returns as buf_add.
 */
int expectation_add_phrase(const struct expectation *x, enum expect_key key, struct buf *b);

/* The longest time from hand-over to the first sight that is not `delayed`, in ms; INT64_MAX for `any`. */
int64_t expectation_within_ms(const struct expectation *x);

/* The verdict on one fact. PASS or WARN where a word accepts it. Otherwise FAIL, save for what is no knowledge: UNKNOWN
 * for the outcomes pending, not-tested and unknown (also under `any`); for results that are not reported or a temporary
 * error; for TLS that is unknown, or whose version is when one is demanded. */
enum verdict expectation_judge_outcome(const struct expectation *x, enum outcome outcome);
enum verdict expectation_judge_placement(const struct expectation *x, enum placement_kind kind, const char *name);
enum verdict expectation_judge_auth(const struct expectation *x, enum auth_method method, enum auth_result result);
enum verdict expectation_judge_tls(const struct expectation *x, enum hop_tls tls);

#endif
