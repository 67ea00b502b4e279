/* What each byte may be in SIP's grammar (RFC 3261 25.1), one table. */
#ifndef SEKISHO_SHARED_SIP_CHARS_H
#define SEKISHO_SHARED_SIP_CHARS_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/slice.h"

enum {
	SIP_CHAR_TOKEN = 1 << 0,
	SIP_CHAR_LWS = 1 << 1, /* SP, HT and, inside a value, the CR and LF of a fold */
	SIP_CHAR_DIGIT = 1 << 2,
	SIP_CHAR_HEX = 1 << 3,
	SIP_CHAR_UNRESERVED = 1 << 4, /* RFC 3261: alphanum and mark */
	SIP_CHAR_USER = 1 << 5,	      /* unreserved, user-unreserved, and a bare '#' (see uri.h) */
	SIP_CHAR_PASSWORD = 1 << 6,
	SIP_CHAR_URI_PARAM = 1 << 7,   /* paramchar, escapes apart */
	SIP_CHAR_URI_HEADER = 1 << 8,  /* hnv-unreserved and unreserved */
	SIP_CHAR_URI = 1 << 9,	       /* uric: reserved and unreserved */
	SIP_CHAR_HOST = 1 << 10,       /* of a host name or IPv4 address, and '_' */
	SIP_CHAR_VALUE = 1 << 11,      /* of a header parameter's value that is not quoted */
	SIP_CHAR_PHONE = 1 << 12,      /* phonedigit-hex or visual separator (RFC 3966) */
	SIP_CHAR_HOST_PLAIN = 1 << 13, /* of a host name in its canonical form, '_' apart */
};

extern const uint16_t sip_chars[256];

static inline bool sip_char_is(char c, unsigned classes)
{
	return (sip_chars[(unsigned char)c] & classes) != 0;
}

static inline char sip_char_lower(char c)
{
	return (unsigned char)(c - 'A') < 26 ? (char)(c | 0x20) : c;
}

/* First place in [at, end) whose byte is in none of the classes. */
static inline const char *sip_chars_skip(const char *at, const char *end, unsigned classes)
{
	while (at < end && sip_char_is(*at, classes))
		at++;
	return at;
}

/* The same for one class, where many are expected: four at a time. */
static inline const char *sip_chars_skip_many(const char *at, const char *end, unsigned one_class)
{
	while (end - at >= 4 &&
	       (sip_chars[(unsigned char)at[0]] & sip_chars[(unsigned char)at[1]] &
		sip_chars[(unsigned char)at[2]] & sip_chars[(unsigned char)at[3]] & one_class) != 0)
		at += 4;
	return sip_chars_skip(at, end, one_class);
}

/* Whitespace at both ends taken off, folds included. */
static inline struct slice sip_slice_trim(struct slice s)
{
	const char *at = s.at, *end = s.at + s.len;

	at = sip_chars_skip(at, end, SIP_CHAR_LWS);
	while (end > at && sip_char_is(end[-1], SIP_CHAR_LWS))
		end--;
	return slice_make(at, (size_t)(end - at));
}

/*
 * Past the closing quote of the quoted string that starts at at; NULL if it never closes.
 * A quoted pair hides what follows the backslash (RFC 3261 25.1).
 */
const char *sip_quoted_skip(const char *at, const char *end);

/*
 * An unsigned decimal of any length, leading zeros legal, at most max; false if text is empty,
 * holds anything but digits, or is greater.
 */
static inline bool sip_number_parse(struct slice text, uint32_t max, uint32_t *out)
{
	uint64_t value = 0;

	if (text.len == 0)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = (unsigned char)text.at[i] - (unsigned)'0';

		value = value * 10 + digit;
		if (digit > 9 || value > max)
			return false;
	}
	*out = (uint32_t)value;
	return true;
}

#endif
