/* What is asked of a device, by what it says it can. */
#include "dataplane/io/spread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_device_is_asked_for_the_most_it_can(void **state)
{
	static const struct {
		uint64_t offered;
		uint16_t queues;
		enum spread_way way;
		uint64_t asked;
	} rows[] = {
		{0, 1, SPREAD_NOT_NEEDED, 0},
		{RTE_ETH_RSS_ESP | RTE_ETH_RSS_IPV4, 1, SPREAD_NOT_NEEDED, 0},
		{0, 2, SPREAD_NONE, 0},
		{RTE_ETH_RSS_TCP, 2, SPREAD_NONE, 0},
		{RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_TCP, 2, SPREAD_ADDRESSES, RTE_ETH_RSS_IPV4},
		{RTE_ETH_RSS_NONFRAG_IPV6_UDP, 4, SPREAD_ADDRESSES, RTE_ETH_RSS_NONFRAG_IPV6_UDP},
		{RTE_ETH_RSS_ESP, 2, SPREAD_SPI, RTE_ETH_RSS_ESP},
		{RTE_ETH_RSS_ESP | RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_SCTP, 64, SPREAD_SPI,
		 RTE_ETH_RSS_ESP | RTE_ETH_RSS_IPV6},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct rte_eth_dev_info info = {.flow_type_rss_offloads = rows[i].offered};
		struct spread spread = spread_choose(&info, rows[i].queues);

		assert_int_equal(spread.way, rows[i].way);
		assert_int_equal(spread.hash_fields, rows[i].asked);
	}
}

static void each_way_has_words_of_its_own(void **state)
{
	(void)state;
	assert_string_equal(spread_text(SPREAD_NOT_NEEDED), "one worker, one queue");
	assert_string_equal(spread_text(SPREAD_NONE), "no RSS, ownership handoff by ring");
	assert_string_equal(spread_text(SPREAD_ADDRESSES),
			    "RSS on addresses and ports, ownership handoff by ring");
	assert_string_equal(spread_text(SPREAD_SPI), "RSS on the SPI, ownership handoff by ring");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_is_asked_for_the_most_it_can),
		cmocka_unit_test(each_way_has_words_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
