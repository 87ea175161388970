/* Text for people, made of octets of strangers. Pure. */
#include "harness/base/text.h"

#include <stdlib.h>

#include "harness/base/escape.h"

int text_add_escaped(struct buf *b, struct span s)
{
	char room[ESCAPE_MAX];
	while (s.len > 0)
		if (buf_add_span(b, escape_next(&s, room)) < 0)
			return -1;
	return 0;
}

int text_set(char **field, struct span s, struct error *err)
{
	char *old = *field;
	*field = span_dup(s);
	free(old); /* may be what s points into */
	return *field ? 0 : error_memory(err);
}

enum { NEAREST_MAX = 48 };

static size_t edit_distance(struct span a, struct span b)
{
	size_t row[NEAREST_MAX + 1];
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t change = diagonal + (ascii_lower(a.p[i - 1]) != ascii_lower(b.p[j - 1]));
			size_t gap = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
			diagonal = row[j];
			row[j] = change < gap ? change : gap;
		}
	}
	return row[b.len];
}

const char *text_nearest(struct span word, const char *const *names, size_t count)
{
	const char *best = NULL;
	size_t best_distance = word.len / 3 + 2;
	if (word.len > NEAREST_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		struct span name = span_of(names[i]);
		if (name.len > NEAREST_MAX)
			continue;
		size_t distance = edit_distance(word, name);
		if (distance < best_distance && distance < name.len) {
			best_distance = distance;
			best = names[i];
		}
	}
	return best;
}

void hex_encode(const unsigned char *octets, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[octets[i] >> 4];
		out[2 * i + 1] = digits[octets[i] & 15];
	}
	out[2 * len] = '\0';
}
