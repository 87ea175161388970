/* The words of results. Verifiers of twenty years have their own: `perm_fail`, `HardFail`, `dkim_pass`. What is not in
 * the tables here is no result, and nothing is made of it. */
#include "harness/mail/authres.h"

#include "harness/base/compiler.h"

/* What stands beside the words of RFC 8601 section 2.7, in small letters without `-` and `_`. */
static const struct {
	const char *word;
	enum auth_result result;
} provider_words[] = {
	{ "hardfail", AUTH_FAIL },
	{ "failed", AUTH_FAIL },
	{ "failure", AUTH_FAIL },
	{ "bad", AUTH_FAIL },
	{ "reject", AUTH_FAIL },
	{ "discard", AUTH_FAIL },
	{ "passed", AUTH_PASS },
	{ "success", AUTH_PASS }, /* Yahoo's DMARC */
	{ "good", AUTH_PASS },
	{ "tempfail", AUTH_TEMPERROR }, /* Yahoo */
	{ "tmperror", AUTH_TEMPERROR }, /* Exim */
	{ "tmpfail", AUTH_TEMPERROR },
	{ "temperr", AUTH_TEMPERROR },
	{ "temporaryerror", AUTH_TEMPERROR },
	{ "temporaryfailure", AUTH_TEMPERROR },
	{ "transienterror", AUTH_TEMPERROR },
	{ "timeout", AUTH_TEMPERROR },
	{ "dnserror", AUTH_TEMPERROR },
	{ "error", AUTH_TEMPERROR },    /* of SPF before RFC 4408 */
	{ "permfail", AUTH_PERMERROR }, /* Yahoo */
	{ "permerr", AUTH_PERMERROR },
	{ "permanenterror", AUTH_PERMERROR },
	{ "permanentfailure", AUTH_PERMERROR },
	{ "invalid", AUTH_PERMERROR },
	{ "syntaxerror", AUTH_PERMERROR },
	{ "nokey", AUTH_PERMERROR },
	{ "unknown", AUTH_NEUTRAL },    /* Yahoo */
	{ "bestguesspass", AUTH_NONE }, /* Microsoft's DMARC without a record */
	{ "bestguessfail", AUTH_NONE },
	{ "nosig", AUTH_NONE },
	{ "nosignature", AUTH_NONE },
	{ "unsigned", AUTH_NONE },
	{ "notsigned", AUTH_NONE },
	{ "norecord", AUTH_NONE },
	{ "nopolicy", AUTH_NONE },
	{ "skipped", AUTH_NONE },
};

enum { WORD_MAX = 64 };

/* Copies the word in small letters without what some put between its parts. False where it is too long for one. */
static bool word_fold(struct span word, char *to, struct span *ret)
{
	size_t len = 0;
	for (size_t i = 0; i < word.len; i++) {
		if (word.p[i] == '_' || word.p[i] == '-')
			continue;
		if (len == WORD_MAX)
			return false;
		to[len++] = ascii_lower(word.p[i]);
	}
	*ret = span_make(to, len);
	return true;
}

static bool word_find(struct span word, enum auth_result *ret)
{
	if (auth_result_from(word, ret))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(provider_words); i++)
		if (span_is(word, provider_words[i].word)) {
			*ret = provider_words[i].result;
			return true;
		}
	return false;
}

enum auth_result authres_result(struct span method, struct span word)
{
	char text[WORD_MAX], name[WORD_MAX];
	enum auth_result result = AUTH_NOT_REPORTED;
	struct span prefix;
	if (!word_fold(word, text, &word))
		return AUTH_NOT_REPORTED;
	if (word_find(word, &result))
		return result;
	/* `dkim=dkim_pass` */
	if (word_fold(method, name, &prefix) && prefix.len > 0 && span_starts(word, prefix) &&
	    word_find(span_sub(word, prefix.len, SIZE_MAX), &result))
		return result;
	return AUTH_NOT_REPORTED;
}

bool authres_word_is_of(struct span method, struct span word)
{
	static const struct {
		const char *method;
		bool folded; /* RFC 4408 wrote the words of SPF with capitals, and servers still do */
		const char *words;
	} known[] = {
		{ "spf", true, " none pass fail softfail policy neutral temperror permerror " },
		{ "sender-id", true, " none pass fail softfail policy neutral temperror permerror " },
		{ "dkim", false, " none pass fail policy neutral temperror permerror " },
		{ "dmarc", false, " none pass fail temperror permerror " },
		{ "auth", false, " none pass fail temperror permerror " },
		{ "iprev", false, " pass fail temperror permerror " },
		{ "arc", false, " none pass fail " },
	};
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (!span_is_nocase(method, known[i].method))
			continue;
		struct span rest = span_of(known[i].words), one;
		while (span_next(&rest, ' ', &one))
			if (one.len > 0 && (known[i].folded ? span_eq_nocase(one, word) : span_eq(one, word)))
				return true;
		return false;
	}
	return true;
}
