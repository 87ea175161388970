/* Roles of folders. The server's word outranks a name, and a profile's list outranks the common one. Names of
 * strangers' folders are compared, never shown from here. */
#include "providers/folder_role.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/utf8.h"
#include "providers/folder_names.h"
#include "providers/profile.h"

/* What a folder's name is compared by. */
struct folder_key {
	char *part, *whole; /* folded: the last part of the path, and all of it */
	size_t depth;       /* parts of the path before the last */
};

struct folder_keys {
	struct folder_key *v; /* one for each folder of the list */
	size_t count;
};

static void folder_keys_fini(struct folder_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++) {
		free(keys->v[i].part);
		free(keys->v[i].whole);
	}
	free(keys->v);
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

static int folder_keys_make(const struct imap_folder_list *list, struct folder_keys *keys, struct error *err)
{
	keys->v = calloc(list->count + 1, sizeof(*keys->v));
	if (!keys->v)
		return error_memory(err);
	for (; keys->count < list->count; keys->count++) {
		const struct imap_folder *folder = &list->folders[keys->count];
		struct folder_key *key = &keys->v[keys->count];
		key->part = utf8_fold(last_part(folder, &key->depth));
		key->whole = utf8_fold(span_of(folder->name));
		if (key->part && key->whole)
			continue;
		free(key->part);
		free(key->whole);
		return error_memory(err);
	}
	return 0;
}

/* One that has another use already (Sent, Trash) is not what its name says. */
static bool is_called(const struct imap_folder *folder, const struct folder_key *key, const char *name)
{
	return (strcmp(key->part, name) == 0 || strcmp(key->whole, name) == 0) && folder->selectable &&
	       folder->role == FOLDER_OTHER;
}

/* The folder of that name, folded, that is nearest to the top, or NULL. */
static struct imap_folder *find_name(const struct imap_folder_list *list, const struct folder_keys *keys,
				     const char *name)
{
	struct imap_folder *found = NULL;
	size_t found_depth = 0;
	for (size_t i = 0; i < list->count; i++) {
		struct imap_folder *folder = &list->folders[i];
		const struct folder_key *key = &keys->v[i];
		if (!is_called(folder, key, name) || (found && key->depth >= found_depth))
			continue;
		found = folder;
		found_depth = key->depth;
	}
	return found;
}

static bool has_role(const struct imap_folder_list *list, enum folder_role role)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->folders[i].role == role)
			return true;
	return false;
}

static int name_one(struct imap_folder_list *list, const struct folder_keys *keys, enum folder_role role,
		    const char *const *names, struct error *err)
{
	struct imap_folder *found = NULL;
	if (has_role(list, role))
		return 0;
	for (size_t i = 0; names[i] && !found; i++) {
		_cleanup_(free_p) char *name = utf8_fold(span_of(names[i]));
		if (!name)
			return error_memory(err);
		found = find_name(list, keys, name);
	}
	if (found)
		found->role = role;
	return 0;
}

/* All that have a common name, as far as none is nearer to the top: several programs may have made one each, and one
 * below another folder is somebody's own. */
static int name_commonly(struct imap_folder_list *list, const struct folder_keys *keys, struct error *err)
{
	_cleanup_(free_p) bool *fits = calloc(list->count + 1, sizeof(*fits));
	size_t least = SIZE_MAX;
	if (!fits)
		return error_memory(err);
	for (size_t n = 0; folder_names_spam[n]; n++) {
		_cleanup_(free_p) char *name = utf8_fold(span_of(folder_names_spam[n]));
		if (!name)
			return error_memory(err);
		for (size_t i = 0; i < list->count; i++) {
			if (!is_called(&list->folders[i], &keys->v[i], name))
				continue;
			fits[i] = true;
			least = keys->v[i].depth < least ? keys->v[i].depth : least;
		}
	}
	for (size_t i = 0; i < list->count; i++)
		if (fits[i] && keys->v[i].depth == least)
			list->folders[i].role = FOLDER_SPAM;
	return 0;
}

static void take_uses(struct imap_folder_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		list->folders[i].role = FOLDER_OTHER;
	for (size_t i = 0; i < list->count; i++) {
		struct imap_folder *folder = &list->folders[i];
		/* The name is that of the inbox in any case (RFC 3501 section 5.1). */
		enum folder_role role = span_is_nocase(span_of(folder->raw), "INBOX") ? FOLDER_INBOX : folder->use;
		if (folder->selectable && !(role == FOLDER_INBOX && has_role(list, role)))
			folder->role = role;
	}
}

int folder_roles(struct imap_folder_list *list, const struct profile *profile, struct error *err)
{
	_cleanup_(folder_keys_fini) struct folder_keys keys = { 0 };
	if (folder_keys_make(list, &keys, err) < 0)
		return -1;
	take_uses(list);
	if (profile && (name_one(list, &keys, FOLDER_INBOX, (const char *const *)profile->inbox, err) < 0 ||
			name_one(list, &keys, FOLDER_SPAM, (const char *const *)profile->spam, err) < 0))
		return -1;
	return has_role(list, FOLDER_SPAM) ? 0 : name_commonly(list, &keys, err);
}
