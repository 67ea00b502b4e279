#include "dataplane/esp/replay.h"

/*
 * Order of an update's stores, and what a death after each leaves behind:
 *   updating = n   nothing has changed yet
 *   bit of n       if n is new: the bit is still that of n - 1,024, now refused (it may be unseen)
 *   top = n        all up to n - 1,024 refused; bits between the old top and n may say "seen"
 *   other bits     cleared word by word
 *   sum            the record is whole again
 *   updating = 0
 * At no point does a number seen before, or n itself once its bit stands, count as unseen.
 */

#define WORD(number) ((number) / 64 % REPLAY_WORDS)
#define BIT(number)  (UINT64_C(1) << ((number) % 64))

static uint64_t get(const _Atomic uint64_t *at)
{
	return atomic_load_explicit(at, memory_order_relaxed);
}

static void put(_Atomic uint64_t *at, uint64_t value)
{
	atomic_store_explicit(at, value, memory_order_release);
}

static uint64_t rotate(uint64_t value, unsigned int by)
{
	return value << (by & 63) | value >> (-by & 63);
}

/* What a word (or, as the 17th, the top) adds to the sum: one that is changed changes the sum. */
static uint64_t share_of(uint64_t value, unsigned int place)
{
	return rotate(value, 3 * place);
}

/* Never that of a record of zeros. */
#define SUM_OF_NOTHING UINT64_C(0x53454b4953484f57)

static uint64_t whole_sum(const struct replay_window *window)
{
	uint64_t sum = SUM_OF_NOTHING ^ share_of(get(&window->top), REPLAY_WORDS);

	for (unsigned int i = 0; i < REPLAY_WORDS; i++)
		sum ^= share_of(get(&window->bits[i]), i);
	return sum;
}

void replay_init(struct replay_window *window)
{
	put(&window->updating, 0);
	put(&window->top, 0);
	for (unsigned int i = 0; i < REPLAY_WORDS; i++)
		put(&window->bits[i], 0);
	put(&window->sum, SUM_OF_NOTHING);
}

enum result replay_infer(const struct replay_window *window, uint32_t low, uint64_t *number)
{
	uint64_t top = get(&window->top);
	uint32_t top_low = (uint32_t)top, top_high = (uint32_t)(top >> 32);
	uint32_t bottom = top_low - (LIMIT_ESP_WINDOW - 1); /* low half of the window's lower end */
	uint32_t high = top_high;

	if (top_low >= LIMIT_ESP_WINDOW - 1) {
		/* Case A: the window lies within one subspace. */
		if (low < bottom && ++high == 0)
			return RESULT_STALE;
	} else if (low >= bottom && high-- == 0) {
		/* Case B: it reaches back into the one before, and there is none. */
		return RESULT_STALE;
	}
	*number = (uint64_t)high << 32 | low;
	return RESULT_OK;
}

enum result replay_check(const struct replay_window *window, uint64_t number)
{
	uint64_t top = get(&window->top);

	if (number > top)
		return RESULT_OK;
	if (number == 0 || top - number >= LIMIT_ESP_WINDOW)
		return RESULT_STALE;
	return (get(&window->bits[WORD(number)]) & BIT(number)) ? RESULT_EXISTS : RESULT_OK;
}

/* Clear the bits of first..last, at most a window's width of them; returns the sum's change. */
static uint64_t clear_bits(struct replay_window *window, uint64_t first, uint64_t last)
{
	uint64_t change = 0;

	while (first <= last) {
		unsigned int word = WORD(first);
		uint64_t end = first | 63, mask = UINT64_MAX << (first % 64), old;

		if (end > last) {
			mask &= UINT64_MAX >> (63 - last % 64);
			end = last;
		}
		old = get(&window->bits[word]);
		put(&window->bits[word], old & ~mask);
		change ^= share_of(old & mask, word);
		first = end + 1;
	}
	return change;
}

void replay_update(struct replay_window *window, uint64_t number)
{
	uint64_t top = get(&window->top), sum = get(&window->sum);
	unsigned int word = WORD(number);
	uint64_t old = get(&window->bits[word]);

	put(&window->updating, number);
	put(&window->bits[word], old | BIT(number));
	sum ^= share_of(old, word) ^ share_of(old | BIT(number), word);
	if (number > top) {
		put(&window->top, number);
		sum ^= share_of(top, REPLAY_WORDS) ^ share_of(number, REPLAY_WORDS);
		if (number - top > 1) {
			uint64_t first = top + 1;

			if (number - top > LIMIT_ESP_WINDOW)
				first = number - LIMIT_ESP_WINDOW + 1;
			sum ^= clear_bits(window, first, number - 1);
		}
	}
	put(&window->sum, sum);
	put(&window->updating, 0);
}

enum result replay_recover(struct replay_window *window)
{
	uint64_t updating = get(&window->updating);

	if (get(&window->sum) == whole_sum(window)) {
		put(&window->updating, 0);
		return RESULT_OK;
	}
	if (updating == 0)
		return RESULT_BAD;
	/* Closed in mid-update: which bits were still to be cleared is not known, so all are set.
	 */
	for (unsigned int i = 0; i < REPLAY_WORDS; i++)
		put(&window->bits[i], UINT64_MAX);
	if (updating > get(&window->top))
		put(&window->top, updating);
	put(&window->sum, whole_sum(window));
	put(&window->updating, 0);
	return RESULT_OK;
}
