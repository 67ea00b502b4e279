#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/rate_limit.h"
#include "tests/unit/dataplane_process/plane_kit.h"

static struct rate_limit *make(size_t sources)
{
	struct rate_limit *limit;

	assert_int_equal(rate_limit_create(sources, 10, 20, 0x1234567, &limit), RESULT_OK);
	return limit;
}

static unsigned take(struct rate_limit *limit, const char *source, unsigned tries, uint64_t now_ms)
{
	struct contract_address address = plane_address(source, 5060);
	unsigned taken = 0;

	for (unsigned i = 0; i < tries; i++)
		taken += rate_limit_take(limit, &address, now_ms);
	return taken;
}

static void a_source_may_send_a_burst_and_then_its_rate(void **state)
{
	struct rate_limit *limit = make(64);

	(void)state;
	assert_int_equal(take(limit, "192.0.2.1", 100, 5000), 20);
	assert_int_equal(take(limit, "192.0.2.1", 100, 5050), 0);
	assert_int_equal(take(limit, "192.0.2.1", 100, 5100), 1);
	assert_int_equal(take(limit, "192.0.2.1", 100, 6100), 10);
	assert_int_equal(take(limit, "192.0.2.1", 100, 100000), 20);
	rate_limit_destroy(limit);
}

static void sources_do_not_share(void **state)
{
	struct rate_limit *limit = make(64);

	(void)state;
	assert_int_equal(take(limit, "192.0.2.1", 100, 1), 20);
	assert_int_equal(take(limit, "192.0.2.2", 100, 1), 20);
	assert_int_equal(take(limit, "2001:db8::1", 100, 1), 20);
	rate_limit_destroy(limit);
}

static void no_ipv4_address_is_the_twin_of_an_ipv6_network(void **state)
{
	struct rate_limit *limit = make(64);
	char ipv4[16], ipv6[16];

	(void)state;
	for (unsigned differ = 0; differ < 8; differ++) {
		snprintf(ipv4, sizeof(ipv4), "%u.1.13.184", 0x20 + differ);
		assert_int_equal(take(limit, ipv4, 100, 1), 20);
	}
	for (unsigned differ = 0; differ < 8; differ++) {
		snprintf(ipv6, sizeof(ipv6), "%x01:db8::1", 0x20 + differ);
		assert_int_equal(take(limit, ipv6, 100, 1), 20);
	}
	rate_limit_destroy(limit);
}

static void the_addresses_of_one_prefix_do(void **state)
{
	struct rate_limit *limit = make(64);

	(void)state;
	assert_int_equal(take(limit, "2001:db8::1", 15, 1), 15);
	assert_int_equal(take(limit, "2001:db8::ffff:1", 15, 1), 5);
	assert_int_equal(take(limit, "2001:db8:0:1::1", 15, 1), 15);
	rate_limit_destroy(limit);
}

static void time_that_goes_back_gives_nothing(void **state)
{
	struct rate_limit *limit = make(64);

	(void)state;
	assert_int_equal(take(limit, "192.0.2.1", 100, 5000), 20);
	assert_int_equal(take(limit, "192.0.2.1", 100, 10), 0);
	rate_limit_destroy(limit);
}

/* More sources than the table has places: it serves them all, and forgets those it saw longest ago.
 */
static void many_sources_cost_no_more_memory(void **state)
{
	struct rate_limit *limit = make(8);
	char source[32];

	(void)state;
	for (unsigned i = 0; i < 10000; i++) {
		snprintf(source, sizeof(source), "10.0.%u.%u", i / 250, i % 250);
		assert_int_equal(take(limit, source, 1, i), 1);
	}
	rate_limit_destroy(limit);
}

static void senseless_sizes_are_refused(void **state)
{
	struct rate_limit *limit;

	(void)state;
	assert_int_equal(rate_limit_create(7, 1, 1, 1, &limit), RESULT_BAD);
	assert_int_equal(rate_limit_create(4, 1, 1, 1, &limit), RESULT_BAD);
	assert_int_equal(rate_limit_create(8, 0, 1, 1, &limit), RESULT_BAD);
	assert_int_equal(rate_limit_create(8, 1, 0, 1, &limit), RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_source_may_send_a_burst_and_then_its_rate),
		cmocka_unit_test(sources_do_not_share),
		cmocka_unit_test(no_ipv4_address_is_the_twin_of_an_ipv6_network),
		cmocka_unit_test(the_addresses_of_one_prefix_do),
		cmocka_unit_test(time_that_goes_back_gives_nothing),
		cmocka_unit_test(many_sources_cost_no_more_memory),
		cmocka_unit_test(senseless_sizes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
