#include "shared/contract/port_spread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void each_way_has_words_of_its_own(void **state)
{
	(void)state;
	assert_string_equal(port_spread_text(CONTRACT_SPREAD_NOT_NEEDED), "one worker, one queue");
	assert_string_equal(port_spread_text(CONTRACT_SPREAD_NONE),
			    "no RSS, ownership handoff by ring");
	assert_string_equal(port_spread_text(CONTRACT_SPREAD_ADDRESSES),
			    "RSS on addresses and ports, ownership handoff by ring");
	assert_string_equal(port_spread_text(CONTRACT_SPREAD_SPI),
			    "RSS on the SPI, ownership handoff by ring");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_way_has_words_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
