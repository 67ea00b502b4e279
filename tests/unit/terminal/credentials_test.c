/* terminal/credentials.c; its header is settings.h */
#include "terminal/settings.h"

#include <sys/stat.h>

#include "controlplane/ca/authority.h"
#include "tests/unit/controlplane/scratch.h"

struct owned {
	struct scratch scratch;
	char yaml[128];
	char *told;
};

static int set_up(void **state)
{
	struct owned *o = calloc(1, sizeof(*o));
	char message[AUTHORITY_MESSAGE_BYTES];
	static const char *const names[] = {"user-a@abc.com", "user-b@abc.com", "abc.com"};

	assert_non_null(o);
	scratch_make(&o->scratch);
	assert_int_equal(authority_init(o->scratch.folder, NULL, 9, message, sizeof(message)),
			 RESULT_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(
			authority_issue(o->scratch.folder, names[i], 9, message, sizeof(message)),
			RESULT_OK);
	scratch_path(&o->scratch, o->yaml, "terminal.yaml");
	*state = o;
	return 0;
}

static int tear_down(void **state)
{
	struct owned *o = *state;

	scratch_remove(&o->scratch);
	free(o->told);
	free(o);
	return 0;
}

/* What became of a file with these lines, told in o->told. */
static enum result read_both(struct owned *o, const char *lines, struct settings *out)
{
	FILE *file = fopen(o->yaml, "w"), *report;
	enum result result;
	size_t len;

	fprintf(file,
		"aor: user-a@abc.com\ngateway: {domain: abc.com, address: \"2001:6789::5060\"}\n"
		"control: {socket: control}\n%s",
		lines);
	fclose(file);
	free(o->told);
	report = open_memstream(&o->told, &len);
	memset(out, 0, sizeof(*out));
	result = settings_read(o->yaml, report, out);
	if (result == RESULT_OK)
		result = settings_read_credentials(out, report);
	fclose(report);
	return result;
}

static void a_certificate_stands_in_a_password_s_place(void **state)
{
	struct owned *o = *state;
	struct settings settings;

	assert_int_equal(read_both(o,
				   "certificate: user-a@abc.com.pem\nkey: user-a@abc.com.key\n"
				   "trust-anchor: ca.pem\ncrl: ca.crl\n"
				   "gateway-certificate: abc.com.pem\n",
				   &settings),
			 RESULT_OK);
	assert_non_null(settings.signer);
	assert_non_null(settings.trust);
	assert_non_null(settings.gateway_certificate);
	settings_close(&settings);
	assert_null(settings.signer);
}

static void with_a_password_the_gateway_may_have_a_certificate(void **state)
{
	struct owned *o = *state;
	struct settings settings;
	char path[128];
	FILE *file = fopen(scratch_path(&o->scratch, path, "password"), "w");

	fputs("secret\n", file);
	fclose(file);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(read_both(o,
				   "password-file: password\ngateway-proof: certificate\n"
				   "trust-anchor: ca.pem\n",
				   &settings),
			 RESULT_OK);
	assert_null(settings.signer);
	assert_non_null(settings.trust);
	assert_string_equal(settings.password, "secret");
	settings_close(&settings);
}

static void what_does_not_fit_is_told(void **state)
{
	static const struct {
		const char *lines;
		const char *told;
	} rows[] = {
		{"certificate: user-a@abc.com.pem\ntrust-anchor: ca.pem\n", "\"key\""},
		{"certificate: user-a@abc.com.pem\nkey: user-a@abc.com.key\n", "\"trust-anchor\""},
		{"certificate: user-a@abc.com.pem\nkey: user-a@abc.com.key\n"
		 "trust-anchor: ca.pem\ngateway-proof: password\n",
		 "who comes by certificate meets the gateway by certificate"},
		{"certificate: user-a@abc.com.pem\nkey: user-b@abc.com.key\n"
		 "trust-anchor: ca.pem\n",
		 "they do not belong together"},
		{"certificate: user-b@abc.com.pem\nkey: user-b@abc.com.key\n"
		 "trust-anchor: ca.pem\n",
		 "it does not name sip:user-a@abc.com, and nobody else"},
		{"certificate: user-a@abc.com.pem\nkey: user-a@abc.com.key\n"
		 "trust-anchor: user-a@abc.com.key\n",
		 "nothing usable stands in it"},
		{"certificate: nowhere\nkey: user-a@abc.com.key\ntrust-anchor: ca.pem\n",
		 "No such file or directory"},
	};
	struct owned *o = *state;

	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		struct settings settings;

		assert_int_not_equal(read_both(o, rows[n].lines, &settings), RESULT_OK);
		if (strstr(o->told, rows[n].told) == NULL)
			fail_msg("\"%s\" is not in: %s", rows[n].told, o->told);
		settings_close(&settings);
	}
}

#define OWNED(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OWNED(a_certificate_stands_in_a_password_s_place),
		OWNED(with_a_password_the_gateway_may_have_a_certificate),
		OWNED(what_does_not_fit_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
