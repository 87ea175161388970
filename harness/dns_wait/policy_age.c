/* One request for the policy. */
#include "harness/dns_wait/policy_age.h"

#include <stdio.h>

#include "harness/base/compiler.h"
#include "harness/dns/name.h"
#include "harness/net/http.h"
#include "harness/posture/records/mta_sts.h"

enum { URL_MAX = DNS_NAME_TEXT_MAX + 64, HTTP_OK = 200 };

int policy_age(const char *domain, const char *ca_file, struct deadline deadline, int64_t *ret_s, struct error *err)
{
	char url[URL_MAX];
	_cleanup_(http_response_fini) struct http_response response = { 0 };
	struct mta_sts_policy policy;
	snprintf(url, sizeof(url), "https://mta-sts.%s/.well-known/mta-sts.txt", domain);
	const struct http_request request = {
		.url = url, .ca_file = ca_file, .max_octets = MTA_STS_POLICY_MAX, .deadline = deadline
	};
	if (http_send(&request, &response, err) < 0)
		return -1;
	if (response.status != HTTP_OK || !mta_sts_policy_parse(buf_span(&response.body), &policy))
		return 0;
	*ret_s = policy.max_age_s < MTA_STS_MAX_AGE ? (int64_t)policy.max_age_s : MTA_STS_MAX_AGE;
	return 1;
}
