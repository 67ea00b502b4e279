/*
 * What a kernel may say of a packet: u8(flags) ‖ u8(gso type) ‖ u16(header length) ‖ u16(gso size)
 * ‖ u16(where the checksum begins) ‖ u16(its offset), then the packet. Every segment fits, and
 * their payloads are the packet's, in order.
 */
#include <string.h>

#include "terminal/channel/segment_cut.h"
#include "terminal/esp/bytes.h"
#include "tests/fuzz/target.h"

#define HEADER_BYTES 10
#define MOST	     1400

static struct virtio_net_hdr header_of(const uint8_t *data)
{
	return (struct virtio_net_hdr){
		.flags = data[0],
		.gso_type = data[1],
		.hdr_len = bytes_get_u16(data + 2),
		.gso_size = bytes_get_u16(data + 4),
		.csum_start = bytes_get_u16(data + 6),
		.csum_offset = bytes_get_u16(data + 8),
	};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct virtio_net_hdr how;
	struct segment_cut cut;
	uint8_t out[MOST];
	size_t len, done;

	if (size < HEADER_BYTES)
		return 0;
	how = header_of(data);
	data += HEADER_BYTES;
	size -= HEADER_BYTES;
	if (segment_cut_begin(&cut, &how, data, size, MOST) != RESULT_OK)
		return 0;
	done = cut.header_len;
	while ((len = segment_cut_next(&cut, out)) > 0) {
		MUST(len >= cut.header_len && len <= MOST);
		MUST(len - cut.header_len <= size - done);
		if (cut.kind != VIRTIO_NET_HDR_GSO_NONE)
			MUST(memcmp(out + cut.header_len, data + done, len - cut.header_len) == 0);
		done += len - cut.header_len;
	}
	MUST(done == size);
	return 0;
}
