/* Addresses of DNS servers. libunbound does not hand on what a server says of itself, so one question is asked here. */
#include "harness/dns/name_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/rand.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/compiler.h"
#include "harness/base/escape.h"

enum { DEFAULT_PORT = 53, HEADER = 12, AGAIN_MS = 300, SHOWN_MAX = 80 };

/* Parts address and port; the port is empty where none is written, and its p NULL. */
static bool name_server_part(struct span text, struct span *ret_address, struct span *ret_port)
{
	ptrdiff_t colon = span_find_char(text, ':', 0), at = span_find_char(text, '@', 0);
	struct span rest = { 0 };
	*ret_port = rest;
	if (text.len > 0 && text.p[0] == '[') {
		ptrdiff_t end = span_find_char(text, ']', 0);
		if (end < 0)
			return false;
		*ret_address = span_sub(text, 1, (size_t)end - 1);
		rest = span_sub(text, (size_t)end + 1, text.len);
		if (rest.len > 0)
			*ret_port = span_sub(rest, 1, rest.len);
		return rest.len == 0 || rest.p[0] == ':';
	}
	if (at < 0 && colon >= 0 && span_find_char(text, ':', (size_t)colon + 1) < 0)
		at = colon;
	*ret_address = at < 0 ? text : span_sub(text, 0, (size_t)at);
	if (at >= 0)
		*ret_port = span_sub(text, (size_t)at + 1, text.len);
	return true;
}

int name_server_parse(struct span text, struct name_server *ret, struct error *err)
{
	char shown[SHOWN_MAX];
	struct span address, port;
	struct name_server server = { .port = DEFAULT_PORT };
	uint64_t number = DEFAULT_PORT;
	if (!name_server_part(text, &address, &port) || !ip_parse(address, &server.ip) ||
	    (port.p && (!span_to_u64(port, 65535, &number) || number == 0)))
		return error_set(err, ERROR_CONFIG, RETRY_NEVER, 0,
				 "`%s` is no address of a DNS server: write `192.0.2.1`, `192.0.2.1:53` or "
				 "`[2001:db8::1]:53`",
				 escape_text(shown, sizeof(shown), text));
	server.port = (uint16_t)number;
	*ret = server;
	return 0;
}

const char *name_server_format(const struct name_server *server, char out[NAME_SERVER_TEXT_MAX])
{
	char ip[IP_TEXT_MAX];
	snprintf(out, NAME_SERVER_TEXT_MAX, "%s@%u", ip_format(&server->ip, ip), server->port);
	return out;
}

static int name_server_connect_to(const struct name_server *server)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(server->port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(server->port) };
	memcpy(&v4.sin_addr, server->ip.octets, sizeof(v4.sin_addr));
	memcpy(&v6.sin6_addr, server->ip.octets, sizeof(v6.sin6_addr));
	bool is_v6 = server->ip.v6;
	const struct sockaddr *address = is_v6 ? (const struct sockaddr *)&v6 : (const struct sockaddr *)&v4;
	int fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, address, is_v6 ? sizeof(v6) : sizeof(v4)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Sends the query and waits a while for the answer to it: its flags, or -1. */
static int exchange(int fd, const unsigned char *query, size_t len, struct deadline deadline)
{
	unsigned char answer[HEADER];
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	if (send(fd, query, len, MSG_NOSIGNAL) < 0)
		return -1;
	while (poll(&wait, 1, deadline_poll_ms(deadline)) > 0) {
		ssize_t n = recv(fd, answer, sizeof(answer), 0);
		if (n < 0 && errno != EAGAIN)
			return -1;
		/* The same id, and QR. */
		if (n == HEADER && memcmp(answer, query, 2) == 0 && answer[2] & 0x80)
			return answer[2] << 8 | answer[3];
	}
	return -1;
}

bool name_server_is_authoritative(const struct name_server *server, struct deadline deadline)
{
	/* RD, one question: the root, NS, IN. The id comes below. */
	unsigned char query[HEADER + 5] = { 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1 };
	_cleanup_(close_p) int fd = name_server_connect_to(server);
	int flags = -1;
	if (fd < 0 || RAND_bytes(query, 2) != 1)
		return false;
	while (flags < 0 && !deadline_passed(deadline)) {
		struct deadline turn = deadline_earlier(deadline, deadline_in(AGAIN_MS));
		flags = exchange(fd, query, sizeof(query), turn);
		/* A port that nobody listens on is refused at once. */
		if (flags < 0)
			poll(NULL, 0, deadline_poll_ms(turn));
	}
	return flags >= 0 && !(flags & 0x80);
}

bool name_server_has_route(const struct name_server *server)
{
	_cleanup_(close_p) int fd = name_server_connect_to(server);
	return fd >= 0;
}
