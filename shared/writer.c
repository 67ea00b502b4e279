#include "shared/writer.h"

void writer_u32(struct writer *w, uint32_t value)
{
	writer_u64(w, value);
}

#define DIGITS_MAX 20 /* of 2^64 - 1 */

static size_t digits_of(uint64_t value)
{
	size_t digits = 1;

	for (uint64_t limit = 10; digits < DIGITS_MAX && value >= limit; limit *= 10)
		digits++;
	return digits;
}

/* Straight to their place: digits gathered first and copied would be read back before they are
 * stored. Two at a time, since each division waits for the one before. */
void writer_u64(struct writer *w, uint64_t value)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	size_t digits = digits_of(value);
	char *at;

	if (w->is_full || digits > w->cap - w->len) {
		w->is_full = true;
		return;
	}
	w->len += digits;
	at = w->at + w->len;
	for (; digits >= 2; digits -= 2, value /= 100)
		memcpy(at -= 2, pairs + value % 100 * 2, 2);
	if (digits != 0)
		*--at = (char)('0' + value);
}

void writer_hex(struct writer *w, const void *at, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *bytes = at;
	char *to = w->at + w->len;

	if (w->is_full || len > (w->cap - w->len) / 2) {
		w->is_full = true;
		return;
	}
	w->len += 2 * len;
	for (size_t i = 0; i < len; i++) {
		*to++ = hex[bytes[i] >> 4];
		*to++ = hex[bytes[i] & 15];
	}
}

enum result writer_finish(const struct writer *w, struct slice *out)
{
	if (w->is_full)
		return RESULT_SPACE;
	*out = slice_make(w->at, w->len);
	return RESULT_OK;
}
