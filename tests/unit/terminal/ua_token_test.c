#include "tests/unit/terminal/cmocka_setup.h"

#include "shared/sip/chars.h"
#include "terminal/ua/state.h"

static void tokens_are_tokens_and_none_comes_twice(void **state)
{
	static char tokens[1000][UA_TOKEN_CHARS];

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		struct slice token = ua_token(tokens[i]);

		assert_int_equal(token.len, UA_TOKEN_CHARS);
		assert_ptr_equal(sip_chars_skip(token.at, token.at + token.len, SIP_CHAR_TOKEN),
				 token.at + token.len);
		for (unsigned k = 0; k < i; k++)
			assert_memory_not_equal(tokens[k], tokens[i], UA_TOKEN_CHARS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_are_tokens_and_none_comes_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
