/* Templates as the settings name them. */
#include "harness/send/message_template.h"

#include <stdlib.h>

int message_template_load(const struct message_settings *message, struct template **ret, struct error *err)
{
	struct template_var *vars = calloc(message->var_count + 1, sizeof(*vars));
	if (!vars)
		return error_memory(err);
	for (size_t i = 0; i < message->var_count; i++)
		vars[i] = (struct template_var){ message->vars[i].name, message->vars[i].value };
	int result = template_load(message->template_path, vars, message->var_count, ret, err);
	free(vars);
	return result;
}
