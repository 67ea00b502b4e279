#include "tests/unit/shared/sip_check.h"

#include "shared/sip/line_ends.h"

static struct sip_line_ends found, wide;

/* Byte by byte; 0 if it is not so plain. */
static unsigned ends_count(const char *at, size_t len, uint16_t ends[])
{
	unsigned count = 0;

	for (size_t i = 0; i < len; i++) {
		bool is_cr = at[i] == '\r', is_lf = at[i] == '\n';

		if (is_cr && (i + 1 == len || at[i + 1] != '\n'))
			return 0;
		if (!is_lf)
			continue;
		if (i == 0 || at[i - 1] != '\r')
			return 0;
		ends[count++] = (uint16_t)i;
		if (count > SIP_LINE_ENDS_MAX)
			return 0;
		if (count > 1 && ends[count - 1] - ends[count - 2] == 2)
			return count;
	}
	return 0;
}

/* Are all ends found CRLFs, and all there are: what who calls the wide one makes certain of? */
static bool are_whole(const char *at, const struct sip_line_ends *ends)
{
	for (unsigned i = 0; i < ends->count; i++)
		if (!sip_line_end_is_whole(at, &ends->at[i]))
			return false;
	return true;
}

static bool are_same(const struct sip_line_ends *read, const uint16_t ends[], unsigned count)
{
	bool is_same = read->count == count;

	for (unsigned i = 0; i < count && is_same; i++)
		is_same = read->at[i].lf == ends[i] && read->at[i].cr == ends[i] - 1;
	return is_same;
}

static bool is_control(char c)
{
	return (unsigned char)c <= '\r';
}

/*
 * Has the wide way a reason to leave it: a control character, many line ends in few bytes, or a
 * line of one character, by which it takes the head for ended?
 */
static bool is_left(const char *at, size_t len)
{
	unsigned in_block = 0;

	for (size_t i = 0; i < len; i++) {
		in_block = i % SIP_BLOCK_BYTES == 0 ? 0 : in_block;
		in_block += is_control(at[i]);
		if (in_block > 16 || (is_control(at[i]) && at[i] != '\r' && at[i] != '\n') ||
		    (i >= 3 && at[i] == '\r' && is_control(at[i - 3]) && !is_control(at[i - 1])))
			return true;
	}
	return false;
}

/* In memory of exactly this size. */
static void assert_same(const char *at, size_t len)
{
	static uint16_t ends[LIMIT_SIP_MESSAGE_BYTES];
	unsigned count = ends_count(at, len, ends);
	char *copy = malloc(len == 0 ? 1 : len);

	assert_non_null(copy);
	memcpy(copy, at, len);
	assert_int_equal(sip_line_ends_find(copy, len, &found), count != 0);
	if (count != 0)
		assert_true(are_same(&found, ends, count));
	if (sip_vector_is_wide()) {
		bool is_found = sip_line_ends_find_wide(copy, len, &wide) && are_whole(copy, &wide);

		assert_true(!is_found || are_same(&wide, ends, count));
		assert_true(is_found || count == 0 || is_left(at, len));
	}
	free(copy);
}

static void any_bytes_are_read_as_they_are_one_by_one(void **state)
{
	static const char *const alphabets[] = {"\r\nabcdefgh", "\r\n", "\r\n\tabcdefghijkl",
						"\r\nabcdefghijklmnopqrstuvwxyz"};
	uint32_t random = 5;

	(void)state;
	for (unsigned round = 0; round < 60000; round++) {
		const char *alphabet = alphabets[round % COUNT(alphabets)];
		size_t len = round % 331, letters = strlen(alphabet);
		char text[331];

		for (size_t i = 0; i < len; i++) {
			random = random * 1664525 + 1013904223;
			text[i] = alphabet[(random >> 16) % letters];
			/* Mostly whole line ends. */
			if (i > 0 && text[i - 1] == '\r' && (random & 0x700) != 0)
				text[i] = '\n';
			else if (text[i] == '\n' && (random & 0x700) != 0)
				text[i] = 'x';
		}
		assert_same(text, len);
	}
}

static void every_place_in_a_block_is_like_any_other(void **state)
{
	static const char *const pieces[] = {"\r\n\r\n", "\r\n\r\n\r", "\r\nx\n\r\n\r\n",
					     "\r\nx\r\r\n\r\n", "\r\nab\r\n\r\nbody\rx"};

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

static void there_are_no_more_than_there_may_be(void **state)
{
	static char text[LIMIT_SIP_MESSAGE_BYTES];

	(void)state;
	for (unsigned lines = 200; lines < 300; lines++) {
		for (unsigned wide_by = 1; wide_by < 40; wide_by += 19) {
			size_t len = 0;

			for (unsigned i = 0; i < lines; i++) {
				memset(text + len, 'x', wide_by);
				memcpy(text + len + wide_by, "\r\n", 2);
				len += wide_by + 2;
			}
			memcpy(text + len, "\r\n", 2);
			assert_same(text, len + 2);
			assert_same(text, len);
		}
	}
	for (size_t i = 0; i + 2 <= sizeof(text); i += 2)
		memcpy(text + i, "\r\n", 2);
	assert_same(text, sizeof(text));
	memset(text, 'x', sizeof(text));
	memcpy(text + sizeof(text) - 4, "\r\n\r\n", 4);
	assert_same(text, sizeof(text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_bytes_are_read_as_they_are_one_by_one),
		cmocka_unit_test(every_place_in_a_block_is_like_any_other),
		cmocka_unit_test(there_are_no_more_than_there_may_be),
	};

	if (!sip_vector_is_there()) {
		print_message("no vectors on this machine\n");
		return 77; /* skipped, in Meson's words */
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
