#include "dataplane/rules/keyed_hash.h"

#include <immintrin.h>
#include <string.h>

#include <rte_cpuflags.h>

#define VECTOR                                                                                     \
	__attribute__((                                                                            \
		target("avx512f,avx512bw,avx512dq,avx512vl,vpclmulqdq,vaes,pclmul,aes,bmi2")))
#define FOUR  4
#define EIGHT 8

/* Of AES and of its vectors clang's builtin knows no words, so DPDK is asked. */
bool keyed_hash_vector_is_possible(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("pclmul") &&
	       __builtin_cpu_supports("bmi2") && rte_cpu_get_flag_enabled(RTE_CPUFLAG_VAES) > 0 &&
	       rte_cpu_get_flag_enabled(RTE_CPUFLAG_AES) > 0;
}

VECTOR static inline __m128i load(const void *at)
{
	return _mm_loadu_si128(at);
}

/* GHASH's bits stand in the other order than carry-less multiplication has them (SP 800-38D 6.3).
 */
VECTOR static inline __m128i swapped(__m128i block)
{
	return _mm_shuffle_epi8(block,
				_mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

/* The low half of a product, folded into the high one modulo the polynomial, 64 bits a step. */
VECTOR static inline __m128i reduced(__m128i low, __m128i high)
{
	const __m128i polynomial = _mm_set_epi64x((long long)0xc200000000000000u, 1);

	for (int i = 0; i < 2; i++)
		low = _mm_xor_si128(_mm_shuffle_epi32(low, 0x4e),
				    _mm_clmulepi64_si128(low, polynomial, 0x10));
	return _mm_xor_si128(low, high);
}

VECTOR static inline __m128i joined(__m128i low, __m128i middle, __m128i high)
{
	return reduced(_mm_xor_si128(low, _mm_slli_si128(middle, 8)),
		       _mm_xor_si128(high, _mm_srli_si128(middle, 8)));
}

VECTOR static inline __m128i product(__m128i a, __m128i b)
{
	return joined(
		_mm_clmulepi64_si128(a, b, 0x00),
		_mm_xor_si128(_mm_clmulepi64_si128(a, b, 0x01), _mm_clmulepi64_si128(a, b, 0x10)),
		_mm_clmulepi64_si128(a, b, 0x11));
}

/* Times x: a product of reflected numbers is one bit off, and the powers make up for it. */
VECTOR static inline __m128i doubled(__m128i a)
{
	uint64_t low = (uint64_t)_mm_extract_epi64(a, 0), high = (uint64_t)_mm_extract_epi64(a, 1);
	uint64_t carry = high >> 63;

	high = (high << 1 | low >> 63) ^ (-carry & 0xc200000000000000u);
	low = low << 1 ^ carry;
	return _mm_set_epi64x((long long)high, (long long)low);
}

VECTOR static inline void power_put(uint8_t *at, __m128i power)
{
	_mm_store_si128((__m128i *)(void *)at, power);
	_mm_store_si128((__m128i *)(void *)(at + KEYED_HASH_VECTOR_BYTES / 2),
			_mm_xor_si128(power, _mm_shuffle_epi32(power, 0x4e)));
}

VECTOR void keyed_hash_vector_set(uint8_t powers[KEYED_HASH_VECTOR_BYTES], const uint8_t h[16])
{
	__m128i power = swapped(load(h)), first = doubled(power);

	for (size_t i = KEYED_HASH_VECTOR_BLOCKS; i-- > 0;) {
		power_put(powers + i * 16, doubled(power));
		power = product(power, first);
	}
}

/* Sums of products, not reduced yet. The middle has the two others in it, which are taken out at
 * the end. */
struct sums {
	__m512i low, middle, high;
};

/* Four blocks, as they stand, by their powers: three products (Karatsuba). Powers are aligned, and
 * loaded once: loads over two lines would take longer than the products. */
VECTOR static inline void four_add(struct sums *sums, __m512i blocks, const uint8_t *powers)
{
	const __m512i swap = _mm512_broadcast_i32x4(
		_mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
	__m512i power = _mm512_load_si512(powers);
	__m512i both = _mm512_load_si512(powers + KEYED_HASH_VECTOR_BYTES / 2);
	__m512i halves;

	blocks = _mm512_shuffle_epi8(blocks, swap);
	halves = _mm512_xor_si512(blocks, _mm512_shuffle_epi32(blocks, 0x4e));
	sums->low = _mm512_xor_si512(sums->low, _mm512_clmulepi64_epi128(blocks, power, 0x00));
	sums->high = _mm512_xor_si512(sums->high, _mm512_clmulepi64_epi128(blocks, power, 0x11));
	sums->middle = _mm512_xor_si512(sums->middle, _mm512_clmulepi64_epi128(halves, both, 0x00));
}

VECTOR static inline __m128i lanes_sum(__m512i lanes)
{
	__m256i half = _mm256_xor_si256(_mm512_castsi512_si256(lanes),
					_mm512_extracti64x4_epi64(lanes, 1));

	return _mm_xor_si128(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

/* From the last block, whose power is always in one place, to the first. */
VECTOR static inline struct sums products(const uint8_t *powers, const uint8_t *data, size_t blocks)
{
	struct sums sums = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512()};

	powers += (KEYED_HASH_VECTOR_BLOCKS - FOUR) * 16;
	data += blocks * 16;
	for (; blocks >= FOUR; blocks -= FOUR, powers -= (size_t)FOUR * 16) {
		data -= (size_t)FOUR * 16;
		four_add(&sums, _mm512_loadu_si512(data), powers);
	}
	if (blocks > 0) {
		__mmask8 here = (__mmask8)(0xff << 2 * (FOUR - blocks));

		four_add(&sums, _mm512_maskz_loadu_epi64(here, data - (size_t)FOUR * 16), powers);
	}
	sums.middle = _mm512_ternarylogic_epi64(sums.middle, sums.low, sums.high, 0x96);
	return sums;
}

VECTOR static inline __m128i ghash(const uint8_t *powers, const uint8_t *data, size_t blocks)
{
	struct sums sums = products(powers, data, blocks);

	return joined(lanes_sum(sums.low), lanes_sum(sums.middle), lanes_sum(sums.high));
}

VECTOR void keyed_hash_vector_add(const uint8_t powers[KEYED_HASH_VECTOR_BYTES],
				  const uint8_t *data, size_t blocks, uint8_t state[16])
{
	_mm_storeu_si128((__m128i *)(void *)state, swapped(ghash(powers, data, blocks)));
}

VECTOR static inline __m128i encrypted(const uint8_t schedule[176], __m128i block)
{
	block = _mm_xor_si128(block, load(schedule));

	for (size_t round = 1; round < 10; round++)
		block = _mm_aesenc_si128(block, load(schedule + round * 16));
	return _mm_aesenclast_si128(block, load(schedule + (size_t)10 * 16));
}

VECTOR static inline struct sums products_of(const struct keyed_hash *hash)
{
	return products(hash->key->powers, hash->gather, hash->filled / 16);
}

/* The sum of each of four's lanes, a lane for each. */
VECTOR static inline __m512i four_sum(__m512i a, __m512i b, __m512i c, __m512i d)
{
	__m512i ab = _mm512_xor_si512(_mm512_shuffle_i64x2(a, b, 0x44),
				      _mm512_shuffle_i64x2(a, b, 0xee));
	__m512i cd = _mm512_xor_si512(_mm512_shuffle_i64x2(c, d, 0x44),
				      _mm512_shuffle_i64x2(c, d, 0xee));

	return _mm512_xor_si512(_mm512_shuffle_i64x2(ab, cd, 0x88),
				_mm512_shuffle_i64x2(ab, cd, 0xdd));
}

/* joined() for four. */
VECTOR static inline __m512i four_joined(__m512i low, __m512i middle, __m512i high)
{
	const __m512i polynomial =
		_mm512_broadcast_i32x4(_mm_set_epi64x((long long)0xc200000000000000u, 1));

	low = _mm512_xor_si512(low, _mm512_bslli_epi128(middle, 8));
	high = _mm512_xor_si512(high, _mm512_bsrli_epi128(middle, 8));
	for (int i = 0; i < 2; i++)
		low = _mm512_xor_si512(_mm512_shuffle_epi32(low, 0x4e),
				       _mm512_clmulepi64_epi128(low, polynomial, 0x10));
	return _mm512_xor_si512(low, high);
}

/* What is to be encrypted of four hashes, a lane for each: all of their blocks multiplied, one
 * reduction. */
VECTOR static inline __m512i four_blocks(struct keyed_hash *const hashes[FOUR])
{
	const __m512i swap = _mm512_broadcast_i32x4(
		_mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
	struct sums a = products_of(hashes[0]), b = products_of(hashes[1]),
		    c = products_of(hashes[2]), d = products_of(hashes[3]);
	__m512i all = four_joined(four_sum(a.low, b.low, c.low, d.low),
				  four_sum(a.middle, b.middle, c.middle, d.middle),
				  four_sum(a.high, b.high, c.high, d.high));

	return _mm512_shuffle_epi8(all, swap);
}

/* A round's key of each of four hashes. */
VECTOR static inline __m512i four_keys(struct keyed_hash *const hashes[FOUR], size_t round)
{
	__m512i keys = _mm512_castsi128_si512(load(hashes[0]->key->block + round * 16));

	keys = _mm512_inserti64x2(keys, load(hashes[1]->key->block + round * 16), 1);
	keys = _mm512_inserti64x2(keys, load(hashes[2]->key->block + round * 16), 2);
	return _mm512_inserti64x2(keys, load(hashes[3]->key->block + round * 16), 3);
}

VECTOR static inline __m512i four_encrypted(struct keyed_hash *const hashes[FOUR], __m512i blocks)
{
	blocks = _mm512_xor_si512(blocks, four_keys(hashes, 0));
	for (size_t round = 1; round < 10; round++)
		blocks = _mm512_aesenc_epi128(blocks, four_keys(hashes, round));
	return _mm512_aesenclast_epi128(blocks, four_keys(hashes, 10));
}

VECTOR static inline void four_store(struct keyed_hash *const hashes[FOUR], __m512i results)
{
	_mm_storeu_si128((__m128i *)(void *)hashes[0]->result, _mm512_castsi512_si128(results));
	_mm_storeu_si128((__m128i *)(void *)hashes[1]->result,
			 _mm512_extracti64x2_epi64(results, 1));
	_mm_storeu_si128((__m128i *)(void *)hashes[2]->result,
			 _mm512_extracti64x2_epi64(results, 2));
	_mm_storeu_si128((__m128i *)(void *)hashes[3]->result,
			 _mm512_extracti64x2_epi64(results, 3));
}

VECTOR static inline __m512i key_of_all(const uint8_t schedule[176], size_t round)
{
	return _mm512_broadcast_i32x4(load(schedule + round * 16));
}

/* Two fours by one key, in step: a chain of rounds waits for itself, two wait for each other. */
VECTOR static inline void eight_encrypt(const uint8_t schedule[176], __m512i *a, __m512i *b)
{
	*a = _mm512_xor_si512(*a, key_of_all(schedule, 0));
	*b = _mm512_xor_si512(*b, key_of_all(schedule, 0));
	for (size_t round = 1; round < 10; round++) {
		__m512i key = key_of_all(schedule, round);

		*a = _mm512_aesenc_epi128(*a, key);
		*b = _mm512_aesenc_epi128(*b, key);
	}
	*a = _mm512_aesenclast_epi128(*a, key_of_all(schedule, 10));
	*b = _mm512_aesenclast_epi128(*b, key_of_all(schedule, 10));
}

static inline bool has_one_key(struct keyed_hash *const hashes[EIGHT])
{
	bool is_one = true;

	for (size_t i = 1; i < EIGHT; i++)
		is_one &= hashes[i]->key == hashes[0]->key;
	return is_one;
}

VECTOR static inline void eight_finish(struct keyed_hash *const hashes[EIGHT])
{
	__m512i a = four_blocks(hashes), b = four_blocks(hashes + FOUR);

	if (has_one_key(hashes)) {
		eight_encrypt(hashes[0]->key->block, &a, &b);
	} else {
		a = four_encrypted(hashes, a);
		b = four_encrypted(hashes + FOUR, b);
	}
	four_store(hashes, a);
	four_store(hashes + FOUR, b);
}

VECTOR static inline void one_finish(struct keyed_hash *hash)
{
	__m128i sum = ghash(hash->key->powers, hash->gather, hash->filled / 16);

	_mm_storeu_si128((__m128i *)(void *)hash->result,
			 encrypted(hash->key->block, swapped(sum)));
}

VECTOR void keyed_hash_vector_finish(struct keyed_hash *const hashes[], size_t count)
{
	for (; count >= EIGHT; hashes += EIGHT, count -= EIGHT)
		eight_finish(hashes);
	for (; count >= FOUR; hashes += FOUR, count -= FOUR)
		four_store(hashes, four_encrypted(hashes, four_blocks(hashes)));
	for (; count > 0; hashes++, count--)
		one_finish(*hashes);
}
