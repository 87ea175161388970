/* The parser of DMARC policy records: a list of `tag=value`, and a table of what each value may be. A tag that is not
 * valid counts as absent and is noted; it never spoils the others. */
#include "harness/auth/dmarc_record.h"

#include <stdlib.h>

#include "harness/auth/dmarc_uri.h"
#include "harness/base/compiler.h"
#include "harness/base/vec.h"

enum { INTERVAL_DEFAULT = 86400, SEEN_P = 1 /* p is the first row of `tags` */ };

struct parser {
	struct dmarc_record *record;
	enum dmarc_standard standard;
	struct span text;
	unsigned seen;       /* bits of the rows of `tags` */
	bool broken_request; /* sp or np is not valid */
	size_t uri_cap;
	struct error *err;
};

static bool is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

static struct span trim_wsp(struct span s)
{
	while (s.len > 0 && is_wsp(s.p[0]))
		s = span_sub(s, 1, SIZE_MAX);
	while (s.len > 0 && is_wsp(s.p[s.len - 1]))
		s.len--;
	return s;
}

static void dmarc_record_note(struct parser *p, struct span part, struct span tag, const char *what)
{
	struct dmarc_record *r = p->record;
	if (r->problem_count < DMARC_PROBLEMS_MAX)
		r->problems[r->problem_count++] = (struct dmarc_problem){ .offset = (size_t)(part.p - p->text.p),
									  .tag = tag,
									  .what = what,
									  .section = p->standard == DMARC_RFC9989
											 ? "RFC 9989 section 4.7"
											 : "RFC 7489 section 6.3" };
}

static int index_of(struct span value, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_is_nocase(value, words[i]))
			return (int)i;
	return -1;
}

static bool read_request(struct span value, enum dmarc_policy *ret)
{
	static const char *const words[] = { "none", "quarantine", "reject" };
	int i = index_of(value, words, ARRAY_LEN(words));
	if (i >= 0)
		*ret = DMARC_POLICY_NONE + (enum dmarc_policy)i;
	return i >= 0;
}

/* Each reads one value: 1 valid, 0 not, -1 memory. */
static int read_p(struct parser *p, struct span value)
{
	return read_request(value, &p->record->p);
}

static int read_sp(struct parser *p, struct span value)
{
	bool valid = read_request(value, &p->record->sp);
	p->broken_request |= !valid;
	return valid;
}

static int read_np(struct parser *p, struct span value)
{
	bool valid = read_request(value, &p->record->np);
	p->broken_request |= !valid;
	return valid;
}

static int read_mode(struct span value, bool *ret)
{
	*ret = span_is_nocase(value, "s");
	return *ret || span_is_nocase(value, "r");
}

static int read_adkim(struct parser *p, struct span value)
{
	return read_mode(value, &p->record->strict_dkim);
}

static int read_aspf(struct parser *p, struct span value)
{
	return read_mode(value, &p->record->strict_spf);
}

static int read_t(struct parser *p, struct span value)
{
	p->record->testing = span_is_nocase(value, "y");
	return p->record->testing || span_is_nocase(value, "n");
}

static int read_psd(struct parser *p, struct span value)
{
	static const char *const words[] = { "u", "y", "n" };
	int i = index_of(value, words, ARRAY_LEN(words));
	if (i >= 0)
		p->record->psd = (enum dmarc_psd)i;
	return i >= 0;
}

static int read_pct(struct parser *p, struct span value)
{
	uint64_t number = 0;
	if (value.len > 3 || !span_to_u64(value, 100, &number))
		return 0;
	p->record->pct = (unsigned)number;
	return 1;
}

static int read_ri(struct parser *p, struct span value)
{
	uint64_t number = 0;
	if (!span_to_u64(value, UINT32_MAX, &number))
		return 0;
	p->record->interval = (uint32_t)number;
	return 1;
}

/* RFC 7489 lets every list be written; RFC 9989 each word once, and not both 0 and 1. */
static int read_fo(struct parser *p, struct span value)
{
	static const char *const words[] = { "0", "1", "d", "s" };
	unsigned options = 0;
	struct span word;
	while (span_next(&value, ':', &word)) {
		int i = index_of(trim_wsp(word), words, ARRAY_LEN(words));
		if (i < 0 || (p->standard == DMARC_RFC9989 && options & 1u << i))
			return 0;
		options |= 1u << i;
	}
	if (p->standard == DMARC_RFC9989 && options & DMARC_FO_0 && options & DMARC_FO_1)
		return 0;
	p->record->failure_options = options;
	return 1;
}

/* A Keyword is an Ldh-str (RFC 5321 section 4.1.2). */
static bool is_keyword(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '-')
			return false;
	return s.len > 0 && s.p[s.len - 1] != '-';
}

static int read_rf(struct parser *p, struct span value)
{
	struct span rest = value, word;
	while (span_next(&rest, ':', &word))
		if (!is_keyword(trim_wsp(word)))
			return 0;
	p->record->formats = value;
	return 1;
}

static int read_uris(struct parser *p, struct span value, bool failure)
{
	struct dmarc_record *r = p->record;
	struct span part;
	bool valid = true;
	while (span_next(&value, ',', &part)) {
		struct dmarc_uri uri = { .failure = failure };
		if (!dmarc_uri_parse(trim_wsp(part), &uri)) {
			valid = false;
			continue;
		}
		if (r->uri_count == DMARC_URIS_MAX) {
			r->uris_cut = true;
			break;
		}
		if (vec_grow(&r->uris, r->uri_count, &p->uri_cap, sizeof(*r->uris), p->err) < 0)
			return -1;
		r->uris[r->uri_count++] = uri;
	}
	return valid;
}

static int read_rua(struct parser *p, struct span value)
{
	return read_uris(p, value, false);
}

static int read_ruf(struct parser *p, struct span value)
{
	return read_uris(p, value, true);
}

enum { IN_7489 = 1, IN_9989 = 2, IN_BOTH = IN_7489 | IN_9989 };

static const struct {
	const char *name;
	int (*read)(struct parser *p, struct span value);
	int standards;
	const char *wanted;
} tags[] = {
	{ "p", read_p, IN_BOTH, "the value is not none, quarantine or reject" },
	{ "sp", read_sp, IN_BOTH, "the value is not none, quarantine or reject" },
	{ "np", read_np, IN_9989, "the value is not none, quarantine or reject" },
	{ "adkim", read_adkim, IN_BOTH, "the value is not r or s" },
	{ "aspf", read_aspf, IN_BOTH, "the value is not r or s" },
	{ "rua", read_rua, IN_BOTH, "not every address is a valid URI" },
	{ "ruf", read_ruf, IN_BOTH, "not every address is a valid URI" },
	{ "fo", read_fo, IN_BOTH, "the value is no list of 0, 1, d and s" },
	{ "psd", read_psd, IN_9989, "the value is not y, n or u" },
	{ "t", read_t, IN_9989, "the value is not y or n" },
	{ "pct", read_pct, IN_7489, "the value is no number from 0 to 100" },
	{ "ri", read_ri, IN_7489, "the value is no number of seconds" },
	{ "rf", read_rf, IN_7489, "the value is no list of formats" },
};

/* One `tag=value`, the first of which (behind `v`) is number 0. Unknown tags are passed over. */
static int read_tag(struct parser *p, struct span part, size_t number)
{
	ptrdiff_t equals = span_find_char(part, '=', 0);
	if (equals < 0) {
		dmarc_record_note(p, part, span_sub(part, 0, 0),
				  part.len == 0 ? "a tag is empty" : "a tag has no value");
		return 0;
	}
	struct span name = trim_wsp(span_sub(part, 0, (size_t)equals));
	struct span value = trim_wsp(span_sub(part, (size_t)equals + 1, SIZE_MAX));
	int standard = p->standard == DMARC_RFC9989 ? IN_9989 : IN_7489;
	for (unsigned i = 0; i < ARRAY_LEN(tags); i++) {
		if (!span_is_nocase(name, tags[i].name) || !(tags[i].standards & standard))
			continue;
		if (p->seen & 1u << i) {
			dmarc_record_note(p, part, name, "the tag stands there twice, the first counts");
			return 0;
		}
		p->seen |= 1u << i;
		if (tags[i].read == read_p && number > 0 && p->standard == DMARC_RFC7489)
			dmarc_record_note(p, part, name, "the tag does not stand directly behind v");
		int valid = tags[i].read(p, value);
		if (valid == 0)
			dmarc_record_note(p, part, name, tags[i].wanted);
		return valid < 0 ? -1 : 0;
	}
	return 0;
}

/* Cuts `v=DMARC1` and its semicolon off. False where the text does not begin so. */
static bool read_version(struct span *rest, bool *ret_separated)
{
	struct span version = { NULL, 0 }, s = *rest;
	span_next(&s, ';', &version);
	ptrdiff_t equals = span_find_char(version, '=', 0);
	if (equals < 1 || is_wsp(version.p[0]) ||
	    !span_is_nocase(trim_wsp(span_sub(version, 0, (size_t)equals)), "v") ||
	    !span_is(trim_wsp(span_sub(version, (size_t)equals + 1, SIZE_MAX)), "DMARC1"))
		return false;
	*ret_separated = s.p != NULL;
	*rest = s;
	return true;
}

static void settle_policy(struct parser *p)
{
	struct dmarc_record *r = p->record;
	bool has_rua = false;
	for (size_t i = 0; i < r->uri_count; i++)
		has_rua |= !r->uris[i].failure;
	if (p->standard == DMARC_RFC7489 && !(p->seen & SEEN_P))
		dmarc_record_note(p, p->text, span_sub(p->text, 0, 0), "there is no p");
	r->usable = true;
	if (r->p != DMARC_POLICY_ABSENT && !p->broken_request)
		return;
	r->usable = r->p_assumed = has_rua;
	r->p = has_rua ? DMARC_POLICY_NONE : DMARC_POLICY_ABSENT;
	r->sp = r->np = DMARC_POLICY_ABSENT;
}

int dmarc_record_parse(struct span text, enum dmarc_standard standard, struct dmarc_record *ret, struct error *err)
{
	struct dmarc_record record = {
		.pct = 100, .interval = INTERVAL_DEFAULT, .formats = SPAN_LIT("afrf"), .failure_options = DMARC_FO_0
	};
	struct parser p = { .record = &record, .standard = standard, .text = text, .err = err };
	struct span rest = text, part;
	bool separated = false;
	if (!read_version(&rest, &separated))
		return 0;
	if (!separated && standard == DMARC_RFC7489)
		dmarc_record_note(&p, text, span_sub(text, 0, 1), "there is no semicolon behind the version");
	for (size_t number = 0; span_next(&rest, ';', &part); number++) {
		part = trim_wsp(part);
		if (part.len == 0 && !rest.p)
			break; /* the last semicolon may end the record */
		if (read_tag(&p, part, number) < 0) {
			dmarc_record_fini(&record);
			return -1;
		}
	}
	settle_policy(&p);
	*ret = record;
	return 1;
}

void dmarc_record_fini(struct dmarc_record *record)
{
	if (!record)
		return;
	free(record->uris);
	*record = (struct dmarc_record){ 0 };
}
