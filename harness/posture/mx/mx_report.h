/* From visits to findings. What was seen at the addresses of a host makes one finding of the host: bad where one of
 * them is, else open where one of them is, else good. Private to harness/posture. */
#ifndef MX_MX_REPORT_H
#define MX_MX_REPORT_H

#include "harness/posture/mx/mx_visit.h"

/* All visits of a route, those of a host side by side in its order. */
struct mx_visits {
	struct check *check;
	const struct mx_route *route;
	const struct mx_visit *v;
	size_t count;
	bool own; /* the route is that of the service's domain, of which all is reported */
};

enum mx_seen { MX_NOTHING /* not as far as that */, MX_GOOD, MX_OPEN, MX_BAD };

/* What one visit shows of one matter; adds words for the evidence. */
typedef enum mx_seen mx_test(const struct mx_visits *visits, const struct mx_visit *visit, struct buf *words);

/* Takes all visits of the host together; evidence: `ADDRESS: words; ADDRESS: words` of those that made the result. */
enum mx_seen mx_see(const struct mx_visits *visits, const struct mx_host *host, mx_test *test, struct buf *evidence);

/* Whether nobody listens at any address of the host: a finding of its own (mx.ipv4, mx.ipv6), beside which what would
 * be said there is not reported. */
bool mx_nobody_there(const struct mx_visits *visits, const struct mx_host *host);

/* Whether STARTTLS leads to a handshake. Where it is bad, which is a finding of its own (mx.starttls), nothing that
 * depends on one is reported. */
mx_test mx_test_starttls;

/* What led nowhere, of every visit of the host: the evidence where a matter was not come to. */
void mx_add_errors(const struct mx_visits *visits, const struct mx_host *host, struct buf *evidence);

/* Reports what was seen of the host as finding `id`; of MX_NOTHING nothing. */
void mx_report(const struct mx_visits *visits, const struct mx_host *host, const char *id, enum mx_seen seen,
	       const char *mend, const struct buf *evidence);

/* mx.ipv4, mx.ipv6, mx.starttls, mx.tls12, mx.certificate, mx.certificate-expiry of every host. */
void mx_report_servers(const struct mx_visits *visits);

/* dane.present and dane.tlsa of every host. */
void mx_report_dane(const struct mx_visits *visits);

/* Whether the servers take mail for the addresses that they were asked about. */
void mx_report_accepts(const struct mx_visits *visits, const struct mx_asking *asking);

#endif
