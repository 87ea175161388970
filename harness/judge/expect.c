/* Expectations and their layers. Pure: settings in, what is demanded of a probe out. */
#include "harness/judge/expect.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/compiler.h"
#include "harness/base/text.h"
#include "harness/base/vec.h"
#include "harness/judge/expect_value.h"

/* A layer holds what one section of the configuration says. */
struct layer {
	char *provider;
	char *message;
	struct expect_value *values[EXPECT_KEY_COUNT];
};

struct expectations {
	struct expect_value *defaults[EXPECT_KEY_COUNT];
	struct expect_value *any; /* for methods that a provider never reports */
	struct layer *layers;
	size_t count;
	size_t cap;
};

int expectations_new(struct expectations **ret, struct error *err)
{
	_cleanup_(expectations_free_p) struct expectations *e = calloc(1, sizeof(*e));
	if (!e)
		return error_memory(err);
	for (size_t i = 0; i < EXPECT_KEY_COUNT; i++)
		if (expect_value_parse((enum expect_key)i, span_of(expect_key_default((enum expect_key)i)),
				       &e->defaults[i], err) < 0)
			return -1;
	if (expect_value_parse(EXPECT_SPF, SPAN_LIT("any"), &e->any, err) < 0)
		return -1;
	*ret = e;
	e = NULL;
	return 0;
}

static void values_free(struct expect_value **values)
{
	for (size_t i = 0; i < EXPECT_KEY_COUNT; i++)
		expect_value_free(values[i]);
}

void expectations_free(struct expectations *e)
{
	if (!e)
		return;
	values_free(e->defaults);
	expect_value_free(e->any);
	for (size_t i = 0; i < e->count; i++) {
		values_free(e->layers[i].values);
		free(e->layers[i].provider);
		free(e->layers[i].message);
	}
	free(e->layers);
	free(e);
}

void expectations_free_p(struct expectations **e)
{
	expectations_free(*e);
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static struct layer *layer_find(const struct expectations *e, const char *provider, const char *message)
{
	for (size_t i = 0; i < e->count; i++)
		if (same(e->layers[i].provider, provider) && same(e->layers[i].message, message))
			return &e->layers[i];
	return NULL;
}

static struct layer *layer_add(struct expectations *e, const char *provider, const char *message, struct error *err)
{
	char *p = provider ? span_dup(span_of(provider)) : NULL;
	char *m = message ? span_dup(span_of(message)) : NULL;
	if ((provider && !p) || (message && !m))
		error_memory(err);
	else if (vec_grow(&e->layers, e->count, &e->cap, sizeof(*e->layers), err) == 0) {
		struct layer *layer = &e->layers[e->count++];
		layer->provider = p;
		layer->message = m;
		return layer;
	}
	free(p);
	free(m);
	return NULL;
}

static int bad_key(const char *key, struct error *err)
{
	const char *names[EXPECT_KEY_COUNT];
	for (size_t i = 0; i < EXPECT_KEY_COUNT; i++)
		names[i] = expect_key_name((enum expect_key)i);
	struct span s = span_sub(span_of(key), 0, 64);
	const char *nearest = text_nearest(s, names, EXPECT_KEY_COUNT);
	return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
			 "unknown key `%.*s`%s%s%s: known are outcome, placement, spf, dkim, dmarc, tls, within",
			 SPAN_ARG(s), nearest ? ", did you mean `" : "", nearest ? nearest : "", nearest ? "`?" : "");
}

int expectations_set(struct expectations *e, const char *provider, const char *message, const char *key,
		     const char *value, struct error *err)
{
	enum expect_key k;
	if (!expect_key_from(span_of(key), &k))
		return bad_key(key, err);
	_cleanup_(expect_value_free_p) struct expect_value *v = NULL;
	if (expect_value_parse(k, span_of(value), &v, err) < 0)
		return -1;
	struct layer *layer = layer_find(e, provider, message);
	if (!layer)
		layer = layer_add(e, provider, message, err);
	if (!layer)
		return -1;
	struct expect_value *old = layer->values[k];
	layer->values[k] = v;
	v = old;
	return 0;
}

int expectations_each(const struct expectations *e, expectations_fn *fn, void *argument)
{
	for (size_t i = 0; i < e->count; i++) {
		const struct layer *layer = &e->layers[i];
		for (size_t k = 0; k < EXPECT_KEY_COUNT; k++) {
			if (!layer->values[k])
				continue;
			int rc = fn(argument, layer->provider, layer->message, (enum expect_key)k,
				    layer->values[k]->text);
			if (rc != 0)
				return rc;
		}
	}
	return 0;
}

static bool is_unreported(enum expect_key key, unsigned reports)
{
	switch (key) {
	case EXPECT_SPF:
		return !(reports & 1u << METHOD_SPF);
	case EXPECT_DKIM:
		return !(reports & 1u << METHOD_DKIM);
	case EXPECT_DMARC:
		return !(reports & 1u << METHOD_DMARC);
	default:
		return false;
	}
}

struct expectation expectations_get(const struct expectations *e, const char *provider, const char *message,
				    unsigned reports)
{
	const struct layer *layers[] = {
		layer_find(e, NULL, NULL),
		layer_find(e, provider, NULL),
		layer_find(e, provider, message),
	};
	struct expectation x;
	for (size_t k = 0; k < EXPECT_KEY_COUNT; k++) {
		x.values[k] = is_unreported((enum expect_key)k, reports) ? e->any : e->defaults[k];
		for (size_t i = 0; i < ARRAY_LEN(layers); i++)
			if (layers[i] && layers[i]->values[k])
				x.values[k] = layers[i]->values[k];
	}
	return x;
}

const char *expectation_text(const struct expectation *x, enum expect_key key)
{
	return x->values[key]->text;
}

bool expectation_any(const struct expectation *x, enum expect_key key)
{
	return x->values[key]->any;
}

int64_t expectation_within_ms(const struct expectation *x)
{
	return x->values[EXPECT_WITHIN]->within_ms;
}

int expectation_add_phrase(const struct expectation *x, enum expect_key key, struct buf *b)
{
	return expect_value_add_phrase(x->values[key], b);
}

enum verdict expectation_judge_outcome(const struct expectation *x, enum outcome outcome)
{
	if (outcome == OUTCOME_PENDING || outcome == OUTCOME_NOT_TESTED || outcome == OUTCOME_UNKNOWN)
		return VERDICT_UNKNOWN;
	return expect_value_judge(x->values[EXPECT_OUTCOME], (int)outcome, NULL);
}

enum verdict expectation_judge_placement(const struct expectation *x, enum placement_kind kind, const char *name)
{
	return expect_value_judge(x->values[EXPECT_PLACEMENT], (int)kind, name);
}

enum verdict expectation_judge_auth(const struct expectation *x, enum auth_method method, enum auth_result result)
{
	enum verdict v = expect_value_judge(x->values[EXPECT_SPF + (int)method], (int)result, NULL);
	bool no_knowledge = result == AUTH_NOT_REPORTED || result == AUTH_TEMPERROR;
	return v == VERDICT_FAIL && no_knowledge ? VERDICT_UNKNOWN : v;
}

enum verdict expectation_judge_tls(const struct expectation *x, enum hop_tls tls)
{
	const struct expect_value *value = x->values[EXPECT_TLS];
	enum verdict v = expect_value_judge(value, (int)tls, NULL);
	bool no_knowledge = tls == HOP_TLS_UNKNOWN || (tls == HOP_TLS_YES && expect_value_wants_version(value));
	return v == VERDICT_FAIL && no_knowledge ? VERDICT_UNKNOWN : v;
}
