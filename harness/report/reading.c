/* The note on a run that was made by an older version. */
#include "harness/report/reading.h"

#include "harness/base/text.h"
#include "harness/model/reading.h"

void reading_add(struct buf *out, const struct run_program *program)
{
	size_t count = 0;
	const char *const *changes = reading_changes(program->reading, &count);
	if (count == 0)
		return;
	if (program->version) {
		buf_add_str(out, "postproof ");
		text_add_escaped(out, span_of(program->version));
	} else {
		buf_add_str(out, "An older version of postproof");
	}
	buf_add_str(out, " made this run. This version judges some of it differently:\n");
	for (size_t i = 0; i < count; i++)
		buf_addf(out, "  - %s\n", changes[i]);
	buf_add_char(out, '\n');
}
