/* A list of facts. */
#include "harness/dns/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/vec.h"

int dns_snapshot_sink(void *user, const struct dns_fact *fact, struct error *err)
{
	struct dns_snapshot *snapshot = user;
	if (vec_grow(&snapshot->facts, snapshot->count, &snapshot->cap, sizeof(*snapshot->facts), err) < 0)
		return -1;
	struct dns_fact *added = &snapshot->facts[snapshot->count++];
	added->type = fact->type;
	added->name = strdup(fact->name);
	if (!added->name)
		return error_memory(err);
	return dns_answer_copy(&fact->answer, &added->answer, err);
}

void dns_snapshot_fini(struct dns_snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->count; i++)
		dns_fact_fini(&snapshot->facts[i]);
	free(snapshot->facts);
	*snapshot = (struct dns_snapshot){ 0 };
}
