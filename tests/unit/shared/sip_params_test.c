#include "tests/unit/shared/sip_check.h"

#include "shared/sip/params.h"

static void parameters_come_one_by_one(void **state)
{
	struct sip_params params =
		sip_params_begin(SLICE(" ;lr; a = b ;q=\"x;\\\"y\";\r\n h=[::1]:5"));
	struct sip_param param;

	(void)state;
	assert_int_equal(sip_params_next(&params, &param), RESULT_OK);
	assert_slice(param.name, "lr");
	assert_slice(param.value, "");
	assert_slice(param.text, "lr");
	assert_int_equal(sip_params_next(&params, &param), RESULT_OK);
	assert_slice(param.name, "a");
	assert_slice(param.value, "b");
	assert_slice(param.text, "a = b");
	assert_int_equal(sip_params_next(&params, &param), RESULT_OK);
	assert_slice(param.value, "\"x;\\\"y\"");
	assert_int_equal(sip_params_next(&params, &param), RESULT_OK);
	assert_slice(param.name, "h");
	assert_slice(param.value, "[::1]:5");
	assert_int_equal(sip_params_next(&params, &param), RESULT_NOT_FOUND);
	assert_int_equal(sip_params_next(&params, &param), RESULT_NOT_FOUND);
}

static void broken_grammar_is_told_from_the_end(void **state)
{
	static const char *const rows[] = {
		";",	  ";;a",    "; ;a",   "a=b",	    ";a=",  ";a= ",
		";a=;b",  ";=b",    ";a=\"b", ";a=\"b\\\"", ";a b", ";a=b c",
		";a=b,c", ";a=<b>", ";\"a\"", ";a=b\"c\"",  ";a/b",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sip_params params = sip_params_begin(text_slice(rows[i]));
		struct sip_param param;
		enum result result;

		do
			result = sip_params_next(&params, &param);
		while (result == RESULT_OK);
		assert_row(rows[i], result == RESULT_BAD);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_come_one_by_one),
		cmocka_unit_test(broken_grammar_is_told_from_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
