#include "shared/keyexchange/scram_messages.h"

#include "tests/unit/shared/sip_check.h"

/* b64 of the nonces below. */
#define NI    "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define NG    "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="
#define CB    "cD1zZWtpc2hvLXgyNTUxOSwsAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM="
#define PROOF "BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ="

static uint8_t ni[32], ng[32], h12[32], proof[32];

static int fill(void **state)
{
	(void)state;
	memset(ni, 1, sizeof(ni));
	memset(ng, 2, sizeof(ng));
	memset(h12, 3, sizeof(h12));
	memset(proof, 4, sizeof(proof));
	return 0;
}

static char buffer[SCRAM_MESSAGE_BYTES];

static struct writer writer(void)
{
	return writer_make(buffer, sizeof(buffer));
}

static struct slice written(const struct writer *w)
{
	struct slice text;

	assert_int_equal(writer_finish(w, &text), RESULT_OK);
	return text;
}

static void client_first_goes_and_comes_back(void **state)
{
	(void)state;
	struct writer w = writer();
	struct scram_client_first first;

	scram_client_first_write(&w, SLICE("a,b=c@d"), ni);
	assert_slice(written(&w), "p=sekisho-x25519,,n=a=2Cb=3Dc@d,r=" NI);
	assert_int_equal(scram_client_first_parse(written(&w), &first), RESULT_OK);
	assert_slice(slice_make(first.subscriber, first.subscriber_len), "a,b=c@d");
	assert_memory_equal(first.ni, ni, sizeof(ni));
	assert_slice(first.bare, "n=a=2Cb=3Dc@d,r=" NI);
}

static void malformed_client_firsts_are_refused(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"",
		"n,,n=user,r=" NI,
		"y,,n=user,r=" NI,
		"p=tls-unique,,n=user,r=" NI,
		"p=sekisho-x25519,a=admin,n=user,r=" NI,
		"p=sekisho-x25519,,",
		"p=sekisho-x25519,,n=,r=" NI,
		"p=sekisho-x25519,,n=user",
		"p=sekisho-x25519,,n=user,r=",
		"p=sekisho-x25519,,n=user,r=AQEB",
		"p=sekisho-x25519,,n=user,r=" NI NI,
		"p=sekisho-x25519,,n=user,r=" NI ",x=y",
		"p=sekisho-x25519,,m=ext,n=user,r=" NI,
		"p=sekisho-x25519,,r=" NI ",n=user",
		"p=sekisho-x25519,,n=us=er,r=" NI,
		"p=sekisho-x25519,,n=us=2cer,r=" NI,
		"p=sekisho-x25519,,n=us\ner,r=" NI,
		"p=sekisho-x25519,,n=us=2",
	};
	struct scram_client_first first;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i],
			   scram_client_first_parse(text_slice(rows[i]), &first) == RESULT_BAD);
}

static void a_subscriber_id_that_is_too_long_is_refused(void **state)
{
	(void)state;
	char name[LIMIT_AOR_BYTES + 1];
	struct scram_client_first first;
	struct writer w = writer();

	memset(name, 'a', sizeof(name));
	scram_client_first_write(&w, slice_make(name, sizeof(name)), ni);
	assert_int_equal(scram_client_first_parse(written(&w), &first), RESULT_BAD);
	w = writer();
	scram_client_first_write(&w, slice_make(name, LIMIT_AOR_BYTES), ni);
	assert_int_equal(scram_client_first_parse(written(&w), &first), RESULT_OK);
	assert_int_equal(first.subscriber_len, LIMIT_AOR_BYTES);
}

static void server_first_goes_and_comes_back(void **state)
{
	(void)state;
	struct scram_server_first first = {.salt = {0, 1, 2}, .salt_len = 3, .iterations = 4096};
	struct scram_server_first got;
	struct writer w = writer();

	memcpy(first.ng, ng, sizeof(ng));
	scram_server_first_write(&w, ni, &first);
	assert_slice(written(&w), "r=" NI NG ",s=AAEC,i=4096");
	assert_int_equal(scram_server_first_parse(written(&w), ni, &got), RESULT_OK);
	assert_memory_equal(got.ng, ng, sizeof(ng));
	assert_int_equal(got.salt_len, 3);
	assert_memory_equal(got.salt, first.salt, 3);
	assert_int_equal(got.iterations, 4096);
}

static void hostile_server_firsts_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum result result;
	} rows[] = {
		{"r=" NI NG ",s=AAEC,i=4095", RESULT_DENIED},
		{"r=" NI NG ",s=AAEC,i=1000001", RESULT_DENIED},
		{"r=" NI NG ",s=AAEC,i=1", RESULT_DENIED},
		{"r=" NI NG ",s=AAEC,i=99999999999", RESULT_BAD},
		{"r=" NI NG ",s=AAEC,i=04096", RESULT_BAD},
		{"r=" NI NG ",s=AAEC,i=-1", RESULT_BAD},
		{"r=" NI NG ",s=AAEC,i=", RESULT_BAD},
		{"r=" NI NG ",s=AAEC", RESULT_BAD},
		{"r=" NI NG ",s=,i=4096", RESULT_BAD},
		{"r=" NI NG ",s=AAE,i=4096", RESULT_BAD},
		{"r=" NI NG ",i=4096,s=AAEC", RESULT_BAD},
		{"r=" NI NG ",s=AAEC,i=4096,x=y", RESULT_BAD},
		{"r=" NG NI ",s=AAEC,i=4096", RESULT_DENIED},
		{"r=" NI ",s=AAEC,i=4096", RESULT_BAD},
		{"e=other-error", RESULT_BAD},
		{"", RESULT_BAD},
	};
	struct scram_server_first first;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i].text, scram_server_first_parse(text_slice(rows[i].text), ni,
								  &first) == rows[i].result);
}

static void client_final_goes_and_comes_back(void **state)
{
	(void)state;
	struct scram_client_final final;
	struct writer w = writer();

	scram_client_final_write_bare(&w, h12, ni, ng);
	assert_slice(written(&w), "c=" CB ",r=" NI NG);
	scram_client_final_write_proof(&w, proof);
	assert_slice(written(&w), "c=" CB ",r=" NI NG ",p=" PROOF);
	assert_int_equal(scram_client_final_parse(written(&w), h12, ni, ng, &final), RESULT_OK);
	assert_slice(final.bare, "c=" CB ",r=" NI NG);
	assert_memory_equal(final.proof, proof, sizeof(proof));
}

static void a_client_final_of_another_exchange_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum result result;
	} rows[] = {
		/* H12 differs in one bit; "biws" is "n,,": no channel binding at all */
		{"c=cD1zZWtpc2hvLXgyNTUxOSwsAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwI=,r=" NI NG
		 ",p=" PROOF,
		 RESULT_DENIED},
		{"c=biws,r=" NI NG ",p=" PROOF, RESULT_BAD},
		{"c=" CB ",r=" NG NI ",p=" PROOF, RESULT_DENIED},
		{"c=" CB ",r=" NI NI ",p=" PROOF, RESULT_DENIED},
		{"c=" CB ",r=" NI NG, RESULT_BAD},
		{"c=" CB ",r=" NI NG ",p=", RESULT_BAD},
		{"c=" CB ",r=" NI NG ",p=AAEC", RESULT_BAD},
		{"c=" CB ",r=" NI NG ",p=" PROOF ",x=y", RESULT_BAD},
		{"c=" CB ",r=" NI NG ",x=y,p=" PROOF, RESULT_BAD},
		{"c=" CB ",p=" PROOF, RESULT_BAD},
		{"", RESULT_BAD},
	};
	struct scram_client_final final;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i].text, scram_client_final_parse(text_slice(rows[i].text), h12, ni,
								  ng, &final) == rows[i].result);
}

static void server_final_goes_and_comes_back(void **state)
{
	(void)state;
	struct writer w = writer();
	uint8_t got[KDF_HASH_BYTES];

	scram_server_final_write(&w, proof);
	assert_slice(written(&w), "v=" PROOF);
	assert_int_equal(scram_server_final_parse(written(&w), got), RESULT_OK);
	assert_memory_equal(got, proof, sizeof(got));
	assert_int_equal(scram_server_final_parse(SLICE("e=invalid-proof"), got), RESULT_BAD);
	assert_int_equal(scram_server_final_parse(SLICE("v=AAEC"), got), RESULT_BAD);
	assert_int_equal(scram_server_final_parse(SLICE("v=" PROOF "="), got), RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(client_first_goes_and_comes_back),
		cmocka_unit_test(malformed_client_firsts_are_refused),
		cmocka_unit_test(a_subscriber_id_that_is_too_long_is_refused),
		cmocka_unit_test(server_first_goes_and_comes_back),
		cmocka_unit_test(hostile_server_firsts_are_refused),
		cmocka_unit_test(client_final_goes_and_comes_back),
		cmocka_unit_test(a_client_final_of_another_exchange_is_refused),
		cmocka_unit_test(server_final_goes_and_comes_back),
	};

	return cmocka_run_group_tests(tests, fill, NULL);
}
