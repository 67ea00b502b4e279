/*
 * Bytes as a list of changes, applied in place and once more in a plain way. Each change is four
 * bytes: offset (two), remove, insert.
 */
#include <string.h>

#include "shared/sip/edit.h"
#include "tests/edit_apply.h"
#include "tests/fuzz/target.h"

#define TEXT_BYTES 700
#define ROOM_BYTES 1500

/* One change at a time from the last to the first, the tail moved each time. */
static size_t plain_apply(const struct sip_edit *edit, char *at, size_t len)
{
	char copy[TEXT_BYTES + SIP_EDIT_ARENA_BYTES];

	for (unsigned i = edit->count; i-- > 0;) {
		const struct sip_edit_change *change = &edit->changes[i];
		size_t tail = (size_t)change->offset + change->remove;

		memcpy(copy, at, len);
		memcpy(at + change->offset, change->text, change->insert);
		memcpy(at + change->offset + change->insert, copy + tail, len - tail);
		len = len - change->remove + change->insert;
	}
	return len;
}

static void changes_add(struct sip_edit *edit, const uint8_t *data, size_t size)
{
	char text[256];

	for (; size >= 4; data += 4, size -= 4) {
		memset(text, 'A' + (int)(size % 26), sizeof(text));
		sip_edit_change(edit, (uint16_t)(data[0] << 8 | data[1]), data[2],
				slice_make(text, data[3]));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_edit edit;
	char ours[ROOM_BYTES + SIP_EDIT_STRIDE], before[TEXT_BYTES];
	char plain[TEXT_BYTES + SIP_EDIT_ARENA_BYTES];
	size_t len, plain_len;
	enum result result;

	for (size_t i = 0; i < TEXT_BYTES; i++)
		ours[i] = plain[i] = before[i] = (char)('!' + i % 93);
	sip_edit_begin(&edit);
	changes_add(&edit, data, size);
	result = edit_apply(&edit, ours, TEXT_BYTES, ROOM_BYTES, &len);
	if (result != RESULT_OK) {
		MUST(memcmp(ours, before, TEXT_BYTES) == 0);
		return 0;
	}
	for (unsigned i = 1; i < edit.count; i++)
		MUST(edit.changes[i - 1].offset + edit.changes[i - 1].remove <=
		     edit.changes[i].offset);
	plain_len = plain_apply(&edit, plain, TEXT_BYTES);
	MUST(len == plain_len && memcmp(ours, plain, len) == 0);
	MUST((long)len == TEXT_BYTES + edit.growth);
	return 0;
}
