/* controlplane/ca/authority.c, and through it issue.c */
#include "controlplane/ca/authority.h"

#include <sys/stat.h>
#include <time.h>

#include "shared/keyexchange/trust.h"
#include "tests/unit/controlplane/scratch.h"

struct made {
	struct scratch scratch;
	char message[AUTHORITY_MESSAGE_BYTES];
};

static int set_up(void **state)
{
	struct made *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	scratch_make(&m->scratch);
	*state = m;
	return 0;
}

static int tear_down(void **state)
{
	struct made *m = *state;

	scratch_remove(&m->scratch);
	free(m);
	return 0;
}

static enum result init(struct made *m, const char *domain)
{
	return authority_init(m->scratch.folder, domain, 10, m->message, sizeof(m->message));
}

static enum result issue(struct made *m, const char *name, uint32_t days)
{
	return authority_issue(m->scratch.folder, name, days, m->message, sizeof(m->message));
}

static enum result put_out(struct made *m, const char *name)
{
	return authority_revoke(m->scratch.folder, name, m->message, sizeof(m->message));
}

/* The judgement on a name's certificate in so many seconds; "" if it holds. */
static const char *judgement(struct made *m, const char *name, enum trust_role role, int64_t in_s)
{
	char ca[128], crl[128], path[128], file[64];
	struct certificate *certificate;
	struct trust *trust;
	const char *reason = "";

	snprintf(file, sizeof(file), "%s.pem", name);
	assert_int_equal(trust_read(scratch_path(&m->scratch, ca, "ca.pem"),
				    scratch_path(&m->scratch, crl, "ca.crl"), &trust, m->message,
				    sizeof(m->message)),
			 RESULT_OK);
	assert_int_equal(certificate_read(scratch_path(&m->scratch, path, file), &certificate),
			 RESULT_OK);
	if (trust_check(trust, certificate, role, (uint64_t)(time(NULL) + in_s), NULL, &reason) ==
	    RESULT_OK)
		assert_string_equal(reason, "");
	certificate_destroy(certificate);
	trust_destroy(trust);
	return reason;
}

static void terminals_and_gateways_are_issued_certificates_that_hold(void **state)
{
	struct made *m = *state;
	char key[128], pem[128];
	struct signer *signer;
	char why[200];
	struct stat status;

	assert_int_equal(init(m, "abc.com"), RESULT_OK);
	assert_int_equal(issue(m, "user-a@abc.com", 2), RESULT_OK);
	assert_int_equal(issue(m, "abc.com", 2), RESULT_OK);
	assert_string_equal(judgement(m, "user-a@abc.com", TRUST_TERMINAL, 0), "");
	assert_string_equal(judgement(m, "abc.com", TRUST_GATEWAY, 0), "");
	assert_string_equal(judgement(m, "user-a@abc.com", TRUST_GATEWAY, 0),
			    "unsuitable certificate purpose");
	assert_string_equal(judgement(m, "abc.com", TRUST_GATEWAY, 3 * 86400),
			    "certificate has expired");
	assert_int_equal(signer_read(scratch_path(&m->scratch, pem, "user-a@abc.com.pem"),
				     scratch_path(&m->scratch, key, "user-a@abc.com.key"), &signer,
				     why, sizeof(why)),
			 RESULT_OK);
	signer_destroy(signer);
	assert_int_equal(stat(key, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(stat(scratch_path(&m->scratch, key, "ca.key"), &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void a_ca_of_one_domain_is_believed_of_no_other(void **state)
{
	struct made *m = *state;

	assert_int_equal(init(m, "abc.com"), RESULT_OK);
	assert_int_equal(issue(m, "user-b@xyz.com", 2), RESULT_OK);
	assert_string_equal(judgement(m, "user-b@xyz.com", TRUST_TERMINAL, 0),
			    "permitted subtree violation");
}

static void who_is_revoked_stays_revoked(void **state)
{
	struct made *m = *state;
	static const char *const names[] = {"a@abc.com", "b@abc.com", "c@abc.com"};

	assert_int_equal(init(m, NULL), RESULT_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(issue(m, names[i], 2), RESULT_OK);
	assert_int_equal(put_out(m, "b@abc.com"), RESULT_OK);
	assert_int_equal(put_out(m, "a@abc.com"), RESULT_OK);
	assert_int_equal(put_out(m, "a@abc.com"), RESULT_OK);
	assert_int_equal(authority_renew(m->scratch.folder, 3, m->message, sizeof(m->message)),
			 RESULT_OK);
	assert_string_equal(judgement(m, "a@abc.com", TRUST_TERMINAL, 0), "certificate revoked");
	assert_string_equal(judgement(m, "b@abc.com", TRUST_TERMINAL, 0), "certificate revoked");
	assert_string_equal(judgement(m, "c@abc.com", TRUST_TERMINAL, 0), "");
	/* issued anew it is good again: the old one is not */
	assert_int_equal(issue(m, "a@abc.com", 2), RESULT_OK);
	assert_string_equal(judgement(m, "a@abc.com", TRUST_TERMINAL, 0), "");
}

static void what_cannot_be_is_told(void **state)
{
	static const char *const bad[] = {"",	   "user a@abc.com",   "a@abc.com;x=y",
					  "../ca", "a@abc.com:5060",   "/etc/passwd",
					  ".x",	   "a:secret@abc.com", "a/b@abc.com"};
	struct made *m = *state;
	char path[128];
	FILE *file;

	assert_int_equal(issue(m, "a@abc.com", 2), RESULT_IO);
	assert_non_null(strstr(m->message, "ca.pem: No such file"));
	assert_int_equal(init(m, "no domain"), RESULT_BAD);
	assert_int_equal(init(m, NULL), RESULT_OK);
	assert_int_equal(init(m, NULL), RESULT_EXISTS);
	assert_non_null(strstr(m->message, "there is a CA already"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(issue(m, bad[i], 2), RESULT_BAD);
	assert_int_equal(put_out(m, "nobody@abc.com"), RESULT_NOT_FOUND);
	assert_int_equal(put_out(m, "../ca"), RESULT_NOT_FOUND);
	/* a list that cannot be read is never begun anew */
	assert_int_equal(issue(m, "a@abc.com", 2), RESULT_OK);
	file = fopen(scratch_path(&m->scratch, path, "ca.crl"), "w");
	fputs("rubbish", file);
	fclose(file);
	assert_int_equal(put_out(m, "a@abc.com"), RESULT_BAD);
	assert_non_null(strstr(m->message, "no revocation list"));
}

#define MADE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MADE(terminals_and_gateways_are_issued_certificates_that_hold),
		MADE(a_ca_of_one_domain_is_believed_of_no_other),
		MADE(who_is_revoked_stays_revoked),
		MADE(what_cannot_be_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
