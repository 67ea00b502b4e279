/*
 * A value by shape: a bit for each odd character of it says where its parts end. For the readers of
 * plain_wide.c and plain_via_wide.c; only where SIP_HAS_VECTOR.
 */
#ifndef SEKISHO_SHARED_SIP_PLAIN_WINDOW_H
#define SEKISHO_SHARED_SIP_PLAIN_WINDOW_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/sip/vector.h"
#include "shared/slice.h"

#define WINDOW_BYTES 64

/*
 * Odd is what is neither letter, digit, '-', '.' nor '_'; foreign, what no canonical host has. Odd
 * is the bit that other than ASCII has of itself.
 */
#define SIP_PLAIN_ODD	  128
#define SIP_PLAIN_FOREIGN 1

/* By ASCII. */
extern const uint8_t sip_plain_classes[2 * WINDOW_BYTES];

/* A bit for each byte. */
struct window {
	uint64_t odd;
	uint64_t foreign;
};

/* Of at most WINDOW_BYTES, none beyond which is loaded. */
SIP_WIDE_STEP struct window window_read(const char *at, size_t len)
{
	uint64_t valid =
		_bzhi_u64(~UINT64_C(0), (unsigned)(len < WINDOW_BYTES ? len : WINDOW_BYTES));
	__m512i text = _mm512_maskz_loadu_epi8(valid, at);
	__m512i class =
		_mm512_permutex2var_epi8(_mm512_load_si512(sip_plain_classes), text,
					 _mm512_load_si512(sip_plain_classes + WINDOW_BYTES));

	return (struct window){
		.odd = _mm512_movepi8_mask(_mm512_or_si512(class, text)) & valid,
		.foreign = _mm512_test_epi8_mask(class, _mm512_set1_epi8(SIP_PLAIN_FOREIGN)),
	};
}

/* What is empty there: one store each. */
SIP_WIDE_STEP void empty_put(const char *at, struct slice *out)
{
	_mm_storeu_si128((void *)out, _mm_cvtsi64_si128((int64_t)(uintptr_t)at));
}

#endif
