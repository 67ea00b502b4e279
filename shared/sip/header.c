#include "shared/sip/header.h"

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

enum sip_header sip_header_find(struct slice name)
{
	if (name.len == 1)
		return compact_find(name.at[0]);
	if (name.len > LONGEST)
		return SIP_HEADER_OTHER;
	for (unsigned i = first_of_length[name.len]; i < first_of_length[name.len + 1]; i++)
		if (slice_is_equal_nocase(names[i], name))
			return (enum sip_header)i;
	return SIP_HEADER_OTHER;
}

struct slice sip_header_name(enum sip_header header)
{
	return names[header];
}
