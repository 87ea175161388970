/* Master files: directives, owners, TTLs. The first line that is wrong ends the reading. */
#include "harness/dns/zone.h"

#include <string.h>

#include "harness/base/compiler.h"
#include "harness/base/escape.h"
#include "harness/base/file.h"
#include "harness/dns/zone_internal.h"

enum {
	TEXT_MAX = 16 << 20,
	RDATA_MAX = 65535,
	DEFAULT_TTL = 3600,
	TTL_MAX = 2147483647, /* RFC 2181 section 8 */
	SHOWN_MAX = 80,
};

/* Types that nobody here asks for. Their data is not read; that their names exist counts, but for those types of DNSSEC
 * whose owner need not be a name with records. DNAME is not among them: it would change answers. */
static const struct unread {
	const char *name;
	unsigned type;
	bool no_owner;
} unread[] = {
	{ "HINFO", 13, false },    { "RP", 17, false },      { "AFSDB", 18, false },      { "LOC", 29, false },
	{ "NAPTR", 35, false },    { "CERT", 37, false },    { "APL", 42, false },        { "SSHFP", 44, false },
	{ "IPSECKEY", 45, false }, { "RRSIG", 46, true },    { "NSEC", 47, true },        { "DNSKEY", 48, false },
	{ "DHCID", 49, false },    { "NSEC3", 50, true },    { "NSEC3PARAM", 51, false }, { "SMIMEA", 53, false },
	{ "CDS", 59, false },      { "CDNSKEY", 60, false }, { "OPENPGPKEY", 61, false }, { "CSYNC", 62, false },
	{ "ZONEMD", 63, false },   { "SVCB", 64, false },    { "HTTPS", 65, false },      { "URI", 256, false },
};

struct ttl {
	bool set;
	uint32_t seconds;
};

struct parser {
	struct zone *zone;
	const char *file;
	unsigned line;      /* that is wrong, after an error */
	const char *origin; /* kept by the zone; NULL until $ORIGIN or an SOA record */
	bool origin_stated; /* by $ORIGIN */
	char owner[DNS_NAME_TEXT_MAX];
	bool has_owner;
	struct ttl directive, stated, soa; /* $TTL, the last one written, the minimum of the last SOA */
};

static int complain(const struct zone_token *token, const char *what, struct error *err)
{
	char shown[SHOWN_MAX];
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "`%s` %s", escape_text(shown, sizeof(shown), token->text),
			 what);
}

static int set_origin(struct parser *p, const struct zone_token *value, struct error *err)
{
	char name[DNS_NAME_TEXT_MAX];
	if (zone_token_name(value, p->origin, name, err) < 0)
		return -1;
	p->origin_stated = true;
	return zone_keep(p->zone, name, &p->origin, err);
}

static int set_ttl(struct parser *p, const struct zone_token *value, struct error *err)
{
	p->directive.set = zone_token_seconds(value, TTL_MAX, &p->directive.seconds);
	return p->directive.set ? 0 : complain(value, "is no TTL: write seconds, or units as in `1h30m`", err);
}

static int read_directive(struct parser *p, const struct zone_entry *entry, struct error *err)
{
	const struct zone_token *word = &entry->tokens[0];
	bool origin = span_is_nocase(word->text, "$ORIGIN");
	if (span_is_nocase(word->text, "$INCLUDE"))
		return complain(word, "is not read here: put the records of that file in its place", err);
	if (span_is_nocase(word->text, "$GENERATE"))
		return complain(word, "is not read here: write its records one by one", err);
	if (!origin && !span_is_nocase(word->text, "$TTL"))
		return complain(word, "is no directive: $ORIGIN and $TTL are", err);
	if (entry->count != 2)
		return complain(word, "wants one value", err);
	return origin ? set_origin(p, &entry->tokens[1], err) : set_ttl(p, &entry->tokens[1], err);
}

static int read_owner(struct parser *p, const struct zone_entry *entry, struct error *err)
{
	if (!entry->blank_owner)
		p->has_owner = true;
	else if (!p->has_owner)
		return complain(&entry->tokens[0],
				"stands on a line that begins with a blank: the first record must have a name", err);
	return entry->blank_owner ? 0 : zone_token_name(&entry->tokens[0], p->origin, p->owner, err);
}

static bool is_class(struct span word)
{
	return span_is_nocase(word, "IN") || span_is_nocase(word, "CH") || span_is_nocase(word, "HS") ||
	       span_is_nocase(word, "CS") || (span_starts_nocase(word, SPAN_LIT("CLASS")) && word.len > 5);
}

static bool type_from(struct span word, enum dns_type *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(unread); i++)
		if (span_is_nocase(word, unread[i].name)) {
			*ret = (enum dns_type)unread[i].type;
			return true;
		}
	return dns_type_from(word, ret);
}

/* NULL: the data of the type is read. */
static const struct unread *find_unread(enum dns_type type)
{
	for (size_t i = 0; i < ARRAY_LEN(unread); i++)
		if (unread[i].type == (unsigned)type)
			return &unread[i];
	return NULL;
}

/* TTL and class, in either order, each at most once; then the type. *at moves behind it. */
static int read_type(struct parser *p, const struct zone_entry *entry, size_t *at, enum dns_type *ret_type,
		     struct ttl *ret_ttl, struct error *err)
{
	bool has_class = false;
	for (; *at < entry->count; ++*at) {
		const struct zone_token *word = &entry->tokens[*at];
		p->line = word->line;
		if (!ret_ttl->set && zone_token_seconds(word, TTL_MAX, &ret_ttl->seconds)) {
			ret_ttl->set = true;
		} else if (!has_class && !word->quoted && is_class(word->text)) {
			has_class = true;
			if (!span_is_nocase(word->text, "IN") && !span_is_nocase(word->text, "CLASS1"))
				return complain(word, "is another class than IN, which is the only one here", err);
		} else {
			++*at;
			return !word->quoted && type_from(word->text, ret_type)
				   ? 0
				   : complain(word, "stands where a type (A, MX, TXT...) is wanted", err);
		}
	}
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "the record ends where a type (A, MX, TXT...) is wanted");
}

/* The minimum ends an SOA record, RFC 1035 section 3.3.13. */
static void note_minimum(struct parser *p, const struct dns_record *soa)
{
	p->soa = (struct ttl){ .set = soa->len >= 4 };
	for (size_t i = 0; p->soa.set && i < 4; i++)
		p->soa.seconds = p->soa.seconds << 8 | soa->rdata[soa->len - 4 + i];
}

static uint32_t effective_ttl(struct parser *p, const struct zone_record *record, struct ttl ttl)
{
	if (ttl.set)
		p->stated = ttl;
	if (record->type == DNS_SOA)
		note_minimum(p, &record->data);
	const struct ttl order[] = { ttl, p->directive, p->stated, p->soa };
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		if (order[i].set)
			return order[i].seconds;
	return DEFAULT_TTL;
}

static int zone_parse_read_record(struct parser *p, const struct zone_entry *entry, struct error *err)
{
	_cleanup_(buf_fini) struct buf rdata = BUF_INIT(RDATA_MAX);
	size_t at = entry->blank_owner ? 0 : 1;
	struct ttl ttl = { 0 };
	struct zone_record record = { .name = p->owner, .file = p->file, .line = p->line };
	if (read_owner(p, entry, err) < 0 || read_type(p, entry, &at, &record.type, &ttl, err) < 0)
		return -1;
	/* Servers take the origin from their configuration: it is where the SOA record stands. */
	if (record.type == DNS_SOA && !p->origin_stated && zone_keep(p->zone, p->owner, &p->origin, err) < 0)
		return -1;
	const struct unread *skipped = find_unread(record.type);
	if (skipped && skipped->no_owner)
		return 0;
	if (!skipped &&
	    zone_rdata_read(entry->tokens + at, entry->count - at, record.type, p->origin, &rdata, &p->line, err) < 0)
		return -1;
	record.data = (struct dns_record){ (unsigned char *)rdata.p, rdata.len };
	record.ttl = effective_ttl(p, &record, ttl);
	return zone_add_record(p->zone, &record, err);
}

static int read_entries(struct parser *p, struct span text, struct error *err)
{
	_cleanup_(zone_entry_fini) struct zone_entry entry = { 0 };
	struct zone_text reader = { text, 1 };
	int found;
	while ((found = zone_entry_next(&reader, &entry, err)) > 0) {
		const struct zone_token *first = &entry.tokens[0];
		p->line = first->line;
		bool directive = !entry.blank_owner && !first->quoted && span_starts(first->text, SPAN_LIT("$"));
		if ((directive ? read_directive(p, &entry, err) : zone_parse_read_record(p, &entry, err)) < 0)
			return -1;
	}
	if (found < 0)
		p->line = reader.line;
	return found;
}

int zone_parse(struct zone *zone, struct span text, const char *file, struct error *err)
{
	struct parser p = { .zone = zone };
	if (text.len > TEXT_MAX)
		return error_set(err, ERROR_LIMIT, RETRY_NEVER, 0, "%s is larger than %d octets", file, TEXT_MAX);
	if (zone_keep(zone, file, &p.file, err) < 0)
		return -1;
	return read_entries(&p, text, err) < 0 ? error_prefix(err, "%s:%u", file, p.line) : 0;
}

int zone_read(struct zone *zone, const char *path, struct error *err)
{
	_cleanup_(buf_fini) struct buf text = BUF_INIT(TEXT_MAX);
	if (file_read(path, &text, err) < 0)
		return -1;
	return zone_parse(zone, buf_span(&text), path, err);
}
