/* The same with a block in one register, and the places of its bits by one instruction. */
#include "shared/sip/line_ends.h"

#ifdef SIP_HAS_VECTOR

#include <immintrin.h>

#define EIGHT(n) n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7

static const _Alignas(64) uint8_t places[SIP_BLOCK_BYTES] = {
	EIGHT(0), EIGHT(8), EIGHT(16), EIGHT(24), EIGHT(32), EIGHT(40), EIGHT(48), EIGHT(56)};


/* How far the blocks are read. */
struct scan {
	uint16_t *next; /* past the last place */
	__m512i from;	/* of the block, in every word */
	__mmask64 bare; /* what no block's CR and LF may leave: the first is not told, only that
			   there is one */
};

/* A bit for each byte of a block that is LF, has CR before it, is LF and has LF two before it. */
struct block {
	__mmask64 lf, behind_cr, empty;
};

/* Adds the places of a block's bits, of which every second byte has one at most. */
SIP_WIDE_STEP void ends_add(struct scan *scan, __mmask64 bits)
{
	__m512i taken = _mm512_maskz_compress_epi8(bits, _mm512_load_si512(places));
	unsigned count = (unsigned)__builtin_popcountll(bits);

	/* Nearly always a short store does, which seldom crosses a line. */
	if (count <= 8) {
		__m128i few = _mm_cvtepu8_epi16(_mm512_castsi512_si128(taken));

		_mm_storeu_si128((void *)scan->next,
				 _mm_add_epi16(few, _mm512_castsi512_si128(scan->from)));
	} else {
		__m512i words = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(taken));

		_mm512_storeu_si512(scan->next, _mm512_add_epi16(words, scan->from));
	}
	scan->next += count;
	scan->from = _mm512_add_epi16(scan->from, _mm512_set1_epi16(SIP_BLOCK_BYTES));
}

/* The first block, before which there is nothing. */
SIP_WIDE_STEP struct block first_read(const char *at, uint64_t valid)
{
	__m512i text = _mm512_maskz_loadu_epi8(valid, at);
	uint64_t lf = _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8('\n'));
	uint64_t cr = _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8('\r'));

	return (struct block){.lf = lf, .behind_cr = cr << 1 & valid, .empty = lf & lf << 2};
}

/* Any other: what stands before its bytes is loaded with them, each time a byte or two earlier. */
SIP_WIDE_STEP struct block block_read(const char *at, __mmask64 valid)
{
	const __m512i lf_byte = _mm512_set1_epi8('\n'), cr_byte = _mm512_set1_epi8('\r');
	__m512i text = _mm512_maskz_loadu_epi8(valid, at);
	__m512i before = _mm512_maskz_loadu_epi8(valid, at - 1);
	__m512i second = _mm512_maskz_loadu_epi8(valid, at - 2);
	__mmask64 lf = _mm512_cmpeq_epi8_mask(text, lf_byte);

	return (struct block){
		.lf = lf,
		.behind_cr = _mm512_cmpeq_epi8_mask(before, cr_byte),
		.empty = _mm512_mask_cmpeq_epi8_mask(lf, second, lf_byte),
	};
}

/* True where the head ends in this block. */
SIP_WIDE_STEP bool block_take(struct scan *scan, const struct block *block)
{
	__mmask64 bare = block->lf ^ block->behind_cr;
	uint64_t head;

	if (__builtin_expect(block->empty == 0, 1)) {
		scan->bare |= bare;
		ends_add(scan, block->lf);
		return false;
	}
	head = _blsmsk_u64(block->empty);
	scan->bare |= bare & head;
	ends_add(scan, block->lf & head);
	return true;
}

/* Over all blocks until the head ends or there are too many lines. */
SIP_WIDE_STEP bool blocks_take(struct scan *scan, const char *base, size_t len, const uint16_t *most)
{
	uint64_t valid = len >= SIP_BLOCK_BYTES ? ~UINT64_C(0) : (UINT64_C(1) << len) - 1;
	struct block block = first_read(base, valid);
	size_t from = SIP_BLOCK_BYTES;

	if (block_take(scan, &block))
		return true;
	for (; from + SIP_BLOCK_BYTES <= len && scan->next <= most; from += SIP_BLOCK_BYTES) {
		block = block_read(base + from, ~UINT64_C(0));
		if (block_take(scan, &block))
			return true;
	}
	if (from >= len || scan->next > most)
		return false;
	block = block_read(base + from, _bzhi_u64(~UINT64_C(0), (unsigned)(len - from)));
	return block_take(scan, &block);
}

SIP_VECTOR_WIDE bool sip_line_ends_find_wide(const char *base, size_t len,
					     struct sip_line_ends *out)
{
	struct scan scan = {.next = out->at, .from = _mm512_setzero_si512()};

	if (!blocks_take(&scan, base, len, out->at + SIP_LINE_ENDS_MAX) || scan.bare != 0)
		return false;
	out->count = (unsigned)(scan.next - out->at);
	return out->count <= SIP_LINE_ENDS_MAX;
}

#else

bool sip_line_ends_find_wide(const char *base, size_t len, struct sip_line_ends *out)
{
	(void)base, (void)len, (void)out;
	return false;
}

#endif
