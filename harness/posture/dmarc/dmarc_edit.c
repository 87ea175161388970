/* Records put together anew, tag by tag. */
#include "harness/posture/dmarc/dmarc_edit.h"

#include "harness/dns/name.h"
#include "harness/posture/engine/publish.h"

/* Cuts the next `name=value` off *rest. */
static bool next_tag(struct span *rest, struct span *ret_name, struct span *ret_value)
{
	struct span part;
	while (span_next(rest, ';', &part)) {
		ptrdiff_t equals = span_find_char(part, '=', 0);
		if (equals < 1)
			continue;
		*ret_name = span_trim(span_sub(part, 0, (size_t)equals));
		*ret_value = span_trim(span_sub(part, (size_t)equals + 1, SIZE_MAX));
		return true;
	}
	return false;
}

static bool has_tag(struct span tags, struct span wanted)
{
	struct span name, value;
	while (next_tag(&tags, &name, &value))
		if (span_eq_nocase(name, wanted))
			return true;
	return false;
}

static const struct dmarc_edit *edit_of(const struct dmarc_edit *edits, size_t count, struct span tag)
{
	for (size_t i = 0; i < count; i++)
		if (span_eq_nocase(edits[i].tag, tag))
			return &edits[i];
	return NULL;
}

static void add_tag(struct buf *out, struct span name, struct span value)
{
	buf_addf(out, "; %.*s=%.*s", SPAN_ARG(name), SPAN_ARG(value));
}

/* The tags that are p, or those that are not. */
static void add_tags(struct span record, bool p, const struct dmarc_edit *edits, size_t count, struct buf *out)
{
	struct span rest = record, name, value;
	while (next_tag(&rest, &name, &value)) {
		const struct dmarc_edit *edit = edit_of(edits, count, name);
		bool again = has_tag(span_make(record.p, (size_t)(name.p - record.p)), name);
		if (span_is_nocase(name, "v") || span_is_nocase(name, "p") != p || again || (edit && !edit->value))
			continue;
		add_tag(out, name, edit ? span_of(edit->value) : value);
	}
	for (size_t i = 0; i < count; i++)
		if (edits[i].value && span_is_nocase(edits[i].tag, "p") == p && !has_tag(record, edits[i].tag))
			add_tag(out, edits[i].tag, span_of(edits[i].value));
}

void dmarc_edit(struct span record, const struct dmarc_edit *edits, size_t count, struct buf *out)
{
	/* A record is as long as its publisher likes; each tag costs a look at those in front of it. */
	struct span tags = span_sub(record, 0, DMARC_EDIT_MAX);
	buf_add_str(out, "v=DMARC1");
	add_tags(tags, true, edits, count, out);
	add_tags(tags, false, edits, count, out);
}

void dmarc_mend_edit(const struct dmarc_reading *found, const char *words, const struct dmarc_edit *edits, size_t count,
		     struct buf *mend)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(DMARC_WORDS_MAX);
	char name[sizeof("_dmarc.") + DNS_NAME_TEXT_MAX];
	dmarc_edit(span_of(found->record), edits, count, &text);
	snprintf(name, sizeof(name), "_dmarc.%s", found->record_domain);
	buf_addf(mend, "%s: ", words);
	publish_buf(mend, name, &text);
}
