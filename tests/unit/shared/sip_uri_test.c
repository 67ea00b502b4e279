#include "tests/unit/shared/sip_check.h"

#include "shared/sip/uri.h"

static struct sip_uri parsed(const char *text)
{
	struct sip_uri uri;

	if (sip_uri_parse(text_slice(text), &uri) != RESULT_OK)
		fail_msg("does not parse: %s", text);
	return uri;
}

static void all_parts_are_found(void **state)
{
	struct sip_uri uri = parsed("sips:al%20ice:se$ret@[2001:db8::1]:5071"
				    ";transport=tls;lr?to=bob%40x&h=");

	(void)state;
	assert_int_equal(uri.scheme, SIP_SCHEME_SIPS);
	assert_slice(uri.user, "al%20ice");
	assert_true(uri.has_password);
	assert_slice(uri.password, "se$ret");
	assert_slice(uri.host, "[2001:db8::1]");
	assert_int_equal(uri.port, 5071);
	assert_slice(uri.params, ";transport=tls;lr");
	assert_slice(uri.headers, "to=bob%40x&h=");
}

static void absent_parts_are_empty(void **state)
{
	struct sip_uri uri = parsed("sip:abc.com");

	(void)state;
	assert_int_equal(uri.user.len, 0);
	assert_false(uri.has_password);
	assert_int_equal(uri.port, 0);
	assert_int_equal(uri.params.len, 0);
	assert_int_equal(uri.headers.len, 0);
	assert_slice(uri.host, "abc.com");
}

static void a_user_part_may_look_like_parameters(void **state)
{
	struct sip_uri uri = parsed("sip:user;par=u%40example.net@example.com");

	(void)state;
	assert_slice(uri.user, "user;par=u%40example.net");
	assert_slice(uri.host, "example.com");
	assert_int_equal(uri.params.len, 0);
	assert_slice(parsed("sip:*21#@abc.com").user, "*21#");
}

static void schemes_are_told_apart_whatever_their_case(void **state)
{
	static const struct {
		const char *text;
		enum sip_scheme scheme;
	} rows[] = {
		{"SIP:a@b", SIP_SCHEME_SIP},
		{"sIpS:a@b", SIP_SCHEME_SIPS},
		{"TEL:+81-3-1234", SIP_SCHEME_TEL},
		{"urn:service:sos", SIP_SCHEME_URN},
		{"http://example.com/", SIP_SCHEME_OTHER},
		{"sipx:a@b", SIP_SCHEME_OTHER},
		{"soap.beep://192.0.2.103:3002", SIP_SCHEME_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(parsed(rows[i].text).scheme, rows[i].scheme);
}

static void what_breaks_the_grammar_is_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"sip",
		"sip:",
		":",
		"sip:@abc.com",
		"sip:a@",
		"sip:a@b:",
		"sip:a@b:0",
		"sip:a@b:65536",
		"sip:a@b:5060x",
		"sip:a@b;",
		"sip:a@b;;x",
		"sip:a@b;=x",
		"sip:a@b;x=",
		"sip:a@b?",
		"sip:a@b?x",
		"sip:a@b?=x",
		"sip:a@b?x=1&",
		"sip:a@b?x=1?&",
		"sip:a b@c",
		"sip:a@b c",
		"sip:a@b\r\n",
		"sip:a%@b",
		"sip:a%4@b",
		"sip:a%4g@b",
		"sip:a@b;x=%",
		"sip:a@b;x=%2",
		"sip:a@b?x=%f",
		"sip:%",
		"sip:a@b%",
		"sip:a:%@b",
		"sip:a@[::1",
		"sip:a@[::g]",
		"sip:a@::1",
		"sip:a@b@c",
		"sip:<a@b>",
		"sip:a\"@b",
		"1sip:a@b",
		"s_p:a@b",
		" sip:a@b",
		"sip :a@b",
		"tel:",
		"tel:;x=1",
		"tel:12x",
		"tel:1;",
		"http:",
		"http://a b",
		"http://%4",
		"urn:\"",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sip_uri uri;

		assert_row(rows[i], sip_uri_parse(text_slice(rows[i]), &uri) == RESULT_BAD);
	}
}

/* Every prefix of a URI, at the end of its own memory: total, and no byte beyond is read. */
static void every_truncation_is_total(void **state)
{
	static const char whole[] = "sip:al%20:%41@[2001:db8::1]:5060;x=%41;y?a=%42&b=";
	unsigned parsed_count = 0;

	(void)state;
	for (size_t len = 0; len < sizeof(whole); len++) {
		char *copy = malloc(len == 0 ? 1 : len);
		struct sip_uri uri;

		assert_non_null(copy);
		memcpy(copy, whole, len);
		parsed_count += sip_uri_parse(slice_make(copy, len), &uri) == RESULT_OK;
		free(copy);
	}
	assert_true(parsed_count > 0);
}

static void parameters_are_found_by_name(void **state)
{
	struct sip_uri uri = parsed("sip:a@b;lr;Transport=TCP;x=1");
	struct slice value;

	(void)state;
	assert_true(sip_uri_param(&uri, SLICE("lr"), &value));
	assert_int_equal(value.len, 0);
	assert_true(sip_uri_param(&uri, SLICE("transport"), &value));
	assert_slice(value, "TCP");
	assert_true(sip_uri_param(&uri, SLICE("x"), &value));
	assert_slice(value, "1");
	assert_false(sip_uri_param(&uri, SLICE("l"), &value));
	assert_false(sip_uri_param(&uri, SLICE("TCP"), &value));
	uri = parsed("sip:a@b");
	assert_false(sip_uri_param(&uri, SLICE("lr"), &value));
}

static void an_anonymous_caller_is_known_by_the_host(void **state)
{
	struct sip_uri uri = parsed("sip:anonymous@Anonymous.INVALID");

	(void)state;
	assert_true(sip_uri_is_anonymous(&uri));
	uri = parsed("sip:anonymous@abc.com");
	assert_false(sip_uri_is_anonymous(&uri));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_parts_are_found),
		cmocka_unit_test(absent_parts_are_empty),
		cmocka_unit_test(a_user_part_may_look_like_parameters),
		cmocka_unit_test(schemes_are_told_apart_whatever_their_case),
		cmocka_unit_test(what_breaks_the_grammar_is_refused),
		cmocka_unit_test(every_truncation_is_total),
		cmocka_unit_test(parameters_are_found_by_name),
		cmocka_unit_test(an_anonymous_caller_is_known_by_the_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
