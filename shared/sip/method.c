#include "shared/sip/method.h"

#include <stdint.h>

#include "shared/sip/words.h"

static const struct slice names[SIP_METHOD_COUNT] = {
#define SIP_METHOD_NAME(name) [SIP_METHOD_##name] = {#name, sizeof(#name) - 1},
	SIP_METHODS(SIP_METHOD_NAME)
#undef SIP_METHOD_NAME
		[SIP_METHOD_OTHER] = {"", 0},
};

/*
 * A place for each name by its length and first character, none of them for two. Two names in one
 * place would not compile (-Woverride-init).
 */
#define PLACE(len, first)      ((((unsigned)(len) << 3) ^ (unsigned char)(first)) & 127)
#define AT(method, len, first) [PLACE(len, first)] = SIP_METHOD_##method + 1

static const uint8_t places[128] = {
	AT(INVITE, 6, 'I'),   AT(ACK, 3, 'A'),	   AT(BYE, 3, 'B'),	AT(CANCEL, 6, 'C'),
	AT(REGISTER, 8, 'R'), AT(OPTIONS, 7, 'O'), AT(MESSAGE, 7, 'M'), AT(SUBSCRIBE, 9, 'S'),
	AT(NOTIFY, 6, 'N'),   AT(PRACK, 5, 'P'),   AT(UPDATE, 6, 'U'),	AT(INFO, 4, 'I'),
	AT(REFER, 5, 'R'),    AT(PUBLISH, 7, 'P'),
};

enum sip_method sip_method_find(struct slice name)
{
	unsigned i;

	if (name.len == 0)
		return SIP_METHOD_OTHER;
	i = places[PLACE(name.len, name.at[0])];
	if (i == 0 || names[i - 1].len != name.len ||
	    !sip_is_same(names[i - 1].at, name.at, name.len))
		return SIP_METHOD_OTHER;
	return (enum sip_method)(i - 1);
}

struct slice sip_method_name(enum sip_method method)
{
	return names[method];
}
