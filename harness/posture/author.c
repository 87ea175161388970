/* The author's domain. */
#include "harness/posture/author.h"

#include <string.h>

const char *author_domain(const struct posture_params *params, char out[DNS_NAME_TEXT_MAX])
{
	const char *at = params->from_address ? strrchr(params->from_address, '@') : NULL;
	if (!at || !dns_name_make(span_of(at + 1), out))
		span_copy(span_of(params->domain), out, DNS_NAME_TEXT_MAX);
	return out;
}
