#include "tests/unit/terminal/cmocka_setup.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "terminal/settings.h"

struct fixture {
	char folder[64];
	char file[128];
	char *said; /* what was reported */
	size_t said_len;
};

static void fixture_make(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	strcpy(f->folder, "/tmp/sekisho-settings-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->file, sizeof(f->file), "%s/terminal.yaml", f->folder);
}

static void fixture_end(struct fixture *f)
{
	char path[128];

	unlink(f->file);
	snprintf(path, sizeof(path), "%s/password", f->folder);
	unlink(path);
	rmdir(f->folder);
	free(f->said);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static enum result read_settings(struct fixture *f, const char *yaml, struct settings *out)
{
	enum result result;
	FILE *report;

	free(f->said);
	f->said = NULL;
	report = open_memstream(&f->said, &f->said_len);
	write_file(f->file, yaml);
	result = settings_read(f->file, report, out);
	fclose(report);
	return result;
}

#define LEAST                                                                                      \
	"aor: user-a@ABC.com\npassword-file: password\n"                                           \
	"gateway:\n  domain: abc.com\n  address: 2001:6789::5060\n"                                \
	"control:\n  socket: control\n"

static void least_file_gets_the_defaults(void **state)
{
	struct settings settings, again;
	struct fixture f;
	char path[128];

	(void)state;
	fixture_make(&f);
	assert_int_equal(read_settings(&f, LEAST, &settings), RESULT_OK);
	assert_string_equal(settings.aor, "user-a@abc.com");
	assert_string_equal(settings.subscriber, "user-a@abc.com");
	assert_string_equal(settings.domain, "abc.com");
	assert_int_equal(settings.gateway_count, 1);
	assert_int_equal(settings.gateways[0].family, 6);
	assert_int_equal(settings.gateways[0].port, 5060);
	assert_int_equal(settings.own.family, 0);
	assert_int_equal(settings.own.port, 5060);
	assert_int_equal(settings.local_port, 0);
	assert_int_equal(settings.suites.count, 2);
	assert_int_equal(settings.suites.suite[0], SUITE_AES_128_GCM_16);
	assert_int_equal(settings.policy.trust, SERIES_TRUST_SERIES);
	assert_int_equal(settings.policy.level_min, 2);
	assert_true(settings.is_refusing);
	assert_false(settings.is_auto_answering);
	assert_false(settings.without_offloads);
	assert_int_equal(settings.expires_s, 3600);
	assert_int_equal(settings.keep_alive_ms, 10000);
	assert_int_equal(settings.longest_call_ms, 86400 * 1000);
	assert_string_equal(settings.key_log, "");
	snprintf(path, sizeof(path), "%s/control", f.folder);
	assert_string_equal(settings.control_socket, path);
	/* the same terminal is the same instance the next time */
	assert_int_equal(strncmp(settings.instance, "urn:uuid:", 9), 0);
	assert_int_equal(strlen(settings.instance), 45);
	assert_int_equal(read_settings(&f, LEAST, &again), RESULT_OK);
	assert_string_equal(settings.instance, again.instance);
	fixture_end(&f);
}

static void everything_may_be_said(void **state)
{
	struct settings settings;
	struct fixture f;

	(void)state;
	fixture_make(&f);
	assert_int_equal(
		read_settings(&f,
			      "aor: user-a@abc.com\nsubscriber: 4711\npassword-file: '-'\n"
			      "gateway:\n  domain: abc.com\n"
			      "  addresses: [ 192.0.2.1, '192.0.2.2:5070' ]\n"
			      "address: 192.0.2.9\nport: 5062\nencap: yes\n"
			      "suites: [ null-hmac-sha-256-128 ]\ntrust: chain\nminimum-level: 3\n"
			      "on-weak-path: warn\nauto-answer: yes\nexpires: 10min\n"
			      "keep-alive: 30s\nlongest-call: 2h\ncontrol:\n  socket: /run/t\nkey-log: /tmp/k\n"
			      "instance: urn:x:y\nlocal:\n  port: 5070\n"
			      "channel-offload: off\n",
			      &settings),
		RESULT_OK);
	assert_string_equal(settings.subscriber, "4711");
	assert_string_equal(settings.password_file, "-");
	assert_int_equal(settings.gateway_count, 2);
	assert_int_equal(settings.gateways[1].port, 5070);
	assert_int_equal(settings.own.family, 4);
	assert_int_equal(settings.own.port, 5062);
	assert_true(settings.wants_encap);
	assert_true(settings.without_offloads);
	assert_int_equal(settings.local_port, 5070);
	assert_int_equal(settings.suites.count, 1);
	assert_int_equal(settings.suites.suite[0], SUITE_NULL_HMAC_SHA_256_128);
	assert_int_equal(settings.policy.trust, SERIES_TRUST_CHAIN);
	assert_int_equal(settings.policy.level_min, 3);
	assert_false(settings.is_refusing);
	assert_true(settings.is_auto_answering);
	assert_int_equal(settings.expires_s, 600);
	assert_int_equal(settings.keep_alive_ms, 30000);
	assert_int_equal(settings.longest_call_ms, 7200 * 1000);
	assert_string_equal(settings.control_socket, "/run/t");
	assert_string_equal(settings.key_log, "/tmp/k");
	assert_string_equal(settings.instance, "urn:x:y");
	fixture_end(&f);
}

static void mistakes_are_told_with_their_place(void **state)
{
	static const struct {
		const char *yaml, *told;
	} cases[] = {
		{LEAST "suites: [ rot-13 ]\n", ":8:11: there is no suite \"rot-13\""},
		{LEAST "trust: nobody\n", ":8:8:"},
		{LEAST "minimum-level: 4\n", ":8:16:"},
		{LEAST "address: 192.0.2.1\n", ":8:10: not of the gateway's IP version"},
		{LEAST "colour: red\n", ":8:1:"},
		{LEAST "local:\n  port: 65536\n", ":9:9:"},
		{LEAST "local:\n  address: 0.0.0.0\n", ":9:3:"},
		{"aor: abc.com\npassword-file: p\ngateway:\n  domain: abc.com\n"
		 "  address: ::1\ncontrol:\n  socket: c\n",
		 ":1:6: not a name like user-a@abc.com"},
		{"aor: a@abc.com\npassword-file: p\ngateway:\n  domain: abc.com\n"
		 "  addresses: [ 192.0.2.1, '::1' ]\ncontrol:\n  socket: c\n",
		 ":5:"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct settings settings;
		struct fixture f;

		fixture_make(&f);
		assert_int_equal(read_settings(&f, cases[i].yaml, &settings), RESULT_BAD);
		if (!strstr(f.said, cases[i].told))
			fail_msg("not \"%s\" but:\n%s", cases[i].told, f.said);
		fixture_end(&f);
	}
}

static enum result read_password(struct fixture *f, const char *content, mode_t mode,
				 struct settings *settings)
{
	char path[128];
	enum result result;
	FILE *report = fopen("/dev/null", "w");

	snprintf(path, sizeof(path), "%s/password", f->folder);
	write_file(path, content);
	assert_int_equal(chmod(path, mode), 0);
	strcpy(settings->password_file, path);
	result = settings_read_password(settings, report);
	fclose(report);
	return result;
}

static void password_is_the_first_line_of_a_file_of_ones_own(void **state)
{
	char long_line[SETTINGS_PASSWORD_BYTES + 2];
	struct settings settings = {0};
	struct fixture f;

	(void)state;
	fixture_make(&f);
	assert_int_equal(read_password(&f, "se cret\nmore\n", 0600, &settings), RESULT_OK);
	assert_string_equal(settings.password, "se cret");
	assert_int_equal(read_password(&f, "secret\r\n", 0400, &settings), RESULT_OK);
	assert_string_equal(settings.password, "secret");
	assert_int_equal(read_password(&f, "no end", 0600, &settings), RESULT_OK);
	assert_string_equal(settings.password, "no end");
	assert_int_equal(read_password(&f, "x\n", 0640, &settings), RESULT_DENIED);
	assert_int_equal(read_password(&f, "x\n", 0604, &settings), RESULT_DENIED);
	assert_int_equal(read_password(&f, "", 0600, &settings), RESULT_BAD);
	assert_int_equal(read_password(&f, "\nsecret\n", 0600, &settings), RESULT_BAD);
	memset(long_line, 'x', sizeof(long_line));
	long_line[sizeof(long_line) - 1] = 0;
	assert_int_equal(read_password(&f, long_line, 0600, &settings), RESULT_BAD);
	strcpy(settings.password_file, "/nowhere/at/all");
	assert_int_equal(settings_read_password(&settings, stdout), RESULT_IO);
	settings_wipe(&settings);
	for (size_t i = 0; i < sizeof(settings.password); i++)
		assert_int_equal(settings.password[i], 0);
	fixture_end(&f);
}

static void looking_whether_it_is_there_keeps_no_password(void **state)
{
	struct settings settings = {.password_file = "-"};
	struct fixture f;
	FILE *report = fopen("/dev/null", "w");

	(void)state;
	fixture_make(&f);
	/* Standard input is not read: it would be missing when the terminal runs. */
	assert_int_equal(settings_check_credentials(&settings, report), RESULT_OK);
	assert_int_equal(read_password(&f, "secret\n", 0600, &settings), RESULT_OK);
	assert_int_equal(settings_check_credentials(&settings, report), RESULT_OK);
	for (size_t i = 0; i < sizeof(settings.password); i++)
		assert_int_equal(settings.password[i], 0);
	strcpy(settings.password_file, "/nowhere/at/all");
	assert_int_equal(settings_check_credentials(&settings, report), RESULT_IO);
	fclose(report);
	fixture_end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(least_file_gets_the_defaults),
		cmocka_unit_test(everything_may_be_said),
		cmocka_unit_test(mistakes_are_told_with_their_place),
		cmocka_unit_test(password_is_the_first_line_of_a_file_of_ones_own),
		cmocka_unit_test(looking_whether_it_is_there_keeps_no_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
