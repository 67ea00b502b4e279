#include "shared/keyexchange/transcript.h"

#include <stdbool.h>
#include <string.h>

#define COOKIE_NAME SLICE("Security-Cookie")

/* The line at at, its CRLF included; empty if there is no CRLF before end. */
static struct slice line_at(const char *at, const char *end)
{
	const char *crlf = memmem(at, (size_t)(end - at), "\r\n", 2);

	return slice_make(at, crlf ? (size_t)(crlf - at) + 2 : 0);
}

static bool is_cookie_line(struct slice line)
{
	size_t len = COOKIE_NAME.len;

	if (line.len <= len || !slice_is_equal_nocase(slice_make(line.at, len), COOKIE_NAME))
		return false;
	while (len < line.len && (line.at[len] == ' ' || line.at[len] == '\t'))
		len++;
	return len < line.len && line.at[len] == ':';
}

enum result transcript_find_cookie_line(struct slice message, struct slice *line)
{
	const char *end = message.at + message.len;
	struct slice found = {NULL, 0};
	struct slice next = line_at(message.at, end);

	while (next.len > 2) {
		struct slice after = line_at(next.at + next.len, end);

		if (is_cookie_line(next)) {
			bool is_folded =
				after.len > 0 && (after.at[0] == ' ' || after.at[0] == '\t');

			if (found.len > 0 || is_folded)
				return RESULT_BAD;
			found = next;
		}
		next = after;
	}
	if (next.len == 0)
		return RESULT_BAD;
	if (found.len == 0)
		return RESULT_NOT_FOUND;
	*line = found;
	return RESULT_OK;
}

enum result transcript_h12(struct slice message1, struct slice message2,
			   uint8_t out[KDF_HASH_BYTES])
{
	struct slice line = slice_make(message2.at + message2.len, 0);
	enum result result = transcript_find_cookie_line(message2, &line);

	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return result;
	const char *after = line.at + line.len;
	const struct slice parts[] = {
		message1,
		slice_make(message2.at, (size_t)(line.at - message2.at)),
		slice_make(after, (size_t)(message2.at + message2.len - after)),
	};

	return kdf_hash(parts, 3, out);
}

enum result transcript_h123(const uint8_t h12[KDF_HASH_BYTES], struct slice message3,
			    uint8_t out[KDF_HASH_BYTES])
{
	const struct slice parts[] = {slice_make(h12, KDF_HASH_BYTES), message3};

	return kdf_hash(parts, 2, out);
}
