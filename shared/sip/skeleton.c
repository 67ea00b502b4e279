#include "shared/sip/skeleton.h"

#include "shared/sip/words.h"

/* What is remembered goes when as many others came in a row: then its kind comes no more. */
#define MISSES_MOST 4

struct sip_skeleton *sip_skeleton_of(struct sip_skeletons *skeletons,
				     const struct sip_message *message,
				     const struct sip_line_ends *ends)
{
	const char *base = message->base;
	unsigned lines = ends->count - 2;
	uint64_t hash = sip_eight(base) * UINT64_C(0x9e3779b97f4a7c15);

	/* The first line and the last two: behind each there is at least the empty one. */
	if (lines > 2) {
		uint64_t first = sip_four(base + ends->at[0] + 1);
		uint64_t last = sip_four(base + ends->at[lines - 1] + 1);

		last = last << 32 | sip_four(base + ends->at[lines - 2] + 1);
		hash ^= (first << 8 ^ lines) * UINT64_C(0xff51afd7ed558ccd);
		hash += last * UINT64_C(0xc4ceb9fe1a85ec53);
	}
	return &skeletons->at[(hash ^ hash >> 29) % SIP_SKELETONS];
}

/* Is the line as it is remembered: its value one space behind the colon? */
static bool line_keep(struct sip_skeleton *skeleton, const struct sip_message *message, unsigned i)
{
	const struct sip_line *line = &message->lines[i];
	const char *value = message->base + line->value;
	size_t skip = (size_t)line->value - line->start;

	if (skip > SIP_SKELETON_PREFIX || line->value_len == 0 || value[-1] != ' ' ||
	    value[-2] != ':')
		return false;
	memset(skeleton->prefix[i], 0, sizeof(skeleton->prefix[i]));
	memcpy(skeleton->prefix[i], value - skip, skip);
	skeleton->skip[i] = (uint16_t)skip;
	skeleton->id[i] = line->id;
	return true;
}

void sip_skeleton_keep(struct sip_skeleton *skeleton, const struct sip_message *message,
		       uint64_t repeated)
{
	unsigned count = message->line_count;

	if (skeleton->count != 0 && ++skeleton->misses < MISSES_MOST)
		return;
	skeleton->count = skeleton->misses = 0;
	if (count > SIP_SKELETON_LINES)
		return;
	memset(skeleton->skip, 0, sizeof(skeleton->skip));
	for (unsigned i = 0; i < count; i++)
		if (!line_keep(skeleton, message, i))
			return;
	skeleton->present = message->present;
	skeleton->repeated = repeated;
	memcpy(skeleton->first, message->first, sizeof(skeleton->first));
	memcpy(skeleton->last, message->last, sizeof(skeleton->last));
	skeleton->count = (uint8_t)count;
}

#ifdef SIP_HAS_VECTOR

#include <immintrin.h>

#define WIDE SIP_VECTOR_WIDE static inline __attribute__((always_inline))

/* Lines in one step: as many offsets as a register of 32 bytes holds. */
#define STEP 16

/* Start, value, its length and end of each of a step's lines. */
struct places {
	__m256i start, value, value_len, end;
};

/* False if a line ends before its value has a byte: then it is another. */
WIDE bool places_of(const struct sip_skeleton *skeleton, const struct sip_line_ends *ends,
		    unsigned at, struct places *out)
{
	const __m256i one = _mm256_set1_epi16(1);
	__m256i skip = _mm256_load_si256((const void *)(skeleton->skip + at));
	__mmask16 valid = (__mmask16)_bzhi_u32(0xffff, skeleton->count - at);

	out->start = _mm256_add_epi16(_mm256_loadu_si256((const void *)(ends->at + at)), one);
	out->end = _mm256_add_epi16(_mm256_loadu_si256((const void *)(ends->at + at + 1)), one);
	out->value = _mm256_add_epi16(out->start, skip);
	out->value_len =
		_mm256_sub_epi16(_mm256_sub_epi16(out->end, out->value), _mm256_set1_epi16(2));
	/* The longest message has fewer bytes than a signed half-word counts. */
	return _mm256_mask_cmplt_epi16_mask(valid, out->value_len, one) == 0;
}

/* Puts them where the message has them: four lines are one register. */
WIDE void lines_put(const struct places *places, const struct sip_skeleton *skeleton, unsigned at,
		    struct sip_line *line)
{
	/* Of the eight half-words of a line the first four, from two registers; the fifth. */
	const __mmask32 first_four = 0x0f0f0f0f, fifth = 0x10101010;
	const __m512i four = _mm512_set1_epi16(4);
	const __m512i of_line =
		_mm512_set_epi16(3, 3, 3, 3, 51, 35, 19, 3, 2, 2, 2, 2, 50, 34, 18, 2, 1, 1, 1, 1,
				 49, 33, 17, 1, 0, 0, 0, 0, 48, 32, 16, 0);
	__m512i front = _mm512_inserti64x4(_mm512_castsi256_si512(places->start), places->value, 1);
	__m512i back =
		_mm512_inserti64x4(_mm512_castsi256_si512(places->value_len), places->end, 1);
	__m512i id = _mm512_castsi256_si512(_mm256_load_si256((const void *)(skeleton->id + at)));
	__m512i which = of_line;

	for (unsigned i = at; i < at + STEP && i < skeleton->count; i += 4) {
		__m512i some = _mm512_maskz_permutex2var_epi16(first_four, front, which, back);

		some = _mm512_mask_permutexvar_epi16(some, fifth, which, id);
		_mm512_storeu_si512(line + i, some);
		which = _mm512_add_epi16(which, four);
	}
}

/* Do all lines begin as they are remembered? */
WIDE bool prefixes_are_same(const struct sip_skeleton *skeleton, const struct sip_line_ends *ends,
			    const char *base)
{
	__mmask32 differ = 0;

	for (unsigned i = 0; i < skeleton->count; i++) {
		__mmask32 valid = _bzhi_u32(~0u, skeleton->skip[i]);
		__m256i there = _mm256_maskz_loadu_epi8(valid, base + ends->at[i] + 1);

		differ |= _mm256_mask_cmpneq_epi8_mask(
			valid, there, _mm256_load_si256((const void *)skeleton->prefix[i]));
	}
	return differ == 0;
}

SIP_VECTOR_WIDE bool sip_skeleton_take(struct sip_skeleton *skeleton,
				       const struct sip_line_ends *ends,
				       struct sip_message *message, uint64_t *repeated)
{
	if (skeleton->count == 0 || skeleton->count != ends->count - 2)
		return false;
	for (unsigned at = 0; at < skeleton->count; at += STEP) {
		struct places places;

		if (!places_of(skeleton, ends, at, &places))
			return false;
		lines_put(&places, skeleton, at, message->lines);
	}
	if (!prefixes_are_same(skeleton, ends, message->base))
		return false;
	memcpy(message->first, skeleton->first, sizeof(message->first));
	memcpy(message->last, skeleton->last, sizeof(message->last));
	message->present = skeleton->present;
	*repeated = skeleton->repeated;
	if (skeleton->misses != 0)
		skeleton->misses = 0;
	return true;
}

#else

bool sip_skeleton_take(struct sip_skeleton *skeleton, const struct sip_line_ends *ends,
		       struct sip_message *message, uint64_t *repeated)
{
	(void)skeleton, (void)ends, (void)message, (void)repeated;
	return false;
}

#endif
