/* bench/loadgen/frame.c and esp.c: what they seal OpenSSL opens, and the other way round. */
#include "tests/unit/bench/loadgen_kit.h"

#include <openssl/evp.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include "bench/loadgen/esp.h"
#include "bench/loadgen/frame.h"

static const struct frame_link link_ends = {.own = {{2, 0, 0, 0, 0, 1}},
					    .gateway = {{2, 0, 0, 0, 0, 2}}};

static size_t ip_bytes(uint8_t family)
{
	return family == 4 ? 20 : 40;
}

/* RFC 4106, both ways: data is length bytes with the ICV behind. */
static bool gcm(bool is_seal, const uint8_t *key, size_t key_bytes, const uint8_t *esp,
		uint8_t *data, size_t length)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t nonce[12], aad[12];
	int done, is_right;

	memcpy(nonce, key + key_bytes - 4, 4);
	memcpy(nonce + 4, esp + 8, 8);
	memcpy(aad, esp, 4);
	memcpy(aad + 4, esp + 8, 8); /* the IV is the whole number here */
	EVP_CipherInit_ex(ctx, key_bytes == 20 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(), NULL, key,
			  nonce, is_seal);
	if (!is_seal)
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 16, data + length);
	EVP_CipherUpdate(ctx, NULL, &done, aad, sizeof(aad));
	EVP_CipherUpdate(ctx, data, &done, data, (int)length);
	is_right = EVP_CipherFinal_ex(ctx, data + length, &done);
	if (is_seal)
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, data + length);
	EVP_CIPHER_CTX_free(ctx);
	return is_right == 1;
}

static void opens_with_openssl(uint8_t family, enum contract_suite suite)
{
	struct terminals *terminals = kit_terminals(family, suite);
	uint8_t frame[FRAME_BYTES_MAX], key[STATIC_KEY_BYTES];
	size_t key_bytes = static_key_bytes(&terminals->statics);

	assert_int_equal(static_terminal_key(&terminals->statics, 3, true, key), RESULT_OK);
	for (uint8_t number = 1; number <= 5; number++) {
		size_t length = frame_write(terminals, &link_ends, 3, false,
					    slice_make("abcdefgh", number), frame);
		uint8_t *esp = frame + 14 + ip_bytes(family), *plain = esp + 16;
		size_t sealed = length - 14 - ip_bytes(family) - 16 - 16;
		const uint8_t clear[16] = {1, 0, 0, 3, 0, 0, 0, number, [15] = number};

		assert_memory_equal(frame, &link_ends.gateway, 6);
		assert_memory_equal(frame + 6, &link_ends.own, 6);
		assert_memory_equal(esp, clear, 16);
		assert_int_equal(sealed % 4, 0);
		assert_true(gcm(false, key, key_bytes, esp, plain, sealed));
		assert_int_equal(plain[sealed - 1], 17);
		assert_memory_equal(plain, "\x13\xc4\x13\xc4", 4);
		assert_int_equal(plain[5], 8 + number);
		assert_memory_equal(plain + 8, "abcdefgh", number);
		assert_int_equal(plain[sealed - 2] + 8 + number + 2, sealed);
	}
	terminals_destroy(terminals);
}

static void what_is_sealed_openssl_opens(void **state)
{
	(void)state;
	opens_with_openssl(4, CONTRACT_SUITE_AES_128_GCM_16);
	opens_with_openssl(6, CONTRACT_SUITE_AES_128_GCM_16);
	opens_with_openssl(6, CONTRACT_SUITE_AES_256_GCM_16);
}

/* A frame from the gateway to terminal 5 with this text, sealed with OpenSSL. */
static size_t gateway_frame(const struct terminals *terminals, uint64_t number, const char *text,
			    uint8_t frame[FRAME_BYTES_MAX])
{
	uint8_t family = terminals->statics.gateway.family;
	uint8_t *ip = frame + 14, *esp = ip + ip_bytes(family), *plain = esp + 16;
	struct contract_address to = static_terminal_address(&terminals->statics, 5);
	size_t length = 8 + strlen(text), key_bytes = static_key_bytes(&terminals->statics);
	uint8_t key[STATIC_KEY_BYTES];

	memset(frame, 0, FRAME_BYTES_MAX);
	memcpy(plain, "\x13\xc4\x13\xc4", 4);
	plain[5] = (uint8_t)length;
	memcpy(plain + 8, text, strlen(text));
	for (uint8_t pad = 1; (length + 2) % 4 != 0; pad++)
		plain[length++] = pad;
	plain[length] = (uint8_t)(length - 8 - strlen(text));
	plain[length + 1] = 17;
	length += 2;
	memcpy(esp, "\x40\0\0\5", 4);
	for (int i = 0; i < 8; i++)
		esp[8 + i] = (uint8_t)(number >> (56 - 8 * i));
	memcpy(esp + 4, esp + 12, 4);
	assert_int_equal(static_terminal_key(&terminals->statics, 5, false, key), RESULT_OK);
	assert_true(gcm(true, key, key_bytes, esp, plain, length));
	length += 32;
	ip[0] = family == 4 ? 0x45 : 0x60;
	ip[family == 4 ? 3 : 5] = (uint8_t)(length + (family == 4 ? 20 : 0));
	ip[family == 4 ? 9 : 6] = 50;
	memcpy(ip + (family == 4 ? 12 : 8), terminals->statics.gateway.bytes, family == 4 ? 4 : 16);
	memcpy(ip + (family == 4 ? 16 : 24), to.bytes, family == 4 ? 4 : 16);
	return 14 + ip_bytes(family) + length;
}

static const char *read_again(struct terminals *terminals, uint8_t *frame, size_t length,
			      struct frame_in *in)
{
	return frame_read(terminals, false, frame, length, in);
}

static void what_openssl_seals_is_opened(void **state)
{
	uint8_t frame[FRAME_BYTES_MAX];
	struct frame_in in;

	(void)state;
	for (uint8_t family = 4; family <= 6; family += 2) {
		struct terminals *terminals =
			kit_terminals(family, CONTRACT_SUITE_AES_128_GCM_16);
		size_t length = gateway_frame(terminals, 1ull << 33, "SIP/2.0 200 OK", frame);

		assert_null(read_again(terminals, frame, length, &in));
		assert_int_equal(in.terminal, 5);
		assert_int_equal(in.number, TERMINAL_NUMBER_NEW);
		assert_int_equal(in.text.len, 14);
		assert_memory_equal(in.text.at, "SIP/2.0 200 OK", 14);
		/* a port may pad short frames */
		length = gateway_frame(terminals, (1ull << 33) + 1, "x", frame);
		assert_null(read_again(terminals, frame, length + 6, &in));
		terminals_destroy(terminals);
	}
}

static void whatever_is_wrong_with_a_frame_is_told(void **state)
{
	struct terminals *terminals = kit_terminals(4, CONTRACT_SUITE_AES_128_GCM_16);
	uint8_t frame[FRAME_BYTES_MAX];
	struct frame_in in;
	size_t length;
	static const struct {
		size_t at;
		uint8_t flip;
		const char *complaint;
	} wrong[] = {
		{14, 0x20, "a frame is not IP of the right family"},
		{14, 0x01, "a frame is not IP of the right family"},
		{20, 0x20, "a packet was cut in pieces"},
		{23, 0xff, "a packet is not ESP"},
		{26, 0x01, "a packet is not from the gateway's address"},
		{30, 0x80, "a packet is for no terminal"},
		{33, 0x03, "an ESP packet has the SPI of another terminal"},
		{34, 0x01, "an ESP packet has the SPI of another terminal"},
		{41, 0x01, "an ESP packet's IV is not its number"},
		{50, 0x01, "an ESP packet is not authentic"},
		{54, 0x01, "an ESP packet is not authentic"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const char *complaint;

		length = gateway_frame(terminals, 10 + i, "SIP/2.0 200 OK", frame);
		frame[wrong[i].at] ^= wrong[i].flip;
		complaint = read_again(terminals, frame, length, &in);
		assert_non_null(complaint);
		assert_string_equal(complaint, wrong[i].complaint);
	}
	length = gateway_frame(terminals, 30, "SIP/2.0 200 OK", frame);
	for (size_t cut = 0; cut < length; cut++) {
		uint8_t shorter[FRAME_BYTES_MAX];

		memcpy(shorter, frame, length);
		assert_non_null(read_again(terminals, shorter, cut, &in));
	}
	assert_null(read_again(terminals, frame, length, &in));
	length = gateway_frame(terminals, 30, "SIP/2.0 200 OK", frame);
	assert_string_equal(read_again(terminals, frame, length, &in),
			    "an ESP packet's number came twice");
	terminals_destroy(terminals);
}

static void clear_frames_have_right_checksums(void **state)
{
	uint8_t frame[FRAME_BYTES_MAX];

	(void)state;
	for (uint8_t family = 4; family <= 6; family += 2) {
		struct terminals *terminals =
			kit_terminals(family, CONTRACT_SUITE_AES_128_GCM_16);
		size_t length = frame_write(terminals, &link_ends, 2, true,
					    slice_make("OPTIONS odd", 11), frame);
		void *udp = frame + 14 + ip_bytes(family), *ip = frame + 14;

		assert_int_equal(length, 14 + ip_bytes(family) + 8 + 11);
		if (family == 4) {
			assert_int_equal(rte_raw_cksum(ip, 20), 0xffff);
			assert_int_equal(rte_ipv4_udptcp_cksum_verify(ip, udp), 0);
		} else {
			assert_int_equal(rte_ipv6_udptcp_cksum_verify(ip, udp), 0);
		}
		terminals_destroy(terminals);
	}
}

static void a_text_that_does_not_fit_a_packet_is_refused(void **state)
{
	struct terminals *terminals = kit_terminals(6, CONTRACT_SUITE_AES_128_GCM_16);
	uint8_t frame[FRAME_BYTES_MAX];
	static const char text[2000];

	(void)state;
	assert_int_equal(frame_write(terminals, &link_ends, 1, false, slice_make(text, 1500), frame),
			 0);
	assert_true(frame_write(terminals, &link_ends, 1, false, slice_make(text, 1400), frame) > 0);
	terminals_destroy(terminals);
}

/* The channel of terminal 5 has a successor: what was sealed for the old one is still opened, and
 * counted; what terminal 5 sends goes by the new one. */
static void both_channels_are_heard_once_keys_are_renewed(void **state)
{
	struct terminals *terminals = kit_terminals(6, CONTRACT_SUITE_AES_128_GCM_16);
	static const uint8_t key_out[20] = {1}, key_in[20] = {2};
	const struct terminal_keys keys = {.spi_out = 0xaabbccdd,
					   .spi_in = 0x11223344,
					   .key_out = key_out,
					   .key_in = key_in};
	static const char text[] = "SIP/2.0 200 OK";
	uint8_t frame[FRAME_BYTES_MAX], *esp = frame + 14 + 40;
	struct frame_in in;
	size_t length = gateway_frame(terminals, 1, text, frame);

	(void)state;
	assert_null(read_again(terminals, frame, length, &in));
	assert_int_equal(terminal_renew(terminals, 5, &keys), RESULT_OK);
	length = gateway_frame(terminals, 2, text, frame);
	assert_null(read_again(terminals, frame, length, &in));
	assert_int_equal(terminals->by_old, 1);
	length = gateway_frame(terminals, 2, text, frame);
	assert_string_equal(read_again(terminals, frame, length, &in),
			    "an ESP packet's number came twice");
	length = gateway_frame(terminals, 3, text, frame);
	frame[length - 1] ^= 1;
	assert_string_equal(read_again(terminals, frame, length, &in),
			    "an ESP packet is not authentic");
	assert_int_equal(terminals->by_old, 1);
	length = frame_write(terminals, &link_ends, 5, false, SLICE("x"), frame);
	assert_memory_equal(esp, "\xaa\xbb\xcc\xdd\0\0\0\1", 8);
	/* the one before the old one is nobody's any more */
	assert_int_equal(terminal_renew(terminals, 5, &keys), RESULT_OK);
	length = gateway_frame(terminals, 4, text, frame);
	assert_string_equal(read_again(terminals, frame, length, &in),
			    "an ESP packet has the SPI of another terminal");
	terminals_destroy(terminals);
}

static void numbers_are_new_late_or_had_before(void **state)
{
	struct terminal_way way = {0};

	(void)state;
	assert_int_equal(terminal_number_take(&way, 1), TERMINAL_NUMBER_NEW);
	assert_int_equal(terminal_number_take(&way, 1), TERMINAL_NUMBER_TWICE);
	assert_int_equal(terminal_number_take(&way, 5), TERMINAL_NUMBER_NEW);
	assert_int_equal(terminal_number_take(&way, 3), TERMINAL_NUMBER_LATE);
	assert_int_equal(terminal_number_take(&way, 3), TERMINAL_NUMBER_TWICE);
	assert_int_equal(terminal_number_take(&way, 0), TERMINAL_NUMBER_TWICE);
	assert_int_equal(terminal_number_take(&way, 200), TERMINAL_NUMBER_NEW);
	assert_int_equal(terminal_number_take(&way, 137), TERMINAL_NUMBER_LATE);
	assert_int_equal(terminal_number_take(&way, 136), TERMINAL_NUMBER_TWICE);
	assert_int_equal(terminal_number_take(&way, 5), TERMINAL_NUMBER_TWICE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sealed_openssl_opens),
		cmocka_unit_test(what_openssl_seals_is_opened),
		cmocka_unit_test(whatever_is_wrong_with_a_frame_is_told),
		cmocka_unit_test(clear_frames_have_right_checksums),
		cmocka_unit_test(a_text_that_does_not_fit_a_packet_is_refused),
		cmocka_unit_test(both_channels_are_heard_once_keys_are_renewed),
		cmocka_unit_test(numbers_are_new_late_or_had_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
