/* The configuration's table for people. Pure. */
#include "harness/config/config_doc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/clock.h"
#include "harness/judge/expect.h"
#include "providers/profile.h"

static void accepts_words(const char *const *words, struct config_doc *doc)
{
	struct buf list = BUF_INIT(CONFIG_ACCEPTS_MAX - 1);
	for (size_t i = 0; words[i]; i++)
		buf_addf(&list, "%s%s", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
	span_copy(buf_span(&list), doc->accepts, sizeof(doc->accepts));
	buf_fini(&list);
}

static void accepts(const struct config_key *key, struct config_doc *doc)
{
	static const char *const texts[] = {
		[CONFIG_TEXT] = "text",
		[CONFIG_FROM] = "a mail address, with a display name or not",
		[CONFIG_SENDER] = "a mail address that may hold {tag}",
		[CONFIG_DOMAIN] = "a domain name",
		[CONFIG_HOST] = "a domain name or an IP address",
		[CONFIG_SERVERS] = "IP addresses, separated by commas",
		[CONFIG_URL] = "smtp://HOST[:PORT] or smtps://HOST[:PORT]",
		[CONFIG_HTTP] = "http://HOST[:PORT] or https://HOST[:PORT]",
		[CONFIG_PEER] = "HOST:PORT",
		[CONFIG_ADDRESS] = "a mail address",
		[CONFIG_NAMES] = "names of the DNS, separated by commas",
		[CONFIG_RULES] = "names and paths of rule packs, separated by commas",
		[CONFIG_WAIVERS] = "RULE until DATE because TEXT",
		[CONFIG_PATH] = "a path, relative to the folder of the configuration",
		[CONFIG_SECRET] = "env:NAME, file:PATH or cmd:COMMAND",
		[CONFIG_BOOL] = "yes or no",
	};
	char least[TIME_TEXT_MAX], most[TIME_TEXT_MAX];
	if (key->type == CONFIG_WORD)
		accepts_words(key->words, doc);
	else if (key->type == CONFIG_NUMBER)
		snprintf(doc->accepts, sizeof(doc->accepts), "a number from %" PRId64 " to %" PRId64, key->min,
			 key->max);
	else if (key->type == CONFIG_DURATION)
		snprintf(doc->accepts, sizeof(doc->accepts), "a duration from %s to %s",
			 duration_format(key->min, least), duration_format(key->max, most));
	else
		snprintf(doc->accepts, sizeof(doc->accepts), "%s", texts[key->type]);
}

static struct config_doc expect_doc(enum expect_key key)
{
	static const char *const helps[EXPECT_KEY_COUNT] = {
		[EXPECT_OUTCOME] = "What must become of the message.",
		[EXPECT_PLACEMENT] = "The folder where it must be found.",
		[EXPECT_SPF] = "The result of SPF that the provider must report.",
		[EXPECT_DKIM] = "The result of DKIM that the provider must report.",
		[EXPECT_DMARC] = "The result of DMARC that the provider must report.",
		[EXPECT_TLS] = "How the hop into the provider must have been protected.",
		[EXPECT_WITHIN] = "A message that is found later than this after it was handed over is delayed.",
	};
	struct config_doc doc = { .name = expect_key_name(key),
				  .fallback = expect_key_default(key),
				  .help = helps[key] };
	snprintf(doc.accepts, sizeof(doc.accepts), "%s", expect_key_words(key));
	return doc;
}

static size_t provider_docs(struct config_doc *docs)
{
	const struct profile_key *keys = profile_keys();
	for (size_t i = 0; i < PROFILE_KEY_COUNT; i++) {
		const char *fallback = *keys[i].fallback ? keys[i].fallback : NULL;
		docs[i] = (struct config_doc){ .name = keys[i].name,
					       .accepts = "value",
					       .fallback = fallback,
					       .fallback_is = "what the shipped profile says",
					       .help = keys[i].help };
	}
	return PROFILE_KEY_COUNT;
}

size_t config_docs(enum config_section_kind kind, struct config_doc *docs)
{
	const struct config_section *section = &config_sections[kind];
	size_t n = 0;
	if (kind == SECTION_PROVIDER)
		n = provider_docs(docs);
	for (size_t i = 0; i < section->key_count && n < CONFIG_KEYS_MAX; i++, n++) {
		const struct config_key *key = &section->keys[i];
		docs[n] = (struct config_doc){ .name = key->name,
					       .fallback = key->fallback,
					       .fallback_is = key->fallback_is,
					       .required = key->required,
					       .help = key->help };
		accepts(key, &docs[n]);
	}
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
