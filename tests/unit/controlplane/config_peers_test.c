/* controlplane/config_peers.c */
#include "tests/unit/controlplane/read_one.h"

static void peers_are_checked_against_us_and_each_other(void **state)
{
	(void)state;
	mistakes_are(LEAST "tls: {certificate: cert.pem, key: none.key, ca: ca.pem}\n"
			   "peers:\n"
			   "  - name: xyz.com\n"
			   "    domains: [abc.com]\n"
			   "    addresses: [2001:abcd::5060]\n"
			   "  - name: xyz.com\n"
			   "    domains: [xyz.com]\n"
			   "    addresses: [example.com]\n",
		     "7:35: the file cannot be read\n"
		     "    tls: {certificate: cert.pem, key: none.key, ca: ca.pem}\n"
		     "                                      ^\n"
		     "10:15: \"abc.com\" is our own; only a sibling speaks for it\n"
		     "        domains: [abc.com]\n                  ^\n"
		     "12:11: another peer has this name\n      - name: xyz.com\n"
		     "              ^\n"
		     "14:17: \"example.com\" is no IP address with a port\n"
		     "        addresses: [example.com]\n                    ^\n");
}

static void sibling_has_an_id_of_its_own(void **state)
{
	(void)state;
	mistakes_are(
		LEAST
		"tls: {certificate: cert.pem, key: cert.pem, ca: ca.pem}\n"
		"peers:\n"
		"  - {name: abc.com, domains: [abc.com], addresses: [192.0.2.1], sibling: yes, "
		"gateway-id: 1}\n",
		"9:91: this is our own; each sibling has another\n"
		"      - {name: abc.com, domains: [abc.com], addresses: [192.0.2.1], sibling: yes, "
		"gateway-id: 1}\n"
		"                                                                                  "
		"            ^\n");
}

static void gateways_of_a_peer_share_what_it_is_and_have_names_of_their_own(void **state)
{
	static const char text[] =
		LEAST "tls: {certificate: cert.pem, key: cert.key, ca: ca.pem, probe: 500ms, "
		      "packets: 5000}\n"
		      "peers:\n"
		      "  - name: xyz.com\n"
		      "    domains: [xyz.com]\n"
		      "    transit: yes\n"
		      "    gateways:\n"
		      "      - {name: b1.xyz.com, addresses: [192.0.2.1]}\n"
		      "      - {name: b2.xyz.com, addresses: [192.0.2.2], priority: 2, weight: 3, "
		      "dial: no}\n"
		      "  - {name: far.com, domains: [far.com], addresses: [192.0.2.3], "
		      "suite: null-aes-128-gmac-16}\n";
	struct read_one one = config_read(text);
	const struct peer_config *peer = one.config.peer;

	(void)state;
	assert_int_equal(one.result, RESULT_OK);
	assert_int_equal(one.config.peer_count, 3);
	assert_int_equal(one.config.peer_probe_ms, 500);
	assert_int_equal(one.config.peer_soft_packets, 5000);
	for (int i = 0; i < 2; i++) {
		assert_string_equal(peer[i].name, "xyz.com");
		assert_string_equal(peer[i].domain[0], "xyz.com");
		assert_true(peer[i].is_transit);
	}
	assert_string_equal(peer[0].gateway, "b1.xyz.com");
	assert_int_equal(peer[0].priority, 1);
	assert_int_equal(peer[0].weight, 1);
	assert_int_equal(peer[0].connect.port, 5061);
	assert_string_equal(peer[1].gateway, "b2.xyz.com");
	assert_int_equal(peer[1].priority, 2);
	assert_int_equal(peer[1].weight, 3);
	assert_int_equal(peer[1].connect.family, 0);
	assert_int_equal(peer[1].address[0].bytes[3], 2);
	assert_string_equal(peer[2].gateway, "far.com");
	assert_int_equal(peer[2].suite, CONTRACT_SUITE_NULL_AES_128_GMAC_16);
	read_end(&one);
	mistakes_are(LEAST "tls: {certificate: cert.pem, key: cert.key, ca: ca.pem}\n"
			   "peers:\n"
			   "  - name: xyz.com\n"
			   "    domains: [xyz.com]\n"
			   "    gateways:\n"
			   "      - {name: b1.xyz.com, addresses: [192.0.2.1]}\n"
			   "      - {name: b1.xyz.com, addresses: [192.0.2.2]}\n",
		     "13:16: another gateway has this name\n"
		     "          - {name: b1.xyz.com, addresses: [192.0.2.2]}\n"
		     "                   ^\n");
}

static void peers_need_tls(void **state)
{
	(void)state;
	mistakes_are(LEAST "peers:\n"
			   "  - {name: xyz.com, domains: [xyz.com], addresses: [192.0.2.1]}\n",
		     "1:1: \"tls\" is missing here\n    gateway-id: 1\n    ^\n"
		     "8:6: there is no \"ca\", neither here nor under tls\n"
		     "      - {name: xyz.com, domains: [xyz.com], addresses: [192.0.2.1]}\n"
		     "         ^\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peers_are_checked_against_us_and_each_other),
		cmocka_unit_test(sibling_has_an_id_of_its_own),
		cmocka_unit_test(gateways_of_a_peer_share_what_it_is_and_have_names_of_their_own),
		cmocka_unit_test(peers_need_tls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
