/* The settings of sending: who sends, through which server, what. */
#ifndef SEND_SEND_SETTINGS_H
#define SEND_SEND_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/secret.h"
#include "harness/base/setting.h"
#include "harness/model/sasl_mechanism.h"
#include "harness/model/words.h"

enum smtp_starttls {
	SMTP_STARTTLS_REQUIRED, /* the default: no STARTTLS, no mail */
	SMTP_STARTTLS_NONE,     /* plaintext, because the user says so; means nothing for smtps:// */
};

/* [service] */
struct service_settings {
	char *from;            /* as written: `Shop <no-reply@shop.example>` */
	char *from_name;       /* display name without quotes, "" where there is none */
	char *from_address;    /* `no-reply@shop.example` */
	char *envelope_sender; /* RFC 5321 reverse-path; may hold `{tag}` (VERP). Default: from_address */
	char *domain;          /* default: the domain of from_address */
};

/* [smtp] */
struct smtp_settings {
	char *url; /* `smtp://HOST[:PORT]` or `smtps://HOST[:PORT]` */
	enum smtp_starttls starttls;
	char *user; /* NULL: no authentication; else password is there as well */
	struct secret_ref *password;
	enum sasl_mechanism mechanism;
	char *ca_file;        /* absolute or relative to the working directory; NULL: the system's */
	char *helo;           /* name said in EHLO; NULL: this machine's */
	uint64_t connections; /* at once */
	int64_t pace_ms;      /* between two messages to one provider */
	int64_t timeout_ms;   /* of each step: connect, reply, data */
	int64_t retry_ms;     /* first wait after a temporary failure; each further one is longer */
};

struct message_var {
	char *name; /* without `var.` */
	char *value;
};

/* [message NAME] */
struct message_settings {
	char *name;
	char *template_path;
	enum stream stream;
	bool subject_tag; /* the tag stands in the subject as well */
	struct message_var *vars;
	size_t var_count;
	unsigned line; /* of its section; 0 where it was rebuilt from settings */
};

extern const struct setting_table service_settings_table;
extern const struct setting_table smtp_settings_table;
extern const struct setting_table message_settings_table; /* without `var.` keys */

#endif
