#include "shared/keyexchange/trust.h"

#include <openssl/x509.h>

#include "tests/unit/keyexchange/issued.h"
#include "tests/unit/shared/sip_check.h"

#define DAY_S 86400

static int set_up(void **state)
{
	struct issued *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	issued_make(s, NULL);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	issued_remove(*state);
	free(*state);
	return 0;
}

/* Takes both over; reason NULL: it holds. */
static void judge_take(struct trust *trust, struct signer *signer, enum trust_role role,
		       uint64_t now_s, const char *reason)
{
	const char *got = "it holds";
	enum result result = trust_check(trust, signer_certificate(signer), role, now_s, NULL, &got);

	if (reason) {
		assert_int_equal(result, RESULT_DENIED);
		assert_string_equal(got, reason);
	} else {
		assert_string_equal(got, "it holds");
		assert_int_equal(result, RESULT_OK);
	}
	trust_destroy(trust);
	signer_destroy(signer);
}

static void who_the_ca_signed_is_believed_while_the_certificate_is_valid(void **state)
{
	struct issued *s = *state;
	struct issue_spec spec = issued_terminal("sip:user-a@abc.com");

	judge_take(issued_trust(s, false), issued_signer(s, &spec), TRUST_TERMINAL, ISSUED_NOW_S,
		   NULL);
	judge_take(issued_trust(s, true), issued_signer(s, &spec), TRUST_TERMINAL, ISSUED_NOW_S,
		   NULL);
	judge_take(issued_trust(s, false), issued_signer(s, &spec), TRUST_TERMINAL,
		   ISSUED_NOW_S + 11 * DAY_S, "certificate has expired");
	judge_take(issued_trust(s, false), issued_signer(s, &spec), TRUST_TERMINAL,
		   ISSUED_NOW_S - 7200, "certificate is not yet valid");
}

static void nobody_is_believed_on_his_own_word_or_another_ca_s(void **state)
{
	struct issued *s = *state;
	struct issue_spec spec = issued_terminal("sip:user-a@abc.com");
	struct issued other;

	issued_make(&other, NULL);
	judge_take(issued_trust(s, false), issued_by_itself(s, &spec), TRUST_TERMINAL, ISSUED_NOW_S,
		   "self-signed certificate");
	/* another CA of the same name */
	judge_take(issued_trust(s, false), issued_signer(&other, &spec), TRUST_TERMINAL,
		   ISSUED_NOW_S, "unable to get local issuer certificate");
	issued_remove(&other);
}

static void a_certificate_is_good_for_its_purpose_only(void **state)
{
	struct issued *s = *state;
	struct issue_spec terminal = issued_terminal("sip:user-a@abc.com");
	struct issue_spec gateway = issued_gateway("abc.com");

	judge_take(issued_trust(s, false), issued_signer(s, &gateway), TRUST_GATEWAY, ISSUED_NOW_S,
		   NULL);
	judge_take(issued_trust(s, false), issued_signer(s, &terminal), TRUST_GATEWAY, ISSUED_NOW_S,
		   "unsuitable certificate purpose");
	terminal.usage = "serverAuth";
	judge_take(issued_trust(s, false), issued_signer(s, &terminal), TRUST_TERMINAL,
		   ISSUED_NOW_S, "unsuitable certificate purpose");
	terminal.usage = "codeSigning,emailProtection";
	judge_take(issued_trust(s, false), issued_signer(s, &terminal), TRUST_TERMINAL,
		   ISSUED_NOW_S, "unsuitable certificate purpose");
}

static void who_stands_on_the_list_is_not_believed(void **state)
{
	struct issued *s = *state;
	struct issue_spec spec = issued_terminal("sip:user-a@abc.com");
	struct signer *revoked = issued_signer(s, &spec);

	issued_revoke(s, revoked);
	judge_take(issued_trust(s, true), revoked, TRUST_TERMINAL, ISSUED_NOW_S,
		   "certificate revoked");
	judge_take(issued_trust(s, true), issued_signer(s, &spec), TRUST_TERMINAL, ISSUED_NOW_S,
		   NULL);
	judge_take(issued_trust(s, true), issued_signer(s, &spec), TRUST_TERMINAL,
		   ISSUED_NOW_S + 2 * DAY_S, "CRL has expired");
}

/* The path of who is believed now. */
static struct trust_path path_of(const struct trust *trust, const struct signer *signer)
{
	const char *reason = "";
	struct trust_path path;

	assert_int_equal(trust_check(trust, signer_certificate(signer), TRUST_TERMINAL,
				     ISSUED_NOW_S, &path, &reason),
			 RESULT_OK);
	return path;
}

static void assert_fault_take(struct trust *trust, const struct trust_path *path, const char *fault)
{
	if (fault)
		assert_string_equal(trust_path_fault(trust, path), fault);
	else
		assert_null(trust_path_fault(trust, path));
	trust_destroy(trust);
}

static void who_was_believed_is_judged_again_by_a_new_list(void **state)
{
	(void)state;
	struct issue_spec spec = issued_terminal("sip:user-a@abc.com");
	struct signer *one, *two;
	struct trust_path path, other;
	struct trust *before;
	struct issued s;

	issued_make(&s, NULL);
	one = issued_signer(&s, &spec);
	two = issued_signer(&s, &spec);
	before = issued_trust(&s, true);
	path = path_of(before, one);
	other = path_of(before, two);
	assert_int_equal(path.until_s, spec.until_s);
	assert_int_not_equal(path.certificate[0], other.certificate[0]);
	assert_int_equal(path.certificate[1], 0);
	assert_int_equal(path.anchor, other.anchor);
	assert_fault_take(before, &path, NULL);
	issued_revoke(&s, one);
	assert_fault_take(issued_trust(&s, true), &path, "its certificate is revoked");
	assert_fault_take(issued_trust(&s, true), &other, NULL);
	assert_fault_take(issued_trust(&s, false), &path, NULL);
	signer_destroy(one);
	signer_destroy(two);
	issued_remove(&s);
}

static void a_root_that_is_taken_away_vouches_no_more(void **state)
{
	struct issued *s = *state, other;
	struct issue_spec spec = issued_terminal("sip:user-a@abc.com");
	struct signer *signer = issued_signer(s, &spec);
	struct trust *trust = issued_trust(s, false);
	struct trust_path path = path_of(trust, signer);

	issued_make(&other, NULL);
	assert_fault_take(issued_trust(&other, false), &path,
			  "its certificate is of a CA no longer believed");
	/* renewed under its name and key it is the one it was */
	X509_set_version(s->ca, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(s->ca), 77);
	assert_int_not_equal(X509_sign(s->ca, s->key, EVP_sha256()), 0);
	assert_fault_take(issued_trust(s, false), &path, NULL);
	trust_destroy(trust);
	signer_destroy(signer);
	issued_remove(&other);
}

/* A leaf under a CA between it and the root. */
static struct signer *leaf_below(struct issued *s, const char *constraints, bool is_ca,
				 struct trust **trust)
{
	struct issue_spec leaf = issued_terminal("sip:user-a@abc.com");
	struct issue_spec middle = {
		.common_name = "between",
		.is_ca = is_ca,
		.constraints = constraints,
		.from_s = ISSUED_NOW_S - DAY_S,
		.until_s = ISSUED_NOW_S + DAY_S,
	};
	EVP_PKEY *middle_key = issue_key(), *key = issue_key();
	X509 *x509 = issue_certificate(&middle, middle_key, s->ca, s->key);
	struct signer *signer = issued_with(s, &leaf, key, x509, middle_key);
	char message[256], both[256], command[512];

	snprintf(both, sizeof(both), "%s/both.pem", s->folder);
	issued_write_certificate(s, "ca.pem", s->ca);
	issued_write_certificate(s, "middle.pem", x509);
	snprintf(command, sizeof(command), "cat %s/ca.pem %s/middle.pem >%s", s->folder, s->folder,
		 both);
	assert_int_equal(system(command), 0);
	assert_int_equal(trust_read(both, NULL, trust, message, sizeof(message)), RESULT_OK);
	X509_free(x509);
	EVP_PKEY_free(middle_key);
	EVP_PKEY_free(key);
	return signer;
}

static void a_ca_between_is_believed_if_it_is_one(void **state)
{
	struct trust *trust;
	struct signer *signer = leaf_below(*state, NULL, true, &trust);

	judge_take(trust, signer, TRUST_TERMINAL, ISSUED_NOW_S, NULL);
	signer = leaf_below(*state, "permitted;URI:abc.com", true, &trust);
	judge_take(trust, signer, TRUST_TERMINAL, ISSUED_NOW_S, NULL);
	signer = leaf_below(*state, "permitted;URI:xyz.com", true, &trust);
	judge_take(trust, signer, TRUST_TERMINAL, ISSUED_NOW_S, "permitted subtree violation");
	/* a leaf that plays CA */
	signer = leaf_below(*state, NULL, false, &trust);
	judge_take(trust, signer, TRUST_TERMINAL, ISSUED_NOW_S, "invalid CA certificate");
}

static void the_first_of_a_path_to_expire_ends_it(void **state)
{
	struct trust *trust;
	struct signer *signer = leaf_below(*state, NULL, true, &trust);
	struct trust_path path = path_of(trust, signer);

	assert_int_equal(path.until_s, ISSUED_NOW_S + DAY_S);
	assert_int_not_equal(path.certificate[1], 0);
	assert_int_not_equal(path.certificate[1], path.certificate[0]);
	assert_int_equal(path.certificate[2], 0);
	assert_fault_take(trust, &path, NULL);
	signer_destroy(signer);
}

static void a_ca_s_name_constraints_hold_for_sip_uris(void **state)
{
	(void)state;
	static const struct {
		const char *constraints, *uri, *reason;
	} rows[] = {
		{"critical,permitted;URI:abc.com", "sip:user-a@abc.com", NULL},
		{"critical,permitted;URI:abc.com", "sip:user-a@ABC.com", NULL},
		{"critical,permitted;URI:abc.com,permitted;URI:xyz.com", "sip:user-a@xyz.com",
		 NULL},
		{"critical,permitted;URI:.abc.com", "sip:user-a@tokyo.abc.com", NULL},
		{"critical,permitted;DNS:abc.com", "sip:user-a@xyz.com", NULL},
		{"critical,excluded;URI:xyz.com", "sip:user-a@abc.com", NULL},
		{"critical,permitted;URI:abc.com", "sip:user-a@xyz.com",
		 "permitted subtree violation"},
		{"critical,permitted;URI:abc.com", "sip:user-a@tokyo.abc.com",
		 "permitted subtree violation"},
		{"critical,permitted;URI:abc.com", "sip:abc.com@xyz.com",
		 "permitted subtree violation"},
		{"critical,permitted;URI:.abc.com", "sip:user-a@abc.com",
		 "permitted subtree violation"},
		{"critical,excluded;URI:abc.com", "sip:user-a@abc.com",
		 "permitted subtree violation"},
		{"critical,permitted;URI:abc.com,excluded;URI:abc.com", "sip:user-a@abc.com",
		 "permitted subtree violation"},
		{"critical,permitted;URI:abc.com", "nonsense", "permitted subtree violation"},
	};

	for (size_t n = 0; n < COUNT(rows); n++) {
		struct issue_spec spec = issued_terminal(rows[n].uri);
		struct issued s;

		issued_make(&s, rows[n].constraints);
		judge_take(issued_trust(&s, false), issued_signer(&s, &spec), TRUST_TERMINAL,
			   ISSUED_NOW_S, rows[n].reason);
		issued_remove(&s);
	}
}

static void constraints_on_dns_names_hold_for_gateways(void **state)
{
	(void)state;
	struct issue_spec good = issued_gateway("abc.com"), bad = issued_gateway("xyz.com");
	struct issue_spec mixed = issued_gateway("xyz.com");
	struct issued s;

	issued_make(&s, "critical,permitted;DNS:abc.com,permitted;URI:abc.com");
	judge_take(issued_trust(&s, false), issued_signer(&s, &good), TRUST_GATEWAY, ISSUED_NOW_S,
		   NULL);
	judge_take(issued_trust(&s, false), issued_signer(&s, &bad), TRUST_GATEWAY, ISSUED_NOW_S,
		   "permitted subtree violation");
	/* a good URI lets no other name through */
	mixed.dns = NULL;
	mixed.uri = "sip:user-a@abc.com";
	mixed.second_uri = "https://xyz.com/";
	judge_take(issued_trust(&s, false), issued_signer(&s, &mixed), TRUST_GATEWAY, ISSUED_NOW_S,
		   "permitted subtree violation");
	issued_remove(&s);
}

static void a_list_by_another_ca_of_the_same_name_is_not_read(void **state)
{
	struct issued *s = *state, other;
	char message[512], ca[128], crl[128];
	struct trust *trust;

	issued_make(&other, NULL);
	trust_destroy(issued_trust(&other, true)); /* writes its files */
	snprintf(ca, sizeof(ca), "%s", issued_write_certificate(s, "ca.pem", s->ca));
	snprintf(crl, sizeof(crl), "%s/ca.crl", other.folder);
	assert_int_equal(trust_read(ca, crl, &trust, message, sizeof(message)), RESULT_BAD);
	assert_non_null(strstr(message, "a list in it is by no CA of"));
	issued_remove(&other);
}

static void files_that_hold_nothing_are_told(void **state)
{
	struct issued *s = *state;
	char message[256], key[128], ca[128];
	struct trust *trust;

	snprintf(key, sizeof(key), "%s", issued_write_key(s, "x.key", s->key));
	snprintf(ca, sizeof(ca), "%s", issued_write_certificate(s, "ca.pem", s->ca));
	assert_int_equal(trust_read("/nowhere", NULL, &trust, message, sizeof(message)), RESULT_IO);
	assert_string_equal(message, "/nowhere: No such file or directory");
	assert_int_equal(trust_read(key, NULL, &trust, message, sizeof(message)), RESULT_BAD);
	assert_non_null(strstr(message, "x.key: nothing usable stands in it"));
	assert_int_equal(trust_read(ca, key, &trust, message, sizeof(message)), RESULT_BAD);
	assert_int_equal(trust_read(ca, "/nowhere", &trust, message, sizeof(message)), RESULT_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_the_ca_signed_is_believed_while_the_certificate_is_valid),
		cmocka_unit_test(nobody_is_believed_on_his_own_word_or_another_ca_s),
		cmocka_unit_test(a_certificate_is_good_for_its_purpose_only),
		cmocka_unit_test(who_stands_on_the_list_is_not_believed),
		cmocka_unit_test(who_was_believed_is_judged_again_by_a_new_list),
		cmocka_unit_test(a_root_that_is_taken_away_vouches_no_more),
		cmocka_unit_test(a_ca_between_is_believed_if_it_is_one),
		cmocka_unit_test(the_first_of_a_path_to_expire_ends_it),
		cmocka_unit_test(a_ca_s_name_constraints_hold_for_sip_uris),
		cmocka_unit_test(constraints_on_dns_names_hold_for_gateways),
		cmocka_unit_test(a_list_by_another_ca_of_the_same_name_is_not_read),
		cmocka_unit_test(files_that_hold_nothing_are_told),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
