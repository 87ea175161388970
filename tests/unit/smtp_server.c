/* The scripted server. Blocking sockets and threads: it is the client whose waiting is tested. */
#include "tests/unit/smtp_server.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/clock.h"

enum { CONNECTIONS_MAX = 256, CONTENTS_MAX = 1024 };

struct connection {
	struct smtp_server *server;
	pthread_t thread;
	int number, fd;
	bool tls, signed_in;
	SSL *ssl;
	char line[8192];
	char in[4096];
	size_t in_len, in_pos;
};

struct smtp_server {
	struct smtp_server_params params;
	int fd, port;
	pthread_t thread;
	pthread_mutex_t lock;
	bool stopping;
	struct connection *connections[CONNECTIONS_MAX];
	int connection_count;
	struct smtp_seen seen[SMTP_EVENTS_MAX];
	int seen_count;
	int occurrences[SMTP_RULES_MAX];
	char *contents[CONTENTS_MAX];
	int content_count;
};

static void note(struct connection *c, const char *text)
{
	struct smtp_server *s = c->server;
	pthread_mutex_lock(&s->lock);
	if (s->seen_count < SMTP_EVENTS_MAX) {
		struct smtp_seen *e = &s->seen[s->seen_count++];
		e->connection = c->number;
		e->at_ms = clock_mono_ms();
		snprintf(e->text, sizeof(e->text), "%s", text);
	}
	pthread_mutex_unlock(&s->lock);
}

static ssize_t receive(struct connection *c)
{
	return c->ssl ? SSL_read(c->ssl, c->in, sizeof(c->in)) : recv(c->fd, c->in, sizeof(c->in), 0);
}

static bool say_octets(struct connection *c, const char *octets, size_t len)
{
	return c->ssl ? SSL_write(c->ssl, octets, (int)len) == (int)len
		      : send(c->fd, octets, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static bool say(struct connection *c, const char *text)
{
	char line[4096];
	if (c->server->params.delay_ms)
		usleep((useconds_t)c->server->params.delay_ms * 1000);
	int n = snprintf(line, sizeof(line), "%s%s", text, strstr(text, "\r\n") ? "" : "\r\n");
	return say_octets(c, line, (size_t)n);
}

/* One line without its CRLF; false at the end. */
static bool read_line(struct connection *c)
{
	size_t len = 0;
	for (;;) {
		if (c->in_pos == c->in_len) {
			ssize_t n = receive(c);
			if (n <= 0)
				return false;
			c->in_len = (size_t)n;
			c->in_pos = 0;
		}
		char octet = c->in[c->in_pos++];
		if (octet == '\n') {
			c->line[len] = '\0';
			if (len && c->line[len - 1] == '\r')
				c->line[len - 1] = '\0';
			return true;
		}
		if (len < sizeof(c->line) - 1)
			c->line[len++] = octet;
	}
}

static const struct smtp_rule *rule_for(struct connection *c, const char *verb)
{
	struct smtp_server *s = c->server;
	const struct smtp_rule *found = NULL;
	pthread_mutex_lock(&s->lock);
	for (int i = 0; i < SMTP_RULES_MAX && s->params.rules[i].verb; i++) {
		const struct smtp_rule *rule = &s->params.rules[i];
		if (strcmp(rule->verb, verb) != 0)
			continue;
		int nth = ++s->occurrences[i];
		if (!found && (rule->nth == 0 || rule->nth == nth))
			found = rule;
	}
	pthread_mutex_unlock(&s->lock);
	return found;
}

/* 1: said what is usual, 0: did as a rule says, -1: the connection is over. */
static int answer(struct connection *c, const char *verb, const char *usual)
{
	const struct smtp_rule *rule = rule_for(c, verb);
	if (!rule)
		return say(c, usual) ? 1 : -1;
	if (rule->await && !smtp_server_wait(c->server, "END", rule->await))
		return -1;
	if (!rule->reply)
		return -1;
	if (strcmp(rule->reply, "hang") == 0) {
		while (receive(c) > 0)
			;
		return -1;
	}
	bool bye = strncmp(rule->reply, "bye ", 4) == 0;
	if (!say(c, rule->reply + (bye ? 4 : 0)) || bye)
		return -1;
	return rule->reply[0] == usual[0] && rule->reply[1] == usual[1] ? 1 : 0;
}

static bool start_tls(struct connection *c)
{
	c->ssl = SSL_new(c->server->params.tls);
	SSL_set_fd(c->ssl, c->fd);
	c->in_len = c->in_pos = 0;
	if (SSL_accept(c->ssl) != 1)
		return false;
	c->tls = true;
	return true;
}

static bool read_content(struct connection *c)
{
	size_t len = 0, cap = 1 << 16;
	char *content = malloc(cap);
	for (int lines = 0;; lines++) {
		if (!read_line(c)) {
			free(content);
			return false;
		}
		if (strcmp(c->line, ".") == 0)
			break;
		if (lines == 0) {
			note(c, "CONTENT");
			const struct smtp_rule *rule = rule_for(c, "CONTENT");
			if (rule && (!rule->reply || !say(c, rule->reply))) {
				free(content);
				return false;
			}
		}
		size_t n = strlen(c->line);
		if (len + n + 3 > cap)
			content = realloc(content, cap = 2 * (cap + n));
		memcpy(content + len, c->line, n);
		len += n;
		content[len++] = '\r';
		content[len++] = '\n';
	}
	content[len] = '\0';
	note(c, "END");
	struct smtp_server *s = c->server;
	pthread_mutex_lock(&s->lock);
	if (s->content_count < CONTENTS_MAX)
		s->contents[s->content_count++] = content;
	else
		free(content);
	pthread_mutex_unlock(&s->lock);
	return true;
}

static int answer_ehlo(struct connection *c)
{
	const struct smtp_server_params *p = &c->server->params;
	char reply[1024];
	const char *auth = p->no_auth ? "" : p->auth ? p->auth : "250-AUTH PLAIN LOGIN\r\n";
	snprintf(reply, sizeof(reply), "250-fake.test greets you\r\n%s%s%s250-SIZE 50000000\r\n250 HELP\r\n",
		 p->tls && !c->tls ? "250-STARTTLS\r\n" : "", auth, p->no_utf8 ? "" : "250-SMTPUTF8\r\n");
	return answer(c, "EHLO", reply);
}

/* "\0service\0correct horse", and both apart */
#define RIGHT_PLAIN    "AHNlcnZpY2UAY29ycmVjdCBob3JzZQ=="
#define RIGHT_USER     "c2VydmljZQ=="
#define RIGHT_PASSWORD "Y29ycmVjdCBob3JzZQ=="

/* Asks for one more line. */
static bool challenge(struct connection *c, const char *text)
{
	return answer(c, "CHALLENGE", text) >= 0 && read_line(c);
}

static int verdict(struct connection *c, bool right)
{
	return answer(c, "AUTH", right ? "235 2.7.0 signed in" : "535 5.7.3 Authentication unsuccessful");
}

/* PLAIN and LOGIN sign in; every other one is asked once and refused. */
static int authenticate(struct connection *c)
{
	char mechanism[32] = "", initial[8192] = "";
	sscanf(c->line, "%*s %31s %8191s", mechanism, initial);
	if (strcmp(mechanism, "PLAIN") == 0) {
		if (c->server->params.needs_initial && !initial[0])
			return verdict(c, false);
		if (!initial[0] && !challenge(c, "334 "))
			return -1;
		return verdict(c, strcmp(initial[0] ? initial : c->line, RIGHT_PLAIN) == 0);
	}
	if (strcmp(mechanism, "LOGIN") == 0) {
		if (!challenge(c, "334 VXNlcm5hbWU6"))
			return -1;
		bool right = strcmp(c->line, RIGHT_USER) == 0;
		if (!challenge(c, "334 UGFzc3dvcmQ6"))
			return -1;
		return verdict(c, right && strcmp(c->line, RIGHT_PASSWORD) == 0);
	}
	return challenge(c, "334 PDE+") ? verdict(c, false) : -1;
}

static int command(struct connection *c)
{
	char verb[16] = "";
	sscanf(c->line, "%15[A-Za-z]", verb);
	if (strcmp(verb, "EHLO") == 0)
		return answer_ehlo(c);
	if (strcmp(verb, "STARTTLS") == 0) {
		int said = answer(c, verb, "220 go ahead");
		return said == 1 && !start_tls(c) ? -1 : said;
	}
	if (strcmp(verb, "AUTH") == 0)
		return authenticate(c);
	if (strcmp(verb, "DATA") == 0) {
		int said = answer(c, verb, "354 go ahead");
		if (said != 1)
			return said;
		return read_content(c) ? answer(c, "END", "250 2.0.0 Ok: queued as 4XyZ") : -1;
	}
	if (strcmp(verb, "QUIT") == 0)
		return answer(c, verb, "221 2.0.0 bye"), -1;
	return answer(c, verb, "250 2.1.0 ok");
}

static void *serve(void *argument)
{
	struct connection *c = argument;
	bool up = !(c->server->params.tls && c->server->params.implicit) || start_tls(c);
	if (up && answer(c, "GREETING", "220 fake.test ESMTP") >= 0) {
		while (read_line(c)) {
			note(c, c->line);
			if (command(c) < 0)
				break;
		}
	}
	note(c, "CLOSED");
	if (c->ssl)
		SSL_shutdown(c->ssl);
	shutdown(c->fd, SHUT_RDWR);
	return NULL;
}

static void *accept_all(void *argument)
{
	struct smtp_server *s = argument;
	for (;;) {
		int fd = accept(s->fd, NULL, NULL);
		if (fd < 0)
			return NULL;
		struct connection *c = calloc(1, sizeof(*c));
		c->server = s;
		c->fd = fd;
		pthread_mutex_lock(&s->lock);
		bool take = !s->stopping && s->connection_count < CONNECTIONS_MAX;
		if (take) {
			s->connections[s->connection_count++] = c;
			c->number = s->connection_count;
		}
		pthread_mutex_unlock(&s->lock);
		if (!take || pthread_create(&c->thread, NULL, serve, c) != 0)
			abort();
	}
}

/* -1 where an address and port that are wanted are not to be had. */
static int listen_on(const struct smtp_server_params *params, int *ret_port)
{
	bool ipv6 = params->ipv6;
	uint16_t port = htons((uint16_t)params->port);
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback, .sin6_port = port };
	struct sockaddr_in a4 = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = port };
	if (params->address && inet_pton(ipv6 ? AF_INET6 : AF_INET, params->address,
					 ipv6 ? (void *)&a6.sin6_addr : (void *)&a4.sin_addr) != 1)
		abort();
	int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int bound = ipv6 ? bind(fd, (struct sockaddr *)&a6, sizeof(a6)) : bind(fd, (struct sockaddr *)&a4, sizeof(a4));
	if (fd >= 0 && bound < 0 && params->port) {
		close(fd);
		return -1;
	}
	if (fd < 0 || bound < 0 || listen(fd, 64) < 0)
		abort();
	struct sockaddr_storage name = { 0 };
	socklen_t len = sizeof(name);
	getsockname(fd, (struct sockaddr *)&name, &len);
	*ret_port = ntohs(ipv6 ? ((struct sockaddr_in6 *)&name)->sin6_port : ((struct sockaddr_in *)&name)->sin_port);
	return fd;
}

struct smtp_server *smtp_server_start(const struct smtp_server_params *params)
{
	struct smtp_server *s = calloc(1, sizeof(*s));
	s->params = *params;
	pthread_mutex_init(&s->lock, NULL);
	s->fd = listen_on(params, &s->port);
	if (s->fd < 0) {
		free(s);
		return NULL;
	}
	/* OpenSSL writes without MSG_NOSIGNAL. Only the server's threads are spared: the client must do without. */
	sigset_t pipe_signal, old;
	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_signal, &old);
	if (pthread_create(&s->thread, NULL, accept_all, s) != 0)
		abort();
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return s;
}

void smtp_server_stop(struct smtp_server *s)
{
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_mutex_unlock(&s->lock);
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
	for (int i = 0; i < s->connection_count; i++) {
		struct connection *c = s->connections[i];
		shutdown(c->fd, SHUT_RDWR);
		pthread_join(c->thread, NULL);
		SSL_free(c->ssl);
		close(c->fd);
		free(c);
	}
	for (int i = 0; i < s->content_count; i++)
		free(s->contents[i]);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

int smtp_server_port(const struct smtp_server *s)
{
	return s->port;
}

bool smtp_server_seen(struct smtp_server *s, const char *text, int nth, struct smtp_seen *ret)
{
	bool found = false;
	pthread_mutex_lock(&s->lock);
	for (int i = 0; i < s->seen_count && !found; i++) {
		if (strncmp(s->seen[i].text, text, strlen(text)) == 0 && --nth == 0) {
			*ret = s->seen[i];
			found = true;
		}
	}
	pthread_mutex_unlock(&s->lock);
	return found;
}

int smtp_server_count(struct smtp_server *s, const char *text)
{
	struct smtp_seen seen;
	int n = 0;
	while (smtp_server_seen(s, text, n + 1, &seen))
		n++;
	return n;
}

bool smtp_server_wait(struct smtp_server *s, const char *text, int n)
{
	struct deadline deadline = deadline_in(5000);
	while (smtp_server_count(s, text) < n) {
		if (deadline_passed(deadline))
			return false;
		usleep(1000);
	}
	return true;
}

char *smtp_server_content(struct smtp_server *s, int nth)
{
	char *content = NULL;
	pthread_mutex_lock(&s->lock);
	if (nth >= 1 && nth <= s->content_count)
		content = strdup(s->contents[nth - 1]);
	pthread_mutex_unlock(&s->lock);
	return content;
}
