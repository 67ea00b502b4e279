#include "dataplane/esp/cbc.h"

#include <arpa/inet.h>
#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/esp/key.h"
#include "dataplane/esp/outer.h"

_Static_assert(ESP_BURST <= IMB_MAX_BURST_SIZE, "a burst of ours is one of IPsec-MB's");

#define ESN_BYTES      4 /* the number's high half behind the packet */
#define HASH_BLOCK     64
#define ICV_BYTES_MOST 16

struct cbc {
	IMB_MGR *manager;
	uint8_t iv_schedule[CBC_SCHEDULE_BYTES] __attribute__((aligned(16)));
	uint8_t mac_schedule[CBC_SCHEDULE_BYTES] __attribute__((aligned(16)));
	/* Scratch of one call. */
	IMB_JOB jobs[ESP_BURST];
	struct esp_job *of[ESP_BURST]; /* whose jobs[i] is */
	uint8_t icv[ESP_BURST][ICV_BYTES_MOST];
	uint8_t made[ESP_BURST][ICV_BYTES_MOST];
};

/* A key of this thread: 128 bits, never told to anybody. */
static enum result own_key_make(struct cbc *cbc, uint8_t *schedule)
{
	uint8_t key[16], unused[CBC_SCHEDULE_BYTES] __attribute__((aligned(16)));

	if (RAND_priv_bytes(key, sizeof(key)) != 1)
		return RESULT_IO;
	IMB_AES_KEYEXP_128(cbc->manager, key, schedule, unused);
	OPENSSL_cleanse(key, sizeof(key));
	OPENSSL_cleanse(unused, sizeof(unused));
	return RESULT_OK;
}

enum result cbc_create(struct cbc **cbc)
{
	struct cbc *made = aligned_alloc(64, (sizeof(*made) + 63) & ~(size_t)63);
	enum result result;
	IMB_ARCH arch;

	if (made == NULL)
		return RESULT_MEMORY;
	memset(made, 0, sizeof(*made));
	made->manager = alloc_mb_mgr(0);
	if (made->manager == NULL) {
		free(made);
		return RESULT_MEMORY;
	}
	init_mb_mgr_auto(made->manager, &arch);
	result = own_key_make(made, made->iv_schedule);
	if (result == RESULT_OK)
		result = own_key_make(made, made->mac_schedule);
	if (result != RESULT_OK) {
		cbc_destroy(made);
		return result;
	}
	*cbc = made;
	return RESULT_OK;
}

void cbc_destroy(struct cbc *cbc)
{
	if (cbc == NULL)
		return;
	free_mb_mgr(cbc->manager);
	OPENSSL_cleanse(cbc, sizeof(*cbc));
	free(cbc);
}

/* RFC 2104: the hash's state after the key, filled up to a block, XOR 0x36 or 0x5c. */
static void hmac_state(struct cbc *cbc, const struct esp_suite *suite, const uint8_t *key,
		       uint8_t with, uint8_t state[CBC_STATE_BYTES])
{
	uint8_t block[HASH_BLOCK];

	memset(block, with, sizeof(block));
	for (unsigned int i = 0; i < suite->integrity_bytes; i++)
		block[i] ^= key[i];
	if (suite->digest == ESP_DIGEST_SHA_1)
		IMB_SHA1_ONE_BLOCK(cbc->manager, block, state);
	else
		IMB_SHA256_ONE_BLOCK(cbc->manager, block, state);
	OPENSSL_cleanse(block, sizeof(block));
}

enum result cbc_key_expand(struct cbc *cbc, const struct esp_suite *suite, const uint8_t *material,
			   struct cbc_key *key)
{
	const uint8_t *integrity = material + suite->key_bytes + suite->salt_bytes;

	if (suite->digest == ESP_DIGEST_NONE)
		return RESULT_BAD;
	memset(key, 0, sizeof(*key));
	memcpy(key->material, material, esp_suite_key_bytes(suite));
	if (suite->key_bytes == 16)
		IMB_AES_KEYEXP_128(cbc->manager, material, key->encrypt, key->decrypt);
	else if (suite->key_bytes == 32)
		IMB_AES_KEYEXP_256(cbc->manager, material, key->encrypt, key->decrypt);
	hmac_state(cbc, suite, integrity, 0x36, key->inner);
	hmac_state(cbc, suite, integrity, 0x5c, key->outer);
	return RESULT_OK;
}

static uint8_t *icv_of(const struct esp_job *job)
{
	return job->esp + ESP_HEADER_BYTES + job->suite->iv_bytes + job->len;
}

/* The HMACs of jobs with this digest into cbc->made; how many, those jobs being in cbc->of. */
static uint32_t hash(struct cbc *cbc, struct esp_job *const *jobs, uint32_t count,
		     enum esp_suite_digest digest)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct esp_job *job = jobs[i];
		uint32_t high_be32 = htonl((uint32_t)(job->number >> 32));
		uint8_t *icv = icv_of(job);

		if (job->suite->digest != digest)
			continue;
		memcpy(cbc->icv[found], icv, job->suite->icv_bytes);
		memcpy(icv, &high_be32, ESN_BYTES);
		cbc->of[found] = job;
		cbc->jobs[found] = (IMB_JOB){
			.src = job->esp,
			.msg_len_to_hash_in_bytes = (uint64_t)(icv - job->esp) + ESN_BYTES,
			.auth_tag_output = cbc->made[found],
			.auth_tag_output_len_in_bytes = job->suite->icv_bytes,
			.u.HMAC._hashed_auth_key_xor_ipad = job->key->cbc.inner,
			.u.HMAC._hashed_auth_key_xor_opad = job->key->cbc.outer,
		};
		found++;
	}
	if (found != 0)
		IMB_SUBMIT_HASH_BURST(cbc->manager, cbc->jobs, found,
				      digest == ESP_DIGEST_SHA_1 ? IMB_AUTH_HMAC_SHA_1
								 : IMB_AUTH_HMAC_SHA_256);
	return found;
}

/* En- or decrypt, in place, those jobs that have a key of this length and are as far as that. */
static void cipher(struct cbc *cbc, struct esp_job *const *jobs, uint32_t count, uint8_t key_bytes,
		   IMB_CIPHER_DIRECTION direction)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct esp_job *job = jobs[i];
		uint8_t *iv = job->esp + ESP_HEADER_BYTES;

		if (job->suite->key_bytes != key_bytes || !job->is_done)
			continue;
		cbc->of[found] = job;
		cbc->jobs[found] = (IMB_JOB){
			.enc_keys = job->key->cbc.encrypt,
			.dec_keys = job->key->cbc.decrypt,
			.key_len_in_bytes = key_bytes,
			.src = iv + job->suite->iv_bytes,
			.dst = iv + job->suite->iv_bytes,
			.msg_len_to_cipher_in_bytes = job->len,
			.iv = iv,
			.iv_len_in_bytes = job->suite->iv_bytes,
		};
		found++;
	}
	if (found == 0)
		return;
	IMB_SUBMIT_CIPHER_BURST(cbc->manager, cbc->jobs, found, IMB_CIPHER_CBC, direction,
				(IMB_KEY_SIZE_BYTES)key_bytes);
	for (uint32_t i = 0; i < found; i++)
		cbc->of[i]->is_done = (cbc->jobs[i].status & IMB_STATUS_COMPLETED_CIPHER) != 0;
}

void cbc_open(struct cbc *cbc, struct esp_job *const *jobs, uint32_t count)
{
	for (int digest = ESP_DIGEST_SHA_1; digest <= ESP_DIGEST_SHA_256; digest++) {
		uint32_t found = hash(cbc, jobs, count, (enum esp_suite_digest)digest);

		for (uint32_t i = 0; i < found; i++)
			cbc->of[i]->is_done =
				(cbc->jobs[i].status & IMB_STATUS_COMPLETED_AUTH) != 0 &&
				CRYPTO_memcmp(cbc->made[i], cbc->icv[i],
					      cbc->of[i]->suite->icv_bytes) == 0;
	}
	cipher(cbc, jobs, count, 16, IMB_DIR_DECRYPT);
	cipher(cbc, jobs, count, 32, IMB_DIR_DECRYPT);
}

void cbc_seal(struct cbc *cbc, struct esp_job *const *jobs, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		jobs[i]->is_done = true;
	cipher(cbc, jobs, count, 16, IMB_DIR_ENCRYPT);
	cipher(cbc, jobs, count, 32, IMB_DIR_ENCRYPT);
	for (int digest = ESP_DIGEST_SHA_1; digest <= ESP_DIGEST_SHA_256; digest++) {
		uint32_t found = hash(cbc, jobs, count, (enum esp_suite_digest)digest);

		for (uint32_t i = 0; i < found; i++) {
			struct esp_job *job = cbc->of[i];

			if ((cbc->jobs[i].status & IMB_STATUS_COMPLETED_AUTH) == 0)
				job->is_done = false;
			memcpy(icv_of(job), cbc->made[i], job->suite->icv_bytes);
		}
	}
}

/* The block cipher alone: one block of CFB over zeros. */
static void block_encrypt(const struct cbc *cbc, const uint8_t *schedule, const uint8_t in[16],
			  uint8_t out[16])
{
	static const uint8_t zero[16] __attribute__((aligned(16)));

	IMB_AES128_CFB_ONE(cbc->manager, out, zero, in, schedule, 16);
}

void cbc_iv_make(struct cbc *cbc, uint32_t spi_be32, uint64_t number, uint8_t iv[16])
{
	uint8_t counter[16] __attribute__((aligned(16))) = {0};

	memcpy(counter, &number, sizeof(number));
	memcpy(counter + 8, &spi_be32, sizeof(spi_be32));
	block_encrypt(cbc, cbc->iv_schedule, counter, iv);
}

void cbc_mac_make(const struct cbc *cbc, const uint8_t said[32], uint8_t mac[16])
{
	uint8_t chain[16] __attribute__((aligned(16)));

	/* CBC-MAC, which is sound where all that it is asked about has one length. */
	block_encrypt(cbc, cbc->mac_schedule, said, chain);
	for (int i = 0; i < 16; i++)
		chain[i] ^= said[16 + i];
	block_encrypt(cbc, cbc->mac_schedule, chain, mac);
}
