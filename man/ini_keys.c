/* Copies the source of postproof.ini(5) from standard input to standard output and puts the keys of the configuration
 * in place of the line @KEYS@. */
#include <stdio.h>
#include <string.h>

#include "harness/config/config_doc.h"

/* Text of the table as roff: nothing in it may act as a request or an escape. */
static void print_text(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else if (*text == '~')
			fputs("\\(ti", stdout);
		else if (*text == '`')
			fputs("\\(ga", stdout);
		else if (*text == '\'')
			fputs("\\(aq", stdout);
		else
			putchar(*text);
	}
}

static void print_key(const struct config_doc *doc)
{
	printf(".TP\n\\fB");
	print_text(doc->name);
	printf("\\fR = \\fI");
	print_text(doc->accepts);
	printf("\\fR\n");
	print_text(doc->help);
	putchar('\n');
	if (doc->required) {
		printf("Required.\n");
	} else if (doc->fallback) {
		printf("Default: \\fB");
		print_text(doc->fallback);
		printf("\\fR.\n");
	} else if (doc->fallback_is) {
		printf("Default: ");
		print_text(doc->fallback_is);
		printf(".\n");
	}
}

static void print_keys(void)
{
	for (int kind = 0; kind < SECTION_COUNT; kind++) {
		struct config_doc docs[CONFIG_KEYS_MAX];
		size_t count = config_docs((enum config_section_kind)kind, docs);
		printf(".SS [");
		print_text(config_sections[kind].title);
		printf("]\n");
		print_text(config_sections[kind].help);
		putchar('\n');
		for (size_t i = 0; i < count; i++)
			print_key(&docs[i]);
	}
}

int main(void)
{
	char line[4096];
	while (fgets(line, sizeof(line), stdin)) {
		if (strcmp(line, "@KEYS@\n") == 0)
			print_keys();
		else
			fputs(line, stdout);
	}
	return ferror(stdin) || fflush(stdout) != 0;
}
