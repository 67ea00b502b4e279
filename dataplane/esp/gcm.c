#include "dataplane/esp/gcm.h"

#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct gcm_key_data) == GCM_KEY_SCHEDULE_BYTES, "IPsec-MB's key");
_Static_assert(sizeof(((struct gcm_key_data *)0)->ghash_keys) == GCM_KEY_HASH_KEYS_BYTES,
	       "IPsec-MB's hash keys");
_Static_assert(offsetof(struct gcm_key_data, ghash_keys) == GCM_KEY_HASH_KEYS_AT,
	       "gcm_key_prefetch's reckoning");

struct gcm {
	IMB_MGR *manager;
	struct gcm_context_data context; /* scratch of one call */
};

enum result gcm_create(struct gcm **gcm)
{
	struct gcm *made = calloc(1, sizeof(*made));
	IMB_ARCH arch;

	if (made == NULL)
		return RESULT_MEMORY;
	made->manager = alloc_mb_mgr(0);
	if (made->manager == NULL) {
		free(made);
		return RESULT_MEMORY;
	}
	init_mb_mgr_auto(made->manager, &arch);
	*gcm = made;
	return RESULT_OK;
}

void gcm_destroy(struct gcm *gcm)
{
	if (gcm == NULL)
		return;
	free_mb_mgr(gcm->manager);
	OPENSSL_cleanse(gcm, sizeof(*gcm));
	free(gcm);
}

const char *gcm_isa_name(const struct gcm *gcm)
{
	switch (gcm->manager->used_arch) {
	case IMB_ARCH_AVX512:
		return (gcm->manager->features & IMB_FEATURE_VAES) ? "AVX512+VAES" : "AVX512";
	case IMB_ARCH_AVX2:
		return "AVX2";
	case IMB_ARCH_AVX:
		return "AVX";
	case IMB_ARCH_SSE:
		return "SSE";
	default:
		return "none";
	}
}

enum result gcm_key_expand(struct gcm *gcm, const uint8_t *material, size_t len,
			   struct gcm_key *key)
{
	struct gcm_key_data *schedule = (struct gcm_key_data *)key->schedule;

	if (len != IMB_GCM_128_KEY_LEN + GCM_SALT_BYTES &&
	    len != IMB_GCM_256_KEY_LEN + GCM_SALT_BYTES)
		return RESULT_BAD;
	memset(key, 0, sizeof(*key));
	key->key_bytes = (uint8_t)(len - GCM_SALT_BYTES);
	memcpy(key->salt, material + key->key_bytes, GCM_SALT_BYTES);
	if (key->key_bytes == IMB_GCM_128_KEY_LEN)
		IMB_AES128_GCM_PRE(gcm->manager, material, schedule);
	else
		IMB_AES256_GCM_PRE(gcm->manager, material, schedule);
	return RESULT_OK;
}

void gcm_key_wipe(struct gcm_key *key)
{
	OPENSSL_cleanse(key, sizeof(*key));
}

void gcm_key_material(const struct gcm_key *key, uint8_t *material)
{
	/* The first round keys of AES are the key itself (FIPS 197 5.2), on every instruction set;
	 * esp_self_test() sees to it. */
	memcpy(material, key->schedule, key->key_bytes);
	memcpy(material + key->key_bytes, key->salt, GCM_SALT_BYTES);
}

/* Salt and IV, in one store of 16 bytes: see gcm_aad_write(). */
static void gcm_nonce(const struct gcm_key *key, const uint8_t *iv, uint8_t nonce[16])
{
	uint32_t salt;
	uint64_t explicit;

	memcpy(&salt, key->salt, sizeof(salt));
	memcpy(&explicit, iv, sizeof(explicit));
	_mm_storeu_si128(
		(__m128i *)(void *)nonce,
		_mm_set_epi64x((long long)(explicit >> 32), (long long)(salt | explicit << 32)));
}

bool gcm_open(struct gcm *gcm, const struct gcm_key *key, const uint8_t iv[GCM_IV_BYTES],
	      const uint8_t aad[GCM_AAD_BYTES], uint8_t *data, size_t len)
{
	const struct gcm_key_data *schedule = (const struct gcm_key_data *)key->schedule;
	uint8_t nonce[16], icv[GCM_ICV_BYTES];

	gcm_nonce(key, iv, nonce);
	if (key->key_bytes == IMB_GCM_128_KEY_LEN)
		IMB_AES128_GCM_DEC(gcm->manager, schedule, &gcm->context, data, data, len, nonce,
				   aad, GCM_AAD_BYTES, icv, sizeof(icv));
	else
		IMB_AES256_GCM_DEC(gcm->manager, schedule, &gcm->context, data, data, len, nonce,
				   aad, GCM_AAD_BYTES, icv, sizeof(icv));
	return gcm_icv_is_equal(icv, data + len);
}

void gcm_seal(struct gcm *gcm, const struct gcm_key *key, const uint8_t iv[GCM_IV_BYTES],
	      const uint8_t aad[GCM_AAD_BYTES], uint8_t *data, size_t len)
{
	const struct gcm_key_data *schedule = (const struct gcm_key_data *)key->schedule;
	uint8_t nonce[16];

	gcm_nonce(key, iv, nonce);
	if (key->key_bytes == IMB_GCM_128_KEY_LEN)
		IMB_AES128_GCM_ENC(gcm->manager, schedule, &gcm->context, data, data, len, nonce,
				   aad, GCM_AAD_BYTES, data + len, GCM_ICV_BYTES);
	else
		IMB_AES256_GCM_ENC(gcm->manager, schedule, &gcm->context, data, data, len, nonce,
				   aad, GCM_AAD_BYTES, data + len, GCM_ICV_BYTES);
}

void gcm_mac(struct gcm *gcm, const struct gcm_key *key, const uint8_t iv[GCM_IV_BYTES],
	     const uint8_t *data, size_t len, uint8_t icv[GCM_ICV_BYTES])
{
	const struct gcm_key_data *schedule = (const struct gcm_key_data *)key->schedule;
	uint8_t nonce[16], nothing = 0;

	gcm_nonce(key, iv, nonce);
	if (key->key_bytes == IMB_GCM_128_KEY_LEN)
		IMB_AES128_GCM_ENC(gcm->manager, schedule, &gcm->context, &nothing, &nothing, 0,
				   nonce, data, len, icv, GCM_ICV_BYTES);
	else
		IMB_AES256_GCM_ENC(gcm->manager, schedule, &gcm->context, &nothing, &nothing, 0,
				   nonce, data, len, icv, GCM_ICV_BYTES);
}
