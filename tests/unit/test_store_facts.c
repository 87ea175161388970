/* Every kind of fact comes back as it was stored, once, and stays. */
#include "tests/unit/unit.h"
#include "tests/unit/store_fixture.h"

#include <sqlite3.h>

#define OCTETS(array) (array), sizeof(array) - 1

static void assert_octets(const char *p, size_t len, const char *want, size_t want_len)
{
	assert_int_equal(len, want_len);
	assert_memory_equal(p, want, want_len);
}

static void a_plan_comes_back_in_its_order(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	struct run_facts facts = { 0 };
	int64_t run = 0;
	assert_done(fixture_plan(store, "t", &run, &err), err);
	assert_int_equal(store_run_load(store, run, STORE_LOAD_ALL, &facts, &err), 1);
	assert_int_equal(facts.summary.id, run);
	assert_string_equal(facts.summary.label, "before the release");
	assert_int_equal(facts.summary.created_ms, 1000);
	assert_int_equal(facts.summary.probes, 2);
	assert_false(facts.summary.finished);
	assert_int_equal(facts.setting_count, 2);
	assert_string_equal(facts.settings[0].section, "provider alpha");
	assert_string_equal(facts.settings[1].key, "tls");
	assert_string_equal(facts.settings[1].value, "1.2");
	assert_int_equal(facts.message_count, 1);
	assert_string_equal(facts.messages[0].name, "welcome");
	assert_int_equal(facts.messages[0].stream, STREAM_MARKETING);
	assert_string_equal(facts.messages[0].sha256, "00ff");
	assert_int_equal(facts.probe_count, 2);
	assert_string_equal(facts.probes[0].seed, "ben@bravo.test");
	assert_string_equal(facts.probes[0].tag, "t-first");
	assert_string_equal(facts.probes[1].provider, "alpha");
	assert_string_equal(facts.probes[1].message, "welcome");
	assert_null(facts.probes[0].composed);
	assert_null(facts.probes[0].message_id);
	run_facts_fini(&facts);
	assert_int_equal(store_run_load(store, run + 1, STORE_LOAD_ALL, &facts, &err), 0);
}

static void a_plan_that_cannot_be_stored_leaves_nothing(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	int64_t run = 0, second = 77, newest = 0;
	assert_done(fixture_plan(store, "same", &run, &err), err);
	assert_int_equal(fixture_plan(store, "same", &second, &err), -1); /* the tags are taken */
	assert_int_equal(err.kind, ERROR_STORE);
	assert_int_equal(second, 77);
	assert_int_equal(store_run_newest(store, false, &newest, &err), 1);
	assert_int_equal(newest, run);
}

static int intend(struct store *store, int64_t probe, int64_t at_ms, const char *message_id, const char *mail_from,
		  struct span octets, struct error *err)
{
	return store_send_intents(store, &(struct send_intent){ probe, at_ms, message_id, mail_from, octets }, 1, err);
}

static int step(struct store *store, int64_t probe, const struct send_event *event, struct error *err)
{
	return store_send_events(store, &(struct send_step){ probe, event }, 1, err);
}

static void steps_of_sending_come_back(void **state)
{
	static char octets[] = "Subject: x\r\n\r\n\0body\xff";
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	struct probe probe = { 0 };
	int64_t run = 0;
	assert_done(fixture_plan(store, "t", &run, &err), err);
	int64_t id = fixture_probe(store, run, 1);
	assert_done(intend(store, id, 5, "pp.x@example", "", span_make(OCTETS(octets)), &err), err);
	const struct send_event over = {
		.kind = SEND_HANDING_OVER, .stage = STAGE_END_OF_DATA, .at_ms = 6, .attempt = 1
	};
	const struct send_event reply = { .kind = SEND_REPLY,
					  .stage = STAGE_END_OF_DATA,
					  .at_ms = 7,
					  .attempt = 1,
					  .reply_code = 250,
					  .enhanced = "2.0.0",
					  .text = "queued as 4X",
					  .tls_version = "TLS1.3",
					  .tls_cipher = "AES",
					  .peer = "[2001:db8::1]:587" };
	assert_done(step(store, id, &over, &err), err);
	assert_done(step(store, id, &reply, &err), err);

	assert_int_equal(store_probe_load(store, id, STORE_LOAD_ALL, &probe, &err), 1);
	assert_string_equal(probe.message_id, "pp.x@example");
	assert_string_equal(probe.mail_from, "");
	assert_octets(probe.composed, probe.composed_len, OCTETS(octets));
	assert_int_equal(probe.send_count, 3);
	assert_int_equal(probe.sends[0].kind, SEND_INTENT);
	assert_int_equal(probe.sends[0].at_ms, 5);
	assert_null(probe.sends[0].text);
	assert_int_equal(probe.sends[1].kind, SEND_HANDING_OVER);
	const struct send_event *e = &probe.sends[2];
	assert_int_equal(e->kind, SEND_REPLY);
	assert_int_equal(e->stage, STAGE_END_OF_DATA);
	assert_int_equal(e->attempt, 1);
	assert_int_equal(e->reply_code, 250);
	assert_string_equal(e->enhanced, "2.0.0");
	assert_string_equal(e->text, "queued as 4X");
	assert_string_equal(e->tls_version, "TLS1.3");
	assert_string_equal(e->tls_cipher, "AES");
	assert_string_equal(e->peer, "[2001:db8::1]:587");
	probe_fini(&probe);

	assert_int_equal(store_probe_load(store, id, STORE_LOAD_HEADERS, &probe, &err), 1);
	assert_octets(probe.composed, probe.composed_len, "Subject: x\r\n\r\n", strlen("Subject: x\r\n\r\n"));
	assert_string_equal(probe.message_id, "pp.x@example");
	probe_fini(&probe);
	assert_int_equal(store_probe_load(store, id + 100, STORE_LOAD_ALL, &probe, &err), 0);
}

static void a_probe_is_handed_over_only_where_that_is_safe(void **state)
{
	enum { NOT_COMPOSED = -1 };
	static const struct {
		const char *label;
		enum send_event_kind before;
		int before_code; /* NOT_COMPOSED: no intent either; 0: the intent alone */
		bool handed_over;
		bool allowed;
	} rows[] = {
		{ "not composed", SEND_REPLY, NOT_COMPOSED, false, false },
		{ "composed", SEND_REPLY, 0, false, true },
		{ "refused later", SEND_REPLY, 451, false, true },
		{ "attempt failed before it", SEND_FAILED, 1, false, true },
		{ "handed over, no reply", SEND_REPLY, 0, true, false },
		{ "handed over, 4xx", SEND_REPLY, 451, true, true },
		{ "handed over, accepted", SEND_REPLY, 250, true, false },
		{ "handed over, 5xx", SEND_REPLY, 550, true, false },
		{ "handed over, connection lost", SEND_FAILED, 1, true, false },
		{ "rejected before it", SEND_REPLY, 550, false, false },
	};
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	const struct send_event over = { .kind = SEND_HANDING_OVER, .stage = STAGE_END_OF_DATA };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		char mark[16];
		int64_t run = 0;
		snprintf(mark, sizeof(mark), "t%zu", i);
		assert_done(fixture_plan(store, mark, &run, &err), err);
		int64_t id = fixture_probe(store, run, 0);
		if (rows[i].before_code != NOT_COMPOSED)
			assert_done(intend(store, id, 1, "m", "f", SPAN_LIT("x"), &err), err);
		if (rows[i].handed_over)
			assert_done(step(store, id, &over, &err), err);
		if (rows[i].before_code > 0) {
			const struct send_event before = { .kind = rows[i].before,
							   .reply_code = rows[i].before == SEND_REPLY
									     ? rows[i].before_code
									     : 0 };
			assert_done(step(store, id, &before, &err), err);
		}
		int result = step(store, id, &over, &err);
		if ((result == 0) != rows[i].allowed)
			fail_msg("%s: %s", rows[i].label, result == 0 ? "handed over" : err.text);
	}
}

static size_t count_sends(struct store *store, int64_t probe)
{
	struct error err = ERROR_INIT;
	struct probe p = { 0 };
	assert_int_equal(store_probe_load(store, probe, STORE_LOAD_ALL, &p, &err), 1);
	size_t count = p.send_count;
	probe_fini(&p);
	return count;
}

static void what_is_stored_together_is_stored_whole_or_not_at_all(void **state)
{
	const struct send_event over = { .kind = SEND_HANDING_OVER, .stage = STAGE_END_OF_DATA };
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	int64_t run = 0;
	assert_done(fixture_plan(store, "t", &run, &err), err);
	const int64_t first = fixture_probe(store, run, 0), second = fixture_probe(store, run, 1);
	const struct send_intent twice[] = { { first, 1, "a", "f", SPAN_LIT("a") },
					     { first, 1, "b", "f", SPAN_LIT("b") } },
				 both[] = { { first, 1, "a", "f", SPAN_LIT("a") },
					    { second, 1, "b", "f", SPAN_LIT("b") } };
	assert_int_equal(store_send_intents(store, twice, 2, &err), -1);
	assert_int_equal(count_sends(store, first), 0);
	assert_done(store_send_intents(store, both, 2, &err), err);
	assert_int_equal(count_sends(store, first) + count_sends(store, second), 2);
	const struct send_step refused[] = { { first, &over }, { second, &over }, { first, &over } };
	assert_int_equal(store_send_events(store, refused, 3, &err), -1);
	assert_int_equal(count_sends(store, first) + count_sends(store, second), 2);
	assert_done(store_send_events(store, refused, 2, &err), err);
	assert_int_equal(count_sends(store, first) + count_sends(store, second), 4);
}

static void a_probe_is_composed_once(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	struct probe probe = { 0 };
	int64_t run = 0;
	assert_done(fixture_plan(store, "t", &run, &err), err);
	int64_t id = fixture_probe(store, run, 0);
	assert_done(intend(store, id, 1, "first", "f", SPAN_LIT("first"), &err), err);
	assert_int_equal(intend(store, id, 2, "second", "f", SPAN_LIT("second"), &err), -1);
	assert_int_equal(store_probe_load(store, id, STORE_LOAD_ALL, &probe, &err), 1);
	assert_string_equal(probe.composed, "first");
	assert_int_equal(probe.send_count, 1);
	probe_fini(&probe);
}

/* Each change of what is known of a place is a row: there, gone, there again. */
static void message_that_is_there_again_is_a_new_sight(void **state)
{
	static const struct {
		const char *label;
		bool gone;
		int stored;
		size_t rows;
	} steps[] = {
		{ "seen", false, 1, 1 },          { "seen once more", false, 0, 1 }, { "gone", true, 1, 2 },
		{ "gone once more", true, 0, 2 }, { "there again", false, 1, 3 },    { "and once more", false, 0, 3 },
		{ "gone again", true, 1, 4 },
	};
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	int64_t run = 0;
	assert_done(fixture_plan(store, "t", &run, &err), err);
	int64_t id = fixture_probe(store, run, 0);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct probe probe = { 0 };
		const struct observation o = { .at_ms = 10 + (int64_t)i,
					       .gone = steps[i].gone,
					       .folder = "INBOX",
					       .role = FOLDER_INBOX,
					       .uidvalidity = 7,
					       .uid = 5,
					       .header = steps[i].gone ? NULL : "",
					       .body = steps[i].gone ? NULL : "",
					       .found_by = "watch" };
		ROW_ASSERT(steps[i].label, store_observation_add(store, id, &o, &err) == steps[i].stored);
		ROW_ASSERT(steps[i].label, store_probe_load(store, id, STORE_LOAD_ALL, &probe, &err) == 1);
		ROW_ASSERT(steps[i].label, probe.observation_count == steps[i].rows);
		ROW_ASSERT(steps[i].label, probe.observations[steps[i].rows - 1].gone == steps[i].gone);
		probe_fini(&probe);
	}
}

static void an_observation_comes_back_once_in_order_of_time(void **state)
{
	static char header[] = "X: \0\xff\r\n\r\n", body[] = "\0\0";
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	struct probe probe = { 0 };
	int64_t run = 0;
	assert_done(fixture_plan(store, "t", &run, &err), err);
	int64_t id = fixture_probe(store, run, 0);
	const struct observation later = { .at_ms = 90,
					   .folder = "Ünwichtig",
					   .role = FOLDER_SPAM,
					   .uid = 1,
					   .uidvalidity = 4000000000U,
					   .found_by = "sweep",
					   .header = "",
					   .body = "" };
	struct observation seen = { .at_ms = 20,
				    .folder = "INBOX",
				    .role = FOLDER_INBOX,
				    .uidvalidity = 7,
				    .uid = 4294967295U,
				    .internal_ms = 19,
				    .absent_ms = 17,
				    .size = 5000000000,
				    .truncated = true,
				    .header = header,
				    .header_len = sizeof(header) - 1,
				    .body = body,
				    .body_len = sizeof(body) - 1,
				    .found_by = "watch" };
	assert_int_equal(store_observation_add(store, id, &later, &err), 1);
	assert_int_equal(store_observation_add(store, id, &seen, &err), 1);
	seen.at_ms = 50;
	seen.body_len = 1;
	assert_int_equal(store_observation_add(store, id, &seen, &err), 0);
	const struct observation gone = { .at_ms = 60,
					  .gone = true,
					  .folder = "INBOX",
					  .role = FOLDER_INBOX,
					  .uidvalidity = 7,
					  .uid = 4294967295U,
					  .found_by = "watch" };
	assert_int_equal(store_observation_add(store, id, &gone, &err), 1);

	assert_int_equal(store_probe_load(store, id, STORE_LOAD_ALL, &probe, &err), 1);
	assert_int_equal(probe.observation_count, 3);
	const struct observation *o = probe.observations;
	assert_int_equal(o[0].at_ms, 20);
	assert_string_equal(o[0].folder, "INBOX");
	assert_int_equal(o[0].role, FOLDER_INBOX);
	assert_int_equal(o[0].uid, 4294967295U);
	assert_int_equal(o[0].size, 5000000000);
	assert_int_equal(o[0].internal_ms, 19);
	assert_int_equal(o[0].absent_ms, 17);
	assert_true(o[0].truncated);
	assert_string_equal(o[0].found_by, "watch");
	assert_octets(o[0].header, o[0].header_len, OCTETS(header));
	assert_octets(o[0].body, o[0].body_len, OCTETS(body));
	assert_true(o[1].gone);
	assert_null(o[1].header);
	assert_null(o[1].body);
	assert_string_equal(o[2].folder, "Ünwichtig");
	assert_int_equal(o[2].uidvalidity, 4000000000U);
	assert_non_null(o[2].body); /* empty is not absent */
	assert_int_equal(o[2].body_len, 0);
	probe_fini(&probe);

	assert_int_equal(store_probe_load(store, id, STORE_LOAD_HEADERS, &probe, &err), 1);
	assert_null(probe.observations[0].body);
	assert_octets(probe.observations[0].header, probe.observations[0].header_len, OCTETS(header));
	probe_fini(&probe);
}

static void an_incomplete_fact_is_an_error_and_not_a_known_one(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	int64_t run = 0;
	assert_done(fixture_plan(store, "t", &run, &err), err);
	int64_t id = fixture_probe(store, run, 0);
	assert_int_equal(store_observation_add(store, id, &(struct observation){ .folder = "INBOX" }, &err), -1);
	assert_int_equal(store_bounce_add(store, id, &(struct bounce){ .raw = "x", .raw_len = 1 }, &err), -1);
	assert_int_equal(store_baselines_add(store, run, &(struct baseline){ .seed = "a" }, 1, &err), -1);
	const struct observation whole = { .folder = "INBOX", .found_by = "watch" };
	assert_int_equal(store_observation_add(store, id + 100, &whole, &err), -1); /* of no probe */
}

static void a_notification_is_stored_once_for_each_recipient_and_action(void **state)
{
	static char raw[] = "From: <>\r\n\0";
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	struct probe probe = { 0 };
	int64_t run = 0;
	assert_done(fixture_plan(store, "t", &run, &err), err);
	int64_t id = fixture_probe(store, run, 0);
	struct bounce b = { .at_ms = 1,
			    .action = "failed",
			    .status = "5.1.1",
			    .diagnostic = "550 no",
			    .remote_mta = "mx",
			    .reporting_mta = "out",
			    .recipient = "a@x",
			    .raw = raw,
			    .raw_len = sizeof(raw) - 1 };
	assert_int_equal(store_bounce_add(store, id, &b, &err), 1);
	b.at_ms = 2;
	assert_int_equal(store_bounce_add(store, id, &b, &err), 0);
	b.recipient = "b@x";
	assert_int_equal(store_bounce_add(store, id, &b, &err), 1);
	b.recipient = NULL;
	b.action = "delayed";
	b.status = b.diagnostic = b.remote_mta = b.reporting_mta = NULL;
	assert_int_equal(store_bounce_add(store, id, &b, &err), 1);
	assert_int_equal(store_bounce_add(store, id, &b, &err), 0);
	assert_int_equal(store_bounce_add(store, fixture_probe(store, run, 1), &b, &err), 1);

	assert_int_equal(store_probe_load(store, id, STORE_LOAD_ALL, &probe, &err), 1);
	assert_int_equal(probe.bounce_count, 3);
	assert_int_equal(probe.bounces[0].at_ms, 1);
	assert_string_equal(probe.bounces[0].status, "5.1.1");
	assert_string_equal(probe.bounces[0].diagnostic, "550 no");
	assert_string_equal(probe.bounces[0].remote_mta, "mx");
	assert_string_equal(probe.bounces[0].reporting_mta, "out");
	assert_octets(probe.bounces[0].raw, probe.bounces[0].raw_len, OCTETS(raw));
	assert_string_equal(probe.bounces[1].recipient, "b@x");
	assert_string_equal(probe.bounces[2].action, "delayed");
	assert_null(probe.bounces[2].recipient);
	probe_fini(&probe);
}

static void answers_of_the_dns_come_back_as_they_were(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	struct run_facts facts = { 0 };
	int64_t run = 0, other = 0;
	assert_done(fixture_plan(store, "a", &run, &err), err);
	assert_done(fixture_plan(store, "b", &other, &err), err);
	struct dns_record records[] = { { (unsigned char *)"\3a\0b", 4 }, { (unsigned char *)"", 0 } };
	const struct dns_fact rows[] = {
		{ .name = "s1._domainkey.shop.example",
		  .type = DNS_TXT,
		  .answer = { .state = DNS_ANSWERED,
			      .security = DNS_SECURE,
			      .canonical = "k.esp.example",
			      .ttl = 4294967295U,
			      .ttl_remaining = true,
			      .at_ms = 7,
			      .records = records,
			      .count = 2,
			      .packet = (unsigned char *)"\0\1two",
			      .packet_len = 5 } },
		{ .name = "none.shop.example",
		  .type = DNS_MX,
		  .answer = { .rcode = DNS_NXDOMAIN,
			      .ttl = 60,
			      .at_ms = 8,
			      .packet = (unsigned char *)"no",
			      .packet_len = 2 } },
		{ .name = "late.shop.example",
		  .type = DNS_A,
		  .answer = { .state = DNS_FAILED,
			      .security = DNS_BOGUS,
			      .rcode = DNS_SERVFAIL,
			      .detail = "bad signature" } },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_done(store_dns_add(store, run, &rows[i], &err), err);
		assert_done(store_dns_add(store, other, &rows[0], &err), err);
	}
	assert_int_equal(store_run_load(store, run, STORE_LOAD_HEADERS, &facts, &err), 1);
	assert_int_equal(facts.dns_count, ARRAY_LEN(rows));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct dns_fact *got = &facts.dns[i];
		assert_string_equal(got->name, rows[i].name);
		assert_int_equal(got->type, rows[i].type);
		assert_int_equal(got->answer.state, rows[i].answer.state);
		assert_int_equal(got->answer.security, rows[i].answer.security);
		assert_int_equal(got->answer.rcode, rows[i].answer.rcode);
		assert_int_equal(got->answer.ttl, rows[i].answer.ttl);
		assert_int_equal(got->answer.ttl_remaining, rows[i].answer.ttl_remaining);
		assert_int_equal(got->answer.at_ms, rows[i].answer.at_ms);
		assert_int_equal(got->answer.count, rows[i].answer.count);
		assert_string_equal(got->answer.canonical ? got->answer.canonical : "",
				    rows[i].answer.canonical ? rows[i].answer.canonical : "");
		assert_string_equal(got->answer.detail ? got->answer.detail : "",
				    rows[i].answer.detail ? rows[i].answer.detail : "");
	}
	assert_int_equal(facts.dns[0].answer.records[0].len, 4);
	assert_memory_equal(facts.dns[0].answer.records[0].rdata, "\3a\0b", 4);
	assert_int_equal(facts.dns[0].answer.records[1].len, 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_null(facts.dns[i].answer.packet);
	run_facts_fini(&facts);
	assert_int_equal(store_run_load(store, run, STORE_LOAD_ALL, &facts, &err), 1);
	assert_int_equal(facts.dns_count, ARRAY_LEN(rows));
	assert_int_equal(facts.dns[0].answer.count, 2);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_octets((const char *)facts.dns[i].answer.packet, facts.dns[i].answer.packet_len,
			      (const char *)rows[i].answer.packet, rows[i].answer.packet_len);
	run_facts_fini(&facts);
	assert_int_equal(store_dns_add(store, 99, &rows[0], &err), -1);
	assert_int_equal(err.kind, ERROR_STORE);
}

static void findings_come_back_with_their_run_and_only_once(void **state)
{
	static const struct finding rows[] = {
		{ "mx.starttls", "mx.shop.example", FINDING_BAD, "no STARTTLS", "turn STARTTLS on", 7 },
		{ "mx.starttls", "mx2.shop.example", FINDING_GOOD, "TLSv1.3", "", 8 },
		{ "mta-sts.id", "shop.example", FINDING_GOOD, "id 1", "", 8, "1", "00ff" },
		{ "spf.present", "shop.example", FINDING_OPEN, "timed out", "", 9 },
	};
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	const struct findings findings = { (struct finding *)(uintptr_t)rows, ARRAY_LEN(rows), 0 };
	const struct findings twice = { (struct finding *)(uintptr_t)&rows[1], 1, 0 };
	struct run_facts facts = { 0 };
	int64_t run = 0, other = 0;
	assert_done(fixture_plan(store, "t", &run, &err), err);
	assert_done(fixture_plan(store, "o", &other, &err), err);
	assert_done(store_findings_add(store, run, &findings, &err), err);
	assert_int_equal(store_findings_add(store, run, &twice, &err), -1);
	assert_int_equal(err.kind, ERROR_STORE);
	assert_int_equal(store_run_load(store, run, STORE_LOAD_HEADERS, &facts, &err), 1);
	assert_int_equal(facts.findings.count, ARRAY_LEN(rows));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct finding *f = &facts.findings.v[i];
		assert_string_equal(f->id, rows[i].id);
		assert_string_equal(f->subject, rows[i].subject);
		assert_int_equal(f->state, rows[i].state);
		assert_string_equal(f->evidence, rows[i].evidence);
		assert_string_equal(f->mend, rows[i].mend);
		assert_int_equal(f->at_ms, rows[i].at_ms);
		assert_string_equal(f->seen_version ? f->seen_version : "NULL",
				    rows[i].seen_version ? rows[i].seen_version : "NULL");
		assert_string_equal(f->seen_sha256 ? f->seen_sha256 : "NULL",
				    rows[i].seen_sha256 ? rows[i].seen_sha256 : "NULL");
	}
	run_facts_fini(&facts);
	assert_int_equal(store_run_load(store, other, STORE_LOAD_HEADERS, &facts, &err), 1);
	assert_int_equal(facts.findings.count, 0);
	run_facts_fini(&facts);
}

static void a_token_is_confirmed_once_and_the_longest_confirmation_counts(void **state)
{
	static const struct reply_fact sent[] = {
		{ .code = "AAAA", .address = "shop@shop.example", .sent_ms = 1 },
		{ .code = "BBBB", .address = "shop@shop.example", .sent_ms = 2 },
		{ .code = "CCCC", .address = "shop@shop.example", .sent_ms = 3 },
		{ .code = "DDDD", .address = "other@shop.example", .sent_ms = 4 },
	};
	struct error err = ERROR_INIT;
	struct reply_fact fact = { 0 };
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	assert_int_equal(store_reply_of(store, "shop@shop.example", &fact, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(sent); i++)
		assert_done(store_reply_sent(store, &sent[i], &err), err);
	assert_int_equal(store_reply_sent(store, &sent[0], &err), -1);
	assert_int_equal(store_reply_of(store, "shop@shop.example", &fact, &err), 1);
	assert_string_equal(fact.code, "CCCC"); /* none is confirmed: the newest */
	assert_int_equal(fact.confirmed_ms, 0);
	assert_null(fact.who);
	reply_fact_fini(&fact);
	static const struct {
		const char *code, *who;
		int64_t confirmed_ms, until_ms;
	} confirmed[] = { { "BBBB", NULL, 10, 500 }, { "AAAA", "Ana", 20, 900 }, { "CCCC", "Ben", 30, 100 } };
	for (size_t i = 0; i < ARRAY_LEN(confirmed); i++) {
		assert_int_equal(store_reply_find(store, confirmed[i].code, &fact, &err), 1);
		const struct reply_fact word = { .id = fact.id,
						 .confirmed_ms = confirmed[i].confirmed_ms,
						 .until_ms = confirmed[i].until_ms,
						 .who = fact_lend(confirmed[i].who) };
		assert_done(store_reply_confirmed(store, &word, &err), err);
		assert_int_equal(store_reply_confirmed(store, &word, &err), -1);
		reply_fact_fini(&fact);
	}
	assert_int_equal(store_reply_find(store, "ZZZZ", &fact, &err), 0);
	assert_int_equal(store_reply_of(store, "shop@shop.example", &fact, &err), 1);
	assert_string_equal(fact.code, "AAAA");
	assert_int_equal(fact.confirmed_ms, 20);
	assert_int_equal(fact.until_ms, 900);
	assert_string_equal(fact.who, "Ana");
	reply_fact_fini(&fact);
}

/* A run without probes is a look at the DNS: nobody means it by "the newest run". */
static void a_snapshot_alone_is_not_the_newest_run(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	const struct run_facts plan = { .summary = { .label = fact_lend(""), .created_ms = 5 } };
	const struct dns_fact fact = { fact_lend("one.test"), DNS_TXT, { .ttl = 60 } };
	int64_t run = 0, snapshot = 0, newest = 0;
	assert_int_equal(store_dns_newest(store, &newest, &err), 0);
	assert_done(fixture_plan(store, "t", &run, &err), err);
	assert_done(store_run_create(store, &plan, &snapshot, &err), err);
	assert_done(store_dns_add(store, run, &fact, &err), err);
	assert_int_equal(store_dns_newest(store, &newest, &err), 1);
	assert_int_equal(newest, run);
	assert_done(store_dns_add(store, snapshot, &fact, &err), err);
	assert_int_equal(store_dns_newest(store, &newest, &err), 1);
	assert_int_equal(newest, snapshot);
	for (int unfinished = 0; unfinished <= 1; unfinished++) {
		assert_int_equal(store_run_newest(store, unfinished, &newest, &err), 1);
		assert_int_equal(newest, run);
	}
}

static void what_a_run_was_made_with_comes_back(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	struct rule_pack packs[] = { { "gmail", "00ff" }, { "./house.ini", "ff00" } };
	const struct run_facts plan = { .program = { "1.2.3", 7 }, .packs = packs, .pack_count = 2 };
	struct run_facts facts = { 0 };
	int64_t run = 0, bare = 0;
	assert_done(store_run_create(store, &plan, &run, &err), err);
	assert_done(fixture_plan(store, "t", &bare, &err), err);
	assert_int_equal(store_run_load(store, run, STORE_LOAD_HEADERS, &facts, &err), 1);
	assert_string_equal(facts.program.version, "1.2.3");
	assert_int_equal(facts.program.reading, 7);
	assert_int_equal(facts.pack_count, 2);
	assert_string_equal(facts.packs[0].name, "gmail");
	assert_string_equal(facts.packs[0].sha256, "00ff");
	assert_string_equal(facts.packs[1].name, "./house.ini");
	run_facts_fini(&facts);
	assert_int_equal(store_run_load(store, bare, STORE_LOAD_HEADERS, &facts, &err), 1);
	assert_null(facts.program.version);
	assert_int_equal(facts.program.reading, 0);
	assert_int_equal(facts.pack_count, 0);
	run_facts_fini(&facts);
}

static void the_newest_finished_run_is_another_one_with_probes(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	const struct run_facts look = { .summary = { .created_ms = 5 } };
	const struct run_event finished = { RUN_FINISHED, 9, NULL }, aborted = { RUN_ABORTED, 9, NULL };
	int64_t run[4] = { 0 }, found = 77;
	assert_done(fixture_plan(store, "a", &run[0], &err), err);
	assert_done(fixture_plan(store, "b", &run[1], &err), err);
	assert_done(fixture_plan(store, "c", &run[2], &err), err);
	assert_done(store_run_create(store, &look, &run[3], &err), err);
	assert_int_equal(store_run_newest_finished(store, 0, &found, &err), 0);
	assert_int_equal(found, 77);
	assert_done(store_run_event_add(store, run[2], &aborted, &err), err);
	assert_done(store_run_event_add(store, run[3], &finished, &err), err);
	assert_int_equal(store_run_newest_finished(store, 0, &found, &err), 0);
	for (size_t i = 0; i < 2; i++)
		assert_done(store_run_event_add(store, run[i], &finished, &err), err);
	assert_int_equal(store_run_newest_finished(store, run[2], &found, &err), 1);
	assert_int_equal(found, run[1]);
	assert_int_equal(store_run_newest_finished(store, run[1], &found, &err), 1);
	assert_int_equal(found, run[0]);
}

static void what_became_of_the_clocks_is_an_event_with_a_size(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	static const struct run_event events[] = {
		{ RUN_STARTED, 5, NULL, 0 },
		{ RUN_CLOCK_SET, 6, NULL, -600000 },
		{ RUN_SLEPT, 7, NULL, 3600000 },
		{ RUN_CLOCK_SET, 8, NULL, 5000 },
	};
	struct run_facts facts = { 0 };
	int64_t run = 0;
	assert_done(fixture_plan(store, "t", &run, &err), err);
	for (size_t i = 0; i < ARRAY_LEN(events); i++)
		assert_done(store_run_event_add(store, run, &events[i], &err), err);
	assert_int_equal(store_run_load(store, run, STORE_LOAD_HEADERS, &facts, &err), 1);
	assert_int_equal(facts.event_count, ARRAY_LEN(events));
	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		assert_int_equal(facts.events[i].kind, events[i].kind);
		assert_int_equal(facts.events[i].shift_ms, events[i].shift_ms);
	}
	assert_int_equal(facts.summary.clock_set_ms, 605000);
	assert_int_equal(facts.summary.slept_ms, 3600000);
	assert_int_equal(facts.summary.ended_ms, 0);
	run_facts_fini(&facts);
}

static void the_first_baseline_of_a_folder_stays(void **state)
{
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	struct run_facts facts = { 0 };
	int64_t run = 0;
	assert_done(fixture_plan(store, "t", &run, &err), err);
	struct baseline b[] = {
		{ "ana@alpha.test", "INBOX", FOLDER_INBOX, true, 1, 4294967295U, 3, 10 },
		{ "", "INBOX", FOLDER_INBOX, false, 1, 9, 3, 10 },
	};
	assert_done(store_baselines_add(store, run, b, 2, &err), err);
	b[0].uidnext = 50;
	assert_done(store_baselines_add(store, run, b, 2, &err), err);
	const struct seed_event failed = { SEED_FAILED, "ana@alpha.test", 11, "login refused", "new password" };
	const struct seed_event ready = { SEED_READY, "", 12, NULL, NULL };
	assert_done(store_seed_event_add(store, run, &failed, &err), err);
	assert_done(store_seed_event_add(store, run, &ready, &err), err);
	assert_int_equal(store_run_load(store, run, STORE_LOAD_HEADERS, &facts, &err), 1);
	assert_int_equal(facts.baseline_count, 2);
	assert_string_equal(facts.baselines[0].seed, "");
	assert_false(facts.baselines[0].watched);
	assert_int_equal(facts.baselines[1].uidnext, 4294967295U);
	assert_int_equal(facts.baselines[1].exists, 3);
	assert_int_equal(facts.baselines[1].at_ms, 10);
	assert_int_equal(facts.seed_event_count, 2);
	assert_int_equal(facts.seed_events[0].kind, SEED_FAILED);
	assert_string_equal(facts.seed_events[0].detail, "login refused");
	assert_string_equal(facts.seed_events[0].mend, "new password");
	assert_int_equal(facts.seed_events[1].kind, SEED_READY);
	assert_null(facts.seed_events[1].mend);
	run_facts_fini(&facts);
}

static void history_says_how_runs_ended(void **state)
{
	static const struct {
		const char *label;
		enum run_event_kind events[4];
		size_t count;
		int64_t ended; /* time of the last event is its position + 1 */
		bool finished;
	} rows[] = {
		{ "no event", { 0 }, 0, 0, false },
		{ "started", { RUN_STARTED }, 1, 0, false },
		{ "finished", { RUN_STARTED, RUN_FINISHED }, 2, 2, true },
		{ "interrupted", { RUN_STARTED, RUN_INTERRUPTED }, 2, 2, false },
		{ "aborted", { RUN_STARTED, RUN_ABORTED }, 2, 2, false },
		{ "resumed", { RUN_STARTED, RUN_INTERRUPTED, RUN_RESUMED }, 3, 0, false },
		{ "finished after all", { RUN_STARTED, RUN_INTERRUPTED, RUN_RESUMED, RUN_FINISHED }, 4, 4, true },
	};
	struct error err = ERROR_INIT;
	_cleanup_(store_close_p) struct store *store = fixture_open(*state, STORE_WRITE);
	struct run_summary *list = NULL;
	size_t count = 0;
	int64_t id = 0, newest = 0;
	assert_int_equal(store_run_newest(store, false, &newest, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char mark[16];
		snprintf(mark, sizeof(mark), "t%zu", i);
		assert_done(fixture_plan(store, mark, &id, &err), err);
		for (size_t k = 0; k < rows[i].count; k++) {
			const struct run_event e = { rows[i].events[k], (int64_t)k + 1, NULL };
			assert_done(store_run_event_add(store, id, &e, &err), err);
		}
	}
	assert_done(store_run_list(store, SIZE_MAX, &list, &count, &err), err);
	assert_int_equal(count, ARRAY_LEN(rows));
	for (size_t i = 0; i < count; i++) {
		const struct run_summary *s = &list[count - 1 - i];
		if (s->ended_ms != rows[i].ended || s->finished != rows[i].finished || s->probes != 2)
			fail_msg("%s: ended %lld, finished %d", rows[i].label, (long long)s->ended_ms, s->finished);
	}
	assert_int_equal(list[0].id, id);
	for (size_t i = 0; i < count; i++)
		run_summary_fini(&list[i]);
	free(list);
	assert_done(store_run_list(store, 2, &list, &count, &err), err);
	assert_int_equal(count, 2);
	run_summary_fini(&list[0]);
	run_summary_fini(&list[1]);
	free(list);
	assert_int_equal(store_run_newest(store, false, &newest, &err), 1);
	assert_int_equal(newest, id);
	assert_int_equal(store_run_newest(store, true, &newest, &err), 1);
	assert_int_equal(newest, id - 1);
}

static void a_word_of_another_release_is_an_error(void **state)
{
	static const char *const rows[] = {
		"INSERT INTO send_event (probe, kind, stage, at_ms, attempt, reply_code) VALUES (1, 'x', 'none', 0, 0, "
		"0)",
		"INSERT INTO send_event (probe, kind, stage, at_ms, attempt, reply_code) VALUES (1, 'failed', 'x', 0, "
		"0, 0)",
		"INSERT INTO run_event (run, kind, at_ms) VALUES (1, 'x', 0)",
		"INSERT INTO run_message VALUES (1, 9, 'm', 'x', '00')",
		"INSERT INTO seed_event (run, seed, kind, at_ms) VALUES (1, '', 'x', 0)",
		"INSERT INTO baseline VALUES (1, '', 'F', 'x', 0, 0, 0, 0, 0)",
		"INSERT INTO finding VALUES (1, 1, 'mx.present', '', 'x', '', '', 0, NULL, NULL)",
	};
	const struct fixture *f = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct run_facts facts = { 0 };
		sqlite3 *db = NULL;
		int64_t run = 0;
		struct store *store = fixture_open(f, STORE_WRITE);
		assert_done(fixture_plan(store, "t", &run, &err), err);
		store_close(store);
		assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
		if (sqlite3_exec(db, rows[i], NULL, NULL, NULL) != SQLITE_OK)
			fail_msg("%s: %s", rows[i], sqlite3_errmsg(db));
		sqlite3_close(db);
		store = fixture_open(f, STORE_READ);
		if (store_run_load(store, run, STORE_LOAD_HEADERS, &facts, &err) != -1)
			fail_msg("read: %s", rows[i]);
		assert_int_equal(err.kind, ERROR_STORE);
		assert_non_null(strstr(err.text, f->path));
		store_close(store);
		assert_int_equal(unlink(f->path), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_plan_comes_back_in_its_order),
		STORE_TEST(a_plan_that_cannot_be_stored_leaves_nothing),
		STORE_TEST(steps_of_sending_come_back),
		STORE_TEST(a_probe_is_handed_over_only_where_that_is_safe),
		STORE_TEST(what_is_stored_together_is_stored_whole_or_not_at_all),
		STORE_TEST(a_probe_is_composed_once),
		STORE_TEST(an_observation_comes_back_once_in_order_of_time),
		STORE_TEST(message_that_is_there_again_is_a_new_sight),
		STORE_TEST(an_incomplete_fact_is_an_error_and_not_a_known_one),
		STORE_TEST(a_notification_is_stored_once_for_each_recipient_and_action),
		STORE_TEST(answers_of_the_dns_come_back_as_they_were),
		STORE_TEST(what_a_run_was_made_with_comes_back),
		STORE_TEST(the_newest_finished_run_is_another_one_with_probes),
		STORE_TEST(findings_come_back_with_their_run_and_only_once),
		STORE_TEST(a_token_is_confirmed_once_and_the_longest_confirmation_counts),
		STORE_TEST(a_snapshot_alone_is_not_the_newest_run),
		STORE_TEST(what_became_of_the_clocks_is_an_event_with_a_size),
		STORE_TEST(the_first_baseline_of_a_folder_stays),
		STORE_TEST(history_says_how_runs_ended),
		STORE_TEST(a_word_of_another_release_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
