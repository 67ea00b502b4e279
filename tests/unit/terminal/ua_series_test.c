#include "tests/unit/terminal/cmocka_setup.h"

#include <string.h>

#include "terminal/ua/series.h"

/* A series from text: entries newest first, separated by spaces. */
static struct sip_route_security series_of(const char *text)
{
	struct sip_route_security series = {0};

	while (*text) {
		size_t len = strcspn(text, " ");

		sip_route_security_entry_parse(slice_make(text, len),
					       &series.entries[series.count++]);
		text += len + (text[len] == ' ');
	}
	return series;
}

static struct series_link link_of(const char *own, const char *gateway, uint8_t level)
{
	struct series_link link = {.level = level};

	assert_int_equal(sip_address_parse(slice_make(own, strlen(own)), &link.own), RESULT_OK);
	assert_int_equal(sip_address_parse(slice_make(gateway, strlen(gateway)), &link.gateway),
			 RESULT_OK);
	link.own.port = 5060;
	link.gateway.port = 5060;
	return link;
}

#define T1 "[2001:1234::10]"
#define GA "[2001:6789::5060]"
#define GB "[2001:abcd::5060]"

static void requests_are_judged_by_the_table(void **state)
{
	static const struct {
		const char *series;
		enum series_fault chain, series_trust; /* under trust chain and series, minimum 2 */
	} table[] = {
		{GB ";level=3 " GA ";level=3 " T1 ";level=3", SERIES_FAULT_NONE, SERIES_FAULT_NONE},
		{GB ";level=3", SERIES_FAULT_NONE, SERIES_FAULT_NONE},
		{"", SERIES_FAULT_MISSING, SERIES_FAULT_MISSING},
		{GA ";level=3 " T1 ";level=3", SERIES_FAULT_GATEWAY, SERIES_FAULT_GATEWAY},
		{GB ";level=2 " GA ";level=3", SERIES_FAULT_GATEWAY, SERIES_FAULT_GATEWAY},
		{GB " " GA ";level=3", SERIES_FAULT_GATEWAY, SERIES_FAULT_GATEWAY},
		{"gwb.xyz.com;level=3", SERIES_FAULT_GATEWAY, SERIES_FAULT_GATEWAY},
		{GB ";level=3 " GA ";level=3 " T1, SERIES_FAULT_NONE, SERIES_FAULT_GAP},
		{GB ";level=3 " GA ";level=1 " T1 ";level=3", SERIES_FAULT_NONE,
		 SERIES_FAULT_LEVEL},
		{GB ";level=3 " GA ";level=2 " T1 ";level=3", SERIES_FAULT_NONE, SERIES_FAULT_NONE},
		{GB ";level=3 " GA ";level=3;x=1 " T1 ";level=3", SERIES_FAULT_NONE,
		 SERIES_FAULT_MALFORMED},
	};
	const struct series_link link = link_of("2001:cdef::10", "2001:abcd::5060", 3);

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct series_policy chain = {SERIES_TRUST_CHAIN, 2};
		const struct series_policy whole = {SERIES_TRUST_SERIES, 2};
		struct sip_route_security series = series_of(table[i].series);

		assert_int_equal(series_judge_request(&chain, &link, &series).fault,
				 table[i].chain);
		assert_int_equal(series_judge_request(&whole, &link, &series).fault,
				 table[i].series_trust);
	}
}

static void responses_are_judged_by_the_table(void **state)
{
	static const struct {
		const char *series;
		unsigned status;
		bool is_invite;
		enum series_fault chain, series_trust;
	} table[] = {
		{GB ";level=3 " GA ";level=3 " T1 ";level=3", 200, true, SERIES_FAULT_NONE,
		 SERIES_FAULT_NONE},
		/* our own entry last, as sent */
		{GB ";level=3 " GA ";level=3", 200, true, SERIES_FAULT_OWN, SERIES_FAULT_OWN},
		{GA ";level=3 " T1 ";level=2", 486, true, SERIES_FAULT_OWN, SERIES_FAULT_OWN},
		{"", 200, true, SERIES_FAULT_OWN, SERIES_FAULT_OWN},
		{"", 404, true, SERIES_FAULT_OWN, SERIES_FAULT_OWN},
		/* the gateway's own answers */
		{T1 ";level=3", 404, true, SERIES_FAULT_NONE, SERIES_FAULT_NONE},
		{T1 ";level=3", 200, false, SERIES_FAULT_NONE, SERIES_FAULT_NONE},
		{T1 ";level=3", 200, true, SERIES_FAULT_MISSING, SERIES_FAULT_MISSING},
		{"", 502, true, SERIES_FAULT_NONE, SERIES_FAULT_NONE},
		{"", 100, true, SERIES_FAULT_NONE, SERIES_FAULT_NONE},
		/* another node where the gateway belongs */
		{GB ";level=3 " T1 ";level=3", 200, true, SERIES_FAULT_GATEWAY,
		 SERIES_FAULT_GATEWAY},
		{"gwa;level=3 " T1 ";level=3", 200, true, SERIES_FAULT_GATEWAY,
		 SERIES_FAULT_GATEWAY},
		/* the gateway's annotation of our own hop */
		{GB ";level=3 " GA ";level=3 " T1 " " T1 ";level=3", 200, true, SERIES_FAULT_GAP,
		 SERIES_FAULT_GAP},
		/* the gateway's own hop unconfirmed, then one further on */
		{GA " " T1 ";level=3", 200, true, SERIES_FAULT_GAP, SERIES_FAULT_GAP},
		{GB " " GA ";level=3 " T1 ";level=3", 200, true, SERIES_FAULT_NONE,
		 SERIES_FAULT_GAP},
		{GB ";level=0 " GA ";level=3 " T1 ";level=3", 180, true, SERIES_FAULT_NONE,
		 SERIES_FAULT_LEVEL},
	};
	const struct series_link link = link_of("2001:1234::10", "2001:6789::5060", 3);
	const struct sip_route_security sent = series_of(T1 ";level=3");

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct series_policy chain = {SERIES_TRUST_CHAIN, 2};
		const struct series_policy whole = {SERIES_TRUST_SERIES, 2};
		struct sip_route_security series = series_of(table[i].series);

		assert_int_equal(series_judge_response(&chain, &link, &sent, &series,
						       table[i].status, table[i].is_invite)
					 .fault,
				 table[i].chain);
		assert_int_equal(series_judge_response(&whole, &link, &sent, &series,
						       table[i].status, table[i].is_invite)
					 .fault,
				 table[i].series_trust);
	}
}

static void more_entries_than_may_be_are_never_right(void **state)
{
	const struct series_link link = link_of("2001:cdef::10", "2001:abcd::5060", 3);
	const struct series_policy chain = {SERIES_TRUST_CHAIN, 0};
	struct sip_route_security series = {0};

	(void)state;
	for (unsigned i = 0; i < LIMIT_ROUTE_SECURITY_ENTRIES; i++)
		sip_route_security_entry_parse(SLICE(GB ";level=3"), &series.entries[i]);
	series.count = LIMIT_ROUTE_SECURITY_ENTRIES + 1;
	assert_int_equal(series_judge_request(&chain, &link, &series).fault,
			 SERIES_FAULT_MALFORMED);
	assert_int_equal(series_judge_response(&chain, &link, &series, &series, 200, true).fault,
			 SERIES_FAULT_OWN);
}

static void picture_shows_who_where_level_and_gap(void **state)
{
	struct sip_route_security series =
		series_of(GB ";level=3 10.0.0.1;level=1 " GA " " T1 ";level=3");
	char picture[512];
	struct writer w = writer_make(picture, sizeof(picture));

	(void)state;
	series_draw(&series, SLICE("user-a@abc.com"), SLICE("user-b@xyz.com"), &w);
	assert_true(slice_is_equal(slice_make(w.at, w.len),
				   SLICE("user-a@abc.com [2001:1234::10] ==3==> "
					 "[2001:6789::5060] --?--> 10.0.0.1 --1--> "
					 "[2001:abcd::5060] ==3==> user-b@xyz.com")));
}

static void every_fault_has_a_sentence_that_names_the_entry(void **state)
{
	struct sip_route_security series = series_of(GB ";level=3 " GA ";level=1");

	(void)state;
	for (unsigned fault = 0; fault < SERIES_FAULT_COUNT; fault++) {
		struct series_finding finding = {(enum series_fault)fault, 1};
		char sentence[256];
		struct writer w = writer_make(sentence, sizeof(sentence) - 1);

		series_finding_write(&finding, &series, &w);
		sentence[w.len] = 0;
		assert_true(w.len > 10);
		assert_int_equal(strlen(sentence), w.len);
		if (fault == SERIES_FAULT_LEVEL)
			assert_string_equal(sentence, "a level below our minimum: " GA ";level=1");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_judged_by_the_table),
		cmocka_unit_test(responses_are_judged_by_the_table),
		cmocka_unit_test(more_entries_than_may_be_are_never_right),
		cmocka_unit_test(picture_shows_who_where_level_and_gap),
		cmocka_unit_test(every_fault_has_a_sentence_that_names_the_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
