/* A resolver for tests. */
#include "tests/unit/fake_dns.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/ip.h"
#include "harness/base/vec.h"
#include "harness/dns/name.h"
#include "harness/dns/resolver_zone.h"

struct fake_state {
	char name[DNS_NAME_TEXT_MAX];
	enum dns_state state;
};

static struct error err = ERROR_INIT;

/* Checks ask from several threads. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void must(bool well)
{
	if (well)
		return;
	fprintf(stderr, "fake_dns: bad data, or: %s\n", err.text);
	abort();
}

static void apply_states(const struct fake_dns *dns, const struct dns_question *question, struct dns_answer *answer)
{
	char type[DNS_TYPE_TEXT_MAX], text[DNS_NAME_TEXT_MAX + 64];
	for (size_t i = 0; i < dns->state_count && answer->count == 0; i++) {
		enum dns_state state = dns->states[i].state;
		if (strcmp(dns->states[i].name, question->name) != 0)
			continue;
		snprintf(text, sizeof(text), state == DNS_FAILED ? "timed out" : "the snapshot does not hold %s %s",
			 question->name, dns_type_name(question->type, type));
		dns_answer_fini(answer);
		*answer = (struct dns_answer){ .state = state, .detail = strdup(text) };
		must(answer->detail);
		return;
	}
}

static int ask(struct resolver *self, const struct dns_question *questions, size_t count,
	       struct dns_answer *ret_answers, struct error *ret_err)
{
	struct fake_dns *dns = (struct fake_dns *)self;
	pthread_mutex_lock(&lock);
	if (!dns->answers)
		must(resolver_zone_new(dns->zone, NULL, &dns->answers, &err) == 0);
	dns->questions += count;
	pthread_mutex_unlock(&lock);
	if (resolver_ask_many(dns->answers, questions, count, ret_answers, ret_err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		apply_states(dns, &questions[i], &ret_answers[i]);
	return 0;
}

static void fake_free(struct resolver *self)
{
	struct fake_dns *dns = (struct fake_dns *)self;
	resolver_free(dns->answers);
	zone_free(dns->zone);
	free(dns->states);
	free(dns);
}

struct fake_dns *fake_dns_new(void)
{
	static const struct resolver_ops ops = { ask, fake_free };
	struct fake_dns *dns = calloc(1, sizeof(*dns));
	must(dns && zone_new(&dns->zone, &err) == 0);
	dns->base.ops = &ops;
	return dns;
}

static void add(struct fake_dns *dns, struct span name, enum dns_type type, const struct buf *rdata)
{
	char text[DNS_NAME_TEXT_MAX];
	must(!rdata->failed && dns_name_make(name, text));
	must(zone_add(dns->zone, text, type, 300, rdata->p, rdata->len, &err) == 0);
}

static void add_host(struct buf *rdata, struct span host)
{
	char text[DNS_NAME_TEXT_MAX] = ".";
	must(host.len == 0 || span_is(host, ".") || dns_name_make(host, text));
	must(dns_name_to_wire(text, rdata));
}

void fake_dns_add(struct fake_dns *dns, struct span name, enum dns_type type, struct span value)
{
	_cleanup_(buf_fini) struct buf rdata = BUF_INIT(65535);
	struct span preference;
	uint64_t number = 0;
	struct ip ip;
	if (type == DNS_TXT) {
		fake_dns_add_txt(dns, name, &value, 1);
		return;
	}
	if (type == DNS_A || type == DNS_AAAA) {
		must(ip_parse(value, &ip) && ip.v6 == (type == DNS_AAAA));
		buf_add(&rdata, ip.octets, ip_bits(&ip) / 8);
	} else {
		if (type == DNS_MX) {
			must(span_next(&value, ' ', &preference) && span_to_u64(preference, 65535, &number));
			buf_add_char(&rdata, (char)(number >> 8));
			buf_add_char(&rdata, (char)number);
		}
		add_host(&rdata, value);
	}
	add(dns, name, type, &rdata);
}

void fake_dns_add_txt(struct fake_dns *dns, struct span name, const struct span *strings, size_t count)
{
	_cleanup_(buf_fini) struct buf rdata = BUF_INIT(65535);
	for (size_t i = 0; i < count; i++) {
		struct span rest = strings[i];
		do {
			struct span piece = span_sub(rest, 0, 255);
			buf_add_char(&rdata, (char)piece.len);
			buf_add_span(&rdata, piece);
			rest = span_sub(rest, piece.len, rest.len);
		} while (rest.len > 0);
	}
	add(dns, name, DNS_TXT, &rdata);
}

void fake_dns_state(struct fake_dns *dns, struct span name, enum dns_state state)
{
	must(vec_grow(&dns->states, dns->state_count, &dns->state_cap, sizeof(*dns->states), &err) == 0);
	struct fake_state *s = &dns->states[dns->state_count++];
	s->state = state;
	must(dns_name_make(name, s->name));
}

void fake_dns_add_lines(struct fake_dns *dns, const char *lines)
{
	struct span rest = span_of(lines), line, name, word;
	while (span_next(&rest, '\n', &line)) {
		enum dns_state state;
		enum dns_type type;
		if (line.len == 0)
			continue;
		must(span_next(&line, ' ', &name) && span_next(&line, ' ', &word));
		if (dns_state_from(word, &state)) {
			fake_dns_state(dns, name, state);
			continue;
		}
		must(dns_type_from(word, &type));
		fake_dns_add(dns, name, type, line);
	}
}
