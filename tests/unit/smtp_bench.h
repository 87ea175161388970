/* What the tests of sending share: a scripted server, a client of it, and everything that the client reported. */
#ifndef TESTS_SMTP_BENCH_H
#define TESTS_SMTP_BENCH_H

#include "harness/send/smtp.h"
#include "tests/unit/make_cert.h"
#include "tests/unit/smtp_server.h"

enum { BENCH_RESULTS = 512 };

struct bench_result {
	int64_t id;
	enum smtp_class class;
	bool final, repeated;
	int attempt, reply_code;
	enum send_stage stage;
	char enhanced[16], text[256], tls_version[32], tls_cipher[64], peer[64];
	int64_t handed_over_ms, retry_ms;
	struct error error;
};

struct bench {
	struct test_ca ca, other_ca;
	char ca_path[64];
	struct smtp_server *server;
	struct smtp *smtp;
	struct smtp_params params; /* set before bench_open */
	/* Set before bench_open, NULL for none; the context is the bench. */
	int (*more)(void *context, struct smtp *smtp, struct error *err);
	bool must_tls; /* STARTTLS is asked for whether the server has it or not */
	bool refuse_commit;
	int together;              /* a handing over is committed when so many wait for it; 0: at once */
	int cancel_fd;             /* an eventfd */
	int cancel_at;             /* cancels in the callback of that handing over, from 1; 0: never */
	int handed_over;           /* messages that handing_over was called for */
	bool asked[BENCH_RESULTS]; /* by their ids */
	bool end_was_early;        /* at one of them the server had seen the end of data */
	struct bench_result results[BENCH_RESULTS];
	int result_count;
	struct buf transcript;
};

int bench_setup(void **state);
int bench_teardown(void **state);
int bench_reset(void **state); /* after every test: closes what a failure left open */

/* Starts the server and the client; bench_close ends both and forgets the results. */
void bench_open(struct bench *bench, const struct smtp_server_params *server);
void bench_close(struct bench *bench);

void bench_submit(struct bench *bench, int64_t id, const char *provider, const char *message);
int bench_run(struct bench *bench, int64_t deadline_ms, struct error *err);

/* The only result of job `id` that is final; fails the test where there is not exactly one. */
const struct bench_result *bench_final(const struct bench *bench, int64_t id);

#endif
