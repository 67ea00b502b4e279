#include "tests/unit/shared/sip_check.h"

#include "shared/sip/lines.h"

static struct sip_line lines[LIMIT_SIP_HEADER_LINES];

static struct sip_lines scanned(const char *at, size_t len)
{
	struct sip_lines out;
	char *copy = malloc(len == 0 ? 1 : len);

	assert_non_null(copy);
	memcpy(copy, at, len);
	sip_lines_scan(copy, len, lines, &out);
	free(copy);
	return out;
}

#define SCAN(literal) scanned((literal), sizeof(literal) - 1)

static void lines_are_found_with_their_colons(void **state)
{
	struct sip_lines found = SCAN("start\r\nA: b\r\nCd : e:f\r\n\r\nbody\r\nX: y\r\n");

	(void)state;
	assert_int_equal(found.start_line_len, 5);
	assert_int_equal(found.count, 2);
	assert_true(found.has_end);
	assert_false(found.has_bare);
	assert_int_equal(lines[0].start, 7);
	assert_int_equal(lines[0].value, 8);
	assert_int_equal(lines[0].end, 13);
	assert_int_equal(lines[1].start, 13);
	assert_int_equal(lines[1].value, 16);
	assert_int_equal(lines[1].end, 23);
	assert_int_equal(lines[1].flags, 0);
	assert_int_equal(found.body, 25);
}

static void a_fold_belongs_to_its_line(void **state)
{
	struct sip_lines found = SCAN("s\r\nA: b\r\n c\r\n\td\r\nE: f\r\n\r\n");

	(void)state;
	assert_int_equal(found.count, 2);
	assert_int_equal(lines[0].flags, SIP_LINE_FOLDED);
	assert_int_equal(lines[0].end, 17);
	assert_int_equal(lines[1].flags, 0);
}

static void a_body_that_starts_with_space_is_no_fold(void **state)
{
	struct sip_lines found = SCAN("s\r\nA: b\r\n\r\n body");

	(void)state;
	assert_true(found.has_end);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.body, 11);
}

static void a_bare_line_end_marks_its_line_and_ends_nothing(void **state)
{
	struct sip_lines found = SCAN("s\r\nA: b\nB: c\r\nC: d\rE: f\r\nG: h\r\n\r\n\n\r");

	(void)state;
	assert_true(found.has_bare);
	assert_int_equal(found.count, 3);
	assert_int_equal(lines[0].flags, SIP_LINE_BARE);
	assert_int_equal(lines[1].flags, SIP_LINE_BARE);
	assert_int_equal(lines[2].flags, 0);
	assert_true(SCAN("s\n\r\nA: b\r\n\r\n").has_bare);
	assert_true(SCAN("s\r\nA: b\r\r\n\r\n").has_bare);
	assert_true(SCAN("s\r\nA: b\r\n\n\r\n\r\n").has_bare);
	assert_false(SCAN("s\r\nA: b\r\n\r\n\n\r").has_bare);
}

static void a_message_without_empty_line_says_so(void **state)
{
	static const struct {
		const char *text;
		unsigned count;
	} rows[] = {
		{"", 0},
		{"s", 0},
		{"s\r\n", 0},
		{"s\r\nA", 0},
		{"s\r\nA: b", 0},
		{"s\r\nA: b\r", 0},
		{"s\r\nA: b\r\n", 1},
		{"s\r\nA: b\r\n\r", 1},
		{"s\r\nA: b\r\n c", 0},
		{"\r", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sip_lines found = scanned(rows[i].text, strlen(rows[i].text));

		assert_row(rows[i].text, !found.has_end);
		assert_row(rows[i].text, found.count == rows[i].count);
		assert_row(rows[i].text, found.body == strlen(rows[i].text));
	}
}

static void headers_may_be_none(void **state)
{
	struct sip_lines found = SCAN("s\r\n\r\n");

	(void)state;
	assert_true(found.has_end);
	assert_int_equal(found.count, 0);
	assert_int_equal(found.body, 5);
}

static void lines_beyond_the_bound_are_counted_out(void **state)
{
	char text[2000] = "s\r\n";
	struct sip_lines found;
	size_t len = 3;

	(void)state;
	for (unsigned i = 0; i < LIMIT_SIP_HEADER_LINES; i++, len += 5)
		memcpy(text + len, "A:b\r\n", 5);
	memcpy(text + len, "\r\n", 2);
	found = scanned(text, len + 2);
	assert_false(found.has_too_many);
	assert_int_equal(found.count, LIMIT_SIP_HEADER_LINES);
	memcpy(text + len, "A:b\r\n\r\n", 7);
	found = scanned(text, len + 7);
	assert_true(found.has_too_many);
	assert_true(found.has_end);
	assert_int_equal(found.count, LIMIT_SIP_HEADER_LINES);
}

static void offsets_reach_the_longest_message(void **state)
{
	char *text = malloc(LIMIT_SIP_MESSAGE_BYTES);
	struct sip_lines found;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', LIMIT_SIP_MESSAGE_BYTES);
	memcpy(text, "s\r\nA:", 5);
	memcpy(text + LIMIT_SIP_MESSAGE_BYTES - 4, "\r\n\r\n", 4);
	found = scanned(text, LIMIT_SIP_MESSAGE_BYTES);
	free(text);
	assert_true(found.has_end);
	assert_int_equal(lines[0].end, LIMIT_SIP_MESSAGE_BYTES - 2);
	assert_int_equal(found.body, LIMIT_SIP_MESSAGE_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_found_with_their_colons),
		cmocka_unit_test(a_fold_belongs_to_its_line),
		cmocka_unit_test(a_body_that_starts_with_space_is_no_fold),
		cmocka_unit_test(a_bare_line_end_marks_its_line_and_ends_nothing),
		cmocka_unit_test(a_message_without_empty_line_says_so),
		cmocka_unit_test(headers_may_be_none),
		cmocka_unit_test(lines_beyond_the_bound_are_counted_out),
		cmocka_unit_test(offsets_reach_the_longest_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
