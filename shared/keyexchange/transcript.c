#include "shared/keyexchange/transcript.h"

#include <stdbool.h>
#include <string.h>

#define COOKIE_NAME    SLICE("Security-Cookie")
#define SIGNATURE_NAME SLICE("Gateway-Signature")

/* The line at at, its CRLF included; empty if there is no CRLF before end. */
static struct slice line_at(const char *at, const char *end)
{
	const char *crlf = memmem(at, (size_t)(end - at), "\r\n", 2);

	return slice_make(at, crlf ? (size_t)(crlf - at) + 2 : 0);
}

static bool is_line_of(struct slice line, struct slice name)
{
	size_t len = name.len;

	if (line.len <= len || !slice_is_equal_nocase(slice_make(line.at, len), name))
		return false;
	while (len < line.len && (line.at[len] == ' ' || line.at[len] == '\t'))
		len++;
	return len < line.len && line.at[len] == ':';
}

static enum result find_line(struct slice message, struct slice name, struct slice *line)
{
	const char *end = message.at + message.len;
	struct slice found = {NULL, 0};
	struct slice next = line_at(message.at, end);

	while (next.len > 2) {
		struct slice after = line_at(next.at + next.len, end);

		if (is_line_of(next, name)) {
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

enum result transcript_find_cookie_line(struct slice message, struct slice *line)
{
	return find_line(message, COOKIE_NAME, line);
}

/* SHA-256 of message 1 and of message 2 without the lines of those names that are there. */
static enum result hash_without(struct slice message1, struct slice message2,
				const struct slice *names, size_t count,
				uint8_t out[KDF_HASH_BYTES])
{
	struct slice parts[4] = {message1};
	struct slice lines[2];
	size_t found = 0, n = 1;
	const char *at = message2.at;

	for (size_t i = 0; i < count; i++) {
		enum result result = find_line(message2, names[i], &lines[found]);

		if (result == RESULT_OK)
			found++;
		else if (result != RESULT_NOT_FOUND)
			return result;
	}
	if (found == 2 && lines[1].at < lines[0].at) {
		const struct slice later = lines[0];

		lines[0] = lines[1];
		lines[1] = later;
	}
	for (size_t i = 0; i < found; i++) {
		parts[n++] = slice_make(at, (size_t)(lines[i].at - at));
		at = lines[i].at + lines[i].len;
	}
	parts[n++] = slice_make(at, (size_t)(message2.at + message2.len - at));
	return kdf_hash(parts, n, out);
}

enum result transcript_h12(struct slice message1, struct slice message2,
			   uint8_t out[KDF_HASH_BYTES])
{
	return hash_without(message1, message2, &COOKIE_NAME, 1, out);
}

enum result transcript_s12(struct slice message1, struct slice message2,
			   uint8_t out[KDF_HASH_BYTES])
{
	const struct slice names[] = {COOKIE_NAME, SIGNATURE_NAME};

	return hash_without(message1, message2, names, 2, out);
}

enum result transcript_h123(const uint8_t h12[KDF_HASH_BYTES], struct slice message3,
			    uint8_t out[KDF_HASH_BYTES])
{
	const struct slice parts[] = {slice_make(h12, KDF_HASH_BYTES), message3};

	return kdf_hash(parts, 2, out);
}
