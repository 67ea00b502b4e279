#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/tables/settings.h"
#include "tests/unit/rules/gateway_kit.h"

static int kit_make(void **state)
{
	*state = gateway_kit_create("abc.com", "2001:6789::5060");
	return 0;
}

static int kit_end(void **state)
{
	gateway_kit_destroy(*state);
	return 0;
}

static bool is_own(const struct gateway_kit *kit, const char *domain)
{
	return settings_is_own_domain(settings_view(&kit->settings),
				      slice_make(domain, strlen(domain)));
}

static void own_domains_are_those_that_were_put(void **state)
{
	struct gateway_kit *kit = *state;

	assert_true(is_own(kit, "abc.com"));
	assert_false(is_own(kit, "xyz.com"));
	assert_false(is_own(kit, ""));
	strcpy(kit->set.domain[1], "xyz.com");
	kit->set.domain_count = 2;
	gateway_kit_settings(kit);
	assert_true(is_own(kit, "xyz.com"));
}

static void own_address_is_known_whatever_its_port(void **state)
{
	struct sip_address own = kit_address("2001:6789::5060", 7);
	struct sip_address other = kit_address("2001:6789::5061", 5060);
	struct sip_address ipv4 = kit_address("192.0.2.1", 5060);
	struct gateway_kit *kit = *state;
	const struct own_address *text;

	assert_true(settings_is_own_address(&kit->settings, &own));
	assert_false(settings_is_own_address(&kit->settings, &other));
	assert_false(settings_is_own_address(&kit->settings, &ipv4));
	assert_true(settings_is_own_text(&kit->settings, SLICE("[2001:6789::5060]")));
	assert_false(settings_is_own_text(&kit->settings, SLICE("[2001:6789::5061]")));
	assert_false(settings_is_own_text(&kit->settings, SLICE("[2001:6789::506]")));
	assert_false(settings_is_own_text(&kit->settings, SLICE("192.0.2.1")));
	assert_false(settings_is_own_text(&kit->settings, SLICE("")));
	text = settings_own_address(&kit->settings, 0, 6);
	assert_non_null(text);
	assert_true(slice_is_equal(slice_make(text->text, text->length),
				   SLICE("[2001:6789::5060]:5060")));
	assert_true(slice_is_equal(slice_make(text->text, text->host_length),
				   SLICE("[2001:6789::5060]")));
	assert_null(settings_own_address(&kit->settings, 0, 4));
	assert_null(settings_own_address(&kit->settings, 1, 6));
}

static void token_is_found_in_our_entry_of_either_transport(void **state)
{
	static const char *const none[] = {
		"<sip:t@[2001:6789::5060]:5061;lr>",
		"<sip:t@[2001:6789::5060]:5060;transport=tls;lr>",
		"<sip:t@[2001:6789::5061]:5061;transport=tls;lr>",
		"<sip:@[2001:6789::5060]:5060;lr",
	};
	struct gateway_kit *kit = *state;

	assert_true(slice_is_equal(
		settings_own_token(&kit->settings, SLICE("<sip:t@[2001:6789::5060]:5060;lr>")),
		SLICE("t")));
	assert_true(slice_is_equal(
		settings_own_token(&kit->settings,
				   SLICE("<sip:t@[2001:6789::5060]:5061;transport=tls;lr>")),
		SLICE("t")));
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(
			settings_own_token(&kit->settings, slice_make(none[i], strlen(none[i])))
				.len,
			0);
}

static void before_the_first_put_settings_are_strict(void **state)
{
	const struct contract_address own[1][2] = {0};
	struct gateway_kit *kit = *state;
	struct settings_table table;

	assert_int_equal(settings_table_init(&table, kit->deferred, own, 1), RESULT_OK);
	assert_int_equal(settings_view(&table)->route_security, CONTRACT_RS_REQUIRE);
	assert_int_equal(settings_view(&table)->insecure_access, CONTRACT_INSECURE_OFF);
	assert_int_equal(settings_view(&table)->domain_count, 0);
	settings_table_fini(&table);
}

static void values_out_of_range_are_refused_and_change_nothing(void **state)
{
	struct gateway_kit *kit = *state;
	struct contract_settings put = kit->set;

	put.gateway_id = 64;
	assert_int_equal(settings_table_put(&kit->settings, &put), RESULT_BAD);
	put = kit->set;
	put.route_security = 0;
	assert_int_equal(settings_table_put(&kit->settings, &put), RESULT_BAD);
	put = kit->set;
	put.route_security_add_level = 4;
	assert_int_equal(settings_table_put(&kit->settings, &put), RESULT_BAD);
	put = kit->set;
	put.domain_count = 9;
	assert_int_equal(settings_table_put(&kit->settings, &put), RESULT_BAD);
	put = kit->set;
	memset(put.domain[0], 'a', sizeof(put.domain[0]));
	assert_int_equal(settings_table_put(&kit->settings, &put), RESULT_BAD);
	assert_true(is_own(kit, "abc.com"));
}

/* Only what we would write ourselves: anything else is for the parser to judge. */
static void own_token_is_the_user_of_an_entry_as_we_write_it(void **state)
{
	static const struct {
		const char *entry, *token;
	} rows[] = {
		{"<sip:AbC-_9@[2001:6789::5060]:5060;lr>", "AbC-_9"},
		{"<sip:@[2001:6789::5060]:5060;lr>", ""},
		{"<sip:AbC@[2001:6789::5060];lr>", ""},
		{"<sip:AbC@[2001:6789::5061]:5060;lr>", ""},
		{"<sip:AbC@[2001:6789::5060]:5060;lr>;x", ""},
		{"<sips:AbC@[2001:6789::5060]:5060;lr>", ""},
		{"x<sip:AbC@[2001:6789::5060]:5060;lr>", ""},
		{"<sip:a@b.example;x=y@[2001:6789::5060]:5060;lr>", ""},
		{"<sip:a%40b@[2001:6789::5060]:5060;lr>", ""},
		{"<sip:a:b@[2001:6789::5060]:5060;lr>", ""},
		{"<sip:a>,<sip:b@[2001:6789::5060]:5060;lr>", ""},
		{"@[2001:6789::5060]:5060;lr>", ""},
		{"", ""},
	};
	struct gateway_kit *kit = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice entry = slice_make(rows[i].entry, strlen(rows[i].entry));
		struct slice token = settings_own_token(&kit->settings, entry);

		assert_int_equal(token.len, strlen(rows[i].token));
		assert_memory_equal(token.at, rows[i].token, token.len);
	}
}

/* Wherever it stands: a token is looked at by sixteen characters. */
static void odd_character_anywhere_makes_a_token_none(void **state)
{
	static const char odd[] = "@;?,<>\"%: \x80\x7f`[{/+=$&";
	struct gateway_kit *kit = *state;

	for (size_t length = 1; length <= 70; length++) {
		char text[128];
		int written = snprintf(
			text, sizeof(text), "<sip:%.*s@[2001:6789::5060]:5060;lr>", (int)length,
			"azAZ09-_bcdefghijklmnopqrstuvwxyBCDEFGHIJKLMNOPQRSTUVWXY12345678"
			"-_AZaz");
		struct slice entry = slice_make(text, (size_t)written);

		assert_int_equal(settings_own_token(&kit->settings, entry).len, length);
		for (size_t at = 0; at < length; at++) {
			char kept = text[5 + at];

			text[5 + at] = odd[(length + at) % (sizeof(odd) - 1)];
			assert_int_equal(settings_own_token(&kit->settings, entry).len, 0);
			text[5 + at] = kept;
		}
	}
}

#define KIT_TEST(name) cmocka_unit_test_setup_teardown(name, kit_make, kit_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(own_domains_are_those_that_were_put),
		KIT_TEST(own_address_is_known_whatever_its_port),
		KIT_TEST(own_token_is_the_user_of_an_entry_as_we_write_it),
		KIT_TEST(odd_character_anywhere_makes_a_token_none),
		KIT_TEST(token_is_found_in_our_entry_of_either_transport),
		KIT_TEST(before_the_first_put_settings_are_strict),
		KIT_TEST(values_out_of_range_are_refused_and_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
