/* The shared parts of verification. A sender chooses names and number of fields and of what h= lists, so fields are
 * found by binary search: the work stays within n log n. */
#include "harness/auth/dkim_message.h"

#include <stdlib.h>
#include <string.h>

#include "harness/auth/dkim_canon.h"

static int compare_names(struct span a, struct span b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	for (size_t i = 0; i < a.len; i++) {
		int order = (unsigned char)ascii_lower(a.p[i]) - (unsigned char)ascii_lower(b.p[i]);
		if (order)
			return order;
	}
	return 0;
}

static int compare_fields(const void *a, const void *b)
{
	const struct header_field *x = *(const struct header_field *const *)a;
	const struct header_field *y = *(const struct header_field *const *)b;
	int order = compare_names(x->name, y->name);
	if (order)
		return order;
	return x > y ? -1 : x < y;
}

int dkim_message_init(struct dkim_message *m, const struct auth_message *message, struct dkim_keys *keys,
		      struct error *err)
{
	const struct header *h = message->header;
	m->message = message;
	m->body_count = 0;
	m->explained = 0;
	m->own_keys = NULL;
	m->by_name = calloc(h->count + 1, sizeof(const struct header_field *));
	m->taken = calloc(h->count + 1, sizeof(*m->taken));
	if (!m->by_name || !m->taken || (!keys && dkim_keys_new(&m->own_keys, err) < 0)) {
		dkim_message_fini(m);
		return error_memory(err);
	}
	m->keys = keys ? keys : m->own_keys;
	m->hash = dkim_keys_hash(m->keys);
	for (size_t i = 0; i < h->count; i++)
		m->by_name[i] = &h->fields[i];
	qsort(m->by_name, h->count, sizeof(const struct header_field *), compare_fields);
	return 0;
}

void dkim_message_fini(struct dkim_message *m)
{
	free(m->by_name);
	free(m->taken);
	dkim_keys_free(m->own_keys);
	m->by_name = NULL;
	m->taken = NULL;
	m->own_keys = NULL;
}

/* Index of the first of that name, or of where it would stand. */
static size_t find_name(const struct dkim_message *m, struct span name)
{
	size_t low = 0, high = m->message->header->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_names(m->by_name[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_named(const struct dkim_message *m, size_t i, struct span name)
{
	return i < m->message->header->count && span_eq_nocase(m->by_name[i]->name, name);
}

/* The next of that name which this signature has not taken, or NULL. A signature never signs its own field by h=. */
static const struct header_field *dkim_message_take(struct dkim_message *m, struct span name,
						    const struct header_field *self)
{
	size_t first = find_name(m, name);
	const struct header_field *taken = NULL;
	while (is_named(m, first, name) && is_named(m, first + m->taken[first], name) && (!taken || taken == self))
		taken = m->by_name[first + m->taken[first]++];
	return taken == self ? NULL : taken;
}

int dkim_message_header(struct dkim_message *m, const struct dkim_field *f, enum dkim_canon canon,
			unsigned char out[DKIM_DIGEST_LEN], struct error *err)
{
	struct span rest = f->h, name;
	memset(m->taken, 0, m->message->header->count * sizeof(*m->taken));
	dkim_hash_start(m->hash, UINT64_MAX);
	while (tag_next_part(&rest, &name)) {
		const struct header_field *field = dkim_message_take(m, name, f->field);
		if (field)
			dkim_canon_field(m->hash, canon, field);
	}
	dkim_canon_signature(m->hash, canon, f->field, f->cut);
	return dkim_hash_finish(m->hash, out, err);
}

static int hash_body(struct dkim_message *m, struct dkim_body *body, struct error *err)
{
	struct span octets = m->message->body;
	uint64_t limit = body->length < 0 ? UINT64_MAX : (uint64_t)body->length;
	dkim_hash_start(m->hash, limit);
	if (m->message->truncated) {
		/* Whatever follows, this much of the canonical form is certain: a CR at the cut may be half a line
		 * end. */
		if (octets.len > 0 && octets.p[octets.len - 1] == '\r')
			octets.len--;
		dkim_canon_lines(m->hash, body->canon, dkim_canon_trim(body->canon, octets));
		body->known = m->hash->octets == limit;
	} else {
		dkim_canon_body(m->hash, body->canon, octets);
		body->known = true;
	}
	body->goes_on = m->hash->cut;
	body->octets = m->hash->octets;
	body->too_short = body->known && body->length >= 0 && m->hash->octets < limit;
	return dkim_hash_finish(m->hash, body->digest, err);
}

int dkim_message_body(struct dkim_message *m, enum dkim_canon canon, int64_t length, struct dkim_body *ret,
		      struct error *err)
{
	for (size_t i = 0; i < m->body_count; i++)
		if (m->bodies[i].canon == canon && m->bodies[i].length == length) {
			*ret = m->bodies[i];
			return 0;
		}
	struct dkim_body body = { .canon = canon, .length = length };
	if (hash_body(m, &body, err) < 0)
		return -1;
	if (m->body_count < ARRAY_LEN(m->bodies))
		m->bodies[m->body_count++] = body;
	*ret = body;
	return 0;
}

size_t dkim_message_count(const struct dkim_message *m, const char *name)
{
	size_t first = find_name(m, span_of(name)), count = 0;
	while (is_named(m, first + count, span_of(name)))
		count++;
	return count;
}

size_t dkim_field_takes(const struct dkim_field *f, const char *name)
{
	struct span rest = f->h, part;
	size_t count = 0;
	while (tag_next_part(&rest, &part))
		count += span_is_nocase(part, name);
	return count;
}
