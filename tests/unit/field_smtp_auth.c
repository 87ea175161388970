/* SMTP servers as they are: what they offer for signing in, and what they answer: smtp-auth.json. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka last: it needs the four above. */
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "tests/unit/smtp_bench.h"
#include "tests/unit/suites.h"

static const char *text_of(json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));
	return text ? text : "";
}

/* The lines of an array, each with its CRLF. */
static void add_lines(json_t *lines, const char *but, struct buf *out)
{
	json_t *line;
	size_t i;
	json_array_foreach(lines, i, line) if (!but || !strstr(json_string_value(line), but))
	    buf_addf(out, "%s\r\n", json_string_value(line));
}

/* Whether the message holds what is expected, up to a remark in parentheses; parts are separated by a semicolon. */
static bool is_said(struct span expected, const char *text)
{
	ptrdiff_t remark = span_find(expected, SPAN_LIT(" ("), 0);
	struct span part;
	if (remark >= 0)
		expected.len = (size_t)remark;
	while (span_next(&expected, ';', &part))
		if (span_find_nocase(span_of(text), span_trim(part), 0) < 0)
			return false;
	return true;
}

static bool is_tried(struct bench *bench, json_t *mechanisms)
{
	struct smtp_seen seen;
	char command[64];
	json_t *name;
	size_t i;
	json_array_foreach(mechanisms, i, name)
	{
		snprintf(command, sizeof(command), "AUTH %s", json_string_value(name));
		if (smtp_server_seen(bench->server, command, 1, &seen))
			return true;
	}
	return false;
}

/* Sends one message; the text of what went wrong is left in *err. */
static bool deliver(struct bench *bench, const struct smtp_server_params *server, const char *user, struct error *err)
{
	bench->params = (struct smtp_params){ .user = user, .connections = 1, .retry_ms = 10, .unreachable_ms = 2000 };
	bench_open(bench, server);
	bench_submit(bench, 1, "alpha", "Subject: x\r\n\r\nhello\r\n");
	int result = bench_run(bench, 10000, err);
	const struct bench_result *final = bench_final(bench, 1);
	if (result == 0)
		*err = final->error;
	return final->class == SMTP_ACCEPTED;
}

static bool is_auth_right(struct bench *bench, json_t *row)
{
	_cleanup_(buf_fini) struct buf lines = BUF_INIT(4096), reply = BUF_INIT(4096);
	struct span how = span_of(text_of(row, "server")), line;
	struct smtp_server_params server = { .needs_initial = strstr(how.p, "without an initial response") };
	struct error err = ERROR_INIT;
	add_lines(json_object_get(row, "ehlo"), "250 SIZE", &lines);
	server.auth = buf_str(&lines);
	if (span_starts(how, SPAN_LIT("534"))) {
		while (span_next(&how, '/', &line) && reply.len < 80)
			buf_addf(&reply, "%.*s\r\n", SPAN_ARG(span_trim(line)));
		buf_add_str(&reply, "534 5.7.9 see there\r\n");
		server.rules[0] = (struct smtp_rule){ "AUTH", 0, buf_str(&reply), 0 };
	}
	bool delivered = deliver(bench, &server, "service", &err);
	bool right = delivered == (strcmp(text_of(row, "outcome"), "delivered") == 0) &&
		     is_tried(bench, json_object_get(row, "mechanism")) &&
		     is_said(span_of(text_of(row, "says")), err.text);
	if (!right)
		printf("wrong: %s: %s\n%s", text_of(row, "id"), err.text, buf_str(&bench->transcript));
	bench_close(bench);
	return right;
}

/* A verb of the scripted server for the place of a reply; NULL for what is not said by a server. */
static const char *verb_of(const char *at)
{
	static const char *const verbs[][2] = { { "greeting", "GREETING" }, { "EHLO", "EHLO" }, { "RCPT", "RCPT" } };
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verbs[i][0], at) == 0)
			return verbs[i][1];
	return NULL;
}

static bool is_reply_right(struct bench *bench, json_t *row)
{
	_cleanup_(buf_fini) struct buf said = BUF_INIT(4096), reply = BUF_INIT(4096);
	bool once = strcmp(text_of(row, "times"), "first connection only") == 0;
	struct smtp_server_params server = { 0 };
	struct error err = ERROR_INIT;
	add_lines(json_object_get(row, "say"), NULL, &said);
	struct span text = buf_span(&said);
	ptrdiff_t remark = span_find(text, SPAN_LIT(" ("), 0);
	bool closes = remark >= 0 && strstr(text.p, "closes");
	if (remark >= 0)
		text.len = (size_t)remark;
	buf_addf(&reply, "%s%.*s%s", closes ? "bye " : "", SPAN_ARG(text), remark >= 0 ? "\r\n" : "");
	server.rules[0] = (struct smtp_rule){ verb_of(text_of(row, "at")), once ? 1 : 0, buf_str(&reply), 0 };
	bool delivered = deliver(bench, &server, NULL, &err);
	bool right = delivered == (strcmp(text_of(row, "outcome"), "delivered") == 0) &&
		     is_said(span_of(text_of(row, "says")), err.text);
	if (!right)
		printf("wrong: %s: %s\n%s", text_of(row, "id"), err.text, buf_str(&bench->transcript));
	bench_close(bench);
	return right;
}

void field_smtp_auth(struct suite *suite)
{
	json_t *data = suite_load(suite, "smtp-auth.json"), *row;
	void *bench = NULL;
	size_t i;
	bench_setup(&bench);
	json_array_foreach(json_object_get(data, "auth"), i, row) suite_count(suite, is_auth_right(bench, row), NULL);
	json_array_foreach(json_object_get(data, "replies"), i, row) if (verb_of(text_of(row, "at")))
	    suite_count(suite, is_reply_right(bench, row), NULL);
	bench_teardown(&bench);
	json_decref(data);
}
