#include "tests/unit/shared/sip_check.h"

#include "shared/sip/name_addr.h"

static void names_uris_and_parameters_are_parted(void **state)
{
	static const struct {
		const char *text, *display, *uri, *params;
	} rows[] = {
		{"<sip:a@b>", "", "sip:a@b", ""},
		{" sip:a@b;tag=1 ", "", "sip:a@b", ";tag=1"},
		{"sip:a@b ; tag=1", "", "sip:a@b", " ; tag=1"},
		{"\"J \\\"<x>\\\\\" <sip:a@b;x=y>;q=1", "\"J \\\"<x>\\\\\"", "sip:a@b;x=y", ";q=1"},
		{"A B.C'D\r\n <sip:a@b>", "A B.C'D", "sip:a@b", ""},
		{"caller<sip:a@b>;tag=323", "caller", "sip:a@b", ";tag=323"},
		{"\xe6\xad\xa3 <sip:a@b>", "\xe6\xad\xa3", "sip:a@b", ""},
		{"\xff\xfe<sip:a@b>", "\xff\xfe", "sip:a@b", ""},
		{"<sip:a@b?x=y,z>", "", "sip:a@b?x=y,z", ""},
		{"tel:+81;phone-context=x", "", "tel:+81", ";phone-context=x"},
		{"<>", "", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sip_name_addr addr;

		assert_row(rows[i].text,
			   sip_name_addr_parse(text_slice(rows[i].text), &addr) == RESULT_OK);
		assert_slice(addr.display, rows[i].display);
		assert_slice(addr.uri, rows[i].uri);
		assert_slice(addr.params, rows[i].params);
	}
}

static void values_that_are_none_are_refused(void **state)
{
	static const char *const rows[] = {
		"",
		" ",
		";tag=1",
		"\"abc <sip:a@b>",
		"\"abc\"",
		"\"abc\" sip:a@b",
		"\"a\\\" <sip:a@b>",
		"<sip:a@b",
		"Bell, Al <sip:a@b>",
		"a\"b\" <sip:a@b>",
		"sip:a@b?x=y",
		"sip:a@b,sip:c@d",
		"(x) <sip:a@b>",
		"sip:a@b<",
		"sip:a@b>",
		"\"",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sip_name_addr addr;

		assert_row(rows[i], sip_name_addr_parse(text_slice(rows[i]), &addr) == RESULT_BAD);
	}
}

static void a_parameter_is_found_whatever_its_case(void **state)
{
	struct sip_name_addr addr;
	struct slice value;

	(void)state;
	assert_int_equal(
		sip_name_addr_parse(SLICE("<sip:a@b;q=9>;Expires=60;+SIP.instance=\"<u>\""), &addr),
		RESULT_OK);
	assert_int_equal(sip_name_addr_param(&addr, SLICE("expires"), &value), RESULT_OK);
	assert_slice(value, "60");
	assert_int_equal(sip_name_addr_param(&addr, SLICE("+sip.instance"), &value), RESULT_OK);
	assert_slice(value, "\"<u>\"");
	assert_int_equal(sip_name_addr_param(&addr, SLICE("q"), &value), RESULT_NOT_FOUND);
	assert_int_equal(sip_name_addr_parse(SLICE("<sip:a@b>;x=;q=1"), &addr), RESULT_OK);
	assert_int_equal(sip_name_addr_param(&addr, SLICE("q"), &value), RESULT_BAD);
}

static void a_party_has_a_uri_and_perhaps_a_tag(void **state)
{
	struct sip_party party;

	(void)state;
	assert_int_equal(sip_party_parse(SLICE("X <sip:u@h;x=1>;a=b; TAG = t1"), &party),
			 RESULT_OK);
	assert_slice(party.uri.user, "u");
	assert_slice(party.tag, "t1");
	assert_int_equal(sip_party_parse(SLICE("sip:u@h"), &party), RESULT_OK);
	assert_int_equal(party.tag.len, 0);
	assert_int_equal(sip_party_parse(SLICE("<sip:u@h;tag=no>"), &party), RESULT_OK);
	assert_int_equal(party.tag.len, 0);
}

static void a_party_that_reads_in_two_ways_is_refused(void **state)
{
	static const char *const rows[] = {
		"<sip:u@h>;tag=a;tag=b",
		"<sip:u@h>;tag",
		"<sip:u@h>;tag=",
		"<sip:u@h>,<sip:v@h>",
		"<sip:u@h>x",
		"<sip:u@h>;tag=a,<sip:v@h>",
		"< sip:u@h>",
		"<sip:u@h >",
		"<>",
		"*",
		"<sip:u@h>;;tag=a",
		"<u@h>",
		"<sip:u@h>;tag=a b",
		"<sip:a@b><sip:c@d>",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sip_party party;

		assert_row(rows[i], sip_party_parse(text_slice(rows[i]), &party) == RESULT_BAD);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_uris_and_parameters_are_parted),
		cmocka_unit_test(values_that_are_none_are_refused),
		cmocka_unit_test(a_parameter_is_found_whatever_its_case),
		cmocka_unit_test(a_party_has_a_uri_and_perhaps_a_tag),
		cmocka_unit_test(a_party_that_reads_in_two_ways_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
