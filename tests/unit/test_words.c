/* The words of the domain. */
#include "tests/unit/unit.h"

#include "harness/model/words.h"

/* Reads one word back as a number; -1 where it is none. */
#define READER(type)                                                                                                   \
	static int read_##type(struct span word)                                                                       \
	{                                                                                                              \
		enum type value;                                                                                       \
		return type##_from(word, &value) ? (int)value : -1;                                                    \
	}                                                                                                              \
	static const char *write_##type(int value)                                                                     \
	{                                                                                                              \
		return type##_name((enum type)value);                                                                  \
	}

READER(outcome)
READER(returned_kind)
READER(auth_result)
READER(auth_method)
READER(folder_role)
READER(hop_tls)
READER(stream)

static const struct {
	const char *label;
	int (*from)(struct span);
	const char *(*name)(int);
	const char *words[12]; /* in the order of the enumeration */
} families[] = {
	{ "outcome",
	  read_outcome,
	  write_outcome,
	  { "pending", "delivered", "delayed", "deferred", "rejected", "bounced", "missing", "not-tested",
	    "unknown" } },
	{ "what came back",
	  read_returned_kind,
	  write_returned_kind,
	  { "message", "auto-reply", "read-receipt", "complaint", "challenge" } },
	{ "authentication result",
	  read_auth_result,
	  write_auth_result,
	  { "not-reported", "none", "pass", "fail", "softfail", "policy", "neutral", "temperror", "permerror" } },
	{ "authentication method", read_auth_method, write_auth_method, { "spf", "dkim", "dmarc" } },
	{ "folder role",
	  read_folder_role,
	  write_folder_role,
	  { "other", "inbox", "spam", "all", "archive", "drafts", "sent", "trash" } },
	{ "TLS of a hop",
	  read_hop_tls,
	  write_hop_tls,
	  { "unknown", "none", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", "yes" } },
	{ "stream", read_stream, write_stream, { "transactional", "marketing" } },
};

static void every_word_is_written_and_read_back(void **state)
{
	for (size_t f = 0; f < ARRAY_LEN(families); f++) {
		for (int i = 0; families[f].words[i]; i++) {
			const char *word = families[f].words[i];
			char upper[32];
			size_t len = strlen(word);
			ROW_ASSERT_STRING(families[f].label, families[f].name(i), word);
			ROW_ASSERT(word, families[f].from(span_of(word)) == i);
			for (size_t c = 0; c <= len; c++)
				upper[c] = word[c] >= 'a' && word[c] <= 'z' ? (char)(word[c] - 32) : word[c];
			ROW_ASSERT(upper, families[f].from(span_of(upper)) == i);
		}
	}
}

static void other_words_are_refused(void **state)
{
	static const char *const rows[] = { "", "pas", "passs", "pass ", "p\xc3\xa4ss", "PENDING!" };
	for (size_t f = 0; f < ARRAY_LEN(families); f++)
		for (size_t i = 0; i < ARRAY_LEN(rows); i++)
			ROW_ASSERT(rows[i], families[f].from(span_of(rows[i])) == -1);
}

static void verdicts_are_ordered_from_best_to_worst(void **state)
{
	assert_true(VERDICT_FAIL > VERDICT_UNKNOWN && VERDICT_UNKNOWN > VERDICT_WARN && VERDICT_WARN > VERDICT_PASS);
	assert_string_equal(verdict_name(VERDICT_PASS), "pass");
	assert_string_equal(verdict_name(VERDICT_WARN), "warn");
	assert_string_equal(verdict_name(VERDICT_UNKNOWN), "unknown");
	assert_string_equal(verdict_name(VERDICT_FAIL), "fail");
}

static void values_out_of_range_have_a_name_too(void **state)
{
	for (size_t f = 0; f < ARRAY_LEN(families); f++)
		ROW_ASSERT_STRING(families[f].label, families[f].name(1000), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_is_written_and_read_back),
		cmocka_unit_test(other_words_are_refused),
		cmocka_unit_test(verdicts_are_ordered_from_best_to_worst),
		cmocka_unit_test(values_out_of_range_have_a_name_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
