#include "controlplane/keyexchange/verify_limit.h"

#include "controlplane/keyexchange/attach_rate.h"
#include "tests/unit/shared/sip_check.h"

#define NOW_MS UINT64_C(1700000000000)

static struct sip_address address(const char *text)
{
	struct sip_address out;

	assert_int_equal(sip_address_parse_port(text_slice(text), &out), RESULT_OK);
	return out;
}

static void so_many_are_verified_in_a_second_and_no_more(void **state)
{
	(void)state;
	const struct sip_address source = address("[2001:1234::10]:5060");
	struct verify_limit *limit;

	assert_int_equal(verify_limit_create(0, 1, &limit), RESULT_BAD);
	assert_int_equal(verify_limit_create(3, 1, &limit), RESULT_OK);
	for (unsigned second = 0; second < 3; second++) {
		for (unsigned n = 0; n < 3; n++)
			assert_true(verify_limit_take(limit, &source, NOW_MS + second * 1000));
		assert_false(verify_limit_take(limit, &source, NOW_MS + second * 1000 + 999));
	}
	/* a clock set back stops nobody */
	assert_true(verify_limit_take(limit, &source, NOW_MS - 60000));
	verify_limit_destroy(limit);
}

static void fail_often(struct verify_limit *limit, const struct sip_address *source)
{
	for (unsigned n = 0; n < ATTACH_RATE_BURST; n++) {
		assert_true(verify_limit_take(limit, source, NOW_MS));
		verify_limit_failed(limit, source, NOW_MS);
	}
	assert_false(verify_limit_take(limit, source, NOW_MS));
}

static void a_source_that_fails_waits_and_nobody_else(void **state)
{
	(void)state;
	const struct sip_address bad = address("[2001:1234::10]:5060");
	const struct sip_address neighbour = address("[2001:1234::11]:5061");
	const struct sip_address other = address("[2001:1234:0:1::10]:5060");
	struct verify_limit *limit;

	assert_int_equal(verify_limit_create(1000, 1, &limit), RESULT_OK);
	fail_often(limit, &bad);
	assert_false(verify_limit_take(limit, &neighbour, NOW_MS)); /* of the same /64 */
	assert_true(verify_limit_take(limit, &other, NOW_MS));
	assert_true(verify_limit_take(limit, &bad, NOW_MS + ATTACH_RATE_INTERVAL_MS));
	verify_limit_destroy(limit);
}

static void ipv4_sources_are_single_addresses(void **state)
{
	(void)state;
	const struct sip_address bad = address("192.0.2.1:5060"), other = address("192.0.2.2:5060");
	struct verify_limit *limit;

	assert_int_equal(verify_limit_create(1000, 1, &limit), RESULT_OK);
	fail_often(limit, &bad);
	assert_true(verify_limit_take(limit, &other, NOW_MS));
	verify_limit_destroy(limit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_are_verified_in_a_second_and_no_more),
		cmocka_unit_test(a_source_that_fails_waits_and_nobody_else),
		cmocka_unit_test(ipv4_sources_are_single_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
