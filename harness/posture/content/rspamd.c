/* Rspamd by HTTP and JSON. */
#include "harness/posture/content/rspamd.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/escape.h"
#include "harness/net/http.h"

enum { RESPONSE_MAX = 1024 * 1024, URL_MAX = 500, SYMBOLS_MAX = 1000 };

struct symbol {
	const char *name;
	double score;
};

/* Those that weigh most come first. */
static int rspamd_compare(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;
	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void add_symbols(json_t *object, struct buf *rules)
{
	struct symbol symbols[SYMBOLS_MAX];
	size_t count = 0;
	const char *name;
	json_t *value;
	json_object_foreach(object, name, value) if (count < SYMBOLS_MAX)
	    symbols[count++] = (struct symbol){ name, json_number_value(json_object_get(value, "score")) };
	qsort(symbols, count, sizeof(*symbols), rspamd_compare);
	for (size_t i = 0; i < count; i++)
		buf_addf(rules, "%s%s %.1f", rules->len > 0 ? ", " : "", symbols[i].name, symbols[i].score);
}

int rspamd_read(struct span text, struct spam_score *ret, struct error *err)
{
	json_error_t why;
	json_t *root = json_loadb(text.p ? text.p : "", text.len, JSON_REJECT_DUPLICATES, &why);
	const json_t *score = json_object_get(root, "score"), *required = json_object_get(root, "required_score");
	const char *action = json_string_value(json_object_get(root, "action"));
	if (!json_is_number(score) || !json_is_number(required) || !action) {
		json_decref(root);
		return error_set(err, ERROR_PROTOCOL, RETRY_LATER, 0, "this is no response of Rspamd: %.*s",
				 SPAN_ARG(span_sub(text, 0, 100)));
	}
	*ret = (struct spam_score){ .is_spam = strcmp(action, "no action") != 0,
				    .score = json_number_value(score),
				    .threshold = json_number_value(required),
				    .rules = BUF_INIT(SPAM_RULES_MAX) };
	escape_text(ret->action, sizeof(ret->action), span_of(action));
	add_symbols(json_object_get(root, "symbols"), &ret->rules);
	json_decref(root);
	return 0;
}

int rspamd_ask(const char *url, struct span message, struct deadline deadline, struct spam_score *ret,
	       struct error *err)
{
	char whole[URL_MAX];
	size_t len = strlen(url);
	struct http_response response = { 0 };
	snprintf(whole, sizeof(whole), "%.*s/checkv2", (int)(len > 0 && url[len - 1] == '/' ? len - 1 : len), url);
	/* As a message that a user hands in: what is not signed yet, and has no client, is not held to DMARC and SPF.
	 */
	const struct http_request request = { .url = whole,
					      .body_field = "User: " PACKAGE_NAME,
					      .content_type = "message/rfc822",
					      .body = message,
					      .max_octets = RESPONSE_MAX,
					      .deadline = deadline };
	if (http_send(&request, &response, err) < 0)
		return -1;
	int rc = response.status == 200
		     ? rspamd_read(buf_span(&response.body), ret, err)
		     : error_set(err, ERROR_REFUSED, RETRY_LATER, response.status, "Rspamd answers %d: %.*s",
				 response.status, SPAN_ARG(span_sub(buf_span(&response.body), 0, 100)));
	http_response_fini(&response);
	return rc;
}
