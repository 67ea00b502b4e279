#include "shared/keyexchange/messages.h"

#include "tests/unit/shared/sip_check.h"

static void both_headers_go_and_come_back(void **state)
{
	(void)state;
	char text[128], decoded[64];
	struct writer w = writer_make(text, sizeof(text));
	struct slice data;

	scram_authorization_write(&w, SLICE("n,,n=user"));
	assert_slice(slice_make(text, w.len), "SCRAM-SHA-256 data=\"biwsbj11c2Vy\"");
	assert_int_equal(scram_data_parse(slice_make(text, w.len), decoded, sizeof(decoded), &data),
			 RESULT_OK);
	assert_slice(data, "n,,n=user");

	w = writer_make(text, sizeof(text));
	scram_challenge_write(&w, SLICE("abc.com"), SLICE("n,,n=user"));
	assert_slice(slice_make(text, w.len),
		     "SCRAM-SHA-256 realm=\"abc.com\",data=\"biwsbj11c2Vy\"");
	assert_int_equal(scram_data_parse(slice_make(text, w.len), decoded, sizeof(decoded), &data),
			 RESULT_OK);
	assert_slice(data, "n,,n=user");
}

static void other_spellings_are_understood(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"scram-sha-256 DATA=\"biwsbj11c2Vy\"",
		"SCRAM-SHA-256\t data = \"biwsbj11c2Vy\" , realm=\"a, data=b\"",
		"SCRAM-SHA-256 sid=1,data=biwsbj11c2Vy",
		"SCRAM-SHA-256 realm=\"a\\\"b\",\r\n data=\"biwsbj11c2Vy\"",
	};
	char decoded[64];
	struct slice data;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_row(rows[i], scram_data_parse(text_slice(rows[i]), decoded, sizeof(decoded),
						     &data) == RESULT_OK);
		assert_slice(data, "n,,n=user");
	}
}

static void malformed_headers_are_refused(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"",
		"SCRAM-SHA-256",
		"SCRAM-SHA-256 ",
		"Digest data=\"biwsbj11c2Vy\"",
		"SCRAM-SHA-256data=\"biwsbj11c2Vy\"",
		"SCRAM-SHA-256-PLUS data=\"biwsbj11c2Vy\"",
		"SCRAM-SHA-256 realm=\"abc.com\"",
		"SCRAM-SHA-256 data",
		"SCRAM-SHA-256 data=",
		"SCRAM-SHA-256 data=\"biwsbj11c2Vy",
		"SCRAM-SHA-256 data=\"biwsbj11c2V\"",
		"SCRAM-SHA-256 data=\"biws bj11c2Vy\"",
		"SCRAM-SHA-256 data=\"biwsbj11c2Vy\",",
		"SCRAM-SHA-256 ,data=\"biwsbj11c2Vy\"",
		"SCRAM-SHA-256 data=\"biwsbj11c2Vy\" data=\"biwsbj11c2Vy\"",
		"SCRAM-SHA-256 data=\"biwsbj11c2Vy\",data=\"biwsbj11c2Vy\"",
		"SCRAM-SHA-256 data=\"biwsbj11c2Vy\";x=y",
	};
	char decoded[64];
	struct slice data;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i], scram_data_parse(text_slice(rows[i]), decoded, sizeof(decoded),
						     &data) == RESULT_BAD);
	assert_int_equal(
		scram_data_parse(SLICE("SCRAM-SHA-256 data=\"biwsbj11c2Vy\""), decoded, 8, &data),
		RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_headers_go_and_come_back),
		cmocka_unit_test(other_spellings_are_understood),
		cmocka_unit_test(malformed_headers_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
