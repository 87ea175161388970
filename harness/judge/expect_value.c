/* Values of expectations: words in, verdicts on single facts out. Must never accept a word that could not come true: a
 * slip of the pen in an expectation would make a cell pass or fail for ever. */
#include "harness/judge/expect_value.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/compiler.h"
#include "harness/base/text.h"
#include "harness/base/vec.h"

enum { VALUE_MAX = 64 * 1024, WORD_SHOWN_MAX = 64 };

struct choice {
	const char *word;
	int value;
};

#define AUTH_WORDS "pass, fail, softfail, neutral, none, policy, temperror, permerror, not-reported"

static const struct choice outcome_choices[] = {
	{ "delivered", OUTCOME_DELIVERED }, { "delayed", OUTCOME_DELAYED }, { "deferred", OUTCOME_DEFERRED },
	{ "rejected", OUTCOME_REJECTED },   { "bounced", OUTCOME_BOUNCED }, { "missing", OUTCOME_MISSING },
};
/* Those that end in a colon take a name, or `*`. */
static const struct choice placement_choices[] = {
	{ "inbox", PLACEMENT_INBOX },
	{ "spam", PLACEMENT_SPAM },
	{ "category:", PLACEMENT_CATEGORY },
	{ "other:", PLACEMENT_OTHER },
};
static const struct choice auth_choices[] = {
	{ "pass", AUTH_PASS },           { "fail", AUTH_FAIL },           { "softfail", AUTH_SOFTFAIL },
	{ "neutral", AUTH_NEUTRAL },     { "none", AUTH_NONE },           { "policy", AUTH_POLICY },
	{ "temperror", AUTH_TEMPERROR }, { "permerror", AUTH_PERMERROR }, { "not-reported", AUTH_NOT_REPORTED },
};
static const struct choice tls_choices[] = {
	{ "yes", HOP_TLS_YES },
	{ "1.2", HOP_TLS_1_2 },
	{ "1.3", HOP_TLS_1_3 },
	{ "none", HOP_TLS_NONE },
};

static const struct key_row {
	const char *name;
	const char *standard;
	const char *words;
	const char *help;
	const struct choice *choices;
	size_t choice_count;
} keys[EXPECT_KEY_COUNT] = {
	[EXPECT_OUTCOME] = { "outcome", "delivered", "delivered, delayed, deferred, rejected, bounced, missing",
			     "What must become of the message.", outcome_choices, ARRAY_LEN(outcome_choices) },
	[EXPECT_PLACEMENT] = { "placement", "inbox", "inbox, spam, category:NAME, category:*, other:FOLDER, other:*",
			       "The folder where it must be found.", placement_choices, ARRAY_LEN(placement_choices) },
	[EXPECT_SPF] = { "spf", "pass", AUTH_WORDS, "The result of SPF that the provider must report.", auth_choices,
			 ARRAY_LEN(auth_choices) },
	[EXPECT_DKIM] = { "dkim", "pass", AUTH_WORDS, "The result of DKIM that the provider must report.", auth_choices,
			  ARRAY_LEN(auth_choices) },
	[EXPECT_DMARC] = { "dmarc", "pass", AUTH_WORDS, "The result of DMARC that the provider must report.",
			   auth_choices, ARRAY_LEN(auth_choices) },
	[EXPECT_TLS] = { "tls", "1.2", "yes, 1.2, 1.3, none", "How the hop into the provider must have been protected.",
			 tls_choices, ARRAY_LEN(tls_choices) },
	[EXPECT_WITHIN] = { "within", "5m", "a duration such as 90s or 1h30m",
			    "A message that arrives later than this after it was handed over is delayed. If it was "
			    "read long after it arrived, the mailbox's own date of arrival counts.",
			    NULL, 0 },
};

const char *expect_key_name(enum expect_key key)
{
	return keys[key].name;
}

const char *expect_key_default(enum expect_key key)
{
	return keys[key].standard;
}

const char *expect_key_words(enum expect_key key)
{
	return keys[key].words;
}

const char *expect_key_help(enum expect_key key)
{
	return keys[key].help;
}

bool expect_key_from(struct span word, enum expect_key *ret)
{
	for (size_t i = 0; i < EXPECT_KEY_COUNT; i++) {
		if (span_is_nocase(word, keys[i].name)) {
			*ret = (enum expect_key)i;
			return true;
		}
	}
	return false;
}

void expect_value_free(struct expect_value *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->count; i++)
		free(v->words[i].name);
	free(v->words);
	free(v->text);
	free(v);
}

void expect_value_free_p(struct expect_value **v)
{
	expect_value_free(*v);
}

/* The word in a message, cut where it is absurdly long. */
static struct span shown(struct span word)
{
	return span_sub(word, 0, WORD_SHOWN_MAX);
}

static int bad_word(enum expect_key key, struct span word, struct error *err)
{
	const char *names[16];
	size_t count = 0;
	for (size_t i = 0; i < keys[key].choice_count; i++)
		names[count++] = keys[key].choices[i].word;
	names[count++] = "any";
	const char *nearest = text_nearest(word, names, count);
	struct span s = shown(word);
	if (word.len == 0)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "a word is missing; accepted are %s, any",
				 keys[key].words);
	if (nearest)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "`%.*s` is not accepted, did you mean `%s`? Accepted are %s, any", SPAN_ARG(s),
				 nearest, keys[key].words);
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "`%.*s` is not accepted; accepted are %s, any", SPAN_ARG(s),
			 keys[key].words);
}

/* Takes `(warn)` off the end of the word. */
static bool take_warn(struct span *word)
{
	if (!span_ends_nocase(*word, SPAN_LIT("(warn)")))
		return false;
	*word = span_trim(span_sub(*word, 0, word->len - strlen("(warn)")));
	return true;
}

/* Whether the word is this choice; the name of a category or folder goes to *ret_name. */
static bool is_choice(struct span word, const char *choice, struct span *ret_name)
{
	struct span c = span_of(choice);
	*ret_name = (struct span){ 0 };
	if (c.p[c.len - 1] != ':')
		return span_eq_nocase(word, c);
	if (!span_starts_nocase(word, c))
		return false;
	*ret_name = span_trim(span_sub(word, c.len, word.len));
	return ret_name->len > 0;
}

static int add_word(struct expect_value *v, struct span text, struct error *err)
{
	enum expect_key key = v->key;
	bool warn = take_warn(&text);
	if (span_is_nocase(text, "any"))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "`any` accepts everything, so it stands alone: leave the other words or `any` out");
	for (size_t i = 0; i < keys[key].choice_count; i++) {
		struct span name;
		if (!is_choice(text, keys[key].choices[i].word, &name))
			continue;
		if (vec_grow(&v->words, v->count, &v->cap, sizeof(*v->words), err) < 0)
			return -1;
		struct expect_word *w = &v->words[v->count++];
		w->value = keys[key].choices[i].value;
		w->warn = warn;
		if (name.len && !span_is(name, "*")) {
			w->name = span_dup(name);
			if (!w->name)
				return error_memory(err);
		}
		return 0;
	}
	return bad_word(key, text, err);
}

static const char *choice_word(enum expect_key key, int value)
{
	for (size_t i = 0; i < keys[key].choice_count; i++)
		if (keys[key].choices[i].value == value)
			return keys[key].choices[i].word;
	return "";
}

static int set_text(struct expect_value *v, struct error *err)
{
	_cleanup_(buf_fini) struct buf b = BUF_INIT(VALUE_MAX);
	char duration[TIME_TEXT_MAX];
	if (v->any)
		buf_add_str(&b, "any");
	else if (v->key == EXPECT_WITHIN)
		buf_add_str(&b, duration_format(v->within_ms, duration));
	for (size_t i = 0; i < v->count; i++) {
		const struct expect_word *w = &v->words[i];
		const char *choice = choice_word(v->key, w->value);
		bool named = choice[strlen(choice) - 1] == ':';
		buf_addf(&b, "%s%s", i ? ", " : "", choice);
		buf_add_str(&b, w->name ? w->name : named ? "*" : "");
		buf_add_str(&b, w->warn ? "(warn)" : "");
	}
	if (buf_check(&b, "the value", err) < 0)
		return -1;
	v->text = buf_take(&b);
	return v->text ? 0 : error_memory(err);
}

static int parse_words(struct expect_value *v, struct span text, struct error *err)
{
	struct span rest = text, part;
	while (span_next(&rest, ',', &part))
		if (add_word(v, span_trim(part), err) < 0)
			return -1;
	return v->count ? 0 : bad_word(v->key, (struct span){ 0 }, err);
}

int expect_value_parse(enum expect_key key, struct span text, struct expect_value **ret, struct error *err)
{
	text = span_trim(text);
	if (text.len > VALUE_MAX / 2)
		return error_set(err, ERROR_LIMIT, RETRY_NEVER, 0, "the value is longer than %d octets", VALUE_MAX / 2);
	_cleanup_(expect_value_free_p) struct expect_value *v = calloc(1, sizeof(*v));
	if (!v)
		return error_memory(err);
	v->key = key;
	v->within_ms = INT64_MAX;
	v->any = span_is_nocase(text, "any");
	int rc = 0;
	if (!v->any && key == EXPECT_WITHIN)
		rc = duration_parse(text, &v->within_ms, err);
	else if (!v->any)
		rc = parse_words(v, text, err);
	if (rc < 0 || set_text(v, err) < 0)
		return -1;
	*ret = v;
	v = NULL;
	return 0;
}

static const char *tls_phrase(int value)
{
	switch (value) {
	case HOP_TLS_1_2:
		return "TLS 1.2 or later";
	case HOP_TLS_1_3:
		return "TLS 1.3";
	case HOP_TLS_NONE:
		return "no TLS";
	default:
		return "TLS";
	}
}

static void add_word_phrase(struct buf *b, enum expect_key key, const struct expect_word *w)
{
	if (key == EXPECT_TLS)
		buf_add_str(b, tls_phrase(w->value));
	else if (key == EXPECT_PLACEMENT && w->value == PLACEMENT_CATEGORY)
		buf_addf(b, "%s%s", w->name ? "category " : "any category", w->name ? w->name : "");
	else if (key == EXPECT_PLACEMENT && w->value == PLACEMENT_OTHER)
		buf_addf(b, "%s%s", w->name ? "folder " : "any other folder", w->name ? w->name : "");
	else
		buf_add_str(b, choice_word(key, w->value));
}

int expect_value_add_phrase(const struct expect_value *v, struct buf *b)
{
	char duration[TIME_TEXT_MAX];
	if (v->any)
		return buf_add_str(b, "anything");
	if (v->key == EXPECT_WITHIN)
		return buf_addf(b, "within %s", duration_words(v->within_ms, duration));
	bool first = true;
	for (int warn = 0; warn <= 1; warn++) {
		bool some = false;
		for (size_t i = 0; i < v->count; i++) {
			if (v->words[i].warn != (bool)warn)
				continue;
			if (!first)
				buf_add_str(b, warn && !some ? ", or " : " or ");
			add_word_phrase(b, v->key, &v->words[i]);
			some = true;
			first = false;
		}
		if (warn && some)
			buf_add_str(b, " with a warning");
	}
	return buf_result(b);
}

static bool fits_tls(int word, int value)
{
	switch (word) {
	case HOP_TLS_NONE:
		return value == HOP_TLS_NONE;
	case HOP_TLS_1_2:
		return value == HOP_TLS_1_2 || value == HOP_TLS_1_3;
	case HOP_TLS_1_3:
		return value == HOP_TLS_1_3;
	default:
		return value != HOP_TLS_NONE && value != HOP_TLS_UNKNOWN;
	}
}

static bool fits(enum expect_key key, const struct expect_word *w, int value, const char *name)
{
	if (key == EXPECT_TLS)
		return fits_tls(w->value, value);
	return w->value == value && (!w->name || (name && span_is_nocase(span_of(name), w->name)));
}

enum verdict expect_value_judge(const struct expect_value *v, int value, const char *name)
{
	enum verdict verdict = VERDICT_FAIL;
	if (v->any)
		return VERDICT_PASS;
	for (size_t i = 0; i < v->count; i++) {
		enum verdict one = v->words[i].warn ? VERDICT_WARN : VERDICT_PASS;
		if (one < verdict && fits(v->key, &v->words[i], value, name))
			verdict = one;
	}
	return verdict;
}

bool expect_value_wants_version(const struct expect_value *v)
{
	for (size_t i = 0; i < v->count; i++)
		if (v->words[i].value == HOP_TLS_1_2 || v->words[i].value == HOP_TLS_1_3)
			return true;
	return false;
}
