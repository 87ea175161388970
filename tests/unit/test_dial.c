/* Connecting by name, on the loopback only. */
#include "tests/unit/unit.h"

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

/* localhost has addresses of both families on most machines; only one of them is served here. */
static void connects_by_name_whichever_family_answers(void **state)
{
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		struct test_server *server = test_server_new(ipv6, just_wait, NULL);
		const struct addrinfo hints = { .ai_family = ipv6 ? AF_INET6 : AF_INET };
		struct addrinfo *list = NULL;
		struct error err = ERROR_INIT;
		char peer[DIAL_PEER_MAX];
		int fd = -1;
		if (!server || getaddrinfo("localhost", NULL, &hints, &list) != 0) {
			if (server)
				test_server_free(server);
			continue;
		}
		freeaddrinfo(list);
		assert_int_equal(dial_in("localhost", test_server_port(server), 5000, &fd, peer, &err), 0);
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
	snprintf(expected, sizeof(expected), "cannot connect to 127.0.0.1 port %u: 127.0.0.1:%u: Connection refused",
		 port, port);
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

/* A listener whose queue is full does not answer further connections. */
static void silence_ends_at_the_deadline(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	int listener = socket(AF_INET, SOCK_STREAM, 0), filler[8];
	assert_int_equal(bind(listener, (void *)&in, sizeof(in)), 0);
	assert_int_equal(listen(listener, 0), 0);
	getsockname(listener, (void *)&in, &len);
	for (size_t i = 0; i < ARRAY_LEN(filler); i++) {
		filler[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(filler[i], (void *)&in, sizeof(in));
	}
	struct error err = ERROR_INIT;
	char peer[DIAL_PEER_MAX];
	int fd;
	assert_int_equal(dial_in("127.0.0.1", ntohs(in.sin_port), 300, &fd, peer, &err), -1);
	assert_int_equal(err.kind, ERROR_TIMEOUT);

	int cancel = eventfd(1, EFD_CLOEXEC);
	assert_int_equal(dial("127.0.0.1", ntohs(in.sin_port), deadline_in(60000), cancel, &fd, peer, &err), -1);
	assert_int_equal(err.kind, ERROR_INTERRUPTED);
	close(cancel);
	for (size_t i = 0; i < ARRAY_LEN(filler); i++)
		close(filler[i]);
	close(listener);
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
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(cancel_ends_resolving),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
