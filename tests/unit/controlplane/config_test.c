/* controlplane/config.c and config_*.c, but for config_peers.c */
#include "tests/unit/controlplane/read_one.h"

static void least_configuration_gets_the_defaults(void **state)
{
	struct read_one one = config_read(LEAST);
	char path[160];

	(void)state;
	assert_string_equal(one.told, "");
	assert_int_equal(one.result, RESULT_OK);
	assert_int_equal(one.config.gateway_id, 1);
	assert_string_equal(one.config.domain[0], "abc.com");
	snprintf(path, sizeof(path), "%s/contract", one.scratch.folder);
	assert_string_equal(one.config.contract_socket, path);
	assert_int_equal(one.config.lifetimes.soft_s, 2700);
	assert_int_equal(one.config.lifetimes.hard_s, 3600);
	assert_int_equal(one.config.lifetimes.registration_default_s, 3600);
	assert_int_equal(one.config.rotation.sk_overlap_s, 3600);
	assert_int_equal(one.config.max_dialog_s, 86400);
	assert_int_equal(one.config.route_security, CONTRACT_RS_REQUIRE);
	assert_int_equal(one.config.route_security_add_level, 1);
	assert_int_equal(one.config.insecure_access, CONTRACT_INSECURE_OFF);
	assert_false(one.config.is_identity_always_asserted);
	assert_int_equal(one.config.suites.count, 2);
	assert_int_equal(one.config.inner[0].address.family, 6);
	assert_int_equal(one.config.inner[0].bits, 64);
	assert_int_equal(one.config.inner[1].address.family, 4);
	assert_int_equal(one.config.inner[1].bits, 16);
	assert_int_equal(one.config.peer_count, 0);
	assert_true(control_config_has_domain(&one.config, SLICE("abc.com")));
	assert_false(control_config_has_domain(&one.config, SLICE("xyz.com")));
	read_end(&one);
}

static void everything_can_be_set(void **state)
{
	struct read_one one =
		config_read(LEAST "lifetimes: {soft: 20s, hard: 60s, packets: 5000, bytes: 9000000,"
				  " attach: 10s}\n"
				  "registration: {min: 30s, default: 2min, max: 1h}\n"
				  "rotation: {sk: 2h, sk-overlap: 90min, token: 1d}\n"
				  "max-dialog: 12h\n"
				  "suites: [aes-256-gcm-16, null-hmac-sha-256-128]\n"
				  "inner-addresses: [10.9.0.0/20]\n"
				  "route-security: annotate\n"
				  "route-security-add-level: 2\n"
				  "insecure-access: any\n"
				  "assert-identity: always\n"
				  "legacy-callee: restore\n"
				  "dscp: 46\n"
				  "requests-per-second: 50\n"
				  "password-iterations: 5000\n"
				  "flood-threshold: 7\n"
				  "persistent-secret: persistent\n"
				  "key-log: keys\n"
				  "tls:\n"
				  "  certificate: cert.pem\n"
				  "  key: cert.key\n"
				  "  ca: ca.pem\n"
				  "  listen: [\"[2001:6789::5060]\", \"192.0.2.1:5070\"]\n"
				  "  rekey: 10min\n"
				  "  hard: 30min\n"
				  "peers:\n"
				  "  - name: XYZ.com\n"
				  "    domains: [xyz.com, sub.xyz.com]\n"
				  "    reach: [far.com]\n"
				  "    addresses: [\"2001:abcd::5060\"]\n"
				  "    trusted: yes\n"
				  "    transit: yes\n"
				  "  - name: gw2.abc.com\n"
				  "    domains: [abc.com]\n"
				  "    addresses: [192.0.2.9]\n"
				  "    connect: 192.0.2.10:5999\n"
				  "    sibling: yes\n"
				  "    gateway-id: 2\n"
				  "    route-security: require\n"
				  "    dial: no\n");
	const struct peer_config *peer;

	(void)state;
	assert_string_equal(one.told, "");
	assert_int_equal(one.result, RESULT_OK);
	assert_int_equal(one.config.lifetimes.soft_packets, 5000);
	assert_int_equal(one.config.rotation.sk_overlap_s, 5400);
	assert_int_equal(one.config.route_security, CONTRACT_RS_ANNOTATE);
	assert_int_equal(one.config.insecure_access, CONTRACT_INSECURE_ANY);
	assert_true(one.config.is_identity_always_asserted);
	assert_true(one.config.is_legacy_restored);
	assert_int_equal(one.config.suites.suite[0], SUITE_AES_256_GCM_16);
	assert_int_equal(one.config.suites.suite[1], SUITE_NULL_HMAC_SHA_256_128);
	assert_int_equal(one.config.inner[0].address.family, 0);
	assert_int_equal(one.config.inner[1].address.bytes[1], 9);
	assert_int_equal(one.config.inner[1].bits, 20);
	assert_int_equal(one.config.tls_listen[0].family, 6);
	assert_int_equal(one.config.tls_listen[0].port, 5061);
	assert_int_equal(one.config.tls_listen[1].port, 5070);
	assert_int_equal(one.config.peer_count, 2);
	peer = &one.config.peer[0];
	assert_string_equal(peer->name, "xyz.com");
	assert_int_equal(peer->domain_count, 2);
	assert_string_equal(peer->domain[1], "sub.xyz.com");
	assert_string_equal(peer->reach[0], "far.com");
	assert_true(peer->is_trusted && peer->is_transit && !peer->is_sibling);
	assert_int_equal(peer->address[0].port, 5060);
	assert_int_equal(peer->connect.port, 5061);
	assert_memory_equal(peer->connect.bytes, peer->address[0].bytes, 16);
	peer = &one.config.peer[1];
	assert_true(peer->is_sibling);
	assert_int_equal(peer[-1].route_security, 0);
	assert_int_equal(peer->route_security, CONTRACT_RS_REQUIRE);
	assert_int_equal(peer->connect.family, 0);
	assert_string_equal(strrchr(peer->ca_file, '/'), "/ca.pem");
	read_end(&one);
}

static void every_mistake_is_told_with_its_place(void **state)
{
	(void)state;
	mistakes_are("gateway-id: 64\n"
		     "domains: [abc.com, a_b]\n"
		     "contract: {}\n"
		     "admin: {socket: admin, group: no-such-group-here}\n"
		     "store: {sqlite: s, oracle: p}\n"
		     "secrets: secrets\n"
		     "route-security: maybe\n",
		     "1:1: \"socket\" is missing here\n    gateway-id: 64\n    ^\n"
		     "1:13: \"64\" is no whole number from 0 to 63\n    gateway-id: 64\n"
		     "                ^\n"
		     "2:20: \"a_b\" is no domain name\n    domains: [abc.com, a_b]\n"
		     "                       ^\n"
		     "4:31: there is no group \"no-such-group-here\" on this machine\n"
		     "    admin: {socket: admin, group: no-such-group-here}\n"
		     "                                  ^\n"
		     "5:20: \"oracle\" is no known key here\n"
		     "    store: {sqlite: s, oracle: p}\n                       ^\n"
		     "7:17: \"maybe\" is not require or annotate\n    route-security: maybe\n"
		     "                    ^\n");
}

#define WITHOUT_STORE                                                                              \
	"gateway-id: 1\ndomains: [abc.com]\ncontract: {socket: c}\nadmin: {socket: a}\n"           \
	"secrets: secrets\n"

static void emergency_calls_need_a_peer_that_is_there(void **state)
{
	struct read_one one;

	(void)state;
	mistakes_are(LEAST "emergency: {peer: sos.example, numbers: [112, 'x1']}\n",
		     "7:19: there is no peer \"sos.example\"\n"
		     "    emergency: {peer: sos.example, numbers: [112, 'x1']}\n"
		     "                      ^\n"
		     "7:47: a number as it is dialled is expected here\n"
		     "    emergency: {peer: sos.example, numbers: [112, 'x1']}\n"
		     "                                                  ^\n");
	one = config_read(LEAST "tls: {certificate: cert.pem, key: cert.key, ca: ca.pem}\n"
				"peers:\n"
				"  - {name: sos.example, domains: [sos.example],"
				" addresses: ['192.0.2.1']}\n"
				"emergency: {peer: SOS.example, numbers: ['112', '+110']}\n");
	assert_int_equal(one.result, RESULT_OK);
	assert_string_equal(one.config.emergency_peer, "sos.example");
	assert_int_equal(one.config.emergency_count, 2);
	assert_string_equal(one.config.emergency[1], "+110");
	read_end(&one);
}

static void store_is_one_of_two_and_has_no_password_here(void **state)
{
	(void)state;
	mistakes_are(WITHOUT_STORE "store: {sqlite: s, postgres: host=db}\n",
		     "6:17: the store is either \"sqlite\" or \"postgres\"\n"
		     "    store: {sqlite: s, postgres: host=db}\n                    ^\n");
	mistakes_are(WITHOUT_STORE "store: {postgres: host=db password=hunter2}\n",
		     "6:19: a password belongs into a file: \"password-file\"\n"
		     "    store: {postgres: host=db password=********\n"
		     "                      ^\n");
	mistakes_are(WITHOUT_STORE "store: {sqlite: s, password-file: p}\n",
		     "6:35: only \"postgres\" has a password\n"
		     "    store: {sqlite: s, password-file: p}\n"
		     "                                      ^\n");
}

static void times_that_contradict_each_other_are_refused(void **state)
{
	(void)state;
	mistakes_are(LEAST "lifetimes: {soft: 60min, hard: 30min}\n"
			   "registration: {min: 2h, default: 1h}\n"
			   "suites: [aes-128-gcm-16, rot13, aes-128-gcm-16]\n",
		     "7:32: \"hard\" must be longer than \"soft\"\n"
		     "    lifetimes: {soft: 60min, hard: 30min}\n"
		     "                                   ^\n"
		     "8:16: min, default and max must be in this order\n"
		     "    registration: {min: 2h, default: 1h}\n                   ^\n"
		     "9:26: there is no suite \"rot13\"\n"
		     "    suites: [aes-128-gcm-16, rot13, aes-128-gcm-16]\n"
		     "                             ^\n"
		     "9:33: \"aes-128-gcm-16\" stands here a second time\n"
		     "    suites: [aes-128-gcm-16, rot13, aes-128-gcm-16]\n"
		     "                                    ^\n");
}

static void certificates_need_a_key_and_a_list_needs_a_ca(void **state)
{
	(void)state;
	struct read_one one =
		config_read(LEAST "certificates: {certificate: cert.pem, key: cert.key, ca: ca.pem,"
				  " crl: ca.pem, per-second: 7}\n");

	assert_int_equal(one.result, RESULT_OK);
	assert_int_equal(one.config.certificates.per_second, 7);
	assert_non_null(strstr(one.config.certificates.crl_file, "/ca.pem"));
	read_end(&one);
	one = config_read(LEAST);
	assert_int_equal(one.result, RESULT_OK);
	assert_string_equal(one.config.certificates.certificate_file, "");
	assert_int_equal(one.config.certificates.per_second, 2000);
	read_end(&one);
	one = config_read(LEAST "certificates: {certificate: cert.pem, crl: ca.pem}\n");
	assert_int_equal(one.result, RESULT_BAD);
	assert_non_null(strstr(one.told, "\"key\""));
	assert_non_null(strstr(one.told, "there is no \"ca\" whose list this could be"));
	read_end(&one);
}

static void users_are_looked_up(void **state)
{
	struct read_one one = config_read("gateway-id: 0\ndomains: [a.b]\n"
					  "contract: {socket: c}\nstore: {sqlite: s}\n"
					  "secrets: s\n"
					  "admin: {socket: a, group: root, administrators: [root],"
					  " readers: [nobody]}\n");

	(void)state;
	assert_string_equal(one.told, "");
	assert_true(one.config.admin.has_group);
	assert_int_equal(one.config.admin.group, 0);
	assert_int_equal(one.config.admin.administrator_count, 1);
	assert_int_equal(one.config.admin.administrator[0], 0);
	assert_int_equal(one.config.admin.reader[0], 65534);
	read_end(&one);
}

#define STATICS_FILE                                                                               \
	"domain: %s\ncount: 2\ngateway: 10.255.0.1\nfirst-address: 10.0.0.1\nsecret: "             \
	"\"0000000000000000000000000000000000000000000000000000000000000000\"\n"

/* Static terminals of this domain, in a file that the configuration names. */
static struct read_one statics_read_more(const char *domain, const char *text, const char *more)
{
	char path[] = "/tmp/sekisho-statics-XXXXXX", whole[1024];
	int fd = mkstemp(path);
	struct read_one one;

	assert_true(fd >= 0);
	dprintf(fd, STATICS_FILE "%s", domain, more);
	close(fd);
	snprintf(whole, sizeof(whole), LEAST "static-terminals: %s\n%s", path, text);
	one = config_read(whole);
	unlink(path);
	return one;
}

static struct read_one statics_read_with(const char *domain, const char *text)
{
	return statics_read_more(domain, text, "");
}

static void static_terminals_need_their_danger_said(void **state)
{
	struct read_one one = statics_read_with("abc.com", "unsafe-static-keys: yes\n");

	(void)state;
	assert_string_equal(one.told, "");
	assert_int_equal(one.result, RESULT_OK);
	assert_true(one.config.has_statics);
	assert_int_equal(one.config.statics.count, 2);
	read_end(&one);
	one = statics_read_with("abc.com", "");
	assert_int_equal(one.result, RESULT_BAD);
	assert_non_null(strstr(one.told, "only with \"unsafe-static-keys: yes\""));
	read_end(&one);
	one = statics_read_with("abc.com", "unsafe-static-keys: no\n");
	assert_int_equal(one.result, RESULT_BAD);
	read_end(&one);
	one = config_read(LEAST "unsafe-static-keys: yes\n");
	assert_int_equal(one.result, RESULT_OK);
	assert_false(one.config.has_statics);
	read_end(&one);
}

static void static_terminals_are_of_a_domain_of_ours(void **state)
{
	struct read_one one = statics_read_with("xyz.com", "unsafe-static-keys: yes\n");

	(void)state;
	assert_int_equal(one.result, RESULT_BAD);
	assert_non_null(strstr(one.told, "they are of no domain of ours"));
	read_end(&one);
	one = statics_read_more("abc.com", "unsafe-static-keys: yes\n", "secure: no\n");
	assert_int_equal(one.result, RESULT_BAD);
	assert_non_null(strstr(one.told, "only with \"insecure-access: any\""));
	read_end(&one);
	one = statics_read_more("abc.com", "unsafe-static-keys: yes\ninsecure-access: any\n",
				"secure: no\n");
	assert_int_equal(one.result, RESULT_OK);
	assert_true(one.config.has_statics);
	assert_false(one.config.statics.is_secure);
	read_end(&one);
	one = config_read(LEAST "unsafe-static-keys: yes\nstatic-terminals: /nonexistent\n");
	assert_int_equal(one.result, RESULT_BAD);
	assert_non_null(strstr(one.told, "cannot be used"));
	read_end(&one);
}

static void file_that_is_missing_is_an_io_error(void **state)
{
	struct control_config config;
	FILE *report = fopen("/dev/null", "w");

	(void)state;
	assert_int_equal(control_config_read("/nonexistent.yaml", report, &config), RESULT_IO);
	control_config_destroy(&config);
	fclose(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(least_configuration_gets_the_defaults),
		cmocka_unit_test(everything_can_be_set),
		cmocka_unit_test(every_mistake_is_told_with_its_place),
		cmocka_unit_test(emergency_calls_need_a_peer_that_is_there),
		cmocka_unit_test(store_is_one_of_two_and_has_no_password_here),
		cmocka_unit_test(times_that_contradict_each_other_are_refused),
		cmocka_unit_test(certificates_need_a_key_and_a_list_needs_a_ca),
		cmocka_unit_test(users_are_looked_up),
		cmocka_unit_test(static_terminals_need_their_danger_said),
		cmocka_unit_test(static_terminals_are_of_a_domain_of_ours),
		cmocka_unit_test(file_that_is_missing_is_an_io_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
