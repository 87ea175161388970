/* Shared ground of the sending tests. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/unit/smtp_bench.h"

static int on_password(void *context, struct buf *secret, struct error *err)
{
	return buf_add_str(secret, "correct horse");
}

static int bench_commit(struct bench *bench, struct error *err)
{
	if (bench->handed_over < bench->together)
		return 1;
	if (bench->together)
		smtp_wake(bench->smtp);
	if (bench->refuse_commit)
		return error_set(err, ERROR_STORE, RETRY_LATER, 13, "disk full");
	return 0;
}

static int on_handing_over(void *context, const struct smtp_job *job, int attempt, int64_t at_ms, struct error *err)
{
	struct bench *bench = context;
	assert_in_range(job->id, 0, BENCH_RESULTS - 1);
	if (bench->together && bench->asked[job->id])
		return bench_commit(bench, err);
	bench->asked[job->id] = true;
	bench->handed_over++;
	/* Whatever left before would be there by now: the peer is on this machine. */
	usleep(5000);
	int ends = smtp_server_count(bench->server, "END");
	if (ends >= bench->handed_over)
		bench->end_was_early = true;
	if (bench->cancel_at == bench->handed_over)
		eventfd_write(bench->cancel_fd, 1);
	return bench_commit(bench, err);
}

static void keep(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ? text : "-");
}

static void on_result(void *context, const struct smtp_job *job, const struct smtp_result *r)
{
	struct bench *bench = context;
	assert_true(bench->result_count < BENCH_RESULTS);
	struct bench_result *out = &bench->results[bench->result_count++];
	*out = (struct bench_result){ .id = job->id,
				      .class = r->class,
				      .final = r->final,
				      .repeated = r->repeated,
				      .attempt = r->attempt,
				      .reply_code = r->reply_code,
				      .stage = r->stage,
				      .handed_over_ms = r->handed_over_ms,
				      .retry_ms = r->retry_ms,
				      .error = r->error };
	keep(out->enhanced, sizeof(out->enhanced), r->enhanced);
	keep(out->text, sizeof(out->text), r->text);
	keep(out->tls_version, sizeof(out->tls_version), r->tls_version);
	keep(out->tls_cipher, sizeof(out->tls_cipher), r->tls_cipher);
	keep(out->peer, sizeof(out->peer), r->peer);
}

static void on_transcript(void *context, int connection, const char *line)
{
	struct bench *bench = context;
	buf_addf(&bench->transcript, "%d %s\n", connection, line);
}

int bench_setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	test_ca_init(&bench->ca, "test authority");
	test_ca_init(&bench->other_ca, "another authority");
	snprintf(bench->ca_path, sizeof(bench->ca_path), "/tmp/postproof-ca-%d.pem", (int)getpid());
	test_ca_write(&bench->ca, bench->ca_path);
	buf_init(&bench->transcript, 1 << 20);
	bench->cancel_fd = -1;
	*state = bench;
	return 0;
}

int bench_teardown(void **state)
{
	struct bench *bench = *state;
	unlink(bench->ca_path);
	test_ca_fini(&bench->ca);
	test_ca_fini(&bench->other_ca);
	buf_fini(&bench->transcript);
	free(bench);
	return 0;
}

void bench_open(struct bench *bench, const struct smtp_server_params *server)
{
	char url[64];
	struct error err = ERROR_INIT;
	bench->server = smtp_server_start(server);
	snprintf(url, sizeof(url), "%s://%s:%d", server->implicit ? "smtps" : "smtp",
		 server->ipv6 ? "[::1]" : "127.0.0.1", smtp_server_port(bench->server));
	bench->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct smtp_params p = bench->params;
	if (!p.url)
		p.url = url;
	p.ca_file = bench->ca_path;
	p.cancel_fd = bench->cancel_fd;
	p.helo = p.helo ? p.helo : "client.test";
	p.transcript = on_transcript;
	p.transcript_user = bench;
	if (!server->tls && !bench->must_tls)
		p.starttls = SMTP_STARTTLS_NONE;
	if (p.user && !p.password)
		p.password = on_password;
	const struct smtp_events events = {
		.context = bench,
		.more = bench->more,
		.handing_over = on_handing_over,
		.result = on_result,
	};
	if (smtp_new(&p, &events, &bench->smtp, &err) < 0)
		fail_msg("smtp_new: %s", err.text);
}

void bench_close(struct bench *bench)
{
	smtp_free(bench->smtp);
	smtp_server_stop(bench->server);
	close(bench->cancel_fd);
	bench->smtp = NULL;
	bench->server = NULL;
	bench->params = (struct smtp_params){ 0 };
	bench->more = NULL;
	bench->must_tls = bench->refuse_commit = bench->end_was_early = false;
	bench->cancel_at = bench->handed_over = bench->result_count = bench->together = 0;
	memset(bench->asked, 0, sizeof(bench->asked));
	buf_clear(&bench->transcript);
}

int bench_reset(void **state)
{
	struct bench *bench = *state;
	if (bench->server)
		bench_close(bench);
	return 0;
}

void bench_submit(struct bench *bench, int64_t id, const char *provider, const char *message)
{
	char rcpt[64];
	struct error err = ERROR_INIT;
	snprintf(rcpt, sizeof(rcpt), "seed%lld@%s.test", (long long)id, provider);
	const struct smtp_job job = { .id = id,
				      .provider = provider,
				      .mail_from = "bounce@service.test",
				      .rcpt = rcpt,
				      .message = span_of(message) };
	if (smtp_submit(bench->smtp, &job, &err) < 0)
		fail_msg("submit: %s", err.text);
}

int bench_run(struct bench *bench, int64_t deadline_ms, struct error *err)
{
	return smtp_run(bench->smtp, deadline_in(deadline_ms), err);
}

const struct bench_result *bench_final(const struct bench *bench, int64_t id)
{
	const struct bench_result *found = NULL;
	for (int i = 0; i < bench->result_count; i++) {
		if (bench->results[i].id != id || !bench->results[i].final)
			continue;
		if (found)
			fail_msg("job %lld has two final results", (long long)id);
		found = &bench->results[i];
	}
	if (!found)
		fail_msg("job %lld has no final result", (long long)id);
	return found;
}
