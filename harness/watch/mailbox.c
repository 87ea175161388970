/* Looks for tokens in all folders of one mailbox until they are found or time is over. Must leave it as it was. */
#include "harness/watch/mailbox.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "harness/connect/connect_mailbox.h"
#include "harness/mail/header.h"
#include "harness/mail/tag.h"

/* Clocks of servers differ from ours by so much at most. */
enum { LOOK_EVERY_MS = 1000, CLOCKS_DIFFER_MS = 10 * 60 * 1000, HEADER_MAX = 256 * 1024, FETCHES_MAX = 64 };

struct mailbox_search {
	const struct mailbox_access *access;
	const char *address;
	struct posture_arrival *arrivals;
	size_t count;
	struct imap_session *session;
	struct imap_folder_list folders;
	struct imap_folder_state *read; /* of each folder: how it stood when it was read */
	/* What the scan of a folder has found: messages that are yet to be fetched. */
	struct {
		uint32_t uid;
		struct posture_arrival *arrival;
	} found[FETCHES_MAX];
	size_t found_count;
};

/* --- the way in ------------------------------------------------------------------------------------------------- */

static int mailbox_find(const struct connect_context *context, const char *address, struct connect_mailbox *ret,
			struct error *err)
{
	const struct inbound_settings *inbound = &context->config->inbound;
	const struct seed *seed = seed_list_find(&context->config->seeds, span_of(address));
	if (inbound->address && strcmp(inbound->address, address) == 0)
		return connect_mailbox_inbound(context, ret, err);
	if (seed)
		return connect_mailbox_seed(context, seed, ret, err);
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
			 "%s is no mailbox of the configuration: add a [seed %s] section", address, address);
}

/* --- looking ---------------------------------------------------------------------------------------------------- */

static int note_message(void *user, const struct imap_message *message, struct error *err)
{
	struct mailbox_search *search = user;
	struct header header;
	char tag[TAG_SIZE];
	if (header_parse(&header, message->header, err) < 0)
		return -1;
	bool tagged = tag_from_header(&header, tag);
	header_fini(&header);
	for (size_t i = 0; i < search->count && tagged && search->found_count < FETCHES_MAX; i++)
		if (!search->arrivals[i].arrived && strcmp(search->arrivals[i].token, tag) == 0) {
			search->found[search->found_count].arrival = &search->arrivals[i];
			search->found[search->found_count++].uid = message->uid;
		}
	return 0;
}

/* The header block alone: what the body says is known. */
static int keep_header(struct posture_arrival *arrival, struct span message, struct error *err)
{
	struct header header;
	if (header_parse(&header, message, err) < 0)
		return -1;
	arrival->header = span_dup(span_sub(message, 0, header.body_offset));
	header_fini(&header);
	return arrival->header ? 0 : error_memory(err);
}

static int keep_arrival(struct mailbox_search *search, const struct imap_folder *folder, uint32_t uid,
			struct posture_arrival *arrival, struct error *err)
{
	_cleanup_(buf_fini) struct buf octets = BUF_INIT(HEADER_MAX + 1);
	bool truncated;
	if (arrival->arrived) /* a copy of it in the same folder */
		return 0;
	int found = imap_session_fetch(search->session, uid, -1, HEADER_MAX, &octets, &truncated, err);
	if (found <= 0)
		return found;
	if (keep_header(arrival, buf_span(&octets), err) < 0)
		return -1;
	arrival->folder = strdup(folder->name);
	if (!arrival->folder)
		return error_memory(err);
	arrival->inbox = span_is_nocase(span_of(folder->name), "INBOX");
	arrival->arrived = true;
	log_event(search->access->context.log, "imap %s: %s is in %s", search->address, arrival->token, folder->name);
	return 0;
}

static bool stands_as_before(const struct imap_folder_state *a, const struct imap_folder_state *b)
{
	return a->uidvalidity == b->uidvalidity && a->uidnext == b->uidnext && a->messages == b->messages;
}

static int search_folder(struct mailbox_search *search, size_t index, struct error *err)
{
	const struct imap_folder *folder = &search->folders.folders[index];
	struct imap_folder_state state;
	if (!folder->selectable || folder_role_is_view(folder->use))
		return 0;
	search->found_count = 0;
	if (imap_session_examine(search->session, folder->raw, &state, err) < 0)
		return err->kind == ERROR_REFUSED ? 0 : -1;
	struct imap_scanned scanned;
	if (stands_as_before(&state, &search->read[index]))
		return 0;
	if (imap_session_scan_recent(search->session, search->access->since_ms - CLOCKS_DIFFER_MS, note_message, search,
				     &scanned, err) < 0)
		return -1;
	for (size_t i = 0; i < search->found_count; i++)
		if (keep_arrival(search, folder, search->found[i].uid, search->found[i].arrival, err) < 0)
			return -1;
	search->read[index] = state;
	return 0;
}

static size_t missing(const struct mailbox_search *search)
{
	size_t count = 0;
	for (size_t i = 0; i < search->count; i++)
		count += !search->arrivals[i].arrived;
	return count;
}

/* Waits for the next look. False when it is time to end. */
static bool pause_until_next(const struct mailbox_search *search, struct deadline deadline)
{
	struct pollfd cancel = { .fd = search->access->context.cancel_fd, .events = POLLIN };
	struct deadline next = deadline_earlier(deadline, deadline_in(LOOK_EVERY_MS));
	return poll(&cancel, 1, deadline_poll_ms(next)) == 0 && !deadline_passed(deadline);
}

static int search_until(struct mailbox_search *search, struct deadline deadline, struct error *err)
{
	do {
		for (size_t i = 0; i < search->folders.count && missing(search) > 0; i++)
			if (search_folder(search, i, err) < 0)
				return deadline_passed(deadline) ? 0 : -1;
	} while (missing(search) > 0 && pause_until_next(search, deadline));
	return 0;
}

int mailbox_await(void *user, const char *address, struct posture_arrival *arrivals, size_t count,
		  struct deadline deadline, struct error *err)
{
	struct mailbox_search search = { .access = user, .address = address, .arrivals = arrivals, .count = count };
	struct connect_mailbox mailbox = { 0 };
	int result = mailbox_find(&search.access->context, address, &mailbox, err);
	if (result == 0)
		result = connect_mailbox_open(&mailbox, deadline, &search.session, err);
	if (result == 0)
		result = imap_session_list(search.session, &search.folders, err);
	if (result == 0)
		search.read = calloc(search.folders.count + 1, sizeof(*search.read));
	if (result == 0)
		result = search.read ? search_until(&search, deadline, err) : error_memory(err);
	if (result == 0)
		imap_session_logout(search.session);
	imap_session_free(search.session);
	free(search.read);
	imap_folder_list_fini(&search.folders);
	connect_mailbox_fini(&mailbox);
	return result < 0 ? error_prefix(err, "mailbox %s", address) : 0;
}
