/* controlplane/peers/peer_config.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "controlplane/peers/peer_config.h"

static struct peer_config example(void)
{
	return (struct peer_config){
		.name = "xyz.com",
		.domain = {"xyz.com", "sub.xyz.com"},
		.domain_count = 2,
		.reach = {"far.com"},
		.reach_count = 1,
		.address = {{.family = 4, .port = 5060, .bytes = {192, 0, 2, 1}}},
		.address_count = 1,
		.connect = {.family = 4, .port = 5061, .bytes = {192, 0, 2, 1}},
		.ca_file = "ca.pem",
		.is_transit = true,
		.route_security = CONTRACT_RS_ANNOTATE,
	};
}

static void copy_outlives_what_it_was_made_of(void **state)
{
	char name[] = "xyz.com", domain[] = "xyz.com";
	struct peer_config from = example(), *copy;

	(void)state;
	from.name = name;
	from.domain[0] = domain;
	copy = peer_config_copy(&from);
	assert_non_null(copy);
	memset(name, 'x', sizeof(name) - 1);
	memset(domain, 'x', sizeof(domain) - 1);
	assert_string_equal(copy->name, "xyz.com");
	assert_string_equal(copy->domain[0], "xyz.com");
	assert_string_equal(copy->domain[1], "sub.xyz.com");
	assert_string_equal(copy->reach[0], "far.com");
	assert_string_equal(copy->ca_file, "ca.pem");
	peer_config_destroy(copy);
	peer_config_destroy(NULL);
}

static void way_is_the_same_whoever_it_speaks_for(void **state)
{
	struct peer_config a = example(), b = example();

	(void)state;
	b.domain_count = b.reach_count = 0;
	b.is_trusted = true;
	b.route_security = CONTRACT_RS_REQUIRE;
	assert_true(peer_config_is_same_way(&a, &b));
}

static void way_is_another_by_address_port_authority_or_transport(void **state)
{
	struct peer_config a = example(), b[7];

	(void)state;
	for (int i = 0; i < 7; i++)
		b[i] = example();
	b[0].address[0].bytes[3] = 2;
	b[1].connect.port = 5062;
	b[2].connect.family = 0;
	b[3].ca_file = "other.pem";
	b[4].transport = PEER_SIP_TLS;
	b[5].address[1] = b[5].address[0];
	b[5].address_count = 2;
	b[6].suite = CONTRACT_SUITE_NULL_AES_128_GMAC_16;
	for (int i = 0; i < 7; i++)
		assert_false(peer_config_is_same_way(&a, &b[i]));
}

static void level_is_that_of_the_suite_or_of_tls(void **state)
{
	struct peer_config config = example();

	(void)state;
	assert_int_equal(peer_config_level(&config), 3);
	config.suite = CONTRACT_SUITE_NULL_AES_128_GMAC_16;
	assert_int_equal(peer_config_level(&config), 2);
	config.transport = PEER_SIP_TLS;
	assert_int_equal(peer_config_level(&config), 3);
}

static void gateway_without_a_name_of_its_own_has_the_peers(void **state)
{
	struct peer_config config = example(), *copy = peer_config_copy(&config);

	(void)state;
	assert_string_equal(copy->gateway, "xyz.com");
	peer_config_destroy(copy);
	config.gateway = "b1.xyz.com";
	copy = peer_config_copy(&config);
	assert_string_equal(copy->gateway, "b1.xyz.com");
	assert_string_equal(copy->name, "xyz.com");
	peer_config_destroy(copy);
}

static void line_of_the_data_plane_says_all_that_is_configured(void **state)
{
	struct peer_config config = example();
	struct contract_peer put;

	(void)state;
	peer_config_fill(&config, 7, &put);
	assert_int_equal(contract_validate(&put, sizeof(put)), RESULT_OK);
	assert_int_equal(put.index, 7);
	assert_int_equal(put.level, 3);
	assert_int_equal(put.route_security, CONTRACT_RS_ANNOTATE);
	assert_true(put.is_transit && !put.is_trusted && !put.is_sibling && !put.is_tls);
	assert_int_equal(put.sa_out_count, 0);
	assert_string_equal(put.name, "xyz.com");
	assert_string_equal(put.domain[1], "sub.xyz.com");
	assert_string_equal(put.reach[0], "far.com");
	assert_int_equal(put.address[0].bytes[3], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copy_outlives_what_it_was_made_of),
		cmocka_unit_test(way_is_the_same_whoever_it_speaks_for),
		cmocka_unit_test(way_is_another_by_address_port_authority_or_transport),
		cmocka_unit_test(level_is_that_of_the_suite_or_of_tls),
		cmocka_unit_test(gateway_without_a_name_of_its_own_has_the_peers),
		cmocka_unit_test(line_of_the_data_plane_says_all_that_is_configured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
