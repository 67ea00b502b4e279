#include "controlplane/aor.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

static void spellings_become_one(void **state)
{
	static const char *const row[][2] = {
		{"user-a@abc.com", "user-a@abc.com"},
		{"sip:user-a@ABC.COM", "user-a@abc.com"},
		{"sips:user-a@abc.com:5061", "user-a@abc.com"},
		{"user%2Da@abc.com;transport=tcp", "user-a@abc.com"},
		{"a@[2001:DB8:0::1]", "a@[2001:db8::1]"},
		{"tel:+81-3-1234", "tel:+8131234"},
	};
	char out[LIMIT_AOR_BYTES + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		assert_int_equal(aor_canonical(row[i][0], out), RESULT_OK);
		assert_string_equal(out, row[i][1]);
	}
}

static void what_names_nobody_is_refused(void **state)
{
	static const char *const bad[] = {"",	     "abc.com",	     "@abc.com", "sip:abc.com",
					  "a b@c.d", "mailto:a@b.c", "a@",	 "a@b\r\nc"};
	char out[LIMIT_AOR_BYTES + 1], many[2000];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(aor_canonical(bad[i], out), RESULT_BAD);
	memset(many, 'u', sizeof(many));
	strcpy(many + 300, "@abc.com");
	assert_int_equal(aor_canonical(many, out), RESULT_SPACE);
	memset(many, 'u', sizeof(many));
	strcpy(many + 1900, "@abc.com");
	assert_int_equal(aor_canonical(many, out), RESULT_SPACE);
}

static void a_subscriber_has_one_id_however_it_is_spelled(void **state)
{
	static const char *const row[][2] = {
		{"user-a@abc.com", "user-a@abc.com"},
		{"user-%61@ABC.com", "user-a@abc.com"},
		{"carol", "carol"}, /* no AOR: as it is */
		{"Carol", "Carol"},
		{"a b@c.d", "a b@c.d"},
	};
	char out[LIMIT_AOR_BYTES + 1], many[LIMIT_AOR_BYTES + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		assert_int_equal(aor_subscriber(slice_make(row[i][0], strlen(row[i][0])), out),
				 RESULT_OK);
		assert_string_equal(out, row[i][1]);
	}
	memset(many, 'u', sizeof(many));
	assert_int_equal(aor_subscriber(slice_make(many, LIMIT_AOR_BYTES), out), RESULT_OK);
	assert_int_equal(strlen(out), LIMIT_AOR_BYTES);
	assert_int_equal(aor_subscriber(slice_make(many, sizeof(many)), out), RESULT_NOT_FOUND);
	assert_int_equal(aor_subscriber(slice_make("a\0b", 3), out), RESULT_NOT_FOUND);
}

static void domain_is_the_host_alone(void **state)
{
	(void)state;
	assert_true(slice_is_equal(aor_domain(SLICE("a@abc.com")), SLICE("abc.com")));
	assert_true(slice_is_equal(aor_domain(SLICE("a@abc.com:5070")), SLICE("abc.com")));
	assert_true(slice_is_equal(aor_domain(SLICE("a@[2001:db8::1]")), SLICE("[2001:db8::1]")));
	assert_int_equal(aor_domain(SLICE("tel:+8131234")).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spellings_become_one),
		cmocka_unit_test(what_names_nobody_is_refused),
		cmocka_unit_test(a_subscriber_has_one_id_however_it_is_spelled),
		cmocka_unit_test(domain_is_the_host_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
