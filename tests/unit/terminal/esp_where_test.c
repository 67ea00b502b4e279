/* Asking from where we are seen: what is asked, and what is an answer. */
#include "tests/unit/terminal/cmocka_setup.h"

#include <string.h>

#include "terminal/esp/where.h"

static const uint8_t cookie[WHERE_COOKIE_BYTES] = "cookie88";
static const uint8_t answer_ipv4[WHERE_BYTES] =
	"sekisho where\001cookie88\004\x9c\x40\xc6\x33\x64\x09";

static void the_question_is_as_long_as_its_answer(void **state)
{
	uint8_t question[WHERE_BYTES];
	struct sip_address seen;

	(void)state;
	where_ask(cookie, question);
	assert_memory_equal(question, "sekisho where\0cookie88\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
			    WHERE_BYTES);
	assert_false(where_take(question, sizeof(question), cookie, &seen));
}

static void an_answer_says_where_we_are(void **state)
{
	uint8_t ipv6[WHERE_BYTES] = "sekisho where\001cookie88\006\x11\x94\x20\x01";
	struct sip_address seen;

	(void)state;
	assert_true(where_take(answer_ipv4, sizeof(answer_ipv4), cookie, &seen));
	assert_int_equal(seen.family, 4);
	assert_int_equal(seen.port, 40000);
	assert_memory_equal(seen.bytes, "\xc6\x33\x64\x09\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_true(where_take(ipv6, sizeof(ipv6), cookie, &seen));
	assert_int_equal(seen.family, 6);
	assert_int_equal(seen.port, 4500);
	assert_int_equal(seen.bytes[1], 1);
}

static void what_is_bent_or_cut_is_no_answer(void **state)
{
	uint8_t content[WHERE_BYTES + 1] = {0};
	struct sip_address seen;

	(void)state;
	memcpy(content, answer_ipv4, sizeof(answer_ipv4));
	for (size_t len = 0; len <= sizeof(content); len++)
		assert_int_equal(where_take(content, len, cookie, &seen), len == WHERE_BYTES);
	/* Label, kind, cookie, family: all of it. */
	for (size_t i = 0; i < WHERE_LABEL_BYTES + 1 + WHERE_COOKIE_BYTES + 1; i++) {
		content[i] ^= 8;
		assert_false(where_take(content, WHERE_BYTES, cookie, &seen));
		content[i] ^= 8;
	}
	content[WHERE_BYTES - 18] = content[WHERE_BYTES - 17] = 0;
	assert_false(where_take(content, WHERE_BYTES, cookie, &seen)); /* no port */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_question_is_as_long_as_its_answer),
		cmocka_unit_test(an_answer_says_where_we_are),
		cmocka_unit_test(what_is_bent_or_cut_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
