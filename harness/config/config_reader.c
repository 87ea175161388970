/* What is wrong with a configuration that is being filled. */
#include "harness/config/config_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void config_report(struct config_reader *reader, enum config_severity severity, unsigned line, const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX + 256];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	config_problems_add(reader->problems, severity, reader->file, line, text, &reader->error);
}

unsigned config_key_line(const struct config_reader *reader, unsigned section_line, const char *key)
{
	const struct ini *ini = reader->ini;
	for (size_t s = 0; ini && section_line > 0 && s < ini->section_count; s++) {
		const struct ini_section *section = &ini->sections[s];
		for (size_t i = section->first; section->line == section_line && i < section->first + section->count;
		     i++)
			if (strcmp(ini->items[i].key, key) == 0)
				return ini->items[i].line;
	}
	return section_line;
}
