/* Names of local clients, and what they are outside. */
#include "tests/unit/terminal/phone_bench.h"

#include "terminal/ua/naming.h"

static struct sip_uri uri(const char *text)
{
	struct sip_uri out;

	assert_int_equal(sip_uri_parse(slice_make(text, strlen(text)), &out), RESULT_OK);
	return out;
}

static void only_our_name_in_any_spelling_leaves(void **state)
{
	static const struct {
		const char *from, *leaves; /* NULL: refused */
	} cases[] = {
		{"sip:user-a@abc.com", "sip:user-a@abc.com"},
		{"sip:user%2Da@ABC.com", "sip:user-a@abc.com"},
		{"sips:user-a@abc.com", "sip:user-a@abc.com"},
		{"sip:user-a@127.0.0.1:5070", "sip:user-a@abc.com"},
		{"sip:user-a@[::1]", "sip:user-a@abc.com"},
		{"sip:user-a@localhost", "sip:user-a@abc.com"},
		{"sip:anonymous@anonymous.invalid", "sip:anonymous@anonymous.invalid"},
		{"sip:user-b@abc.com", NULL},
		{"sip:user-b@127.0.0.1", NULL},
		{"sip:user-a@xyz.com", NULL},
		{"sip:user-a@192.0.2.1", NULL},
		{"sip:127.0.0.1", NULL},
		{"tel:+81312345678", NULL},
	};
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sip_uri from = uri(cases[i].from);
		struct slice out;

		assert_int_equal(naming_from(bench.ua, &from, &out), cases[i].leaves != NULL);
		if (cases[i].leaves)
			assert_true(slice_is_equal(
				out, slice_make(cases[i].leaves, strlen(cases[i].leaves))));
	}
	bench_end(&bench);
}

static void the_loopback_stands_for_our_domain(void **state)
{
	static const struct {
		const char *to, *leaves;
	} cases[] = {
		{"sip:user-b@xyz.com", "sip:user-b@xyz.com"},
		{"sip:user-b@xyz.com;transport=tcp", "sip:user-b@xyz.com;transport=tcp"},
		{"sip:user-c@127.0.0.1:5060", "sip:user-c@abc.com"},
		{"sip:user-c@[::1]:5060;transport=udp", "sip:user-c@abc.com"},
		{"tel:+81312345678", "tel:+81312345678"},
		{"urn:service:sos", "urn:service:sos"},
		{"sip:127.0.0.1", NULL},
		{"sip:user-b@xyz.com?Subject=x", NULL},
		{"mailto:user-b@xyz.com", NULL},
	};
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sip_uri to = uri(cases[i].to);
		char text[256];
		struct writer w = writer_make(text, sizeof(text));

		assert_int_equal(naming_to(bench.ua, &to, &w), cases[i].leaves != NULL);
		if (cases[i].leaves) {
			assert_int_equal(w.len, strlen(cases[i].leaves));
			assert_memory_equal(text, cases[i].leaves, w.len);
		}
	}
	bench_end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_our_name_in_any_spelling_leaves),
		cmocka_unit_test(the_loopback_stands_for_our_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
