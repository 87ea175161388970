/* Addresses, dates and fields for the wire. What is written for the wire has only proper lines; an address that passes
 * the strict check reads the same as a list of one. The first octet chooses the field. */
#include "harness/base/utf8.h"
#include "harness/mail/address.h"
#include "harness/mail/date.h"
#include "harness/mail/encode.h"
#include "tests/fuzz/fuzz.h"

/* What is no proper list is read with a deviation, and what comes out is whole. */
static void check_loose(struct span text, bool proper)
{
	struct error err = ERROR_INIT, deviation;
	struct address_list list;
	if (address_list_read(&list, text, &deviation, &err) < 0) {
		CHECK(!proper && err.kind != ERROR_NONE);
		return;
	}
	CHECK(proper == (deviation.kind == ERROR_NONE));
	for (size_t i = 0; i < list.count; i++)
		CHECK(utf8_valid(list.v[i].domain) &&
		      (proper || (list.v[i].domain.len > 0 && list.v[i].local.len > 0)));
	address_list_fini(&list);
}

static void check_addresses(struct span text)
{
	struct error err = ERROR_INIT;
	struct address_list list;
	struct address plain;
	bool is_list = address_list_parse(&list, text, &err) == 0;
	check_loose(text, is_list);
	CHECK(address_of_path(address_of_path(text)).len <= text.len);
	if (address_check(text, &plain, &err) == 0) {
		_cleanup_(buf_fini) struct buf again = BUF_INIT(2 * text.len + 2);
		CHECK(is_list && list.count == 1 && span_eq(list.v[0].domain, plain.domain));
		CHECK(address_add_spec(&again, &list.v[0]) == 0);
		CHECK(address_check(buf_span(&again), &plain, &err) == 0 || plain.local.len >= 63);
	}
	if (is_list)
		address_list_fini(&list);
}

static void check_lines(struct span wire, bool ascii)
{
	size_t column = 0;
	for (size_t i = 0; i < wire.len; i++) {
		char c = wire.p[i];
		CHECK(!ascii || (unsigned char)c < 128);
		if (c == '\r') {
			CHECK(i + 1 < wire.len && wire.p[i + 1] == '\n');
			/* A line behind the first one begins with white space: no field was added. */
			CHECK(i + 2 == wire.len || wire.p[i + 2] == ' ' || wire.p[i + 2] == '\t');
			column = 0;
			i++;
			continue;
		}
		CHECK(c != '\n' && ++column <= ENCODE_LINE_HARD);
	}
	CHECK(wire.len >= 2 && wire.p[wire.len - 1] == '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct span text = { (const char *)data + 1, size - 1 };
	struct error err = ERROR_INIT;
	_cleanup_(buf_fini) struct buf field = BUF_INIT(1 << 20), body = BUF_INIT(4 * size + 1024);
	int64_t ms = 42;
	bool addresses = data[0] & 1;
	check_addresses(text);
	if (encode_field(&field, addresses ? SPAN_LIT("From") : SPAN_LIT("Subject"), text, &err) == 0)
		check_lines(buf_span(&field), !addresses);
	CHECK(encode_text(&body, text, encode_choose(text)) == 0);
	CHECK(date_parse(text, &ms) || ms == 42);
	ms = 42;
	CHECK(date_parse_received(text, &ms) || ms == 42);
	ms = 42;
	CHECK(date_parse_imap(text, &ms) || ms == 42);
	return 0;
}
