/* Socket addresses and ours are the same both ways. */
#include "tests/unit/terminal/cmocka_setup.h"

#include <arpa/inet.h>
#include <string.h>

#include "terminal/link/endpoint.h"

static void an_address_survives_the_way_there_and_back(void **state)
{
	static const char *const texts[] = {"192.0.2.7", "2001:db8::7"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct sip_address address, back;
		union endpoint endpoint;
		socklen_t len;

		assert_int_equal(
			sip_address_parse(slice_make(texts[i], strlen(texts[i])), &address),
			RESULT_OK);
		len = endpoint_make(&address, 4500, &endpoint);
		assert_int_equal(len, i ? sizeof(endpoint.ipv6) : sizeof(endpoint.ipv4));
		back = endpoint_address(&endpoint);
		assert_true(sip_address_is_same_host(&address, &back));
		assert_int_equal(back.port, 4500);
		assert_int_equal(ntohs(endpoint.ipv4.sin_port), 4500);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_survives_the_way_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
