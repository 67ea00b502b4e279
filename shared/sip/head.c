/*
 * First the line ends; then all lines by what they most likely are, or line by line the name, up to
 * 32 bytes at once. Bytes beyond the message are never read: its last ones are copied.
 */
#include "shared/sip/head.h"

#ifdef SIP_HAS_VECTOR

#include <immintrin.h>

#include "shared/sip/chars.h"
#include "shared/sip/header_places.h"
#include "shared/sip/words.h"

#define NAME 32u

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

/*
 * The value behind a colon, space at both ends left out. Nearly always there is one space and then
 * something: two bytes that are read as a word.
 */
static inline struct slice value_find(const char *at, const char *end)
{
	uint16_t two;

	memcpy(&two, at, sizeof(two));
	two = (uint16_t)(two - (('!' << 8) | ' '));
	if ((uint16_t)(two << 8 | two >> 8) <= '~' - '!' && end[-1] > ' ')
		return slice_make(at + 1, (size_t)(end - at - 1));
	return sip_slice_trim(slice_make(at, (size_t)(end - at)));
}

/* How far the lines are read; kept apart from the message while that is written. */
struct reading {
	const char *base;
	const char *past; /* the message's end */
	struct sip_line *line;
	unsigned number;  /* of line */
	uint64_t present; /* a bit for each header that has a line */
	uint64_t repeated;
};

/* The header's first and last line, and that it has one, or several. */
SIP_VECTOR static inline void line_index(struct sip_message *message, struct reading *reading,
					 unsigned id)
{
	uint64_t bit = UINT64_C(1) << id;

	if ((reading->present & bit) == 0)
		message->first[id] = (uint8_t)reading->number;
	message->last[id] = (uint8_t)reading->number;
	reading->repeated |= reading->present & bit;
	reading->present |= bit;
}

/* The line at name, whose CRLF is at end; false if it is not plain. */
SIP_VECTOR static inline bool line_read(struct sip_message *message, struct reading *reading,
					const char *name, const char *end)
{
	struct sip_line *line = reading->line++;
	struct slice value;
	unsigned id;
	size_t len;

	len = name_find(name, end, (size_t)(reading->past - name), &id);
	if (len == 0)
		return false;
	value = value_find(name + len + 1, end);
	line->start = (uint16_t)(name - reading->base);
	line->value = (uint16_t)(value.at - reading->base);
	line->value_len = (uint16_t)value.len;
	line->end = (uint16_t)(end + 2 - reading->base);
	line->id = (uint8_t)id;
	line->flags = 0;
	line_index(message, reading, id);
	reading->number++;
	return true;
}

/* Line by line. */
SIP_VECTOR static bool lines_read(struct sip_message *message, struct sip_head *head)
{
	struct reading reading = {.base = message->base,
				  .past = message->base + message->len,
				  .line = message->lines};
	const struct sip_line_ends *ends = &head->ends;
	const char *name = reading.base + ends->at[0].lf + 1;

	if (!sip_line_end_is_whole(reading.base, &ends->at[0]))
		return false;
	while (reading.number < ends->count - 2) {
		const struct sip_line_end *end = &ends->at[reading.number + 1];

		if (!sip_line_end_is_whole(reading.base, end) ||
		    !line_read(message, &reading, name, reading.base + end->lf - 1))
			return false;
		name = reading.base + end->lf + 1;
	}
	message->present = reading.present;
	head->found.repeated = reading.repeated;
	return true;
}

SIP_VECTOR bool sip_head_read(struct sip_message *message, struct sip_head *head)
{
	if (!lines_read(message, head))
		return false;
	if (head->found.at != NULL)
		sip_skeleton_keep(&head->found, message);
	return true;
}

#else

bool sip_head_read(struct sip_message *message, struct sip_head *head)
{
	(void)message, (void)head;
	return false;
}

#endif
