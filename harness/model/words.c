/* The spelling of every word, once. */
#include "harness/model/words.h"

#include <stddef.h>

#include "harness/base/compiler.h"

static const char *const outcomes[OUTCOME_COUNT] = {
	[OUTCOME_PENDING] = "pending",   [OUTCOME_DELIVERED] = "delivered",   [OUTCOME_DELAYED] = "delayed",
	[OUTCOME_DEFERRED] = "deferred", [OUTCOME_REJECTED] = "rejected",     [OUTCOME_BOUNCED] = "bounced",
	[OUTCOME_MISSING] = "missing",   [OUTCOME_NOT_TESTED] = "not-tested", [OUTCOME_UNKNOWN] = "unknown",
};
static const char *const returned_kinds[RETURNED_KIND_COUNT] = {
	[RETURNED_MESSAGE] = "message",     [RETURNED_AUTO_REPLY] = "auto-reply", [RETURNED_RECEIPT] = "read-receipt",
	[RETURNED_COMPLAINT] = "complaint", [RETURNED_CHALLENGE] = "challenge",
};
static const char *const verdicts[VERDICT_COUNT] = {
	[VERDICT_PASS] = "pass",
	[VERDICT_WARN] = "warn",
	[VERDICT_UNKNOWN] = "unknown",
	[VERDICT_FAIL] = "fail",
};
static const char *const auth_results[AUTH_COUNT] = {
	[AUTH_NOT_REPORTED] = "not-reported",
	[AUTH_NONE] = "none",
	[AUTH_PASS] = "pass",
	[AUTH_FAIL] = "fail",
	[AUTH_SOFTFAIL] = "softfail",
	[AUTH_POLICY] = "policy",
	[AUTH_NEUTRAL] = "neutral",
	[AUTH_TEMPERROR] = "temperror",
	[AUTH_PERMERROR] = "permerror",
	[AUTH_UNKNOWN] = "unknown",
};
static const char *const auth_methods[AUTH_METHOD_COUNT] = {
	[METHOD_SPF] = "spf",
	[METHOD_DKIM] = "dkim",
	[METHOD_DMARC] = "dmarc",
};
static const char *const agreements[AGREEMENT_COUNT] = {
	[AGREEMENT_UNKNOWN] = "unknown",
	[AGREEMENT_NOT_REPORTED] = "not-reported",
	[AGREEMENT_AGREE] = "agree",
	[AGREEMENT_DISAGREE] = "disagree",
};
static const char *const folder_roles[FOLDER_ROLE_COUNT] = {
	[FOLDER_OTHER] = "other",     [FOLDER_INBOX] = "inbox",
	[FOLDER_SPAM] = "spam",       [FOLDER_ALL] = "all",
	[FOLDER_ARCHIVE] = "archive", [FOLDER_DRAFTS] = "drafts",
	[FOLDER_SENT] = "sent",       [FOLDER_TRASH] = "trash",
	[FOLDER_FLAGGED] = "flagged", [FOLDER_IMPORTANT] = "important",
};
static const char *const hop_tlss[HOP_TLS_COUNT] = {
	[HOP_TLS_UNKNOWN] = "unknown", [HOP_TLS_NONE] = "none",   [HOP_TLS_1_0] = "TLSv1", [HOP_TLS_1_1] = "TLSv1.1",
	[HOP_TLS_1_2] = "TLSv1.2",     [HOP_TLS_1_3] = "TLSv1.3", [HOP_TLS_YES] = "yes",
};
static const char *const streams[STREAM_COUNT] = {
	[STREAM_TRANSACTIONAL] = "transactional",
	[STREAM_MARKETING] = "marketing",
};

static const char *name_of(const char *const *names, size_t count, size_t value)
{
	return value < count ? names[value] : "unknown";
}

static int words_value_of(const char *const *names, size_t count, struct span word)
{
	for (size_t i = 0; i < count; i++)
		if (span_is_nocase(word, names[i]))
			return (int)i;
	return -1;
}

#define DEFINE_NAME(type, table)                                                                                       \
	const char *type##_name(enum type v)                                                                           \
	{                                                                                                              \
		return name_of(table, ARRAY_LEN(table), (size_t)v);                                                    \
	}
#define DEFINE_FROM(type, table)                                                                                       \
	bool type##_from(struct span word, enum type *ret)                                                             \
	{                                                                                                              \
		int value = words_value_of(table, ARRAY_LEN(table), word);                                             \
		if (value >= 0)                                                                                        \
			*ret = (enum type)value;                                                                       \
		return value >= 0;                                                                                     \
	}

DEFINE_NAME(outcome, outcomes)
DEFINE_FROM(outcome, outcomes)
DEFINE_NAME(returned_kind, returned_kinds)
DEFINE_FROM(returned_kind, returned_kinds)
DEFINE_NAME(verdict, verdicts)
DEFINE_NAME(auth_result, auth_results)
bool auth_result_from(struct span word, enum auth_result *ret)
{
	int value = words_value_of(auth_results, AUTH_UNKNOWN, word); /* without that, which stands last */
	if (value >= 0)
		*ret = (enum auth_result)value;
	return value >= 0;
}
DEFINE_NAME(auth_method, auth_methods)
DEFINE_FROM(auth_method, auth_methods)
DEFINE_NAME(agreement, agreements)
DEFINE_NAME(folder_role, folder_roles)
DEFINE_FROM(folder_role, folder_roles)
DEFINE_NAME(hop_tls, hop_tlss)
DEFINE_FROM(hop_tls, hop_tlss)
DEFINE_NAME(stream, streams)
DEFINE_FROM(stream, streams)

bool folder_role_is_view(enum folder_role role)
{
	return role == FOLDER_ALL || role == FOLDER_FLAGGED || role == FOLDER_IMPORTANT;
}

int folder_role_rank(enum folder_role role)
{
	if (folder_role_is_view(role))
		return 0;
	return role == FOLDER_INBOX ? 1 : role == FOLDER_SPAM ? 3 : 2;
}
