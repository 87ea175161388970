/* The author's domain. */
#include "harness/posture/engine/author.h"

#include "harness/mail/address.h"
const char *author_domain(const struct posture_params *params, char out[DNS_NAME_TEXT_MAX])
{
	if (!params->from_address || !dns_name_make(address_domain(params->from_address), out))
		span_copy(span_of(params->domain), out, DNS_NAME_TEXT_MAX);
	return out;
}
