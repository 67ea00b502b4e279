/* Segments taken, and what was written of them: alone as they came, or joined so that they can be
 * cut again. */
#ifndef SEKISHO_TESTS_UNIT_TERMINAL_JOINED_H
#define SEKISHO_TESTS_UNIT_TERMINAL_JOINED_H

#include "tests/unit/terminal/segments.h"

#include "terminal/channel/segment_cut.h"
#include "terminal/channel/segment_join.h"

#define SEGMENT	 1000
#define SEGMENTS 80
#define ROOM	 1500
#define WRITTEN	 100

/* What was written, whole. */
struct written {
	struct virtio_net_hdr how;
	size_t len;
	uint8_t bytes[65536];
};

static struct written written[WRITTEN];
static unsigned count;
static uint8_t packets[SEGMENTS][ROOM];
static struct segment_join join;

static inline void on_write(void *context, const struct virtio_net_hdr *how,
			    const struct iovec *parts, unsigned part_count)
{
	struct written *to = &written[count];

	assert_ptr_equal(context, &join);
	assert_true(count < WRITTEN);
	to->how = *how;
	to->len = 0;
	for (unsigned i = 0; i < part_count; i++) {
		assert_true(to->len + parts[i].iov_len <= sizeof(to->bytes));
		memcpy(to->bytes + to->len, parts[i].iov_base, parts[i].iov_len);
		to->len += parts[i].iov_len;
	}
	count++;
}

static inline int begin(void **state)
{
	(void)state;
	join = (struct segment_join){.write = on_write, .context = &join};
	count = 0;
	return 0;
}

static inline struct segment_shape stream(unsigned version)
{
	return (struct segment_shape){.version = version,
				      .protocol = SEGMENTS_TCP,
				      .tcp_options = 12,
				      .payload = SEGMENT,
				      .flags = TCP_ACK};
}

/* Segment i of a stream of equal ones. */
static inline size_t make_nth(struct segment_shape shape, unsigned i)
{
	shape.sequence += i * SEGMENT;
	shape.id = (uint16_t)(shape.id + i);
	return segment_make(&shape, packets[i]);
}

static inline void take(unsigned i, size_t len)
{
	segment_join_take(&join, packets[i], len);
}

static inline void take_nth(struct segment_shape shape, unsigned i)
{
	take(i, make_nth(shape, i));
}

/* Puts the checksums of a changed packet right, as if it were TCP of this length whatever it says.
 */
static inline void sum_again(const struct segment_shape *shape, uint8_t *packet, size_t len)
{
	size_t ip = segment_ip_bytes(shape);

	bytes_put_u16(packet + ip + 16, 0);
	bytes_put_u16(packet + ip + 16, (uint16_t)~reference_sum(segment_pseudo(shape, packet, len),
								 packet + ip, len - ip));
	if (shape->version != 4)
		return;
	bytes_put_u16(packet + 10, 0);
	bytes_put_u16(packet + 10, (uint16_t)~reference_sum(0, packet, ip));
}

/* Was packet i written as it is? */
static inline void expect_alone(unsigned index, unsigned i, size_t len)
{
	const struct virtio_net_hdr as_it_is = {0};

	assert_true(index < count);
	assert_memory_equal(&written[index].how, &as_it_is, sizeof(as_it_is));
	assert_int_equal(written[index].len, len);
	assert_memory_equal(written[index].bytes, packets[i], len);
}

/* Were packets first to first + number - 1 written as one that can be cut into them again? */
static inline void expect_joined(unsigned index, unsigned first, unsigned number)
{
	const struct written *one = &written[index];
	struct segment_cut cut;
	uint8_t out[ROOM];
	size_t len;

	assert_true(index < count);
	assert_int_equal(one->how.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	assert_int_equal(segment_cut_begin(&cut, &one->how, one->bytes, one->len, ROOM), RESULT_OK);
	assert_int_equal(one->how.hdr_len, cut.header_len);
	for (unsigned i = first; i < first + number; i++) {
		len = segment_cut_next(&cut, out);
		assert_true(len > cut.header_len);
		assert_memory_equal(out, packets[i], len);
	}
	assert_int_equal(segment_cut_next(&cut, out), 0);
}

#endif
