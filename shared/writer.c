#include "shared/writer.h"

void writer_u32(struct writer *w, uint32_t value)
{
	writer_u64(w, value);
}

/* Straight to their place: digits gathered first and copied would be read back before they are
 * stored. */
void writer_u64(struct writer *w, uint64_t value)
{
	size_t digits = 1;

	for (uint64_t rest = value; rest >= 10; rest /= 10)
		digits++;
	if (w->is_full || digits > w->cap - w->len) {
		w->is_full = true;
		return;
	}
	w->len += digits;
	for (char *at = w->at + w->len; digits > 0; digits--, value /= 10)
		*--at = (char)('0' + value % 10);
}

void writer_hex(struct writer *w, const void *at, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *bytes = at;

	if (w->is_full || len > (w->cap - w->len) / 2) {
		w->is_full = true;
		return;
	}
	for (size_t i = 0; i < len; i++) {
		w->at[w->len++] = hex[bytes[i] >> 4];
		w->at[w->len++] = hex[bytes[i] & 15];
	}
}

enum result writer_finish(const struct writer *w, struct slice *out)
{
	if (w->is_full)
		return RESULT_SPACE;
	*out = slice_make(w->at, w->len);
	return RESULT_OK;
}
