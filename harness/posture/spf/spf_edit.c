/* Records put together anew, term by term. */
#include "harness/posture/spf/spf_edit.h"

#include <string.h>

#include "harness/posture/engine/publish.h"

enum { ADDED_MAX = 20 /* addresses: more do not fit into a record that anybody wants */ };

static bool is_named(struct span record, const struct ip *ip)
{
	struct spf_reader reader = spf_reader_start(record);
	struct spf_term term;
	bool all_seen = false;
	while (spf_tree_term(&reader, &all_seen, &term))
		if ((term.kind == SPF_IP4 || term.kind == SPF_IP6) && term.qualifier == AUTH_PASS &&
		    ip_in_prefix(ip, &term.network, ip->v6 ? term.bits6 : term.bits4))
			return true;
	return false;
}

static void add_senders(struct span record, const struct spf_edit *edit, struct buf *out)
{
	char text[IP_TEXT_MAX];
	for (size_t i = 0; i < edit->sender_count && i < ADDED_MAX; i++) {
		const struct ip *ip = &edit->senders[i].ip;
		if (!is_named(record, ip))
			buf_addf(out, " %s:%s", ip->v6 ? "ip6" : "ip4", ip_format(ip, text));
	}
}

static bool is_left_out(const struct spf_term *term, const struct spf_edit *edit)
{
	for (size_t i = 0; i < edit->without_count; i++)
		if (span_is(term->text, edit->without[i]))
			return true;
	return edit->without_ptr && term->kind == SPF_PTR;
}

void spf_edit(struct span record, const struct spf_edit *edit, struct buf *out)
{
	struct spf_reader reader = spf_reader_start(record);
	struct spf_term term;
	struct span all = span_of(edit->all), redirect = { NULL, 0 };
	_cleanup_(buf_fini) struct buf modifiers = BUF_INIT(record.len + 1);
	bool all_seen = false;
	buf_add_str(out, "v=spf1");
	while (spf_tree_term(&reader, &all_seen, &term)) {
		if (is_left_out(&term, edit))
			continue;
		if (term.kind == SPF_ALL) {
			all = edit->all ? all : term.text;
		} else if (term.kind == SPF_REDIRECT) {
			redirect = term.text;
		} else {
			struct buf *to = term.kind > SPF_REDIRECT ? &modifiers : out;
			buf_addf(to, " %.*s", SPAN_ARG(term.text));
		}
	}
	add_senders(record, edit, out);
	if (all.len == 0)
		all = redirect.len ? redirect : SPAN_LIT("~all");
	buf_addf(out, " %.*s", SPAN_ARG(all));
	buf_add_buf(out, &modifiers);
}

void spf_edit_new(const struct posture_params *params, struct buf *out)
{
	const struct spf_edit edit = { .senders = params->senders, .sender_count = params->sender_count };
	spf_edit(params->sender_count ? SPAN_LIT("v=spf1") : SPAN_LIT("v=spf1 mx"), &edit, out);
}

void spf_mend_edit(struct buf *mend, const char *words, const struct spf_node *node, const struct spf_edit *edit)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(SPF_WORDS_MAX);
	spf_edit(span_make(node->record, node->record_len), edit, &text);
	buf_addf(mend, "%s: ", words);
	publish_buf(mend, node->name, &text);
}
