#include "terminal/esp/window.h"

#include <stdbool.h>

static uint64_t *window_word(struct esp_window *w, uint64_t sequence)
{
	return &w->seen[sequence / 64 % ESP_WINDOW_WORDS];
}

/* Appendix A2.2: the number nearest to the window among those with this low half. */
static bool sequence_infer(uint64_t top, uint32_t low, uint64_t *sequence)
{
	uint32_t top_low = (uint32_t)top, high = (uint32_t)(top >> 32);
	uint32_t left = top_low - LIMIT_ESP_WINDOW + 1;

	if (top_low >= LIMIT_ESP_WINDOW - 1) {
		if (low < left) {
			if (high == UINT32_MAX)
				return false;
			high++;
		}
	} else if (low >= left) {
		if (high == 0)
			return false;
		high--;
	}
	*sequence = (uint64_t)high << 32 | low;
	return true;
}

enum result esp_window_check(const struct esp_window *w, uint32_t low, uint64_t *sequence)
{
	uint64_t number;

	if (!sequence_infer(w->top, low, &number) || number == 0)
		return RESULT_STALE;
	if (number <= w->top) {
		if (w->top - number >= LIMIT_ESP_WINDOW)
			return RESULT_STALE;
		if (w->seen[number / 64 % ESP_WINDOW_WORDS] >> number % 64 & 1)
			return RESULT_STALE;
	}
	*sequence = number;
	return RESULT_OK;
}

void esp_window_mark(struct esp_window *w, uint64_t sequence)
{
	if (sequence > w->top) {
		uint64_t words = sequence / 64 - w->top / 64;

		if (words > ESP_WINDOW_WORDS)
			words = ESP_WINDOW_WORDS;
		for (uint64_t i = 0; i < words; i++)
			*window_word(w, sequence - 64 * i) = 0;
		w->top = sequence;
	}
	*window_word(w, sequence) |= UINT64_C(1) << sequence % 64;
}
