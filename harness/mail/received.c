/* Received fields, which every server writes in its own way: clauses by their keywords, comments by their first words.
 * Understands what it can and invents nothing. What the client chose (HELO, envelope sender) is never read as a claim
 * of the server's, of TLS above all. */
#include "harness/mail/received.h"

#include "harness/base/compiler.h"
#include "harness/mail/date.h"
#include "harness/mail/received_peer.h"
#include "harness/mail/received_tls.h"
#include "harness/mail/rfc5322.h"

enum clause { CLAUSE_NONE, CLAUSE_FROM, CLAUSE_BY, CLAUSE_VIA, CLAUSE_WITH, CLAUSE_ID, CLAUSE_FOR, CLAUSE_TLS };

struct received_reader {
	struct lexer l;
	struct received *r;
	struct peer peer;
	struct received_tls tls;
	enum clause clause;
	size_t words;  /* seen in this clause */
	bool has_from; /* the clause was there: a second `from` is XMail's envelope sender */
	bool claim;    /* the next word of the clause is a HELO name: `claiming to be` */
	bool exim;     /* the server called itself that */
	bool unclosed; /* an opening character has no closing one: no more are looked for, to stay linear */
	bool begun;    /* a word was seen */
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
	if (received_tls_comment(&r->tls, inner, r->clause == CLAUSE_FROM)) {
		read_envelope(r, inner);
		return;
	}
	if (starts(inner, "envelope")) {
		read_envelope(r, inner);
		return;
	}
	if (starts(inner, "Exim"))
		r->exim = true;
	if (starts(inner, "chasquid"))
		r->peer.literal_first = true;
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

static void received_enter(struct received_reader *r, enum clause clause)
{
	r->clause = clause;
	r->words = 0;
}

static void received_read_with_word(struct received_reader *r, struct span word)
{
	struct span *with = &r->r->with;
	bool follows = with->p && word.p == with->p + with->len + 1;
	if (r->words == 0 && received_tls_word(&r->tls, word)) {
		/* s/qmail: `de/crypted with TLSv1.3: CIPHER` */
		received_enter(r, CLAUSE_TLS);
	} else if (r->words == 1 && follows && span_is_nocase(word, "encrypted")) {
		/* `with CIPHER encrypted SMTP` */
		received_take(&r->tls.cipher, *with);
		*with = (struct span){ 0 };
		received_enter(r, CLAUSE_WITH);
	} else {
		/* `Microsoft SMTP Server` is one protocol in three words. */
		if (r->words == 0)
			received_take(with, strip(word, '[', ']'));
		else if (r->words < 4 && follows)
			with->len += 1 + word.len;
		r->words++;
	}
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
		received_read_with_word(r, word);
		return;
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
			received_tls_suite(&r->tls, word);
		break;
	case CLAUSE_VIA:
	case CLAUSE_NONE:
		break;
	}
	r->words++;
}

/* At an offset where a date may begin. */
static bool received_read_date(struct received_reader *r, size_t at)
{
	enum { DATE_MAX = 200 /* octets; many attempts stay linear */ };
	int64_t ms;
	if (!date_parse_received(span_sub(r->l.in, at, DATE_MAX), &ms))
		return false;
	r->r->has_time = true;
	r->r->time_ms = ms;
	received_enter(r, CLAUSE_NONE);
	return true;
}

static void read_word(struct received_reader *r, struct span word)
{
	/* The first word behind `from` is the client's: it may be called `by`. */
	bool clients = r->clause == CLAUSE_FROM && r->words == 0;
	size_t start = (size_t)(word.p - r->l.in.p);
	if (word.len > 1 && word.p[word.len - 1] == ',')
		word.len--;
	/* Servers forget the semicolon in front of it. */
	if (r->clause != CLAUSE_FROM && r->words > 0 && !r->r->has_time && received_read_date(r, start))
		return;
	/* So does MDaemon the `from`; see received_parse. */
	if (!r->begun)
		received_enter(r, CLAUSE_FROM);
	r->begun = true;
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
			received_enter(r, CLAUSE_NONE);
			received_read_date(r, r->l.at);
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

void received_parse(struct received *ret, struct span value)
{
	struct received made = { 0 };
	struct received_reader r = { .l = { value, 0 }, .r = &made };
	read_all(&r);
	bool microsoft = starts(made.with, "Microsoft SMTP") || starts(made.with, "HTTPS") || starts(made.with, "mapi");
	made.has_from = made.has_from || r.peer.form != PEER_IP_NONE;
	if (made.has_from) {
		const struct peer_identity peer = peer_resolve(&r.peer, r.exim, microsoft);
		made.name_forged = peer.name_forged;
		made.from_unclear = peer.unclear;
		made.from_helo = peer.from_helo;
		made.from_name = peer.from_name;
		made.from_ip = peer.from_ip;
	}
	/* A browser says no HELO; HTTPS is also what Exchange speaks among its own servers, and those have names. */
	if (starts(made.with, "HTTP") && !span_is_nocase(made.with, "HTTPS") && !r.peer.has_helo)
		made.from_helo = made.from_name = (struct span){ 0 };
	made.tls = received_tls_result(&r.tls, made.with);
	made.tls_version = r.tls.version;
	made.tls_cipher = r.tls.cipher;
	*ret = made;
}
