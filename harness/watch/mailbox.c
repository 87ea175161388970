/* Looks for tokens in all folders of one mailbox until they are found or time is over. Must leave it as it was. */
#include "harness/watch/mailbox.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "harness/mail/header.h"
#include "harness/mail/tag.h"
#include "providers/imap_session.h"
#include "providers/profile.h"

/* Clocks of servers differ from ours by so much at most. */
enum { LOOK_EVERY_MS = 1000, CLOCKS_DIFFER_MS = 10 * 60 * 1000, HEADER_MAX = 256 * 1024, FETCHES_MAX = 64 };

struct door {
	struct imap_params imap;
	char *user; /* owned */
	const struct secret_ref *password;
};

struct look {
	const struct mailbox_access *access;
	const char *address;
	struct posture_arrival *arrivals;
	size_t count;
	struct imap_session *session;
	struct imap_folder_list folders;
	/* What the scan of a folder has found: messages that are yet to be fetched. */
	struct {
		uint32_t uid;
		struct posture_arrival *arrival;
	} found[FETCHES_MAX];
	size_t found_count;
};

/* --- the way in ------------------------------------------------------------------------------------------------- */

static void tell_transcript(void *user, char direction, struct span line)
{
	const struct look *look = user;
	char who[320];
	snprintf(who, sizeof(who), "imap %s", look->address);
	log_transcript(look->access->log, who, direction, line);
}

static int find_door(const struct config *config, const char *address, struct door *door, struct error *err)
{
	const struct inbound_settings *inbound = &config->inbound;
	const struct seed *seed = seed_list_find(&config->seeds, span_of(address));
	if (inbound->address && strcmp(inbound->address, address) == 0) {
		door->imap.host = inbound->host;
		door->imap.port = (uint16_t)inbound->port;
		door->imap.security = inbound->security;
		door->imap.ca_file = inbound->ca_file;
		door->password = inbound->password;
		door->user = strdup(inbound->user);
	} else if (seed) {
		const struct config_provider *provider = config_provider(config, seed->provider);
		door->imap.host = provider->profile->host;
		door->imap.port = provider->profile->port;
		door->imap.security = provider->profile->security;
		door->imap.ca_file = provider->profile->ca_file;
		door->password = seed->password;
		door->user = profile_user(provider->profile, seed->address, seed->user);
	} else {
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "%s is no mailbox of the configuration: add a [seed %s] section", address, address);
	}
	if (!door->password)
		return error_set(err, ERROR_UNSUPPORTED, RETRY_NEVER, IMAP_CAUSE_OAUTH, "%s has no password", address);
	return door->user ? 0 : error_memory(err);
}

static int enter(struct look *look, struct door *door, struct deadline deadline, struct error *err)
{
	const struct mailbox_access *access = look->access;
	_cleanup_(secret_free_p) struct secret *password = NULL;
	door->imap.login_timeout_ms = access->config->run.login_timeout_ms;
	door->imap.command_timeout_ms = access->config->run.command_timeout_ms;
	if (door->imap.login_timeout_ms > deadline_left_ms(deadline))
		door->imap.login_timeout_ms = deadline_left_ms(deadline);
	door->imap.cancel_fd = access->cancel_fd;
	door->imap.transcript = log_wants(access->log, LOG_LEVEL_TRANSCRIPTS) ? tell_transcript : NULL;
	door->imap.transcript_user = look;
	if (secret_resolve(door->password, deadline, &password, err) < 0)
		return error_prefix(err, "password");
	if (imap_session_open(&look->session, &door->imap, err) < 0)
		return -1;
	imap_session_set_limit(look->session, deadline);
	if (imap_session_login(look->session, door->user, password, err) < 0)
		return -1;
	return imap_session_list(look->session, &look->folders, err);
}

/* --- looking ---------------------------------------------------------------------------------------------------- */

static int note_message(void *user, const struct imap_message *message, struct error *err)
{
	struct look *look = user;
	struct header header;
	char tag[TAG_SIZE];
	if (header_parse(&header, message->header, err) < 0)
		return -1;
	bool tagged = tag_from_header(&header, tag);
	header_fini(&header);
	for (size_t i = 0; i < look->count && tagged && look->found_count < FETCHES_MAX; i++)
		if (!look->arrivals[i].arrived && strcmp(look->arrivals[i].token, tag) == 0) {
			look->found[look->found_count].arrival = &look->arrivals[i];
			look->found[look->found_count++].uid = message->uid;
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

static int keep_arrival(struct look *look, const struct imap_folder *folder, uint32_t uid,
			struct posture_arrival *arrival, struct error *err)
{
	_cleanup_(buf_fini) struct buf octets = BUF_INIT(HEADER_MAX + 1);
	bool truncated;
	if (arrival->arrived) /* a copy of it in the same folder */
		return 0;
	int found = imap_session_fetch(look->session, uid, HEADER_MAX, &octets, &truncated, err);
	if (found <= 0)
		return found;
	if (keep_header(arrival, buf_span(&octets), err) < 0)
		return -1;
	arrival->folder = strdup(folder->name);
	if (!arrival->folder)
		return error_memory(err);
	arrival->inbox = span_is_nocase(span_of(folder->name), "INBOX");
	arrival->arrived = true;
	log_event(look->access->log, "imap %s: %s is in %s", look->address, arrival->token, folder->name);
	return 0;
}

static int look_into(struct look *look, const struct imap_folder *folder, struct error *err)
{
	struct imap_folder_state state;
	if (!folder->selectable || folder->use == FOLDER_ALL)
		return 0;
	look->found_count = 0;
	if (imap_session_examine(look->session, folder->raw, &state, err) < 0)
		return err->kind == ERROR_REFUSED ? 0 : -1;
	if (imap_session_scan_recent(look->session, look->access->since_ms - CLOCKS_DIFFER_MS, note_message, look,
				     err) < 0)
		return -1;
	for (size_t i = 0; i < look->found_count; i++)
		if (keep_arrival(look, folder, look->found[i].uid, look->found[i].arrival, err) < 0)
			return -1;
	return 0;
}

static size_t missing(const struct look *look)
{
	size_t count = 0;
	for (size_t i = 0; i < look->count; i++)
		count += !look->arrivals[i].arrived;
	return count;
}

/* Waits for the next look. False when it is time to end. */
static bool pause_until_next(const struct look *look, struct deadline deadline)
{
	struct pollfd cancel = { .fd = look->access->cancel_fd, .events = POLLIN };
	struct deadline next = deadline_earlier(deadline, deadline_in(LOOK_EVERY_MS));
	return poll(&cancel, 1, deadline_poll_ms(next)) == 0 && !deadline_passed(deadline);
}

static int look_until(struct look *look, struct deadline deadline, struct error *err)
{
	do {
		for (size_t i = 0; i < look->folders.count && missing(look) > 0; i++)
			if (look_into(look, &look->folders.folders[i], err) < 0)
				return deadline_passed(deadline) ? 0 : -1;
	} while (missing(look) > 0 && pause_until_next(look, deadline));
	return 0;
}

int mailbox_await(void *user, const char *address, struct posture_arrival *arrivals, size_t count,
		  struct deadline deadline, struct error *err)
{
	struct look look = { .access = user, .address = address, .arrivals = arrivals, .count = count };
	struct door door = { 0 };
	int result = find_door(look.access->config, address, &door, err);
	if (result == 0)
		result = enter(&look, &door, deadline, err);
	if (result == 0)
		result = look_until(&look, deadline, err);
	if (result == 0)
		imap_session_logout(look.session);
	imap_session_free(look.session);
	imap_folder_list_fini(&look.folders);
	free(door.user);
	return result < 0 ? error_prefix(err, "mailbox %s", address) : 0;
}
