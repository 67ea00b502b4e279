#include "bench/pipeline/wire.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "bench/pipeline/bench_gateway.h"

#define ETHER_BYTES 14
#define IPV4_BYTES  20
#define IPV6_BYTES  40
#define CLEAR_BYTES 16 /* SPI, number, IV */
#define UDP_BYTES   8
#define ICV_BYTES   16
#define PROTO_ESP   50
#define PROTO_UDP   17
#define PORT_SIP    5060

struct wire {
	EVP_CIPHER_CTX *seal, *open;
	uint8_t family;
	size_t key_bytes, ip_bytes;
};

struct wire *wire_create(uint8_t family, uint8_t suite)
{
	struct wire *wire = calloc(1, sizeof(*wire));
	const EVP_CIPHER *cipher =
		suite == CONTRACT_SUITE_AES_256_GCM_16 ? EVP_aes_256_gcm() : EVP_aes_128_gcm();

	if (!wire)
		return NULL;
	wire->family = family;
	wire->ip_bytes = family == 6 ? IPV6_BYTES : IPV4_BYTES;
	wire->key_bytes = suite == CONTRACT_SUITE_AES_256_GCM_16 ? 32 : 16;
	wire->seal = EVP_CIPHER_CTX_new();
	wire->open = EVP_CIPHER_CTX_new();
	if (!wire->seal || !wire->open ||
	    EVP_EncryptInit_ex(wire->seal, cipher, NULL, NULL, NULL) != 1 ||
	    EVP_DecryptInit_ex(wire->open, cipher, NULL, NULL, NULL) != 1) {
		wire_destroy(wire);
		return NULL;
	}
	return wire;
}

void wire_destroy(struct wire *wire)
{
	EVP_CIPHER_CTX_free(wire->seal);
	EVP_CIPHER_CTX_free(wire->open);
	free(wire);
}

size_t wire_cipher_offset(const struct wire *wire)
{
	return ETHER_BYTES + wire->ip_bytes + CLEAR_BYTES;
}

size_t wire_cipher_length(const struct wire *wire, size_t frame_length)
{
	return frame_length - wire_cipher_offset(wire) - ICV_BYTES;
}

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void ip_write(const struct wire *wire, uint32_t terminal, size_t payload, uint8_t *ip)
{
	struct contract_address from = bench_terminal_address(wire->family, terminal);
	struct contract_address to = bench_gateway_address(wire->family);

	memset(ip, 0, wire->ip_bytes);
	if (wire->family == 6) {
		ip[0] = 0x60;
		put16(ip + 4, payload);
		ip[6] = PROTO_ESP;
		ip[7] = 64;
		memcpy(ip + 8, from.bytes, 16);
		memcpy(ip + 24, to.bytes, 16);
		return;
	}
	uint32_t sum = 0;

	ip[0] = 0x45;
	put16(ip + 2, payload + IPV4_BYTES);
	ip[8] = 64;
	ip[9] = PROTO_ESP;
	memcpy(ip + 12, from.bytes, 4);
	memcpy(ip + 16, to.bytes, 4);
	for (int i = 0; i < IPV4_BYTES; i += 2)
		sum += (uint32_t)(ip[i] << 8 | ip[i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	put16(ip + 10, ~((sum & 0xffff) + (sum >> 16)) & 0xffff);
}

/* RFC 4106: nonce is salt and IV, AAD the SPI and the 64-bit number. */
static void nonce_make(const struct wire *wire, const uint8_t *key, uint32_t spi, uint64_t number,
		       uint8_t nonce[12], uint8_t aad[12])
{
	memcpy(nonce, key + wire->key_bytes, 4);
	put32(nonce + 4, (uint32_t)(number >> 32));
	put32(nonce + 8, (uint32_t)number);
	put32(aad, spi);
	memcpy(aad + 4, nonce + 4, 8);
}

size_t wire_seal(struct wire *wire, uint32_t terminal, uint64_t number, struct slice text,
		 uint8_t frame[WIRE_FRAME_BYTES])
{
	uint8_t *ip = frame + ETHER_BYTES, *esp = ip + wire->ip_bytes, *plain = esp + CLEAR_BYTES;
	size_t length = UDP_BYTES + text.len, pad = (4 - (length + 2) % 4) % 4;
	uint8_t key[36], nonce[12], aad[12];
	int done;

	if (wire_cipher_offset(wire) + length + pad + 2 + ICV_BYTES > WIRE_FRAME_BYTES)
		return 0;
	put16(plain, PORT_SIP);
	put16(plain + 2, PORT_SIP);
	put16(plain + 4, length);
	put16(plain + 6, 0);
	memcpy(plain + UDP_BYTES, text.at, text.len);
	for (size_t i = 0; i < pad; i++)
		plain[length++] = (uint8_t)(i + 1);
	plain[length++] = (uint8_t)pad;
	plain[length++] = PROTO_UDP;
	put32(esp, bench_spi_gateway(terminal));
	put32(esp + 4, (uint32_t)number);
	bench_terminal_key(terminal, true, key);
	nonce_make(wire, key, bench_spi_gateway(terminal), number, nonce, aad);
	memcpy(esp + 8, nonce + 4, 8);
	memset(frame, 2, 12);
	put16(frame + 12, wire->family == 6 ? 0x86dd : 0x0800);
	ip_write(wire, terminal, CLEAR_BYTES + length + ICV_BYTES, ip);
	if (EVP_EncryptInit_ex(wire->seal, NULL, NULL, key, nonce) != 1 ||
	    EVP_EncryptUpdate(wire->seal, NULL, &done, aad, 12) != 1 ||
	    EVP_EncryptUpdate(wire->seal, plain, &done, plain, (int)length) != 1 ||
	    EVP_EncryptFinal_ex(wire->seal, plain + length, &done) != 1 ||
	    EVP_CIPHER_CTX_ctrl(wire->seal, EVP_CTRL_AEAD_GET_TAG, ICV_BYTES, plain + length) != 1)
		return 0;
	return (size_t)(plain - frame) + length + ICV_BYTES;
}

bool wire_open(struct wire *wire, uint8_t *frame, size_t length, uint32_t *terminal,
	       uint64_t *number, struct slice *text)
{
	uint8_t *ip = frame + ETHER_BYTES, *esp = ip + wire->ip_bytes, *plain = esp + CLEAR_BYTES;
	uint8_t key[36], nonce[12], aad[12];
	int done;

	if (length < wire_cipher_offset(wire) + UDP_BYTES + 2 + ICV_BYTES ||
	    ip[wire->family == 6 ? 6 : 9] != PROTO_ESP)
		return false;
	size_t cipher = wire_cipher_length(wire, length), udp;
	uint32_t spi = get32(esp);

	*terminal = spi - bench_spi_terminal(0);
	struct contract_address to = bench_terminal_address(wire->family, *terminal);

	if (memcmp(to.bytes, ip + (wire->family == 6 ? 24 : 16), wire->family == 6 ? 16 : 4) != 0)
		return false;
	*number = (uint64_t)get32(esp + 8) << 32 | get32(esp + 12);
	bench_terminal_key(*terminal, false, key);
	nonce_make(wire, key, spi, *number, nonce, aad);
	if (EVP_DecryptInit_ex(wire->open, NULL, NULL, key, nonce) != 1 ||
	    EVP_DecryptUpdate(wire->open, NULL, &done, aad, 12) != 1 ||
	    EVP_DecryptUpdate(wire->open, plain, &done, plain, (int)cipher) != 1 ||
	    EVP_CIPHER_CTX_ctrl(wire->open, EVP_CTRL_AEAD_SET_TAG, ICV_BYTES, plain + cipher) !=
		    1 ||
	    EVP_DecryptFinal_ex(wire->open, plain + cipher, &done) != 1)
		return false;
	udp = (size_t)(plain[4] << 8 | plain[5]);
	if (get32(plain) != (PORT_SIP << 16 | PORT_SIP) || udp < UDP_BYTES ||
	    udp + 2 + plain[cipher - 2] != cipher)
		return false;
	*text = slice_make(plain + UDP_BYTES, udp - UDP_BYTES);
	return true;
}
