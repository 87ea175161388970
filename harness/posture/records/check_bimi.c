/* The BIMI record of the From domain (draft-brand-indicators-for-message-identification, section 4). The logo is not
 * fetched. */
#include <string.h>

#include "harness/auth/orgdomain.h"
#include "harness/auth/tag_list.h"
#include "harness/base/buf.h"
#include "harness/dns/name.h"
#include "harness/posture/engine/ask.h"
#include "harness/posture/engine/author.h"
#include "harness/posture/records/checks.h"
#include "harness/posture/engine/publish.h"
#include "harness/posture/engine/record_fields.h"

enum { TXT_MAX = 65535, NAME_MAX = DNS_NAME_TEXT_MAX + 32, MEND_MAX = 2500, WORDS_MAX = 256, PLACES = 2 };

static void mend_record(const char *author, struct buf *mend)
{
	char name[NAME_MAX], text[NAME_MAX + 64];
	snprintf(name, sizeof(name), "default._bimi.%s", author);
	snprintf(text, sizeof(text), "v=BIMI1; l=https://%s/logo.svg;", author);
	buf_add_str(mend, "to have a logo shown beside the mail, publish: ");
	publish_txt(mend, name, span_of(text));
}

static bool is_logo(struct span url)
{
	struct span path = url;
	span_next(&path, '?', &url);
	return span_starts_nocase(url, SPAN_LIT("https://")) && span_ends_nocase(url, SPAN_LIT(".svg"));
}

static void check_logo(struct check *check, const char *author, const struct tag_list *list)
{
	_cleanup_(buf_fini) struct buf mend = BUF_INIT(MEND_MAX);
	const struct tag *l = tag_list_find(list, "l");
	mend_record(author, &mend);
	if (l && l->value.len == 0)
		check_good(check, "bimi.logo", author, "l= is empty: the domain does not want one");
	else if (!l)
		check_bad(check, "bimi.logo", author, check_text(check, &mend), "no l=");
	else
		check_that(check, is_logo(l->value), "bimi.logo", author, check_text(check, &mend), "l=%.*s%s",
			   SPAN_ARG(l->value), is_logo(l->value) ? "" : ": no SVG file by https");
}

static void check_bimi_report(struct check *check, const char *author, const char *name,
			      const struct dns_answer *answer)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(TXT_MAX), mend = BUF_INIT(MEND_MAX);
	struct tag_list list;
	char words[WORDS_MAX];
	size_t count = record_find(answer, "v=BIMI1", &text);
	check_buf(check, &text);
	mend_record(author, &mend);
	if (answer->state != DNS_ANSWERED) {
		dns_answer_words(answer, words, sizeof(words));
		check_open(check, "bimi.record", author, "%s: %s", name, words);
		check_open(check, "bimi.logo", author, "%s: %s", name, words);
	} else if (count != 1) {
		check_bad(check, "bimi.record", author, check_text(check, &mend),
			  count ? "%s has %zu BIMI records" : "%s has no BIMI record", name, count);
	} else if (!tag_list_parse(&list, buf_span(&text))) {
		check_bad(check, "bimi.record", author, check_text(check, &mend), "%s: %s", list.problem,
			  check_text(check, &text));
	} else {
		check_good(check, "bimi.record", author, "%s: %s", name, check_text(check, &text));
		check_logo(check, author, &list);
	}
}

void check_bimi(struct check *check, void *argument)
{
	char author[DNS_NAME_TEXT_MAX], names[PLACES][NAME_MAX];
	struct dns_answer answers[PLACES] = { 0 };
	_cleanup_(buf_fini) struct buf text = BUF_INIT(TXT_MAX);
	const char *org = orgdomain_by_suffix(author_domain(check_params(check), author));
	size_t count = org && strcmp(org, author) != 0 ? PLACES : 1;
	snprintf(names[0], sizeof(names[0]), "default._bimi.%s", author);
	snprintf(names[1], sizeof(names[1]), "default._bimi.%s", org ? org : author);
	const struct dns_question questions[PLACES] = { { names[0], DNS_TXT }, { names[1], DNS_TXT } };
	if (check_ask(check, questions, count, answers) < 0)
		return;
	/* The organisation's counts where the domain has none of its own. */
	bool own = count == 1 || answers[0].state != DNS_ANSWERED || record_find(&answers[0], "v=BIMI1", &text) > 0;
	check_buf(check, &text);
	check_bimi_report(check, author, names[own ? 0 : 1], &answers[own ? 0 : 1]);
	for (size_t i = 0; i < count; i++)
		dns_answer_fini(&answers[i]);
}
