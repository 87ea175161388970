/* The common part of all resolvers. */
#include "harness/dns/resolver.h"

int resolver_ask_many(struct resolver *resolver, const struct dns_question *questions, size_t count,
		      struct dns_answer *ret_answers, struct error *err)
{
	return resolver->ops->ask(resolver, questions, count, ret_answers, err);
}

int resolver_ask(struct resolver *resolver, const char *name, enum dns_type type, struct dns_answer *ret,
		 struct error *err)
{
	const struct dns_question question = { name, type };
	return resolver_ask_many(resolver, &question, 1, ret, err);
}

void resolver_free(struct resolver *resolver)
{
	if (resolver)
		resolver->ops->free(resolver);
}

void resolver_free_p(struct resolver **resolver)
{
	resolver_free(*resolver);
}
