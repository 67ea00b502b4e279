#include "controlplane/keyexchange/gateway_share.h"

#include "tests/unit/shared/sip_check.h"

static const uint64_t start = 1700000000000;

static void a_share_serves_ten_seconds_and_is_found_as_long_as_a_cookie_lives(void **state)
{
	(void)state;
	struct gateway_shares *s;
	const struct x25519 *first, *again, *next;
	uint32_t epoch, epoch_again, epoch_next;

	assert_int_equal(gateway_shares_create(60000, random_system(), &s), RESULT_OK);
	assert_int_equal(gateway_shares_now(s, start, &epoch, &first), RESULT_OK);
	assert_int_equal(gateway_shares_now(s, start + 9999, &epoch_again, &again), RESULT_OK);
	assert_int_equal(epoch, epoch_again);
	assert_ptr_equal(first, again);
	assert_int_equal(gateway_shares_now(s, start + 10000, &epoch_next, &next), RESULT_OK);
	assert_int_not_equal(epoch_next, epoch);
	assert_memory_not_equal(x25519_share(first), x25519_share(next), X25519_SHARE_BYTES);
	gateway_shares_expire(s, start + 70000);
	assert_int_equal(gateway_shares_find(s, epoch, &again), RESULT_OK);
	assert_ptr_equal(again, first);
	gateway_shares_expire(s, start + 70001);
	assert_int_equal(gateway_shares_find(s, epoch, &again), RESULT_STALE);
	assert_int_equal(gateway_shares_find(s, epoch_next, &again), RESULT_OK);
	assert_int_equal(gateway_shares_find(s, epoch_next + 1, &again), RESULT_STALE);
	gateway_shares_destroy(s);
}

static void in_a_busy_minute_every_share_a_cookie_names_is_there(void **state)
{
	(void)state;
	struct gateway_shares *s;
	const struct x25519 *own;
	uint32_t epochs[7];

	assert_int_equal(gateway_shares_create(60000, random_system(), &s), RESULT_OK);
	for (unsigned n = 0; n < 7; n++)
		assert_int_equal(gateway_shares_now(s, start + n * 10000, &epochs[n], &own),
				 RESULT_OK);
	for (unsigned n = 0; n < 7; n++)
		assert_int_equal(gateway_shares_find(s, epochs[n], &own), RESULT_OK);
	gateway_shares_destroy(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_share_serves_ten_seconds_and_is_found_as_long_as_a_cookie_lives),
		cmocka_unit_test(in_a_busy_minute_every_share_a_cookie_names_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
