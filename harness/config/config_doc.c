/* The configuration's table for people. Pure. */
#include "harness/config/config_doc.h"

#include <stdio.h>
#include <string.h>

#include "harness/judge/expect.h"

static struct config_doc config_key_doc(const struct setting_key *key)
{
	struct config_doc doc = { .name = key->name,
				  .fallback = key->fallback && *key->fallback ? key->fallback : NULL,
				  .fallback_is = key->fallback_is,
				  .required = key->required,
				  .help = key->help };
	setting_accepts(key, doc.accepts);
	return doc;
}

static struct config_doc expect_doc(enum expect_key key)
{
	struct config_doc doc = { .name = expect_key_name(key),
				  .fallback = expect_key_default(key),
				  .help = expect_key_help(key) };
	snprintf(doc.accepts, sizeof(doc.accepts), "%s", expect_key_words(key));
	return doc;
}

size_t config_docs(enum config_section_kind kind, struct config_doc *docs)
{
	size_t n = 0;
	for (const struct config_part *part = config_sections[kind].parts; part->table; part++)
		for (size_t i = 0; i < part->table->count && n < CONFIG_KEYS_MAX; i++)
			docs[n++] = config_key_doc(&part->table->keys[i]);
	if (kind == SECTION_MESSAGE)
		docs[n++] =
		    (struct config_doc){ .name = "var.NAME",
					 .accepts = "text",
					 .fallback_is = "no variable of that name",
					 .help = "What {{NAME}} stands for in the template. Any number of these." };
	for (int key = 0; kind == SECTION_EXPECT && key < EXPECT_KEY_COUNT; key++)
		docs[n++] = expect_doc((enum expect_key)key);
	return n;
}

size_t config_key_names(enum config_section_kind kind, const char *names[CONFIG_KEYS_MAX])
{
	struct config_doc docs[CONFIG_KEYS_MAX];
	size_t count = config_docs(kind, docs);
	for (size_t i = 0; i < count; i++)
		names[i] = docs[i].name;
	return count;
}

/* Prints words with the given indentation, broken before column 100. */
static void print_wrapped(FILE *out, const char *text, unsigned indent)
{
	struct span rest = span_of(text), word;
	size_t column = 0;
	while (span_next(&rest, ' ', &word)) {
		if (column == 0 || column + 1 + word.len > 100) {
			fprintf(out, "%s%*s", column ? "\n" : "", (int)indent, "");
			column = indent;
		} else {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", SPAN_ARG(word));
		column += word.len;
	}
	fputc('\n', out);
}

void config_print_help(FILE *out)
{
	for (int kind = 0; kind < SECTION_COUNT; kind++) {
		struct config_doc docs[CONFIG_KEYS_MAX];
		size_t count = config_docs((enum config_section_kind)kind, docs);
		fprintf(out, "%s[%s]\n", kind ? "\n" : "", config_sections[kind].title);
		print_wrapped(out, config_sections[kind].help, 4);
		for (size_t i = 0; i < count; i++) {
			const struct config_doc *d = &docs[i];
			const char *otherwise = d->fallback ? d->fallback : d->fallback_is;
			fprintf(out, "\n  %s = %s\n", d->name, d->accepts);
			print_wrapped(out, d->help, 6);
			if (d->required)
				fprintf(out, "      required\n");
			else if (otherwise)
				fprintf(out, "      default: %s\n", otherwise);
		}
	}
}
