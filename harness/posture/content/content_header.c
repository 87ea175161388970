/* The fields that every message has: when, which, from whom. */
#include <stdlib.h>
#include <string.h>

#include "harness/auth/orgdomain.h"
#include "harness/base/text.h"
#include "harness/mail/address.h"
#include "harness/mail/date.h"
#include "harness/mail/rfc5322.h"
#include "harness/posture/content/content_checks.h"

enum { DAY_MS = 24 * 60 * 60 * 1000, MEND_MAX = 200 };

/* --- Date, Message-ID ------------------------------------------------------------------------------------------- */

static void check_date(struct check *check, const struct content *c)
{
	struct span value = header_value(&c->header, "Date");
	size_t count = content_count_fields(c, "Date");
	int64_t now_ms = check_params(check)->now_ms, date_ms;
	char text[TIME_TEXT_MAX], mend[MEND_MAX];
	snprintf(mend, sizeof(mend), "send one Date field with the time of sending: `Date: %s`",
		 time_rfc5322(now_ms, text));
	if (count != 1) {
		check_bad(check, "content.date", content_name(c), mend,
			  "%zu Date fields (RFC 5322 section 3.6 wants one)", count);
	} else if (!date_parse(value, &date_ms)) {
		check_bad(check, "content.date", content_name(c), mend, "`%.*s` is no date", SPAN_ARG(value));
	} else {
		int64_t off_ms = date_ms > now_ms ? date_ms - now_ms : now_ms - date_ms;
		check_that(check, off_ms <= DAY_MS, "content.date", content_name(c), mend, "%.*s: %s from now",
			   SPAN_ARG(value), duration_words(off_ms, text));
	}
}

/* RFC 5322 section 3.6.4, with a name that others could own as well as we for the right-hand side: a full one. */
static bool is_message_id(struct span id)
{
	char host[DNS_NAME_TEXT_MAX];
	struct span left;
	if (id.len < 2 || id.p[0] != '<' || id.p[id.len - 1] != '>')
		return false;
	id = span_sub(id, 1, id.len - 2);
	if (span_find_char(id, '@', 0) < 0)
		return false;
	span_next(&id, '@', &left);
	return is_dot_atom(left) && is_dot_atom(id) && span_find_char(id, '.', 0) > 0 && dns_name_make(id, host);
}

static void check_message_id(struct check *check, const struct content *c)
{
	static const char id[] = "content.message-id";
	struct span value = header_value(&c->header, "Message-ID");
	size_t count = content_count_fields(c, "Message-ID");
	char mend[DNS_NAME_TEXT_MAX + 100];
	snprintf(mend, sizeof(mend), "send one Message-ID field, new for each message: `Message-ID: <UNIQUE@%s>`",
		 check_params(check)->domain);
	if (count != 1)
		check_bad(check, id, content_name(c), mend, "%zu Message-ID fields (RFC 5322 section 3.6 allows one)",
			  count);
	else
		check_that(check, is_message_id(value), id, content_name(c), mend, "%.*s", SPAN_ARG(value));
}

/* --- From ------------------------------------------------------------------------------------------------------- */

static bool is_name_octet(char c)
{
	return ascii_is_alnum(c) || c == '.' || c == '-' || c == '_' || c == '+' || c == '@' || (unsigned char)c > 127;
}

/* Whether a host's name belongs to whoever owns `domain`. */
static bool is_of(const char *host, const char *domain)
{
	const char *org = orgdomain_by_suffix(domain);
	return dns_name_under(domain, host) || (org && dns_name_under(host, org));
}

/* Whether a word of the display name reads as an address or host of somebody else. */
static bool is_foreign(struct span word, struct span address, const char *domain)
{
	char host[DNS_NAME_TEXT_MAX];
	ptrdiff_t at = span_find_char(word, '@', 0);
	if (at >= 0)
		return content_is_host(span_sub(word, (size_t)at + 1, SIZE_MAX), host) &&
		       !span_eq_nocase(word, address);
	return content_is_host(word, host) && !is_of(host, domain);
}

/* A character that is not shown as it is: one that turns the direction of what follows, a control. */
static bool is_deceptive(struct span display)
{
	_cleanup_(buf_fini) struct buf escaped = BUF_INIT(8 * display.len + 1);
	return text_add_escaped(&escaped, display) == 0 && !span_eq(buf_span(&escaped), display);
}

static struct span content_header_next_word(struct span *rest)
{
	size_t start = 0, end;
	while (start < rest->len && !is_name_octet(rest->p[start]))
		start++;
	end = start;
	while (end < rest->len && is_name_octet(rest->p[end]))
		end++;
	struct span word = span_sub(*rest, start, end - start);
	*rest = span_sub(*rest, end, SIZE_MAX);
	while (word.len > 0 && word.p[word.len - 1] == '.')
		word.len--;
	return word;
}

static void check_visible_name(struct check *check, const struct content *c, const struct address *from)
{
	static const char id[] = "content.visible-name",
			  mend[] =
			      "let the display name of From be the service's name, without an address or a host of "
			      "another domain in it";
	_cleanup_(buf_fini) struct buf display = BUF_INIT(4 * from->display.len + 1), address = BUF_INIT(1000);
	char domain[DNS_NAME_TEXT_MAX];
	charset_add_field(&display, from->display);
	address_add_spec(&address, from);
	struct span rest = buf_span(&display), word;
	if (!dns_name_make(from->domain, domain))
		domain[0] = '\0';
	bool deceptive = is_deceptive(rest);
	while (!deceptive && (word = content_header_next_word(&rest)).len > 0)
		if (is_foreign(word, buf_span(&address), domain)) {
			check_bad(check, id, content_name(c), mend, "\"%s\" names %.*s, and the address is %s",
				  check_text(check, &display), SPAN_ARG(word), check_text(check, &address));
			return;
		}
	check_that(check, !deceptive, id, content_name(c), mend, "\"%s\" before %s", check_text(check, &display),
		   check_text(check, &address));
}

static void check_from_field(struct check *check, const struct content *c)
{
	static const char id[] = "content.from-single", mend[] = "send one From field with one address";
	size_t count = content_count_fields(c, "From");
	struct address_list list = { 0 };
	struct error err = ERROR_INIT;
	if (count != 1) {
		check_bad(check, id, content_name(c), mend, "%zu From fields", count);
		return;
	}
	if (address_list_parse(&list, header_value(&c->header, "From"), &err) < 0) {
		check_bad(check, id, content_name(c), mend, "%s: %s", check_text(check, &c->from), err.text);
		return;
	}
	check_that(check, list.count == 1, id, content_name(c), mend, "%s: %zu address%s", check_text(check, &c->from),
		   list.count, list.count == 1 ? "" : "es");
	if (list.count == 1)
		check_visible_name(check, c, &list.v[0]);
	address_list_fini(&list);
}

void content_check_header(struct check *check, const struct content *c)
{
	check_date(check, c);
	check_message_id(check, c);
	check_from_field(check, c);
}
