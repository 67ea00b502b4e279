/*
 * The scan by blocks of 64 bytes: a bit for each CR, LF and colon of a block, then one step for
 * each line end. Bytes beyond the message are never read: the last block is a copy.
 */
#include "shared/sip/lines_scan.h"

#ifdef SIP_LINES_HAS_AVX2

#include <immintrin.h>
#include <string.h>

#define AVX2  __attribute__((target("avx2")))
#define BLOCK 64u

/* A bit for each byte of a block. */
struct masks {
	uint64_t colon;
	uint64_t end;  /* the LF of a CRLF */
	uint64_t bare; /* a bare LF, or the byte behind a bare CR */
};

/* What is carried from block to block. */
struct scan {
	const char *base;
	size_t len;
	struct sip_line *lines;
	struct sip_lines *out;
	size_t start;	/* of the line that is being read */
	size_t colon;	/* its first colon, 0 if none yet */
	uint8_t flags;	/* of it */
	bool is_header; /* the start line is behind */
	bool was_cr;	/* the block before ended with a CR */
};

AVX2 static inline uint64_t bytes_equal(__m256i low, __m256i high, char c)
{
	__m256i wanted = _mm256_set1_epi8(c);
	uint32_t a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted));
	uint32_t b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted));

	return (uint64_t)b << 32 | a;
}

/* bytes: how many of the block are the message's. */
AVX2 static inline struct masks masks_make(struct scan *scan, const char *block, size_t bytes)
{
	__m256i low = _mm256_loadu_si256((const void *)block);
	__m256i high = _mm256_loadu_si256((const void *)(block + 32));
	uint64_t cr = bytes_equal(low, high, '\r'), lf = bytes_equal(low, high, '\n');
	uint64_t behind_cr = cr << 1 | scan->was_cr;
	uint64_t valid = bytes == BLOCK ? ~UINT64_C(0) : (UINT64_C(1) << bytes) - 1;

	scan->was_cr = cr >> (bytes - 1) & 1;
	return (struct masks){
		.colon = bytes_equal(low, high, ':'),
		.end = lf & behind_cr,
		.bare = (lf ^ behind_cr) & valid,
	};
}

/* What the bits of a stretch of the line that is being read tell of it. */
AVX2 static inline void stretch_note(struct scan *scan, const struct masks *masks, uint64_t stretch,
				     size_t from)
{
	uint64_t colon = masks->colon & stretch;

	if (scan->colon == 0 && colon != 0)
		scan->colon = from + (size_t)__builtin_ctzll(colon);
	if ((masks->bare & stretch) != 0) {
		scan->flags |= SIP_LINE_BARE;
		scan->out->has_bare = true;
	}
}

static inline void line_add(struct scan *scan, size_t end)
{
	struct sip_lines *out = scan->out;
	struct sip_line *line;

	if (out->count == LIMIT_SIP_HEADER_LINES) {
		out->has_too_many = true;
		return;
	}
	line = &scan->lines[out->count++];
	line->start = (uint16_t)scan->start;
	line->value = (uint16_t)scan->colon;
	line->end = (uint16_t)end;
	line->flags = scan->flags;
}

/* A CRLF whose LF is at lf ends a line, or is a fold in it; true if it is the empty line. */
static inline bool line_end(struct scan *scan, size_t lf)
{
	size_t next = lf + 1;

	if (!scan->is_header) {
		scan->out->start_line_len = (uint16_t)(lf - 1);
		scan->is_header = true;
	} else if (lf - 1 == scan->start) {
		scan->out->has_end = true;
		scan->out->body = (uint16_t)next;
		return true;
	} else if (next < scan->len && (scan->base[next] == ' ' || scan->base[next] == '\t')) {
		scan->flags |= SIP_LINE_FOLDED;
		return false;
	} else {
		line_add(scan, next);
	}
	scan->start = next;
	scan->colon = 0;
	scan->flags = 0;
	return false;
}

/* True at the empty line. */
AVX2 static inline bool block_scan(struct scan *scan, const struct masks *masks, size_t from)
{
	uint64_t ends = masks->end, rest = ~UINT64_C(0);

	while (ends != 0) {
		uint64_t up_to = ends ^ (ends - 1);

		stretch_note(scan, masks, rest & up_to, from);
		if (line_end(scan, from + (size_t)__builtin_ctzll(ends)))
			return true;
		rest = ~up_to;
		ends &= ends - 1;
	}
	stretch_note(scan, masks, rest, from);
	return false;
}

AVX2 void sip_lines_scan_avx2(const char *at, size_t len,
			      struct sip_line lines[LIMIT_SIP_HEADER_LINES], struct sip_lines *out)
{
	struct scan scan = {.base = at, .len = len, .lines = lines, .out = out};
	size_t from = 0;
	struct masks masks;

	*out = (struct sip_lines){.start_line_len = (uint16_t)len, .body = (uint16_t)len};
	for (; len - from >= BLOCK; from += BLOCK) {
		masks = masks_make(&scan, at + from, BLOCK);
		if (block_scan(&scan, &masks, from))
			return;
	}
	if (from < len) {
		char last[BLOCK] = {0};

		memcpy(last, at + from, len - from);
		masks = masks_make(&scan, last, len - from);
		if (block_scan(&scan, &masks, from))
			return;
	}
	if (scan.was_cr)
		out->has_bare = true;
}

#endif
