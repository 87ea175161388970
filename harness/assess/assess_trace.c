/* Copies what the parsers found into data that outlives the message. */
#include "harness/assess/assess_trace.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/model/places.h"

enum { TROUBLE_MAX = 200 }; /* octets of the header that the trouble quotes */

/* A copy, NULL where the header does not say; *failed is set when out of memory. */
static char *assess_trace_copy(struct span s, bool *failed)
{
	char *text = s.p ? span_dup(s) : NULL;
	*failed = *failed || (s.p && !text);
	return text;
}

static char *copy_or_null(struct span s, bool *failed)
{
	return assess_trace_copy(s.len ? s : (struct span){ NULL, 0 }, failed);
}

static enum placement_kind kind_of(enum folder_role role)
{
	return role == FOLDER_INBOX ? PLACEMENT_INBOX : role == FOLDER_SPAM ? PLACEMENT_SPAM : PLACEMENT_OTHER;
}

static bool same_place(const struct trace_place *a, const struct place *p)
{
	return a->kind == kind_of(p->role) && (a->kind != PLACEMENT_OTHER || strcmp(a->name, p->folder) == 0);
}

/* What is known of one of the message's UIDs joins what is known of its folder. */
static int join_place(struct trace *ret, const struct place *p, struct error *err)
{
	struct trace_place *t = NULL;
	for (size_t i = 0; i < ret->place_count && !t; i++)
		if (same_place(&ret->places[i], p))
			t = &ret->places[i];
	if (!t) {
		t = &ret->places[ret->place_count++];
		*t = (struct trace_place){ .kind = kind_of(p->role), .at_ms = p->at_ms, .gone = true };
		if (t->kind == PLACEMENT_OTHER && !(t->name = strdup(p->folder)))
			return error_memory(err);
	}
	t->copies += !p->gone;
	t->gone = t->copies == 0;
	return 0;
}

/* A place where the message is goes behind one where it is not, and the worse of two behind the other. */
static bool goes_behind(const struct trace_place *a, const struct trace_place *b)
{
	static const int rank[] = {
		[PLACEMENT_INBOX] = 1, [PLACEMENT_CATEGORY] = 2, [PLACEMENT_OTHER] = 3, [PLACEMENT_SPAM] = 4
	};
	if (a->gone != b->gone)
		return b->gone;
	return !a->gone && rank[a->kind] > rank[b->kind];
}

/* Few: by insertion, which keeps the order of time among equals. */
static void sort_places(struct trace *trace)
{
	for (size_t i = 1; i < trace->place_count; i++) {
		struct trace_place moving = trace->places[i];
		size_t at = i;
		for (; at > 0 && goes_behind(&trace->places[at - 1], &moving); at--)
			trace->places[at] = trace->places[at - 1];
		trace->places[at] = moving;
	}
}

int trace_places(const struct probe *probe, struct trace *ret, struct error *err)
{
	_cleanup_(places_fini) struct places places = { 0 };
	ret->places = calloc(probe->observation_count + 1, sizeof(*ret->places));
	if (!ret->places)
		return error_memory(err);
	for (size_t i = 0; i < probe->observation_count; i++)
		if (places_add(&places, &probe->observations[i], err) < 0)
			return -1;
	bool in_folder = false;
	for (size_t i = 0; i < places.count; i++)
		in_folder = in_folder || (!places.v[i].gone && !folder_role_is_view(places.v[i].role));
	for (size_t i = 0; i < places.count; i++)
		if (!(in_folder && folder_role_is_view(places.v[i].role)) && join_place(ret, &places.v[i], err) < 0)
			return -1;
	sort_places(ret);
	return 0;
}

static bool copy_method(const struct authres_method *m, const struct theirs *theirs, struct trace_method *ret)
{
	bool failed = false;
	*ret = (struct trace_method){
		.method = assess_trace_copy(m->method, &failed),
		.word = assess_trace_copy(m->word, &failed),
		.result = m->result,
		.reason = assess_trace_copy(m->reason, &failed),
		.comment = assess_trace_copy(m->comment, &failed),
		.judged = m == theirs->spf_method || m == theirs->dkim_method || m == theirs->dmarc_method,
	};
	ret->properties = calloc(m->property_count + 1, sizeof(*ret->properties));
	failed = failed || !ret->properties;
	for (size_t i = 0; i < m->property_count && !failed; i++) {
		const struct authres_property *p = &m->properties[i];
		ret->properties[ret->property_count++] = (struct trace_property){
			assess_trace_copy(span_make(p->ptype.p ? p->ptype.p : "", p->ptype.len), &failed),
			assess_trace_copy(p->property, &failed),
			assess_trace_copy(span_make(p->value.p ? p->value.p : "", p->value.len), &failed)
		};
	}
	return !failed;
}

static bool copy_results(const struct theirs_header *h, const struct theirs *theirs, struct trace_results *ret)
{
	const struct authres *a = &h->results;
	bool failed = false;
	*ret = (struct trace_results){
		.authserv_id = assess_trace_copy(a->authserv_id, &failed),
		.version = copy_or_null(a->version, &failed),
		.arc = a->arc,
		.instance = a->instance,
		.trusted = h->trusted,
		.deviation = copy_or_null(span_of(a->deviation), &failed),
	};
	ret->methods = calloc(a->method_count + 1, sizeof(*ret->methods));
	failed = failed || !ret->methods;
	for (size_t i = 0; i < a->method_count && !failed; i++)
		failed = !copy_method(&a->methods[i], theirs, &ret->methods[ret->method_count++]);
	return !failed;
}

static bool copy_hop(const struct hop *hop, bool own, struct trace_hop *ret)
{
	const struct received *r = &hop->received;
	bool failed = false;
	*ret = (struct trace_hop){
		.from_helo = copy_or_null(r->from_helo, &failed),
		.from_name = copy_or_null(r->from_name, &failed),
		.from_ip = copy_or_null(r->from_ip, &failed),
		.by = copy_or_null(r->by, &failed),
		.with = copy_or_null(r->with, &failed),
		.id = copy_or_null(r->id, &failed),
		.for_ = copy_or_null(r->for_, &failed),
		.tls_version = copy_or_null(r->tls_version, &failed),
		.tls_cipher = copy_or_null(r->tls_cipher, &failed),
		.tls = r->tls,
		.has_time = r->has_time,
		.time_ms = r->time_ms,
		.has_delay = hop->has_delay,
		.delay_ms = hop->delay_ms,
		.own = own,
	};
	return !failed;
}

/* Why the provider is not heard, and what to change where its profile is the reason. */
static int trace_trouble(const struct theirs *t, char **ret, struct error *err)
{
	/* What the header says stands between the two. */
	static const struct {
		const char *before, *behind;
	} texts[] = {
		[THEIRS_NO_PATTERNS] = { "it is not known which Received fields are the provider's own: set "
					 "received_by in its section (see postproof explain)" },
		[THEIRS_NO_RECEIVED] = { "the message has no Received field" },
		[THEIRS_NO_OWN_HOP] = { "the newest Received field is by `",
					"`, which no pattern of received_by fits" },
		[THEIRS_ENDS_INSIDE] = { "the provider's last known hop took the message from a server inside, by `",
					 "`, which no pattern of received_by fits" },
		[THEIRS_ONLY_INSIDE] = { "no Received field shows how the message came to the provider from outside" },
		[THEIRS_OTHER_ID] = { "the provider's part of the header has results by `",
				      "`, which no pattern of authserv_id fits" },
		[THEIRS_WITHOUT_ID] = { "the provider's part of the header has results without the name of a server: "
					"set no_authserv_id = yes if they are its own" },
		[THEIRS_RESULTS_BELOW] = { "results by `", "` stand directly below the provider's own Received "
							   "field: set results_stand = either if they are its own" },
	};
	_cleanup_(buf_fini) struct buf b = BUF_INIT(2 * TROUBLE_MAX);
	if (!texts[t->trouble].before)
		return 0;
	buf_add_str(&b, texts[t->trouble].before);
	if (texts[t->trouble].behind) {
		buf_add_span(&b, span_sub(t->trouble_with, 0, TROUBLE_MAX));
		buf_add_str(&b, texts[t->trouble].behind);
	}
	*ret = buf_take(&b);
	return *ret ? 0 : error_memory(err);
}

int trace_theirs(const struct theirs *t, const char *sealed_by, struct trace *ret, struct error *err)
{
	bool failed = false;
	ret->hops = calloc(t->hops.count + 1, sizeof(*ret->hops));
	ret->results = calloc(t->header_count + 1, sizeof(*ret->results));
	failed = !ret->hops || !ret->results;
	for (size_t i = 0; i < t->hops.count && !failed; i++)
		failed = !copy_hop(&t->hops.v[i], (ptrdiff_t)i <= t->boundary, &ret->hops[ret->hop_count++]);
	for (size_t i = 0; i < t->header_count && !failed; i++)
		failed = !copy_results(&t->headers[i], t, &ret->results[ret->result_count++]);
	if (!failed && t->sealed >= 0)
		ret->results[t->sealed].sealed_by = assess_trace_copy(span_of(sealed_by), &failed);
	if (!failed && trace_trouble(t, &ret->trouble, err) < 0)
		return -1;
	if (!failed) {
		ret->return_path = assess_trace_copy(t->return_path, &failed);
		ret->message_id = assess_trace_copy(t->message_id, &failed);
	}
	return failed ? error_memory(err) : 0;
}
