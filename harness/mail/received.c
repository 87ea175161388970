/* Received fields, which every server writes in its own way: clauses by their keywords, comments by their first words.
 * Understands what it can and invents nothing. What the client chose (HELO, envelope sender) is never read as a claim
 * of the server's, of TLS above all. */
#include "harness/mail/received.h"

#include "harness/base/compiler.h"
#include "harness/mail/date.h"
#include "harness/mail/received_peer.h"
#include "harness/mail/rfc5322.h"

enum clause { CLAUSE_NONE, CLAUSE_FROM, CLAUSE_BY, CLAUSE_VIA, CLAUSE_WITH, CLAUSE_ID, CLAUSE_FOR, CLAUSE_TLS };

struct received_reader {
	struct lexer l;
	struct received *r;
	struct peer peer;
	enum clause clause;
	size_t words;   /* seen in this clause */
	bool has_from;  /* the clause was there: a second `from` is XMail's envelope sender */
	bool claim;     /* the next word of the clause is a HELO name: `claiming to be` */
	bool exim;      /* the server called itself that */
	bool encrypted; /* qmail's `(CIPHER encrypted)` */
	bool unclosed;  /* an opening character has no closing one: no more are looked for, to stay linear */
	size_t date;    /* offset behind the last semicolon outside of comments, 0 where none */
};

static const struct {
	const char *word;
	enum clause clause;
} keywords[] = { { "by", CLAUSE_BY }, { "via", CLAUSE_VIA }, { "with", CLAUSE_WITH },
		 { "id", CLAUSE_ID }, { "for", CLAUSE_FOR }, { "tls", CLAUSE_TLS } };

static struct span strip(struct span s, char open, char close)
{
	while (s.len >= 2 && s.p[0] == open && s.p[s.len - 1] == close)
		s = span_sub(s, 1, s.len - 2);
	return s;
}

static bool starts(struct span s, const char *prefix)
{
	return span_starts_nocase(s, span_of(prefix));
}

/* `TLSv1.3`, `TLS1_2`, `TLS-1.0`, `SSLv3`: a protocol, its version and nothing else. */
static bool is_tls_version(struct span s)
{
	size_t at = 3;
	if (!starts(s, "TLS") && !starts(s, "SSL"))
		return false;
	if (at < s.len && (ascii_lower(s.p[at]) == 'v' || s.p[at] == '-' || s.p[at] == '_'))
		at++;
	return at < s.len && ascii_is_digit(s.p[at]);
}

static enum hop_tls tls_of(struct span version)
{
	static const struct {
		const char *digits;
		enum hop_tls tls;
	} known[] = { { "1", HOP_TLS_1_0 },   { "1.0", HOP_TLS_1_0 }, { "1_0", HOP_TLS_1_0 },
		      { "1.1", HOP_TLS_1_1 }, { "1_1", HOP_TLS_1_1 }, { "1.2", HOP_TLS_1_2 },
		      { "1_2", HOP_TLS_1_2 }, { "1.3", HOP_TLS_1_3 }, { "1_3", HOP_TLS_1_3 } };
	size_t at = 3;
	while (at < version.len && !ascii_is_digit(version.p[at]))
		at++;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (starts(version, "TLS") && span_is(span_sub(version, at, SIZE_MAX), known[i].digits))
			return known[i].tls;
	/* `TLSv1/SSLv3` is what old OpenSSL calls the ciphers of every version up to 1.2. */
	return HOP_TLS_YES;
}

static bool is_tls_word(char c)
{
	return !ascii_is_space(c) && c != ',' && c != ':' && c != '=' && c != '(' && c != ')';
}

/* A comment of the server's on the protection: version and cipher in any of the usual forms. */
static void read_tls(struct received_reader *r, struct span inner)
{
	struct lexer l = { inner, 0 };
	bool cipher_next = false;
	while (lexer_peek(&l) >= 0) {
		struct span word = lexer_run(&l, is_tls_word);
		if (word.len == 0)
			l.at++;
		else if (starts(word, "envelope"))
			return;
		else if (is_tls_version(word) && r->r->tls_version.len == 0)
			r->r->tls_version = word;
		else if (span_is_nocase(word, "cipher"))
			cipher_next = true;
		else if (r->r->tls_cipher.len == 0 &&
			 (cipher_next || (r->r->tls_version.len > 0 && word.len > 5 && !ascii_is_digit(word.p[0]))))
			r->r->tls_cipher = word;
	}
}

/* Behind `from` a comment may begin with a name of the client's choice, so that a bare version counts only later. */
static bool is_tls_comment(const struct received_reader *r, struct span inner)
{
	return starts(inner, "using TLS") || starts(inner, "using SSL") || starts(inner, "version=") ||
	       starts(inner, "AUTH: ") || starts(inner, "SSL: ") || starts(inner, "TLS: ") ||
	       (r->clause != CLAUSE_FROM && (starts(inner, "over ") || is_tls_version(inner)));
}

/* `envelope-from <a@b>`, `envelope-sender <a@b>`, chasquid's `..., envelope from "a@b"`. */
static void read_envelope(struct received_reader *r, struct span inner)
{
	ptrdiff_t at = span_find_nocase(inner, SPAN_LIT("envelope"), 0);
	if (at < 0 || r->r->envelope_from.len > 0)
		return;
	struct lexer l = { span_sub(inner, (size_t)at + 8, SIZE_MAX), 0 };
	if (!lexer_char(&l, '-') && !lexer_char(&l, ' '))
		return;
	struct span word = lexer_run(&l, ascii_is_alpha);
	if (!span_is_nocase(word, "from") && !span_is_nocase(word, "sender"))
		return;
	lexer_fws(&l);
	word = lexer_run(&l, is_not_space);
	if (word.len > 0 && word.p[word.len - 1] == ',')
		word.len--;
	r->r->envelope_from = strip(strip(word, '"', '"'), '<', '>');
}

static void read_comment(struct received_reader *r, struct span inner)
{
	inner = span_trim(inner);
	if (is_tls_comment(r, inner)) {
		read_tls(r, inner);
		read_envelope(r, inner);
		return;
	}
	if (starts(inner, "envelope")) {
		read_envelope(r, inner);
		return;
	}
	if (span_ends_nocase(inner, SPAN_LIT(" encrypted"))) {
		r->encrypted = true;
		return;
	}
	if (starts(inner, "Exim"))
		r->exim = true;
	if (starts(inner, "via HTTP") && r->r->with.len == 0)
		r->r->with = span_sub(inner, 4, 4);
	if (r->clause == CLAUSE_FROM)
		peer_add_comment(&r->peer, inner);
	else if (r->clause == CLAUSE_NONE && starts(inner, "from ") && !r->r->has_from) {
		/* NAVGW puts the whole clause into a comment. */
		struct lexer l = { inner, 5 };
		r->r->has_from = true;
		lexer_fws(&l);
		r->peer.word = lexer_run(&l, is_not_space);
		lexer_fws(&l);
		peer_add_word(&r->peer, lexer_run(&l, is_not_space));
	}
}

static void received_take(struct span *to, struct span s)
{
	if (to->len == 0)
		*to = s;
}

static void read_from_word(struct received_reader *r, struct span word)
{
	if (r->words == 0)
		r->peer.word = word;
	else if (r->claim) {
		r->peer.helo = strip(word, '"', '"');
		r->peer.has_helo = true;
		r->claim = false;
	} else if (span_is_nocase(word, "be"))
		r->claim = true;
	else
		peer_add_word(&r->peer, word);
}

static void read_clause_word(struct received_reader *r, struct span word)
{
	struct received *out = r->r;
	switch (r->clause) {
	case CLAUSE_FROM:
		read_from_word(r, word);
		break;
	case CLAUSE_BY:
		if (r->words == 0)
			received_take(&out->by, word);
		break;
	case CLAUSE_WITH:
		/* `Microsoft SMTP Server` is one protocol in three words. */
		if (r->words == 0)
			received_take(&out->with, strip(word, '[', ']'));
		else if (r->words < 4 && out->with.p && word.p == out->with.p + out->with.len + 1)
			out->with.len += 1 + word.len;
		break;
	case CLAUSE_ID:
		if (r->words == 0)
			received_take(&out->id, strip(word, '<', '>'));
		break;
	case CLAUSE_FOR:
		if (r->words == 0)
			received_take(&out->for_, strip(word, '<', '>'));
		break;
	case CLAUSE_TLS:
		if (r->words == 0)
			received_take(&out->tls_cipher, word);
		break;
	case CLAUSE_VIA:
	case CLAUSE_NONE:
		break;
	}
	r->words++;
}

static void received_enter(struct received_reader *r, enum clause clause)
{
	r->clause = clause;
	r->words = 0;
}

static void read_word(struct received_reader *r, struct span word)
{
	/* The first word behind `from` is the client's: it may be called `by`. */
	bool clients = r->clause == CLAUSE_FROM && r->words == 0;
	if (word.len > 1 && word.p[word.len - 1] == ',')
		word.len--;
	if (!clients && span_is_nocase(word, "from")) {
		if (r->r->has_from)
			received_enter(r, CLAUSE_NONE);
		else
			received_enter(r, CLAUSE_FROM);
		r->r->has_from = true;
		return;
	}
	if (r->r->has_from && r->clause == CLAUSE_NONE && starts(word, "<"))
		received_take(&r->r->envelope_from, strip(word, '<', '>'));
	for (size_t i = 0; !clients && i < ARRAY_LEN(keywords); i++) {
		if (span_is_nocase(word, keywords[i].word)) {
			r->peer.silent = r->peer.silent ||
					 (r->clause == CLAUSE_FROM && keywords[i].clause == CLAUSE_VIA);
			received_enter(r, keywords[i].clause);
			return;
		}
	}
	read_clause_word(r, word);
}

static bool is_word(char c)
{
	return !ascii_is_space(c) && c != ';' && c != '(';
}

/* `<...>`, `[...]` and `"..."` are one word, whatever stands in them. */
static struct span received_next_word(struct received_reader *r)
{
	static const char pairs[][2] = { { '<', '>' }, { '[', ']' }, { '"', '"' } };
	size_t start = r->l.at;
	for (size_t i = 0; i < ARRAY_LEN(pairs) && !r->unclosed; i++) {
		if (lexer_peek(&r->l) != pairs[i][0])
			continue;
		ptrdiff_t end = span_find_char(r->l.in, pairs[i][1], start + 1);
		r->unclosed = end < 0;
		if (end >= 0)
			r->l.at = (size_t)end + 1;
	}
	lexer_run(&r->l, is_word);
	return span_sub(r->l.in, start, r->l.at - start);
}

static void read_all(struct received_reader *r)
{
	struct span inner;
	for (;;) {
		lexer_fws(&r->l);
		if (lexer_peek(&r->l) < 0)
			return;
		if (lexer_char(&r->l, ';')) {
			r->date = r->l.at;
			continue;
		}
		if (lexer_peek(&r->l) != '(') {
			read_word(r, received_next_word(r));
			continue;
		}
		/* A comment in front of the first word: there is no such word. */
		if (r->clause == CLAUSE_FROM && r->words == 0)
			r->words = 1;
		int rc = r->unclosed ? -1 : lexer_comment(&r->l, &inner);
		if (rc > 0) {
			read_comment(r, inner);
		} else {
			r->unclosed = true;
			r->l.at++;
		}
	}
}

/* RFC 3848 and RFC 6531 section 4.3: what the protocol word says of TLS. */
static enum hop_tls tls_of_protocol(struct span with)
{
	static const char *const plain[] = { "SMTP",     "ESMTP",     "ESMTPA",   "LMTP",     "LMTPA",
					     "UTF8SMTP", "UTF8SMTPA", "UTF8LMTP", "UTF8LMTPA" };
	static const char *const secured[] = { "SMTPS",     "ESMTPS",     "ESMTPSA",   "LMTPS",     "LMTPSA",
					       "UTF8SMTPS", "UTF8SMTPSA", "UTF8LMTPS", "UTF8LMTPSA" };
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (span_is_nocase(with, plain[i]))
			return HOP_TLS_NONE;
	for (size_t i = 0; i < ARRAY_LEN(secured); i++)
		if (span_is_nocase(with, secured[i]))
			return HOP_TLS_YES;
	return HOP_TLS_UNKNOWN;
}

void received_parse(struct received *ret, struct span value)
{
	struct received made = { 0 };
	struct received_reader r = { .l = { value, 0 }, .r = &made };
	read_all(&r);
	bool microsoft = starts(made.with, "Microsoft SMTP") || starts(made.with, "HTTPS") || starts(made.with, "mapi");
	if (made.has_from) {
		const struct peer_identity peer = peer_resolve(&r.peer, r.exim, microsoft);
		made.name_forged = peer.name_forged;
		made.from_helo = peer.from_helo;
		made.from_name = peer.from_name;
		made.from_ip = peer.from_ip;
	}
	/* A browser says no HELO; HTTPS is also what Exchange speaks among its own servers, and those have names. */
	if (starts(made.with, "HTTP") && !span_is_nocase(made.with, "HTTPS") && !r.peer.has_helo)
		made.from_helo = made.from_name = (struct span){ 0 };
	if (made.tls_version.len > 0)
		made.tls = tls_of(made.tls_version);
	else if (made.tls_cipher.len > 0 || r.encrypted)
		made.tls = HOP_TLS_YES;
	else
		made.tls = tls_of_protocol(made.with);
	if (r.date > 0)
		made.has_time = date_parse(span_sub(value, r.date, SIZE_MAX), &made.time_ms);
	*ret = made;
}
