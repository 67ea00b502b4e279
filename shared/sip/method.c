#include "shared/sip/method.h"

static const struct slice names[SIP_METHOD_COUNT] = {
#define SIP_METHOD_NAME(name) [SIP_METHOD_##name] = {#name, sizeof(#name) - 1},
	SIP_METHODS(SIP_METHOD_NAME)
#undef SIP_METHOD_NAME
		[SIP_METHOD_OTHER] = {"", 0},
};

enum sip_method sip_method_find(struct slice name)
{
	unsigned i = 0;

	while (i < SIP_METHOD_OTHER && !slice_is_equal(names[i], name))
		i++;
	return (enum sip_method)i;
}

struct slice sip_method_name(enum sip_method method)
{
	return names[method];
}
