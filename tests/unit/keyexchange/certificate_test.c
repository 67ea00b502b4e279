#include "shared/keyexchange/certificate.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <sys/stat.h>

#include "tests/unit/keyexchange/issued.h"
#include "tests/unit/shared/sip_check.h"

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

static void a_certificate_is_read_whole_and_nothing_else(void **state)
{
	struct issued *s = *state;
	struct issue_spec spec = issued_terminal("sip:user-a@abc.com");
	struct signer *signer = issued_signer(s, &spec);
	struct slice der = certificate_der(signer_certificate(signer));
	struct certificate *again;
	uint8_t more[2048], hash[KDF_HASH_BYTES];

	assert_int_equal(certificate_parse(der, &again), RESULT_OK);
	assert_int_equal(kdf_hash(&der, 1, hash), RESULT_OK);
	assert_memory_equal(certificate_hash(again), hash, KDF_HASH_BYTES);
	certificate_destroy(again);
	for (size_t len = 0; len < der.len; len++)
		assert_int_equal(certificate_parse(slice_make(der.at, len), &again), RESULT_BAD);
	memcpy(more, der.at, der.len);
	more[der.len] = 0;
	assert_int_equal(certificate_parse(slice_make(more, der.len + 1), &again), RESULT_BAD);
	signer_destroy(signer);
}

static void the_one_sip_uri_with_a_user_is_who_it_names(void **state)
{
	static const struct {
		const char *uri, *second, *identity;
		enum result result;
	} rows[] = {
		{"sip:user-a@abc.com", NULL, "user-a@abc.com", RESULT_OK},
		{"sip:user%2Da@ABC.com", NULL, "user-a@abc.com", RESULT_OK},
		{"SIP:user-a@abc.com", "https://abc.com/a", "user-a@abc.com", RESULT_OK},
		{"sip:user-a@abc.com", "sip:abc.com", "user-a@abc.com", RESULT_OK},
		{"sip:user-a@abc.com", "sip:user-b@abc.com", NULL, RESULT_BAD},
		{"sip:user-a@abc.com;transport=tcp", NULL, NULL, RESULT_BAD},
		{"sip:user-a@abc.com?a=b", NULL, NULL, RESULT_BAD},
		{"sip:user-a:secret@abc.com", NULL, NULL, RESULT_BAD},
		{"sip:user-a@abc.com:5060", NULL, NULL, RESULT_BAD},
		{"sip:user-a@", NULL, NULL, RESULT_BAD},
		{"sip:abc.com", NULL, NULL, RESULT_NOT_FOUND},
		{"sips:user-a@abc.com", NULL, NULL, RESULT_NOT_FOUND},
		{"https://abc.com/user-a@abc.com", NULL, NULL, RESULT_NOT_FOUND},
	};

	for (size_t n = 0; n < COUNT(rows); n++) {
		struct issue_spec spec = issued_terminal(rows[n].uri);
		struct signer *signer;
		char aor[LIMIT_AOR_BYTES];
		size_t len;

		spec.second_uri = rows[n].second;
		signer = issued_signer(*state, &spec);
		assert_row(rows[n].uri, certificate_identity(signer_certificate(signer), aor,
							     &len) == rows[n].result);
		if (rows[n].identity)
			assert_slice(slice_make(aor, len), rows[n].identity);
		signer_destroy(signer);
	}
}

static void a_gateway_s_domain_is_a_dns_name_or_a_sip_uri_without_wildcards(void **state)
{
	static const struct {
		const char *dns, *uri;
		bool is_it;
	} rows[] = {
		{"abc.com", NULL, true},
		{"ABC.com", NULL, true},
		{NULL, "sip:abc.com", true},
		{"xyz.com", "sip:abc.com", true},
		{"*.com", NULL, false},
		{"www.abc.com", NULL, false},
		{"abc.com.", NULL, false},
		{NULL, "sip:user-a@abc.com", false},
		{NULL, "sip:abc.com:5060", false},
		{NULL, "sip:abc.com;maddr=x", false},
		{NULL, "https://abc.com", false},
	};

	for (size_t n = 0; n < COUNT(rows); n++) {
		struct issue_spec spec = issued_gateway(rows[n].dns);
		struct signer *signer;

		spec.uri = rows[n].uri;
		signer = issued_signer(*state, &spec);
		assert_row(rows[n].dns ? rows[n].dns : rows[n].uri,
			   certificate_has_domain(signer_certificate(signer), SLICE("abc.com")) ==
				   rows[n].is_it);
		signer_destroy(signer);
	}
}

static void check_signatures(struct issued *s, EVP_PKEY *key)
{
	struct issue_spec spec = issued_terminal("sip:user-a@abc.com");
	struct signer *signer = issued_with(s, &spec, key, s->ca, s->key);
	const struct certificate *own = signer_certificate(signer);
	uint8_t signature[CERTIFICATE_SIGNATURE_BYTES];

	/* often enough for an r or an s that begins with zeros */
	for (unsigned n = 0; n < 600; n++) {
		char text[16];
		struct slice statement =
			slice_make(text, (size_t)snprintf(text, sizeof(text), "%u", n));

		assert_int_equal(signer_sign(signer, statement, signature), RESULT_OK);
		assert_int_equal(certificate_verify(own, statement, signature), RESULT_OK);
	}
	assert_int_equal(certificate_verify(own, SLICE("another"), signature), RESULT_DENIED);
	for (size_t n = 0; n < sizeof(signature); n++) {
		signature[n] ^= 1;
		assert_int_equal(certificate_verify(own, SLICE("599"), signature), RESULT_DENIED);
		signature[n] ^= 1;
	}
	memset(signature, 0, sizeof(signature));
	assert_int_equal(certificate_verify(own, SLICE("599"), signature), RESULT_DENIED);
	memset(signature, 0xff, sizeof(signature));
	assert_int_equal(certificate_verify(own, SLICE("599"), signature), RESULT_DENIED);
	signer_destroy(signer);
}

static void signatures_of_p_256_and_ed25519_hold_and_no_changed_one_does(void **state)
{
	EVP_PKEY *p256 = issue_key(), *ed25519 = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	check_signatures(*state, p256);
	check_signatures(*state, ed25519);
	EVP_PKEY_free(p256);
	EVP_PKEY_free(ed25519);
}

static void other_kinds_of_keys_are_not_used(void **state)
{
	struct issued *s = *state;
	struct issue_spec spec = issued_terminal("sip:user-a@abc.com");
	EVP_PKEY *keys[] = {EVP_EC_gen("P-384"), EVP_EC_gen("secp256k1"), EVP_RSA_gen(2048)};

	for (size_t n = 0; n < COUNT(keys); n++) {
		X509 *x509 = issue_certificate(&spec, keys[n], s->ca, s->key);
		struct certificate *certificate;
		struct signer *signer;
		char why[200];

		assert_non_null(x509);
		assert_int_equal(
			certificate_read(issued_write_certificate(s, "x.pem", x509), &certificate),
			RESULT_BAD);
		assert_int_equal(signer_read(issued_write_certificate(s, "x.pem", x509),
					     issued_write_key(s, "x.key", keys[n]), &signer, why,
					     sizeof(why)),
				 RESULT_BAD);
		X509_free(x509);
		EVP_PKEY_free(keys[n]);
	}
}

static void files_that_do_not_fit_are_refused(void **state)
{
	struct issued *s = *state;
	struct issue_spec spec = issued_terminal("sip:user-a@abc.com");
	EVP_PKEY *key = issue_key(), *other = issue_key();
	X509 *x509 = issue_certificate(&spec, key, s->ca, s->key);
	const char *pem = issued_write_certificate(s, "x.pem", x509);
	struct certificate *certificate;
	struct signer *signer;
	char why[200];

	assert_int_equal(
		signer_read(pem, issued_write_key(s, "x.key", other), &signer, why, sizeof(why)),
		RESULT_BAD);
	assert_non_null(strstr(why, "they do not belong together"));
	assert_int_equal(signer_read(pem, pem, &signer, why, sizeof(why)), RESULT_BAD);
	assert_int_equal(signer_read("/nowhere", issued_write_key(s, "x.key", key), &signer, why,
				     sizeof(why)),
			 RESULT_IO);
	assert_string_equal(why, "/nowhere: No such file or directory");
	assert_int_equal(signer_read(pem, "/nowhere", &signer, why, sizeof(why)), RESULT_IO);
	assert_int_equal(certificate_read(issued_write_key(s, "x.key", key), &certificate),
			 RESULT_BAD);
	assert_int_equal(chmod(issued_write_key(s, "x.key", key), 0640), 0);
	assert_int_equal(signer_read(pem, "/nowhere", &signer, why, sizeof(why)), RESULT_IO);
	char path[128];

	snprintf(path, sizeof(path), "%s/x.key", s->folder);
	assert_int_equal(signer_read(pem, path, &signer, why, sizeof(why)), RESULT_DENIED);
	assert_non_null(strstr(why, "x.key: others than its owner may read it"));
	X509_free(x509);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_is_read_whole_and_nothing_else),
		cmocka_unit_test(the_one_sip_uri_with_a_user_is_who_it_names),
		cmocka_unit_test(a_gateway_s_domain_is_a_dns_name_or_a_sip_uri_without_wildcards),
		cmocka_unit_test(signatures_of_p_256_and_ed25519_hold_and_no_changed_one_does),
		cmocka_unit_test(other_kinds_of_keys_are_not_used),
		cmocka_unit_test(files_that_do_not_fit_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
