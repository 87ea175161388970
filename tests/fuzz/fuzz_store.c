/* Stores from elsewhere. The first octet says how a whole store is damaged before it is read: `s`, the rest is SQL that
 * is run while no constraint holds; `S`, the same while all of them do; else patches of four octets each, three of them
 * the offset. What is read of it is whole, or refused. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/compiler.h"
#include "harness/base/file.h"
#include "store/dns.h"
#include "store/reply.h"
#include "store/run.h"
#include "store/store.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/store_damage.h"

enum { IMAGE_MAX = 1 << 20, SQL_STEPS = 100000, PATCH = 4, RUNS_MAX = 4, VALUE_MAX = 1 << 20 };

static const char rows_sql[] =
    "INSERT INTO run VALUES (1, 'first', 1000, 2), (2, 'snapshot', 1100, 0);"
    "INSERT INTO run_setting VALUES (1, 0, 'provider alpha', 'host', 'imap.alpha.test'), (1, 1, 'expect', 'tls', "
    "'1.2');"
    "INSERT INTO run_message VALUES (1, 0, 'welcome', 'transactional', '00ff');"
    "INSERT INTO run_event VALUES (1, 1, 'started', 1001, NULL, 0), (2, 1, 'finished', 9000, 'done', 0);"
    "INSERT INTO probe VALUES (1, 1, 'ana@alpha.test', 'alpha', 'welcome', '000102030405060708090a0b0c0d0e0f'),"
    " (2, 1, 'ben@alpha.test', 'alpha', 'welcome', '100102030405060708090a0b0c0d0e0f');"
    "INSERT INTO seed_event VALUES (1, 1, 'ana@alpha.test', 'ready', 1002, NULL, NULL);"
    "INSERT INTO baseline VALUES (1, 'ana@alpha.test', 'INBOX', 'inbox', 1, 1, 5, 4, 1002);"
    "INSERT INTO composed VALUES (1, 'pp.0@example', 'b@example', x'580d0a'), (2, 'pp.1@example', '', x'580d0a');"
    "INSERT INTO send_event VALUES (1, 1, 'intent', 'none', 1003, 0, 0, NULL, NULL, NULL, NULL, NULL),"
    " (2, 1, 'handing-over', 'end-of-data', 1004, 1, 0, NULL, NULL, NULL, NULL, NULL),"
    " (3, 1, 'reply', 'end-of-data', 1005, 1, 250, '2.0.0', 'queued', 'TLS1.3', 'AES', '[::1]:25');"
    "INSERT INTO observation VALUES (1, 1, 2000, 0, 'INBOX', 'inbox', 1, 5, 1999, 9, 0, 'watch', x'583a20790d0a0d0a', "
    "0),"
    " (2, 1, 2100, 1, 'INBOX', 'inbox', 1, 5, 0, 0, 0, 'look-again', NULL, 0);"
    "INSERT INTO observation_body VALUES (1, x'410d0a');"
    "INSERT INTO bounce VALUES (1, 2, 3000, 'failed', '5.1.1', 'no', 'mx', 'mta', 'ben@alpha.test', 'ab', x'41', 'm',"
    " NULL);"
    "INSERT INTO dns_answer VALUES (1, 1, 'a.test', 16, 2001, 'answered', 'insecure', 0, NULL, 60, 0, NULL),"
    " (2, 1, 'b.test', 1, 2001, 'failed', 'insecure', 0, NULL, 0, 0, 'timed out'),"
    " (3, 2, 'a.test', 1, 2001, 'answered', 'secure', 0, 'c.test', 60, 1, NULL);"
    "INSERT INTO dns_record VALUES (1, 0, x'0161'), (1, 1, x'0162'), (3, 0, x'c0000201');"
    "INSERT INTO dns_packet VALUES (1, x'0001818000010000'); INSERT INTO run_program VALUES (1, '0.1.0', 2);"
    "INSERT INTO run_rule_pack VALUES (1, 0, 'gmail', '00ff');"
    "INSERT INTO finding VALUES (1, 1, 'mx.present', 'a.test', 'good', '1 record', '', 1500, NULL, NULL);"
    "INSERT INTO reply_token VALUES (1, 'code', 'a@a.test', 1); INSERT INTO reply_confirmation VALUES (1, 2, 3, NULL);";

static char folder[48];
static char path[64];
static unsigned char image[IMAGE_MAX];
static size_t image_len;

static void remove_files(void)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal", ".lock" };
	char name[96];
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
}

static void remove_folder(void)
{
	remove_files();
	rmdir(folder);
}

/* A store as we make it, once. */
static void make_image(void)
{
	struct error err = ERROR_INIT;
	struct store *store = NULL;
	sqlite3 *db = NULL;
	/* In memory where that is to be had: a disk makes this ten times slower. */
	snprintf(folder, sizeof(folder), "%s/postproof-fuzz-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	CHECK(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/s.sqlite", folder);
	atexit(remove_folder);
	CHECK(store_open(&store, path, STORE_WRITE, &err) == 0);
	store_close(store);
	CHECK(sqlite3_open(path, &db) == SQLITE_OK && sqlite3_exec(db, rows_sql, NULL, NULL, NULL) == SQLITE_OK);
	CHECK(sqlite3_close(db) == SQLITE_OK);
	FILE *f = fopen(path, "rb");
	CHECK(f);
	image_len = fread(image, 1, sizeof(image), f);
	CHECK(image_len > 0 && image_len < sizeof(image));
	fclose(f);
}

static void write_image(struct span patches)
{
	static unsigned char changed[IMAGE_MAX];
	memcpy(changed, image, image_len);
	for (size_t at = 0; at + PATCH <= patches.len; at += PATCH) {
		const unsigned char *p = (const unsigned char *)patches.p + at;
		changed[((size_t)p[0] << 16 | (size_t)p[1] << 8 | p[2]) % image_len] = p[3];
	}
	FILE *f = fopen(path, "wb");
	CHECK(f && fwrite(changed, 1, image_len, f) == image_len);
	CHECK(fclose(f) == 0);
}

static int stop(void *unused)
{
	return 1;
}

/* No other file is touched. */
static int authorize(void *unused, int action, const char *a, const char *b, const char *c, const char *d)
{
	return action == SQLITE_ATTACH ? SQLITE_DENY : SQLITE_OK;
}

static void run_sql(const char *sql, bool constrained)
{
	sqlite3 *db = NULL;
	CHECK(sqlite3_open(path, &db) == SQLITE_OK);
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, VALUE_MAX);
	sqlite3_set_authorizer(db, authorize, NULL);
	sqlite3_progress_handler(db, SQL_STEPS, stop, NULL);
	if (constrained)
		sqlite3_exec(db, sql, NULL, NULL, NULL);
	else
		store_damage(db, sql);
	sqlite3_close(db);
}

static void check_facts(const struct run_facts *facts)
{
	CHECK(facts->summary.label && facts->probe_count == facts->summary.probes);
	for (size_t i = 0; i < facts->setting_count; i++)
		CHECK(facts->settings[i].section && facts->settings[i].key && facts->settings[i].value);
	for (size_t i = 0; i < facts->probe_count; i++) {
		const struct probe *p = &facts->probes[i];
		CHECK(p->seed && p->provider && p->message && p->tag);
		send_state_of(p->sends, p->send_count);
		for (size_t k = 0; k < p->observation_count; k++)
			CHECK(p->observations[k].folder && p->observations[k].found_by);
		for (size_t k = 0; k < p->bounce_count; k++)
			CHECK(p->bounces[k].action);
	}
	for (size_t i = 0; i < facts->dns_count; i++)
		CHECK(facts->dns[i].name);
	for (size_t i = 0; i < facts->findings.count; i++)
		CHECK(facts->findings.v[i].id && facts->findings.v[i].evidence);
}

static void read_run(struct store *store, int64_t run)
{
	struct error err = ERROR_INIT;
	for (enum store_load load = STORE_LOAD_HEADERS; load <= STORE_LOAD_ALL; load++) {
		struct run_facts facts = { 0 };
		if (store_run_load(store, run, load, &facts, &err) > 0)
			check_facts(&facts);
		run_facts_fini(&facts);
	}
}

static void read_store(struct store *store)
{
	struct error err = ERROR_INIT;
	struct run_summary *list = NULL;
	struct reply_fact reply = { 0 };
	struct probe probe = { 0 };
	size_t count = 0;
	int64_t id = 0;
	if (store_run_list(store, RUNS_MAX, &list, &count, &err) == 0)
		for (size_t i = 0; i < count; i++) {
			read_run(store, list[i].id);
			run_summary_fini(&list[i]);
		}
	free(list);
	if (store_probe_load(store, 1, STORE_LOAD_ALL, &probe, &err) > 0)
		probe_fini(&probe);
	if (store_reply_of(store, "a@a.test", &reply, &err) > 0)
		CHECK(reply.code && reply.address);
	reply_fact_fini(&reply);
	store_run_newest(store, true, &id, &err);
	store_dns_newest(store, &id, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	_cleanup_(buf_fini) struct buf sql = BUF_INIT(VALUE_MAX);
	struct store *store = NULL;
	if (image_len == 0)
		make_image();
	if (size == 0)
		return 0;
	struct span rest = span_make((const char *)data + 1, size - 1);
	bool is_sql = data[0] == 's' || data[0] == 'S';
	remove_files();
	write_image(is_sql ? (struct span){ 0 } : rest);
	if (is_sql && buf_add_span(&sql, rest) == 0)
		run_sql(buf_str(&sql), data[0] == 'S');
	if (store_open(&store, path, STORE_READ, &err) == 0) {
		read_store(store);
		store_close(store);
	} else {
		CHECK(err.kind == ERROR_STORE && err.text[0]);
	}
	return 0;
}
