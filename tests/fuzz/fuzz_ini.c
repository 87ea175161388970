/* Reads octets as an INI file and checks what the reader promises of lines and sections. */
#include <stdint.h>

#include "harness/base/ini.h"
#include "harness/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	struct ini *ini;
	if (ini_read_span("fuzz", span_make((const char *)data, size), &ini, &err) < 0)
		return 0;
	size_t items = 0;
	for (size_t s = 0; s < ini->section_count; s++) {
		demand(ini->sections[s].first == items);
		items += ini->sections[s].count;
	}
	demand(items == ini->item_count);
	for (size_t i = 0; i < ini->item_count; i++) {
		demand(ini->items[i].line > 0 && (i == 0 || ini->items[i].line > ini->items[i - 1].line));
		demand(ini->items[i].key[0] && ini->items[i].value && utf8_valid(span_of(ini->items[i].value)));
		demand(!strpbrk(ini->items[i].value, "\r\n"));
	}
	for (size_t i = 1; i < ini->problem_count; i++)
		demand(ini->problems[i].line >= ini->problems[i - 1].line);
	ini_free(ini);
	return 0;
}
