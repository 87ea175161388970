/* Where a command asks the DNS: the options --zone, --snapshot and --resolver, the same for every command. */
#ifndef CMD_DNS_SOURCE_H
#define CMD_DNS_SOURCE_H

#include "harness/cmd/command.h"
#include "harness/dns/resolver.h"
#include "harness/model/facts.h"

struct zone;

/* The rows for a command's options. --zone alone: the file is all of the DNS. --resolver with it: what is outside of
 * the file's zones is asked there. --snapshot: what a run has stored, alone. None: the servers of this machine. */
#define DNS_SOURCE_OPTIONS                                                                                             \
	{ "zone", "FILE", "answer from this zone file (RFC 1035) instead of the DNS", 0, false },                      \
	    { "snapshot", "RUN", "answer from what this run has stored", 0, false },                                   \
	{                                                                                                              \
		"resolver", "ADDR[:PORT]", "ask this server; with --zone, for names outside of its zones", 0, true     \
	}

/* Owns the layers; ask the uppermost. */
struct dns_source {
	struct resolver *resolver;
	struct resolver *below; /* NULL where there is one layer */
	struct zone *zone;
	struct run_facts facts; /* of --snapshot */
};

/* Errors: ERROR_USAGE (options that exclude one another, a bad address), ERROR_CONFIG (zone file, as `file:line: ...`),
 * ERROR_STORE, ERROR_ENVIRONMENT. */
int dns_source_open(struct dns_source *ret, const struct command_context *context, const struct command_args *args,
		    struct error *err);
/* For a command without --snapshot: --resolver, else [dns] of the configuration where there is one, else the servers of
 * this machine; --zone is laid over them. Errors: as above. */
int dns_source_open_over(struct dns_source *ret, const struct command_context *context, const struct command_args *args,
			 struct error *err);
void dns_source_fini(struct dns_source *source);

#endif
