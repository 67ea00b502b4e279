#include "shared/sip/header_places.h"

#include <stdbool.h>

#include "shared/sip/words.h"

_Static_assert(sizeof(struct sip_header_text) == 32, "one load");

const struct sip_header_text sip_header_texts[SIP_HEADER_COUNT] = {
#define SIP_HEADER_TEXT(id, name, compact) [SIP_HEADER_##id] = {name ":", sizeof(name) - 1},
	SIP_HEADERS(SIP_HEADER_TEXT)
#undef SIP_HEADER_TEXT
};

/* Two names in one place would not compile (-Woverride-init). The test looks every name up. */
#define LONGEST			   20
#define PLACE(id, len, a, b, c, d) [SIP_HEADER_PLACE(len, SIP_WORD(a, b, c, d))] = SIP_HEADER_##id

const uint8_t sip_header_places[256] = {
	PLACE(TO, 2, '-', '*', 't', 'o'),
	PLACE(VIA, 3, '*', 'v', 'i', 'a'),
	PLACE(FROM, 4, 'f', 'r', 'o', 'm'),
	PLACE(CSEQ, 4, 'c', 's', 'e', 'q'),
	PLACE(RSEQ, 4, 'r', 's', 'e', 'q'),
	PLACE(RACK, 4, 'r', 'a', 'c', 'k'),
	PLACE(DATE, 4, 'd', 'a', 't', 'e'),
	PLACE(PATH, 4, 'p', 'a', 't', 'h'),
	PLACE(ALLOW, 5, 'l', 'l', 'o', 'w'),
	PLACE(EVENT, 5, 'v', 'e', 'n', 't'),
	PLACE(ROUTE, 5, 'o', 'u', 't', 'e'),
	PLACE(ACCEPT, 6, 'c', 'e', 'p', 't'),
	PLACE(REASON, 6, 'a', 's', 'o', 'n'),
	PLACE(SERVER, 6, 'r', 'v', 'e', 'r'),
	PLACE(CALL_ID, 7, 'l', '-', 'i', 'd'),
	PLACE(CONTACT, 7, 't', 'a', 'c', 't'),
	PLACE(EXPIRES, 7, 'i', 'r', 'e', 's'),
	PLACE(PRIVACY, 7, 'v', 'a', 'c', 'y'),
	PLACE(REQUIRE, 7, 'u', 'i', 'r', 'e'),
	PLACE(SUBJECT, 7, 'j', 'e', 'c', 't'),
	PLACE(WARNING, 7, 'n', 'i', 'n', 'g'),
	PLACE(IDENTITY, 8, 't', 'i', 't', 'y'),
	PLACE(PRIORITY, 8, 'r', 'i', 't', 'y'),
	PLACE(REFER_TO, 8, 'r', '-', 't', 'o'),
	PLACE(REPLACES, 8, 'a', 'c', 'e', 's'),
	PLACE(DIVERSION, 9, 's', 'i', 'o', 'n'),
	PLACE(SUPPORTED, 9, 'r', 't', 'e', 'd'),
	PLACE(TIMESTAMP, 9, 't', 'a', 'm', 'p'),
	PLACE(USER_AGENT, 10, 'g', 'e', 'n', 't'),
	PLACE(MIN_EXPIRES, 11, 'i', 'r', 'e', 's'),
	PLACE(REFERRED_BY, 11, 'd', '-', 'b', 'y'),
	PLACE(RETRY_AFTER, 11, 'f', 't', 'e', 'r'),
	PLACE(UNSUPPORTED, 11, 'r', 't', 'e', 'd'),
	PLACE(CONTENT_TYPE, 12, 't', 'y', 'p', 'e'),
	PLACE(MAX_FORWARDS, 12, 'a', 'r', 'd', 's'),
	PLACE(RECORD_ROUTE, 12, 'o', 'u', 't', 'e'),
	PLACE(AUTHORIZATION, 13, 't', 'i', 'o', 'n'),
	PLACE(PROXY_REQUIRE, 13, 'u', 'i', 'r', 'e'),
	PLACE(SERVICE_ROUTE, 13, 'o', 'u', 't', 'e'),
	PLACE(CONTENT_LENGTH, 14, 'n', 'g', 't', 'h'),
	PLACE(ROUTE_SECURITY, 14, 'r', 'i', 't', 'y'),
	PLACE(SECURITY_CLIENT, 15, 'i', 'e', 'n', 't'),
	PLACE(SECURITY_COOKIE, 15, 'o', 'k', 'i', 'e'),
	PLACE(SECURITY_SERVER, 15, 'r', 'v', 'e', 'r'),
	PLACE(SECURITY_VERIFY, 15, 'r', 'i', 'f', 'y'),
	PLACE(SESSION_EXPIRES, 15, 'i', 'r', 'e', 's'),
	PLACE(REMOTE_PARTY_ID, 15, 'y', '-', 'i', 'd'),
	PLACE(CONTENT_ENCODING, 16, 'd', 'i', 'n', 'g'),
	PLACE(WWW_AUTHENTICATE, 16, 'c', 'a', 't', 'e'),
	PLACE(GATEWAY_SIGNATURE, 17, 't', 'u', 'r', 'e'),
	PLACE(PROXY_AUTHENTICATE, 18, 'c', 'a', 't', 'e'),
	PLACE(SUBSCRIPTION_STATE, 18, 't', 'a', 't', 'e'),
	PLACE(AUTHENTICATION_INFO, 19, 'i', 'n', 'f', 'o'),
	PLACE(PROXY_AUTHORIZATION, 19, 't', 'i', 'o', 'n'),
	PLACE(P_ASSERTED_IDENTITY, 19, 't', 'i', 't', 'y'),
	PLACE(P_PREFERRED_IDENTITY, 20, 't', 'i', 't', 'y'),
};

static enum sip_header compact_find(char c)
{
	switch (c | 0x20) {
#define SIP_HEADER_CASE(id, name, compact)                                                         \
	case (compact) != 0 ? (compact):                                                           \
		0x100 + SIP_HEADER_##id : return SIP_HEADER_##id;
		SIP_HEADERS(SIP_HEADER_CASE)
#undef SIP_HEADER_CASE
	default:
		return SIP_HEADER_OTHER;
	}
}

/* Eight or four bytes with the letters in lower case; '-' stays, a token has no byte below it. */
static uint64_t lower8(const char *at)
{
	return sip_eight(at) | UINT64_C(0x2020202020202020);
}

static uint32_t lower4(const char *at)
{
	return sip_four(at) | SIP_FOUR_LOWER;
}

/*
 * Are two tokens of one length (2 to LONGEST), of which b has but letters and hyphens, equal
 * but for case? By words that overlap at the end, so that each byte is compared.
 */
static bool is_equal(const char *a, const char *b, size_t len)
{
	if (len >= 8)
		return lower8(a) == lower8(b) && lower8(a + len - 8) == lower8(b + len - 8) &&
		       (len <= 16 || lower8(a + 8) == lower8(b + 8));
	if (len >= 4)
		return lower4(a) == lower4(b) && lower4(a + len - 4) == lower4(b + len - 4);
	return (a[0] | 0x20) == (b[0] | 0x20) && (a[1] | 0x20) == (b[1] | 0x20) &&
	       (len < 3 || (a[2] | 0x20) == (b[2] | 0x20));
}

/* As a word, the last four of "\r\n" and the name. */
static uint32_t tail_of(struct slice name)
{
	const char *end = name.at + name.len;

	if (name.len >= 4)
		return lower4(end - 4);
	if (name.len == 3)
		return SIP_WORD('*', end[-3], end[-2], end[-1]) | SIP_FOUR_LOWER;
	return SIP_WORD('-', '*', end[-2], end[-1]) | SIP_FOUR_LOWER;
}

enum sip_header sip_header_find(struct slice name)
{
	unsigned i;

	if (name.len == 1)
		return compact_find(name.at[0]);
	if (name.len == 0 || name.len > LONGEST)
		return SIP_HEADER_OTHER;
	i = sip_header_places[SIP_HEADER_PLACE(name.len, tail_of(name))];
	return sip_header_texts[i].len == name.len &&
			       is_equal(name.at, sip_header_texts[i].text, name.len)
		       ? (enum sip_header)i
		       : SIP_HEADER_OTHER;
}

struct slice sip_header_name(enum sip_header header)
{
	return slice_make(sip_header_texts[header].text, sip_header_texts[header].len);
}
