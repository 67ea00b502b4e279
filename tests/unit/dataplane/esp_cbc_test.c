/* CBC and HMAC in bursts: published values, every length against OpenSSL, forgeries, IVs. */
#include "dataplane/esp/cbc.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/esp/key.h"

#define BEFORE	     8
#define PACKET_BYTES 2048

/* A packet with its job and key. */
struct trial {
	uint8_t before[BEFORE];
	uint8_t packet[PACKET_BYTES];
	struct esp_key key;
	struct esp_job job;
};

static struct cbc *make(void)
{
	struct cbc *cbc = NULL;

	assert_int_equal(cbc_create(&cbc), RESULT_OK);
	return cbc;
}

static void key_material_make(uint8_t material[CBC_MATERIAL_BYTES], unsigned int seed)
{
	for (unsigned int i = 0; i < CBC_MATERIAL_BYTES; i++)
		material[i] = (uint8_t)(i * 31 + seed * 7 + 1);
}

static void trial_make(struct cbc *cbc, struct trial *trial, const struct esp_suite *suite,
		       const uint8_t *material, uint32_t len, uint64_t number)
{
	memset(trial, 0, sizeof(*trial));
	assert_int_equal(cbc_key_expand(cbc, suite, material, &trial->key.cbc), RESULT_OK);
	for (uint32_t i = 0; i < ESP_SUITE_IV_BYTES + 8 + len; i++)
		trial->packet[i] = (uint8_t)(i * 5 + len);
	trial->job = (struct esp_job){
		.key = &trial->key,
		.suite = suite,
		.esp = trial->packet,
		.len = len,
		.number = number,
	};
}

static void seal(struct cbc *cbc, struct trial *trial)
{
	struct esp_job *job = &trial->job;

	cbc_seal(cbc, &job, 1);
	assert_true(job->is_done);
}

static bool opens(struct cbc *cbc, struct trial *trial)
{
	struct esp_job *job = &trial->job;

	cbc_open(cbc, &job, 1);
	return job->is_done;
}

/* Texts that are published as one: SPI, number, data and the number's high half at their end. */
static void published_hmacs_come_out(void **state)
{
	static const struct {
		enum esp_suite_digest digest;
		uint8_t key_bytes, icv_bytes;
		const char *key, *text, *icv;
	} cases[] = {
		/* RFC 4868 2.7.2.1, AUTH256-2 and -3 as far as they are not cut */
		{ESP_DIGEST_SHA_256, 32, 16, "JefeJefeJefeJefeJefeJefeJefeJefe",
		 "what do ya want for nothing?",
		 "\x16\x7f\x92\x85\x88\xc5\xcc\x2e\xef\x8e\x30\x93\xca\xa0\xe8\x7c"},
		{ESP_DIGEST_SHA_256, 32, 16,
		 "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
		 "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa",
		 "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"
		 "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"
		 "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd",
		 "\xcd\xcb\x12\x20\xd1\xec\xcc\xea\x91\xe5\x3a\xba\x30\x92\xf9\x62"},
		/* RFC 2202 3, case 3, cut as RFC 2404 says */
		{ESP_DIGEST_SHA_1, 20, 12,
		 "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa",
		 "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"
		 "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"
		 "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd",
		 "\x12\x5d\x73\x42\xb9\xac\x11\xcd\x91\xa3\x9a\xf4"},
	};
	struct cbc *cbc = make();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct esp_suite suite = {.kind = ESP_KIND_NULL,
					  .digest = cases[i].digest,
					  .integrity_bytes = cases[i].key_bytes,
					  .icv_bytes = cases[i].icv_bytes};
		size_t len = strlen(cases[i].text);
		struct trial trial;

		trial_make(cbc, &trial, &suite, (const uint8_t *)cases[i].key,
			   (uint32_t)len - 12, 0);
		memcpy(trial.packet, cases[i].text, len - 4);
		for (size_t j = len - 4; j < len; j++)
			trial.job.number = trial.job.number << 8 | (uint8_t)cases[i].text[j];
		trial.job.number <<= 32;
		seal(cbc, &trial);
		assert_memory_equal(trial.packet + len - 4, cases[i].icv, cases[i].icv_bytes);
	}
	cbc_destroy(cbc);
}

/* The packet that OpenSSL makes of the same. */
static uint32_t openssl_seal(const struct trial *trial, const uint8_t *material, uint8_t *packet)
{
	const struct esp_suite *suite = trial->job.suite;
	uint32_t front = 8 + (uint32_t)suite->iv_bytes, len = trial->job.len;
	uint32_t high = __builtin_bswap32((uint32_t)(trial->job.number >> 32));
	uint8_t mac[EVP_MAX_MD_SIZE];
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int done;

	assert_non_null(context);
	memcpy(packet, trial->packet, front + len);
	if (suite->key_bytes != 0) {
		assert_int_equal(EVP_EncryptInit_ex(context,
						    suite->key_bytes == 16 ? EVP_aes_128_cbc()
									   : EVP_aes_256_cbc(),
						    NULL, material, packet + 8),
				 1);
		EVP_CIPHER_CTX_set_padding(context, 0);
		assert_int_equal(EVP_EncryptUpdate(context, packet + front, &done,
						   trial->packet + front, (int)len),
				 1);
	}
	EVP_CIPHER_CTX_free(context);
	memcpy(packet + front + len, &high, 4);
	assert_non_null(HMAC(suite->digest == ESP_DIGEST_SHA_1 ? EVP_sha1() : EVP_sha256(),
			     material + suite->key_bytes, suite->integrity_bytes, packet,
			     front + len + 4, mac, NULL));
	memcpy(packet + front + len, mac, suite->icv_bytes);
	return front + len + suite->icv_bytes;
}

static const unsigned int hmac_suites[] = {
	CONTRACT_SUITE_AES_128_CBC_HMAC_SHA_256_128, CONTRACT_SUITE_AES_128_CBC_HMAC_SHA_1_96,
	CONTRACT_SUITE_NULL_HMAC_SHA_256_128, CONTRACT_SUITE_AES_256_CBC_HMAC_SHA_256_128};
#define HMAC_SUITES (sizeof(hmac_suites) / sizeof(hmac_suites[0]))

static void every_length_of_every_suite_agrees_with_openssl(void **state)
{
	struct cbc *cbc = make();
	uint8_t material[CBC_MATERIAL_BYTES], want[PACKET_BYTES], plain[PACKET_BYTES];

	(void)state;
	key_material_make(material, 3);
	for (size_t s = 0; s < HMAC_SUITES; s++) {
		const struct esp_suite *suite = esp_suite_get(hmac_suites[s]);
		uint32_t front = 8 + (uint32_t)suite->iv_bytes;

		for (uint32_t len = suite->align_bytes; len <= 1600; len += suite->align_bytes) {
			struct trial trial;
			uint32_t total;

			trial_make(cbc, &trial, suite, material, len, UINT64_C(0x1234567800000000));
			memcpy(plain, trial.packet, front + len);
			total = openssl_seal(&trial, material, want);
			seal(cbc, &trial);
			assert_memory_equal(trial.packet, want, total);
			assert_true(opens(cbc, &trial));
			assert_memory_equal(trial.packet, plain, front + len);
		}
	}
	cbc_destroy(cbc);
}

/* Suites, lengths and keys mixed as SAs are in a burst, some of the packets forged. */
static void a_burst_of_many_sas_comes_out_each_by_its_own_key(void **state)
{
	static struct trial trials[ESP_BURST];
	struct esp_job *jobs[ESP_BURST];
	uint8_t material[ESP_BURST][CBC_MATERIAL_BYTES], want[PACKET_BYTES];
	struct cbc *cbc = make();

	(void)state;
	for (unsigned int i = 0; i < ESP_BURST; i++) {
		const struct esp_suite *suite = esp_suite_get(hmac_suites[i * 7 % HMAC_SUITES]);

		key_material_make(material[i], i);
		trial_make(cbc, &trials[i], suite, material[i], 16 * (1 + i * 11 % 90),
			   (uint64_t)i << 32 | i);
		jobs[i] = &trials[i].job;
	}
	cbc_seal(cbc, jobs, ESP_BURST);
	for (unsigned int i = 0; i < ESP_BURST; i++) {
		struct trial again;
		uint32_t total;

		assert_true(jobs[i]->is_done);
		trial_make(cbc, &again, jobs[i]->suite, material[i], jobs[i]->len, jobs[i]->number);
		total = openssl_seal(&again, material[i], want);
		assert_memory_equal(trials[i].packet, want, total);
		if (i % 5 == 2)
			trials[i].packet[total - 1] ^= 0x40;
		jobs[i]->is_done = i % 2 == 0; /* must not matter */
	}
	cbc_open(cbc, jobs, ESP_BURST);
	for (unsigned int i = 0; i < ESP_BURST; i++)
		assert_int_equal(jobs[i]->is_done, i % 5 != 2);
	cbc_destroy(cbc);
}

static void anything_changed_is_refused(void **state)
{
	struct cbc *cbc = make();
	uint8_t material[CBC_MATERIAL_BYTES];

	(void)state;
	key_material_make(material, 9);
	for (size_t s = 0; s < HMAC_SUITES; s++) {
		const struct esp_suite *suite = esp_suite_get(hmac_suites[s]);
		uint32_t total = 8 + (uint32_t)suite->iv_bytes + 64 + suite->icv_bytes;
		struct trial sealed, trial;

		trial_make(cbc, &sealed, suite, material, 64, UINT64_C(7) << 32);
		seal(cbc, &sealed);
		for (uint32_t i = 0; i < total; i++) {
			trial = sealed;
			trial.job.key = &trial.key;
			trial.job.esp = trial.packet;
			trial.packet[i] ^= (uint8_t)(1 << i % 8);
			assert_false(opens(cbc, &trial));
		}
		for (unsigned int bit = 32; bit < 64; bit++) {
			trial = sealed;
			trial.job.key = &trial.key;
			trial.job.esp = trial.packet;
			trial.job.number ^= UINT64_C(1) << bit;
			assert_false(opens(cbc, &trial));
		}
	}
	cbc_destroy(cbc);
}

static void what_is_not_authentic_is_not_decrypted(void **state)
{
	const struct esp_suite *suite = esp_suite_get(CONTRACT_SUITE_AES_128_CBC_HMAC_SHA_256_128);
	struct cbc *cbc = make();
	uint8_t material[CBC_MATERIAL_BYTES], sealed[PACKET_BYTES];
	struct trial trial;

	(void)state;
	key_material_make(material, 1);
	trial_make(cbc, &trial, suite, material, 64, 1);
	seal(cbc, &trial);
	trial.packet[30] ^= 1;
	memcpy(sealed, trial.packet, sizeof(sealed));
	assert_false(opens(cbc, &trial));
	assert_memory_equal(trial.packet, sealed, 8 + 16 + 64);
	cbc_destroy(cbc);
}

static void a_suite_without_hmac_is_refused(void **state)
{
	struct cbc *cbc = make();
	uint8_t material[CBC_MATERIAL_BYTES] = {0};
	struct cbc_key key;

	(void)state;
	assert_int_equal(cbc_key_expand(cbc, esp_suite_get(CONTRACT_SUITE_AES_128_GCM_16), material,
					&key),
			 RESULT_BAD);
	cbc_destroy(cbc);
	cbc_destroy(NULL);
}

/* None twice, each bit set half of the time, and no two threads (or starts) alike. */
static void ivs_do_not_repeat_and_cannot_be_foreseen(void **state)
{
	static uint8_t ivs[4096][16];
	struct cbc *cbc = make(), *other = make();
	unsigned int set[128] = {0};
	uint8_t foreign[16];

	(void)state;
	for (uint32_t i = 0; i < 4096; i++) {
		cbc_iv_make(cbc, 0x01000001, i + 1, ivs[i]);
		for (unsigned int bit = 0; bit < 128; bit++)
			set[bit] += ivs[i][bit / 8] >> bit % 8 & 1;
	}
	for (uint32_t i = 0; i < 4096; i += 64)
		for (uint32_t j = i + 1; j < 4096; j++)
			assert_memory_not_equal(ivs[i], ivs[j], 16);
	/* 2,048 with a deviation of 32: 300 off happens to nobody. */
	for (unsigned int bit = 0; bit < 128; bit++)
		assert_in_range(set[bit], 2048 - 300, 2048 + 300);
	cbc_iv_make(other, 0x01000001, 1, foreign);
	assert_memory_not_equal(foreign, ivs[0], 16);
	cbc_iv_make(cbc, 0x01000002, 1, foreign);
	assert_memory_not_equal(foreign, ivs[0], 16);
	cbc_destroy(cbc);
	cbc_destroy(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_hmacs_come_out),
		cmocka_unit_test(every_length_of_every_suite_agrees_with_openssl),
		cmocka_unit_test(a_burst_of_many_sas_comes_out_each_by_its_own_key),
		cmocka_unit_test(anything_changed_is_refused),
		cmocka_unit_test(what_is_not_authentic_is_not_decrypted),
		cmocka_unit_test(a_suite_without_hmac_is_refused),
		cmocka_unit_test(ivs_do_not_repeat_and_cannot_be_foreseen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
