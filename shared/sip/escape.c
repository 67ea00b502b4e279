#include "shared/sip/escape.h"

#include "shared/sip/chars.h"

static unsigned hex_value(char c)
{
	return sip_char_is(c, SIP_CHAR_DIGIT) ? (unsigned)(c - '0')
					      : (unsigned)(sip_char_lower(c) - 'a' + 10);
}

/* RFC 3261 25.1, reserved: the only characters that differ from their escape. */
static bool is_reserved(char c)
{
	return memchr(";/?:@&=+$,", c, 10) != NULL;
}

struct sip_escape_unit sip_escape_next(struct slice text, size_t *at)
{
	char c = text.at[*at];

	if (c == '%' && text.len - *at >= 3 && sip_char_is(text.at[*at + 1], SIP_CHAR_HEX) &&
	    sip_char_is(text.at[*at + 2], SIP_CHAR_HEX)) {
		unsigned value = hex_value(text.at[*at + 1]) << 4 | hex_value(text.at[*at + 2]);

		*at += 3;
		return (struct sip_escape_unit){
			.value = (unsigned char)value,
			.is_escaped = !sip_char_is((char)value, SIP_CHAR_UNRESERVED),
		};
	}
	*at += 1;
	return (struct sip_escape_unit){
		.value = (unsigned char)c,
		.is_escaped = !sip_char_is(c, SIP_CHAR_UNRESERVED) && !is_reserved(c),
	};
}

void sip_escape_write(struct sip_escape_unit unit, struct writer *w)
{
	static const char hex[] = "0123456789ABCDEF";

	if (unit.is_escaped) {
		writer_char(w, '%');
		writer_char(w, hex[unit.value >> 4]);
		writer_char(w, hex[unit.value & 15]);
	} else {
		writer_char(w, (char)unit.value);
	}
}

bool sip_escape_is_equal(struct slice a, struct slice b, bool is_case_sensitive)
{
	size_t i = 0, j = 0;

	while (i < a.len && j < b.len) {
		struct sip_escape_unit x = sip_escape_next(a, &i), y = sip_escape_next(b, &j);

		if (!is_case_sensitive) {
			x.value = (unsigned char)sip_char_lower((char)x.value);
			y.value = (unsigned char)sip_char_lower((char)y.value);
		}
		if (x.value != y.value || x.is_escaped != y.is_escaped)
			return false;
	}
	return i == a.len && j == b.len;
}
