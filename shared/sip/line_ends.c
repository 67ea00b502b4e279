#include "shared/sip/line_ends.h"

#ifdef SIP_HAS_VECTOR

#include <immintrin.h>
#include <string.h>

/* A bit for each byte of a block. */
struct masks {
	uint64_t cr;
	uint64_t lf;
};

SIP_VECTOR static inline uint64_t bytes_equal(__m256i low, __m256i high, char c)
{
	__m256i wanted = _mm256_set1_epi8(c);
	uint32_t a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted));
	uint32_t b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted));

	return (uint64_t)b << 32 | a;
}

SIP_VECTOR static inline struct masks block_read(const char *block)
{
	__m256i low = _mm256_loadu_si256((const void *)block);
	__m256i high = _mm256_loadu_si256((const void *)(block + 32));

	return (struct masks){.cr = bytes_equal(low, high, '\r'),
			      .lf = bytes_equal(low, high, '\n')};
}

/* Bytes beyond the message are never read: its last ones are copied. */
SIP_VECTOR static __attribute__((noinline)) struct masks last_block_read(const char *at,
									 size_t left)
{
	char block[SIP_BLOCK_BYTES] = {0};

	memcpy(block, at, left);
	return block_read(block);
}

/*
 * Adds the places of a block's bits, four at once whether there are as many or not: how many there
 * are is nothing that could be foreseen. Past the last.
 */
SIP_VECTOR static inline struct sip_line_end *ends_add(struct sip_line_end *next, uint64_t bits,
						       size_t from)
{
	struct sip_line_end *past = next + __builtin_popcountll(bits);

	for (;;) {
		for (unsigned j = 0; j < 4; j++) {
			uint16_t lf = (uint16_t)(from + _tzcnt_u64(bits));

			next[j] = (struct sip_line_end){.cr = (uint16_t)(lf - 1), .lf = lf};
			bits = _blsr_u64(bits);
		}
		if (bits == 0)
			return past;
		next += 4;
	}
}

SIP_VECTOR bool sip_line_ends_find(const char *base, size_t len, struct sip_line_ends *out)
{
	struct sip_line_end *next = out->at;
	struct masks before = {0};

	for (size_t from = 0; from < len && next <= out->at + SIP_LINE_ENDS_MAX;
	     from += SIP_BLOCK_BYTES) {
		struct masks here = len - from >= SIP_BLOCK_BYTES
					    ? block_read(base + from)
					    : last_block_read(base + from, len - from);
		uint64_t bare = here.lf ^ (here.cr << 1 | before.cr >> 63);
		uint64_t empty = here.lf & (here.lf << 2 | before.lf >> 62);

		if (empty != 0) {
			uint64_t head = _blsmsk_u64(empty);

			next = ends_add(next, here.lf & head, from);
			out->count = (unsigned)(next - out->at);
			return (bare & head) == 0 && out->count <= SIP_LINE_ENDS_MAX;
		}
		if (bare != 0)
			return false;
		next = ends_add(next, here.lf, from);
		before = here;
	}
	return false;
}

#else

bool sip_line_ends_find(const char *base, size_t len, struct sip_line_ends *out)
{
	(void)base, (void)len, (void)out;
	return false;
}

#endif
