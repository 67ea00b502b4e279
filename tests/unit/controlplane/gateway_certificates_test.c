#include "controlplane/gateway_certificates.h"

#include <sys/stat.h>

#include "controlplane/ca/authority.h"
#include "tests/unit/controlplane/scratch.h"

struct served {
	struct scratch scratch;
	struct control_config config;
	char message[AUTHORITY_MESSAGE_BYTES];
};

static int set_up(void **state)
{
	struct served *s = calloc(1, sizeof(*s));
	struct control_certificates *files;
	char path[128];

	assert_non_null(s);
	scratch_make(&s->scratch);
	files = &s->config.certificates;
	assert_int_equal(authority_init(s->scratch.folder, NULL, 9, s->message, sizeof(s->message)),
			 RESULT_OK);
	assert_int_equal(
		authority_issue(s->scratch.folder, "abc.com", 9, s->message, sizeof(s->message)),
		RESULT_OK);
	strcpy(files->certificate_file, scratch_path(&s->scratch, path, "abc.com.pem"));
	strcpy(files->key_file, scratch_path(&s->scratch, path, "abc.com.key"));
	strcpy(files->ca_file, scratch_path(&s->scratch, path, "ca.pem"));
	strcpy(files->crl_file, scratch_path(&s->scratch, path, "ca.crl"));
	strcpy(s->config.domain[0], "abc.com");
	s->config.domain_count = 1;
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct served *s = *state;

	scratch_remove(&s->scratch);
	free(s);
	return 0;
}

static struct gateway_certificates *create(struct served *s)
{
	struct gateway_certificates *c;

	assert_int_equal(
		gateway_certificates_create(&s->config, &c, s->message, sizeof(s->message)),
		RESULT_OK);
	return c;
}

static void nothing_configured_is_a_set_of_none(void **state)
{
	struct served *s = *state;
	struct gateway_certificates *c;

	memset(&s->config.certificates, 0, sizeof(s->config.certificates));
	c = create(s);
	assert_null(gateway_certificates_view(c).signer);
	assert_null(gateway_certificates_view(c).trust);
	assert_false(gateway_certificates_reload(c));
	gateway_certificates_destroy(c);
}

static void a_changed_list_is_read_again_and_a_broken_one_is_not(void **state)
{
	struct served *s = *state;
	struct gateway_certificates *c = create(s);
	struct exchange_certificates view = gateway_certificates_view(c);
	FILE *file;

	assert_non_null(view.signer);
	assert_non_null(view.trust);
	assert_false(gateway_certificates_reload(c));
	assert_int_equal(
		authority_issue(s->scratch.folder, "a@abc.com", 9, s->message, sizeof(s->message)),
		RESULT_OK);
	assert_int_equal(
		authority_revoke(s->scratch.folder, "a@abc.com", s->message, sizeof(s->message)),
		RESULT_OK);
	assert_true(gateway_certificates_reload(c));
	assert_ptr_not_equal(gateway_certificates_view(c).trust, view.trust);
	assert_false(gateway_certificates_reload(c));
	view = gateway_certificates_view(c);
	file = fopen(s->config.certificates.crl_file, "w");
	fputs("rubbish", file);
	fclose(file);
	assert_false(gateway_certificates_reload(c));
	assert_ptr_equal(gateway_certificates_view(c).trust, view.trust);
	gateway_certificates_destroy(c);
}

static void files_that_cannot_be_used_are_told(void **state)
{
	struct served *s = *state;
	struct gateway_certificates *c;

	assert_int_equal(chmod(s->config.certificates.key_file, 0644), 0);
	assert_int_equal(
		gateway_certificates_create(&s->config, &c, s->message, sizeof(s->message)),
		RESULT_DENIED);
	assert_non_null(strstr(s->message, "abc.com.key: others than its owner may read it, and it "
					   "holds a secret: chmod 600 it"));
	strcpy(s->config.certificates.key_file, s->config.certificates.certificate_file);
	assert_int_equal(
		gateway_certificates_create(&s->config, &c, s->message, sizeof(s->message)),
		RESULT_BAD);
	assert_non_null(strstr(s->message, "no private key in PEM"));
}

#define SERVED(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVED(nothing_configured_is_a_set_of_none),
		SERVED(a_changed_list_is_read_again_and_a_broken_one_is_not),
		SERVED(files_that_cannot_be_used_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
