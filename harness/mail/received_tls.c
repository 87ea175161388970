/* TLS in Received fields. What the client chose is never read as a claim of the server's. */
#include "harness/mail/received_tls.h"

#include "harness/base/compiler.h"
#include "harness/mail/rfc5322.h"

static bool received_tls_starts(struct span s, const char *prefix)
{
	return span_starts_nocase(s, span_of(prefix));
}

static bool received_tls_is_any(struct span word, const char *const *words)
{
	for (; *words; words++)
		if (span_is_nocase(word, *words))
			return true;
	return false;
}

static bool received_tls_is_name(struct span word)
{
	static const char *const names[] = { "TLS", "SSL", "STARTTLS", NULL };
	return received_tls_is_any(word, names);
}

/* `TLSv1.3`, `TLS1_2`, `TLS-1.0`, `Tls12`, `SSLv3`, `TLSv1/SSLv3`: a protocol and its version. `TLS13_AES_...` is a
 * cipher suite. */
static bool received_tls_is_version(struct span s)
{
	size_t at = 3;
	if (!received_tls_starts(s, "TLS") && !received_tls_starts(s, "SSL"))
		return false;
	if (at < s.len && (ascii_lower(s.p[at]) == 'v' || s.p[at] == '-' || s.p[at] == '_'))
		at++;
	bool digits = at < s.len && ascii_is_digit(s.p[at]);
	while (at < s.len && (ascii_is_digit(s.p[at]) || s.p[at] == '.' || s.p[at] == '_'))
		at++;
	return digits && (at == s.len || s.p[at] == '/');
}

static enum hop_tls received_tls_of_version(struct span version)
{
	static const struct {
		const char *digits;
		enum hop_tls tls;
	} known[] = { { "1", HOP_TLS_1_0 },   { "1.0", HOP_TLS_1_0 }, { "1_0", HOP_TLS_1_0 }, { "10", HOP_TLS_1_0 },
		      { "1.1", HOP_TLS_1_1 }, { "1_1", HOP_TLS_1_1 }, { "11", HOP_TLS_1_1 },  { "1.2", HOP_TLS_1_2 },
		      { "1_2", HOP_TLS_1_2 }, { "12", HOP_TLS_1_2 },  { "1.3", HOP_TLS_1_3 }, { "1_3", HOP_TLS_1_3 },
		      { "13", HOP_TLS_1_3 } };
	size_t at = 3;
	while (at < version.len && !ascii_is_digit(version.p[at]))
		at++;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (received_tls_starts(version, "TLS") && span_is(span_sub(version, at, SIZE_MAX), known[i].digits))
			return known[i].tls;
	/* `TLSv1/SSLv3` is what old OpenSSL calls the ciphers of every version up to 1.2. */
	return HOP_TLS_YES;
}

/* Suites of TLS 1.3 name no key exchange, and belong to no other version (RFC 8446 appendix B.4); those of AEAD with
 * a key exchange came with TLS 1.2 (RFC 5288, RFC 5289, RFC 7905) and ended with it. */
static enum hop_tls received_tls_of_cipher(struct span cipher)
{
	static const char *const aead[] = { "_WITH_AES_128_GCM_SHA256", "_WITH_AES_256_GCM_SHA384",
					    "-AES128-GCM-SHA256",       "-AES256-GCM-SHA384",
					    "-CHACHA20-POLY1305",       "_WITH_CHACHA20_POLY1305_SHA256" };
	if (received_tls_starts(cipher, "TLS_AES_") || received_tls_starts(cipher, "TLS_CHACHA20_"))
		return HOP_TLS_1_3;
	for (size_t i = 0; i < ARRAY_LEN(aead); i++)
		if (span_ends_nocase(cipher, span_of(aead[i])))
			return HOP_TLS_1_2;
	return HOP_TLS_YES;
}

static bool received_tls_is_word(char c)
{
	return !ascii_is_space(c) && c != ',' && c != ':' && c != '=' && c != '(' && c != ')' && c != '\\';
}

static bool received_tls_is_no(struct span word)
{
	static const char *const words[] = { "no", "not", "none", "off", "null", "plain", "unencrypted", NULL };
	return received_tls_is_any(word, words);
}

/* `TLS 1.2`, `TLS v1.2`: the second word of it. */
static bool received_tls_is_number(struct span word)
{
	if (word.len > 1 && ascii_lower(word.p[0]) == 'v')
		word = span_sub(word, 1, SIZE_MAX);
	return word.len > 0 && ascii_is_digit(word.p[0]) && (word.len == 1 || word.p[1] == '.' || word.p[1] == '_');
}

/* `AES256-SHA`, `TLS_AES_256_GCM_SHA384` */
static bool received_tls_is_suite(struct span word)
{
	return word.len > 5 && ascii_is_alpha(word.p[0]) &&
	       (span_find_char(word, '-', 0) > 0 || span_find_char(word, '_', 0) > 0);
}

/* One word of a comment that is about TLS; `before` is the one in front of it. */
static void received_tls_read_word(struct received_tls *t, struct span word, struct span before)
{
	if (received_tls_is_no(word)) {
		/* `TLS=no`, `cipher=NONE` */
		t->secured = t->secured && !received_tls_is_name(before);
	} else if (received_tls_is_version(word)) {
		if (t->version.len == 0)
			t->version = word;
	} else if (received_tls_is_name(word) || span_is_nocase(word, "encrypted")) {
		t->secured = t->secured || !received_tls_is_no(before);
	} else if (received_tls_is_name(before) && received_tls_is_number(word)) {
		if (t->version.len == 0)
			t->version = span_make(before.p, (size_t)(word.p + word.len - before.p));
	} else if (t->cipher.len == 0 && !span_ends_nocase(word, SPAN_LIT("cipher")) &&
		   (span_ends_nocase(before, SPAN_LIT("cipher")) ||
		    (t->version.len > 0 && received_tls_is_suite(word)))) {
		t->cipher = word;
	}
}

static void received_tls_read(struct received_tls *t, struct span inner)
{
	struct lexer l = { inner, 0 };
	struct span before = { 0 };
	while (lexer_peek(&l) >= 0) {
		struct span word = lexer_run(&l, received_tls_is_word);
		if (word.len == 0) {
			l.at++;
			continue;
		}
		/* What follows is the envelope sender, which the client chose. */
		if (received_tls_starts(word, "envelope"))
			return;
		received_tls_read_word(t, word, before);
		before = word;
	}
}

bool received_tls_comment(struct received_tls *t, struct span inner, bool clients)
{
	static const char *const anywhere[] = { "using TLS", "using SSL", "version=", "AUTH: ", "SSL: ", "TLS: " };
	static const char *const servers[] = { "over ",      "via TLS",   "with TLS",  "cipher=",    "cipher ",
					       "tls_cipher", "tls=",      "ssl=",      "TLS cipher", "TLS encrypted",
					       "SSL cipher", "encrypted", "protocol=", "no TLS" };
	struct lexer l = { inner, 0 };
	struct span first = lexer_run(&l, received_tls_is_word);
	bool alone = l.at == inner.len || ascii_is_space(inner.p[l.at]);
	bool about = false;
	for (size_t i = 0; i < ARRAY_LEN(anywhere); i++)
		about = about || received_tls_starts(inner, anywhere[i]);
	for (size_t i = 0; i < ARRAY_LEN(servers) && !clients; i++)
		about = about || received_tls_starts(inner, servers[i]);
	about = about || (!clients && (received_tls_is_version(first) || (alone && received_tls_is_name(first))));
	/* qmail: `(CIPHER encrypted)` */
	if (!clients && received_tls_is_suite(first) &&
	    span_is_nocase(span_sub(inner, first.len, SIZE_MAX), " encrypted")) {
		about = true;
		if (t->cipher.len == 0)
			t->cipher = first;
	}
	if (!about)
		return false;
	received_tls_read(t, inner);
	return true;
}

bool received_tls_word(struct received_tls *t, struct span word)
{
	if (word.len > 1 && word.p[word.len - 1] == ':')
		word.len--;
	if (received_tls_is_version(word) && t->version.len == 0)
		t->version = word;
	t->secured = t->secured || received_tls_is_name(word);
	return received_tls_is_version(word) || received_tls_is_name(word);
}

void received_tls_suite(struct received_tls *t, struct span word)
{
	t->secured = true;
	if (t->cipher.len == 0 && received_tls_is_suite(word))
		t->cipher = word;
}

/* The suffixes of RFC 3848: S for TLS, A for authentication. */
static enum hop_tls received_tls_of_keyword(struct span word)
{
	static const char *const bases[] = { "UTF8SMTP", "UTF8ESMTP", "UTF8LMTP", "ESMTP",
					     "SMTP",     "LMTP",      "ASMTP",    "QMTP" };
	static const char *const plain[] = { "", "A", NULL }, *const secured[] = { "S", "SA", "AS", NULL };
	for (size_t i = 0; i < ARRAY_LEN(bases); i++) {
		struct span base = span_of(bases[i]);
		struct span suffix = span_sub(word, base.len, SIZE_MAX);
		if (!span_starts_nocase(word, base))
			continue;
		if (received_tls_is_any(suffix, plain))
			return HOP_TLS_NONE;
		if (received_tls_is_any(suffix, secured))
			return HOP_TLS_YES;
	}
	return HOP_TLS_UNKNOWN;
}

static bool received_tls_is_keyword(char c)
{
	return ascii_is_alnum(c);
}

/* One word of the `with` clause, of which the suite is taken: `ESMTP/TLS/SUITE`, `ESMTP/SSL`, `ESMTP-TLS`. */
static enum hop_tls received_tls_of_word(struct received_tls *t, struct span word)
{
	struct span prefix = SPAN_LIT("local-");
	if (span_starts_nocase(word, prefix))
		word = span_sub(word, prefix.len, SIZE_MAX);
	struct lexer l = { word, 0 };
	enum hop_tls tls = received_tls_of_keyword(lexer_run(&l, received_tls_is_keyword));
	while (tls != HOP_TLS_UNKNOWN && l.at++ < word.len) {
		size_t rest = l.at;
		struct span part = lexer_run(&l, is_dot_atext);
		ptrdiff_t slash = span_find_char(part, '/', 0);
		if (slash >= 0)
			part.len = (size_t)slash;
		l.at = rest + part.len;
		if (!received_tls_word(t, part) && t->secured && t->cipher.len == 0)
			t->cipher = part;
	}
	return tls;
}

/* Any of its words: `MailEnable ESMTP`, `ESMTP AUTH`. Microsoft's `SMTP Server` says nothing of TLS. */
static enum hop_tls received_tls_of_protocol(struct received_tls *t, struct span with)
{
	enum hop_tls tls = HOP_TLS_UNKNOWN;
	struct lexer l = { with, 0 };
	if (received_tls_starts(with, "Microsoft SMTP"))
		return HOP_TLS_UNKNOWN;
	while (tls == HOP_TLS_UNKNOWN && l.at < with.len) {
		lexer_fws(&l);
		tls = received_tls_of_word(t, lexer_run(&l, is_not_space));
	}
	return tls;
}

enum hop_tls received_tls_result(struct received_tls *t, struct span with)
{
	enum hop_tls protocol = received_tls_of_protocol(t, with);
	if (t->version.len > 0)
		return received_tls_of_version(t->version);
	if (t->cipher.len > 0)
		return received_tls_of_cipher(t->cipher);
	return t->secured ? HOP_TLS_YES : protocol;
}
