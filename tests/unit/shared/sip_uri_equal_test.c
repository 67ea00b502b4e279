#include "tests/unit/shared/sip_check.h"

#include "shared/sip/uri.h"

static bool is_equal(const char *a, const char *b)
{
	struct sip_uri x, y;
	bool there, back;

	if (sip_uri_parse(text_slice(a), &x) != RESULT_OK ||
	    sip_uri_parse(text_slice(b), &y) != RESULT_OK)
		fail_msg("does not parse: %s or %s", a, b);
	there = sip_uri_is_equal(&x, &y);
	back = sip_uri_is_equal(&y, &x);
	assert_int_equal(there, back);
	return there;
}

/* The examples of RFC 3261 19.1.4 among them. */
static void equal_uris_are_equal_both_ways(void **state)
{
	static const char *const rows[][2] = {
		{"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;security=on"},
		{"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
		 "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"},
		{"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
		 "sip:alice@atlanta.com?priority=urgent&subject=project%20x"},
		{"sip:a@[2001:db8:0::1]", "sip:a@[2001:DB8::1]"},
		{"tel:+81-3-1234", "TEL:+8131234"},
		{"http://a/", "http://a/"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i][0], is_equal(rows[i][0], rows[i][1]));
}

static void different_uris_are_not_equal(void **state)
{
	static const char *const rows[][2] = {
		{"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"},
		{"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"},
		{"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"},
		{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"},
		{"sip:a@b", "sips:a@b"},
		{"sip:a@b", "sip:a:@b"},
		{"sip:a@b;maddr=c", "sip:a@b"},
		{"sip:a@b;user=phone", "sip:a@b"},
		{"sip:a@b?x=1&x=1", "sip:a@b?x=1"},
		{"sip:a@b?x=Y", "sip:a@b?x=y"},
		{"sip:a@b", "sip:b"},
		{"http://a/", "http://A/"},
		{"tel:1", "sip:1"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i][0], !is_equal(rows[i][0], rows[i][1]));
}

/* RFC 3261's own counter-example: equality is not transitive. */
static void a_parameter_in_only_one_is_ignored(void **state)
{
	(void)state;
	assert_true(is_equal("sip:carol@chicago.com;security=on", "sip:carol@chicago.com"));
	assert_true(is_equal("sip:carol@chicago.com", "sip:carol@chicago.com;security=off"));
}

static void more_parameters_than_the_bound_are_never_equal(void **state)
{
	char text[512] = "sip:a@b";

	(void)state;
	for (unsigned i = 0; i < SIP_URI_COMPARED_MAX; i++) {
		char param[8];

		(void)snprintf(param, sizeof(param), ";p%u", i);
		strcat(text, param);
	}
	assert_true(is_equal(text, text));
	strcat(text, ";q");
	assert_false(is_equal(text, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_uris_are_equal_both_ways),
		cmocka_unit_test(different_uris_are_not_equal),
		cmocka_unit_test(a_parameter_in_only_one_is_ignored),
		cmocka_unit_test(more_parameters_than_the_bound_are_never_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
