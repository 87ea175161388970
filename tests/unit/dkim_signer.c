/* Signing by OpenSSL, for tests. */
#include "tests/unit/dkim_signer.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/base64.h"

enum { BASE64_MAX = 4096 };

static EVP_PKEY *signer_key(enum signer_kind kind)
{
	static EVP_PKEY *keys[SIGNER_KINDS];
	static const size_t bits[] = { 1024, 2048, 512 };
	if (!keys[kind])
		keys[kind] = kind == SIGNER_ED25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
						    : EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits[kind]);
	if (!keys[kind])
		abort();
	return keys[kind];
}

static const char *keep(char slots[SIGNER_KINDS][BASE64_MAX], enum signer_kind kind, const unsigned char *der, int len)
{
	struct buf text = BUF_INIT(BASE64_MAX - 1);
	base64_add_encoded(&text, span_make((const char *)der, (size_t)len));
	snprintf(slots[kind], BASE64_MAX, "%s", buf_str(&text));
	buf_fini(&text);
	return slots[kind];
}

const char *signer_public(enum signer_kind kind)
{
	static char records[SIGNER_KINDS][BASE64_MAX];
	unsigned char raw[32], *der = NULL;
	size_t raw_len = sizeof(raw);
	if (records[kind][0] != '\0')
		return records[kind];
	if (kind == SIGNER_ED25519) {
		EVP_PKEY_get_raw_public_key(signer_key(kind), raw, &raw_len);
		return keep(records, kind, raw, 32);
	}
	int len = i2d_PUBKEY(signer_key(kind), &der);
	keep(records, kind, der, len);
	OPENSSL_free(der);
	return records[kind];
}

const char *signer_public_pkcs1(enum signer_kind kind)
{
	static char records[SIGNER_KINDS][BASE64_MAX];
	unsigned char *der = NULL;
	int len = i2d_PublicKey(signer_key(kind), &der);
	keep(records, kind, der, len);
	OPENSSL_free(der);
	return records[kind];
}

static bool is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/* One line of a body without its CRLF. */
static void naive_line(enum dkim_canon canon, struct span line, struct buf *out)
{
	size_t len = line.len;
	if (canon == DKIM_SIMPLE) {
		buf_add_span(out, line);
		return;
	}
	while (len > 0 && is_wsp(line.p[len - 1]))
		len--;
	for (size_t i = 0; i < len; i++) {
		if (!is_wsp(line.p[i]))
			buf_add_char(out, line.p[i]);
		else if (i == 0 || !is_wsp(line.p[i - 1]))
			buf_add_char(out, ' ');
	}
}

void naive_body(enum dkim_canon canon, struct span body, struct buf *out)
{
	size_t at = 0, kept = out->len, begin = out->len;
	while (at < body.len) {
		ptrdiff_t end = span_find(body, SPAN_LIT("\r\n"), at);
		size_t len = end < 0 ? body.len - at : (size_t)end - at;
		size_t before = out->len;
		naive_line(canon, span_sub(body, at, len), out);
		bool empty = out->len == before;
		buf_add_str(out, "\r\n");
		if (!empty)
			kept = out->len;
		at += len + 2;
	}
	if (out->p)
		out->p[kept] = '\0';
	out->len = kept;
	if (kept == begin && canon == DKIM_SIMPLE)
		buf_add_str(out, "\r\n");
}

void naive_field(enum dkim_canon canon, struct span field, struct buf *out)
{
	ptrdiff_t colon = span_find_char(field, ':', 0);
	_cleanup_(buf_fini) struct buf text = BUF_INIT(field.len + 1);
	if (canon == DKIM_SIMPLE) {
		buf_add_span(out, field);
		return;
	}
	for (size_t i = 0; i < (size_t)colon; i++)
		if (!is_wsp(field.p[i]))
			buf_add_char(out, ascii_lower(field.p[i]));
	buf_add_char(out, ':');
	for (size_t i = (size_t)colon + 1; i < field.len; i++) {
		char c = field.p[i];
		bool eol = c == '\n' || (c == '\r' && i + 1 < field.len && field.p[i + 1] == '\n');
		if (!eol)
			buf_add_char(&text, c);
	}
	naive_line(DKIM_RELAXED, span_trim(buf_span(&text)), out);
	buf_add_str(out, "\r\n");
}

void hash_text(struct span text, struct buf *out)
{
	unsigned char digest[32];
	EVP_Digest(text.p ? text.p : "", text.len, digest, NULL, EVP_sha256(), NULL);
	base64_add_encoded(out, span_make((const char *)digest, sizeof(digest)));
}

void sign_text(enum signer_kind kind, struct span text, struct buf *out)
{
	unsigned char signature[BASE64_MAX / 2], digest[32];
	size_t len = sizeof(signature);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ed25519 = kind == SIGNER_ED25519;
	EVP_Digest(text.p ? text.p : "", text.len, digest, NULL, EVP_sha256(), NULL);
	if (EVP_DigestSignInit(ctx, NULL, ed25519 ? NULL : EVP_sha256(), NULL, signer_key(kind)) != 1 ||
	    EVP_DigestSign(ctx, signature, &len, ed25519 ? digest : (const unsigned char *)text.p,
			   ed25519 ? sizeof(digest) : text.len) != 1)
		abort();
	EVP_MD_CTX_free(ctx);
	base64_add_encoded(out, span_make((const char *)signature, len));
}

/* The field that begins at `at`, with all its folded lines. */
static struct span field_at(struct span header, size_t at)
{
	size_t end = at;
	do {
		ptrdiff_t eol = span_find(header, SPAN_LIT("\r\n"), end);
		end = eol < 0 ? header.len : (size_t)eol + 2;
	} while (end < header.len && is_wsp(header.p[end]));
	return span_sub(header, at, end - at);
}

/* Adds the n-th field of that name from below, n from 0; nothing where there is none. */
static void add_nth(enum dkim_canon canon, struct span header, struct span name, size_t n, struct buf *out)
{
	struct span found[64];
	size_t count = 0;
	for (size_t at = 0; at < header.len && count < 64;) {
		struct span field = field_at(header, at);
		ptrdiff_t colon = span_find_char(field, ':', 0);
		if (colon > 0 && span_eq_nocase(span_trim(span_sub(field, 0, (size_t)colon)), name))
			found[count++] = field;
		at += field.len;
	}
	if (n < count)
		naive_field(canon, found[count - 1 - n], out);
}

static void add_signed_fields(const struct sign_request *r, struct buf *out)
{
	struct span rest = span_of(r->h), name;
	while (span_next(&rest, ':', &name)) {
		struct span before = span_of(r->h), other;
		size_t n = 0;
		while (span_next(&before, ':', &other) && other.p < name.p)
			n += span_eq_nocase(other, name);
		add_nth(r->header_canon, span_of(r->header), name, n, out);
	}
}

void sign_field(const struct sign_request *r, struct buf *out)
{
	_cleanup_(buf_fini) struct buf body = BUF_INIT(1 << 20), field = BUF_INIT(1 << 16), text = BUF_INIT(1 << 20);
	naive_body(r->body_canon, span_of(r->body), &body);
	buf_addf(&field, "DKIM-Signature: %s; bh=", r->tags);
	if (r->bh)
		buf_add_str(&field, r->bh);
	else
		hash_text(span_sub(buf_span(&body), 0, r->length ? (size_t)r->length : SIZE_MAX), &field);
	buf_add_str(&field, ";\r\n\tb=");
	add_signed_fields(r, &text);
	size_t begin = text.len;
	buf_add_str(&field, "\r\n");
	naive_field(r->header_canon, buf_span(&field), &text);
	/* Without its line end. */
	text.len -= 2;
	if (begin > text.len)
		abort();
	field.len -= 2;
	buf_add_span(out, buf_span(&field));
	sign_text(r->kind, buf_span(&text), out);
	buf_add_str(out, "\r\n");
}

void sign_message(const struct sign_request *r, struct buf *out)
{
	sign_field(r, out);
	buf_addf(out, "%s\r\n%s", r->header, r->body);
}
