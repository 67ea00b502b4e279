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
		enum contract_spread way;
		uint64_t asked;
	} rows[] = {
		{0, 1, CONTRACT_SPREAD_NOT_NEEDED, 0},
		{RTE_ETH_RSS_ESP | RTE_ETH_RSS_IPV4, 1, CONTRACT_SPREAD_NOT_NEEDED, 0},
		{0, 2, CONTRACT_SPREAD_NONE, 0},
		{RTE_ETH_RSS_TCP, 2, CONTRACT_SPREAD_NONE, 0},
		{RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_TCP, 2, CONTRACT_SPREAD_ADDRESSES,
		 RTE_ETH_RSS_IPV4},
		{RTE_ETH_RSS_NONFRAG_IPV6_UDP, 4, CONTRACT_SPREAD_ADDRESSES,
		 RTE_ETH_RSS_NONFRAG_IPV6_UDP},
		{RTE_ETH_RSS_ESP, 2, CONTRACT_SPREAD_SPI, RTE_ETH_RSS_ESP},
		{RTE_ETH_RSS_ESP | RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_SCTP, 64, CONTRACT_SPREAD_SPI,
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_is_asked_for_the_most_it_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
