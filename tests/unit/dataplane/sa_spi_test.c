/* SAs found by the SPI they send under, and by nothing less. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/bounds.h"
#include "dataplane/tables/sa_table.h"
#include "tests/unit/dataplane/esp_kit.h"

static struct sa_table *make(void)
{
	struct sa_table_config config = {.capacity = 512, .workers = 1};
	struct sa_table *table = NULL;

	assert_int_equal(sa_table_create(&config, &table), RESULT_OK);
	return table;
}

static struct sa_quote quote_of(const struct contract_sa *sa)
{
	bool is_in_udp = sa->mode == CONTRACT_UDP_TUNNEL || sa->mode == CONTRACT_UDP_TRANSPORT;
	struct sa_quote quote = {sa->outer_local, sa->outer_remote, sa->spi_out};

	if (!is_in_udp)
		quote.source.port = quote.destination.port = 0;
	return quote;
}

static uint32_t find(const struct sa_table *table, const struct sa_quote *quote)
{
	return sa_spi_find(&table->by_spi, table->info, quote);
}

static void every_kind_of_link_is_found_while_it_lives(void **state)
{
	struct sa_table *table = make();

	(void)state;
	for (size_t i = 0; i < kit_link_count; i++) {
		struct contract_sa sa;
		struct sa_quote quote, other;

		kit_sa(&kit_links[i], false, &sa);
		quote = quote_of(&sa);
		assert_int_equal(find(table, &quote), 0);
		assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
		assert_int_equal(find(table, &quote), sa.index);
		other = quote;
		other.spi ^= 1;
		assert_int_equal(find(table, &other), 0);
		other = quote;
		other.destination.bytes[3] ^= 1;
		assert_int_equal(find(table, &other), 0);
		other = quote;
		other.source.bytes[3] ^= 1;
		assert_int_equal(find(table, &other), 0);
		other = quote;
		other.destination.port++;
		assert_int_equal(find(table, &other), 0);
		assert_int_equal(sa_table_delete(table, sa.index, sa.generation), RESULT_OK);
		assert_int_equal(find(table, &quote), 0);
	}
	sa_table_destroy(table);
}

/* Terminals choose their SPIs: many may choose one. */
static void of_one_spi_each_is_found_up_to_a_bound_and_any_may_go(void **state)
{
	const uint32_t count = PATH_MTU_SAME_SPI + 20;
	struct sa_table *table = make();
	struct contract_sa sa;
	unsigned found = 0;

	(void)state;
	kit_sa(&kit_links[1], false, &sa);
	for (uint32_t i = 1; i <= count; i++) {
		sa.index = i;
		sa.outer_remote.bytes[15] = sa.inner_remote.bytes[15] = (uint8_t)(i + 1);
		sa.key_in[0] = sa.key_out[0] = (uint8_t)i;
		assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	}
	for (uint32_t i = 1; i <= count; i++) {
		struct sa_quote quote = quote_of(&sa);

		quote.destination.bytes[15] = (uint8_t)(i + 1);
		if (find(table, &quote) == i)
			found++;
		else
			assert_int_equal(find(table, &quote), 0);
	}
	assert_int_equal(found, PATH_MTU_SAME_SPI);
	for (uint32_t i = 1; i <= count; i += 2)
		assert_int_equal(sa_table_delete(table, i, sa.generation), RESULT_OK);
	for (uint32_t i = 1; i <= count; i++) {
		struct sa_quote quote = quote_of(&sa);

		quote.destination.bytes[15] = (uint8_t)(i + 1);
		assert_int_equal(find(table, &quote), i % 2 ? 0 : i);
	}
	sa_table_destroy(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_link_is_found_while_it_lives),
		cmocka_unit_test(of_one_spi_each_is_found_up_to_a_bound_and_any_may_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
