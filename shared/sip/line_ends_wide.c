/* The same with a block in one register, and the places of its bits by one instruction. */
#include "shared/sip/line_ends.h"

#ifdef SIP_HAS_VECTOR

#include <immintrin.h>

#define EIGHT(n) n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7

static const _Alignas(64) uint8_t places[SIP_BLOCK_BYTES] = {
	EIGHT(0), EIGHT(8), EIGHT(16), EIGHT(24), EIGHT(32), EIGHT(40), EIGHT(48), EIGHT(56)};

/* Adds the places of a block's bits, of which every second byte has one at most. Past the last. */
SIP_VECTOR_WIDE static inline uint16_t *ends_add(uint16_t *next, uint64_t bits, size_t from)
{
	__m512i all = _mm512_load_si512(places);
	__m512i taken = _mm512_maskz_compress_epi8(bits, all);
	unsigned count = (unsigned)__builtin_popcountll(bits);
	__m512i words;

	/* Nearly always a short store does, which seldom crosses a line. */
	if (count <= 8) {
		__m128i few = _mm_cvtepu8_epi16(_mm512_castsi512_si128(taken));

		_mm_storeu_si128((void *)next, _mm_add_epi16(few, _mm_set1_epi16((short)from)));
		return next + count;
	}
	words = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(taken));
	_mm512_storeu_si512(next, _mm512_add_epi16(words, _mm512_set1_epi16((short)from)));
	return next + count;
}

SIP_VECTOR_WIDE bool sip_line_ends_find_wide(const char *base, size_t len,
					     struct sip_line_ends *out)
{
	const __m512i cr_byte = _mm512_set1_epi8('\r'), lf_byte = _mm512_set1_epi8('\n');
	const __m512i space = _mm512_set1_epi8(' ');
	uint64_t cr_before = 0, lf_before = 0, space_before = 0, crowd = 0;
	uint16_t *next = out->at;

	for (size_t from = 0; from < len && next <= out->at + SIP_LINE_ENDS_MAX;
	     from += SIP_BLOCK_BYTES) {
		size_t left = len - from;
		uint64_t valid = left >= SIP_BLOCK_BYTES ? ~UINT64_C(0) : (UINT64_C(1) << left) - 1;
		__m512i block = _mm512_maskz_loadu_epi8(valid, base + from);
		uint64_t cr = _mm512_cmpeq_epi8_mask(block, cr_byte);
		uint64_t lf = _mm512_cmpeq_epi8_mask(block, lf_byte);
		uint64_t bare = lf ^ (cr << 1 | cr_before);
		uint64_t empty = lf & (lf << 2 | lf_before);
		/* Of spaces and controls those that are no line end; what stands behind one. */
		uint64_t low = _mm512_cmple_epu8_mask(block, space) & ~lf;
		uint64_t crowded = low & ((low & ~cr) << 1 | space_before);

		if (empty != 0) {
			uint64_t head = _blsmsk_u64(empty);

			out->is_tight = (crowd | (crowded & head)) == 0;
			next = ends_add(next, lf & head, from);
			out->count = (unsigned)(next - out->at);
			return (bare & head) == 0 && out->count <= SIP_LINE_ENDS_MAX;
		}
		if (bare != 0)
			return false;
		next = ends_add(next, lf, from);
		cr_before = cr >> 63;
		lf_before = lf >> 62;
		space_before = (low & ~cr) >> 63;
		crowd |= crowded;
	}
	return false;
}

#else

bool sip_line_ends_find_wide(const char *base, size_t len, struct sip_line_ends *out)
{
	(void)base, (void)len, (void)out;
	return false;
}

#endif
