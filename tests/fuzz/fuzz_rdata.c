/* Names and rdata as servers send them. The first two octets are the type, the rest is the rdata; as a name, all of it
 * is one. What is written of it reads back as the same. */
#include "harness/base/compiler.h"
#include "harness/dns/name.h"
#include "harness/dns/rdata.h"
#include "harness/dns/zone.h"
#include "tests/fuzz/fuzz.h"

enum { PRIVATE_USE = 65280 };

static void check_name(struct span octets)
{
	char name[DNS_NAME_TEXT_MAX], again[DNS_NAME_TEXT_MAX];
	_cleanup_(buf_fini) struct buf wire = BUF_INIT(255);
	size_t used = 0;
	if (dns_name_make(octets, name)) {
		CHECK(dns_name_normal(name, again) && strcmp(name, again) == 0);
		CHECK(dns_name_labels(name) > 0 && dns_name_under(name, dns_name_parent(name)));
	}
	if (!dns_name_from_wire(octets, name, &used))
		return;
	CHECK(used <= octets.len && dns_name_to_wire(name, &wire));
	CHECK(span_eq_nocase(buf_span(&wire), span_sub(octets, 0, used)));
	CHECK(dns_name_normal(name, again) && strcmp(name, again) == 0);
}

static void read_as_all_types(const struct dns_record *record)
{
	_cleanup_(buf_fini) struct buf txt = BUF_INIT(65535);
	char name[DNS_NAME_TEXT_MAX], text[IP_TEXT_MAX];
	struct ip ip;
	uint16_t preference;
	size_t strings = 0;
	CHECK(!rdata_txt(record, &txt, &strings) || txt.len + strings == record->len);
	CHECK(!rdata_address(record, &ip) || ip_format(&ip, text));
	CHECK(!rdata_name(record, name) || name[0]);
	CHECK(!rdata_mx(record, &preference, name) || name[0]);
}

/* Whether a zone file keeps the data: of types that nobody asks for it keeps the name at most. Types from 65280 on are
 * for private use (RFC 6895 section 3.1), so that no release will know them. */
static bool is_kept(enum dns_type type)
{
	char word[DNS_TYPE_TEXT_MAX];
	if ((unsigned)type >= PRIVATE_USE)
		return true;
	return type != DNS_DNSKEY && strncmp(dns_type_name(type, word), "TYPE", 4) != 0;
}

/* Letters in names are put in lower case, so it is the second writing that must be equal to the first. */
static void check_text(enum dns_type type, const struct dns_record *record)
{
	struct error err = ERROR_INIT;
	char word[DNS_TYPE_TEXT_MAX];
	_cleanup_(zone_free_p) struct zone *zone = NULL;
	_cleanup_(buf_fini) struct buf text = BUF_INIT(1 << 20), line = BUF_INIT(1 << 20), again = BUF_INIT(1 << 20);
	size_t count = 0;
	CHECK(rdata_add_text(type, record, &text) == 0);
	for (size_t i = 0; i < text.len; i++)
		CHECK(text.p[i] >= ' ' && text.p[i] <= '~');
	if (!is_kept(type))
		return;
	buf_addf(&line, "a. 1 %s %s", dns_type_name(type, word), buf_str(&text));
	CHECK(zone_new(&zone, &err) == 0 && zone_parse(zone, buf_span(&line), "f", &err) == 0);
	CHECK(zone_seal(zone, &err) == 0);
	const struct zone_record *found = zone_find(zone, "a", type, &count);
	CHECK(count == 1 && found->data.len == record->len);
	CHECK(rdata_add_text(type, &found->data, &again) == 0 && span_eq(buf_span(&text), buf_span(&again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char rdata[65535];
	if (size < 2 || size - 2 > sizeof(rdata))
		return 0;
	memcpy(rdata, data + 2, size - 2);
	const struct dns_record record = { rdata, size - 2 };
	check_name(span_make((const char *)rdata, record.len));
	read_as_all_types(&record);
	check_text((enum dns_type)(data[0] << 8 | data[1]), &record);
	return 0;
}
