/* Folders: listing, how they stand, opening. Must never send a name that could end a command line. */
#include "providers/imap_session.h"

#include <libetpan/mailimap.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/base/vec.h"
#include "providers/imap_command.h"
#include "providers/imap_utf7.h"

enum {
	NAME_MAX_OCTETS = 1000,
	WORDS_MAX = 2 * NAME_MAX_OCTETS + 200,
	LIST_OCTETS = 2 * 1024 * 1024,
};

static const struct imap_command LIST = { .name = "LIST",
					  .asked = IMAP_ASKED_OTHER,
					  .limits = { .octets = LIST_OCTETS, .responses = IMAP_FOLDERS_MAX + 100 } };
static const struct imap_command STATUS = { .name = "STATUS", .asked = IMAP_ASKED_FOLDER };
static const struct imap_command EXAMINE = { .name = "EXAMINE", .asked = IMAP_ASKED_FOLDER };

static bool nameable(const char *raw)
{
	size_t len = 0;
	for (; raw[len]; len++)
		if (((unsigned char)raw[len] < 0x20 && raw[len] != '\t') || raw[len] == 0x7f)
			return false;
	return len > 0 && len <= NAME_MAX_OCTETS;
}

static char *name_for_people(const char *raw)
{
	_cleanup_(buf_fini) struct buf decoded = BUF_INIT(4 * NAME_MAX_OCTETS);
	struct buf shown = BUF_INIT(32 * NAME_MAX_OCTETS);
	if (imap_utf7_decode(span_of(raw), &decoded) < 0 && buf_add_str(&decoded, raw) < 0)
		return NULL;
	text_add_escaped(&shown, buf_span(&decoded));
	return buf_take(&shown);
}

static void take_attribute(struct imap_folder *folder, const char *name)
{
	static const struct {
		const char *name;
		enum folder_role use;
	} uses[] = { { "Junk", FOLDER_SPAM },       { "All", FOLDER_ALL },
		     { "Archive", FOLDER_ARCHIVE }, { "Drafts", FOLDER_DRAFTS },
		     { "Sent", FOLDER_SENT },       { "Trash", FOLDER_TRASH },
		     { "Flagged", FOLDER_FLAGGED }, { "Important", FOLDER_IMPORTANT } };
	if (span_is_nocase(span_of(name), "NonExistent"))
		folder->selectable = false;
	for (size_t i = 0; i < ARRAY_LEN(uses); i++)
		if (span_is_nocase(span_of(name), uses[i].name))
			folder->use = uses[i].use;
}

static void take_attributes(struct imap_folder *folder, const struct mailimap_mbx_list_flags *flags)
{
	if (!flags)
		return;
	if (flags->mbf_type == MAILIMAP_MBX_LIST_FLAGS_SFLAG && flags->mbf_sflag == MAILIMAP_MBX_LIST_SFLAG_NOSELECT)
		folder->selectable = false;
	for (clistiter *i = flags->mbf_oflags ? clist_begin(flags->mbf_oflags) : NULL; i; i = clist_next(i)) {
		const struct mailimap_mbx_list_oflag *flag = clist_content(i);
		if (flag->of_type == MAILIMAP_MBX_LIST_OFLAG_FLAG_EXT && flag->of_flag_ext)
			take_attribute(folder, flag->of_flag_ext);
	}
}

static bool listed(const struct imap_folder_list *list, const char *raw)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->folders[i].raw, raw) == 0)
			return true;
	return false;
}

static int take_folder(struct imap_folder_list *list, size_t *cap, const struct mailimap_mailbox_list *from,
		       struct error *err)
{
	if (listed(list, from->mb_name))
		return 0;
	if (list->count == IMAP_FOLDERS_MAX)
		return error_set(err, ERROR_LIMIT, RETRY_LATER, 0, "LIST: the mailbox has more than %d folders",
				 IMAP_FOLDERS_MAX);
	if (vec_grow(&list->folders, list->count, cap, sizeof(*list->folders), err) < 0)
		return -1;
	struct imap_folder *folder = &list->folders[list->count++];
	*folder = (struct imap_folder){ .name = name_for_people(from->mb_name),
					.raw = strdup(from->mb_name),
					.delimiter = from->mb_delimiter,
					.selectable = nameable(from->mb_name) };
	take_attributes(folder, from->mb_flag);
	return folder->name && folder->raw ? 0 : error_memory(err);
}

/* Takes what libetpan has read. */
static int take_list(struct imap_session *s, struct imap_folder_list *ret, struct error *err)
{
	struct imap_folder_list list = { 0 };
	size_t cap = 0;
	int result = 0;
	const struct mailimap_response_info *info = s->imap->imap_response_info;
	clistiter *i = info && info->rsp_mailbox_list ? clist_begin(info->rsp_mailbox_list) : NULL;
	for (; i && result == 0; i = clist_next(i)) {
		const struct mailimap_mailbox_list *from = clist_content(i);
		if (from && from->mb_name)
			result = take_folder(&list, &cap, from, err);
	}
	imap_command_forget(s);
	if (result == 0)
		*ret = list;
	else
		imap_folder_list_fini(&list);
	return result;
}

static int run_list(struct imap_session *s, const char *words, struct imap_folder_list *ret, struct error *err)
{
	return imap_command_run(s, &LIST, words, err) < 0 ? -1 : take_list(s, ret, err);
}

/* RFC 6154 section 3: attributes come without being asked for at most servers, not at all of them; and some answer to
 * the question with nothing. */
int imap_session_list(struct imap_session *s, struct imap_folder_list *ret, struct error *err)
{
	struct imap_folder_list list = { 0 };
	if (imap_session_has(s, "SPECIAL-USE") && imap_session_has(s, "LIST-EXTENDED")) {
		if (run_list(s, "LIST \"\" \"*\" RETURN (SPECIAL-USE)", &list, err) < 0 && imap_session_dead(s))
			return -1;
		if (list.count > 0) {
			*ret = list;
			return 0;
		}
	}
	return run_list(s, "LIST \"\" \"*\"", ret, err);
}

/* Runs VERB "folder" REST. */
static int run_on_folder(struct imap_session *s, const struct imap_command *command, const char *raw, const char *rest,
			 struct error *err)
{
	_cleanup_(buf_fini) struct buf words = BUF_INIT(WORDS_MAX);
	if (!nameable(raw))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0, "%s: no folder can have this name", command->name);
	buf_addf(&words, "%s ", command->name);
	imap_command_add_folder(&words, raw);
	buf_add_str(&words, rest);
	if (buf_check(&words, "command", err) < 0)
		return -1;
	return imap_command_run(s, command, buf_str(&words), err);
}

int imap_session_status(struct imap_session *s, const char *raw, struct imap_folder_state *ret, struct error *err)
{
	if (run_on_folder(s, &STATUS, raw, " (MESSAGES UIDNEXT UIDVALIDITY)", err) < 0)
		return -1;
	if (!imap_command_answer(s)->has_status)
		return error_set(err, ERROR_REFUSED, RETRY_NEVER, IMAP_CAUSE_NONE,
				 "STATUS: the server does not say how the folder stands");
	*ret = imap_command_answer(s)->status;
	return 0;
}

int imap_session_examine(struct imap_session *s, const char *raw, struct imap_folder_state *ret, struct error *err)
{
	struct imap_folder_state state = { 0 }, asked = { 0 };
	s->messages = s->counted = 0;
	if (run_on_folder(s, &EXAMINE, raw, "", err) < 0)
		return -1;
	const struct imap_heard *heard = imap_command_answer(s);
	state = (struct imap_folder_state){ heard->uidvalidity, heard->uidnext, heard->exists };
	s->messages = s->counted = heard->exists;
	if (state.uidnext == 0) {
		struct error refused = ERROR_INIT;
		if (imap_session_status(s, raw, &asked, &refused) == 0)
			state.uidnext = asked.uidnext;
		else if (imap_session_dead(s))
			return *err = refused, -1;
	}
	*ret = state;
	return 0;
}
