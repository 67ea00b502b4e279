/* AES-GCM against published packets and against OpenSSL. */
#include "dataplane/esp/gcm.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/hex.h"

/* draft-mcgrew-gcm-test-01 4: all cases with extended sequence numbers and 128 or 256 bits. */
static const struct {
	const char *material, *iv, *aad, *plain, *sealed;
} known[] = {
	{"4c80cdefbb5d10da906ac73c3613a6342e443b68", "4956ed7e3b244cfe", "000043218765432100000000",
	 "45000048699a000080114db7c0a80102c0a801010a9bf15638d301000001000000000000045f7369"
	 "70045f756470037369700963796265726369747902646b000021000101020201",
	 "fecf537e729d5b07dc30df528dd22b768d1b98736696a6fd348509fa13ceac34cfa2436f14a3f3cf"
	 "65925bf1f4a13c5d15b21e1884f5ff6247aeabb786b93bce61bc17d768fd9732459018148f6cbe72"
	 "2fd04796562dfdb4"},
	{"3de09874b388e6491988d0c3607eae1f57690e43", "4e280000a2fca1a3", "42f67e3f1010101010101010",
	 "4500003c99c300008001cb7c40679318010101010800085c020043006162636465666768696a6b6c"
	 "6d6e6f707172737475767761626364656667686901020201",
	 "fba2caa4853cf9f0f22cb10d86dd83b0fec75691cf1a04b00d1138ec9c35791765acbd8701ad7984"
	 "5bf9fe3fba487bc91755e6662b4c8d0d1f5e22739530320ae0d731cc978ecafaeae88f00e80d6e48"},
	{"3de09874b388e6491988d0c3607eae1f57690e43", "4e280000a2fca1a3", "42f67e3f1010101010101010",
	 "4500001c42a200008001441f406793b6e00000020a00f5ff01020201",
	 "fba2ca845e5df9f0f22c3e6e86dd831e1fc65792cd1af9130e1379ed369f071f35e034be95f112e4"
	 "e7d05d35"},
	{"abbccddef00112233445566778899aabdecaf888", "cafedebaceface74", "000001000000000000000001",
	 "4500004933ba00007f119106c3fb1d10c2b1d326c02831ce0035dd7b800302d500004e20001e8c18"
	 "d75b81dc91baa0476b91b924b280389d92c963bac046ec959b6266c04722b14923010101",
	 "18a6fd42f72cbf4ab2a2ea901f73d814e3e7f243d95412e1c349c1d2fbec168f9190feebaf2cb019"
	 "84e65863965d7472b79da345e0e780191f0d2f0e0f496c226f2127b27db35724e7845d68651f57e6"
	 "5f354f75ff17015769623436"},
	{"abbccddef00112233445566778899aababbccddef00112233445566778899aab73616c74",
	 "616e640169766563", "17405e67156f3126dd0db99b",
	 "45080028732c00004006e9f90a0106120a01038f06b88023dd6bafbecb71260250101f646d540001",
	 "f2d69ecdbd5a0d5b8d5ef38bad4da58d1f278fde98ef67549d524a3018d9a57ff4d3a31ce673119e"
	 "451626c2415771e3b7eebca614c89b35"},
	{"3de09874b388e6491988d0c3607eae1f57690e43", "4e280000a2fca1a3", "42f67e3f1010101010101010",
	 "45000049333e00007f119182c3fb1d10c2b1d326c02831ce0035cb458003025b000001e0001e8c18"
	 "d65759d52284a0352c71475c8880391c764d6e5ee0496b325ae270c03899493915010101",
	 "fba2cad12fc1f9f00d3cebf305410db83d7784b607323d220f24b0a97d54182800cadb0f68d99ef0"
	 "e0c0c89ae9bea8884e52d65bc1afd0740f742444747b5b39ab533163aad4550ee5160975cdb608c5"
	 "769189609763b8e18caa81e2"},
	{"abbccddef00112233445566778899aababbccddef00112233445566778899aab73616c74",
	 "616e640169766563", "17405e67156f3126dd0db99b",
	 "636973636f0172756c657301746865016e6574776501646566696e6501746865746563686e6f6c6f"
	 "67696573017468617477696c6c01646566696e65746f6d6f72726f7701020201",
	 "d4b7ed86a1777f2ea13d6973d324c69e7b43f826fb56831226508bebd2dceb18d0a6df10e5487df0"
	 "74113e14c641024e3e6773d91a62ee429b043a10e3efe6b012a49363412364f8c0cac587f249e56b"
	 "11e24f30e44ccc76"},
	{"abbccddef00112233445566778899aabdecaf888", "cafedebaceface74", "000001000000000000000001",
	 "746f016265016f72016e6f7401746f0162650001",
	 "29c9fc69a197d038ccdd14e2ddfcaa0543332164412503524303ed3c6c5f283843af8c3e"},
	{"6c6567616c697a656d6172696a75616e61616e64646f69746265666f726569617475726e",
	 "333021696765746d", "796b6963ffffffffffffffff",
	 "45000030da3a00008001df3bc0a80005c0a800010800c6cd020007006162636465666768696a6b6c"
	 "6d6e6f707172737401020201",
	 "f97ab2aa356d8edce17644ac8c78e25dd24dedbb29ebf1b64a274b39b49c3a864cd3d78ca4ae68a3"
	 "2b42458fb57dbe821dcc63b9d0937ba2945f669368661a329fb4c053"},
};

static struct gcm *make(void)
{
	struct gcm *gcm = NULL;

	assert_int_equal(gcm_create(&gcm), RESULT_OK);
	return gcm;
}

static void published_packets_are_sealed_and_opened(void **state)
{
	struct gcm *gcm = make();

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		uint8_t material[36], iv[8], aad[12], plain[128], sealed[144], packet[144];
		size_t material_len = hex_bytes(known[i].material, material);
		size_t len = hex_bytes(known[i].plain, plain);
		struct gcm_key key;

		assert_int_equal(hex_bytes(known[i].iv, iv), 8);
		assert_int_equal(hex_bytes(known[i].aad, aad), 12);
		assert_int_equal(hex_bytes(known[i].sealed, sealed), len + 16);
		assert_int_equal(gcm_key_expand(gcm, material, material_len, &key), RESULT_OK);
		memcpy(packet, plain, len);
		gcm_seal(gcm, &key, iv, aad, packet, len);
		assert_memory_equal(packet, sealed, len + 16);
		assert_true(gcm_open(gcm, &key, iv, aad, packet, len));
		assert_memory_equal(packet, plain, len);
	}
	gcm_destroy(gcm);
}

/* The same by OpenSSL. */
static void openssl_seal(const uint8_t *material, size_t key_len, const uint8_t *iv,
			 const uint8_t *aad, uint8_t *data, size_t len)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	uint8_t nonce[12];
	int done;

	memcpy(nonce, material + key_len, 4);
	memcpy(nonce + 4, iv, 8);
	assert_int_equal(EVP_EncryptInit_ex(context,
					    key_len == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(),
					    NULL, material, nonce),
			 1);
	assert_int_equal(EVP_EncryptUpdate(context, NULL, &done, aad, 12), 1);
	assert_int_equal(EVP_EncryptUpdate(context, data, &done, data, (int)len), 1);
	assert_int_equal(EVP_EncryptFinal_ex(context, data + done, &done), 1);
	assert_int_equal(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, data + len), 1);
	EVP_CIPHER_CTX_free(context);
}

static void every_length_agrees_with_openssl(void **state)
{
	struct gcm *gcm = make();
	static uint8_t plain[16500], ours[16516], theirs[16516];

	(void)state;
	for (size_t len = 1; len < 16500; len += len < 1600 ? 1 : 331) {
		size_t key_len = len % 2 ? 16 : 32;
		uint8_t material[36], iv[8], aad[12];
		struct gcm_key key;

		RAND_bytes(material, sizeof(material));
		RAND_bytes(iv, sizeof(iv));
		RAND_bytes(aad, sizeof(aad));
		RAND_bytes(plain, (int)len);
		assert_int_equal(gcm_key_expand(gcm, material, key_len + 4, &key), RESULT_OK);
		memcpy(ours, plain, len);
		memcpy(theirs, plain, len);
		gcm_seal(gcm, &key, iv, aad, ours, len);
		openssl_seal(material, key_len, iv, aad, theirs, len);
		assert_memory_equal(ours, theirs, len + 16);
		assert_true(gcm_open(gcm, &key, iv, aad, theirs, len));
		assert_memory_equal(theirs, plain, len);
	}
	gcm_destroy(gcm);
}

static void anything_changed_is_refused(void **state)
{
	struct gcm *gcm = make();
	uint8_t material[20] = {1, 2, 3}, iv[8] = {4}, aad[12] = {5}, data[64 + 16] = {6}, copy[80];
	struct gcm_key key;

	(void)state;
	assert_int_equal(gcm_key_expand(gcm, material, sizeof(material), &key), RESULT_OK);
	gcm_seal(gcm, &key, iv, aad, data, 64);
	for (unsigned int bit = 0; bit < 80 * 8; bit++) {
		memcpy(copy, data, sizeof(copy));
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(gcm_open(gcm, &key, iv, aad, copy, 64));
	}
	for (unsigned int bit = 0; bit < 12 * 8; bit++) {
		memcpy(copy, data, sizeof(copy));
		aad[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(gcm_open(gcm, &key, iv, aad, copy, 64));
		aad[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (unsigned int bit = 0; bit < 8 * 8; bit++) {
		memcpy(copy, data, sizeof(copy));
		iv[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(gcm_open(gcm, &key, iv, aad, copy, 64));
		iv[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	/* The salt is part of the key. */
	material[19] ^= 1;
	assert_int_equal(gcm_key_expand(gcm, material, sizeof(material), &key), RESULT_OK);
	memcpy(copy, data, sizeof(copy));
	assert_false(gcm_open(gcm, &key, iv, aad, copy, 64));
	gcm_destroy(gcm);
}

static void a_key_knows_what_it_was_made_from_and_is_wiped(void **state)
{
	struct gcm *gcm = make();
	static const size_t lens[] = {20, 36};
	struct gcm_key key, zero = {0};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uint8_t material[36], back[36];

		for (size_t j = 0; j < sizeof(material); j++)
			material[j] = (uint8_t)(200 - j);
		assert_int_equal(gcm_key_expand(gcm, material, lens[i], &key), RESULT_OK);
		gcm_key_material(&key, back);
		assert_memory_equal(back, material, lens[i]);
	}
	gcm_key_wipe(&key);
	assert_memory_equal(&key, &zero, sizeof(key));
	gcm_destroy(gcm);
}

/* draft-mcgrew-gcm-test-01 4, its packet under ENCR_NULL_AUTH_AES_GMAC: SPI, number, IV, data. */
static void the_published_gmac_comes_out(void **state)
{
	static const uint8_t material[] = {0x4c, 0x80, 0xcd, 0xef, 0xbb, 0x5d, 0x10,
					   0xda, 0x90, 0x6a, 0xc7, 0x3c, 0x36, 0x13,
					   0xa6, 0x34, 0x22, 0x43, 0x3c, 0x64};
	static const uint8_t data[] =
		"\x00\x00\x43\x21\x00\x00\x00\x07\x00\x00\x00\x00\x00\x00\x00\x00"
		"\x45\x00\x00\x30\xda\x3a\x00\x00\x80\x01\xdf\x3b\xc0\xa8\x00\x05"
		"\xc0\xa8\x00\x01\x08\x00\xc6\xcd\x02\x00\x07\x00"
		"abcdefghijklmnopqrst\x01\x02\x02\x01";
	static const uint8_t published[] = {0xf2, 0xa9, 0xa8, 0x36, 0xe1, 0x55, 0x10, 0x6a,
					    0xa8, 0xdc, 0xd6, 0x18, 0xe4, 0x09, 0x9a, 0xaa};
	static const uint8_t iv[GCM_IV_BYTES];
	struct gcm *gcm = make();
	struct gcm_key key;
	uint8_t icv[GCM_ICV_BYTES];

	(void)state;
	assert_int_equal(gcm_key_expand(gcm, material, sizeof(material), &key), RESULT_OK);
	gcm_mac(gcm, &key, iv, data, sizeof(data) - 1, icv);
	assert_memory_equal(icv, published, sizeof(published));
	assert_true(gcm_icv_is_equal(icv, published));
	for (size_t i = 0; i < sizeof(icv); i++) {
		icv[i] ^= 0x80;
		assert_false(gcm_icv_is_equal(icv, published));
		icv[i] ^= 0x80;
	}
	gcm_destroy(gcm);
}

static void key_material_of_another_length_is_refused(void **state)
{
	struct gcm *gcm = make();
	uint8_t material[64] = {0};
	struct gcm_key key;

	(void)state;
	for (size_t len = 0; len <= sizeof(material); len++) {
		if (len != 20 && len != 36)
			assert_int_equal(gcm_key_expand(gcm, material, len, &key), RESULT_BAD);
	}
	gcm_destroy(gcm);
}

static void the_instruction_set_has_a_name(void **state)
{
	struct gcm *gcm = make();

	(void)state;
	assert_string_not_equal(gcm_isa_name(gcm), "none");
	gcm_destroy(gcm);
	gcm_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_packets_are_sealed_and_opened),
		cmocka_unit_test(every_length_agrees_with_openssl),
		cmocka_unit_test(anything_changed_is_refused),
		cmocka_unit_test(a_key_knows_what_it_was_made_from_and_is_wiped),
		cmocka_unit_test(the_published_gmac_comes_out),
		cmocka_unit_test(key_material_of_another_length_is_refused),
		cmocka_unit_test(the_instruction_set_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
