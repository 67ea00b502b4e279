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
		uint64_t first = sip_four(base + ends->at[0].lf + 1);
		uint64_t last = sip_four(base + ends->at[lines - 1].lf + 1);

		last = last << 32 | sip_four(base + ends->at[lines - 2].lf + 1);
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

/* Is the line as it is remembered: its value one space behind the colon? */
static bool line_keep(struct sip_skeleton *skeleton, const struct sip_message *message, unsigned i)
{
	const struct sip_line *line = &message->lines[i];
	const char *value = message->base + line->value;
	size_t skip = (size_t)line->value - line->start, past = SIP_SKELETON_BEFORE + skip;
	uint8_t *text = skeleton->text[i], *most = skeleton->most[i];

	if (past >= SIP_SKELETON_WINDOW || line->value_len == 0 || value[-1] != ' ' ||
	    value[-2] != ':')
		return false;
	memset(text, 0, SIP_SKELETON_WINDOW);
	memset(most, 0, SIP_SKELETON_WINDOW);
	memcpy(text + 1, value - past + 1, past - 1);
	memset(most + 1, UINT8_MAX, past - 1);
	text[0] = most[0] = text[past] = most[past] = ABOVE_SPACE;
	skeleton->seen[i] = (uint32_t)((UINT64_C(2) << past) - 1);
	skeleton->skip[i] = (uint16_t)skip;
	skeleton->id[i] = line->id;
	return true;
}

/* A line of which nothing is looked at. */
static void line_leave(struct sip_skeleton *skeleton, unsigned i)
{
	memset(skeleton->text[i], 0, SIP_SKELETON_WINDOW);
	memset(skeleton->most[i], 0, SIP_SKELETON_WINDOW);
	skeleton->seen[i] = 0;
}

void sip_skeleton_keep(const struct sip_skeleton_found *found, const struct sip_message *message)
{
	struct sip_skeleton *skeleton = found->at;
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
	if (count < SIP_SKELETON_LINES)
		line_leave(skeleton, count);
	skeleton->kind = found->kind;
	skeleton->present = message->present;
	skeleton->repeated = found->repeated;
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

/* The LFs of a step's line ends. */
SIP_WIDE_STEP __m256i lf_of(const struct sip_line_end *ends)
{
	return _mm512_cvtepi32_epi16(_mm512_srli_epi32(_mm512_loadu_si512((const void *)ends), 16));
}

/* False if a line ends before its value has a byte: then it is another. */
SIP_WIDE_STEP bool places_of(const struct sip_skeleton *skeleton, const struct sip_line_ends *ends,
			     unsigned at, struct places *out)
{
	const __m256i one = _mm256_set1_epi16(1);
	__m256i skip = _mm256_load_si256((const void *)(skeleton->skip + at));
	__mmask16 valid = (__mmask16)_bzhi_u32(0xffff, skeleton->count - at);

	out->start = _mm256_add_epi16(lf_of(&ends->at[at]), one);
	out->end = _mm256_add_epi16(lf_of(&ends->at[at + 1]), one);
	out->value = _mm256_add_epi16(out->start, skip);
	out->value_len =
		_mm256_sub_epi16(_mm256_sub_epi16(out->end, out->value), _mm256_set1_epi16(2));
	/* The longest message has fewer bytes than a signed half-word counts. */
	return _mm256_mask_cmplt_epi16_mask(valid, out->value_len, one) == 0;
}

/* Puts them where the message has them: four lines are one register. */
SIP_WIDE_STEP void lines_put(const struct places *places, const struct sip_skeleton *skeleton,
			     unsigned at, struct sip_line *line)
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
	unsigned count = skeleton->count; /* it may lie where lines are put, for all that shows */

	for (unsigned i = at; i < at + STEP && i < count; i += 4) {
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

/* The windows of two lines, as far as they are seen. */
SIP_WIDE_STEP __m512i windows_of(const struct sip_skeleton *skeleton,
				 const struct sip_line_ends *ends, unsigned i, const char *base)
{
	const char *first = base + ends->at[i].lf + 1 - SIP_SKELETON_BEFORE;
	const char *second = base + ends->at[i + 1].lf + 1 - SIP_SKELETON_BEFORE;

	return _mm512_inserti64x4(
		_mm512_castsi256_si512(_mm256_maskz_loadu_epi8(skeleton->seen[i], first)),
		_mm256_maskz_loadu_epi8(skeleton->seen[i + 1], second), 1);
}

/*
 * Are all lines, none of which is shorter, as they are remembered, and is there no space before the
 * last one's end?
 */
SIP_WIDE_STEP bool lines_are_same(const struct sip_skeleton *skeleton,
				  const struct sip_line_ends *ends, const char *base)
{
	unsigned count = skeleton->count;
	__m512i differ = _mm512_setzero_si512();

	for (unsigned i = 0; i < count; i += 2) {
		__m512i there = windows_of(skeleton, ends, i, base);
		__m512i least = _mm512_min_epu8(there, _mm512_load_si512(skeleton->most[i]));

		differ = _mm512_or_si512(
			differ, _mm512_xor_si512(least, _mm512_load_si512(skeleton->text[i])));
	}
	return _mm512_test_epi64_mask(differ, differ) == 0 &&
	       (uint8_t)base[ends->at[count].lf - 2] >= ABOVE_SPACE;
}

SIP_WIDE_STEP void indices_copy(const uint8_t from[SIP_HEADER_ROOM], uint8_t to[SIP_HEADER_ROOM])
{
	_mm512_storeu_si512(to, _mm512_loadu_si512(from));
}

SIP_VECTOR_WIDE bool sip_skeleton_take(const struct sip_line_ends *ends,
				       struct sip_message *message,
				       struct sip_skeleton_found *found)
{
	struct sip_skeleton *skeleton = found->at;

	if (skeleton->kind != found->kind || skeleton->count == 0)
		return false;
	if (skeleton->count != ends->count - 2 || !lines_take(skeleton, ends, message->lines) ||
	    !lines_are_same(skeleton, ends, message->base)) {
		miss_note(skeleton);
		return false;
	}
	indices_copy(skeleton->first, message->first);
	indices_copy(skeleton->last, message->last);
	message->present = skeleton->present;
	found->repeated = skeleton->repeated;
	if (skeleton->misses != 0)
		skeleton->misses = 0;
	return true;
}

SIP_VECTOR_WIDE bool sip_skeleton_find(struct sip_skeletons *skeletons,
				       const struct sip_line_ends *ends,
				       struct sip_message *message,
				       struct sip_skeleton_found *found)
{
	found->kind = sip_skeleton_kind(message, ends);
	found->at = sip_skeleton_of(skeletons, found->kind);
	return sip_skeleton_take(ends, message, found);
}

#else

bool sip_skeleton_take(const struct sip_line_ends *ends, struct sip_message *message,
		       struct sip_skeleton_found *found)
{
	(void)ends, (void)message, (void)found;
	return false;
}

bool sip_skeleton_find(struct sip_skeletons *skeletons, const struct sip_line_ends *ends,
		       struct sip_message *message, struct sip_skeleton_found *found)
{
	(void)skeletons, (void)ends, (void)message, (void)found;
	return false;
}

#endif
