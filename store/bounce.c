/* Notifications. What the same octets say of the same recipient is one fact, so that a mailbox may be read twice. */
#include "store/bounce.h"

#include <openssl/evp.h>

#include "harness/base/text.h"
#include "store/db.h"

enum { SHA256_LEN = 32 };

static int add_bounce(struct store *store, int64_t probe, const struct bounce *b, const char *sha256, bool *ret_new,
		      struct error *err)
{
	struct statement *s = db_statement(store,
					   "INSERT INTO bounce (probe, at_ms, action, status, diagnostic, remote_mta,"
					   " reporting_mta, recipient, sha256, raw, sender, subject)"
					   " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
					   " ON CONFLICT (probe, sha256, action, ifnull(recipient, '')) DO NOTHING",
					   err);
	if (!s)
		return -1;
	db_number(s, 1, probe);
	db_number(s, 2, b->at_ms);
	db_text(s, 3, b->action);
	db_text(s, 4, b->status);
	db_text(s, 5, b->diagnostic);
	db_text(s, 6, b->remote_mta);
	db_text(s, 7, b->reporting_mta);
	db_text(s, 8, b->recipient);
	db_text(s, 9, sha256);
	db_blob(s, 10, span_make(b->raw, b->raw_len));
	db_text(s, 11, b->sender);
	db_text(s, 12, b->subject);
	if (db_run(store, s, "cannot store a notification", err) < 0)
		return -1;
	*ret_new = sqlite3_changes(store->db) > 0;
	return 0;
}

int store_bounce_add(struct store *store, int64_t probe, const struct bounce *bounce, struct error *err)
{
	unsigned char digest[SHA256_LEN];
	char sha256[2 * SHA256_LEN + 1];
	bool added = false;
	if (EVP_Digest(bounce->raw, bounce->raw_len, digest, NULL, EVP_sha256(), NULL) != 1)
		return error_memory(err);
	hex_encode(digest, sizeof(digest), sha256);
	if (db_begin(store, err) < 0)
		return -1;
	int result = db_end(store, add_bounce(store, probe, bounce, sha256, &added, err), err);
	return result < 0 ? -1 : added;
}
