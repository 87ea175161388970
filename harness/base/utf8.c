/* UTF-8. libunistring takes invalid sequences as U+FFFD where it folds: nothing is folded that was not checked. */
#include "harness/base/utf8.h"

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>
#include <uniwidth.h>

#include "harness/base/compiler.h"

static const uint8_t *utf8_octets(struct span s)
{
	return (const uint8_t *)(s.p ? s.p : "");
}

size_t utf8_next(struct span s, uint32_t *ret_code)
{
	ucs4_t code;
	if (s.len == 0)
		return 0;
	int len = u8_mbtoucr(&code, utf8_octets(s), s.len);
	if (len <= 0)
		return 0;
	if (ret_code)
		*ret_code = code;
	return (size_t)len;
}

bool utf8_valid(struct span s)
{
	return u8_check(utf8_octets(s), s.len) == NULL;
}

size_t utf8_write(uint32_t code, char out[UTF8_MAX])
{
	int len = u8_uctomb((uint8_t *)out, code, UTF8_MAX);
	return len > 0 ? (size_t)len : 0;
}

bool utf8_is_control(uint32_t code)
{
	return uc_is_general_category_withtable(code, UC_CATEGORY_MASK_Cc);
}

bool utf8_acts_on_text(uint32_t code)
{
	static const uint32_t byte_order_mark = 0xfeff;
	return uc_is_general_category_withtable(code,
						UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp) ||
	       uc_is_property_bidi_control(code) || code == byte_order_mark;
}

size_t utf8_columns(struct span s)
{
	size_t columns = 0;
	while (s.len > 0) {
		uint32_t code = 0;
		size_t n = utf8_next(s, &code);
		int width = n ? uc_width(code, "UTF-8") : 1;
		columns += width > 0 ? (size_t)width : 0;
		s = span_sub(s, n ? n : 1, s.len);
	}
	return columns;
}

/* Takes out the dot above an i that folding makes of the Turkish capital. Returns the new length. */
static size_t utf8_undot(char *s, size_t len)
{
	static const char dot[] = "\xcc\x87";
	size_t n = 0;
	for (size_t i = 0; i < len;) {
		s[n++] = s[i++];
		if (s[n - 1] == 'i' && len - i >= 2 && s[i] == dot[0] && s[i + 1] == dot[1])
			i += 2;
	}
	return n;
}

char *utf8_fold(struct span s)
{
	size_t len;
	if (s.len == 0 || !utf8_valid(s))
		return span_dup(s);
	_cleanup_(free_p) uint8_t *folded = u8_casefold(utf8_octets(s), s.len, NULL, UNINORM_NFC, NULL, &len);
	if (!folded)
		return NULL;
	return span_dup(span_make((const char *)folded, utf8_undot((char *)folded, len)));
}
