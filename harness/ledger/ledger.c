/* The memory of a working run. Commits every fact before it counts it; decides nothing about verdicts. */
#include "harness/ledger/ledger.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/clock.h"
#include "harness/base/escape.h"
#include "harness/ledger/fact_log.h"
#include "store/bounce.h"
#include "store/observation.h"
#include "store/seed.h"

/* A place where a probe was seen. */
struct ledger_place {
	char *folder;
	enum folder_role role;
	uint32_t uidvalidity, uid;
	bool gone;
};

struct entry {
	const struct probe *probe;
	size_t provider; /* index into counts */
	size_t seed;     /* index into seeds */
	enum send_state state;
	bool attempted; /* an attempt has ended since this process began, or none may be made */
	bool bounced;
	struct ledger_place *places; /* oldest first */
	size_t place_count;
	int64_t changed_ms; /* monotonic time of the last change of its places */
};

struct seed_state {
	const char *address;
	bool failed; /* cannot be read: its unsent probes will not be sent */
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
	size_t *by_tag; /* entry numbers in the order of their tags */
	struct seed_state *seeds;
	size_t seed_count;
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

/* Probes of one seed stand together in the plan, so the search begins at the last one. */
static size_t seed_index(struct ledger *ledger, const char *address)
{
	for (size_t i = ledger->seed_count; i > 0; i--)
		if (strcmp(ledger->seeds[i - 1].address, address) == 0)
			return i - 1;
	ledger->seeds[ledger->seed_count].address = address;
	return ledger->seed_count++;
}

static const struct ledger_place *last_place(const struct entry *e)
{
	return e->place_count ? &e->places[e->place_count - 1] : NULL;
}

static struct ledger_place *find_place(struct entry *e, const char *folder, uint32_t uidvalidity, uint32_t uid)
{
	for (size_t i = 0; i < e->place_count; i++)
		if (e->places[i].uidvalidity == uidvalidity && e->places[i].uid == uid &&
		    strcmp(e->places[i].folder, folder) == 0)
			return &e->places[i];
	return NULL;
}

/* Keeps one observation in memory. A place that is known stays where it is in the order, and is there or gone as this
 * observation says: the last place is the one that was seen for the first time last, gone or not. */
static int ledger_add_place(struct entry *e, const struct observation *o)
{
	struct ledger_place *known = find_place(e, o->folder, o->uidvalidity, o->uid);
	if (known) {
		known->gone = o->gone;
		return 0;
	}
	struct ledger_place *grown = reallocarray(e->places, e->place_count + 1, sizeof(*grown));
	if (!grown)
		return -1;
	e->places = grown;
	struct ledger_place *p = &grown[e->place_count];
	*p = (struct ledger_place){ strdup(o->folder), o->role, o->uidvalidity, o->uid, o->gone };
	if (!p->folder)
		return -1;
	e->place_count++;
	return 0;
}

static void count_out(struct ledger *ledger, const struct entry *e, size_t by)
{
	struct progress_counts *c = &ledger->counts[e->provider];
	const struct ledger_place *p = last_place(e);
	bool sent = e->state == SENDING_ACCEPTED || e->state == SENDING_IN_DOUBT;
	c->sent += sent ? by : 0;
	c->refused += e->state == SENDING_REJECTED || e->bounced ? by : 0;
	c->delivered += p ? by : 0;
	c->inbox += p && p->role == FOLDER_INBOX ? by : 0;
	c->spam += p && p->role == FOLDER_SPAM ? by : 0;
	c->not_tested += !sent && ledger->seeds[e->seed].failed ? by : 0;
}

static bool settled(const struct ledger *ledger, const struct entry *e, int64_t now_ms, int64_t *next_ms)
{
	const struct ledger_place *p = last_place(e);
	if (e->state == SENDING_REJECTED || e->bounced)
		return true;
	if (e->state != SENDING_ACCEPTED && e->state != SENDING_IN_DOUBT)
		return ledger->seeds[e->seed].failed;
	if (!p)
		return false;
	if (e->changed_ms + ledger->settle_ms <= now_ms)
		return true;
	if (e->changed_ms + ledger->settle_ms < *next_ms)
		*next_ms = e->changed_ms + ledger->settle_ms;
	return false;
}

/* Recounted when told, since waiting depends on the time too; a run has few providers. */
static void ledger_notify_locked(struct ledger *ledger, const struct progress_event *event)
{
	if (!ledger->progress.event)
		return;
	int64_t next = INT64_MAX, now = clock_mono_ms();
	for (size_t i = 0; i < ledger->provider_count; i++)
		ledger->counts[i] = (struct progress_counts){ .provider = ledger->counts[i].provider };
	for (size_t i = 0; i < ledger->entry_count; i++) {
		struct entry *e = &ledger->entries[i];
		ledger->counts[e->provider].probes++;
		ledger->counts[e->provider].waiting += !settled(ledger, e, now, &next);
		count_out(ledger, e, 1);
	}
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

static int load_entry(struct ledger *ledger, size_t i, const struct probe *probe)
{
	struct entry *e = &ledger->entries[i];
	e->probe = probe;
	e->provider = provider_index(ledger, probe->provider);
	e->seed = seed_index(ledger, probe->seed);
	e->state = send_state_of(probe->sends, probe->send_count);
	e->attempted = e->state >= SENDING_REJECTED;
	e->changed_ms = clock_mono_ms();
	ledger->by_tag[i] = i;
	for (size_t k = 0; k < probe->observation_count; k++)
		if (ledger_add_place(e, &probe->observations[k]) < 0)
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
	ledger->seeds = calloc(n + 1, sizeof(*ledger->seeds));
	ledger->counts = calloc(n + 1, sizeof(*ledger->counts));
	bool failed = !ledger->entries || !ledger->by_tag || !ledger->seeds || !ledger->counts;
	for (size_t i = 0; i < n && !failed; i++)
		failed = load_entry(ledger, i, &facts->probes[i]) < 0;
	if (failed) {
		ledger_free(ledger);
		return error_memory(err);
	}
	qsort_r(ledger->by_tag, n, sizeof(*ledger->by_tag), compare_tags, ledger);
	*ret = ledger;
	return 0;
}

void ledger_free(struct ledger *ledger)
{
	if (!ledger)
		return;
	for (size_t i = 0; ledger->entries && i < ledger->entry_count; i++) {
		for (size_t k = 0; k < ledger->entries[i].place_count; k++)
			free(ledger->entries[i].places[k].folder);
		free(ledger->entries[i].places);
	}
	pthread_mutex_destroy(&ledger->lock);
	free(ledger->entries);
	free(ledger->by_tag);
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
	escape_text(text, sizeof(text), span_of(event->text));
	if (event->kind == SEND_HANDING_OVER) {
		e->state = SENDING_IN_DOUBT;
		return;
	}
	e->attempted = true;
	if (event->kind == SEND_FAILED && was_in_doubt) {
		notify_probe(ledger, e, PROGRESS_IN_DOUBT, text);
	} else if (event->kind == SEND_FAILED) {
		e->state = SENDING_FAILED;
		notify_probe(ledger, e, PROGRESS_DEFERRED, text);
	} else {
		e->state = send_state_of(event, 1);
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
		pthread_mutex_unlock(&ledger->lock);
	}
	return result;
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
	const struct ledger_place *before = last_place(e);
	bool first = !before, moved = before && strcmp(before->folder, o->folder) != 0;
	int result = ledger_add_place(e, o);
	char text[ERROR_TEXT_MAX];
	if (stored > 0 && result == 0) {
		escape_text(text, sizeof(text), span_of(o->folder));
		e->changed_ms = clock_mono_ms();
		/* The same folder again, with its UIDs given anew, is no news. */
		if (o->gone || first || moved)
			notify_probe(ledger, e,
				     o->gone ? PROGRESS_GONE
				     : first ? PROGRESS_FOUND
					     : PROGRESS_MOVED,
				     text);
	}
	pthread_mutex_unlock(&ledger->lock);
	if (first && !o->gone && ledger->found)
		ledger->found(ledger->found_user, probe);
	return result < 0 ? error_memory(err) : 0;
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
	notify_probe(ledger, e, failed ? PROGRESS_BOUNCED : delayed ? PROGRESS_DELAY : PROGRESS_RETURNED, text);
	pthread_mutex_unlock(&ledger->lock);
	return 0;
}

static const char *provider_of_seed(const struct ledger *ledger, const char *seed)
{
	for (size_t i = 0; i < ledger->entry_count; i++)
		if (strcmp(ledger->entries[i].probe->seed, seed) == 0)
			return ledger->entries[i].probe->provider;
	return "";
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
	for (size_t i = 0; i < ledger->seed_count; i++)
		if (strcmp(ledger->seeds[i].address, event->seed) == 0)
			ledger->seeds[i].failed = event->kind == SEED_FAILED;
	ledger_notify_locked(ledger,
			     &(struct progress_event){ event->kind == SEED_READY ? PROGRESS_READY : PROGRESS_PROBLEM,
						       provider_of_seed(ledger, event->seed), event->seed, "", text });
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

struct whereabouts ledger_whereabouts(struct ledger *ledger, size_t probe)
{
	struct whereabouts w = { 0 };
	pthread_mutex_lock(&ledger->lock);
	struct entry *e = &ledger->entries[probe];
	const struct ledger_place *p = last_place(e);
	w.refused = e->bounced || e->state == SENDING_REJECTED;
	if (p) {
		w.seen = true;
		w.gone = p->gone;
		span_copy(span_of(p->folder), w.folder, sizeof(w.folder));
		w.uidvalidity = p->uidvalidity;
		w.uid = p->uid;
	}
	pthread_mutex_unlock(&ledger->lock);
	return w;
}

bool ledger_knows(struct ledger *ledger, size_t probe, const char *folder, uint32_t uidvalidity, uint32_t uid)
{
	pthread_mutex_lock(&ledger->lock);
	struct ledger_place *p = find_place(&ledger->entries[probe], folder, uidvalidity, uid);
	bool known = p && !p->gone;
	pthread_mutex_unlock(&ledger->lock);
	return known;
}

static bool awaited(const struct entry *e)
{
	bool sent = e->state == SENDING_ACCEPTED || e->state == SENDING_IN_DOUBT;
	const struct ledger_place *p = last_place(e);
	return sent && !e->bounced && (!p || p->gone);
}

bool ledger_awaits(struct ledger *ledger, const char *seed)
{
	bool found = false;
	pthread_mutex_lock(&ledger->lock);
	for (size_t i = 0; i < ledger->entry_count && !found; i++)
		found = awaited(&ledger->entries[i]) && strcmp(ledger->entries[i].probe->seed, seed) == 0;
	pthread_mutex_unlock(&ledger->lock);
	return found;
}

size_t ledger_unsettled(struct ledger *ledger, int64_t now_ms, int64_t *ret_next_ms)
{
	size_t count = 0;
	int64_t next = INT64_MAX;
	pthread_mutex_lock(&ledger->lock);
	for (size_t i = 0; i < ledger->entry_count; i++)
		count += !settled(ledger, &ledger->entries[i], now_ms, &next);
	pthread_mutex_unlock(&ledger->lock);
	*ret_next_ms = next;
	return count;
}

bool ledger_all_attempted(struct ledger *ledger)
{
	bool all = true;
	pthread_mutex_lock(&ledger->lock);
	for (size_t i = 0; i < ledger->entry_count && all; i++)
		all = ledger->entries[i].attempted || ledger->seeds[ledger->entries[i].seed].failed;
	pthread_mutex_unlock(&ledger->lock);
	return all;
}
