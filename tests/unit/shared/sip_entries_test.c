#include "tests/unit/shared/sip_request.h"

#include "shared/sip/entries.h"

static struct sip_message message;

static void assert_entries(const char *text, enum sip_header header, const char *const *want)
{
	struct sip_entries entries;
	struct sip_entry entry;
	unsigned count = 0;

	request_parse(text, &message);
	entries = sip_entries_begin(&message, header);
	for (; want[count] != NULL; count++) {
		assert_true(sip_entries_next(&entries, &entry));
		assert_slice(entry.text, want[count]);
		assert_ptr_equal(message.base + entry.start, entry.text.at);
		assert_int_equal(entry.end - entry.start, entry.text.len);
	}
	assert_false(sip_entries_next(&entries, &entry));
	assert_false(sip_entries_next(&entries, &entry));
	assert_int_equal(sip_entries_count(&message, header), count);
}

static void a_list_equals_lines(void **state)
{
	static const char *const want[] = {"<sip:a;lr>", "<sip:b;lr>", "<sip:c>", "<sip:d>", NULL};

	(void)state;
	assert_entries(REQUEST("Route: <sip:a;lr> ,\r\n <sip:b;lr>\r\nX: <sip:no>\r\n"
			       "ROUTE:<sip:c>\r\nRoute\t: <sip:d>\r\n"),
		       SIP_HEADER_ROUTE, want);
}

static void commas_in_quotes_and_brackets_part_nothing(void **state)
{
	static const char *const want[] = {"\"a,\\\",b\" <sip:a@b?x=1,2>;q=\",\"", "sip:c", NULL};

	(void)state;
	assert_entries(REQUEST("Contact: \"a,\\\",b\" <sip:a@b?x=1,2>;q=\",\",sip:c\r\n"),
		       SIP_HEADER_CONTACT, want);
}

static void what_never_closes_runs_to_the_lines_end(void **state)
{
	static const char *const quote[] = {"\"a, <sip:b>", "<sip:c>", NULL};
	static const char *const angle[] = {"<sip:a, <sip:b", "<sip:c>", NULL};

	(void)state;
	assert_entries(REQUEST("Route: \"a, <sip:b>\r\nRoute: <sip:c>\r\n"), SIP_HEADER_ROUTE,
		       quote);
	assert_entries(REQUEST("Route: <sip:a, <sip:b\r\nRoute: <sip:c>\r\n"), SIP_HEADER_ROUTE,
		       angle);
}

static void empty_entries_are_entries(void **state)
{
	static const char *const want[] = {"", "a", "", "", "b", "", "", NULL};

	(void)state;
	assert_entries(REQUEST("Route: ,a, ,\r\n ,b,\r\nRoute:\r\n"), SIP_HEADER_ROUTE, want);
}

static void an_absent_header_has_none(void **state)
{
	static const char *const want[] = {NULL};

	(void)state;
	assert_entries(REQUEST(""), SIP_HEADER_ROUTE, want);
}

static void an_entry_says_where_it_stands_in_its_line(void **state)
{
	struct sip_entries entries;
	struct sip_entry entry;

	(void)state;
	request_parse(REQUEST("Route: a , b\r\nRoute: c\r\n"), &message);
	entries = sip_entries_begin(&message, SIP_HEADER_ROUTE);
	assert_true(sip_entries_next(&entries, &entry));
	assert_true(entry.is_first);
	assert_false(entry.is_last);
	assert_int_equal(entry.line, 1);
	assert_memory_equal(message.base + entry.next, "b", 1);
	assert_true(sip_entries_next(&entries, &entry));
	assert_false(entry.is_first);
	assert_true(entry.is_last);
	assert_int_equal(entry.next, entry.end);
	assert_true(sip_entries_next(&entries, &entry));
	assert_true(entry.is_first);
	assert_true(entry.is_last);
	assert_int_equal(entry.line, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_equals_lines),
		cmocka_unit_test(commas_in_quotes_and_brackets_part_nothing),
		cmocka_unit_test(what_never_closes_runs_to_the_lines_end),
		cmocka_unit_test(empty_entries_are_entries),
		cmocka_unit_test(an_absent_header_has_none),
		cmocka_unit_test(an_entry_says_where_it_stands_in_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
