/* controlplane/peers/peers_links.c: who is let in, and why others are not. */
#include "tests/unit/peers/peers_kit.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "controlplane/peers/dial.h"
#include "controlplane/peers/strangers.h"
#include "shared/clock.h"

static void a_certificate_of_another_ca_is_refused(void **state)
{
	struct fixture *f = *state;

	side_name(f, &f->a, "other/abc.com", "ca.pem");
	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_false(both_have(f, 1, 1));
	assert_int_equal(f->b.plane.next_index, 1);
	assert_non_null(strstr(f->b.plane.said,
			       "from 127.0.0.2 ended before it was known whose it is: its "
			       "certificate was refused: unable to get local issuer certificate"));
	assert_non_null(strstr(f->a.plane.said, "no TLS handshake: tlsv1 alert unknown ca"));
}

static void a_certificate_of_another_domain_is_refused(void **state)
{
	struct fixture *f = *state;

	side_name(f, &f->a, "xyz.com", "ca.pem");
	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_false(both_have(f, 1, 1));
	assert_int_equal(f->b.plane.next_index, 1);
	assert_non_null(strstr(f->b.plane.said, "it has our own certificate"));
}

static void a_certificate_of_the_same_ca_for_another_name_is_refused_as_that(void **state)
{
	struct fixture *f = *state;

	side_name(f, &f->a, "elsewhere.com", "ca.pem");
	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_false(both_have(f, 1, 1));
	assert_int_equal(f->b.plane.next_index, 1);
	assert_non_null(strstr(f->b.plane.said, "hostname mismatch"));
}

static void who_says_a_domain_that_is_nobodys_is_refused_as_that(void **state)
{
	struct fixture *f = *state;

	side_start(f, &f->a, "elsewhere.com", 2, "xyz.com", 3, true, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_false(both_have(f, 1, 1));
	assert_non_null(strstr(f->b.plane.said, "a domain of which no peer is"));
}

/* A connection to b's port from 127.0.0.source that says nothing. */
static int caller_make(uint8_t source)
{
	const struct contract_address own[2] = {loopback(source, 0)}, to = loopback(3, tls_port());
	int fd = dial_connect(own, &to);

	assert_true(fd >= 0);
	return fd;
}

static bool is_ended(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

static unsigned ended_count(const int *fds, unsigned count)
{
	unsigned ended = 0;

	for (unsigned i = 0; i < count; i++)
		ended += is_ended(fds[i]);
	return ended;
}

static void all_close(const int *fds, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		close(fds[i]);
}

static void a_source_that_says_nothing_has_few_connections(void **state)
{
	struct fixture *f = *state;
	int fds[STRANGERS_PER_SOURCE + 4];

	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	for (unsigned i = 0; i < STRANGERS_PER_SOURCE + 4; i++)
		fds[i] = caller_make(9);
	run_for_ms(f, 300);
	assert_int_equal(ended_count(fds, STRANGERS_PER_SOURCE), 0);
	assert_int_equal(ended_count(fds, STRANGERS_PER_SOURCE + 4), 4);
	all_close(fds, STRANGERS_PER_SOURCE + 4);
}

static void strangers_that_fill_the_port_do_not_keep_a_peer_out(void **state)
{
	struct fixture *f = *state;
	int fds[STRANGERS_MAX];

	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	for (unsigned i = 0; i < STRANGERS_MAX; i++)
		fds[i] = caller_make((uint8_t)(10 + i / STRANGERS_PER_SOURCE));
	run_for_ms(f, 300);
	assert_int_equal(ended_count(fds, STRANGERS_MAX), 0);
	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	assert_true(both_have(f, 1, 1));
	assert_true(is_ended(fds[0]));
	assert_int_equal(ended_count(fds, STRANGERS_MAX), 1);
	assert_non_null(strstr(f->b.plane.said, "from 127.0.0.10 ended before it was known whose "
						"it is: others came, and it was the oldest"));
	all_close(fds, STRANGERS_MAX);
}

static void bytes_that_drop_in_win_no_time(void **state)
{
	/* The head of a TLS record with room for a long ClientHello, and no end of it. */
	static const char record[] = {0x16, 3, 1, 0x20, 0, 1, 0, 0x1f, 0};
	struct fixture *f = *state;
	uint64_t begin_ms = clock_steady_ms(), passed_ms;
	int fd;

	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	fd = caller_make(9);
	for (unsigned i = 0; i < 80 && !is_ended(fd); i++) {
		if (send(fd, i < sizeof(record) ? &record[i] : "", 1, MSG_NOSIGNAL) != 1)
			break;
		run_for_ms(f, 250);
	}
	passed_ms = clock_steady_ms() - begin_ms;
	assert_in_range(passed_ms, 9000, 19000);
	assert_non_null(strstr(f->b.plane.said, "no TLS handshake in time"));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEERS_TEST(a_certificate_of_another_ca_is_refused),
		PEERS_TEST(a_certificate_of_another_domain_is_refused),
		PEERS_TEST(a_certificate_of_the_same_ca_for_another_name_is_refused_as_that),
		PEERS_TEST(who_says_a_domain_that_is_nobodys_is_refused_as_that),
		PEERS_TEST(a_source_that_says_nothing_has_few_connections),
		PEERS_TEST(strangers_that_fill_the_port_do_not_keep_a_peer_out),
		PEERS_TEST(bytes_that_drop_in_win_no_time),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
