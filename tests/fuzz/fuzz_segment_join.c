/*
 * Any sequence of packets for this machine: each is u8(shape) ‖ u8(length of the rest) ‖ bytes that
 * are put over its header. Shape: bit 0 IPv6, bit 1 checksums as they come out, bit 2 the end of a
 * turn before it; the rest its place in a stream. What is written, cut again, is what came: nothing
 * lost, nothing twice, nothing else.
 */
#include <string.h>

#include "terminal/channel/segment_cut.h"
#include "terminal/channel/segment_join.h"
#include "terminal/esp/bytes.h"
#include "terminal/esp/checksum.h"
#include "tests/fuzz/target.h"

#define PACKETS 128
#define PAYLOAD 40
#define ROOM	100

struct packet {
	uint8_t bytes[ROOM];
	size_t len;
	int is_written;
};

static struct packet packets[PACKETS];
static unsigned count;

static void checksums_set(uint8_t *packet, size_t len, size_t ip)
{
	size_t at = ip == 20 ? 12 : 8;
	uint64_t sum = checksum_add(0, packet + at, ip - at);

	sum = checksum_add_u16(checksum_add_u16(sum, 6), (uint16_t)(len - ip));
	bytes_put_u16(packet + ip + 16, 0);
	bytes_put_u16(packet + ip + 16, checksum_end(checksum_add(sum, packet + ip, len - ip)));
	if (ip == 20) {
		bytes_put_u16(packet + 10, 0);
		bytes_put_u16(packet + 10, checksum_end(checksum_add(0, packet, ip)));
	}
}

/* Segment number shape >> 3 of a stream, as it should be but for what is put over it. */
static size_t packet_make(uint8_t packet[ROOM], uint8_t shape, const uint8_t *bytes, size_t len)
{
	size_t ip = shape & 1 ? 40 : 20, whole = ip + 20 + PAYLOAD;

	memset(packet, shape, ROOM);
	memset(packet, 0, ip + 20);
	if (ip == 40) {
		packet[0] = 0x60;
		packet[6] = 6;
		bytes_put_u16(packet + 4, (uint16_t)(whole - 40));
	} else {
		packet[0] = 0x45;
		packet[6] = 0x40;
		packet[9] = 6;
		bytes_put_u16(packet + 2, (uint16_t)whole);
		bytes_put_u16(packet + 4, shape >> 3);
	}
	bytes_put_u32(packet + ip + 4, (uint32_t)(shape >> 3) * PAYLOAD);
	packet[ip + 12] = 0x50;
	packet[ip + 13] = 0x10;
	for (size_t i = 0; i < len && i < ip + 20; i++)
		packet[ip + 19 - i] ^= bytes[i];
	if (len > ip + 20)
		whole = bytes[ip + 20] % (ROOM + 1);
	if (!(shape & 2))
		checksums_set(packet, ROOM < whole ? ROOM : whole > ip + 20 ? whole : ip + 20, ip);
	return whole;
}

/* The same but for an IPv4 header's number, which a kernel would count up? */
static int is_same(const struct packet *packet, const uint8_t *bytes, size_t len)
{
	uint8_t numbered[ROOM];

	if (packet->is_written || packet->len != len)
		return 0;
	memcpy(numbered, bytes, len);
	if (len >= 20 && bytes[0] == 0x45) {
		memcpy(numbered + 4, packet->bytes + 4, 2);
		memcpy(numbered + 10, packet->bytes + 10, 2);
	}
	/* Zero and its other self are one number. */
	if (len >= 60 && packet->bytes[0] >> 4 == 6)
		memcpy(numbered + 56, packet->bytes + 56, 2);
	if (len >= 40 && packet->bytes[0] == 0x45)
		memcpy(numbered + 36, packet->bytes + 36, 2);
	return memcmp(numbered, packet->bytes, len) == 0;
}

static void strike(const uint8_t *bytes, size_t len)
{
	unsigned i = 0;

	while (i < count && !is_same(&packets[i], bytes, len))
		i++;
	MUST(i < count);
	packets[i].is_written = 1;
}

static void on_write(void *context, const struct virtio_net_hdr *how, const struct iovec *parts,
		     unsigned part_count)
{
	static uint8_t whole[65535];
	struct segment_cut cut;
	uint8_t out[ROOM];
	size_t len = 0;

	(void)context;
	for (unsigned i = 0; i < part_count; i++) {
		MUST(parts[i].iov_len <= sizeof(whole) - len);
		if (parts[i].iov_len)
			memcpy(whole + len, parts[i].iov_base, parts[i].iov_len);
		len += parts[i].iov_len;
	}
	MUST(part_count > 0 && part_count <= 1 + SEGMENT_JOIN_PARTS);
	if (len == 0) {
		strike(whole, 0);
		return;
	}
	MUST(segment_cut_begin(&cut, how, whole, len, ROOM) == RESULT_OK);
	while ((len = segment_cut_next(&cut, out)) > 0)
		strike(out, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct segment_join join;

	join.write = on_write;
	join.count = 0;
	count = 0;
	while (size >= 2 && count < PACKETS) {
		uint8_t shape = data[0];
		size_t len = data[1];

		data += 2;
		size -= 2;
		if (len > size)
			len = size;
		if (shape & 4)
			segment_join_end(&join);
		packets[count].is_written = 0;
		packets[count].len = packet_make(packets[count].bytes, shape, data, len);
		count++;
		segment_join_take(&join, packets[count - 1].bytes, packets[count - 1].len);
		data += len;
		size -= len;
	}
	segment_join_end(&join);
	for (unsigned i = 0; i < count; i++)
		MUST(packets[i].is_written);
	return 0;
}
