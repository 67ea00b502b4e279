/*
 * First the line ends, by blocks of 64 bytes, a bit for each; then line by line the name, up to 32
 * bytes at once. Bytes beyond the message are never read: its last ones are copied.
 */
#include "shared/sip/head.h"

#ifdef SIP_HAS_VECTOR

#include <immintrin.h>

#include "shared/sip/chars.h"
#include "shared/sip/header_places.h"
#include "shared/sip/words.h"

#define BLOCK 64u
#define NAME  32u

/* The start line, the header lines, the empty one, and what one block adds beyond its own. */
#define ENDS_MAX (1 + LIMIT_SIP_HEADER_LINES + 1)

/* Line ends: offsets of their LF, in order; the last is the empty line's. */
struct ends {
	unsigned count;
	uint16_t at[ENDS_MAX + BLOCK];
};

SIP_VECTOR static inline uint64_t bytes_equal(__m256i low, __m256i high, char c)
{
	__m256i wanted = _mm256_set1_epi8(c);
	uint32_t a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted));
	uint32_t b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted));

	return (uint64_t)b << 32 | a;
}

/* Four at once: how many there are in a block is nothing that could be foreseen. */
SIP_VECTOR static inline void ends_add(struct ends *ends, uint64_t bits, size_t from)
{
	unsigned count = (unsigned)__builtin_popcountll(bits);

	for (unsigned i = 0; i < count; i += 4) {
		uint16_t *at = &ends->at[ends->count + i];

		for (unsigned j = 0; j < 4; j++) {
			at[j] = (uint16_t)(from + _tzcnt_u64(bits));
			bits = _blsr_u64(bits);
		}
	}
	ends->count += count;
}

/* A bit for each byte of a block. */
struct masks {
	uint64_t cr;
	uint64_t lf;
};

SIP_VECTOR static inline struct masks block_read(const char *block)
{
	__m256i low = _mm256_loadu_si256((const void *)block);
	__m256i high = _mm256_loadu_si256((const void *)(block + 32));

	return (struct masks){.cr = bytes_equal(low, high, '\r'),
			      .lf = bytes_equal(low, high, '\n')};
}

SIP_VECTOR static __attribute__((noinline)) struct masks last_block_read(const char *at,
									 size_t left)
{
	char block[BLOCK] = {0};

	memcpy(block, at, left);
	return block_read(block);
}

/* All line ends to the empty line; false if there is none, or a CR or LF that is part of none. */
SIP_VECTOR static inline bool ends_find(const char *base, size_t len, struct ends *ends)
{
	struct masks before = {0};

	ends->count = 0;
	for (size_t from = 0; from < len && ends->count <= ENDS_MAX; from += BLOCK) {
		struct masks here = len - from >= BLOCK ? block_read(base + from)
							: last_block_read(base + from, len - from);
		uint64_t bare = here.lf ^ (here.cr << 1 | before.cr >> 63);
		uint64_t empty = here.lf & (here.lf << 2 | before.lf >> 62);

		if (empty != 0) {
			uint64_t head = _blsmsk_u64(empty);

			ends_add(ends, here.lf & head, from);
			return (bare & head) == 0 && ends->count <= ENDS_MAX;
		}
		if (bare != 0)
			return false;
		ends_add(ends, here.lf, from);
		before = here;
	}
	return false;
}

SIP_VECTOR static __attribute__((noinline)) __m256i name_load_last(const char *at, size_t left)
{
	char last[NAME] = {0};

	memcpy(last, at, left);
	return _mm256_loadu_si256((const void *)last);
}

/* The first bytes of a line, zeros behind the message's end. */
SIP_VECTOR static inline __m256i name_load(const char *at, size_t left)
{
	if (left >= NAME)
		return _mm256_loadu_si256((const void *)at);
	return name_load_last(at, left);
}

/* Are the first len bytes the name, case aside, and is the next one a colon? */
SIP_VECTOR static inline bool is_name(__m256i text, const struct sip_header_text *name,
				      unsigned len)
{
	__m256i differ = _mm256_xor_si256(text, _mm256_loadu_si256((const void *)name));
	__m256i same = _mm256_cmpeq_epi8(_mm256_and_si256(differ, _mm256_set1_epi8((char)0xdf)),
					 _mm256_setzero_si256());

	return _bzhi_u32(~(uint32_t)_mm256_movemask_epi8(same), len + 1) == 0;
}

/* A name that stands in no table: its length, which may be any, or 0 if it is no token. */
static size_t other_name(const char *at, const char *end)
{
	const char *past = sip_chars_skip(at, end, SIP_CHAR_TOKEN);

	return past < end && *past == ':' ? (size_t)(past - at) : 0;
}

/* The name's length and, in id, what it is; 0 if it is no token with a colon behind it. */
SIP_VECTOR static inline size_t name_find(const char *at, const char *end, size_t left,
					  unsigned *id)
{
	__m256i text = name_load(at, left), colon = _mm256_set1_epi8(':');
	unsigned len = _tzcnt_u32((uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(text, colon)));

	if (len > 1 && len < NAME) {
		/* Before the first line, too, stands one: its bytes are there to be read. */
		uint32_t tail = sip_four(at + len - 4) | SIP_FOUR_LOWER;

		*id = sip_header_places[SIP_HEADER_PLACE(len, tail)];
		if (is_name(text, &sip_header_texts[*id], len))
			return len;
	}
	*id = len == 1 ? sip_header_find(slice_make(at, 1)) : SIP_HEADER_OTHER;
	return *id != SIP_HEADER_OTHER ? len : other_name(at, end);
}

/* The value behind a colon, space at both ends left out. */
static inline struct slice value_find(const char *at, const char *end)
{
	if (*at == ' ')
		at++;
	if (at<end && * at> ' ' && end[-1] > ' ')
		return slice_make(at, (size_t)(end - at));
	return sip_slice_trim(slice_make(at, (size_t)(end - at)));
}

/* Line i, from start to past its CRLF; false if it is not plain. */
SIP_VECTOR static inline bool line_read(struct sip_message *message, unsigned i, size_t start,
					size_t past, struct sip_head *head)
{
	const char *name = message->base + start, *end = message->base + past - 2;
	struct sip_line *line = &message->lines[i];
	struct slice value;
	size_t len;
	unsigned id;
	uint64_t bit;

	len = name_find(name, end, message->len - start, &id);
	if (len == 0)
		return false;
	value = value_find(name + len + 1, end);
	line->start = (uint16_t)start;
	line->value = sip_message_offset(message, value.at);
	line->value_len = (uint16_t)value.len;
	line->end = (uint16_t)past;
	line->id = (uint8_t)id;
	line->flags = 0;
	bit = UINT64_C(1) << id;
	if ((message->present & bit) == 0)
		message->first[id] = (uint8_t)i;
	message->last[id] = (uint8_t)i;
	head->repeated |= message->present & bit;
	message->present |= bit;
	return true;
}

SIP_VECTOR bool sip_head_read(struct sip_message *message, struct sip_head *out)
{
	struct ends ends;
	size_t start;

	if (!ends_find(message->base, message->len, &ends))
		return false;
	message->present = 0;
	message->line_count = (uint16_t)(ends.count - 2);
	out->repeated = 0;
	out->start_line_len = (uint16_t)(ends.at[0] - 1);
	start = (size_t)ends.at[0] + 1;
	for (unsigned i = 0; i + 2 < ends.count; i++) {
		size_t past = (size_t)ends.at[i + 1] + 1;

		if (!line_read(message, i, start, past, out))
			return false;
		start = past;
	}
	message->body = (uint16_t)(start + 2);
	return true;
}

#else

bool sip_head_read(struct sip_message *message, struct sip_head *out)
{
	(void)message, (void)out;
	return false;
}

#endif
