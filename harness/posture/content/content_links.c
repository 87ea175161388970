/* Links as they are written: where they say that they lead, and where they do. */
#include <string.h>

#include "harness/posture/content/content_checks.h"

/* Whether a host is one of the names, or lies under one. */
static bool is_under_one_of(const char *host, const char *const *names)
{
	while (*names && !dns_name_under(host, *names))
		names++;
	return *names != NULL;
}

static bool is_plain_http(const struct content_link *l)
{
	return strcmp(l->url.scheme, "https") != 0;
}

/* --- what is shown ---------------------------------------------------------------------------------------------- */

static bool is_host_end(char c)
{
	return c == '/' || c == '?' || c == '#' || c == ':';
}

/* The host that the text of a link names: `https://www.example.org/x`, `example.org`, `www.example.org/x`. */
static bool shown_host(const char *shown, char out[DNS_NAME_TEXT_MAX])
{
	struct span text = span_of(shown), host;
	ptrdiff_t mark = span_find(text, SPAN_LIT("://"), 0);
	if (mark >= 0)
		text = span_sub(text, (size_t)mark + 3, SIZE_MAX);
	size_t len = 0;
	while (len < text.len && !is_host_end(text.p[len]))
		len++;
	host = span_sub(text, 0, len);
	return content_is_host(host, out);
}

/* Hosts below a bare domain belong to it: a text of `GOV.UK` may lead to a service. A `www.` more or less is no other
 * host. */
static bool shows_other_host(const struct content_link *l)
{
	char shown[DNS_NAME_TEXT_MAX], host[DNS_NAME_TEXT_MAX];
	if (!shown_host(l->shown, shown))
		return false;
	if (!dns_name_make(span_of(l->url.host), host))
		return true;
	bool is_www = strncmp(shown, "www.", 4) == 0;
	return is_www ? strcmp(shown, host) != 0 && strcmp(shown + 4, host) != 0 : !dns_name_under(host, shown);
}

/* The URL without what a reader can do without. */
static struct span essence(const char *url)
{
	struct span s = span_of(url);
	ptrdiff_t fragment = span_find_char(s, '#', 0);
	if (fragment >= 0)
		s.len = (size_t)fragment;
	if (span_starts_nocase(s, SPAN_LIT("https://")))
		s = span_sub(s, 8, SIZE_MAX);
	if (span_starts_nocase(s, SPAN_LIT("www.")))
		s = span_sub(s, 4, SIZE_MAX);
	if (s.len > 0 && s.p[s.len - 1] == '/')
		s.len--;
	return s;
}

static bool is_not_in_full(const struct content_link *l)
{
	return l->kind == CONTENT_LINK_HTML && !span_eq_nocase(essence(l->shown), essence(l->url.whole));
}

/* --- who stands in between -------------------------------------------------------------------------------------- */

static bool is_shortener(const struct content_link *l)
{
	static const char *const hosts[] = {
		"adf.ly",     "amzn.to",     "bit.do",      "bit.ly",       "bitly.com", "bl.ink", "buff.ly", "cutt.ly",
		"dlvr.it",    "fb.me",       "goo.gl",      "is.gd",        "lnkd.in",   "ow.ly",  "qr.ae",   "rb.gy",
		"rebrand.ly", "s.id",        "shorturl.at", "shorturl.com", "snip.ly",   "soo.gd", "t.co",    "t.ly",
		"tiny.cc",    "tinyurl.com", "tr.im",       "urlz.fr",      "v.gd",      "x.co",   NULL
	};
	return is_under_one_of(l->url.host, hosts);
}

/* Hosts of mail services that count clicks and openings. */
static const char *const tracking_hosts[] = { "awstrack.me",
					      "clicks.mlsend.com",
					      "ct.sendgrid.net",
					      "customeriomail.com",
					      "emltrk.com",
					      "exct.net",
					      "google-analytics.com",
					      "hubspotlinks.com",
					      "hubspotemail.net",
					      "klclick.com",
					      "klclick1.com",
					      "list-manage.com",
					      "mailtrack.io",
					      "mandrillapp.com",
					      "mjt.lu",
					      "pstmrk.it",
					      "rs6.net",
					      "sendibm1.com",
					      "sendibt2.com",
					      "sendibt3.com",
					      "sparkpostmail.com",
					      "sparkpostmail2.com",
					      "u.sendgrid.net",
					      NULL };

static bool is_tracking_parameter(struct span name)
{
	static const char *const names[] = { "_hsenc", "_hsmi",   "dclid",   "fbclid",  "gclid",  "mc_cid",
					     "mc_eid", "mkt_tok", "msclkid", "vero_id", "wbraid", NULL };
	if (span_starts_nocase(name, SPAN_LIT("utm_")))
		return true;
	for (size_t i = 0; names[i]; i++)
		if (span_is_nocase(name, names[i]))
			return true;
	return false;
}

static bool is_tracking(const struct content_link *l)
{
	struct span query = span_of(l->url.query), parameter, name;
	if (is_under_one_of(l->url.host, tracking_hosts))
		return true;
	if (l->kind == CONTENT_LINK_IMAGE && (l->width == 0 || l->width == 1) && (l->height == 0 || l->height == 1))
		return true;
	while (span_next(&query, '&', &parameter))
		if (span_next(&parameter, '=', &name) && is_tracking_parameter(name))
			return true;
	return false;
}

static bool is_not_gov_uk(const struct content_link *l)
{
	return !dns_name_under(l->url.host, "gov.uk");
}

/* --- the rules -------------------------------------------------------------------------------------------------- */

struct link_rule {
	const char *id;
	bool (*is_bad)(const struct content_link *link);
	bool gov_uk; /* asked of services of GOV.UK only */
	const char *mend;
};

static const struct link_rule rules[] = {
	{ "content.links-https", is_plain_http, false, "write https:// for every link and image" },
	{ "content.links-shown", shows_other_host, false,
	  "let the text of a link name no other host than the one that it leads to" },
	{ "content.links-in-full", is_not_in_full, true, "show the whole URL as the text of the link" },
	{ "content.links-gov-uk", is_not_gov_uk, true, "link to pages on GOV.UK only" },
	{ "content.no-shorteners", is_shortener, false, "link to the page itself" },
	{ "content.no-tracking", is_tracking, false,
	  "switch click and open tracking off at whoever sends the mail, and drop its parameters" },
};

static void check_rule(struct check *check, const struct content *c, const struct link_rule *rule)
{
	_cleanup_(buf_fini) struct buf list = BUF_INIT(CONTENT_LIST_MAX);
	size_t bad = 0;
	for (size_t i = 0; i < c->link_count; i++) {
		if (!rule->is_bad(&c->links[i]))
			continue;
		bad++;
		if (c->links[i].shown[0])
			check_enumerate(&list, ", ", "%s shown as \"%s\"", c->links[i].url.whole, c->links[i].shown);
		else
			check_enumerate(&list, ", ", "%s", c->links[i].url.whole);
	}
	if (bad == 0 && c->links_cut)
		check_open(check, rule->id, content_name(c),
			   "none of the first %zu links and images; more are not looked at", c->link_count);
	else if (bad == 0)
		check_good(check, rule->id, content_name(c), "%zu links and images", c->link_count);
	else
		check_bad(check, rule->id, content_name(c), rule->mend, "%zu of %zu links and images: %s", bad,
			  c->link_count, check_text(check, &list));
}

void content_check_links(struct check *check, const struct content *c)
{
	bool gov_uk = dns_name_under(check_params(check)->domain, "gov.uk");
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (gov_uk || !rules[i].gov_uk)
			check_rule(check, c, &rules[i]);
}
