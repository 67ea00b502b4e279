#include "tests/unit/shared/config/opened.h"

static void addresses_with_port_are_read(void **state)
{
	static const uint8_t v6[16] = {0x20, 0x01, 0x67, 0x89, [14] = 0x50, [15] = 0x60};
	static const uint8_t v4[4] = {192, 0, 2, 1};
	struct opened o = opened_make("a: \"[2001:6789::5060]:5061\"\nb: 192.0.2.1:5070\n"
				      "c: 192.0.2.1\nd: \"[2001:6789::5060]\"\n"
				      "e: 2001:6789::5060\n");
	struct contract_address at;

	(void)state;
	assert_true(config_endpoint(o.root, "a", CONFIG_REQUIRED, 0, &at));
	assert_int_equal(at.family, 6);
	assert_int_equal(at.port, 5061);
	assert_memory_equal(at.bytes, v6, 16);
	assert_true(config_endpoint(o.root, "b", CONFIG_REQUIRED, 5060, &at));
	assert_int_equal(at.family, 4);
	assert_int_equal(at.port, 5070);
	assert_memory_equal(at.bytes, v4, 4);
	assert_true(config_endpoint(o.root, "c", CONFIG_REQUIRED, 5060, &at));
	assert_int_equal(at.port, 5060);
	assert_true(config_endpoint(o.root, "d", CONFIG_REQUIRED, 5060, &at));
	assert_int_equal(at.port, 5060);
	assert_true(config_endpoint(o.root, "e", CONFIG_REQUIRED, 5060, &at));
	assert_int_equal(at.family, 6);
	opened_expect(&o, "");
}

static void wrong_addresses_are_refused(void **state)
{
	static const char *const bad[] = {
		"192.0.2.1:",	 "192.0.2.1:65536",   "192.0.2.1:x",	  "192.0.2.256:1",
		"[192.0.2.1]:1", "\"[2001::1:5060\"", "example.com:5060", "\":5060\"",
		"\"\"",		 "192.0.2.1:0",	      "\"[]:1\"",	  "\"[2001::1]5060\"",
	};
	struct contract_address at = {.family = 9};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct config *config;
		FILE *report = fopen("/dev/null", "w");

		snprintf(text, sizeof(text), "a: '%s'\n", bad[i]);
		for (char *quote = text; (quote = strchr(quote, '"')) != NULL;)
			memmove(quote, quote + 1, strlen(quote));
		assert_int_equal(config_open_bytes("a", text, strlen(text), report, &config),
				 RESULT_OK);
		assert_false(config_endpoint(config_root(config), "a", CONFIG_REQUIRED, 5060, &at));
		assert_int_equal(at.family, 9);
		assert_int_equal(config_finish(config), RESULT_BAD);
		config_close(config);
		fclose(report);
	}
}

static void port_is_needed_where_there_is_no_default(void **state)
{
	struct opened o = opened_make("a: 192.0.2.1\n");
	struct contract_address at;

	(void)state;
	assert_false(config_endpoint(o.root, "a", CONFIG_REQUIRED, 0, &at));
	opened_expect(&o, "conf/a.yaml:1:4: \"192.0.2.1\" lacks a port\n"
			  "    a: 192.0.2.1\n       ^\n");
}

static void addresses_alone_and_prefixes_are_read(void **state)
{
	struct opened o = opened_make("a: \"2001:db8::1\"\nb: 10.0.0.1/24\nc: 2001:db8::/129\n"
				      "d: 10.0.0.1:80\ne: 10.0.0.1\n");
	struct contract_address at;
	uint8_t bits = 0;

	(void)state;
	assert_true(config_address(o.root, "a", CONFIG_REQUIRED, &at));
	assert_int_equal(at.family, 6);
	assert_int_equal(at.port, 0);
	assert_true(config_prefix(o.root, "b", CONFIG_REQUIRED, &at, &bits));
	assert_int_equal(bits, 24);
	assert_false(config_prefix(o.root, "c", CONFIG_REQUIRED, &at, &bits));
	assert_false(config_address(o.root, "d", CONFIG_REQUIRED, &at));
	assert_false(config_prefix(o.root, "e", CONFIG_REQUIRED, &at, &bits));
	opened_expect(
		&o,
		"conf/a.yaml:3:4: \"2001:db8::/129\" is no IP address with a prefix length\n"
		"    c: 2001:db8::/129\n       ^\n"
		"conf/a.yaml:4:4: \"10.0.0.1:80\" is no IP address\n    d: 10.0.0.1:80\n       ^\n"
		"conf/a.yaml:5:4: \"10.0.0.1\" is no IP address with a prefix length\n"
		"    e: 10.0.0.1\n       ^\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_with_port_are_read),
		cmocka_unit_test(wrong_addresses_are_refused),
		cmocka_unit_test(port_is_needed_where_there_is_no_default),
		cmocka_unit_test(addresses_alone_and_prefixes_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
