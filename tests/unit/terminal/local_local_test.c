/* Real sockets of real clients on the loopback, in a namespace of their own. */
#include "tests/unit/terminal/cmocka_setup.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "terminal/link/endpoint.h"
#include "terminal/local/local.h"

#define PORT	25060
#define MESSAGE "OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n"

struct fixture {
	struct local local;
	unsigned taken, lost;
	struct flow last;
	char text[256];
	uint64_t now_ms;
};

static void take(void *context, const struct flow *flow, struct slice message)
{
	struct fixture *f = context;

	f->taken++;
	f->last = *flow;
	snprintf(f->text, sizeof(f->text), "%.*s", (int)message.len, message.at);
}

static void lose(void *context, const struct flow *flow)
{
	struct fixture *f = context;

	f->lost++;
	f->last = *flow;
}

static void make(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	local_init(&f->local);
	f->local.context = f;
	f->local.take = take;
	f->local.lost = lose;
	assert_int_equal(local_open(&f->local, PORT), RESULT_OK);
}

/* Lets everything happen that can within a moment. */
static void turn(struct fixture *f)
{
	struct pollfd fds[LOCAL_FDS];

	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(local_poll_fill(&f->local, fds), LOCAL_FDS);
		if (poll(fds, LOCAL_FDS, 10) <= 0)
			return;
		local_poll_done(&f->local, ++f->now_ms, fds);
	}
}

static int connect_to(int type, unsigned which, const struct fixture *f)
{
	union endpoint endpoint;
	const struct sip_address *own = &f->local.own[which];
	socklen_t len = endpoint_make(own, own->port, &endpoint);
	int fd = socket(own->family == 4 ? AF_INET : AF_INET6, type, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, &endpoint.any, len), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void assert_hears(int fd, const char *text)
{
	char buffer[256] = "";
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	assert_int_equal(poll(&ready, 1, 2000), 1);
	assert_int_equal(recv(fd, buffer, sizeof(buffer) - 1, 0), strlen(text));
	assert_string_equal(buffer, text);
}

static void datagrams_come_and_go_over_both_ip_versions(void **state)
{
	struct fixture f;

	(void)state;
	make(&f);
	for (unsigned i = 0; i < 2 && f.local.own[i].family; i++) {
		int fd = connect_to(SOCK_DGRAM, i, &f);

		say(fd, MESSAGE);
		turn(&f);
		assert_int_equal(f.taken, i + 1);
		assert_int_equal(f.last.kind, FLOW_UDP);
		assert_string_equal(f.text, MESSAGE);
		local_send(&f.local, f.now_ms, &f.last, SLICE("answer"));
		assert_hears(fd, "answer");
		close(fd);
	}
	local_close(&f.local);
}

static void a_stream_is_cut_answered_and_kept(void **state)
{
	struct fixture f;
	int fd;

	(void)state;
	make(&f);
	fd = connect_to(SOCK_STREAM, 0, &f);
	say(fd, MESSAGE "OPT");
	turn(&f);
	assert_int_equal(f.taken, 1);
	say(fd, "IONS sip:b SIP/2.0\r\nContent-Length: 0\r\n\r\n\r\n\r\n");
	turn(&f);
	assert_int_equal(f.taken, 2);
	assert_hears(fd, "\r\n"); /* the pong */
	assert_int_equal(f.last.kind, FLOW_TCP);
	local_send(&f.local, f.now_ms, &f.last, SLICE("answer"));
	assert_hears(fd, "answer");
	/* What is no SIP ends it. */
	say(fd, "GET / HTTP/1.1\r\n\r\n");
	turn(&f);
	assert_int_equal(recv(fd, f.text, sizeof(f.text), 0), 0);
	close(fd);
	local_close(&f.local);
}

static void a_client_that_listens_is_connected_to(void **state)
{
	struct flow flow = {.kind = FLOW_TCP,
			    .peer = {.family = 4, .bytes = {127, 0, 0, 1}, .port = PORT + 1}};
	union endpoint endpoint;
	socklen_t len = endpoint_make(&flow.peer, flow.peer.port, &endpoint);
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd;
	const int yes = 1;
	struct fixture f;

	(void)state;
	make(&f);
	assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)), 0);
	assert_int_equal(bind(listener, &endpoint.any, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	local_send(&f.local, 0, &flow, SLICE("first "));
	local_send(&f.local, 0, &flow, SLICE("second"));
	turn(&f);
	fd = accept(listener, NULL, NULL);
	assert_true(fd >= 0);
	assert_hears(fd, "first second");
	close(fd);
	close(listener);
	local_close(&f.local);
}

static void where_nobody_listens_what_is_sent_is_told_as_lost(void **state)
{
	struct flow flow = {.peer = {.family = 4, .bytes = {127, 0, 0, 1}, .port = PORT + 2}};
	union endpoint endpoint;
	socklen_t len = sizeof(endpoint);
	struct fixture f;
	int fd;

	(void)state;
	make(&f);
	flow.kind = FLOW_TCP;
	local_send(&f.local, 0, &flow, SLICE("lost"));
	turn(&f);
	assert_int_equal(f.lost, 1);
	assert_int_equal(f.last.kind, FLOW_TCP);
	flow.kind = FLOW_UDP;
	local_send(&f.local, 0, &flow, SLICE("lost"));
	turn(&f);
	assert_int_equal(f.lost, 2);
	assert_int_equal(f.last.kind, FLOW_UDP);
	assert_int_equal(f.last.peer.port, PORT + 2);
	/* Who is there is not harmed by it, even if the error is still to be read. */
	local_send(&f.local, 0, &flow, SLICE("lost"));
	fd = connect_to(SOCK_DGRAM, 0, &f);
	say(fd, MESSAGE);
	usleep(20000);
	turn(&f);
	local_send(&f.local, 0, &flow, SLICE("lost"));
	usleep(20000);
	assert_int_equal(getsockname(fd, &endpoint.any, &len), 0);
	flow.peer = endpoint_address(&endpoint);
	local_send(&f.local, 0, &flow, SLICE("answer"));
	assert_hears(fd, "answer");
	close(fd);
	local_close(&f.local);
}

static void the_quietest_connection_makes_room(void **state)
{
	int fds[LOCAL_CONNECTIONS + 1];
	char byte;
	struct fixture f;

	(void)state;
	make(&f);
	for (unsigned i = 0; i <= LOCAL_CONNECTIONS; i++) {
		fds[i] = connect_to(SOCK_STREAM, 0, &f);
		say(fds[i], MESSAGE);
		turn(&f);
		assert_int_equal(f.taken, i + 1);
	}
	assert_int_equal(recv(fds[0], &byte, 1, 0), 0);
	assert_true(recv(fds[1], &byte, 1, MSG_DONTWAIT) < 0);
	for (unsigned i = 0; i <= LOCAL_CONNECTIONS; i++)
		close(fds[i]);
	local_close(&f.local);
}

static void a_port_that_is_taken_is_said(void **state)
{
	struct fixture f, second;

	(void)state;
	make(&f);
	local_init(&second.local);
	assert_int_equal(local_open(&second.local, PORT), RESULT_IO);
	local_close(&second.local);
	local_close(&f.local);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(datagrams_come_and_go_over_both_ip_versions),
		cmocka_unit_test(a_stream_is_cut_answered_and_kept),
		cmocka_unit_test(a_client_that_listens_is_connected_to),
		cmocka_unit_test(where_nobody_listens_what_is_sent_is_told_as_lost),
		cmocka_unit_test(the_quietest_connection_makes_room),
		cmocka_unit_test(a_port_that_is_taken_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
