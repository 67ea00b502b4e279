#include "shared/keyexchange/messages.h"

#include "tests/unit/shared/sip_check.h"

/* b64url of 32 bytes of 1, and of 2. */
#define ONES "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
#define TWOS "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"
#define HOST "[2001:1234::10]:5060"

static const char client_text[] =
	"sekisho-x25519;suites=\"aes-128-gcm-16,aes-256-gcm-16\";share=" ONES ";nonce=" TWOS
	";address=\"" HOST "\"";
static const char server_text[] =
	"sekisho-x25519;suite=aes-256-gcm-16;share=" ONES ";nonce=" TWOS ";address=\"" HOST "\"";

static struct sip_address address(const char *text)
{
	struct sip_address a;

	assert_int_equal(sip_address_parse_port(text_slice(text), &a), RESULT_OK);
	return a;
}

static void security_client_goes_and_comes_back(void **state)
{
	(void)state;
	struct security_client client = {
		.suites = {.suite = {SUITE_AES_128_GCM_16, SUITE_AES_256_GCM_16}, .count = 2},
		.address = address(HOST),
	};
	struct security_client got;
	const char *fault;
	char buffer[512];
	struct writer w = writer_make(buffer, sizeof(buffer));

	memset(client.share, 1, sizeof(client.share));
	memset(client.nonce, 2, sizeof(client.nonce));
	security_client_write(&w, &client);
	assert_slice(slice_make(buffer, w.len), client_text);
	assert_int_equal(security_client_parse(slice_make(buffer, w.len), &got, &fault), RESULT_OK);
	assert_memory_equal(got.share, client.share, sizeof(got.share));
	assert_memory_equal(got.nonce, client.nonce, sizeof(got.nonce));
	assert_int_equal(got.suites.count, 2);
	assert_int_equal(got.suites.suite[1], SUITE_AES_256_GCM_16);
	assert_int_equal(got.address.port, 5060);
	assert_true(sip_address_is_same_host(&got.address, &client.address));
	assert_false(got.wants_encap);

	client.wants_encap = true;
	w = writer_make(buffer, sizeof(buffer));
	security_client_write(&w, &client);
	assert_int_equal(security_client_parse(slice_make(buffer, w.len), &got, &fault), RESULT_OK);
	assert_true(got.wants_encap);
}

#define SUITES	";suites=\"aes-128-gcm-16\""
#define SHARE	";share=" ONES
#define NONCE	";nonce=" TWOS
#define ADDRESS ";address=\"" HOST "\""

static void malformed_security_clients_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *fault;
	} rows[] = {
		{"", "another mechanism"},
		{"sekisho-x25519", "another mechanism"},
		{"sekisho-x25519;", "no list of parameters"},
		{"sekisho-x25519" SHARE NONCE ADDRESS, "is missing"},
		{"sekisho-x25519" SUITES NONCE ADDRESS, "is missing"},
		{"sekisho-x25519" SUITES SHARE ADDRESS, "is missing"},
		{"sekisho-x25519" SUITES SHARE NONCE, "is missing"},
		{"sekisho-x25519" SUITES SHARE NONCE ADDRESS SHARE, "stands twice"},
		{"sekisho-x25519" SUITES SHARE NONCE ADDRESS ";encap;encap", "stands twice"},
		{"sekisho-x25519" SUITES SHARE NONCE ADDRESS ";encap=yes", "a value where none may stand"},
		{"sekisho-x25519" SUITES SHARE NONCE ADDRESS ";more=1", "no meaning in message 1"},
		{"sekisho-x25519" SUITES SHARE NONCE ADDRESS ";suite=aes-128-gcm-16", "no meaning in message 1"},
		{"sekisho-x25519" SUITES SHARE NONCE ADDRESS ", ipsec-3gpp", "no list of parameters"},
		{"sekisho-x25519;suites=aes-128-gcm-16" SHARE NONCE ADDRESS, "suites are no list"},
		{"sekisho-x25519;suites=\"\"" SHARE NONCE ADDRESS, "suites are no list"},
		{"sekisho-x25519;suites=\"aes-128-gcm-16" SHARE NONCE ADDRESS, "suites are no list"},
		{"sekisho-x25519;suites=\"aes\\-128-gcm-16\"" SHARE NONCE ADDRESS, "suites are no list"},
		{"sekisho-x25519" SUITES ";share=AQEB" NONCE ADDRESS, "its share is not 32 bytes"},
		{"sekisho-x25519" SUITES ";share=" ONES "A" NONCE ADDRESS, "its share is not 32 bytes"},
		{"sekisho-x25519" SUITES ";share=" ONES "=" NONCE ADDRESS, "its share is not 32 bytes"},
		{"sekisho-x25519" SUITES ";share=\"" ONES "\"" NONCE ADDRESS, "its share is not 32 bytes"},
		{"sekisho-x25519" SUITES ";share" NONCE ADDRESS, "its share is not 32 bytes"},
		{"sekisho-x25519" SUITES SHARE NONCE ";address=[2001:1234::10]:5060", "no IP address and port"},
		{"sekisho-x25519" SUITES SHARE NONCE ";address=\"[2001:1234::10]\"", "no IP address and port"},
		{"sekisho-x25519" SUITES SHARE NONCE ";address=\"[2001:1234::10]:0\"", "no IP address and port"},
		{"sekisho-x25519" SUITES SHARE NONCE ";address=\"host.example:5060\"", "no IP address and port"},
		{"sekisho-x25519" SUITES SHARE NONCE ";address=\"\"", "no IP address and port"},
		{"ipsec-3gpp" SUITES SHARE NONCE ADDRESS, "another mechanism"},
		{"sekisho-x25519x" SUITES SHARE NONCE ADDRESS, "another mechanism"},
	};
	struct security_client client;
	const char *fault;

	for (size_t i = 0; i < COUNT(rows); i++) {
		fault = NULL;
		assert_row(rows[i].text, security_client_parse(text_slice(rows[i].text), &client,
							       &fault) == RESULT_BAD);
		assert_non_null(fault);
		assert_row(rows[i].text, strstr(fault, rows[i].fault) != NULL);
	}
	/* and cut off anywhere */
	for (size_t len = 0; len < sizeof(client_text) - 1; len++)
		assert_int_equal(security_client_parse(slice_make(client_text, len), &client,
						       &fault),
				 RESULT_BAD);
}

static void security_server_goes_and_comes_back(void **state)
{
	(void)state;
	struct security_server server = {.suite = SUITE_AES_256_GCM_16, .address = address(HOST)};
	struct security_server got;
	char buffer[512];
	struct writer w = writer_make(buffer, sizeof(buffer));

	memset(server.share, 1, sizeof(server.share));
	memset(server.nonce, 2, sizeof(server.nonce));
	security_server_write(&w, &server);
	assert_slice(slice_make(buffer, w.len), server_text);
	assert_int_equal(security_server_parse(slice_make(buffer, w.len), &got), RESULT_OK);
	assert_int_equal(got.suite, SUITE_AES_256_GCM_16);
	assert_memory_equal(got.share, server.share, sizeof(got.share));
	assert_memory_equal(got.nonce, server.nonce, sizeof(got.nonce));
	assert_true(sip_address_is_same_host(&got.address, &server.address));
}

static void what_a_newer_gateway_adds_is_passed_over(void **state)
{
	(void)state;
	static const char text[] =
		"sekisho-x25519;suite=aes-128-gcm-16" SHARE NONCE ADDRESS ";chain=abc;x";
	struct security_server got;

	assert_int_equal(security_server_parse(SLICE(text), &got), RESULT_OK);
}

static void malformed_security_servers_are_refused(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"",
		"sekisho-x25519",
		"sekisho-x25519;suite=none" SHARE NONCE ADDRESS,
		"sekisho-x25519;suite=aes-128-gcm-16;suite=aes-128-gcm-16" SHARE NONCE ADDRESS,
		"sekisho-x25519;suite=aes-128-gcm-16" SHARE SHARE NONCE ADDRESS,
		"sekisho-x25519;suite=aes-128-gcm-16" SHARE NONCE,
	};
	struct security_server server;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i],
			   security_server_parse(text_slice(rows[i]), &server) == RESULT_BAD);
	for (size_t len = 0; len < sizeof(server_text) - 1; len++)
		assert_int_equal(security_server_parse(slice_make(server_text, len), &server),
				 RESULT_BAD);
}

static void the_nonce_of_message_4_goes_and_comes_back(void **state)
{
	(void)state;
	uint8_t n4[SCHEDULE_NONCE_BYTES], got[SCHEDULE_NONCE_BYTES];
	char buffer[128];
	struct writer w = writer_make(buffer, sizeof(buffer));

	memset(n4, 2, sizeof(n4));
	security_nonce_write(&w, n4);
	assert_slice(slice_make(buffer, w.len), "sekisho-x25519;nonce=" TWOS);
	assert_int_equal(security_nonce_parse(slice_make(buffer, w.len), got), RESULT_OK);
	assert_memory_equal(got, n4, sizeof(n4));
	assert_int_equal(security_nonce_parse(SLICE("sekisho-x25519;share=" ONES), got),
			 RESULT_BAD);
	assert_int_equal(security_nonce_parse(SLICE("sekisho-x25519;nonce=AQEB"), got), RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(security_client_goes_and_comes_back),
		cmocka_unit_test(malformed_security_clients_are_refused),
		cmocka_unit_test(security_server_goes_and_comes_back),
		cmocka_unit_test(what_a_newer_gateway_adds_is_passed_over),
		cmocka_unit_test(malformed_security_servers_are_refused),
		cmocka_unit_test(the_nonce_of_message_4_goes_and_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
