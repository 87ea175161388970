/* An account to be read. */
#include "tests/unit/account_bench.h"

#include <string.h>

#include "harness/base/clock.h"
#include "harness/model/places.h"
#include "store/run.h"
#include "tests/unit/unit.h"

void account_bench_start(struct account_bench *b)
{
	static const char messages[] = "[message m1]\ntemplate = m.eml\n[message m2]\ntemplate = m.eml\n"
				       "[message m3]\ntemplate = m.eml\n";
	struct error err = ERROR_INIT;
	*b = (struct account_bench){ 0 };
	mailbox_start(&b->mailbox);
	bench_start(&b->run, &(struct run_bench_seed){ .port = mailbox_port(&b->mailbox), .keys = messages }, 1, 0);
	assert_int_equal(b->run.facts.probe_count, ACCOUNT_PROBES);
	b->environment = (struct account_environment){ .store = b->run.store,
						       .ledger = b->run.ledger,
						       .facts = &b->run.facts,
						       .from = "Service <a@service.test>",
						       .since_ms = clock_wall_ms() - 600000 };
	b->account = (struct account){ .environment = &b->environment, .seed = b->run.facts.probes[0].seed };
	const struct connect_context context = { .config = b->run.config, .cancel_fd = -1 };
	assert_int_equal(connect_mailbox_seed(&context, &b->run.config->seeds.seeds[0], &b->account.mailbox, &err), 0);
	b->session = (struct account_session){ .account = &b->account, .selected = -1 };
	for (size_t i = 0; i < ACCOUNT_PROBES; i++) {
		bench_message(&b->run, i, b->message[i]);
		bench_sent(&b->run, i);
	}
}

void account_bench_end(struct account_bench *b)
{
	account_disconnect(&b->session);
	account_fini(&b->account);
	bench_end(&b->run);
	mailbox_stop(&b->mailbox);
}

void account_bench_connect(struct account_bench *b)
{
	struct error err = ERROR_INIT;
	if (account_connect(&b->session, &err) < 0)
		fail_msg("%s", err.text);
	b->session.folder_count = 0;
	for (size_t i = 0; i < b->account.folder_count; i++)
		if (b->account.folders[i].watched)
			b->session.folders[b->session.folder_count++] = i;
}

static void connect_again(struct account_bench *b, const struct error *err)
{
	if (!imap_session_dead(b->session.imap))
		fail_msg("%s", err->text);
	account_disconnect(&b->session);
	account_bench_connect(b);
}

bool account_bench_read(struct account_bench *b)
{
	struct error err = ERROR_INIT;
	if (account_read(&b->session, &err) == 0)
		return true;
	connect_again(b, &err);
	return false;
}

int account_bench_sweep(struct account_bench *b, bool *ret_complete)
{
	for (int times = 0; times < 3; times++) {
		struct error err = ERROR_INIT;
		int result = account_sweep(&b->session, ret_complete, &err);
		if (result >= 0)
			return result;
		connect_again(b, &err);
	}
	fail_msg("three sweeps ended without a result");
	return -1;
}

const char *account_bench_place(struct account_bench *b, size_t number, char out[512])
{
	struct probe probe = { 0 };
	struct places places = { 0 };
	struct error err = ERROR_INIT;
	assert_int_equal(store_probe_load(b->run.store, b->run.facts.probes[number].id, STORE_LOAD_ALL, &probe, &err),
			 1);
	for (size_t i = 0; i < probe.observation_count; i++)
		assert_int_equal(places_add(&places, &probe.observations[i], &err), 0);
	const struct place *p = places_current(&places);
	snprintf(out, 512, "%s", p && !p->gone ? p->folder : "");
	places_fini(&places);
	probe_fini(&probe);
	return out;
}
