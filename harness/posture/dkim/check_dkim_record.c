/* Key records that were published wrongly, read as they were meant, so that one fault is one finding. */
#include "harness/posture/dkim/check_dkim.h"

#include <string.h>

#include "harness/auth/tag_list.h"
#include "harness/dns/rdata.h"
#include "harness/posture/engine/publish.h"

/* Adds the record without what a zone file has around a string and in it. */
static void add_text(struct dkim_posture *posture, const struct dns_record *record)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(DKIM_RECORD_MAX);
	rdata_txt(record, &text, NULL);
	check_buf(posture->check, &text);
	for (size_t i = 0; i < text.len; i++) {
		bool foreign = text.p[i] == '"' || text.p[i] == '\\';
		if (!foreign)
			buf_add_char(&posture->text, text.p[i]);
		posture->pasted |= foreign;
	}
}

static void check_dkim_record_read_key(struct dkim_posture *posture)
{
	struct error err = ERROR_INIT;
	dkim_key_fini(&posture->key);
	check_buf(posture->check, &posture->text);
	if (dkim_key_read(&posture->key, buf_span(&posture->text), &err) < 0)
		check_memory(posture->check);
}

static bool has_tag(const struct dkim_posture *posture, const struct dns_record *record, const char *name)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(DKIM_RECORD_MAX);
	struct tag_list list;
	bool read = rdata_txt(record, &text, NULL);
	check_buf(posture->check, &text);
	if (!read)
		return false;
	tag_list_parse(&list, buf_span(&text));
	return tag_list_find(&list, name);
}

/* Of several records the one that is a key; else that in which the key begins, and the others behind it. */
static void check_dkim_record_choose(struct dkim_posture *posture)
{
	const struct dns_answer *answer = posture->answer;
	size_t first = 0;
	for (size_t i = 0; i < answer->count; i++) {
		buf_clear(&posture->text);
		add_text(posture, &answer->records[i]);
		check_dkim_record_read_key(posture);
		if (!posture->key.problem[0])
			return;
		if (has_tag(posture, &answer->records[i], "p") && has_tag(posture, &answer->records[i], "v"))
			first = i;
	}
	buf_clear(&posture->text);
	add_text(posture, &answer->records[first]);
	for (size_t i = 0; i < answer->count; i++)
		if (i != first)
			add_text(posture, &answer->records[i]);
	check_dkim_record_read_key(posture);
}

void dkim_posture_read(struct dkim_posture *posture, const struct dns_answer *answer)
{
	struct tag_list list;
	buf_init(&posture->text, DKIM_RECORD_MAX);
	posture->answer = answer;
	if (answer->count == 0)
		return;
	check_dkim_record_choose(posture);
	tag_list_parse(&list, buf_span(&posture->text));
	const struct tag *k = tag_list_find(&list, "k");
	posture->unknown_type = k && !span_is_nocase(k->value, "rsa") && !span_is_nocase(k->value, "ed25519");
	span_copy(k ? k->value : SPAN_LIT("rsa"), posture->type, sizeof(posture->type));
}

void dkim_posture_fini(struct dkim_posture *posture)
{
	buf_fini(&posture->text);
	dkim_key_fini(&posture->key);
}

bool dkim_posture_readable(const struct dkim_posture *posture)
{
	return !posture->key.problem[0] || posture->key.bits > 0 || posture->key.revoked || posture->unknown_type;
}

void dkim_posture_template(const struct dkim_posture *posture, struct buf *out)
{
	publish_txt(out, posture->name, SPAN_LIT("v=DKIM1; k=rsa; p=BASE64-OF-THE-PUBLIC-KEY"));
}

static bool is_without(const char *without, struct span name)
{
	struct span rest = span_of(without), part;
	while (span_next(&rest, ',', &part))
		if (span_eq(part, name))
			return true;
	return false;
}

void dkim_posture_publish(const struct dkim_posture *posture, const char *without, struct buf *out)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(DKIM_RECORD_MAX);
	struct tag_list list;
	tag_list_parse(&list, buf_span(&posture->text));
	for (size_t i = 0; i < list.count; i++) {
		const struct tag *tag = &list.tags[i];
		struct span value = tag->value;
		if (is_without(without, tag->name)) {
			if (!span_is(tag->name, "t") || !posture->key.strict)
				continue;
			value = SPAN_LIT("s");
		}
		buf_addf(&text, "%s%.*s=%.*s", text.len ? "; " : "", SPAN_ARG(tag->name), SPAN_ARG(value));
	}
	publish_buf(out, posture->name, &text);
}
