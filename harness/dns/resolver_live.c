/* The DNS, through libunbound. A context of libunbound is used by one asking at a time, so that deadlines and
 * cancelling need no care for other threads; it keeps its cache for the next. One that has seen a failure is not used
 * again: it remembers the failure for a while, and servers that were slow for longer. */
#include "harness/dns/resolver_live.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unbound.h>

#include "harness/base/clock.h"
#include "harness/base/compiler.h"
#include "harness/base/descriptors.h"
#include "harness/base/escape.h"
#include "harness/base/file.h"
#include "harness/base/thread.h"
#include "harness/base/vec.h"
#include "harness/dns/name.h"
#include "harness/dns/name_server.h"

enum {
	TIMEOUT_MS = 5000,
	ATTEMPTS = 3,
	PAUSE_MS = 200, /* in front of the second attempt; doubled for each further one */
	PROBE_MS = 1000,
	AT_ONCE = 1000,
	DESCRIPTORS = 32,     /* pipes, loop, and some of the sockets of a context */
	DESCRIPTORS_LEFT = 8, /* with fewer than these left, what failed may have failed for that */
	WHERE_MAX = 160,
	DETAIL_MAX = 480,
};

/* Whether the TTLs of the servers are those published. */
enum { TTL_UNKNOWN, TTL_PUBLISHED, TTL_REMAINING };

struct context {
	struct ub_ctx *ub;
	bool started; /* its thread has what it needs */
	struct context *next;
};

struct live {
	struct resolver base;
	struct name_server *servers;
	size_t server_count;
	bool from_root;
	char *anchor_file;
	int64_t timeout_ms;
	unsigned attempts;
	char where[WHERE_MAX]; /* who is asked, in words */
	atomic_int ttls;
	pthread_mutex_t lock;
	struct context *idle;
};

/* A question that is being asked. */
struct query {
	const struct live *live;
	char name[DNS_NAME_TEXT_MAX];
	enum dns_type type;
	struct dns_answer answer;
	int id; /* libunbound's */
	bool open;
	bool no_memory; /* or no descriptors: it is not the DNS that failed */
};

/* libunbound initialises locks of the whole process when a context is set up, destroys them with it, and does not guard
 * that. */
static pthread_mutex_t library = PTHREAD_MUTEX_INITIALIZER;

/* Contexts of this process that will open descriptors yet: their threads start with the first question. Guarded by
 * `library`. */
static size_t to_start;

static void resolver_live_started(struct context *context)
{
	pthread_mutex_lock(&library);
	to_start -= !context->started;
	context->started = true;
	pthread_mutex_unlock(&library);
}

static void context_free(struct context *context)
{
	resolver_live_started(context);
	pthread_mutex_lock(&library);
	if (context->ub)
		ub_ctx_delete(context->ub);
	pthread_mutex_unlock(&library);
	free(context);
}

static int set_servers(const struct live *self, struct ub_ctx *ub, struct error *err)
{
	char text[NAME_SERVER_TEXT_MAX];
	int result = 0;
	for (size_t i = 0; i < self->server_count && result == 0; i++)
		result = ub_ctx_set_fwd(ub, name_server_format(&self->servers[i], text));
	if (self->server_count == 0 && !self->from_root && ub_ctx_resolvconf(ub, NULL) != 0)
		return error_set(err, ERROR_ENVIRONMENT, RETRY_NEVER, 0,
				 "/etc/resolv.conf cannot be read: name the DNS servers");
	return result ? error_set(err, ERROR_BUG, RETRY_NEVER, result, "DNS server: %s", ub_strerror(result)) : 0;
}

static int set_options(struct ub_ctx *ub, struct error *err)
{
	static const struct {
		const char *name, *value;
	} options[] = {
		{ "do-not-query-localhost:", "no" },
		{ "unblock-lan-zones:", "yes" },
		{ "serve-original-ttl:", "yes" },
		{ "outgoing-range:", "64" }, /* sockets, for all questions at once */
		{ "num-queries-per-thread:", "4096" },
	};
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (ub_ctx_set_option(ub, options[i].name, options[i].value) != 0)
			return error_set(err, ERROR_BUG, RETRY_NEVER, 0, "libunbound does not know `%s`",
					 options[i].name);
	return 0;
}

/* Sets the context up. The removal of zones is its first use, by which libunbound reads the trust anchor. */
static int set_up(const struct live *self, struct ub_ctx *ub, struct error *err)
{
	ub_ctx_debugout(ub, NULL);
	ub_ctx_async(ub, 1);
	if (set_options(ub, err) < 0 || set_servers(self, ub, err) < 0)
		return -1;
	if (self->anchor_file && file_check(self->anchor_file, err) < 0)
		return error_prefix(err, "the trust anchor");
	if (self->anchor_file && ub_ctx_add_ta_file(ub, self->anchor_file) != 0)
		return error_memory(err);
	if (ub_ctx_zone_remove(ub, "test.") == 0 && ub_ctx_zone_remove(ub, "home.arpa.") == 0)
		return 0;
	if (self->anchor_file)
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "the trust anchor %s cannot be read: it must hold DS or DNSKEY records",
				 self->anchor_file);
	return error_set(err, ERROR_ENVIRONMENT, RETRY_NEVER, 0, "libunbound cannot be started");
}

/* What libunbound calls a lack of memory. */
static int resolver_live_lack(struct error *err)
{
	return descriptors_reserve(DESCRIPTORS_LEFT, err) < 0 ? -1 : error_memory(err);
}

static struct context *context_new(const struct live *self, struct error *err)
{
	struct context *context = calloc(1, sizeof(*context));
	int result = context ? 0 : error_memory(err);
	pthread_mutex_lock(&library);
	to_start += context != NULL;
	/* libunbound ends the process, or crashes, where it finds none for its pipes and its loop. */
	if (result == 0)
		result = descriptors_reserve(DESCRIPTORS * to_start, err);
	if (result == 0 && !(context->ub = ub_ctx_create()))
		result = resolver_live_lack(err);
	if (result == 0)
		result = set_up(self, context->ub, err);
	pthread_mutex_unlock(&library);
	if (result == 0)
		return context;
	if (context)
		context_free(context);
	return NULL;
}

static void give_back(struct live *self, struct context *context)
{
	pthread_mutex_lock(&self->lock);
	context->next = self->idle;
	self->idle = context;
	pthread_mutex_unlock(&self->lock);
}

static struct context *take_idle(struct live *self)
{
	pthread_mutex_lock(&self->lock);
	struct context *context = self->idle;
	if (context)
		self->idle = context->next;
	pthread_mutex_unlock(&self->lock);
	return context;
}

static void set_failed(struct query *query, int rcode, enum dns_security security, const char *why)
{
	char detail[DETAIL_MAX];
	dns_answer_fini(&query->answer);
	query->answer = (struct dns_answer){ .state = DNS_FAILED, .rcode = rcode, .security = security };
	query->answer.at_ms = clock_wall_ms();
	query->answer.detail = strdup(escape_text(detail, sizeof(detail), span_of(why)));
	query->no_memory |= !query->answer.detail;
}

static void set_answered(struct query *query, const struct ub_result *result)
{
	struct error err;
	char canonical[DNS_NAME_TEXT_MAX];
	size_t cap = 0;
	struct dns_answer *answer = &query->answer;
	dns_answer_fini(answer);
	*answer = (struct dns_answer){ .state = DNS_ANSWERED, .rcode = result->rcode };
	answer->security = result->secure ? DNS_SECURE : DNS_INSECURE;
	answer->ttl = result->ttl > 0 ? (uint32_t)result->ttl : 0;
	answer->at_ms = clock_wall_ms();
	for (size_t i = 0; result->data && result->data[i] && !query->no_memory; i++)
		query->no_memory = dns_answer_add(answer, &cap, result->data[i], (size_t)result->len[i], &err) < 0;
	if (!result->canonname || !dns_name_normal(result->canonname, canonical) || strcmp(canonical, query->name) == 0)
		return;
	answer->canonical = strdup(canonical);
	query->no_memory |= !answer->canonical;
}

/* What libunbound hands out is made for a client that wants DNSSEC: signatures and proofs are in it. */
static void live_keep_packet(struct query *query, const struct ub_result *result)
{
	struct error err;
	if (result->answer_packet && result->answer_len > 0)
		query->no_memory |= dns_answer_set_packet(&query->answer, result->answer_packet,
							  (size_t)result->answer_len, &err) < 0;
}

static void set_result(struct query *query, const struct ub_result *result)
{
	char why[DETAIL_MAX];
	if (result->bogus) {
		set_failed(query, DNS_SERVFAIL, DNS_BOGUS, result->why_bogus ? result->why_bogus : "bogus signature");
		live_keep_packet(query, result);
	} else if (result->rcode == DNS_NOERROR || result->rcode == DNS_NXDOMAIN) {
		set_answered(query, result);
		live_keep_packet(query, result);
	} else {
		snprintf(why, sizeof(why), "SERVFAIL, or no answer, at %s", query->live->where);
		if (result->rcode != DNS_SERVFAIL)
			snprintf(why, sizeof(why), "response code %d at %s", result->rcode, query->live->where);
		set_failed(query, result->rcode, DNS_INSECURE, why);
	}
}

static void on_result(void *user, int code, struct ub_result *result)
{
	struct query *query = user;
	query->open = false;
	query->no_memory |= code == UB_NOMEM || code == UB_PIPE || code == UB_INITFAIL || code == UB_FORKFAIL;
	if (code != 0)
		set_failed(query, 0, DNS_INSECURE, ub_strerror(code));
	else
		set_result(query, result);
	ub_resolve_free(result);
}

static bool is_to_ask(const struct query *query)
{
	return query->answer.state == DNS_FAILED && query->answer.security != DNS_BOGUS;
}

/* Starts whatever has not been answered; returns how many questions are open then. libunbound starts its thread here,
 * which must not take the signals that are meant for ours. */
static size_t resolver_live_start(struct ub_ctx *ub, struct query *queries, size_t count)
{
	size_t open = 0;
	sigset_t old;
	thread_block_signals(&old);
	for (size_t i = 0; i < count; i++) {
		struct query *query = &queries[i];
		if (!is_to_ask(query))
			continue;
		query->open = true;
		int code = ub_resolve_async(ub, query->name, (int)query->type, 1, query, on_result, &query->id);
		if (code != 0)
			on_result(query, code, NULL);
		open += query->open;
	}
	thread_restore_signals(&old);
	return open;
}

static size_t count_open(const struct query *queries, size_t count)
{
	size_t open = 0;
	for (size_t i = 0; i < count; i++)
		open += queries[i].open;
	return open;
}

static void cancel(struct ub_ctx *ub, struct query *query)
{
	char took[TIME_TEXT_MAX], why[DETAIL_MAX];
	ub_cancel(ub, query->id);
	query->open = false;
	snprintf(why, sizeof(why), "timed out after %s at %s", duration_words(query->live->timeout_ms, took),
		 query->live->where);
	set_failed(query, 0, DNS_INSECURE, why);
}

/* One attempt at all questions that are to be asked. No callback comes after it. */
static void attempt(struct ub_ctx *ub, struct query *queries, size_t count, struct deadline deadline)
{
	struct pollfd wait = { .fd = ub_fd(ub), .events = POLLIN };
	size_t open = resolver_live_start(ub, queries, count);
	while (open > 0 && !deadline_passed(deadline)) {
		if (poll(&wait, 1, deadline_poll_ms(deadline)) > 0 && ub_process(ub) != 0)
			break;
		open = count_open(queries, count);
	}
	for (size_t i = 0; open > 0 && i < count; i++)
		if (queries[i].open)
			cancel(ub, &queries[i]);
}

static size_t count_to_ask(const struct query *queries, size_t count)
{
	size_t left = 0;
	for (size_t i = 0; i < count; i++)
		left += is_to_ask(&queries[i]);
	return left;
}

/* Asks until all have an answer, attempts or time are used up. */
static int ask_slice(struct live *self, struct query *queries, size_t count, struct error *err)
{
	struct deadline deadline = deadline_in(self->timeout_ms);
	struct context *context = take_idle(self);
	for (unsigned i = 1;; i++) {
		if (!context && !(context = context_new(self, err)))
			return -1;
		attempt(context->ub, queries, count, deadline);
		resolver_live_started(context);
		if (count_to_ask(queries, count) == 0)
			break;
		context_free(context);
		context = NULL;
		/* A socket that could not be opened looks like a server that is silent. */
		if (descriptors_reserve(DESCRIPTORS_LEFT, err) < 0)
			return -1;
		if (i >= self->attempts || deadline_left_ms(deadline) <= PAUSE_MS << i)
			return 0;
		poll(NULL, 0, PAUSE_MS << (i - 1));
	}
	give_back(self, context);
	return 0;
}

/* Whether TTLs are those published, which is found out at the first answer. */
static bool ttls_are_published(struct live *self)
{
	int ttls = atomic_load(&self->ttls);
	if (ttls != TTL_UNKNOWN)
		return ttls == TTL_PUBLISHED;
	struct deadline deadline = deadline_in(PROBE_MS);
	bool authoritative = true;
	for (size_t i = 0; i < self->server_count && authoritative; i++)
		authoritative = name_server_is_authoritative(&self->servers[i], deadline);
	atomic_store(&self->ttls, authoritative ? TTL_PUBLISHED : TTL_REMAINING);
	return authoritative;
}

/* Hands the answers out, or frees them. */
static int resolver_live_finish(struct live *self, struct query *queries, size_t count, struct dns_answer *ret_answers)
{
	bool no_memory = false;
	for (size_t i = 0; i < count; i++) {
		struct dns_answer *answer = &queries[i].answer;
		no_memory |= queries[i].no_memory;
		if (answer->state == DNS_ANSWERED && answer->at_ms > 0)
			answer->ttl_remaining = !ttls_are_published(self);
	}
	for (size_t i = 0; i < count; i++)
		if (no_memory)
			dns_answer_fini(&queries[i].answer);
		else
			ret_answers[i] = queries[i].answer;
	return no_memory ? -1 : 0;
}

static int live_ask(struct resolver *resolver, const struct dns_question *questions, size_t count,
		    struct dns_answer *ret_answers, struct error *err)
{
	struct live *self = (struct live *)resolver;
	_cleanup_(free_p) struct query *queries = calloc(count + 1, sizeof(*queries));
	int result = 0;
	if (!queries)
		return error_memory(err);
	for (size_t i = 0; i < count; i++) {
		queries[i].live = self;
		queries[i].type = questions[i].type;
		if (dns_name_normal(questions[i].name, queries[i].name))
			queries[i].answer.state = DNS_FAILED;
		else
			queries[i].answer.rcode = DNS_NXDOMAIN;
	}
	for (size_t at = 0; at < count && result == 0; at += AT_ONCE)
		result = ask_slice(self, queries + at, count - at < AT_ONCE ? count - at : AT_ONCE, err);
	for (size_t i = 0; i < count && result < 0; i++)
		dns_answer_fini(&queries[i].answer);
	if (result < 0)
		return -1;
	return resolver_live_finish(self, queries, count, ret_answers) < 0 ? resolver_live_lack(err) : 0;
}

static void live_free(struct resolver *resolver)
{
	struct live *self = (struct live *)resolver;
	struct context *context;
	while ((context = take_idle(self)))
		context_free(context);
	pthread_mutex_destroy(&self->lock);
	free(self->servers);
	free(self->anchor_file);
	free(self);
}

/* Reads the servers, and says in words who is asked. */
static int read_servers(struct live *self, const struct resolver_live_options *options, struct error *err)
{
	size_t at = 0, cap = 0;
	char text[NAME_SERVER_TEXT_MAX];
	if (options->from_root && options->server_count > 0)
		return error_set(err, ERROR_BUG, RETRY_NEVER, 0, "servers and recursion from the root at once");
	for (size_t i = 0; i < options->server_count; i++) {
		if (vec_grow(&self->servers, i, &cap, sizeof(*self->servers), err) < 0 ||
		    name_server_parse(span_of(options->servers[i]), &self->servers[i], err) < 0)
			return -1;
		self->server_count++;
		const char *shown = self->servers[i].port == 53 ? ip_format(&self->servers[i].ip, text)
								: name_server_format(&self->servers[i], text);
		at += (size_t)snprintf(self->where + at, sizeof(self->where) - at, "%s%s", i ? ", " : "", shown);
		if (at >= sizeof(self->where))
			at = sizeof(self->where) - 1;
	}
	if (self->server_count == 0)
		snprintf(self->where, sizeof(self->where), "%s",
			 self->from_root ? "the servers below the root" : "the servers of /etc/resolv.conf");
	return 0;
}

static int configure(struct live *self, const struct resolver_live_options *options, struct error *err)
{
	self->from_root = options->from_root;
	self->timeout_ms = options->timeout_ms ? options->timeout_ms : TIMEOUT_MS;
	self->attempts = options->attempts ? options->attempts : ATTEMPTS;
	self->ttls = options->from_root ? TTL_PUBLISHED : options->server_count ? TTL_UNKNOWN : TTL_REMAINING;
	if (read_servers(self, options, err) < 0)
		return -1;
	if (options->anchor_file && !(self->anchor_file = strdup(options->anchor_file)))
		return error_memory(err);
	/* Made here, so that what is wrong with the options is said now. */
	struct context *context = context_new(self, err);
	if (!context)
		return -1;
	give_back(self, context);
	return 0;
}

int resolver_live_new(const struct resolver_live_options *options, struct resolver **ret, struct error *err)
{
	static const struct resolver_ops ops = { live_ask, live_free };
	struct live *self = calloc(1, sizeof(*self));
	if (!self)
		return error_memory(err);
	self->base.ops = &ops;
	pthread_mutex_init(&self->lock, NULL);
	if (configure(self, options, err) < 0) {
		live_free(&self->base);
		return -1;
	}
	*ret = &self->base;
	return 0;
}
