#include "tests/unit/shared/sip_check.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/statics/static_terminals.h"

#define SECRET	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define CAPITAL "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef"
#define REST	"domain: Bench.Example\nsecret: \"" SECRET "\"\n"

static const char path[] = "static_terminals_test.yaml";

static enum result read_text(const char *text, struct static_terminals *statics, char told[2048])
{
	FILE *file = fopen(path, "w"), *report = fmemopen(told, 2048, "w");
	enum result result;

	assert_non_null(file);
	assert_non_null(report);
	told[0] = '\0';
	fputs(text, file);
	fclose(file);
	result = static_terminals_read(path, report, statics);
	fclose(report);
	unlink(path);
	return result;
}

static struct static_terminals read_right(const char *text)
{
	struct static_terminals statics;
	char told[2048];

	assert_int_equal(read_text(text, &statics, told), RESULT_OK);
	assert_string_equal(told, "");
	return statics;
}

static void is_refused(const char *text, const char *about)
{
	struct static_terminals statics = {.count = 77};
	char told[2048];

	assert_int_equal(read_text(text, &statics, told), RESULT_BAD);
	if (!strstr(told, about))
		fail_msg("\"%s\" is not in: %s", about, told);
	assert_int_equal(statics.count, 77);
}

static void a_file_says_who_there_is(void **state)
{
	struct static_terminals statics =
		read_right(REST "count: 300\ngateway: 10.255.0.1\nfirst-address: 10.0.0.1\n"
				"suite: aes-256-gcm-16\nreplay-window: 0\nsecure: no\n");

	(void)state;
	assert_int_equal(statics.count, 300);
	assert_int_equal(statics.suite, CONTRACT_SUITE_AES_256_GCM_16);
	assert_false(statics.is_replay_checked);
	assert_false(statics.is_secure);
	assert_string_equal(statics.domain, "bench.example");
	assert_int_equal(statics.gateway.port, 5060);
	assert_int_equal(statics.secret.bytes[0], 0x01);
	assert_int_equal(statics.secret.bytes[31], 0xef);
	statics = read_right(REST "count: 1\ngateway: 2001:db8::1\nfirst-address: 2001:db8::10\n");
	assert_int_equal(statics.suite, CONTRACT_SUITE_AES_128_GCM_16);
	assert_true(statics.is_replay_checked);
	assert_true(statics.is_secure);
}

static void mistakes_are_told(void **state)
{
	(void)state;
	is_refused(REST "gateway: 10.255.0.1\nfirst-address: 10.0.0.1\n", "count");
	is_refused(REST "count: 0\ngateway: 10.255.0.1\nfirst-address: 10.0.0.1\n", "count");
	is_refused(REST "count: 16777215\ngateway: 10.255.0.1\nfirst-address: 10.0.0.1\n", "count");
	is_refused(REST "count: 2\ngateway: 10.255.0.1\nfirst-address: 2001:db8::1\n", "family");
	is_refused(REST "count: 2\ngateway: 10.255.0.1\nfirst-address: 255.255.255.255\n",
		   "addresses do not follow");
	is_refused(REST "count: 300\ngateway: 10.0.1.5\nfirst-address: 10.0.0.1\n",
		   "address of a terminal");
	is_refused(REST "count: 2\ngateway: 10.255.0.1\nfirst-address: 10.0.0.1\n"
			"replay-window: 64\n",
		   "window");
	is_refused(REST "count: 2\ngateway: 10.255.0.1\nfirst-address: 10.0.0.1\nsuite: null\n",
		   "suite");
	is_refused("domain: a.b\nsecret: \"0123\"\ncount: 2\ngateway: 10.255.0.1\n"
		   "first-address: 10.0.0.1\n",
		   "hexadecimal");
	is_refused("domain: a.b\nsecret: \"" SECRET "0\"\ncount: 2\ngateway: 10.255.0.1\n"
		   "first-address: 10.0.0.1\n",
		   "secret");
	is_refused("domain: a.b\nsecret: \"" CAPITAL "\"\ncount: 2\ngateway: 10.255.0.1\n"
		   "first-address: 10.0.0.1\n",
		   "a to f small");
	is_refused(REST "count: 2\ngateway: 10.255.0.1\nfirst-address: 10.0.0.1\nkeys: many\n",
		   "keys");
}

static void a_file_that_is_written_is_read_back(void **state)
{
	struct static_terminals made =
		read_right(REST "count: 300\ngateway: 2001:db8::1\nfirst-address: "
				"2001:db8::1:10\nreplay-window: 0\n");
	struct static_terminals again;
	struct stat status;

	(void)state;
	assert_int_equal(static_terminals_write(path, &made), RESULT_OK);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(static_terminals_read(path, stderr, &again), RESULT_OK);
	assert_int_equal(again.count, made.count);
	assert_int_equal(again.is_replay_checked, made.is_replay_checked);
	assert_memory_equal(&again.first, &made.first, sizeof(made.first));
	assert_memory_equal(&again.gateway, &made.gateway, sizeof(made.gateway));
	assert_memory_equal(again.secret.bytes, made.secret.bytes, SECRET_BYTES);
	assert_string_equal(again.domain, made.domain);
	/* one that is there is nobody's to overwrite */
	assert_int_equal(static_terminals_write(path, &made), RESULT_IO);
	assert_int_equal(errno, EEXIST);
	unlink(path);
}

static void numbers_have_addresses_and_addresses_numbers(void **state)
{
	struct static_terminals statics = read_right(
		REST "count: 300\ngateway: 2001:db8::1\nfirst-address: 2001:db8::1:fffe\n");
	struct contract_address address = static_terminal_address(&statics, 300);
	char contact[LIMIT_CONTACT_BYTES + 1], aor[LIMIT_AOR_BYTES + 1];

	(void)state;
	static_terminal_contact(&statics, 3, contact);
	assert_string_equal(contact, "sip:t3@[2001:db8::2:0]:5060");
	static_terminal_aor(&statics, 300, aor);
	assert_string_equal(aor, "t300@bench.example");
	assert_int_equal(static_terminal_of(&statics, &address), 300);
	address = static_terminal_address(&statics, 301);
	assert_int_equal(static_terminal_of(&statics, &address), 0);
	address = static_terminal_address(&statics, 1);
	assert_int_equal(static_terminal_of(&statics, &address), 1);
	address.bytes[11] ^= 1;
	assert_int_equal(static_terminal_of(&statics, &address), 0);
	address = static_terminal_address(&statics, 1);
	address.bytes[15]--;
	assert_int_equal(static_terminal_of(&statics, &address), 0);
	address.family = 4;
	assert_int_equal(static_terminal_of(&statics, &address), 0);
}

static void every_way_of_every_terminal_has_its_own_key(void **state)
{
	struct static_terminals statics =
		read_right(REST "count: 300\ngateway: 10.255.0.1\nfirst-address: 10.0.0.1\n");
	uint8_t key[4][STATIC_KEY_BYTES];

	(void)state;
	assert_int_equal(static_key_bytes(&statics), 20);
	assert_int_equal(static_terminal_key(&statics, 1, true, key[0]), RESULT_OK);
	assert_int_equal(static_terminal_key(&statics, 1, false, key[1]), RESULT_OK);
	assert_int_equal(static_terminal_key(&statics, 2, true, key[2]), RESULT_OK);
	assert_int_equal(static_terminal_key(&statics, 1, true, key[3]), RESULT_OK);
	assert_memory_equal(key[0], key[3], STATIC_KEY_BYTES);
	assert_memory_not_equal(key[0], key[1], STATIC_KEY_BYTES);
	assert_memory_not_equal(key[0], key[2], STATIC_KEY_BYTES);
	statics.secret.bytes[0] ^= 1;
	assert_int_equal(static_terminal_key(&statics, 1, true, key[3]), RESULT_OK);
	assert_memory_not_equal(key[0], key[3], STATIC_KEY_BYTES);
	assert_int_equal(static_spi_gateway(5), 0x01000005);
	assert_int_equal(static_spi_terminal(5), 0x40000005);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_says_who_there_is),
		cmocka_unit_test(mistakes_are_told),
		cmocka_unit_test(a_file_that_is_written_is_read_back),
		cmocka_unit_test(numbers_have_addresses_and_addresses_numbers),
		cmocka_unit_test(every_way_of_every_terminal_has_its_own_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
