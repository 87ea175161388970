/* Records of zone files, sorted so that whatever lies under a name follows it: an owner's key has its labels from the
 * root down, each with an octet behind it that is below all of theirs. */
#include "harness/dns/zone.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/base/vec.h"
#include "harness/dns/name.h"
#include "harness/dns/zone_internal.h"

enum { RDATA_MAX = 65535, KEY_MAX = DNS_NAME_TEXT_MAX + 1 };

struct zone {
	struct zone_record *records;
	size_t count, cap;
	const char **apexes; /* keys, sorted; borrowed of strings */
	size_t apex_count, apex_cap;
	char **strings; /* names, keys and files of the records, which share them */
	size_t string_count, string_cap;
	bool sealed;
};

int zone_new(struct zone **ret, struct error *err)
{
	struct zone *zone = calloc(1, sizeof(*zone));
	if (!zone)
		return error_memory(err);
	*ret = zone;
	return 0;
}

void zone_free(struct zone *zone)
{
	if (!zone)
		return;
	for (size_t i = 0; i < zone->count; i++)
		free(zone->records[i].data.rdata);
	for (size_t i = 0; i < zone->string_count; i++)
		free(zone->strings[i]);
	free(zone->records);
	free(zone->apexes);
	free(zone->strings);
	free(zone);
}

void zone_free_p(struct zone **zone)
{
	zone_free(*zone);
}

int zone_keep(struct zone *zone, const char *string, const char **ret, struct error *err)
{
	if (vec_grow(&zone->strings, zone->string_count, &zone->string_cap, sizeof(char *), err) < 0)
		return -1;
	char *copy = strdup(string);
	if (!copy)
		return error_memory(err);
	zone->strings[zone->string_count++] = copy;
	*ret = copy;
	return 0;
}

/* The key of a name. Labels in this form are printable, so 1 is below their octets. */
static void make_key(const char *name, char out[KEY_MAX])
{
	size_t end = strlen(name), at = 0;
	if (strcmp(name, ".") == 0)
		end = 0;
	while (end > 0) {
		const char *dot = memrchr(name, '.', end);
		size_t start = dot ? (size_t)(dot - name) + 1 : 0;
		memcpy(out + at, name + start, end - start);
		at += end - start;
		out[at++] = '\1';
		end = dot ? start - 1 : 0;
	}
	out[at] = '\0';
}

/* Gives the record the name and the key of its owner: those of the record before it, most often. */
static int set_owner(struct zone *zone, struct zone_record *record, const char *name, struct error *err)
{
	char key[KEY_MAX] ATTR_UNINIT;
	const struct zone_record *last = zone->count ? &zone->records[zone->count - 1] : NULL;
	if (last && strcmp(last->name, name) == 0) {
		record->name = last->name;
		record->key = last->key;
		return 0;
	}
	make_key(name, key);
	if (zone_keep(zone, name, &record->name, err) < 0)
		return -1;
	return zone_keep(zone, key, &record->key, err);
}

int zone_add_record(struct zone *zone, const struct zone_record *record, struct error *err)
{
	struct zone_record copy = *record;
	if (zone->sealed)
		return error_set(err, ERROR_BUG, RETRY_NEVER, 0, "a record was added to a sealed zone");
	if (record->data.len > RDATA_MAX)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "the data of a record has more than %d octets",
				 RDATA_MAX);
	if (set_owner(zone, &copy, record->name, err) < 0 ||
	    vec_grow(&zone->records, zone->count, &zone->cap, sizeof(copy), err) < 0)
		return -1;
	copy.order = zone->count;
	copy.data.rdata = malloc(copy.data.len + 1);
	if (!copy.data.rdata)
		return error_memory(err);
	if (copy.data.len)
		memcpy(copy.data.rdata, record->data.rdata, copy.data.len);
	zone->records[zone->count++] = copy;
	return 0;
}

int zone_add(struct zone *zone, const char *name, enum dns_type type, uint32_t ttl, const void *rdata, size_t len,
	     struct error *err)
{
	char normal[DNS_NAME_TEXT_MAX];
	if (!dns_name_normal(name, normal))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "`%s` is no domain name", name);
	const struct zone_record record = {
		.name = normal,
		.type = type,
		.ttl = ttl,
		.data = { (unsigned char *)(uintptr_t)rdata, len },
	};
	return zone_add_record(zone, &record, err);
}

static int by_owner_and_type(const struct zone_record *a, const struct zone_record *b)
{
	int order = strcmp(a->key, b->key);
	return order ? order : (a->type > b->type) - (a->type < b->type);
}

static int by_order(const void *a, const void *b)
{
	const struct zone_record *left = a, *right = b;
	int order = by_owner_and_type(left, right);
	return order ? order : (left->order > right->order) - (left->order < right->order);
}

static int compare_data(const struct zone_record *a, const struct zone_record *b)
{
	return span_cmp(span_make((const char *)a->data.rdata, a->data.len),
			span_make((const char *)b->data.rdata, b->data.len));
}

static int by_data(const void *a, const void *b)
{
	int order = by_owner_and_type(a, b);
	if (!order)
		order = compare_data(a, b);
	return order ? order : by_order(a, b);
}

/* Leaves of each record only the first; sorts. */
static void drop_doubles(struct zone *zone)
{
	size_t kept = 0;
	if (zone->count == 0)
		return;
	qsort(zone->records, zone->count, sizeof(*zone->records), by_data);
	for (size_t i = 1; i < zone->count; i++) {
		struct zone_record *last = &zone->records[kept], *next = &zone->records[i];
		if (by_owner_and_type(last, next) == 0 && compare_data(last, next) == 0)
			free(next->data.rdata);
		else
			zone->records[++kept] = *next;
	}
	zone->count = kept + 1;
	qsort(zone->records, zone->count, sizeof(*zone->records), by_order);
}

static int check_cnames(const struct zone *zone, struct error *err)
{
	for (size_t i = 1; i < zone->count; i++) {
		const struct zone_record *a = &zone->records[i - 1], *b = &zone->records[i];
		if (strcmp(a->key, b->key) != 0 || (a->type != DNS_CNAME && b->type != DNS_CNAME))
			continue;
		const struct zone_record *later = a->order > b->order ? a : b;
		error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
			  "%s has a CNAME beside another record: a name with a CNAME can have nothing else",
			  later->name);
		return later->file ? error_prefix(err, "%s:%u", later->file, later->line) : -1;
	}
	return 0;
}

/* The first record whose key is not below `key`. */
static size_t lower_bound(const struct zone *zone, const char *key, enum dns_type type)
{
	const struct zone_record wanted = { .key = key, .type = type };
	size_t low = 0, high = zone->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (by_owner_and_type(&zone->records[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_apex(const struct zone *zone, const char *name)
{
	char key[KEY_MAX] ATTR_UNINIT;
	const char *wanted = key;
	make_key(name, key);
	return zone->apex_count > 0 &&
	       bsearch(&wanted, zone->apexes, zone->apex_count, sizeof(wanted), compare_keys) != NULL;
}

const char *zone_apex(const struct zone *zone, const char *name)
{
	while (name && !is_apex(zone, name))
		name = dns_name_parent(name);
	return name;
}

static int add_apex(struct zone *zone, const char *name, struct error *err)
{
	char key[KEY_MAX] ATTR_UNINIT;
	const char *kept = NULL;
	size_t last = zone->apex_count - 1;
	make_key(name, key);
	if (zone->apex_count > 0 && strcmp(zone->apexes[last], key) == 0)
		return 0;
	if (zone_keep(zone, key, &kept, err) < 0 ||
	    vec_grow(&zone->apexes, zone->apex_count, &zone->apex_cap, sizeof(kept), err) < 0)
		return -1;
	zone->apexes[zone->apex_count++] = kept;
	return 0;
}

static void sort_apexes(struct zone *zone)
{
	if (zone->apex_count > 0)
		qsort(zone->apexes, zone->apex_count, sizeof(*zone->apexes), compare_keys);
}

/* The apex of the zone that a record under no SOA makes. */
static const char *own_apex(const struct zone_record *record)
{
	return strncmp(record->name, "*.", 2) == 0 ? record->name + 2 : record->name;
}

static int find_apexes(struct zone *zone, struct error *err)
{
	for (size_t i = 0; i < zone->count; i++)
		if (zone->records[i].type == DNS_SOA && add_apex(zone, zone->records[i].name, err) < 0)
			return -1;
	sort_apexes(zone);
	const size_t with_soa = zone->apex_count;
	for (size_t i = 0; i < zone->count; i++) {
		const size_t found = zone->apex_count;
		zone->apex_count = with_soa;
		bool covered = zone_apex(zone, zone->records[i].name) != NULL;
		zone->apex_count = found;
		if (!covered && add_apex(zone, own_apex(&zone->records[i]), err) < 0)
			return -1;
	}
	sort_apexes(zone);
	return 0;
}

int zone_seal(struct zone *zone, struct error *err)
{
	if (zone->sealed)
		return 0;
	drop_doubles(zone);
	zone->apex_count = 0;
	if (check_cnames(zone, err) < 0 || find_apexes(zone, err) < 0)
		return -1;
	zone->sealed = true;
	return 0;
}

const struct zone_record *zone_find(const struct zone *zone, const char *name, enum dns_type type, size_t *ret_count)
{
	char key[KEY_MAX] ATTR_UNINIT;
	make_key(name, key);
	size_t first = lower_bound(zone, key, type), end = first;
	while (end < zone->count && zone->records[end].type == type && strcmp(zone->records[end].key, key) == 0)
		end++;
	*ret_count = end - first;
	return *ret_count ? zone->records + first : NULL;
}

const struct zone_record *zone_records(const struct zone *zone, size_t *ret_count)
{
	*ret_count = zone->count;
	return zone->records;
}

bool zone_exists(const struct zone *zone, const char *name)
{
	char key[KEY_MAX] ATTR_UNINIT;
	make_key(name, key);
	size_t at = lower_bound(zone, key, 0);
	return at < zone->count && strncmp(zone->records[at].key, key, strlen(key)) == 0;
}
