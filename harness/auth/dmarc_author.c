/* The domains of From. A message that does not have exactly one From field with mailboxes of domains has no author that
 * counts: which of several a reader would see is not for us to guess. */
#include "harness/auth/dmarc_author.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/base/escape.h"
#include "harness/dns/name.h"
#include "harness/mail/address.h"

enum { DOMAIN_SHOWN_MAX = 100 };

void dmarc_authors_fini(struct dmarc_authors *authors)
{
	for (size_t i = 0; i < authors->count; i++)
		free(authors->domains[i]);
	*authors = (struct dmarc_authors){ 0 };
}

static int dmarc_author_add_domain(struct dmarc_authors *authors, struct span domain, struct error *err)
{
	char name[DNS_NAME_TEXT_MAX], shown[DOMAIN_SHOWN_MAX];
	if ((domain.len > 0 && domain.p[0] == '[') || !dns_name_make(domain, name)) {
		escape_text(shown, sizeof(shown), domain);
		snprintf(authors->problem, sizeof(authors->problem), "`%s` in From is no domain name", shown);
		return 0;
	}
	for (size_t i = 0; i < authors->count; i++)
		if (strcmp(authors->domains[i], name) == 0)
			return 0;
	if (authors->count == DMARC_AUTHORS_MAX) {
		authors->capped = true;
		snprintf(authors->problem, sizeof(authors->problem), "From has more than %d domains",
			 DMARC_AUTHORS_MAX);
		return 0;
	}
	authors->domains[authors->count] = strdup(name);
	return authors->domains[authors->count++] ? 0 : error_memory(err);
}

static int dmarc_author_read_field(struct dmarc_authors *authors, struct span value, struct error *err)
{
	_cleanup_(address_list_fini) struct address_list list = { 0 };
	struct error why = ERROR_INIT, deviation;
	if (address_list_read(&list, value, &deviation, &why) < 0) {
		if (why.kind == ERROR_ENVIRONMENT) {
			*err = why;
			return -1;
		}
		authors->capped = why.kind == ERROR_LIMIT;
		snprintf(authors->problem, sizeof(authors->problem), "From cannot be read: %.200s", why.text);
		return 0;
	}
	if (deviation.kind != ERROR_NONE)
		snprintf(authors->deviation, sizeof(authors->deviation), "%.200s", deviation.text);
	if (list.count == 0)
		snprintf(authors->problem, sizeof(authors->problem), "From has no mailbox");
	for (size_t i = 0; i < list.count; i++)
		if (dmarc_author_add_domain(authors, list.v[i].domain, err) < 0)
			return -1;
	return 0;
}

int dmarc_authors_read(const struct header *header, struct dmarc_authors *ret, struct error *err)
{
	struct dmarc_authors authors = { 0 };
	size_t fields = 0;
	for (ptrdiff_t i = header_find(header, "From", 0); i >= 0; i = header_find(header, "From", (size_t)i + 1)) {
		fields++;
		if (dmarc_author_read_field(&authors, header->fields[i].value, err) < 0) {
			dmarc_authors_fini(&authors);
			return -1;
		}
	}
	if (fields == 0)
		snprintf(authors.problem, sizeof(authors.problem), "there is no From field");
	if (fields > 1)
		snprintf(authors.problem, sizeof(authors.problem), "there are %zu From fields", fields);
	if (header->capped && fields <= 1) {
		authors.capped = true;
		snprintf(authors.problem, sizeof(authors.problem),
			 "not evaluated: the message has more than %d header fields", HEADER_FIELDS_MAX);
	}
	*ret = authors;
	return 0;
}
