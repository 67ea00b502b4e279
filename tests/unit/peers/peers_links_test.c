/* controlplane/peers/peers_links.c: who is let in, and why others are not. */
#include "tests/unit/peers/peers_kit.h"

#include <signal.h>
#include <string.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEERS_TEST(a_certificate_of_another_ca_is_refused),
		PEERS_TEST(a_certificate_of_another_domain_is_refused),
		PEERS_TEST(a_certificate_of_the_same_ca_for_another_name_is_refused_as_that),
		PEERS_TEST(who_says_a_domain_that_is_nobodys_is_refused_as_that),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
