/* A judged run for the tests of the reports. */
#include "tests/unit/report_sample.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"

#define T0 INT64_C(1795426200000) /* 2026-11-23T09:30:00Z */

static char *own(const char *text)
{
	char *copy = strdup(text);
	assert_non_null(copy);
	return copy;
}

/* Zeroed elements. */
static void *array(size_t count, size_t size)
{
	void *p = calloc(count, size);
	assert_non_null(p);
	return p;
}

static void fill_sends(struct probe *p, const char *text)
{
	p->send_count = 3;
	p->sends = array(p->send_count, sizeof(*p->sends));
	p->sends[0] = (struct send_event){ .kind = SEND_INTENT, .at_ms = T0 };
	p->sends[1] = (struct send_event){ .kind = SEND_HANDING_OVER, .at_ms = T0 + 10, .attempt = 1 };
	p->sends[2] = (struct send_event){
		.kind = SEND_REPLY,
		.stage = STAGE_END_OF_DATA,
		.at_ms = T0 + 20,
		.attempt = 1,
		.reply_code = 250,
		.enhanced = own("2.0.0"),
		.text = own(text),
		.tls_version = own("TLSv1.3"),
		.tls_cipher = own("TLS_AES_256_GCM_SHA384"),
		.peer = own("192.0.2.25:587"),
	};
}

static void fill_observations(struct probe *p, const char *folder)
{
	p->observation_count = 2;
	p->observations = array(p->observation_count, sizeof(*p->observations));
	for (size_t i = 0; i < p->observation_count; i++)
		p->observations[i] = (struct observation){
			.at_ms = T0 + 360 + (int64_t)i * 1000,
			.gone = i == 1,
			.folder = own(folder),
			.role = FOLDER_INBOX,
			.uidvalidity = 7,
			.uid = 41,
			.internal_ms = T0,
			.size = 2345,
			.found_by = own("watch"),
		};
}

static void fill_bounces(struct probe *p, const char *text)
{
	p->bounce_count = 1;
	p->bounces = array(1, sizeof(*p->bounces));
	p->bounces[0] = (struct bounce){
		.at_ms = T0 + 5000,
		.action = own("failed"),
		.status = own("5.1.1"),
		.diagnostic = own(text),
		.remote_mta = own(text),
		.reporting_mta = own(text),
		.recipient = own(text),
	};
}

static void fill_trace(struct trace *t, const char *text)
{
	t->place_count = 2;
	t->places = array(2, sizeof(*t->places));
	t->places[0] =
	    (struct trace_place){ .kind = PLACEMENT_OTHER, .name = own(text), .at_ms = T0 + 360, .gone = true };
	t->places[1] = (struct trace_place){ .kind = PLACEMENT_INBOX, .at_ms = T0 + 1360, .copies = 1 };
	t->hop_count = 2;
	t->hops = array(2, sizeof(*t->hops));
	for (size_t i = 0; i < 2; i++)
		t->hops[i] = (struct trace_hop){
			.from_helo = own(text),
			.from_name = own(text),
			.from_ip = own("198.51.100.10"),
			.by = own(text),
			.with = own("ESMTPS"),
			.id = own(text),
			.for_ = own(text),
			.tls_version = own("TLSv1.3"),
			.tls_cipher = own(text),
			.tls = HOP_TLS_1_3,
			.has_time = true,
			.time_ms = T0 + 300,
			.has_delay = i == 0,
			.delay_ms = -1500,
			.own = i == 0,
		};
	t->result_count = 2;
	t->results = array(2, sizeof(*t->results));
	for (size_t i = 0; i < 2; i++) {
		struct trace_method *m = array(1, sizeof(*m));
		m->method = own("dkim");
		m->word = own("pass");
		m->result = AUTH_PASS;
		m->reason = own(text);
		m->comment = own(text);
		m->properties = array(1, sizeof(*m->properties));
		m->property_count = 1;
		m->properties[0] = (struct trace_property){ own("header"), own("d"), own(text) };
		m->judged = i == 0;
		t->results[i] = (struct trace_results){
			.authserv_id = own(text),
			.version = own("1"),
			.arc = i == 1,
			.instance = i == 1 ? 1 : 0,
			.trusted = i == 0,
			.sealed_by = i == 1 ? own(text) : NULL,
			.deviation = own(text),
			.methods = m,
			.method_count = 1,
		};
	}
	t->return_path = own(text);
	t->message_id = own(text);
}

static struct probe_evidence evidence(const struct probe *p, const struct trace *t, const char *text)
{
	struct probe_evidence e = {
		.seed = p->seed,
		.provider = p->provider,
		.message = p->message,
		.seed_ready = true,
		.swept = true,
		.over = true,
		.sending = { .state = SENDING_ACCEPTED,
			     .stage = STAGE_END_OF_DATA,
			     .code = 250,
			     .enhanced = "2.0.0",
			     .text = text,
			     .tls = "TLSv1.3",
			     .attempts = 1,
			     .handed_over_ms = T0 + 10,
			     .accepted_ms = T0 + 20 },
		.places = t->places,
		.place_count = t->place_count,
		.tls = HOP_TLS_1_3,
		.first_seen_ms = t->place_count ? T0 + 360 : 0,
		.arrival = t->place_count ? (struct arrival){ T0 + 360, T0 + 360, T0 + 360 } : (struct arrival){ 0 },
	};
	for (size_t i = 0; i < AUTH_METHOD_COUNT; i++)
		e.theirs[i] = (struct theirs_evidence){ AUTH_PASS, "pass", "example.gov.uk", NULL, NULL };
	return e;
}

static void judge(struct matrix_row *row)
{
	struct expectations *expectations = NULL;
	struct error err = ERROR_INIT;
	assert_int_equal(expectations_new(&expectations, &err), 0);
	struct expectation x = expectations_get(expectations, row->evidence.provider, row->evidence.message,
						AUTH_METHODS_ALL);
	assert_int_equal(judge_probe(&row->evidence, &x, &row->judgement, &err), 0);
	expectations_free(expectations);
}

static void probe_name(struct probe *p, const char *provider, const char *seed, const char *message)
{
	p->provider = own(provider);
	p->seed = own(seed);
	p->message = own(message);
	p->tag = own("00112233445566778899aabbccddeeff");
}

void sample_init(struct sample *s)
{
	*s = (struct sample){ .run = { .id = 3, .created_ms = T0, .ended_ms = T0 + 60000, .finished = true } };
	s->run.label = own("after, \"SPF\" change");
	struct matrix_row *rows = array(SAMPLE_COUNT, sizeof(*rows));
	probe_name(&s->probes[SAMPLE_DELIVERED], "alpha", "ana@alpha.test", "ordinary");
	probe_name(&s->probes[SAMPLE_HOSTILE], "alpha", "=cmd()@alpha.test", SAMPLE_HOSTILE_TEXT);
	probe_name(&s->probes[SAMPLE_MISSING], "bravo", "bob@bravo.test", "ordinary");
	probe_name(&s->probes[SAMPLE_UNREAD], "charlie", "cy@charlie.test", "ordinary");
	static const char *const texts[SAMPLE_COUNT] = { "Neu", SAMPLE_HOSTILE_TEXT, "Ok: queued as 4F2",
							 "Ok: queued as 4F3" };
	for (size_t i = 0; i < SAMPLE_COUNT; i++) {
		struct probe *p = &s->probes[i];
		p->message_id = own(i == SAMPLE_HOSTILE ? SAMPLE_HOSTILE_TEXT : "tag@example.gov.uk");
		p->mail_from = own("b+tag@example.gov.uk");
		if (i != SAMPLE_UNREAD)
			fill_sends(p, texts[i]);
		if (i <= SAMPLE_HOSTILE) {
			fill_observations(p, texts[i]);
			fill_trace(&rows[i].trace, texts[i]);
			sample_fill_evaluation(&rows[i].evaluation, texts[i], i == SAMPLE_HOSTILE);
			rows[i].evaluated = true;
		}
		if (i == SAMPLE_HOSTILE)
			fill_bounces(p, texts[i]);
		rows[i].probe = p;
		rows[i].evidence = evidence(p, &rows[i].trace, texts[i]);
	}
	struct probe_evidence *e = &rows[SAMPLE_HOSTILE].evidence;
	e->failed = (struct bounce_evidence){ true, T0, "5.1.1", SAMPLE_HOSTILE_TEXT, SAMPLE_HOSTILE_TEXT };
	e->theirs[METHOD_DMARC] = (struct theirs_evidence){ AUTH_FAIL, SAMPLE_HOSTILE_TEXT, SAMPLE_HOSTILE_TEXT, NULL,
							    NULL };
	e = &rows[SAMPLE_UNREAD].evidence;
	e->seed_ready = false;
	e->seed_problem = "login refused";
	e->seed_mend = "check the password";
	e->swept = false;
	e->sending = (struct sending_evidence){ .state = SENDING_NOT_COMPOSED };
	e->bounces_problem = "connection timed out";
	for (size_t i = 0; i <= SAMPLE_HOSTILE; i++)
		for (size_t m = 0; m < AUTH_METHOD_COUNT; m++)
			rows[i].evidence.ours[m] = (struct ours_evidence){ AUTH_PASS, "matches" };
	for (size_t i = 0; i < SAMPLE_COUNT; i++)
		judge(&rows[i]);
	struct error err = ERROR_INIT;
	assert_int_equal(matrix_init(&s->matrix, rows, SAMPLE_COUNT, &err), 0);
	sample_fill_findings(s, T0);
	s->report = (struct run_report){ &s->run, &s->posture, &s->matrix, 1, &s->program };
	s->program = (struct run_program){ fact_lend("0.9\x1b"), 1 };
}

void sample_fini(struct sample *s)
{
	matrix_fini(&s->matrix);
	posture_judgement_fini(&s->posture);
	findings_fini(&s->findings);
	rules_fini(&s->rules);
	waivers_fini(&s->waivers);
	for (size_t i = 0; i < SAMPLE_COUNT; i++)
		probe_fini(&s->probes[i]);
	run_summary_fini(&s->run);
}

char *sample_read_source(const char *path)
{
	const char *top = getenv("top_srcdir");
	_cleanup_(buf_fini) struct buf name = BUF_INIT(4096);
	_cleanup_(buf_fini) struct buf content = BUF_INIT(1024 * 1024);
	buf_addf(&name, "%s/%s", top ? top : "..", path);
	FILE *f = fopen(buf_str(&name), "re");
	if (!f)
		fail_msg("%s cannot be opened", buf_str(&name));
	char octets[4096];
	for (size_t n; (n = fread(octets, 1, sizeof(octets), f)) > 0;)
		buf_add(&content, octets, n);
	fclose(f);
	assert_false(content.failed);
	return buf_take(&content);
}
