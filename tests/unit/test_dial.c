/* Connecting by name, on the loopback only. */
#include "tests/unit/unit.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/net/dial.h"
#include "tests/unit/peer.h"

/* A name with addresses of both families, IPv6 first, whatever this machine's resolver knows. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
	typeof(&getaddrinfo) real;
	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (!node || strcmp(node, "dual.test") != 0 || (hints->ai_flags & AI_NUMERICHOST))
		return real(node, service, hints, ret);
	struct addrinfo *second = NULL;
	int result = real("::1", service, hints, ret);
	if (result == 0)
		result = real("127.0.0.1", service, hints, &second);
	if (result == 0)
		(*ret)->ai_next = second;
	return result;
}

static void just_wait(struct test_peer *peer)
{
	peer_wait_for_end(peer);
}

static int dial_in(const char *host, uint16_t port, int64_t ms, int *fd, char peer[DIAL_PEER_MAX], struct error *err)
{
	return dial(host, port, deadline_in(ms), -1, fd, peer, err);
}

static void connects_over_ipv4_and_says_where(void **state)
{
	struct test_server *server = test_server_new(false, just_wait, NULL);
	struct error err = ERROR_INIT;
	char peer[DIAL_PEER_MAX], expected[DIAL_PEER_MAX];
	int fd = -1, value = 0;
	socklen_t len = sizeof(value);
	assert_int_equal(dial_in("127.0.0.1", test_server_port(server), 5000, &fd, peer, &err), 0);
	snprintf(expected, sizeof(expected), "127.0.0.1:%u", test_server_port(server));
	assert_string_equal(peer, expected);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &len);
	assert_int_not_equal(value, 0);
	getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, &len);
	assert_int_not_equal(value, 0);
	close(fd);
	test_server_free(server);
}

static void connects_over_ipv6_and_says_where(void **state)
{
	struct test_server *server = test_server_new(true, just_wait, NULL);
	struct error err = ERROR_INIT;
	char peer[DIAL_PEER_MAX], expected[DIAL_PEER_MAX];
	int fd = -1;
	if (!server)
		skip();
	assert_int_equal(dial_in("::1", test_server_port(server), 5000, &fd, peer, &err), 0);
	snprintf(expected, sizeof(expected), "[::1]:%u", test_server_port(server));
	assert_string_equal(peer, expected);
	close(fd);
	test_server_free(server);
}

static void connects_by_name_whichever_family_answers(void **state)
{
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		struct test_server *server = test_server_new(ipv6, just_wait, NULL);
		struct error err = ERROR_INIT;
		char peer[DIAL_PEER_MAX];
		int fd = -1;
		if (!server)
			continue;
		assert_int_equal(dial_in("dual.test", test_server_port(server), 5000, &fd, peer, &err), 0);
		assert_int_equal(peer[0] == '[', ipv6);
		close(fd);
		test_server_free(server);
	}
}

static void refusal_names_host_port_and_address(void **state)
{
	struct error err = ERROR_INIT;
	char peer[DIAL_PEER_MAX] = "untouched", expected[160];
	uint16_t port = test_closed_port();
	int fd = -7;
	assert_int_equal(dial_in("127.0.0.1", port, 5000, &fd, peer, &err), -1);
	assert_int_equal(err.kind, ERROR_NETWORK);
	assert_int_equal(err.retry, RETRY_LATER);
	assert_int_equal(err.code, ECONNREFUSED);
	snprintf(expected, sizeof(expected), "cannot connect to 127.0.0.1 port %u: Connection refused", port);
	assert_string_equal(err.text, expected);
	assert_int_equal(fd, -7);
	assert_string_equal(peer, "untouched");
}

static void unknown_name_is_a_network_error(void **state)
{
	struct error err = ERROR_INIT;
	char peer[DIAL_PEER_MAX];
	int fd;
	/* RFC 6761 section 6.4; a label of 64 octets is refused without any question to a server. */
	const char *host = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.invalid";
	assert_int_equal(dial_in(host, 993, 10000, &fd, peer, &err), -1);
	assert_int_equal(err.kind, ERROR_NETWORK);
	assert_true(err.code < 0);
	assert_non_null(strstr(err.text, host));
}

enum { FILLERS = 8 };

/* A listener whose queue is full: it does not answer further connections. fds[0] is the listener; all may be -1 where
 * the address cannot be had. */
struct hole {
	int fds[FILLERS + 1];
	uint16_t port;
};

static bool hole_open(struct hole *hole, bool ipv6, uint16_t port)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
				    .sin6_addr = IN6ADDR_LOOPBACK_INIT,
				    .sin6_port = htons(port) };
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				  .sin_port = htons(port) };
	struct sockaddr *address = ipv6 ? (void *)&in6 : (void *)&in;
	socklen_t len = ipv6 ? sizeof(in6) : sizeof(in);
	for (size_t i = 0; i <= FILLERS; i++)
		hole->fds[i] = -1;
	hole->fds[0] = socket(address->sa_family, SOCK_STREAM, 0);
	if (hole->fds[0] < 0 || bind(hole->fds[0], address, len) < 0 || listen(hole->fds[0], 0) < 0)
		return false;
	getsockname(hole->fds[0], address, &len);
	hole->port = ntohs(ipv6 ? in6.sin6_port : in.sin_port);
	for (size_t i = 1; i <= FILLERS; i++) {
		hole->fds[i] = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(hole->fds[i], address, len);
	}
	return true;
}

static void hole_close(struct hole *hole)
{
	for (size_t i = 0; i <= FILLERS; i++)
		close_p(&hole->fds[i]);
}

/* RFC 8305: where the preferred family is silent the other one is tried soon, not after minutes. */
static void silent_family_does_not_hold_up_the_other(void **state)
{
	struct test_server *server = test_server_new(false, just_wait, NULL);
	struct hole hole;
	struct error err = ERROR_INIT;
	char peer[DIAL_PEER_MAX];
	int fd = -1;
	bool testable = hole_open(&hole, true, test_server_port(server));
	if (testable) {
		int64_t before = clock_mono_ms();
		assert_int_equal(dial_in("dual.test", test_server_port(server), 20000, &fd, peer, &err), 0);
		assert_int_equal(peer[0], '1');
		assert_true(clock_mono_ms() - before >= 240);
		assert_true(clock_mono_ms() - before < 10000);
		close(fd);
	}
	hole_close(&hole);
	test_server_free(server);
	if (!testable)
		skip();
}

static void every_address_that_failed_is_named(void **state)
{
	struct error err = ERROR_INIT;
	char peer[DIAL_PEER_MAX];
	int fd;
	assert_int_equal(dial_in("dual.test", test_closed_port(), 20000, &fd, peer, &err), -1);
	assert_int_equal(err.kind, ERROR_NETWORK);
	assert_non_null(strstr(err.text, "cannot connect to dual.test port"));
	assert_non_null(strstr(err.text, "[::1]:"));
	assert_non_null(strstr(err.text, "127.0.0.1:"));
}

static void silence_ends_at_the_deadline(void **state)
{
	struct hole hole;
	assert_true(hole_open(&hole, false, 0));
	struct error err = ERROR_INIT;
	char peer[DIAL_PEER_MAX];
	int fd;
	assert_int_equal(dial_in("127.0.0.1", hole.port, 300, &fd, peer, &err), -1);
	assert_int_equal(err.kind, ERROR_TIMEOUT);

	int cancel = eventfd(1, EFD_CLOEXEC);
	assert_int_equal(dial("127.0.0.1", hole.port, deadline_in(60000), cancel, &fd, peer, &err), -1);
	assert_int_equal(err.kind, ERROR_INTERRUPTED);
	close(cancel);
	hole_close(&hole);
}

static void cancel_ends_resolving(void **state)
{
	struct error err = ERROR_INIT;
	char peer[DIAL_PEER_MAX];
	int fd, cancel = eventfd(1, EFD_CLOEXEC);
	assert_int_equal(dial("localhost", 1, deadline_in(60000), cancel, &fd, peer, &err), -1);
	assert_int_equal(err.kind, ERROR_INTERRUPTED);
	close(cancel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects_over_ipv4_and_says_where),
		cmocka_unit_test(connects_over_ipv6_and_says_where),
		cmocka_unit_test(connects_by_name_whichever_family_answers),
		cmocka_unit_test(refusal_names_host_port_and_address),
		cmocka_unit_test(unknown_name_is_a_network_error),
		cmocka_unit_test(silent_family_does_not_hold_up_the_other),
		cmocka_unit_test(every_address_that_failed_is_named),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(cancel_ends_resolving),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
