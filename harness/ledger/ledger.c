/* The memory of a working run. Commits every fact before it counts it; decides nothing about verdicts. */
#include "harness/ledger/ledger.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/escape.h"
#include "harness/ledger/fact_log.h"
#include "harness/model/places.h"
#include "store/bounce.h"
#include "store/observation.h"
#include "store/seed.h"

/* What one probe counts for, each 0 or 1: taken out of all sums and put back when it has changed, so that no event
 * looks at every probe. */
struct ledger_share {
	size_t sent, delivered, inbox, spam, refused, waiting, not_tested;
	size_t awaited, unattempted;
};

struct entry {
	const struct probe *probe;
	size_t provider; /* index into counts */
	size_t seed;     /* index into seeds */
	enum send_state state;
	bool attempted; /* an attempt has ended since this process began, or none may be made */
	bool bounced;
	struct places places;
	int64_t changed_ms; /* monotonic time of the last change of its places */
	struct ledger_share share;
	bool settling; /* the change was not settle_ms ago, as was last seen: it is in the list of these */
	struct entry *earlier, *later;
};

struct seed_state {
	const char *address;
	bool failed; /* cannot be read: its unsent probes will not be sent */
	size_t awaited;
	size_t first, count; /* its probes in by_seed */
};

struct ledger {
	pthread_mutex_t lock;
	struct store *store;
	int64_t run, settle_ms;
	struct progress progress;
	struct log *log;
	void (*found)(void *user, size_t probe);
	void *found_user;
	struct entry *entries;
	size_t entry_count;
	size_t *by_tag;           /* entry numbers in the order of their tags */
	size_t *by_seed;          /* in the order of their seeds */
	struct seed_state *seeds; /* in the order of their addresses */
	size_t seed_count;
	struct entry *oldest, *newest; /* of those that settle by time, by their changed_ms */
	size_t waiting, unattempted;
	struct progress_counts *counts;
	size_t provider_count;
};

static int compare_tags(const void *a, const void *b, void *user)
{
	const struct ledger *ledger = user;
	return strcmp(ledger->entries[*(const size_t *)a].probe->tag, ledger->entries[*(const size_t *)b].probe->tag);
}

static size_t provider_index(struct ledger *ledger, const char *name)
{
	size_t i = 0;
	while (i < ledger->provider_count && strcmp(ledger->counts[i].provider, name) != 0)
		i++;
	if (i == ledger->provider_count)
		ledger->counts[ledger->provider_count++] = (struct progress_counts){ .provider = name };
	return i;
}

static int compare_seeds(const void *a, const void *b, void *user)
{
	const struct ledger *ledger = user;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	int order = strcmp(ledger->entries[x].probe->seed, ledger->entries[y].probe->seed);
	return order ? order : x < y ? -1 : x > y;
}

static void ledger_sort_seeds(struct ledger *ledger)
{
	qsort_r(ledger->by_seed, ledger->entry_count, sizeof(*ledger->by_seed), compare_seeds, ledger);
	for (size_t i = 0; i < ledger->entry_count; i++) {
		struct entry *e = &ledger->entries[ledger->by_seed[i]];
		struct seed_state *last = ledger->seed_count ? &ledger->seeds[ledger->seed_count - 1] : NULL;
		if (!last || strcmp(last->address, e->probe->seed) != 0) {
			last = &ledger->seeds[ledger->seed_count++];
			*last = (struct seed_state){ .address = e->probe->seed, .first = i };
		}
		last->count++;
		e->seed = ledger->seed_count - 1;
	}
}

static int compare_address(const void *address, const void *seed)
{
	return strcmp(address, ((const struct seed_state *)seed)->address);
}

/* NULL where the run has none of that address: the bounce mailbox has "". */
static struct seed_state *ledger_find_seed(const struct ledger *ledger, const char *address)
{
	return bsearch(address, ledger->seeds, ledger->seed_count, sizeof(*ledger->seeds), compare_address);
}

static struct ledger_share ledger_share_of(const struct ledger *ledger, const struct entry *e)
{
	const struct place *p = places_current(&e->places);
	bool sent = e->state == SENDING_ACCEPTED || e->state == SENDING_IN_DOUBT;
	bool refused = e->state == SENDING_REJECTED || e->bounced;
	bool failed = ledger->seeds[e->seed].failed;
	return (struct ledger_share){
		.sent = sent,
		.delivered = p != NULL,
		.inbox = p && p->role == FOLDER_INBOX,
		.spam = p && p->role == FOLDER_SPAM,
		.refused = refused,
		.waiting = !refused && (sent ? !p || e->settling : !failed),
		.not_tested = !sent && failed,
		.awaited = sent && !e->bounced && (!p || p->gone),
		.unattempted = !e->attempted && !failed,
	};
}

/* by: 1 puts it in, -1 takes it out. */
static void ledger_add_share(struct ledger *ledger, const struct entry *e, size_t by)
{
	struct progress_counts *c = &ledger->counts[e->provider];
	const struct ledger_share *s = &e->share;
	c->sent += by * s->sent;
	c->delivered += by * s->delivered;
	c->inbox += by * s->inbox;
	c->spam += by * s->spam;
	c->refused += by * s->refused;
	c->waiting += by * s->waiting;
	c->not_tested += by * s->not_tested;
	ledger->seeds[e->seed].awaited += by * s->awaited;
	ledger->waiting += by * s->waiting;
	ledger->unattempted += by * s->unattempted;
}

/* After every change of a probe, or of its seed. */
static void ledger_recount(struct ledger *ledger, struct entry *e)
{
	ledger_add_share(ledger, e, (size_t)-1);
	e->share = ledger_share_of(ledger, e);
	ledger_add_share(ledger, e, 1);
}

static void ledger_stop_settling(struct ledger *ledger, struct entry *e)
{
	if (!e->settling)
		return;
	*(e->earlier ? &e->earlier->later : &ledger->oldest) = e->later;
	*(e->later ? &e->later->earlier : &ledger->newest) = e->earlier;
	e->earlier = e->later = NULL;
	e->settling = false;
}

/* Its places have changed now: later than those of all others. */
static void ledger_start_settling(struct ledger *ledger, struct entry *e)
{
	ledger_stop_settling(ledger, e);
	e->changed_ms = clock_mono_ms();
	e->settling = true;
	e->earlier = ledger->newest;
	*(ledger->newest ? &ledger->newest->later : &ledger->oldest) = e;
	ledger->newest = e;
}

/* Counts as settled what is so by the passing of time. */
static void ledger_let_settle(struct ledger *ledger, int64_t now_ms)
{
	struct entry *e;
	while ((e = ledger->oldest) && e->changed_ms + ledger->settle_ms <= now_ms) {
		ledger_stop_settling(ledger, e);
		ledger_recount(ledger, e);
	}
}

static void ledger_notify_locked(struct ledger *ledger, const struct progress_event *event)
{
	if (!ledger->progress.event)
		return;
	ledger_let_settle(ledger, clock_mono_ms());
	ledger->progress.event(ledger->progress.user, event, ledger->counts, ledger->provider_count);
}

static void notify_probe(struct ledger *ledger, const struct entry *e, enum progress_kind kind, const char *text)
{
	ledger_notify_locked(ledger, &(struct progress_event){ kind, e->probe->provider, e->probe->seed,
							       e->probe->message, text ? text : "" });
}

/* Whether the notification says that the message will not come. One about another recipient does not. */
static bool ledger_is_final(const struct bounce *bounce, const struct probe *probe)
{
	return strcmp(bounce->action, "failed") == 0 && bounce_is_about(bounce, probe->seed);
}

static int load_entry(struct ledger *ledger, size_t i, const struct probe *probe, struct error *err)
{
	struct entry *e = &ledger->entries[i];
	e->probe = probe;
	e->provider = provider_index(ledger, probe->provider);
	e->state = send_state_of(probe->sends, probe->send_count);
	e->attempted = e->state >= SENDING_REJECTED;
	ledger->by_tag[i] = ledger->by_seed[i] = i;
	for (size_t k = 0; k < probe->observation_count; k++)
		if (places_add(&e->places, &probe->observations[k], err) < 0)
			return -1;
	for (size_t k = 0; k < probe->bounce_count; k++)
		e->bounced = e->bounced || ledger_is_final(&probe->bounces[k], probe);
	return 0;
}

int ledger_new(struct ledger **ret, const struct ledger_params *params, struct error *err)
{
	const struct run_facts *facts = params->facts;
	struct ledger *ledger = calloc(1, sizeof(*ledger));
	size_t n = facts->probe_count;
	if (!ledger)
		return error_memory(err);
	pthread_mutex_init(&ledger->lock, NULL);
	ledger->store = params->store;
	ledger->run = facts->summary.id;
	ledger->settle_ms = params->settle_ms;
	ledger->progress = params->progress;
	ledger->log = params->log;
	ledger->entry_count = n;
	ledger->entries = calloc(n + 1, sizeof(*ledger->entries));
	ledger->by_tag = calloc(n + 1, sizeof(*ledger->by_tag));
	ledger->by_seed = calloc(n + 1, sizeof(*ledger->by_seed));
	ledger->seeds = calloc(n + 1, sizeof(*ledger->seeds));
	ledger->counts = calloc(n + 1, sizeof(*ledger->counts));
	bool failed = !ledger->entries || !ledger->by_tag || !ledger->by_seed || !ledger->seeds || !ledger->counts;
	if (failed)
		error_memory(err);
	for (size_t i = 0; i < n && !failed; i++)
		failed = load_entry(ledger, i, &facts->probes[i], err) < 0;
	if (failed) {
		ledger_free(ledger);
		return -1;
	}
	qsort_r(ledger->by_tag, n, sizeof(*ledger->by_tag), compare_tags, ledger);
	ledger_sort_seeds(ledger);
	for (size_t i = 0; i < n; i++) {
		struct entry *e = &ledger->entries[i];
		if (e->places.count)
			ledger_start_settling(ledger, e);
		ledger->counts[e->provider].probes++;
		ledger_recount(ledger, e);
	}
	*ret = ledger;
	return 0;
}

void ledger_free(struct ledger *ledger)
{
	if (!ledger)
		return;
	for (size_t i = 0; ledger->entries && i < ledger->entry_count; i++)
		places_fini(&ledger->entries[i].places);
	pthread_mutex_destroy(&ledger->lock);
	free(ledger->entries);
	free(ledger->by_tag);
	free(ledger->by_seed);
	free(ledger->seeds);
	free(ledger->counts);
	free(ledger);
}

void ledger_on_found(struct ledger *ledger, void (*found)(void *user, size_t probe), void *user)
{
	ledger->found = found;
	ledger->found_user = user;
}

ptrdiff_t ledger_find_tag(struct ledger *ledger, struct span tag)
{
	size_t low = 0, high = ledger->entry_count; /* by_tag never changes: no lock */
	while (low < high) {
		size_t middle = low + (high - low) / 2, number = ledger->by_tag[middle];
		int order = span_cmp(tag, span_of(ledger->entries[number].probe->tag));
		if (order == 0)
			return (ptrdiff_t)number;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

static void count_send(struct ledger *ledger, struct entry *e, const struct send_event *event)
{
	bool was_in_doubt = e->state == SENDING_IN_DOUBT;
	char text[ERROR_TEXT_MAX];
	if (e->state == SENDING_ACCEPTED)
		return;
	escape_text(text, sizeof(text), span_of(event->text));
	if (event->kind == SEND_HANDING_OVER)
		e->state = SENDING_IN_DOUBT;
	else if (event->kind == SEND_REPLY)
		e->state = send_state_of(event, 1);
	else if (!was_in_doubt)
		e->state = SENDING_FAILED;
	e->attempted = e->attempted || event->kind != SEND_HANDING_OVER;
	ledger_recount(ledger, e);
	if (event->kind == SEND_FAILED) {
		notify_probe(ledger, e, was_in_doubt ? PROGRESS_IN_DOUBT : PROGRESS_DEFERRED, text);
	} else if (event->kind == SEND_REPLY) {
		notify_probe(ledger, e,
			     e->state == SENDING_ACCEPTED   ? PROGRESS_SENT
			     : e->state == SENDING_REJECTED ? PROGRESS_REJECTED
							    : PROGRESS_DEFERRED,
			     text);
	}
}

int ledger_send_events(struct ledger *ledger, const struct ledger_step *steps, size_t count, struct error *err)
{
	struct send_step *facts = calloc(count + 1, sizeof(*facts));
	if (!facts)
		return error_memory(err);
	for (size_t i = 0; i < count; i++)
		facts[i] = (struct send_step){ ledger->entries[steps[i].probe].probe->id, steps[i].event };
	int result = store_send_events(ledger->store, facts, count, err);
	free(facts);
	for (size_t i = 0; i < count && result == 0; i++) {
		struct entry *e = &ledger->entries[steps[i].probe];
		fact_log_send(ledger->log, e->probe, steps[i].event);
		pthread_mutex_lock(&ledger->lock);
		count_send(ledger, e, steps[i].event);
		pthread_mutex_unlock(&ledger->lock);
	}
	return result;
}

int ledger_intents(struct ledger *ledger, const struct ledger_intent *intents, size_t count, struct error *err)
{
	struct send_intent *facts = calloc(count + 1, sizeof(*facts));
	if (!facts)
		return error_memory(err);
	for (size_t i = 0; i < count; i++) {
		facts[i] = intents[i].fact;
		facts[i].probe = ledger->entries[intents[i].probe].probe->id;
	}
	int result = store_send_intents(ledger->store, facts, count, err);
	free(facts);
	for (size_t i = 0; i < count && result == 0; i++) {
		struct entry *e = &ledger->entries[intents[i].probe];
		fact_log_send(ledger->log, e->probe,
			      &(struct send_event){ .kind = SEND_INTENT, .at_ms = intents[i].fact.at_ms });
		pthread_mutex_lock(&ledger->lock);
		e->state = SENDING_COMPOSED;
		ledger_recount(ledger, e);
		pthread_mutex_unlock(&ledger->lock);
	}
	return result;
}

/* Where it is now. One that is in another folder too has not moved; the same folder again, with its UIDs given anew, is
 * no news. */
static void notify_place(struct ledger *ledger, const struct entry *e, bool first)
{
	const struct place *now = places_current(&e->places);
	char text[ERROR_TEXT_MAX];
	escape_text(text, sizeof(text), span_of(now->folder));
	notify_probe(ledger, e, now->gone ? PROGRESS_GONE : first ? PROGRESS_FOUND : PROGRESS_MOVED, text);
}

int ledger_observed(struct ledger *ledger, size_t probe, const struct observation *o, struct error *err)
{
	struct entry *e = &ledger->entries[probe];
	int stored = store_observation_add(ledger->store, e->probe->id, o, err);
	if (stored < 0)
		return -1;
	if (stored > 0)
		fact_log_observation(ledger->log, e->probe, o);
	pthread_mutex_lock(&ledger->lock);
	bool first = e->places.count == 0;
	const struct place *before = places_current(&e->places);
	bool moved = before && before->gone && strcmp(before->folder, o->folder) != 0;
	int result = places_add(&e->places, o, err);
	if (stored > 0 && result == 0)
		ledger_start_settling(ledger, e);
	ledger_recount(ledger, e);
	if (stored > 0 && result == 0) {
		if (o->gone || first || moved)
			notify_place(ledger, e, first);
	}
	pthread_mutex_unlock(&ledger->lock);
	if (first && !o->gone && ledger->found)
		ledger->found(ledger->found_user, probe);
	return result;
}

const char *ledger_seed(const struct ledger *ledger, size_t probe)
{
	return ledger->entries[probe].probe->seed;
}

int ledger_bounced(struct ledger *ledger, size_t probe, const struct bounce *bounce, struct error *err)
{
	struct entry *e = &ledger->entries[probe];
	int stored = store_bounce_add(ledger->store, e->probe->id, bounce, err);
	if (stored <= 0)
		return stored;
	fact_log_bounce(ledger->log, e->probe, bounce);
	bool failed = strcmp(bounce->action, "failed") == 0;
	bool delayed = strcmp(bounce->action, "delayed") == 0;
	char text[ERROR_TEXT_MAX];
	const char *words = bounce->diagnostic ? bounce->diagnostic : bounce->status;
	escape_text(text, sizeof(text), span_of(failed || delayed ? words : bounce->subject));
	pthread_mutex_lock(&ledger->lock);
	e->bounced = e->bounced || ledger_is_final(bounce, e->probe);
	ledger_recount(ledger, e);
	notify_probe(ledger, e, failed ? PROGRESS_BOUNCED : delayed ? PROGRESS_DELAY : PROGRESS_RETURNED, text);
	pthread_mutex_unlock(&ledger->lock);
	return 0;
}

/* The seed can be read, or cannot. Returns its provider. */
static const char *ledger_mark_seed(struct ledger *ledger, struct seed_state *seed, bool failed)
{
	seed->failed = failed;
	for (size_t i = 0; i < seed->count; i++)
		ledger_recount(ledger, &ledger->entries[ledger->by_seed[seed->first + i]]);
	return ledger->entries[ledger->by_seed[seed->first]].probe->provider;
}

int ledger_seed_event(struct ledger *ledger, const struct seed_event *event, struct error *err)
{
	if (store_seed_event_add(ledger->store, ledger->run, event, err) < 0)
		return -1;
	fact_log_seed(ledger->log, event);
	if (event->kind == SEED_SWEPT)
		return 0;
	char text[ERROR_TEXT_MAX];
	text[0] = '\0';
	if (event->detail)
		snprintf(text, sizeof(text), "%s%s%s", event->detail, event->mend ? ". " : "",
			 event->mend ? event->mend : "");
	pthread_mutex_lock(&ledger->lock);
	struct seed_state *seed = ledger_find_seed(ledger, event->seed);
	const char *provider = seed ? ledger_mark_seed(ledger, seed, event->kind == SEED_FAILED) : "";
	ledger_notify_locked(ledger,
			     &(struct progress_event){ event->kind == SEED_READY ? PROGRESS_READY : PROGRESS_PROBLEM,
						       provider, event->seed, "", text });
	pthread_mutex_unlock(&ledger->lock);
	return 0;
}

void ledger_notify(struct ledger *ledger, const struct progress_event *event)
{
	pthread_mutex_lock(&ledger->lock);
	ledger_notify_locked(ledger, event);
	pthread_mutex_unlock(&ledger->lock);
}

enum send_state ledger_send_state(struct ledger *ledger, size_t probe)
{
	pthread_mutex_lock(&ledger->lock);
	enum send_state state = ledger->entries[probe].state;
	pthread_mutex_unlock(&ledger->lock);
	return state;
}

static struct whereabouts ledger_place_of(const struct place *p)
{
	struct whereabouts w = { .seen = true, .gone = p->gone, .uidvalidity = p->uidvalidity, .uid = p->uid };
	span_copy(span_of(p->folder), w.folder, sizeof(w.folder));
	return w;
}

struct whereabouts ledger_whereabouts(struct ledger *ledger, size_t probe)
{
	struct whereabouts w = { 0 };
	pthread_mutex_lock(&ledger->lock);
	const struct place *p = places_current(&ledger->entries[probe].places);
	if (p)
		w = ledger_place_of(p);
	pthread_mutex_unlock(&ledger->lock);
	return w;
}

bool ledger_place(struct ledger *ledger, size_t probe, size_t n, struct whereabouts *ret)
{
	pthread_mutex_lock(&ledger->lock);
	const struct places *places = &ledger->entries[probe].places;
	bool found = n < places->count;
	if (found)
		*ret = ledger_place_of(&places->v[n]);
	pthread_mutex_unlock(&ledger->lock);
	return found;
}

bool ledger_knows(struct ledger *ledger, size_t probe, const char *folder, uint32_t uidvalidity, uint32_t uid)
{
	pthread_mutex_lock(&ledger->lock);
	const struct place *p = places_find(&ledger->entries[probe].places, folder, uidvalidity, uid);
	bool known = p && !p->gone;
	pthread_mutex_unlock(&ledger->lock);
	return known;
}

bool ledger_awaits(struct ledger *ledger, const char *seed)
{
	pthread_mutex_lock(&ledger->lock);
	const struct seed_state *s = ledger_find_seed(ledger, seed);
	bool found = s && s->awaited > 0;
	pthread_mutex_unlock(&ledger->lock);
	return found;
}

size_t ledger_unsettled(struct ledger *ledger, int64_t now_ms, int64_t *ret_next_ms)
{
	pthread_mutex_lock(&ledger->lock);
	ledger_let_settle(ledger, now_ms);
	size_t count = ledger->waiting;
	*ret_next_ms = ledger->oldest ? ledger->oldest->changed_ms + ledger->settle_ms : INT64_MAX;
	pthread_mutex_unlock(&ledger->lock);
	return count;
}

bool ledger_all_attempted(struct ledger *ledger)
{
	pthread_mutex_lock(&ledger->lock);
	bool all = ledger->unattempted == 0;
	pthread_mutex_unlock(&ledger->lock);
	return all;
}
