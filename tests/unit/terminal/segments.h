/*
 * Packets of TCP and UDP for those who cut and join them, and a checksum for the tests alone, made
 * as RFC 1071 says it first: 16 bits at a time.
 */
#ifndef SEKISHO_TESTS_UNIT_TERMINAL_SEGMENTS_H
#define SEKISHO_TESTS_UNIT_TERMINAL_SEGMENTS_H

#include "tests/unit/terminal/cmocka_setup.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "terminal/esp/bytes.h"

#define SEGMENTS_TCP 6
#define SEGMENTS_UDP 17

enum tcp_flag {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20,
	TCP_ECE = 0x40,
	TCP_CWR = 0x80,
};

static inline uint16_t reference_sum(uint32_t sum, const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
		while (sum >> 16)
			sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)sum;
}

/* How a packet is to look. */
struct segment_shape {
	unsigned version;     /* 4 or 6 */
	unsigned protocol;    /* SEGMENTS_* */
	unsigned ip_options;  /* bytes: IPv4 options, or IPv6 destination options */
	unsigned tcp_options; /* bytes */
	size_t payload;
	uint32_t sequence;
	uint16_t id;
	uint8_t flags;
	uint8_t source_port; /* low byte */
};

static inline size_t segment_ip_bytes(const struct segment_shape *shape)
{
	return (shape->version == 4 ? 20 : 40) + shape->ip_options;
}

static inline size_t segment_header_bytes(const struct segment_shape *shape)
{
	return segment_ip_bytes(shape) +
	       (shape->protocol == SEGMENTS_UDP ? 8 : 20 + shape->tcp_options);
}

/* Addresses, length and protocol of a packet, summed. */
static inline uint16_t segment_pseudo(const struct segment_shape *shape, const uint8_t *packet,
				      size_t len)
{
	bool is_ipv4 = shape->version == 4;
	uint8_t rest[4] = {0, (uint8_t)shape->protocol};
	uint16_t sum = reference_sum(0, packet + (is_ipv4 ? 12 : 8), is_ipv4 ? 8 : 32);

	bytes_put_u16(rest + 2, (uint16_t)(len - segment_ip_bytes(shape)));
	return reference_sum(sum, rest, 4);
}

/* Is every checksum of the packet right? */
static inline bool segment_is_right(const struct segment_shape *shape, const uint8_t *packet,
				    size_t len)
{
	size_t ip = segment_ip_bytes(shape);

	return (shape->version == 6 || reference_sum(0, packet, ip) == 0xffff) &&
	       reference_sum(segment_pseudo(shape, packet, len), packet + ip, len - ip) == 0xffff;
}

/* Payload byte i of a stream. */
static inline uint8_t segment_byte(size_t i)
{
	return (uint8_t)(i * 7 + i / 251);
}

static inline void segment_ip_make(const struct segment_shape *shape, uint8_t *packet, size_t len)
{
	size_t ip = segment_ip_bytes(shape);

	if (shape->version == 4) {
		packet[0] = (uint8_t)(0x40 | ip / 4);
		bytes_put_u16(packet + 2, (uint16_t)len);
		bytes_put_u16(packet + 4, shape->id);
		packet[6] = 0x40; /* it is not to be fragmented */
		packet[8] = 64;
		packet[9] = (uint8_t)shape->protocol;
		memcpy(packet + 12, "\x64\x40\x00\x01\x64\x40\x00\x02", 8);
		memset(packet + 20, 1, shape->ip_options);
		bytes_put_u16(packet + 10, (uint16_t)~reference_sum(0, packet, ip));
		return;
	}
	packet[0] = 0x60;
	bytes_put_u16(packet + 4, (uint16_t)(len - 40));
	packet[6] = (uint8_t)shape->protocol;
	packet[7] = 64;
	packet[8] = packet[24] = 0xfd;
	packet[23] = 1;
	packet[39] = 2;
	if (shape->ip_options) {
		packet[6] = 60;
		packet[40] = (uint8_t)shape->protocol;
		packet[41] = (uint8_t)(shape->ip_options / 8 - 1);
		packet[42] = 1; /* PadN */
		packet[43] = (uint8_t)(shape->ip_options - 4);
	}
}

/* Writes a whole packet whose payload begins at its sequence in the stream; its checksums are
 * right.
 */
static inline size_t segment_make(const struct segment_shape *shape, uint8_t *packet)
{
	size_t ip = segment_ip_bytes(shape), header = segment_header_bytes(shape);
	size_t len = header + shape->payload;
	uint8_t *at = packet + ip;
	unsigned checksum = shape->protocol == SEGMENTS_UDP ? 6 : 16;

	memset(packet, 0, header);
	segment_ip_make(shape, packet, len);
	at[1] = shape->source_port;
	at[3] = 9;
	if (shape->protocol == SEGMENTS_UDP) {
		bytes_put_u16(at + 4, (uint16_t)(len - ip));
	} else {
		bytes_put_u32(at + 4, shape->sequence);
		bytes_put_u32(at + 8, 0x01020304);
		at[12] = (uint8_t)((20 + shape->tcp_options) / 4 << 4);
		at[13] = shape->flags;
		bytes_put_u16(at + 14, 501);
		memset(at + 20, 1, shape->tcp_options);
	}
	for (size_t i = 0; i < shape->payload; i++)
		packet[header + i] = segment_byte(shape->sequence + i);
	bytes_put_u16(at + checksum,
		      (uint16_t)~reference_sum(segment_pseudo(shape, packet, len), at, len - ip));
	return len;
}

#endif
