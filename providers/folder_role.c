/* Roles of folders. The server's word outranks a name, and a profile's list outranks the common one. Names of
 * strangers' folders are compared, never shown from here. */
#include "providers/folder_role.h"

#include <string.h>

#include "harness/base/utf8.h"
#include "providers/folder_names.h"
#include "providers/profile.h"

/* The small letter of a capital one, for the alphabets that have both (Unicode simple case folding of those blocks). */
static uint32_t fold(uint32_t c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	if (c >= 0xc0 && c <= 0xde && c != 0xd7)
		return c + 32;
	if (c == 0x130)
		return 'i';
	if (c == 0x178)
		return 0xff;
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e))
		return c + (c & 1);
	if ((c >= 0x100 && c <= 0x177 && c != 0x131 && c != 0x138) || (c >= 0x218 && c <= 0x21b) ||
	    (c >= 0x1ea0 && c <= 0x1eff))
		return c | 1;
	if (c >= 0x391 && c <= 0x3ab)
		return c + 32;
	if (c == 0x386)
		return 0x3ac;
	if (c >= 0x388 && c <= 0x38a)
		return c + 37;
	if (c == 0x38c)
		return 0x3cc;
	if (c == 0x38e || c == 0x38f)
		return c + 63;
	if (c == 0x3c2)
		return 0x3c3; /* the sigma at the end of a word */
	if (c >= 0x410 && c <= 0x42f)
		return c + 32;
	return c >= 0x400 && c <= 0x40f ? c + 80 : c;
}

static bool same_name(struct span a, struct span b)
{
	while (a.len > 0 && b.len > 0) {
		uint32_t x, y;
		size_t n = utf8_next(a, &x), m = utf8_next(b, &y);
		if (n == 0 || m == 0 || fold(x) != fold(y))
			return false;
		a = span_sub(a, n, a.len);
		b = span_sub(b, m, b.len);
	}
	return a.len == 0 && b.len == 0;
}

/* The part of the path behind the last delimiter, and how many parts stand before it. */
static struct span last_part(const struct imap_folder *folder, size_t *ret_depth)
{
	struct span rest = span_of(folder->name), part = rest;
	*ret_depth = 0;
	if (!folder->delimiter || rest.len == 0)
		return rest;
	for (size_t parts = 0; span_next(&rest, folder->delimiter, &part); parts++)
		*ret_depth = parts;
	return part;
}

/* The folder of that name that is nearest to the top, or NULL. */
static struct imap_folder *find_name(const struct imap_folder_list *list, const char *name)
{
	struct imap_folder *found = NULL;
	size_t found_depth = 0;
	for (size_t i = 0; i < list->count; i++) {
		struct imap_folder *folder = &list->folders[i];
		size_t depth;
		struct span part = last_part(folder, &depth);
		bool fits = same_name(part, span_of(name)) || same_name(span_of(folder->name), span_of(name));
		/* One that has another use already (Sent, Trash) is not what its name says. */
		if (!fits || !folder->selectable || folder->role != FOLDER_OTHER || (found && depth >= found_depth))
			continue;
		found = folder;
		found_depth = depth;
	}
	return found;
}

static struct imap_folder *find_any(const struct imap_folder_list *list, const char *const *names)
{
	struct imap_folder *found = NULL;
	for (size_t i = 0; names[i] && !found; i++)
		found = find_name(list, names[i]);
	return found;
}

static bool has_role(const struct imap_folder_list *list, enum folder_role role)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->folders[i].role == role)
			return true;
	return false;
}

static void name_one(struct imap_folder_list *list, enum folder_role role, const char *const *names)
{
	struct imap_folder *found = has_role(list, role) ? NULL : find_any(list, names);
	if (found)
		found->role = role;
}

void folder_roles(struct imap_folder_list *list, const struct profile *profile)
{
	for (size_t i = 0; i < list->count; i++)
		list->folders[i].role = FOLDER_OTHER;
	for (size_t i = 0; i < list->count; i++) {
		struct imap_folder *folder = &list->folders[i];
		/* The name is that of the inbox in any case (RFC 3501 section 5.1). */
		enum folder_role role = span_is_nocase(span_of(folder->raw), "INBOX") ? FOLDER_INBOX : folder->use;
		bool single = role == FOLDER_INBOX || role == FOLDER_SPAM;
		if (folder->selectable && !(single && has_role(list, role)))
			folder->role = role;
	}
	if (profile) {
		name_one(list, FOLDER_INBOX, (const char *const *)profile->inbox);
		name_one(list, FOLDER_SPAM, (const char *const *)profile->spam);
	}
	name_one(list, FOLDER_SPAM, folder_names_spam);
}
