#include "tests/unit/terminal/cmocka_setup.h"

#include <string.h>

#include "terminal/esp/probe.h"

static void a_question_is_answered_with_its_own_bytes(void **state)
{
	uint8_t content[PROBE_BYTES], answer[PROBE_BYTES];

	(void)state;
	memcpy(content, PROBE_LABEL, PROBE_LABEL_BYTES);
	content[PROBE_LABEL_BYTES] = 0;
	for (unsigned i = 0; i < PROBE_OPAQUE_BYTES; i++)
		content[PROBE_LABEL_BYTES + 1 + i] = (uint8_t)(i * 9 + 1);
	assert_true(probe_answer(content, sizeof(content), answer));
	assert_memory_equal(answer, content, PROBE_LABEL_BYTES);
	assert_int_equal(answer[PROBE_LABEL_BYTES], 1);
	assert_memory_equal(answer + PROBE_LABEL_BYTES + 1, content + PROBE_LABEL_BYTES + 1,
			    PROBE_OPAQUE_BYTES);
	/* An answer is not answered: two ends would never stop. */
	assert_false(probe_answer(answer, sizeof(answer), content));
}

static void a_question_about_a_path_may_be_of_any_length_and_its_answer_is_short(void **state)
{
	static const size_t lengths[] = {PROBE_BYTES, PROBE_BYTES + 1, 1400, 9000};
	static uint8_t content[9000];
	uint8_t answer[PROBE_BYTES];

	(void)state;
	memcpy(content, PROBE_LABEL, PROBE_LABEL_BYTES);
	memset(content + PROBE_LABEL_BYTES + 1, 0xa5, PROBE_OPAQUE_BYTES);
	for (size_t i = 0; i < 4; i++) {
		memset(answer, 0, sizeof(answer));
		assert_true(probe_answer(content, lengths[i], answer));
		assert_int_equal(answer[PROBE_LABEL_BYTES], 1);
		assert_memory_equal(answer + PROBE_LABEL_BYTES + 1, content + PROBE_LABEL_BYTES + 1,
				    PROBE_OPAQUE_BYTES);
	}
}

static void other_dummies_are_not(void **state)
{
	uint8_t content[PROBE_BYTES] = {0}, answer[PROBE_BYTES];

	(void)state;
	assert_false(probe_answer(content, PROBE_BYTES, answer));
	memcpy(content, PROBE_LABEL, PROBE_LABEL_BYTES);
	for (size_t len = 0; len <= sizeof(content); len++)
		assert_int_equal(probe_answer(content, len, answer), len == PROBE_BYTES);
	content[3] ^= 1;
	assert_false(probe_answer(content, PROBE_BYTES, answer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_is_answered_with_its_own_bytes),
		cmocka_unit_test(a_question_about_a_path_may_be_of_any_length_and_its_answer_is_short),
		cmocka_unit_test(other_dummies_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
