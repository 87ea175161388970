/* The settings of sending. Data, and what its texts must look like. */
#include "harness/send/send_settings.h"

#include <string.h>

#include "harness/mail/address.h"
#include "harness/mail/address_form.h"
#include "harness/mail/tag.h"

enum { SECOND = 1000, HOUR = 3600 * SECOND, ADDRESS_MAX = 65536 };

static int send_check_from(struct span text, struct error *err)
{
	struct address_list list;
	if (address_list_parse(&list, text, err) < 0)
		return -1;
	struct buf spec = BUF_INIT(ADDRESS_MAX);
	struct address plain;
	int result = -1;
	if (list.count != 1)
		setting_refuse(err, text, "write one address, with a display name in front of it or not");
	else if (address_add_spec(&spec, &list.v[0]) == 0)
		result = address_check(buf_span(&spec), &plain, err);
	else
		error_memory(err);
	buf_fini(&spec);
	address_list_fini(&list);
	return result;
}

static int send_check_sender(struct span text, struct error *err)
{
	struct address plain;
	if (address_check(text, &plain, err) < 0)
		return -1;
	if (memchr(text.p, '{', text.len) && !tag_pattern_valid(text))
		return setting_refuse(err, text, "write {tag} once in it, as in bounces+{tag}@example.org");
	return 0;
}

static int send_check_url(struct span text, struct error *err)
{
	struct span rest = text;
	if (span_starts_nocase(text, SPAN_LIT("smtp://")))
		rest = span_sub(text, 7, text.len);
	else if (span_starts_nocase(text, SPAN_LIT("smtps://")))
		rest = span_sub(text, 8, text.len);
	else
		return setting_refuse(err, text, "begin with smtp:// or smtps://");
	if (!address_is_host_port(rest))
		return setting_refuse(
		    err, text, "write smtp://HOST or smtp://HOST:PORT; user and password have keys of their own");
	return 0;
}

static const struct setting_form send_form_from = { "a mail address, with a display name or not", send_check_from };
static const struct setting_form send_form_sender = { "a mail address that may hold {tag}", send_check_sender };
static const struct setting_form send_form_url = { "smtp://HOST[:PORT] or smtps://HOST[:PORT]", send_check_url };

static const char *const starttls_words[] = { "required", "none", NULL };
static const char *const stream_words[] = { "transactional", "marketing", NULL };

static const struct setting_key service_keys[] = {
	{ "from", SETTING_TEXT(service_settings, from), .form = &send_form_from, .required = true,
	  .help = "The From header of the messages, as the service writes it: an address, with a display name in front "
		  "of it or not. Templates that have a From of their own must use the same address." },
	{ "envelope_sender", SETTING_TEXT(service_settings, envelope_sender), .form = &send_form_sender,
	  .fallback_is = "the address of from",
	  .help = "The sender of the SMTP envelope, where bounces go. With {tag} in it every message has a sender of "
		  "its own, by which a bounce is matched: bounces+{tag}@example.org. [bounces] needs that." },
	{ "domain", SETTING_TEXT(service_settings, domain), .form = &address_form_domain,
	  .fallback_is = "the domain of from", .help = "The domain that stands in the Message-ID." },
};

static const struct setting_key smtp_keys[] = {
	{ "url", SETTING_TEXT(smtp_settings, url), .form = &send_form_url, .required = true,
	  .help =
	      "The service's own mail server, which the messages are handed to: smtp://HOST[:PORT] (port 25 where none "
	      "is given), or smtps://HOST[:PORT] for TLS from the start (465). An IPv6 address stands in brackets." },
	{ "starttls", SETTING_WORD(smtp_settings, starttls), .fallback = "required", .words = starttls_words,
	  .help = "required: nothing is sent without STARTTLS and a certificate that holds. none: plain text, for a "
		  "server on this machine. Of no effect with smtps://." },
	{ "user", SETTING_TEXT(smtp_settings, user), .fallback_is = "no authentication",
	  .help = "The login name. password must be given as well." },
	{ "password", SETTING_SECRET(smtp_settings, password), .fallback_is = "no authentication",
	  .help = "The password, as a reference (see SECRETS)." },
	{ "mechanism", SETTING_WORD(smtp_settings, mechanism), .fallback = "auto", .words = sasl_mechanism_words,
	  .help = SASL_MECHANISM_HELP },
	{ "ca_file", SETTING_PATH(smtp_settings, ca_file), .fallback_is = "the system's certificates",
	  .help = "Certificates (PEM) that are trusted instead of the system's." },
	{ "helo", SETTING_TEXT(smtp_settings, helo), .form = &address_form_host,
	  .fallback_is = "the name of this machine", .help = "The name that is said in EHLO." },
	{ "connections", SETTING_NUMBER(smtp_settings, connections), .fallback = "4", .min = 1, .max = 64,
	  .help = "Most connections at once." },
	{ "pace", SETTING_DURATION(smtp_settings, pace_ms), .fallback = "1s", .min = 0, .max = HOUR,
	  .help = "Least time between two messages to the same provider." },
	{ "timeout", SETTING_DURATION(smtp_settings, timeout_ms), .fallback = "30s", .min = 100, .max = HOUR,
	  .help = "Most time for connecting, and for each reply." },
	{ "retry", SETTING_DURATION(smtp_settings, retry_ms), .fallback = "10s", .min = 100, .max = HOUR,
	  .help = "The first wait after a temporary failure. Each further one is longer." },
};

static const struct setting_key message_keys[] = {
	{ "template", SETTING_PATH(message_settings, template_path), .required = true,
	  .help = "The message, an .eml file with {{to}} in its To header. {{tag}}, {{date}}, {{from}} and own "
		  "variables may stand in it too." },
	{ "stream", SETTING_WORD(message_settings, stream), .fallback = "transactional", .words = stream_words,
	  .help = "transactional: the recipient asked for this one message. marketing: a list or a campaign. Rules for "
		  "senders differ." },
	{ "subject_tag", SETTING_BOOL(message_settings, subject_tag), .fallback = "no",
	  .help = "Whether the tag stands at the end of the subject as well: for relays that rewrite both Message-ID "
		  "and headers of our own." },
};

const struct setting_table service_settings_table = SETTING_TABLE(service_keys);
const struct setting_table smtp_settings_table = SETTING_TABLE(smtp_keys);
const struct setting_table message_settings_table = SETTING_TABLE(message_keys);
