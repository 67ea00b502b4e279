#include "shared/readable.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The least that is rightly written in so many bytes (RFC 3629 3). */
static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

static size_t length_by_lead(unsigned char lead)
{
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

static bool is_character(uint32_t code, size_t length)
{
	return code >= least[length] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) &&
	       code >= 0xa0;
}

/* Bytes of the character beyond ASCII that stands here; 0: none that may be shown. */
static size_t character_length(const char *at, size_t left)
{
	unsigned char lead = (unsigned char)*at;
	size_t length = length_by_lead(lead);
	uint32_t code = lead & (0xffu >> (length + 1));

	if (length == 0 || length > left)
		return 0;
	for (size_t i = 1; i < length; i++) {
		unsigned char next = (unsigned char)at[i];

		if ((next & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (next & 0x3f);
	}
	return is_character(code, length) ? length : 0;
}

static bool is_shown(char c, const char *kept)
{
	return c == 0x7f ? false : c >= ' ' || (c != '\0' && strchr(kept, c) != NULL);
}

void readable_make(char *text, size_t len, const char *kept)
{
	size_t at = 0;

	while (at < len) {
		size_t length = 1;

		if ((unsigned char)text[at] >= 0x80)
			length = character_length(text + at, len - at);
		else if (!is_shown(text[at], kept))
			length = 0;
		if (length == 0)
			text[at++] = '?';
		else
			at += length;
	}
}
