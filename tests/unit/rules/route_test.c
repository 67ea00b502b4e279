#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/route.h"

static struct route read_route(const struct gateway_kit *kit, const char *lines, struct text *text)
{
	static struct sip_message message;
	struct route route;

	request_write(&(struct request_text){.more = lines}, text);
	assert_int_equal(sip_message_parse(text->bytes, text->length, &message), SIP_VERDICT_OK);
	route_read(&kit->tables, settings_view(&kit->settings), &message, &route);
	return route;
}

static void own_entries_on_top_are_counted_and_the_first_gives_the_token(void **state)
{
	struct gateway_kit *kit = *state;
	struct text text;
	struct route route = read_route(kit,
					"Route: \"us\" <sip:first@[2001:6789:0::5060]:5070;lr>, "
					"<sips:second@ABC.com;lr>\r\n"
					"Route: <sip:next@[2001:abcd::5060];lr>\r\n"
					"Route: <sip:third@abc.com;lr>\r\n",
					&text);

	assert_int_equal(route.own, 2);
	assert_int_equal(route.count, 4);
	assert_true(slice_is_equal(route.token, SLICE("first")));
	assert_int_equal(route.next.family, 6);
	assert_int_equal(route.next.bytes[3], 0xcd);
	assert_false(route.is_bad);
}

/* As nearly all requests in a dialog have it. */
static void own_entry_alone_gives_the_token_and_has_nothing_behind_it(void **state)
{
	static const struct {
		const char *lines;
		uint16_t own, count;
	} rows[] = {
		{"Route: <sip:tok-_en@[2001:6789::5060]:5060;lr>\r\n", 1, 1},
		{"Route: <sip:tok-_en@[2001:6789::5060]:5060;lr> \r\n", 1, 1},
		{"Route:  <sip:tok-_en@[2001:6789::5060]:5060;lr>, <sip:xyz.com;lr>\r\n", 1, 2},
		{"Route: <sip:tok-_en@[2001:6789::5060]:5060;lr>\r\n"
		 "Route: <sip:tok-_en@[2001:6789::5060]:5060;lr>\r\n",
		 2, 2},
	};
	struct gateway_kit *kit = *state;
	struct text text;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct route route = read_route(kit, rows[i].lines, &text);

		assert_int_equal(route.own, rows[i].own);
		assert_int_equal(route.count, rows[i].count);
		assert_true(slice_is_equal(route.token, SLICE("tok-_en")));
		assert_int_equal(route.next.family, 0);
		assert_false(route.is_bad | route.is_siblings);
	}
}

static void without_route_there_is_nothing(void **state)
{
	struct gateway_kit *kit = *state;
	struct text text;
	struct route route = read_route(kit, "", &text);

	assert_int_equal(route.count, 0);
	assert_int_equal(route.token.len, 0);
	assert_int_equal(route.next.family, 0);
}

static void name_or_other_scheme_stands_next_without_an_address(void **state)
{
	static const char *const lines[] = {
		"Route: <sip:xyz.com;lr>\r\n",
		"Route: <tel:+81312345678>\r\n",
		"Route: <sip:[2001:6789::5060>\r\n",
		"Route: ,\r\n",
		"Route: \r\n",
	};
	static const bool is_bad[] = {false, true, true, true, true};
	struct gateway_kit *kit = *state;
	struct text text;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct route route = read_route(kit, lines[i], &text);

		assert_int_equal(route.own, 0);
		assert_int_equal(route.next.family, 0);
		assert_int_equal(route.is_bad, is_bad[i]);
		assert_true(route.count > 0);
	}
}

static void own_host_is_an_address_or_domain_of_ours_only(void **state)
{
	static const struct {
		const char *host;
		bool is_own;
	} rows[] = {
		{"abc.com", true},   {"ABC.Com", true},	   {"[2001:6789::5060]", true},
		{"abc.com.", false}, {"a.abc.com", false}, {"[2001:6789::5061]", false},
		{"", false},	     {"192.0.2.1", false},
	};
	struct gateway_kit *kit = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(route_is_own_host(&kit->tables, settings_view(&kit->settings),
						   slice_make(rows[i].host, strlen(rows[i].host))),
				 rows[i].is_own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(own_entries_on_top_are_counted_and_the_first_gives_the_token),
		KIT_TEST(without_route_there_is_nothing),
		KIT_TEST(own_entry_alone_gives_the_token_and_has_nothing_behind_it),
		KIT_TEST(name_or_other_scheme_stands_next_without_an_address),
		KIT_TEST(own_host_is_an_address_or_domain_of_ours_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
