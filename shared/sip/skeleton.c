#include "shared/sip/skeleton.h"

#include "shared/sip/words.h"

/* What is remembered goes when as many others came in a row: then its kind comes no more. */
#define MISSES_MOST 4

/* Bytes of a window before the line: the end of the one before, its CR and LF. */
#define SIP_SKELETON_BEFORE 3

/* A byte is at least this, where nothing else is asked of it. */
#define ABOVE_SPACE (' ' + 1)

/* Kinds that are remembered in one of two places, so that two of them do not drive each other out.
 */
#define PLACES 2

uint64_t sip_skeleton_kind(const struct sip_message *message, const struct sip_line_ends *ends)
{
	const char *base = message->base;
	unsigned lines = ends->count - 2;
	uint64_t kind = (sip_eight(base) ^ lines) * UINT64_C(0x9e3779b97f4a7c15);

	/* The first line and the last two: behind each there is at least the empty one. */
	if (lines > 2) {
		uint64_t first = sip_four(base + ends->at[0] + 1);
		uint64_t last = sip_four(base + ends->at[lines - 1] + 1);

		last = last << 32 | sip_four(base + ends->at[lines - 2] + 1);
		kind ^= first * UINT64_C(0xff51afd7ed558ccd);
		kind += last * UINT64_C(0xc4ceb9fe1a85ec53);
	}
	return kind;
}

/* A place where nothing is remembered has been missed as often as one can be. */
static void miss_note(struct sip_skeleton *skeleton)
{
	if (skeleton->count == 0)
		skeleton->misses = MISSES_MOST;
	else if (skeleton->misses < MISSES_MOST)
		skeleton->misses++;
}

struct sip_skeleton *sip_skeleton_of(struct sip_skeletons *skeletons, uint64_t kind)
{
	/* Of a product the upper bits depend on all of what was multiplied. */
	struct sip_skeleton *at = &skeletons->at[(kind >> 32) % (SIP_SKELETONS / PLACES) * PLACES];

	if (at[0].kind == kind)
		return &at[0];
	if (at[1].kind == kind)
		return &at[1];
	miss_note(&at[0]);
	miss_note(&at[1]);
	return at[0].misses > at[1].misses ? &at[0] : &at[1];
}

/* The window is to hold `byte` at that place, if most is 255; what is more than a space, if not. */
static void byte_keep(struct sip_skeleton_line *line, size_t place, char byte, uint8_t most)
{
	line->text[place] = (uint8_t)byte;
	line->most[place] = most;
}

/* Is the line as it is remembered: its value one space behind the colon? */
static bool line_keep(struct sip_skeleton *skeleton, const struct sip_message *message, unsigned i)
{
	const struct sip_line *line = &message->lines[i];
	const char *value = message->base + line->value, *window;
	struct sip_skeleton_line *kept = &skeleton->line[i];
	size_t skip = (size_t)line->value - line->start, before = SIP_SKELETON_BEFORE;

	if (before + skip >= SIP_SKELETON_WINDOW || line->value_len == 0 || value[-1] != ' ' ||
	    value[-2] != ':')
		return false;
	memset(kept, 0, sizeof(*kept));
	window = value - skip - before;
	byte_keep(kept, 0, ABOVE_SPACE, ABOVE_SPACE);
	for (size_t at = 1; at < before + skip; at++)
		byte_keep(kept, at, window[at], UINT8_MAX);
	byte_keep(kept, before + skip, ABOVE_SPACE, ABOVE_SPACE);
	skeleton->seen[i] = (uint32_t)((UINT64_C(2) << (before + skip)) - 1);
	skeleton->skip[i] = (uint16_t)skip;
	skeleton->id[i] = line->id;
	return true;
}

void sip_skeleton_keep(struct sip_skeleton *skeleton, uint64_t kind,
		       const struct sip_message *message, uint64_t repeated)
{
	unsigned count = message->line_count;

	if (skeleton->count != 0 && skeleton->misses < MISSES_MOST)
		return;
	skeleton->count = skeleton->misses = 0;
	if (count > SIP_SKELETON_LINES)
		return;
	memset(skeleton->skip, 0, sizeof(skeleton->skip));
	for (unsigned i = 0; i < count; i++)
		if (!line_keep(skeleton, message, i))
			return;
	skeleton->kind = kind;
	skeleton->present = message->present;
	skeleton->repeated = repeated;
	memcpy(skeleton->first, message->first, sizeof(skeleton->first));
	memcpy(skeleton->last, message->last, sizeof(skeleton->last));
	skeleton->count = (uint8_t)count;
}

#ifdef SIP_HAS_VECTOR

#include <immintrin.h>


/* Lines in one step: as many offsets as a register of 32 bytes holds. */
#define STEP 16

/* Start, value, its length and end of each of a step's lines. */
struct places {
	__m256i start, value, value_len, end;
};

/* False if a line ends before its value has a byte: then it is another. */
SIP_WIDE_STEP bool places_of(const struct sip_skeleton *skeleton, const struct sip_line_ends *ends,
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
SIP_WIDE_STEP void lines_put(const struct places *places, const struct sip_skeleton *skeleton, unsigned at,
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

/* Sets all lines; false if one is shorter than it is remembered. */
SIP_WIDE_STEP bool lines_take(const struct sip_skeleton *skeleton, const struct sip_line_ends *ends,
		     struct sip_line *lines)
{
	for (unsigned at = 0; at < skeleton->count; at += STEP) {
		struct places places;

		if (!places_of(skeleton, ends, at, &places))
			return false;
		lines_put(&places, skeleton, at, lines);
	}
	return true;
}

/*
 * Are all lines, none of which is shorter, as they are remembered, and is there no space before the
 * last one's end?
 */
SIP_WIDE_STEP bool lines_are_same(const struct sip_skeleton *skeleton, const struct sip_line_ends *ends,
			 const char *base)
{
	__m256i differ = _mm256_setzero_si256();

	for (unsigned i = 0; i < skeleton->count; i++) {
		const struct sip_skeleton_line *line = &skeleton->line[i];
		__m256i there = _mm256_maskz_loadu_epi8(
			skeleton->seen[i], base + ends->at[i] + 1 - SIP_SKELETON_BEFORE);
		__m256i most = _mm256_load_si256((const void *)line->most);
		__m256i text = _mm256_load_si256((const void *)line->text);

		/* differ | (least of both ^ text) */
		differ =
			_mm256_ternarylogic_epi32(differ, _mm256_min_epu8(there, most), text, 0xf6);
	}
	return _mm256_testz_si256(differ, differ) &&
	       (uint8_t)base[ends->at[skeleton->count] - 2] >= ABOVE_SPACE;
}

SIP_VECTOR_WIDE bool sip_skeleton_take(struct sip_skeleton *skeleton, uint64_t kind,
				       const struct sip_line_ends *ends,
				       struct sip_message *message, uint64_t *repeated)
{
	if (skeleton->kind != kind || skeleton->count == 0)
		return false;
	if (skeleton->count != ends->count - 2 || !lines_take(skeleton, ends, message->lines) ||
	    !lines_are_same(skeleton, ends, message->base)) {
		miss_note(skeleton);
		return false;
	}
	memcpy(message->first, skeleton->first, sizeof(message->first));
	memcpy(message->last, skeleton->last, sizeof(message->last));
	message->present = skeleton->present;
	*repeated = skeleton->repeated;
	if (skeleton->misses != 0)
		skeleton->misses = 0;
	return true;
}

#else

bool sip_skeleton_take(struct sip_skeleton *skeleton, uint64_t kind,
		       const struct sip_line_ends *ends, struct sip_message *message,
		       uint64_t *repeated)
{
	(void)skeleton, (void)kind, (void)ends, (void)message, (void)repeated;
	return false;
}

#endif
