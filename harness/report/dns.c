/* Changes of the DNS as text and JSON. */
#include "harness/report/dns.h"

#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/utf8.h"
#include "harness/report/json_writer.h"
#include "harness/report/style.h"

enum { SERVER_COLUMNS_MIN = 20, SERVER_COLUMNS_MAX = 60 };

/* --- what changed ----------------------------------------------------------------------------------------------- */

static void add_preflight(struct buf *out, const char *word, const struct run_summary *run, int64_t now_ms)
{
	char time[TIME_TEXT_MAX];
	buf_addf(out, "%s ", word);
	if (run)
		style_add_run(out, run);
	else
		buf_addf(out, "the DNS of %s\n", time_rfc3339(now_ms, time));
}

static bool is_same_question(const struct dns_change *a, const struct dns_change *b)
{
	return a->type == b->type && strcmp(a->name, b->name) == 0 && strcmp(a->subject, b->subject) == 0;
}

int report_dns_diff_text(const struct dns_diff_report *report, struct buf *out, struct error *err)
{
	char type[DNS_TYPE_TEXT_MAX];
	size_t open = 0;
	buf_addf(out, "%s\n", report->domain);
	add_preflight(out, "  from", report->older, report->now_ms);
	add_preflight(out, "  to  ", report->newer, report->now_ms);
	for (size_t i = 0; i < report->changes->count; i++) {
		const struct dns_change *c = &report->changes->v[i];
		if (i == 0 || !is_same_question(c - 1, c))
			buf_addf(out, "\n%s: %s %s\n", c->subject, c->name, dns_type_name(c->type, type));
		buf_addf(out, "  %s\n", c->what);
		open += c->open;
	}
	buf_addf(out, "\n%zu change%s", report->changes->count - open, report->changes->count - open == 1 ? "" : "s");
	buf_addf(out, open ? ", %zu not known\n" : "\n", open);
	return buf_check(out, "the changes", err);
}

static json_t *snapshot_json(struct writer *w, const struct run_summary *run, int64_t now_ms)
{
	json_t *snapshot = json_object();
	writer_put(w, snapshot, "run", writer_integer(run != NULL, run ? run->id : 0));
	writer_put(w, snapshot, "at", writer_time(run ? run->created_ms : now_ms));
	return snapshot;
}

static json_t *change_json(struct writer *w, const struct dns_change *c)
{
	char type[DNS_TYPE_TEXT_MAX];
	json_t *change = json_object();
	writer_put(w, change, "subject", writer_text(c->subject));
	writer_put(w, change, "name", writer_text(c->name));
	writer_put(w, change, "type", writer_text(dns_type_name(c->type, type)));
	writer_put(w, change, "what", writer_text(c->what));
	writer_put(w, change, "known", json_boolean(!c->open));
	return change;
}

int report_dns_diff_json(const struct dns_diff_report *report, struct buf *out, struct error *err)
{
	struct writer w = { .failed = false };
	json_t *root = json_object(), *changes = json_array();
	writer_put(&w, root, "schema", json_integer(DNS_DIFF_SCHEMA));
	writer_put(&w, root, "domain", writer_text(report->domain));
	writer_put(&w, root, "from", snapshot_json(&w, report->older, report->now_ms));
	writer_put(&w, root, "to", snapshot_json(&w, report->newer, report->now_ms));
	for (size_t i = 0; i < report->changes->count; i++)
		writer_put(&w, changes, NULL, change_json(&w, &report->changes->v[i]));
	writer_put(&w, root, "changes", changes);
	return writer_end(&w, root, "the changes", out, err);
}

/* --- who sees it ------------------------------------------------------------------------------------------------ */

void report_visibility_sentence(const struct visibility *v, struct buf *out)
{
	char time[TIME_TEXT_MAX], left[TIME_TEXT_MAX];
	if (v->rerun_ms == 0 && v->kept_until_ms > v->at_ms)
		buf_addf(
		    out,
		    "Not yet: not every authoritative server gives the new answer, and caches may keep the old one "
		    "until %s at least.",
		    time_rfc3339(v->kept_until_ms, time));
	else if (v->rerun_ms == 0)
		buf_add_str(out, "Not yet: not every authoritative server gives the new answer.");
	else if (v->rerun_ms > v->at_ms)
		buf_addf(out, "A rerun means something from %s, in %s: until then a cache may have the old answer.",
			 time_rfc3339(v->rerun_ms, time), duration_words(v->rerun_ms - v->at_ms, left));
	else if (v->visible)
		buf_add_str(out, "A rerun means something now.");
	else
		buf_add_str(out, "Not yet: not every resolver gives the new answer.");
	if (v->policy_changed)
		buf_add_str(out, " The MTA-STS policy changed: who has the old one may keep to it for its max_age");
	if (v->policy_changed && v->policy_age_s > 0)
		buf_addf(out, ", which is %lld s in the policy that is served now", (long long)v->policy_age_s);
	buf_add_str(out, v->policy_changed ? "." : "");
}

static size_t server_columns(const struct visibility *v)
{
	size_t columns = SERVER_COLUMNS_MIN;
	for (size_t i = 0; i < v->count; i++) {
		size_t wide = utf8_columns(span_of(v->rows[i].server));
		columns = wide > columns ? wide : columns;
	}
	return columns < SERVER_COLUMNS_MAX ? columns : SERVER_COLUMNS_MAX;
}

int report_visibility_text(const struct visibility *v, struct buf *out, struct error *err)
{
	static const char *const words[] = { "new", "old", "no answer", "cannot be asked from here" };
	const int columns = (int)server_columns(v);
	for (size_t i = 0; i < v->count; i++) {
		const struct visibility_row *row = &v->rows[i];
		char left[TIME_TEXT_MAX];
		buf_addf(out, "  %-13s  %-*s  %s", row->authoritative ? "authoritative" : "resolver", columns,
			 row->server, words[row->state]);
		if (row->left_s > 0)
			buf_addf(out, ", for %s more", duration_words(row->left_s * 1000, left));
		style_add(out, "  ", row->detail, "");
		buf_add_char(out, '\n');
	}
	return buf_check(out, "the servers", err);
}

static json_t *row_json(struct writer *w, const struct visibility_row *row)
{
	json_t *server = json_object();
	writer_put(w, server, "server", writer_text(row->server));
	writer_put(w, server, "authoritative", json_boolean(row->authoritative));
	writer_put(w, server, "state", writer_text(visibility_state_name(row->state)));
	writer_put(w, server, "left_s", writer_integer(row->left_s > 0, row->left_s));
	writer_put(w, server, "detail", writer_word(row->detail));
	return server;
}

int report_visibility_json(const struct visibility *v, struct buf *out, struct error *err)
{
	struct writer w = { .failed = false };
	json_t *root = json_object(), *servers = json_array();
	writer_put(&w, root, "schema", json_integer(DNS_WAIT_SCHEMA));
	writer_put(&w, root, "at", writer_time(v->at_ms));
	writer_put(&w, root, "questions", json_integer((json_int_t)v->questions));
	writer_put(&w, root, "visible", json_boolean(v->visible));
	writer_put(&w, root, "kept_until", writer_time(v->kept_until_ms));
	writer_put(&w, root, "rerun_at", writer_time(v->rerun_ms));
	writer_put(&w, root, "policy_changed", json_boolean(v->policy_changed));
	writer_put(&w, root, "policy_age_s", writer_integer(v->policy_age_s > 0, v->policy_age_s));
	for (size_t i = 0; i < v->count; i++)
		writer_put(&w, servers, NULL, row_json(&w, &v->rows[i]));
	writer_put(&w, root, "servers", servers);
	return writer_end(&w, root, "the servers", out, err);
}
