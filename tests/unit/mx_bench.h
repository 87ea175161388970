/* A domain with two MX hosts and a policy host of the test's own on the loopback, and what one fault in it changes. All
 * servers of SMTP listen on one port: 127.0.0.1 and ::1 are mx1, 127.0.0.2 and ::1 are mx2. The test program defines
 * check_entries with the checks that it is about. */
#ifndef TESTS_MX_BENCH_H
#define TESTS_MX_BENCH_H

#include <stdbool.h>

#include "harness/posture/engine/check.h"
#include "tests/unit/peer.h"
#include "tests/unit/smtp_server.h"

/* Of the test program. */
extern const struct check_entry check_entries[];
extern const size_t check_entry_count;

/* How one scene differs from the good one, in which all findings are good. */
struct mx_fault {
	const char *label;

	/* The DNS, where every answer is signed. `out`: the beginning of a line of the zone that is taken out; `in`:
	 * lines that are put in. The others are names. */
	const char *out, *in, *failed, *unsigned_name, *bogus;
	bool blind; /* the resolver does not validate */

	/* The server at 127.0.0.1. */
	struct smtp_rule rules[4];
	bool everywhere;              /* rules and `down` are those of all servers */
	const struct test_cert *cert; /* instead of the good one; its TLSA record is there */
	int max_version;
	bool no_tls, down, blackhole;

	/* The policy host. */
	const char *response; /* all of it; NULL: the good one */
	const struct test_cert *policy_cert;
	bool drips;

	/* The question. */
	const char *from_address, *reply_to;
	const char *previous; /* evidence of an earlier mta-sts.id, and what was seen then */
	const char *seen_version, *seen_sha256;
	int days;           /* the clock of the check is ahead */
	int64_t timeout_ms; /* 0: 20 s */

	const char *changed;  /* `mx.starttls mx1.example.test bad, ...`, in the order of findings; of those that are
				 not there any more `gone` */
	const char *evidence; /* a part of that of the first of them */
	const char *mend;     /* the same */
};

#define MX_POLICY                      "version: STSv1\nmode: enforce\nmax_age: 2592000\nmx: *.example.test\n"
#define MX_POLICY_HEADER(status, type) "HTTP/1.1 " status "\r\nContent-Type: " type "\r\nConnection: close\r\n\r\n"

/* False where this machine has no IPv6 loopback. */
bool mx_bench_possible(void);

/* The good scene: every finding is good. */
void mx_bench_good(struct findings *ret, struct posture_cost *ret_cost, int delay_ms);

/* Each fault by itself against the good scene. */
void mx_bench_faults(const struct mx_fault *faults, size_t count);

#endif
