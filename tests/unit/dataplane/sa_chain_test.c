/* Chains of SAs: what is in them is found by its key, what has left them is not. */
#include "dataplane/tables/sa_chain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dataplane/tables/sa_info.h"

#define COUNT 200u

static bool is_in(const struct sa_chain *chain, const struct sa_info *info, uint32_t index,
		  uint32_t key)
{
	uint32_t at = sa_chain_first(chain, key);

	for (unsigned i = 0; at != 0; i++, at = info[at].next_in[chain->of]) {
		assert_true(i < COUNT);
		if (at == index)
			return true;
	}
	return false;
}

/* Keys of their own, some, and one that all have. */
static uint32_t key_of(uint32_t index, bool is_same)
{
	return is_same ? 7 : index * 3;
}

static void what_is_in_a_chain_is_found_until_it_leaves_it(void **state)
{
	(void)state;
	for (unsigned is_same = 0; is_same < 2; is_same++) {
		struct sa_info *info = calloc(COUNT, sizeof(*info));
		struct sa_chain chain;

		assert_non_null(info);
		assert_int_equal(sa_chain_create(64, 5, SA_CHAIN_SPI, &chain), RESULT_OK);
		assert_int_equal(sa_chain_first(&chain, 7), 0);
		for (uint32_t i = 1; i < COUNT; i++)
			sa_chain_add(&chain, info, i, key_of(i, is_same));
		for (uint32_t i = 1; i < COUNT; i += 2)
			sa_chain_remove(&chain, info, i, key_of(i, is_same));
		sa_chain_remove(&chain, info, 1, key_of(1, is_same)); /* at no harm */
		for (uint32_t i = 1; i < COUNT; i++)
			assert_int_equal(is_in(&chain, info, i, key_of(i, is_same)), i % 2 == 0);
		sa_chain_destroy(&chain);
		free(info);
	}
}

static void the_last_one_is_the_first_found_and_chains_do_not_meet(void **state)
{
	struct sa_info info[4] = {0};
	struct sa_chain by_spi, by_outer;

	(void)state;
	assert_int_equal(sa_chain_create(4, 1, SA_CHAIN_SPI, &by_spi), RESULT_OK);
	assert_int_equal(sa_chain_create(4, 2, SA_CHAIN_OUTER, &by_outer), RESULT_OK);
	for (uint32_t i = 1; i < 4; i++)
		sa_chain_add(&by_spi, info, i, 9);
	for (uint32_t i = 3; i > 0; i--)
		sa_chain_add(&by_outer, info, i, 9);
	assert_int_equal(sa_chain_first(&by_spi, 9), 3);
	assert_int_equal(sa_chain_first(&by_outer, 9), 1);
	sa_chain_remove(&by_spi, info, 2, 9);
	assert_int_equal(info[3].next_in[SA_CHAIN_SPI], 1);
	assert_int_equal(info[1].next_in[SA_CHAIN_OUTER], 2);
	sa_chain_destroy(&by_spi);
	sa_chain_destroy(&by_outer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_a_chain_is_found_until_it_leaves_it),
		cmocka_unit_test(the_last_one_is_the_first_found_and_chains_do_not_meet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
