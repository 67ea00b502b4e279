#include "tests/unit/shared/sip_check.h"

#include "shared/sip/lines_scan.h"

/* Both scans of a copy of exactly these bytes give the same. */
static void assert_same(const char *at, size_t len)
{
	static struct sip_line plain_lines[LIMIT_SIP_HEADER_LINES];
	static struct sip_line vector_lines[LIMIT_SIP_HEADER_LINES];
	struct sip_lines plain, vector;
	char *copy = malloc(len == 0 ? 1 : len);

	assert_non_null(copy);
	memcpy(copy, at, len);
	sip_lines_scan_scalar(copy, len, plain_lines, &plain);
	sip_lines_scan_avx2(copy, len, vector_lines, &vector);
	free(copy);
	assert_int_equal(vector.start_line_len, plain.start_line_len);
	assert_int_equal(vector.count, plain.count);
	assert_int_equal(vector.body, plain.body);
	assert_int_equal(vector.has_end, plain.has_end);
	assert_int_equal(vector.has_bare, plain.has_bare);
	assert_int_equal(vector.has_too_many, plain.has_too_many);
	for (unsigned i = 0; i < plain.count; i++) {
		assert_int_equal(vector_lines[i].start, plain_lines[i].start);
		assert_int_equal(vector_lines[i].value, plain_lines[i].value);
		assert_int_equal(vector_lines[i].end, plain_lines[i].end);
		assert_int_equal(vector_lines[i].flags, plain_lines[i].flags);
	}
}

static void the_scalar_scan_says_the_same_of_any_bytes(void **state)
{
	static const char *const alphabets[] = {"\r\n: \tax", "\r\n\r\n\r\n:abcdefghijklmnop",
						"\r\nabcdefghijklmnopqrstuvwxyz0123456789: "};
	uint32_t random = 5;

	(void)state;
	for (unsigned round = 0; round < 60000; round++) {
		const char *alphabet = alphabets[round % COUNT(alphabets)];
		size_t len = round % 331, letters = strlen(alphabet);
		char text[331];

		for (size_t i = 0; i < len; i++) {
			random = random * 1664525 + 1013904223;
			text[i] = alphabet[(random >> 16) % letters];
		}
		assert_same(text, len);
	}
}

/* Whole line ends, folds and colons at every place around the edges of blocks. */
static void every_place_in_a_block_is_like_any_other(void **state)
{
	static const char *const pieces[] = {"\r\nA: b\r\n\r\n",      "\r\nA: b\r\n c\r\n\r\nbody",
					     "\r\nA\r: b\n\r\n\r\n",  "\r\nA: b\r\r\n\r\n\r",
					     "\r\nA: b\r\n \r\n\r\n", "\r\r\n\n\r\n\r\n"};

	(void)state;
	for (size_t i = 0; i < COUNT(pieces); i++) {
		for (size_t before = 0; before < 200; before++) {
			char text[256];

			memset(text, 'x', sizeof(text));
			memcpy(text + before, pieces[i], strlen(pieces[i]));
			for (size_t len = before; len < before + strlen(pieces[i]) + 3; len++)
				assert_same(text, len);
		}
	}
}

static void bounds_are_the_same(void **state)
{
	static char text[LIMIT_SIP_MESSAGE_BYTES];

	(void)state;
	for (size_t i = 0; i + 4 <= sizeof(text); i += 4)
		memcpy(text + i, "a:\r\n", 4);
	assert_same(text, sizeof(text));
	memset(text, ':', sizeof(text));
	assert_same(text, sizeof(text));
	memset(text, '\r', sizeof(text));
	assert_same(text, sizeof(text));
	memset(text, '\n', sizeof(text));
	assert_same(text, sizeof(text));
	memset(text, 'x', sizeof(text));
	memcpy(text, "s\r\nA:", 5);
	memcpy(text + sizeof(text) - 4, "\r\n\r\n", 4);
	assert_same(text, sizeof(text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_scalar_scan_says_the_same_of_any_bytes),
		cmocka_unit_test(every_place_in_a_block_is_like_any_other),
		cmocka_unit_test(bounds_are_the_same),
	};

	if (!__builtin_cpu_supports("avx2")) {
		print_message("no AVX2 on this machine\n");
		return 77; /* skipped, in Meson's words */
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
