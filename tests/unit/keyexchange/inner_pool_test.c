#include "controlplane/keyexchange/inner_pool.h"

#include <string.h>

#include "tests/unit/shared/sip_check.h"

static struct inner_prefix prefix(const char *text, uint8_t bits)
{
	struct inner_prefix out = {.bits = bits};

	assert_int_equal(sip_address_parse(text_slice(text), &out.address), RESULT_OK);
	return out;
}

static struct inner_pool *make(struct inner_prefix a, struct inner_prefix b, uint32_t places)
{
	const struct inner_prefix prefixes[2] = {a, b};
	struct inner_pool *pool = NULL;

	assert_int_equal(inner_pool_create(prefixes, places, &pool), RESULT_OK);
	return pool;
}

static const struct inner_prefix none;

static void each_address_is_given_once_while_it_is_held(void **state)
{
	struct inner_pool *pool = make(prefix("10.1.2.77", 29), prefix("fd00::", 64), 100);
	struct sip_address given[6], more;

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(inner_pool_find(pool, 4, &given[i]), RESULT_OK);
		assert_int_equal(given[i].family, 4);
		assert_int_equal(given[i].port, 0);
		/* 10.1.2.72/29: neither .72 nor .79 */
		assert_memory_equal(given[i].bytes, ((uint8_t[]){10, 1, 2, (uint8_t)(73 + i)}), 4);
		inner_pool_hold(pool, &given[i]);
	}
	assert_int_equal(inner_pool_find(pool, 4, &more), RESULT_SPACE);
	/* A rekey holds it a second time; it is free when both are gone. */
	inner_pool_hold(pool, &given[3]);
	inner_pool_release(pool, &given[3]);
	assert_int_equal(inner_pool_find(pool, 4, &more), RESULT_SPACE);
	inner_pool_release(pool, &given[3]);
	assert_int_equal(inner_pool_find(pool, 4, &more), RESULT_OK);
	assert_true(sip_address_is_same_host(&more, &given[3]));
	inner_pool_destroy(pool);
}

static void what_was_just_freed_comes_last(void **state)
{
	struct inner_pool *pool = make(prefix("fd00:1::", 64), none, 3);
	struct sip_address first, second;

	(void)state;
	assert_int_equal(inner_pool_find(pool, 6, &first), RESULT_OK);
	inner_pool_hold(pool, &first);
	inner_pool_release(pool, &first);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(inner_pool_find(pool, 6, &second), RESULT_OK);
		assert_false(sip_address_is_same_host(&first, &second));
	}
	assert_int_equal(inner_pool_find(pool, 6, &second), RESULT_OK);
	assert_true(sip_address_is_same_host(&first, &second));
	inner_pool_destroy(pool);
}

static void foreign_addresses_and_families_are_nobodys_business(void **state)
{
	static const char *const foreign[] = {"10.1.3.1", "10.1.2.0", "10.1.2.255", "192.0.2.1",
					      "fd00:1::1", "2001:db8::1"};
	struct inner_pool *pool = make(prefix("10.1.2.0", 24), none, 1000);
	struct sip_address out;

	(void)state;
	for (size_t i = 0; i < COUNT(foreign); i++) {
		struct inner_prefix address = prefix(foreign[i], 0);

		inner_pool_hold(pool, &address.address);
		inner_pool_release(pool, &address.address);
	}
	for (unsigned i = 0; i < 254; i++) {
		assert_int_equal(inner_pool_find(pool, 4, &out), RESULT_OK);
		inner_pool_hold(pool, &out);
	}
	assert_int_equal(inner_pool_find(pool, 4, &out), RESULT_SPACE);
	assert_int_equal(inner_pool_find(pool, 6, &out), RESULT_SPACE);
	assert_int_equal(inner_pool_find(pool, 0, &out), RESULT_SPACE);
	inner_pool_destroy(pool);
	assert_int_equal(inner_pool_find(NULL, 4, &out), RESULT_SPACE);
	inner_pool_hold(NULL, &out);
	inner_pool_release(NULL, &out);
	inner_pool_destroy(NULL);
}

static void prefixes_that_cannot_be_are_refused(void **state)
{
	const struct inner_prefix rows[][2] = {
		{prefix("10.0.0.0", 31), none},
		{prefix("10.0.0.0", 8), prefix("10.1.0.0", 16)},
		{prefix("fd00::", 127), none},
		{prefix("fd00::", 64), prefix("10.0.0.0", 32)},
	};
	struct inner_pool *pool = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(inner_pool_create(rows[i], 10, &pool), RESULT_BAD);
	assert_int_equal(inner_pool_create(rows[0], 0, &pool), RESULT_BAD);
}

/* No more memory than there may be SAs, however large the network. */
static void a_large_network_gives_out_as_many_as_there_are_places(void **state)
{
	struct inner_pool *pool = make(prefix("fd00:1::ffff", 32), prefix("10.0.0.0", 8), 5);
	struct sip_address out;

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(inner_pool_find(pool, 6, &out), RESULT_OK);
		assert_int_equal(out.bytes[15], i + 1);
		assert_int_equal(out.bytes[14], 0);
		inner_pool_hold(pool, &out);
	}
	assert_int_equal(inner_pool_find(pool, 6, &out), RESULT_SPACE);
	inner_pool_destroy(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_address_is_given_once_while_it_is_held),
		cmocka_unit_test(what_was_just_freed_comes_last),
		cmocka_unit_test(foreign_addresses_and_families_are_nobodys_business),
		cmocka_unit_test(prefixes_that_cannot_be_are_refused),
		cmocka_unit_test(a_large_network_gives_out_as_many_as_there_are_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
