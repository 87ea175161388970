/* JSON values. Must never make a text that is not UTF-8. */
#include "harness/report/json_writer.h"

#include "harness/base/clock.h"
#include "harness/base/text.h"

void writer_put(struct writer *w, json_t *to, const char *key, json_t *value)
{
	if ((key ? json_object_set_new(to, key, value) : json_array_append_new(to, value)) < 0)
		w->failed = true;
}

json_t *writer_text(const char *string)
{
	if (!string)
		return json_null();
	struct span s = span_of(string);
	/* An octet becomes at most the four of \xNN. */
	_cleanup_(buf_fini) struct buf b = BUF_INIT(4 * s.len);
	if (text_add_escaped(&b, s) < 0)
		return NULL;
	return json_stringn(buf_str(&b), b.len);
}

json_t *writer_word(const char *string)
{
	return string && *string ? writer_text(string) : json_null();
}

json_t *writer_time(int64_t ms)
{
	char out[TIME_TEXT_MAX];
	return ms ? json_string(time_rfc3339(ms, out)) : json_null();
}

json_t *writer_integer(bool there, int64_t value)
{
	return there ? json_integer(value) : json_null();
}

static int add_chunk(const char *chunk, size_t len, void *out)
{
	return buf_add(out, chunk, len);
}

int writer_end(struct writer *w, json_t *root, const char *what, struct buf *out, struct error *err)
{
	if (!w->failed && json_dump_callback(root, add_chunk, out, JSON_INDENT(2) | JSON_ENCODE_ANY) < 0 &&
	    !out->failed)
		w->failed = true;
	json_decref(root);
	buf_add_char(out, '\n');
	return w->failed ? error_memory(err) : buf_check(out, what, err);
}
