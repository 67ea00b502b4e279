/* The same with a block in one register, and the places of its bits by one instruction. */
#include "shared/sip/line_ends.h"

#ifdef SIP_HAS_VECTOR

#include <immintrin.h>

#define EIGHT(n) n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7

static const _Alignas(64) uint8_t places[SIP_BLOCK_BYTES] = {
	EIGHT(0), EIGHT(8), EIGHT(16), EIGHT(24), EIGHT(32), EIGHT(40), EIGHT(48), EIGHT(56)};

/* Of a block; more line ends stand close. */
#define PLACES_MOST 16

/* How far the blocks are read. */
struct scan {
	uint16_t *next;	 /* past the last place */
	__m512i from;	 /* of the block, in every word */
	uint64_t before; /* bits of the last three bytes before it */
	bool is_dense;
};

/* Adds the places of a block's bits. */
SIP_WIDE_STEP void places_add(struct scan *scan, uint64_t bits)
{
	__m512i taken = _mm512_maskz_compress_epi8(bits, _mm512_load_si512(places));
	__m256i words = _mm256_cvtepu8_epi16(_mm512_castsi512_si128(taken));
	unsigned count = (unsigned)__builtin_popcountll(bits);

	_mm256_storeu_si256((void *)scan->next,
			    _mm256_add_epi16(words, _mm512_castsi512_si256(scan->from)));
	scan->next += count;
	scan->is_dense |= count > PLACES_MOST;
	scan->from = _mm512_add_epi16(scan->from, _mm512_set1_epi16(SIP_BLOCK_BYTES));
}

/*
 * A block of which these bytes are valid. True where the head ends in it: at the first bit that has
 * one three before it, as the last of CRLFCRLF.
 */
SIP_WIDE_STEP bool block_take(struct scan *scan, const char *at, uint64_t valid)
{
	__m512i text = _mm512_maskz_loadu_epi8(valid, at);
	uint64_t bits = _mm512_mask_cmple_epu8_mask(valid, text, _mm512_set1_epi8('\r'));
	uint64_t ends = bits & (bits << 3 | scan->before);

	if (__builtin_expect(ends != 0, 0)) {
		places_add(scan, bits & _blsmsk_u64(ends));
		return true;
	}
	scan->before = bits >> (SIP_BLOCK_BYTES - 3);
	places_add(scan, bits);
	return false;
}

/* Over all blocks until the head ends or there are too many lines. */
SIP_WIDE_STEP bool blocks_take(struct scan *scan, const char *base, size_t len,
			       const uint16_t *most)
{
	size_t from = 0;

	for (; from + SIP_BLOCK_BYTES <= len; from += SIP_BLOCK_BYTES) {
		if (block_take(scan, base + from, ~UINT64_C(0)))
			return true;
		if (scan->is_dense || scan->next > most)
			return false;
	}
	return from < len &&
	       block_take(scan, base + from, _bzhi_u64(~UINT64_C(0), (unsigned)(len - from)));
}

SIP_VECTOR_WIDE bool sip_line_ends_find_wide(const char *base, size_t len,
					     struct sip_line_ends *out)
{
	uint16_t *first = &out->at[0].cr;
	struct scan scan = {.next = first, .from = _mm512_setzero_si512()};
	size_t count;

	if (!blocks_take(&scan, base, len, &out->at[SIP_LINE_ENDS_MAX].cr) || scan.is_dense)
		return false;
	count = (size_t)(scan.next - first);
	out->count = (unsigned)(count / 2);
	return count % 2 == 0 && out->count <= SIP_LINE_ENDS_MAX &&
	       memcmp(base + scan.next[-1] - 3, "\r\n\r\n", 4) == 0;
}

#else

bool sip_line_ends_find_wide(const char *base, size_t len, struct sip_line_ends *out)
{
	(void)base, (void)len, (void)out;
	return false;
}

#endif
