/* SPF evaluation by libspf2, over its zone layer: spf_libspf2 SECONDS ZONE. The zone has lines `name TYPE value`. */
#include <sys/types.h>
#include <netinet/in.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include <spf2/spf.h>
#include <spf2/spf_dns.h>
#include <spf2/spf_dns_zone.h>

#include "tests/bench/peers/rate.h"

static bool evaluate(void *context)
{
	SPF_server_t *server = context;
	SPF_request_t *request = SPF_request_new(server);
	SPF_response_t *response = NULL;
	SPF_request_set_ipv4_str(request, "192.0.2.10");
	SPF_request_set_helo_dom(request, "mail.example.org");
	SPF_request_set_env_from(request, "sender@example.org");
	SPF_request_query_mailfrom(request, &response);
	bool good = response && SPF_response_result(response) == SPF_RESULT_PASS;
	if (response)
		SPF_response_free(response);
	SPF_request_free(request);
	return good;
}

static bool add_line(SPF_dns_server_t *zone, char *line)
{
	char *type = strchr(line, ' '), *value = type ? strchr(type + 1, ' ') : NULL;
	if (!value)
		return false;
	*type++ = *value++ = '\0';
	/* Of an MX record the zone layer wants the host only. */
	if (strcmp(type, "MX") == 0)
		value = strchr(value, ' ') + 1;
	ns_type number = strcmp(type, "MX") == 0 ? ns_t_mx : strcmp(type, "A") == 0 ? ns_t_a : ns_t_txt;
	return SPF_dns_zone_add_str(zone, line, number, NETDB_SUCCESS, value) == SPF_E_SUCCESS;
}

int main(int argc, char **argv)
{
	SPF_dns_server_t *zone = SPF_dns_zone_new(NULL, "bench", 0);
	size_t len;
	if (argc != 3 || !zone)
		return 3;
	char *rest = rate_file(argv[2], &len), *line;
	while ((line = strsep(&rest, "\n")))
		if (line[0] != '\0' && !add_line(zone, line))
			return 1;
	return rate_measure(evaluate, SPF_server_new_dns(zone, 0), strtod(argv[1], NULL));
}
