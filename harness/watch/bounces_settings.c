/* The settings of [bounces]. Data only. */
#include "harness/watch/bounces_settings.h"

#include "harness/mail/address_form.h"

static const struct setting_key bounces_keys[] = {
	{ "host", SETTING_TEXT(bounces_settings, host), .form = &address_form_host, .required = true,
	  .help = "The IMAP server of the mailbox where bounces arrive." },
	{ "port", SETTING_NUMBER(bounces_settings, port), .fallback_is = "993 with tls, else 143", .min = 1,
	  .max = 65535, .help = "Its port." },
	{ "security", SETTING_WORD(bounces_settings, security), .fallback = "tls", .words = imap_security_words,
	  .help =
	      "tls: from the start. starttls: STARTTLS is required. none: plain text, for a server on this machine." },
	{ "user", SETTING_TEXT(bounces_settings, user), .required = true, .help = "The login name." },
	{ "password", SETTING_SECRET(bounces_settings, password), .required = true,
	  .help = "The password, as a reference (see SECRETS)." },
	{ "mechanism", SETTING_WORD(bounces_settings, mechanism), .fallback = "auto", .words = sasl_mechanism_words,
	  .help = SASL_MECHANISM_HELP },
	{ "ca_file", SETTING_PATH(bounces_settings, ca_file), .fallback_is = "the system's certificates",
	  .help = "Certificates (PEM) that are trusted instead of the system's." },
	{ "folder", SETTING_TEXT(bounces_settings, folder), .fallback = "INBOX", .help = "The folder that is read." },
};

const struct setting_table bounces_settings_table = SETTING_TABLE(bounces_keys);
