/* What comes back to an envelope sender: dsn.json and its messages, through the bounce mailbox's reader into a store.
 */
#include <string.h>

#include "harness/base/file.h"
#include "harness/watch/notices.h"
#include "tests/unit/run_bench.h"
#include "tests/unit/suites.h"

enum { FIELD_OCTETS_MAX = 4 * 1024 * 1024, FIELD_PATH_MAX = 1024 };

static const char *text_of(json_t *row, const char *key)
{
	return json_string_value(json_object_get(row, key));
}

static void add_repeated(json_t *repeat, struct buf *out)
{
	const char *line = text_of(repeat, "line"), *text = text_of(repeat, "text");
	json_int_t times = json_integer_value(json_object_get(repeat, "times"));
	for (json_int_t i = 0; i < times; i++) {
		buf_add_str(out, line ? line : text);
		buf_add_str(out, line && i + 1 < times ? "\n" : "");
	}
}

/* The message with what stands for its placeholders. */
static void fill(struct span text, const char *tag, json_t *repeat, struct buf *out)
{
	static const struct span names[] = { SPAN_LIT("@TAG@"), SPAN_LIT("@TAG-UPPER@"), SPAN_LIT("@REPEAT@") };
	for (size_t i = 0; i < text.len;) {
		struct span rest = span_sub(text, i, SIZE_MAX);
		size_t which = 0;
		while (which < 3 && !span_starts(rest, names[which]))
			which++;
		if (which == 3) {
			buf_add_char(out, text.p[i++]);
			continue;
		}
		i += names[which].len;
		if (which == 2)
			add_repeated(repeat, out);
		for (const char *p = tag; which < 2 && *p; p++)
			buf_add_char(out, which == 1 && *p >= 'a' ? (char)(*p - 'a' + 'A') : *p);
	}
}

static const char *outcome_of(const struct probe *p)
{
	const char *action = p->bounce_count ? p->bounces[0].action : "";
	return strcmp(action, "failed") == 0 ? "bounced" : strcmp(action, "delayed") == 0 ? "deferred" : "none";
}

static bool fits(json_t *row, const struct probe *p)
{
	const char *reason = text_of(row, "reason");
	json_t *status = json_object_get(row, "status");
	const struct bounce none = { 0 }, *b = p->bounce_count ? &p->bounces[0] : &none;
	bool right = suite_is_any(json_object_get(row, "outcome"), outcome_of(p)) &&
		     (!json_is_string(status) || suite_is_any(status, b->status ? b->status : "")) &&
		     (!reason || (b->diagnostic && strstr(b->diagnostic, reason)));
	if (!right)
		printf("wrong: %s: %s %s %s\n", text_of(row, "file"), outcome_of(p), b->status ? b->status : "",
		       b->diagnostic ? b->diagnostic : "");
	return right;
}

static bool is_right(const struct suite *suite, json_t *row)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(FIELD_OCTETS_MAX), message = BUF_INIT(FIELD_OCTETS_MAX);
	struct error err = ERROR_INIT;
	struct run_bench bench;
	char path[FIELD_PATH_MAX];
	snprintf(path, sizeof(path), "%s/%s", suite->folder, text_of(row, "file"));
	if (file_read(path, &text, &err) < 0) {
		printf("wrong: %s\n", err.text);
		return false;
	}
	bench_start(&bench, &(struct run_bench_seed){ .port = 1 }, 1, 0);
	fill(buf_span(&text), bench.facts.probes[0].tag, json_object_get(row, "repeat"), &message);
	bool kept = notice_keep(bench.ledger, buf_span(&message), 1, &err) == 0;
	bench_reload(&bench);
	bool right = kept && fits(row, &bench.facts.probes[0]);
	bench_end(&bench);
	return right;
}

void field_dsn(struct suite *suite)
{
	json_t *rows = suite_load(suite, "dsn.json"), *row;
	size_t i;
	json_array_foreach(rows, i, row) suite_count(suite, is_right(suite, row), NULL);
	json_decref(rows);
}
