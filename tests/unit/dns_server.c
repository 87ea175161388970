/* A small DNS server for tests. One thread, one question at a time. */
#include "tests/unit/dns_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/clock.h"
#include "harness/dns/name.h"
#include "harness/dns/rdata.h"

enum { MESSAGE_MAX = 65535, UDP_MAX = 512, HEADER = 12, PATIENCE_MS = 5000, CNAMES_MAX = 12 };
enum { FLAG_QR = 0x8000, FLAG_AA = 0x0400, FLAG_TC = 0x0200, FLAG_RD = 0x0100, FLAG_RA = 0x0080 };

struct dns_server {
	struct zone *zone;
	int udp, tcp, stop;
	char address[32];
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	struct dns_conduct conduct;
	struct zone *next; /* NULL: none */
	int64_t next_ms;   /* of the monotonic clock */
	bool cached;
	unsigned udp_count, tcp_count;
};

/* A question, as it came. */
struct query {
	uint16_t id, flags;
	struct span question; /* in wire form, with type and class */
	char name[DNS_NAME_TEXT_MAX];
	enum dns_type type;
};

/* An answer being built. */
struct reply {
	const struct zone *zone; /* that it is from */
	int64_t left_s;          /* of its TTLs; negative: as they are published */
	struct buf records;
	unsigned answers, authorities;
	int rcode;
};

static void must(bool well, const char *what)
{
	if (well)
		return;
	fprintf(stderr, "DNS server: %s: %s\n", what, strerror(errno));
	abort();
}

static uint16_t get_u16(const char *p)
{
	return (uint16_t)((unsigned char)p[0] << 8 | (unsigned char)p[1]);
}

static void add_u16(struct buf *out, unsigned value)
{
	buf_add_char(out, (char)(value >> 8));
	buf_add_char(out, (char)(value & 0xff));
}

static bool read_query(struct span message, struct query *ret)
{
	size_t used = 0;
	if (message.len < HEADER || get_u16(message.p + 4) != 1 ||
	    !dns_name_from_wire(span_sub(message, HEADER, message.len), ret->name, &used) ||
	    message.len < HEADER + used + 4)
		return false;
	ret->id = get_u16(message.p);
	ret->flags = get_u16(message.p + 2);
	ret->question = span_sub(message, HEADER, used + 4);
	ret->type = (enum dns_type)get_u16(message.p + HEADER + used);
	return true;
}

static void add_record(struct reply *reply, const struct zone_record *record)
{
	struct buf *out = &reply->records;
	uint32_t ttl = reply->left_s < 0 ? record->ttl : (uint32_t)reply->left_s;
	dns_name_to_wire(record->name, out);
	add_u16(out, (unsigned)record->type);
	add_u16(out, 1);
	add_u16(out, ttl >> 16);
	add_u16(out, ttl & 0xffff);
	add_u16(out, (unsigned)record->data.len);
	buf_add(out, record->data.rdata, record->data.len);
}

/* All records of a type; returns how many. */
static unsigned add_records(struct reply *reply, const char *name, enum dns_type type)
{
	size_t count = 0;
	const struct zone_record *records = zone_find(reply->zone, name, type, &count);
	for (size_t i = 0; i < count; i++)
		add_record(reply, &records[i]);
	return (unsigned)count;
}

static void answer(const struct query *query, struct reply *reply)
{
	const char *apex = zone_apex(reply->zone, query->name);
	char name[DNS_NAME_TEXT_MAX];
	size_t count = 0;
	span_copy(span_of(query->name), name, sizeof(name));
	for (unsigned i = 0; apex && i < CNAMES_MAX; i++) {
		unsigned found = add_records(reply, name, query->type);
		const struct zone_record *cname = zone_find(reply->zone, name, DNS_CNAME, &count);
		reply->answers += found;
		if (found || !cname)
			break;
		add_record(reply, cname);
		reply->answers++;
		must(rdata_name(&cname->data, name), "CNAME");
		apex = zone_apex(reply->zone, name);
	}
	if (!apex) {
		reply->rcode = reply->answers ? DNS_NOERROR : DNS_REFUSED;
		return;
	}
	reply->rcode = zone_exists(reply->zone, name) ? DNS_NOERROR : DNS_NXDOMAIN;
	if (!zone_find(reply->zone, name, query->type, &count))
		reply->authorities = add_records(reply, apex, DNS_SOA);
}

static void write_reply(const struct query *query, const struct reply *reply, unsigned flags, struct buf *out)
{
	bool cut = flags & FLAG_TC;
	add_u16(out, query->id);
	add_u16(out, FLAG_QR | flags | (query->flags & FLAG_RD) | (unsigned)reply->rcode);
	add_u16(out, 1);
	add_u16(out, cut ? 0 : reply->answers);
	add_u16(out, cut ? 0 : reply->authorities);
	add_u16(out, 0);
	buf_add_span(out, query->question);
	if (!cut)
		buf_add_span(out, buf_span(&reply->records));
}

/* What is to be done for this question now; counts. */
static struct dns_conduct take_conduct(struct dns_server *server, const struct query *query, bool tcp)
{
	pthread_mutex_lock(&server->lock);
	struct dns_conduct conduct = server->conduct;
	if (conduct.only && strcmp(conduct.only, query->name) != 0)
		conduct = (struct dns_conduct){ .resolver = conduct.resolver };
	else if (conduct.fails)
		server->conduct.fails--;
	*(tcp ? &server->tcp_count : &server->udp_count) += 1;
	pthread_mutex_unlock(&server->lock);
	return conduct;
}

/* Which zone answers now, and with which TTLs. */
static void take_zone(struct dns_server *server, struct reply *reply)
{
	pthread_mutex_lock(&server->lock);
	int64_t left_ms = server->next_ms - clock_mono_ms();
	if (server->next && left_ms <= 0) {
		server->zone = server->next;
		server->next = NULL;
	}
	reply->zone = server->zone;
	reply->left_s = server->next && server->cached ? (left_ms + 999) / 1000 : -1;
	pthread_mutex_unlock(&server->lock);
}

/* False: no answer. */
static bool respond(struct dns_server *server, struct span message, bool tcp, struct buf *out)
{
	struct query query;
	struct reply reply = { .records = BUF_INIT(MESSAGE_MAX) };
	if (!read_query(message, &query))
		return false;
	take_zone(server, &reply);
	struct dns_conduct conduct = take_conduct(server, &query, tcp);
	if (conduct.silent)
		return false;
	if (conduct.fails)
		reply.rcode = DNS_SERVFAIL;
	else
		answer(&query, &reply);
	unsigned flags = conduct.resolver ? FLAG_RA : FLAG_AA;
	if (!tcp && (conduct.truncates || reply.records.len + HEADER + query.question.len > UDP_MAX))
		flags |= FLAG_TC;
	write_reply(&query, &reply, flags, out);
	buf_fini(&reply.records);
	must(!out->failed, "message");
	return true;
}

static void serve_udp(struct dns_server *server)
{
	char message[UDP_MAX];
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	_cleanup_(buf_fini) struct buf out = BUF_INIT(MESSAGE_MAX);
	ssize_t len = recvfrom(server->udp, message, sizeof(message), 0, (struct sockaddr *)&from, &from_len);
	if (len > 0 && respond(server, span_make(message, (size_t)len), false, &out))
		sendto(server->udp, out.p, out.len, 0, (struct sockaddr *)&from, from_len);
}

static bool receive(int fd, char *out, size_t len)
{
	while (len > 0) {
		ssize_t n = recv(fd, out, len, 0);
		if (n <= 0)
			return false;
		out += n;
		len -= (size_t)n;
	}
	return true;
}

/* One question on one connection. */
static void serve_tcp(struct dns_server *server)
{
	const struct timeval patience = { .tv_sec = PATIENCE_MS / 1000 };
	char length[2], message[UDP_MAX];
	_cleanup_(buf_fini) struct buf out = BUF_INIT(MESSAGE_MAX), framed = BUF_INIT(MESSAGE_MAX + 2);
	_cleanup_(close_p) int fd = accept(server->tcp, NULL, NULL);
	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (!receive(fd, length, 2) || get_u16(length) > sizeof(message) || !receive(fd, message, get_u16(length)) ||
	    !respond(server, span_make(message, get_u16(length)), true, &out))
		return;
	add_u16(&framed, (unsigned)out.len);
	buf_add_span(&framed, buf_span(&out));
	for (size_t at = 0; at < framed.len;) {
		ssize_t n = send(fd, framed.p + at, framed.len - at, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		at += (size_t)n;
	}
}

static void *serve(void *user)
{
	struct dns_server *server = user;
	struct pollfd fds[] = {
		{ .fd = server->stop, .events = POLLIN },
		{ .fd = server->udp, .events = POLLIN },
		{ .fd = server->tcp, .events = POLLIN },
	};
	while (poll(fds, 3, -1) >= 0 && !fds[0].revents) {
		if (fds[1].revents)
			serve_udp(server);
		if (fds[2].revents)
			serve_tcp(server);
	}
	return NULL;
}

/* Both sockets on one port that is free for both. */
static void listen_on(struct dns_server *server)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int buffer = 4 << 20;
	bool bound = false;
	for (int i = 0; i < 100 && !bound; i++) {
		address.sin_port = 0;
		server->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		server->tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		must(bind(server->udp, (struct sockaddr *)&address, len) == 0, "bind");
		must(getsockname(server->udp, (struct sockaddr *)&address, &len) == 0, "getsockname");
		bound = bind(server->tcp, (struct sockaddr *)&address, len) == 0 && listen(server->tcp, 64) == 0;
		if (!bound) {
			close(server->udp);
			close(server->tcp);
		}
	}
	must(bound, "no port");
	setsockopt(server->udp, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	snprintf(server->address, sizeof(server->address), "127.0.0.1:%u", ntohs(address.sin_port));
}

struct dns_server *dns_server_new(struct zone *zone)
{
	struct error err = ERROR_INIT;
	struct dns_server *server = calloc(1, sizeof(*server));
	must(server != NULL, "memory");
	must(zone_seal(zone, &err) == 0, err.text);
	server->zone = zone;
	server->stop = eventfd(0, EFD_CLOEXEC);
	must(server->stop >= 0, "eventfd");
	pthread_mutex_init(&server->lock, NULL);
	listen_on(server);
	must(pthread_create(&server->thread, NULL, serve, server) == 0, "thread");
	return server;
}

void dns_server_free(struct dns_server *server)
{
	must(eventfd_write(server->stop, 1) == 0, "eventfd");
	pthread_join(server->thread, NULL);
	pthread_mutex_destroy(&server->lock);
	close(server->stop);
	close(server->udp);
	close(server->tcp);
	free(server);
}

void dns_server_conduct(struct dns_server *server, struct dns_conduct conduct)
{
	pthread_mutex_lock(&server->lock);
	server->conduct = conduct;
	pthread_mutex_unlock(&server->lock);
}

void dns_server_next(struct dns_server *server, struct zone *zone, int64_t after_ms, bool cached)
{
	struct error err = ERROR_INIT;
	must(zone_seal(zone, &err) == 0, err.text);
	pthread_mutex_lock(&server->lock);
	server->next = zone;
	server->next_ms = clock_mono_ms() + after_ms;
	server->cached = cached;
	pthread_mutex_unlock(&server->lock);
}

const char *dns_server_address(const struct dns_server *server)
{
	return server->address;
}

static unsigned count_of(struct dns_server *server, const unsigned *count)
{
	pthread_mutex_lock(&server->lock);
	unsigned value = *count;
	pthread_mutex_unlock(&server->lock);
	return value;
}

unsigned dns_server_udp(struct dns_server *server)
{
	return count_of(server, &server->udp_count);
}

unsigned dns_server_tcp(struct dns_server *server)
{
	return count_of(server, &server->tcp_count);
}
