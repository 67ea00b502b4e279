/* controlplane/peers/tls.c: what of the files that TLS begins with is told; the rest in
 * tls_fault_test.c and peers_test.c. */
#include "controlplane/peers/tls.h"

#include <sys/stat.h>

#include "tests/unit/peers/peers_kit.h"

static enum result begin(const struct fixture *f, const char *certificate, const char *key,
			 const char *ca, char why[400])
{
	const char *const cas[] = {f->a.ca, ca};
	SSL_CTX *context = NULL;
	enum result result = tls_context_create(certificate, key, cas, 2, &context, why, 400);

	assert_int_equal(context != NULL, result == RESULT_OK);
	SSL_CTX_free(context);
	return result;
}

static void files_that_are_right_are_taken(void **state)
{
	const struct fixture *f = *state;
	char why[400];

	assert_int_equal(begin(f, f->a.certificate, f->a.key, f->a.ca, why), RESULT_OK);
}

static void a_key_that_others_may_read_is_refused(void **state)
{
	static const mode_t modes[] = {0640, 0604, 0644};
	const struct fixture *f = *state;
	char why[400];

	for (size_t n = 0; n < sizeof(modes) / sizeof(*modes); n++) {
		assert_int_equal(chmod(f->a.key, modes[n]), 0);
		assert_int_equal(begin(f, f->a.certificate, f->a.key, f->a.ca, why), RESULT_BAD);
		assert_non_null(strstr(why, f->a.key));
		assert_non_null(strstr(why, "chmod 600 it"));
	}
	assert_int_equal(chmod(f->a.key, 0400), 0);
	assert_int_equal(begin(f, f->a.certificate, f->a.key, f->a.ca, why), RESULT_OK);
}

static void it_is_told_which_file_it_is(void **state)
{
	const struct fixture *f = *state;
	char why[400];

	assert_int_equal(begin(f, "/nowhere.pem", f->a.key, f->a.ca, why), RESULT_BAD);
	assert_ptr_equal(strstr(why, "/nowhere.pem cannot be used: "), why);
	assert_int_equal(begin(f, f->a.certificate, "/nowhere.key", f->a.ca, why), RESULT_BAD);
	assert_string_equal(why, "/nowhere.key: No such file or directory");
	assert_int_equal(begin(f, f->a.certificate, f->a.key, "/nowhere-ca.pem", why), RESULT_BAD);
	assert_ptr_equal(strstr(why, "/nowhere-ca.pem cannot be used: "), why);
	/* another's key */
	assert_int_equal(begin(f, f->a.certificate, f->b.key, f->a.ca, why), RESULT_BAD);
	assert_non_null(strstr(why, "key values mismatch"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files_that_are_right_are_taken, kit_setup,
						kit_teardown),
		cmocka_unit_test_setup_teardown(a_key_that_others_may_read_is_refused, kit_setup,
						kit_teardown),
		cmocka_unit_test_setup_teardown(it_is_told_which_file_it_is, kit_setup,
						kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
