/* bench/loadgen/applicant.c and issuer.c: terminals ready to attach, by password or certificate. */
#include "tests/unit/bench/loadgen_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/loadgen/applicant.h"
#include "controlplane/ca/authority.h"

struct folder {
	char path[64];
	struct issuer *issuer;
};

static int set_up(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));
	char message[AUTHORITY_MESSAGE_BYTES];

	assert_non_null(folder);
	strcpy(folder->path, "/tmp/sekisho-issuer-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	assert_int_equal(authority_init(folder->path, "bench.example", 1, message, sizeof(message)),
			 RESULT_OK);
	assert_int_equal(issuer_open(folder->path, "bench.example", &folder->issuer), RESULT_OK);
	*state = folder;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const files[] = {"ca.pem", "ca.key", "ca.crl"};
	struct folder *folder = *state;
	char path[96];

	issuer_close(folder->issuer);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder->path, files[i]);
		assert_int_equal(unlink(path), 0);
	}
	/* what the issuer wrote is gone, or this is not empty */
	assert_int_equal(rmdir(folder->path), 0);
	free(folder);
	return 0;
}

static void what_is_issued_is_the_terminals_own_and_believed(void **state)
{
	const struct folder *folder = *state;
	struct signer *one, *other;
	char aor[LIMIT_AOR_BYTES];
	const char *reason = "";
	size_t length;

	assert_int_equal(issuer_make(folder->issuer, "t1@bench.example", &one), RESULT_OK);
	assert_int_equal(issuer_make(folder->issuer, "t2@bench.example", &other), RESULT_OK);
	assert_int_equal(certificate_identity(signer_certificate(one), aor, &length), RESULT_OK);
	assert_int_equal(length, strlen("t1@bench.example"));
	assert_memory_equal(aor, "t1@bench.example", length);
	assert_int_equal(trust_check(issuer_trust(folder->issuer), signer_certificate(other),
				     TRUST_TERMINAL, (uint64_t)time(NULL), NULL, &reason),
			 RESULT_OK);
	assert_memory_not_equal(certificate_hash(signer_certificate(one)),
				certificate_hash(signer_certificate(other)), KDF_HASH_BYTES);
	signer_destroy(one);
	signer_destroy(other);
}

static void another_domains_terminal_is_not_believed(void **state)
{
	const struct folder *folder = *state;
	struct signer *signer;
	const char *reason = "";

	assert_int_equal(issuer_make(folder->issuer, "t1@other.example", &signer), RESULT_OK);
	assert_int_equal(trust_check(issuer_trust(folder->issuer), signer_certificate(signer),
				     TRUST_TERMINAL, (uint64_t)time(NULL), NULL, &reason),
			 RESULT_DENIED);
	signer_destroy(signer);
}

static void without_an_authority_there_is_no_issuer(void **state)
{
	struct issuer *issuer = NULL;

	(void)state;
	assert_int_equal(issuer_open("/nonexistent", "bench.example", &issuer), RESULT_IO);
	assert_null(issuer);
}

/* Each has its first message ready, and no two are alike. */
static void applicants_check(const struct terminals *terminals, const struct issuer *issuer)
{
	struct applicant *applicants;

	assert_int_equal(applicants_make(&terminals->statics, issuer, 3, 4, &applicants), RESULT_OK);
	for (unsigned i = 0; i < 4; i++) {
		struct slice first = initiator_message(applicants[i].initiator);

		assert_int_equal(applicants[i].step, APPLICANT_READY);
		assert_true(first.len > 9 && memcmp(first.at, "REGISTER ", 9) == 0);
		assert_int_equal(applicants[i].signer != NULL, issuer != NULL);
		if (i > 0)
			assert_false(slice_is_equal(first,
						    initiator_message(applicants[0].initiator)));
	}
	applicants_free(applicants, 4);
}

static void applicants_begin_with_their_first_message(void **state)
{
	const struct folder *folder = *state;
	struct terminals *terminals = kit_terminals(6, CONTRACT_SUITE_AES_128_GCM_16);

	applicants_check(terminals, NULL);
	applicants_check(terminals, folder->issuer);
	applicants_free(NULL, 4);
	terminals_destroy(terminals);
}

/* Its hash stands in message 1 then (docs/protocol.md 1.9). */
static void the_gateways_certificate_is_known_where_the_authority_has_it(void **state)
{
	struct folder *folder = *state;
	struct terminals *terminals = kit_terminals(6, CONTRACT_SUITE_AES_128_GCM_16);
	char message[AUTHORITY_MESSAGE_BYTES], path[96];
	struct applicant *applicants;
	struct slice first;

	assert_int_equal(issuer_gateway(folder->issuer).len, 0);
	issuer_close(folder->issuer);
	assert_int_equal(authority_issue(folder->path, "bench.example", 1, message,
					 sizeof(message)),
			 RESULT_OK);
	assert_int_equal(issuer_open(folder->path, "bench.example", &folder->issuer), RESULT_OK);
	assert_true(issuer_gateway(folder->issuer).len > 0);
	assert_int_equal(applicants_make(&terminals->statics, folder->issuer, 1, 1, &applicants),
			 RESULT_OK);
	first = initiator_message(applicants[0].initiator);
	assert_non_null(memmem(first.at, first.len, "gateway-proof=", 14));
	applicants_free(applicants, 1);
	snprintf(path, sizeof(path), "%s/bench.example.pem", folder->path);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/bench.example.key", folder->path);
	assert_int_equal(unlink(path), 0);
	terminals_destroy(terminals);
}

static void a_gateways_certificate_that_is_none_is_refused(void **state)
{
	struct folder *folder = *state;
	struct issuer *issuer = NULL;
	char path[96];
	FILE *file;

	snprintf(path, sizeof(path), "%s/bench.example.pem", folder->path);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs("nonsense\n", file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(issuer_open(folder->path, "bench.example", &issuer), RESULT_BAD);
	assert_null(issuer);
	assert_int_equal(unlink(path), 0);
}

/* RFC 3261 17.1.2.2: after 500 ms, 1 s, 2 s, then every 4 s; after 32 s no more. */
static void what_nobody_answers_is_sent_less_and_less_often(void **state)
{
	static const uint64_t waits_ms[] = {1000, 2000, 4000, 4000};
	struct applicant applicant = {0};

	(void)state;
	applicant_wait(&applicant, 5000, 1000);
	assert_int_equal(applicant.again_tsc, 5500);
	for (size_t i = 0; i < sizeof(waits_ms) / sizeof(waits_ms[0]); i++) {
		applicant_wait_on(&applicant, 6000, 1000);
		assert_int_equal(applicant.again_tsc, 6000 + waits_ms[i]);
	}
	assert_false(applicant_is_unheard(&applicant, 37000, 1000));
	assert_true(applicant_is_unheard(&applicant, 37001, 1000));
	applicant_wait(&applicant, 40000, 1000);
	assert_int_equal(applicant.again_tsc, 40500);
	assert_false(applicant_is_unheard(&applicant, 40000, 1000));
}

#define FOLDER(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER(what_is_issued_is_the_terminals_own_and_believed),
		FOLDER(another_domains_terminal_is_not_believed),
		cmocka_unit_test(what_nobody_answers_is_sent_less_and_less_often),
		cmocka_unit_test(without_an_authority_there_is_no_issuer),
		FOLDER(applicants_begin_with_their_first_message),
		FOLDER(the_gateways_certificate_is_known_where_the_authority_has_it),
		FOLDER(a_gateways_certificate_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
