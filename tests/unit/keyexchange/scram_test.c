#include "shared/keyexchange/scram.h"

#include "tests/unit/shared/sip_check.h"
#include "shared/base64url.h"
#include "shared/limits.h"

/* RFC 7677 3. */
static const struct scram_auth rfc_auth = {
	.client_first_bare = {"n=user,r=rOprNGfwEbeRWgbNEkqO", 29},
	.server_first = {"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
			 "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
			 86},
	.client_final_bare = {"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", 59},
};
#define RFC_PASSWORD  SLICE("pencil")
#define RFC_PROOF     "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
#define RFC_SIGNATURE "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

static void decode(const char *text, void *out, size_t len)
{
	size_t got;

	assert_int_equal(base64_decode(text_slice(text), out, len, &got), RESULT_OK);
	assert_int_equal(got, len);
}

static struct slice rfc_salt(void)
{
	static uint8_t salt[16];

	decode("W22ZaJ0SNY7soEsUEjb6gQ==", salt, sizeof(salt));
	return slice_make(salt, sizeof(salt));
}

static void the_terminals_side_gives_what_rfc_7677_says(void **state)
{
	(void)state;
	struct scram_keys keys;
	uint8_t want[KDF_HASH_BYTES], got[KDF_HASH_BYTES];

	assert_int_equal(scram_keys_derive(RFC_PASSWORD, rfc_salt(), 4096, &keys), RESULT_OK);
	assert_int_equal(scram_proof_make(&keys, &rfc_auth, got), RESULT_OK);
	decode(RFC_PROOF, want, sizeof(want));
	assert_memory_equal(got, want, sizeof(got));
	assert_int_equal(scram_signature_make(&keys.server_key, &rfc_auth, got), RESULT_OK);
	decode(RFC_SIGNATURE, want, sizeof(want));
	assert_memory_equal(got, want, sizeof(got));
}

static void the_gateways_side_takes_that_proof_and_no_other(void **state)
{
	(void)state;
	struct scram_verifier verifier;
	uint8_t proof[KDF_HASH_BYTES];

	assert_int_equal(scram_verifier_derive(RFC_PASSWORD, rfc_salt(), 4096, &verifier),
			 RESULT_OK);
	assert_int_equal(verifier.salt_len, 16);
	assert_int_equal(verifier.iterations, 4096);
	decode(RFC_PROOF, proof, sizeof(proof));
	assert_int_equal(scram_proof_verify(&verifier.stored_key, &rfc_auth, proof), RESULT_OK);
	for (size_t bit = 0; bit < 8 * sizeof(proof); bit++) {
		proof[bit / 8] = (uint8_t)(proof[bit / 8] ^ 1 << bit % 8);
		assert_int_equal(scram_proof_verify(&verifier.stored_key, &rfc_auth, proof),
				 RESULT_DENIED);
		proof[bit / 8] = (uint8_t)(proof[bit / 8] ^ 1 << bit % 8);
	}
	assert_int_equal(scram_verifier_derive(SLICE("Pencil"), rfc_salt(), 4096, &verifier),
			 RESULT_OK);
	assert_int_equal(scram_proof_verify(&verifier.stored_key, &rfc_auth, proof), RESULT_DENIED);
}

static void a_proof_holds_for_its_own_messages_only(void **state)
{
	(void)state;
	struct scram_verifier verifier;
	struct scram_auth auth = rfc_auth;
	uint8_t proof[KDF_HASH_BYTES];

	assert_int_equal(scram_verifier_derive(RFC_PASSWORD, rfc_salt(), 4096, &verifier),
			 RESULT_OK);
	decode(RFC_PROOF, proof, sizeof(proof));
	auth.server_first.len--;
	assert_int_equal(scram_proof_verify(&verifier.stored_key, &auth, proof), RESULT_DENIED);
}

static void iterations_salt_and_password_have_bounds(void **state)
{
	(void)state;
	static const char salt[SCRAM_SALT_BYTES + 1];
	struct scram_keys keys;
	struct slice right = slice_make(salt, 16);

	assert_int_equal(
		scram_keys_derive(RFC_PASSWORD, right, LIMIT_SCRAM_ITERATIONS_MIN - 1, &keys),
		RESULT_BAD);
	assert_int_equal(
		scram_keys_derive(RFC_PASSWORD, right, LIMIT_SCRAM_ITERATIONS_MAX + 1, &keys),
		RESULT_BAD);
	assert_int_equal(scram_keys_derive(SLICE(""), right, 4096, &keys), RESULT_BAD);
	assert_int_equal(scram_keys_derive(RFC_PASSWORD, SLICE(""), 4096, &keys), RESULT_BAD);
	assert_int_equal(
		scram_keys_derive(RFC_PASSWORD, slice_make(salt, sizeof(salt)), 4096, &keys),
		RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_terminals_side_gives_what_rfc_7677_says),
		cmocka_unit_test(the_gateways_side_takes_that_proof_and_no_other),
		cmocka_unit_test(a_proof_holds_for_its_own_messages_only),
		cmocka_unit_test(iterations_salt_and_password_have_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
