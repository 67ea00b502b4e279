#include "tests/unit/shared/sip_check.h"

#include "shared/limits.h"
#include "shared/sip/uri.h"

static enum result canonical(const char *text, char *buffer, size_t cap, struct slice *out)
{
	struct writer w = writer_make(buffer, cap);
	struct sip_uri uri;
	enum result result;

	if (sip_uri_parse(text_slice(text), &uri) != RESULT_OK)
		fail_msg("does not parse: %s", text);
	result = sip_uri_canonical_aor(&uri, &w);
	return result == RESULT_OK ? writer_finish(&w, out) : result;
}

static void all_spellings_of_an_identity_are_one(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"sip:user-a@abc.com", "user-a@abc.com"},
		{"SIP:user-a@ABC.com", "user-a@abc.com"},
		{"sips:user-a@abc.com", "user-a@abc.com"},
		{"sip:%75ser%2Da@abc.com", "user-a@abc.com"},
		{"sip:user-a@abc.com:5060", "user-a@abc.com"},
		{"sips:user-a@abc.com:5061", "user-a@abc.com"},
		{"sip:user-a@abc.com;transport=tcp;maddr=1.2.3.4?x=y", "user-a@abc.com"},
		{"sip:abc.com", "abc.com"},
		{"sip:u@[2001:DB8:0::1]", "u@[2001:db8::1]"},
		{"tel:+81-3-1234-5678", "tel:+81312345678"},
		{"TEL:+81.3(1234)5678", "tel:+81312345678"},
		{"tel:7042;phone-context=Example.COM", "tel:7042;phone-context=example.com"},
		{"tel:7042;isub=aB;phone-context=+1-914;ext=1.2",
		 "tel:7042;ext=12;isub=ab;phone-context=+1914"},
		{"urn:Service:SOS.fire", "urn:service:sos.fire"},
	};
	char buffer[LIMIT_AOR_BYTES];
	struct slice out;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_row(rows[i].text,
			   canonical(rows[i].text, buffer, sizeof(buffer), &out) == RESULT_OK);
		assert_slice(out, rows[i].want);
	}
}

static void another_identity_is_another_text(void **state)
{
	static const char *const rows[] = {
		"sip:user@abc.com",
		"sip:User@abc.com",
		"sip:user@abc.com.",
		"sip:user@abc.com:5061",
		"sips:user@abc.com:5060",
		"sip:user:@abc.com",
		"sip:user:p@abc.com",
		"sip:user%3Ap@abc.com",
		"sip:user%40abc.com@abc.com",
		"sip:abc.com",
		"sip:user%2540@abc.com",
		"sip:user%00@abc.com",
		"sip:user;x@abc.com",
		"sip:user%3bx@abc.com",
		"tel:7042",
		"tel:+7042",
		"tel:7042;phone-context=abc.com",
	};
	char buffers[COUNT(rows)][LIMIT_AOR_BYTES];
	struct slice out[COUNT(rows)];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(canonical(rows[i], buffers[i], sizeof(buffers[i]), &out[i]),
				 RESULT_OK);
		for (size_t j = 0; j < i; j++)
			assert_row(rows[i], !slice_is_equal(out[i], out[j]));
	}
}

static void canonical_text_is_its_own_canonical_text(void **state)
{
	static const char *const rows[] = {"sip:a%2fb%25%61#@ABC.com:77", "sip:%41:%3a@[::1]"};
	char first[64], second[64], text[80];
	struct slice a, b;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(canonical(rows[i], first, sizeof(first), &a), RESULT_OK);
		(void)snprintf(text, sizeof(text), "sip:%.*s", (int)a.len, a.at);
		assert_int_equal(canonical(text, second, sizeof(second), &b), RESULT_OK);
		assert_true(slice_is_equal(a, b));
	}
}

static void what_names_nobody_has_no_canonical_text(void **state)
{
	char buffer[64];
	struct slice out;

	(void)state;
	assert_int_equal(canonical("http://abc.com/", buffer, sizeof(buffer), &out), RESULT_BAD);
	assert_int_equal(canonical("tel:+", buffer, sizeof(buffer), &out), RESULT_BAD);
	assert_int_equal(canonical("tel:(-)", buffer, sizeof(buffer), &out), RESULT_BAD);
	assert_int_equal(canonical("tel:1;ext", buffer, sizeof(buffer), &out), RESULT_BAD);
	assert_int_equal(canonical("tel:1;ext=-", buffer, sizeof(buffer), &out), RESULT_BAD);
	assert_int_equal(canonical("tel:1;isub", buffer, sizeof(buffer), &out), RESULT_BAD);
	assert_int_equal(canonical("tel:1;phone-context", buffer, sizeof(buffer), &out),
			 RESULT_BAD);
}

static void too_long_an_identity_shows_in_the_writer(void **state)
{
	char buffer[8];
	struct slice out;

	(void)state;
	assert_int_equal(canonical("sip:user-a@abc.com", buffer, sizeof(buffer), &out),
			 RESULT_SPACE);
}

static void identity_in_room_of_its_size_is_refused_when_longer(void **state)
{
	char text[4 + LIMIT_AOR_BYTES + 2] = "sip:", room[LIMIT_AOR_BYTES];
	struct sip_uri uri;
	struct slice aor;

	(void)state;
	memset(text + 4, 'a', LIMIT_AOR_BYTES + 1);
	memcpy(text + LIMIT_AOR_BYTES - 4, "@abc.com", 8);
	assert_int_equal(sip_uri_parse(slice_make(text, LIMIT_AOR_BYTES + 4), &uri), RESULT_OK);
	assert_int_equal(sip_uri_aor(&uri, room, &aor), RESULT_OK);
	assert_true(aor.at == room);
	assert_true(slice_is_equal(aor, slice_make(text + 4, LIMIT_AOR_BYTES)));
	text[LIMIT_AOR_BYTES + 4] = 'm';
	assert_int_equal(sip_uri_parse(slice_make(text, LIMIT_AOR_BYTES + 5), &uri), RESULT_OK);
	assert_int_equal(sip_uri_aor(&uri, room, &aor), RESULT_SPACE);
	assert_int_equal(sip_uri_parse(SLICE("tel:+"), &uri), RESULT_OK);
	assert_int_equal(sip_uri_aor(&uri, room, &aor), RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_spellings_of_an_identity_are_one),
		cmocka_unit_test(another_identity_is_another_text),
		cmocka_unit_test(canonical_text_is_its_own_canonical_text),
		cmocka_unit_test(what_names_nobody_has_no_canonical_text),
		cmocka_unit_test(too_long_an_identity_shows_in_the_writer),
		cmocka_unit_test(identity_in_room_of_its_size_is_refused_when_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
