#include "controlplane/ca/issue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/x509v3.h>

static void names_are_put_in_as_they_are(void **state)
{
	(void)state;
	const struct issue_spec spec = {
		.uri = "sip:a,DNS:evil.example@abc.com", .usage = "clientAuth", .until_s = 1};
	EVP_PKEY *key = issue_key();
	X509 *x509 = issue_certificate(&spec, key, NULL, NULL);
	GENERAL_NAMES *names;

	assert_non_null(x509);
	names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
	assert_int_equal(sk_GENERAL_NAME_num(names), 1);
	assert_int_equal(sk_GENERAL_NAME_value(names, 0)->type, GEN_URI);
	GENERAL_NAMES_free(names);
	X509_free(x509);
	EVP_PKEY_free(key);
}

static void serials_differ_and_a_list_holds_each_once(void **state)
{
	(void)state;
	const struct issue_spec ca_spec = {.common_name = "CA", .is_ca = true, .until_s = 100};
	const struct issue_spec spec = {.uri = "sip:a@abc.com", .until_s = 100};
	EVP_PKEY *key = issue_key();
	X509 *ca = issue_certificate(&ca_spec, key, NULL, NULL);
	X509 *one = issue_certificate(&spec, key, ca, key);
	X509 *two = issue_certificate(&spec, key, ca, key);
	X509_CRL *first = issue_crl(NULL, one, ca, key, 0, 100);
	X509_CRL *second = issue_crl(first, two, ca, key, 0, 100);
	X509_CRL *third = issue_crl(second, one, ca, key, 0, 100);

	assert_int_not_equal(
		ASN1_INTEGER_cmp(X509_get0_serialNumber(one), X509_get0_serialNumber(two)), 0);
	assert_int_equal(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(first)), 1);
	assert_int_equal(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(third)), 2);
	assert_int_equal(X509_CRL_verify(third, key), 1);
	X509_CRL_free(third);
	X509_CRL_free(second);
	X509_CRL_free(first);
	X509_free(two);
	X509_free(one);
	X509_free(ca);
	EVP_PKEY_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_put_in_as_they_are),
		cmocka_unit_test(serials_differ_and_a_list_holds_each_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
