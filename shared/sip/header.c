#include "shared/sip/header.h"

#include <stdbool.h>
#include <stdint.h>

static const struct slice names[SIP_HEADER_COUNT] = {[SIP_HEADER_OTHER] = {"", 0},
#define SIP_HEADER_NAME(id, name, compact) [SIP_HEADER_##id] = {name, sizeof(name) - 1},
						     SIP_HEADERS(SIP_HEADER_NAME)
#undef SIP_HEADER_NAME
};

/*
 * Where names of each length start in the list of header.h, which is ordered so that a name is
 * only ever compared with those of its own length. The test looks every name up.
 */
#define LONGEST 20
static const unsigned char first_of_length[LONGEST + 2] = {
	[0] = SIP_HEADER_TO,
	[1] = SIP_HEADER_TO,
	[2] = SIP_HEADER_TO,
	[3] = SIP_HEADER_VIA,
	[4] = SIP_HEADER_FROM,
	[5] = SIP_HEADER_ALLOW,
	[6] = SIP_HEADER_ACCEPT,
	[7] = SIP_HEADER_CALL_ID,
	[8] = SIP_HEADER_IDENTITY,
	[9] = SIP_HEADER_DIVERSION,
	[10] = SIP_HEADER_USER_AGENT,
	[11] = SIP_HEADER_MIN_EXPIRES,
	[12] = SIP_HEADER_CONTENT_TYPE,
	[13] = SIP_HEADER_AUTHORIZATION,
	[14] = SIP_HEADER_CONTENT_LENGTH,
	[15] = SIP_HEADER_SECURITY_CLIENT,
	[16] = SIP_HEADER_CONTENT_ENCODING,
	[17] = SIP_HEADER_PROXY_AUTHENTICATE,
	[18] = SIP_HEADER_PROXY_AUTHENTICATE,
	[19] = SIP_HEADER_AUTHENTICATION_INFO,
	[20] = SIP_HEADER_P_PREFERRED_IDENTITY,
	[21] = SIP_HEADER_COUNT,
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

enum sip_header sip_header_find(struct slice name)
{
	if (name.len == 1)
		return compact_find(name.at[0]);
	if (name.len == 0 || name.len > LONGEST)
		return SIP_HEADER_OTHER;
	for (unsigned i = first_of_length[name.len]; i < first_of_length[name.len + 1]; i++)
		if (is_equal(name.at, names[i].at, name.len))
			return (enum sip_header)i;
	return SIP_HEADER_OTHER;
}

struct slice sip_header_name(enum sip_header header)
{
	return names[header];
}
