/* shared/keyexchange/certificate_library.c: what is read in it is what libcrypto reads by itself. */
#include "shared/keyexchange/certificate_library.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/err.h>
#include <time.h>

#include "tests/unit/keyexchange/issued.h"

static const struct issue_spec spec = {.uri = "sip:user-a@abc.com",
				       .from_s = (int64_t)ISSUED_NOW_S - 1000,
				       .until_s = (int64_t)ISSUED_NOW_S + 1000};

/* A certificate for key by an issuer with issuer_key, read again, and by libcrypto itself. */
static void both_read(EVP_PKEY *key, EVP_PKEY *issuer_key, X509 **ours, X509 **its)
{
	const struct issue_spec ca = {.common_name = "CA",
				      .is_ca = true,
				      .from_s = spec.from_s,
				      .until_s = spec.until_s};
	X509 *issuer = issue_certificate(&ca, issuer_key, NULL, NULL);
	X509 *made = issue_certificate(&spec, key, issuer, issuer_key);
	unsigned char *der = NULL;
	const unsigned char *at;
	int length;

	assert_non_null(issuer);
	assert_non_null(made);
	length = i2d_X509(made, &der);
	assert_true(length > 0);
	at = der;
	*ours = certificate_library_new();
	assert_non_null(*ours);
	assert_non_null(d2i_X509(ours, &at, length));
	assert_ptr_equal(at, der + length);
	at = der;
	*its = d2i_X509(NULL, &at, length);
	assert_non_null(*its);
	OPENSSL_free(der);
	X509_free(made);
	X509_free(issuer);
}

static void keys_and_signatures_are_what_libcrypto_says(void **state)
{
	EVP_PKEY *keys[] = {issue_key(), EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
			    EVP_RSA_gen(2048), EVP_EC_gen("P-384")};
	EVP_PKEY *issuers[] = {issue_key(), EVP_RSA_gen(2048)};
	EVP_PKEY *stranger = issue_key();

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		EVP_PKEY *key = keys[i % 4], *issuer = issuers[i / 4];
		X509 *ours, *its;

		both_read(key, issuer, &ours, &its);
		assert_non_null(X509_get0_pubkey(ours));
		assert_int_equal(EVP_PKEY_eq(X509_get0_pubkey(ours), key), 1);
		assert_int_equal(EVP_PKEY_eq(X509_get0_pubkey(its), X509_get0_pubkey(ours)), 1);
		assert_int_equal(X509_verify(ours, issuer), 1);
		assert_int_not_equal(X509_verify(ours, stranger), 1);
		assert_int_equal(X509_cmp(ours, its), 0);
		X509_free(ours);
		X509_free(its);
	}
	for (size_t i = 0; i < 4; i++)
		EVP_PKEY_free(keys[i]);
	EVP_PKEY_free(issuers[0]);
	EVP_PKEY_free(issuers[1]);
	EVP_PKEY_free(stranger);
	ERR_clear_error();
}

/* A kind that nobody here takes: the certificate is read, and its key is not to be had. */
static void other_kinds_of_keys_are_not_read(void **state)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), *issuer = issue_key();
	X509 *ours, *its;

	(void)state;
	both_read(key, issuer, &ours, &its);
	assert_null(X509_get0_pubkey(ours));
	assert_non_null(X509_get0_pubkey(its));
	X509_free(ours);
	X509_free(its);
	EVP_PKEY_free(key);
	EVP_PKEY_free(issuer);
	ERR_clear_error();
}

static double seconds_of_reading(X509 *(*empty)(void), const unsigned char *der, long length)
{
	struct timespec before, after;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
	for (int i = 0; i < 300; i++) {
		const unsigned char *at = der;
		X509 *x509 = empty();

		assert_non_null(d2i_X509(&x509, &at, length));
		X509_free(x509);
	}
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
	return (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
}

/* What it is for: if it is not there any more, nobody would notice but by the clock. */
static void it_is_faster_than_libcrypto_by_itself(void **state)
{
	EVP_PKEY *key = issue_key();
	X509 *made = issue_certificate(&spec, key, NULL, NULL);
	unsigned char *der = NULL;
	int length = i2d_X509(made, &der);
	double ours = 0, its = 0;

	(void)state;
	assert_true(length > 0);
	for (int turn = 0; turn < 5; turn++) {
		ours += seconds_of_reading(certificate_library_new, der, length);
		its += seconds_of_reading(X509_new, der, length);
	}
	assert_true(ours < its * 0.8);
	OPENSSL_free(der);
	X509_free(made);
	EVP_PKEY_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_and_signatures_are_what_libcrypto_says),
		cmocka_unit_test(other_kinds_of_keys_are_not_read),
		cmocka_unit_test(it_is_faster_than_libcrypto_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
