#include "shared/sip/header.h"

#include <stdbool.h>
#include <stdint.h>

static const struct slice names[SIP_HEADER_COUNT] = {[SIP_HEADER_OTHER] = {"", 0},
#define SIP_HEADER_NAME(id, name, compact) [SIP_HEADER_##id] = {name, sizeof(name) - 1},
						     SIP_HEADERS(SIP_HEADER_NAME)
#undef SIP_HEADER_NAME
};

/*
 * A place for each name by its length, first and last character, none of them for two: that way a
 * name is compared with one other, whole. The factor was found by trying; two names in one place
 * would not compile (-Woverride-init). The test looks every name up.
 */
#define LONGEST 20
#define HASH(len, first, last)                                                                     \
	(((uint32_t)(len) << 16 | (uint32_t)(first) << 8 | (uint32_t)(last)) *                     \
		 UINT32_C(0x195b9e31) >>                                                           \
	 24)
#define PLACE(id, len, first, last) [HASH(len, first, last)] = SIP_HEADER_##id

static const uint8_t places[256] = {
	PLACE(TO, 2, 't', 'o'),
	PLACE(VIA, 3, 'v', 'a'),
	PLACE(FROM, 4, 'f', 'm'),
	PLACE(CSEQ, 4, 'c', 'q'),
	PLACE(RSEQ, 4, 'r', 'q'),
	PLACE(RACK, 4, 'r', 'k'),
	PLACE(DATE, 4, 'd', 'e'),
	PLACE(PATH, 4, 'p', 'h'),
	PLACE(ALLOW, 5, 'a', 'w'),
	PLACE(EVENT, 5, 'e', 't'),
	PLACE(ROUTE, 5, 'r', 'e'),
	PLACE(ACCEPT, 6, 'a', 't'),
	PLACE(REASON, 6, 'r', 'n'),
	PLACE(SERVER, 6, 's', 'r'),
	PLACE(CALL_ID, 7, 'c', 'd'),
	PLACE(CONTACT, 7, 'c', 't'),
	PLACE(EXPIRES, 7, 'e', 's'),
	PLACE(PRIVACY, 7, 'p', 'y'),
	PLACE(REQUIRE, 7, 'r', 'e'),
	PLACE(SUBJECT, 7, 's', 't'),
	PLACE(WARNING, 7, 'w', 'g'),
	PLACE(IDENTITY, 8, 'i', 'y'),
	PLACE(PRIORITY, 8, 'p', 'y'),
	PLACE(REFER_TO, 8, 'r', 'o'),
	PLACE(REPLACES, 8, 'r', 's'),
	PLACE(DIVERSION, 9, 'd', 'n'),
	PLACE(SUPPORTED, 9, 's', 'd'),
	PLACE(TIMESTAMP, 9, 't', 'p'),
	PLACE(USER_AGENT, 10, 'u', 't'),
	PLACE(MIN_EXPIRES, 11, 'm', 's'),
	PLACE(REFERRED_BY, 11, 'r', 'y'),
	PLACE(RETRY_AFTER, 11, 'r', 'r'),
	PLACE(UNSUPPORTED, 11, 'u', 'd'),
	PLACE(CONTENT_TYPE, 12, 'c', 'e'),
	PLACE(MAX_FORWARDS, 12, 'm', 's'),
	PLACE(RECORD_ROUTE, 12, 'r', 'e'),
	PLACE(AUTHORIZATION, 13, 'a', 'n'),
	PLACE(PROXY_REQUIRE, 13, 'p', 'e'),
	PLACE(SERVICE_ROUTE, 13, 's', 'e'),
	PLACE(CONTENT_LENGTH, 14, 'c', 'h'),
	PLACE(ROUTE_SECURITY, 14, 'r', 'y'),
	PLACE(SECURITY_CLIENT, 15, 's', 't'),
	PLACE(SECURITY_COOKIE, 15, 's', 'e'),
	PLACE(SECURITY_SERVER, 15, 's', 'r'),
	PLACE(SECURITY_VERIFY, 15, 's', 'y'),
	PLACE(SESSION_EXPIRES, 15, 's', 's'),
	PLACE(REMOTE_PARTY_ID, 15, 'r', 'd'),
	PLACE(CONTENT_ENCODING, 16, 'c', 'g'),
	PLACE(WWW_AUTHENTICATE, 16, 'w', 'e'),
	PLACE(PROXY_AUTHENTICATE, 18, 'p', 'e'),
	PLACE(SUBSCRIPTION_STATE, 18, 's', 'e'),
	PLACE(AUTHENTICATION_INFO, 19, 'a', 'o'),
	PLACE(PROXY_AUTHORIZATION, 19, 'p', 'n'),
	PLACE(P_ASSERTED_IDENTITY, 19, 'p', 'y'),
	PLACE(P_PREFERRED_IDENTITY, 20, 'p', 'y'),
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
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word | UINT64_C(0x2020202020202020);
}

static uint32_t lower4(const char *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return word | UINT32_C(0x20202020);
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

static uint8_t lower1(char c)
{
	return (uint8_t)c | 0x20;
}

enum sip_header sip_header_find(struct slice name)
{
	unsigned i;

	if (name.len == 1)
		return compact_find(name.at[0]);
	if (name.len == 0 || name.len > LONGEST)
		return SIP_HEADER_OTHER;
	i = places[HASH(name.len, lower1(name.at[0]), lower1(name.at[name.len - 1]))];
	return names[i].len == name.len && is_equal(name.at, names[i].at, name.len)
		       ? (enum sip_header)i
		       : SIP_HEADER_OTHER;
}

struct slice sip_header_name(enum sip_header header)
{
	return names[header];
}
