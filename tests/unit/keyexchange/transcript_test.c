#include "shared/keyexchange/transcript.h"

#include "tests/unit/shared/sip_check.h"
#include "tests/unit/keyexchange/vectors.h"

static void both_hashes_are_those_of_the_page(void **state)
{
	(void)state;
	struct vectors *v = vectors_create();
	struct slice message3 = vectors_message(v, "message-3-head", "message 3 body");
	struct slice want12 = vectors_value(v, "H12"), want123 = vectors_value(v, "H123");
	uint8_t h12[KDF_HASH_BYTES], h123[KDF_HASH_BYTES];

	assert_int_equal(
		transcript_h12(vectors_block(v, "message-1"), vectors_block(v, "message-2"), h12),
		RESULT_OK);
	assert_memory_equal(h12, want12.at, sizeof(h12));
	assert_int_equal(transcript_h123(h12, message3, h123), RESULT_OK);
	assert_memory_equal(h123, want123.at, sizeof(h123));
	vectors_destroy(v);
}

static void the_cookie_line_counts_wherever_it_stands(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"SIP/2.0 401 U\r\nSecurity-Cookie: abc\r\nA: b\r\n\r\n",
		"SIP/2.0 401 U\r\nA: b\r\nsecurity-COOKIE \t:abc\r\n\r\n",
		"SIP/2.0 401 U\r\nA: b\r\n\r\n",
	};
	uint8_t want[KDF_HASH_BYTES], got[KDF_HASH_BYTES];
	const struct slice plain[] = {SLICE("one"), SLICE("SIP/2.0 401 U\r\nA: b\r\n\r\n")};

	assert_int_equal(kdf_hash(plain, 2, want), RESULT_OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(transcript_h12(SLICE("one"), text_slice(rows[i]), got), RESULT_OK);
		assert_row(rows[i], memcmp(got, want, sizeof(got)) == 0);
	}
}

static void a_body_is_not_searched(void **state)
{
	(void)state;
	struct slice line;

	assert_int_equal(
		transcript_find_cookie_line(
			SLICE("SIP/2.0 401 U\r\nA: b\r\n\r\nSecurity-Cookie: a\r\n\r\n"), &line),
		RESULT_NOT_FOUND);
}

static void two_cookies_a_folded_one_or_no_end_are_refused(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"S\r\nSecurity-Cookie: a\r\nSecurity-Cookie: a\r\n\r\n",
		"S\r\nSecurity-Cookie: a\r\n b\r\n\r\n",
		"S\r\nSecurity-Cookie: a\r\n",
		"S\r\nSecurity-Cookie: a",
		"",
	};
	struct slice line;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i],
			   transcript_find_cookie_line(text_slice(rows[i]), &line) == RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_hashes_are_those_of_the_page),
		cmocka_unit_test(the_cookie_line_counts_wherever_it_stands),
		cmocka_unit_test(a_body_is_not_searched),
		cmocka_unit_test(two_cookies_a_folded_one_or_no_end_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
