#include "bench/pipeline/wire.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "bench/pipeline/terminals.h"
#include "terminal/esp/bytes.h"
#include "terminal/esp/cipher.h"

#define ETHER_BYTES 14
#define IPV4_BYTES  20
#define IPV6_BYTES  40
#define UDP_BYTES   8
#define PROTO_ESP   50
#define PROTO_UDP   17
#define PORT_SIP    5060

#define PROTO_FRAGMENT 44
#define FRAGMENT_BYTES 8 /* IPv6's fragment header */

struct wire {
	const struct esp_suite *suite; /* NULL: in the clear */
	uint8_t family;
	size_t ip_bytes;
};

struct wire *wire_create(uint8_t family, uint8_t suite)
{
	struct wire *wire = calloc(1, sizeof(*wire));

	if (!wire)
		return NULL;
	wire->family = family;
	wire->ip_bytes = family == 6 ? IPV6_BYTES : IPV4_BYTES;
	wire->suite = suite == WIRE_CLEAR ? NULL : esp_suite_by_number(suite);
	if (suite != WIRE_CLEAR && !wire->suite) {
		wire_destroy(wire);
		return NULL;
	}
	return wire;
}

void wire_destroy(struct wire *wire)
{
	free(wire);
}

size_t wire_esp_offset(const struct wire *wire)
{
	return ETHER_BYTES + wire->ip_bytes;
}

/* SPI, number, IV. */
static size_t clear_bytes(const struct wire *wire)
{
	return (size_t)ESP_HEADER_BYTES + wire->suite->iv_bytes;
}

size_t wire_cipher_length(const struct wire *wire, size_t frame_length)
{
	return frame_length - wire_esp_offset(wire) - clear_bytes(wire) - wire->suite->icv_bytes;
}

static void ip_write(const struct wire *wire, uint32_t terminal, uint8_t protocol, size_t payload,
		     uint8_t *ip)
{
	struct contract_address from = bench_terminal_address(wire->family, terminal);
	struct contract_address to = bench_gateway_address(wire->family);

	memset(ip, 0, wire->ip_bytes);
	if (wire->family == 6) {
		ip[0] = 0x60;
		bytes_put_u16(ip + 4, (uint16_t)payload);
		ip[6] = protocol;
		ip[7] = 64;
		memcpy(ip + 8, from.bytes, 16);
		memcpy(ip + 24, to.bytes, 16);
		return;
	}
	uint32_t sum = 0;

	ip[0] = 0x45;
	bytes_put_u16(ip + 2, (uint16_t)(payload + IPV4_BYTES));
	ip[8] = 64;
	ip[9] = protocol;
	memcpy(ip + 12, from.bytes, 4);
	memcpy(ip + 16, to.bytes, 4);
	for (int i = 0; i < IPV4_BYTES; i += 2)
		sum += (uint32_t)(ip[i] << 8 | ip[i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	bytes_put_u16(ip + 10, (uint16_t) ~((sum & 0xffff) + (sum >> 16)));
}

/* One packet of this terminal's, en- or decrypted in place with its ICV behind it: OpenSSL's. */
static bool crypt(const struct wire *wire, uint32_t terminal, bool is_sealing, uint64_t number,
		  uint8_t *esp, size_t length)
{
	uint8_t key[CONTRACT_SA_KEY_BYTES];
	struct esp_cipher *cipher;
	enum result result;

	bench_terminal_key(terminal, is_sealing, key);
	if (esp_cipher_create(wire->suite, key, is_sealing, &cipher) != RESULT_OK)
		return false;
	result = is_sealing ? esp_cipher_seal(cipher, number, esp, length)
			    : esp_cipher_open(cipher, number, esp, length);
	esp_cipher_destroy(cipher);
	return result == RESULT_OK;
}

/* RFC 768's sum over pseudo header and datagram, in no hurry; 0 where the datagram's own is right. */
static uint16_t udp_sum(const struct wire *wire, const uint8_t *ip, size_t length)
{
	size_t addresses = wire->family == 6 ? 8 : 12;
	uint32_t sum = PROTO_UDP + (uint32_t)length;

	for (size_t i = addresses; i < wire->ip_bytes + length; i++)
		sum += i % 2 == 0 ? (uint32_t)ip[i] << 8 : ip[i];
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void ether_write(const struct wire *wire, uint8_t *frame)
{
	memset(frame, 2, 12);
	bytes_put_u16(frame + 12, wire->family == 6 ? 0x86dd : 0x0800);
}

static void udp_write(struct slice text, uint8_t *udp)
{
	bytes_put_u16(udp, PORT_SIP);
	bytes_put_u16(udp + 2, PORT_SIP);
	bytes_put_u16(udp + 4, (uint16_t)(UDP_BYTES + text.len));
	bytes_put_u16(udp + 6, 0);
	memcpy(udp + UDP_BYTES, text.at, text.len);
}

static size_t clear_write(const struct wire *wire, uint32_t terminal, struct slice text,
			  uint8_t frame[WIRE_FRAME_BYTES])
{
	uint8_t *ip = frame + ETHER_BYTES, *udp = ip + wire->ip_bytes;
	size_t length = UDP_BYTES + text.len;

	if ((size_t)(udp - frame) + length > WIRE_FRAME_BYTES)
		return 0;
	ether_write(wire, frame);
	ip_write(wire, terminal, PROTO_UDP, length, ip);
	udp_write(text, udp);
	bytes_put_u16(udp + 6, udp_sum(wire, ip, length));
	return (size_t)(udp - frame) + length;
}

size_t wire_seal(struct wire *wire, uint32_t terminal, uint64_t number, struct slice text,
		 uint8_t frame[WIRE_FRAME_BYTES])
{
	const struct esp_suite *suite = wire->suite;

	if (!suite)
		return clear_write(wire, terminal, text, frame);
	uint8_t *ip = frame + ETHER_BYTES, *esp = ip + wire->ip_bytes;
	uint8_t *plain = esp + clear_bytes(wire);
	size_t length = UDP_BYTES + text.len, over = (length + 2) % suite->block_bytes;
	size_t pad = over ? suite->block_bytes - over : 0;

	if ((size_t)(plain - frame) + length + pad + 2 + suite->icv_bytes > WIRE_FRAME_BYTES)
		return 0;
	udp_write(text, plain);
	for (size_t i = 0; i < pad; i++)
		plain[length++] = (uint8_t)(i + 1);
	plain[length++] = (uint8_t)pad;
	plain[length++] = PROTO_UDP;
	bytes_put_u32(esp, bench_spi_gateway(terminal));
	bytes_put_u32(esp + 4, (uint32_t)number);
	if (suite->iv_bytes == 8)
		bytes_put_u64(esp + 8, number);
	else if (suite->iv_bytes != 0 && RAND_bytes(esp + 8, suite->iv_bytes) != 1)
		return 0;
	ether_write(wire, frame);
	ip_write(wire, terminal, PROTO_ESP, clear_bytes(wire) + length + suite->icv_bytes, ip);
	if (!crypt(wire, terminal, true, number, esp, clear_bytes(wire) + length))
		return 0;
	return (size_t)(plain - frame) + length + suite->icv_bytes;
}

/* To whom it is; the payload's protocol must be this. False: it is not, or to nobody of ours. */
static bool receiver_read(const struct wire *wire, const uint8_t *ip, uint8_t protocol,
			  uint32_t *terminal)
{
	const uint8_t *to = ip + (wire->family == 6 ? 24 : 16);
	struct contract_address expected;

	*terminal = bench_terminal_of(wire->family, to);
	expected = bench_terminal_address(wire->family, *terminal);
	return ip[wire->family == 6 ? 6 : 9] == protocol &&
	       memcmp(expected.bytes, to, wire->family == 6 ? 16 : 4) == 0;
}

static bool is_from_gateway(const struct wire *wire, const uint8_t *ip)
{
	struct contract_address own = bench_gateway_address(wire->family);

	return memcmp(own.bytes, ip + (wire->family == 6 ? 8 : 12), wire->family == 6 ? 16 : 4) ==
	       0;
}

static bool clear_read(const struct wire *wire, const uint8_t *frame, size_t length,
		       uint32_t *terminal, struct slice *text)
{
	const uint8_t *ip = frame + ETHER_BYTES, *udp = ip + wire->ip_bytes;
	size_t left = length - wire_esp_offset(wire);

	if (length < wire_esp_offset(wire) + UDP_BYTES || !is_from_gateway(wire, ip) ||
	    !receiver_read(wire, ip, PROTO_UDP, terminal) ||
	    bytes_get_u32(udp) != (PORT_SIP << 16 | PORT_SIP) || bytes_get_u16(udp + 4) != left ||
	    bytes_get_u16(udp + 6) == 0 || udp_sum(wire, ip, left) != 0)
		return false;
	*text = slice_make(udp + UDP_BYTES, left - UDP_BYTES);
	return true;
}

/* Bench runs stay below 2^32 packets: the number's low half is all of it. */
bool wire_open(struct wire *wire, uint8_t *frame, size_t length, uint32_t *terminal,
	       uint64_t *number, struct slice *text)
{
	if (!wire->suite) {
		*number = 0;
		return clear_read(wire, frame, length, terminal, text);
	}
	uint8_t *ip = frame + ETHER_BYTES, *esp = ip + wire->ip_bytes;
	uint8_t *plain = esp + clear_bytes(wire);

	if (length < (size_t)(plain - frame) + UDP_BYTES + 2 + wire->suite->icv_bytes)
		return false;
	size_t cipher = wire_cipher_length(wire, length), udp;

	if (!receiver_read(wire, ip, PROTO_ESP, terminal) ||
	    bytes_get_u32(esp) != bench_spi_terminal(*terminal))
		return false;
	*number = bytes_get_u32(esp + 4);
	if (!crypt(wire, *terminal, false, *number, esp, clear_bytes(wire) + cipher))
		return false;
	udp = bytes_get_u16(plain + 4);
	if (bytes_get_u32(plain) != (PORT_SIP << 16 | PORT_SIP) || udp < UDP_BYTES ||
	    udp + 2 + plain[cipher - 2] != cipher)
		return false;
	*text = slice_make(plain + UDP_BYTES, udp - UDP_BYTES);
	return true;
}

/* Where a frame's payload goes in its packet, and where it stands in the frame. */
struct fragment {
	size_t offset, payload; /* bytes; payload from the frame's start */
	bool is_one, has_more;
};

static struct fragment fragment_of(const struct wire *wire, const uint8_t *frame)
{
	const uint8_t *ip = frame + ETHER_BYTES, *fragment = ip + IPV6_BYTES;
	struct fragment found = {.payload = ETHER_BYTES + wire->ip_bytes};
	unsigned field;

	if (wire->family == 4) {
		field = (unsigned)(ip[6] << 8 | ip[7]);
		found.offset = (size_t)(field & 0x1fff) * 8;
		found.has_more = (field & 0x2000) != 0;
		found.is_one = found.has_more || found.offset > 0;
	} else if (ip[6] == PROTO_FRAGMENT) {
		field = (unsigned)(fragment[2] << 8 | fragment[3]);
		found.offset = field & 0xfff8;
		found.has_more = (field & 1) != 0;
		found.is_one = true;
		found.payload += FRAGMENT_BYTES;
	}
	return found;
}

bool wire_join(const struct wire *wire, const uint8_t *frame, size_t length,
	       uint8_t whole[WIRE_FRAME_BYTES], size_t *whole_length, bool *has_more)
{
	struct fragment fragment = fragment_of(wire, frame);
	size_t headers = ETHER_BYTES + wire->ip_bytes, at = headers + fragment.offset;
	uint8_t *ip = whole + ETHER_BYTES;

	if (length < fragment.payload || at + (length - fragment.payload) > WIRE_FRAME_BYTES ||
	    (*whole_length == 0 ? fragment.offset != 0 : at != *whole_length))
		return false;
	if (*whole_length == 0) {
		memcpy(whole, frame, headers);
		if (fragment.is_one && wire->family == 6)
			ip[6] = frame[headers];
		if (fragment.is_one && wire->family == 4)
			memset(ip + 6, 0, 2);
	}
	memcpy(whole + at, frame + fragment.payload, length - fragment.payload);
	*whole_length = at + (length - fragment.payload);
	*has_more = fragment.has_more;
	return true;
}
